"""From the approved plan to what the world is told: the talk first, then the announcement, the notice, the changes.

From domain.md, step 5. Nothing here is possible before the approval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.transition_review.domain.approving import unreviewed
from services.transition_review.domain.customer_plan import require_told
from services.transition_review.domain.lawful import too_early
from services.transition_review.domain.parts import PartName
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.talk import (
    AgendaItem,
    Preparation,
    Talk,
    TalkChannel,
    Topic,
    hold,
    require_agenda,
)
from services.transition_review.domain.transition import (
    Announcement,
    Approval,
    Notice,
    Transition,
    require_going,
    require_open,
    require_opened,
)

MOST_PAST_DAYS = 366


def require_approved(transition: Transition) -> Approval:
    """Return the executive's approval; NotPossible unless the plan, as it is now, is approved by all."""
    require_going(transition)
    if transition.approval is None or not transition.is_approved:
        raise NotPossible(
            "not_approved",
            "Nothing reaches the customer before the plan is approved.",
            "every required team has approved the plan as it is now, and an executive last",
        )
    return transition.approval


def require_reviewed(standings: Sequence[TeamReview]) -> None:
    """Raise NotPossible where a team that the plan affects by now has not approved it.

    standings: of the teams that are required by now, who may be others than when the executive approved.
    """
    if waiting := unreviewed(standings):
        raise NotPossible("not_approved", "A team that the plan affects by now has not approved it.", *waiting)


def arrange(  # whom it brings together
    transition: Transition,
    planned_for: datetime,
    channel: TalkChannel,
    speakers: tuple[str, ...],
    contacts: tuple[str, ...],
    agenda: tuple[AgendaItem, ...],
    now: datetime,
) -> Transition:
    """Return the transition with the talk arranged, or moved; what was prepared stays."""
    approval = require_approved(transition)
    if transition.talk is not None and transition.talk.held_at is not None:
        raise NotPossible("held", "The talk was held already.", "it was not yet held")
    if planned_for <= now:
        raise NotPossible("in_the_past", "A talk is arranged for a time that is ahead.", "the time is ahead")
    if not speakers or not contacts:
        raise NotPossible("nobody_there", "Somebody of each side takes part.", "speakers and contacts are named")
    before = transition.talk
    if before is not None:
        moved = replace(before, planned_for=planned_for, channel=channel, speakers=speakers, contacts=contacts)
        return transition.next(talk=moved)
    talk = Talk(planned_for, channel, speakers, contacts, agenda, made_for=transition.versions)
    return transition.next(talk=replace(talk, version=approval.version, approved_at=approval.at))


def prepare(
    transition: Transition, agenda: tuple[AgendaItem, ...] | None, preparation: Preparation | None
) -> Transition:
    """Return the transition with agenda or preparation as people have edited them."""
    require_approved(transition)
    talk = _planned(transition)
    if agenda is not None:
        require_agenda(agenda)
    changed = replace(
        talk,
        agenda=agenda or talk.agenda,
        preparation=preparation or talk.preparation,
        made_for=transition.versions if agenda is not None else talk.made_for,
    )
    if changed == talk:
        raise NotPossible("no_change", "Agenda and preparation say this already.", "something of them is another")
    return transition.next(talk=changed)


def require_prepared(transition: Transition) -> Talk:
    """Return the talk whose agenda there is: of an approved plan, or once it was held. Raises NotPossible."""
    talk = transition.talk
    if talk is not None and talk.held_at is not None:
        return talk
    require_approved(transition)
    return _planned(transition)


def _planned(transition: Transition) -> Talk:
    talk = transition.talk
    if talk is None:
        raise NotPossible("not_arranged", "No talk is arranged.", "the talk is arranged")
    if talk.held_at is not None:
        raise NotPossible("held", "The talk was held already.", "it was not yet held")
    return talk


@dataclass(frozen=True)
class Held:
    """What is said of a talk that was held. people: speakers of ours, contacts of the customer."""

    at: datetime
    channel: TalkChannel
    people: tuple[tuple[str, ...], tuple[str, ...]]
    outcomes: Sequence[tuple[Topic, str]]
    reaction: str
    agreed_changes: tuple[PartName, ...]


def record_talk(transition: Transition, told: Held, by: str, now: datetime) -> Transition:
    """Return the transition with the talk held. It counts only if it was held after the approval.

    That is the one under which it was arranged: whatever has stopped the transition since, the customer knows.
    """
    require_opened(transition)
    if transition.talk is None:
        require_approved(transition)
    talk, approval = _planned(transition), transition.approval
    if told.at > now:
        raise NotPossible("in_the_future", "It cannot have been held at a time that is ahead.", "it has happened")
    approved_at = talk.approved_at or transition.first_approved_at
    if approved_at is None or told.at < approved_at:
        raise NotPossible(
            "before_approval", "It was held before the plan was approved.", "it was held after the approval"
        )
    held = hold(talk, told.at, told.channel, told.people, told.outcomes)
    changes = tuple(dict.fromkeys(told.agreed_changes))
    version = approval.version if approval is not None and approval.at <= told.at else talk.version
    kept = replace(held, recorded_by=by, reaction=told.reaction, agreed_changes=changes, version=version)
    return transition.next(talk=kept)


def require_talked(transition: Transition) -> None:
    """Raise NotPossible unless the customer has heard it in a talk, and what was agreed there is in the plan."""
    talk = transition.talk
    if talk is None or talk.held_at is None:
        raise NotPossible("not_talked", "The customer has not heard it in a talk yet.", "the talk is held and recorded")
    if missing := transition.missing_changes:
        raise NotPossible(
            "changes_missing",
            "What was agreed in the talk is not in the plan yet.",
            *(f"the part {part} is changed as agreed, reviewed and approved" for part in missing),
        )


def announce(
    transition: Transition, contacts: tuple[str, ...], standings: Sequence[TeamReview], by: str, now: datetime
) -> Transition:
    """Return the transition as announced, or its change published. contacts: who gets the written notice."""
    require_approved(transition)
    require_talked(transition)
    require_reviewed(standings)
    received = transition.notice.received_on if transition.notice else transition.today(now)
    if unmet := too_early(transition.parts, received):
        raise NotPossible("too_early", "The last day is too early by now.", *unmet)
    version, known = transition.submitted, transition.announced
    if version is None:
        raise LookupError(transition.transition_id)
    if known is not None and known.version == version.number:
        raise NotPossible("no_change", "This is what was announced already.", "the plan was changed and approved")
    revision = known.revision + 1 if known else 1
    told = tuple(dict.fromkeys([*(known.notified if known else ()), *contacts]))
    shared_with = known.shared_with if known else ()
    began_at = known.began_at if known else None
    announced = Announcement(version.number, revision, now, by, version.parts, told, shared_with, began_at)
    return transition.next(announced=announced, stopped=())


def require_announced(transition: Transition) -> Announcement:
    """Return what was announced; NotPossible where nothing was, or it is over."""
    require_open(transition)
    if transition.announced is None:
        raise NotPossible("not_announced", "The ending is not announced yet.", "it is announced")
    return transition.announced


def share(transition: Transition, contacts: Sequence[str]) -> Transition:
    """Return the transition with these contacts known to have a link to the customer's plan."""
    require_told(transition)
    announced = transition.announced
    if announced is None:
        raise LookupError(transition.transition_id)
    shared_with = tuple(dict.fromkeys([*announced.shared_with, *contacts]))
    return transition.next(announced=replace(announced, shared_with=shared_with))


def notice(transition: Transition, received_on: date, how: str, by: str, now: datetime) -> Transition:
    """Return the transition with the written notice received. It follows the talk, never precedes it."""
    require_announced(transition)
    talk = transition.talk
    if talk is None or talk.held_at is None or received_on < transition.today(talk.held_at):
        raise NotPossible("before_the_talk", "The notice never precedes the talk.", "it was received after the talk")
    if received_on > transition.today(now):
        raise NotPossible("in_the_future", "It cannot have been received on a day that is ahead.", "the day has come")
    known = transition.notice
    if known is not None and (known.received_on, known.how) == (received_on, how):
        raise NotPossible("no_change", "That is recorded already.", "the day is another, or how it is known")
    return transition.next(notice=Notice(received_on, how, by, now))


def day_of_notice(transition: Transition) -> date | None:
    """Return the day of the notice as it was told last: received, or planned."""
    if transition.notice is not None:
        return transition.notice.received_on
    contracts = require_announced(transition).parts.contracts
    return contracts.notice.received_on if contracts else None


def with_another_day(transition: Transition) -> Transition:
    """Return the transition whose announcement is told anew, since the notice came on another day than planned."""
    announced = require_announced(transition)
    return replace(transition, announced=replace(announced, revision=announced.revision + 1))
