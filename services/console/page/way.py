"""The way of a transition, from the question whether it may be to the last milestone."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.console.page.people import People
from services.console.page.words import CHANNEL
from services.console.page.writer import Writer
from shared.contracts.endings.transition import TransitionSnapshot


@dataclass(frozen=True)
class Stage:
    """One stage of the way."""

    title: str
    done: bool
    says: str


def way(one: TransitionSnapshot, write: Writer, people: People) -> list[Stage]:
    """Return the stages in their order."""
    return list(_way(one, write, people))


def _way(one: TransitionSnapshot, write: Writer, people: People) -> Iterator[Stage]:
    opened, version, approval = one.opened_at, one.submitted, one.approval
    yield Stage(
        "May be prepared",
        opened is not None,
        f"confirmed on {write.day(opened)}" if opened else "it is asked whether everything was tried",
    )
    yield Stage(
        "Written and put to the teams",
        version is not None,
        f"version {version.number} on {write.day(version.at)}" if version else "the plan is being written",
    )
    waits = [review.team for review in one.reviews if review.standing not in {"approved", "overruled"}]
    yield Stage(
        "Reviewed by every team",
        bool(one.reviews) and not waits,
        f"waits for {', '.join(waits)}" if waits else "every team has approved" if one.reviews else "not asked yet",
    )
    yield Stage(
        "Approved by an executive",
        approval is not None,
        f"{people.name(approval.by)} on {write.day(approval.at)}" if approval else "last of all",
    )
    talk = one.talk
    if talk is not None and talk.held_at is not None:
        yield Stage("Told in a talk", True, f"{CHANNEL[talk.channel]} on {write.day(talk.held_at)}")
    else:
        says = f"planned for {write.moment(talk.planned_for)}" if talk else "in person, by phone or by video"
        yield Stage("Told in a talk", False, says)
    told = one.announced
    yield Stage(
        "Announced",
        told is not None,
        f"on {write.day(told.at)}, last day {write.day(told.last_day)}" if told else "revenue and operations are told",
    )
    notice = one.notice
    yield Stage(
        "Notice received", notice is not None, f"on {write.day(notice.received_on)}" if notice else "in writing"
    )
    over = one.state == "ended"
    yield Stage(
        "Ended well",
        over,
        f"on {write.day(one.over_at)}" if over and one.over_at else "every milestone reached, the last day over",
    )
