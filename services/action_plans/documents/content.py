"""The shared plan as a document: what it says, in which order, whatever it is drawn as. Made from SharedPlan alone."""

from collections.abc import Iterator

from services.action_plans.documents import wording
from services.action_plans.documents.content_progress import counts_of, reviews_of
from services.action_plans.documents.content_terms import changes_of, commitments_of, expectations_of
from services.action_plans.domain.shared_plan import SharedPlan
from shared.documents.tree import Block, Document, Facts, Heading, Line, Lines, Notice, Paragraph, line
from shared.documents.wording import clock, day, local_day, moment, weekday


def document_of(plan: SharedPlan) -> Document:
    """Return what a document of the shared plan says."""
    return Document(
        title=plan.title,
        subtitle=f"{_version(plan)} · as of {weekday(plan.today)}",
        running=f"{plan.title} · version {plan.version}",
        at=plan.as_of,
        blocks=tuple(_blocks(plan)),
    )


def _blocks(plan: SharedPlan) -> Iterator[Block]:
    yield from _standing(plan)
    yield Facts((*_facts(plan),))
    yield Heading(1, "What we want to reach")
    yield Paragraph(line(plan.purpose))
    yield from expectations_of(plan)
    yield from commitments_of(plan)
    if plan.in_force is not None:
        yield from counts_of(plan)
    yield from reviews_of(plan)
    yield from changes_of(plan)
    yield from _comments(plan)
    yield from _recognised_by(plan)


def _version(plan: SharedPlan) -> str:
    said = {"agreed": "in force", "waiting": "proposed", "refused": "refused"}[plan.standing]
    return f"Version {plan.version}, {said}"


def _standing(plan: SharedPlan) -> Iterator[Block]:
    """Say what still has to happen, or that something was refused."""
    if plan.standing == "waiting":
        missing = [plan.name(side) for side in ("us", "customer") if not plan.has_signed(side)]
        said = f"Version {plan.version} waits until {' and '.join(missing)} accept{'s' * (len(missing) == 1)} it."
        if plan.in_force is not None:
            said += f" Until then, version {plan.in_force} is in force."
        yield Notice(line(said))
    if plan.refusal is not None:
        no = plan.refusal
        said = f"{no.name} refused version {no.version} on {moment(no.at, plan.time_zone)}:"
        yield Notice((Line(said, "strong"), Line(no.why)))


def _facts(plan: SharedPlan) -> Iterator[tuple[str, Lines]]:
    frame = [Line(f"{day(plan.starts_on)} to {day(plan.ends_on)}", "strong")]
    if plan.ends_before is not None:
        frame.append(Line(f"The version in force ends on {day(plan.ends_before)}.", "quiet"))
    if plan.frame_slipped_days:
        frame.append(
            Line(f"The end was {wording.put_off(plan.frame_slipped_days)} since the first agreement.", "quiet")
        )
    yield "Time frame", tuple(frame)
    reviews = f"{wording.CADENCE[plan.cadence].capitalize()}, at {plan.review_hour:02}:00"
    yield "Reviews", (Line(reviews), Line(f"the first on {weekday(plan.first_review_on)}", "quiet"))
    if plan.next_review is not None:
        at = plan.next_review.planned_for
        next_one = f"{weekday(local_day(at, plan.time_zone))}, {clock(at, plan.time_zone)}"
        yield "Next review", line(next_one)
    yield "Times", line(f"all in the time zone {plan.time_zone}")
    yield "Partner", line(f"{plan.partner}, {plan.us}")
    yield "Accepted by", tuple(_accepted(plan))


def _accepted(plan: SharedPlan) -> Iterator[Line]:
    for side in ("us", "customer"):
        signed = [one for one in plan.signatures if one.side == side]
        for one in signed:
            yield Line(f"{one.name} for {plan.name(side)}, {moment(one.at, plan.time_zone)}")
        if not signed:
            yield Line(f"nobody yet for {plan.name(side)}", "quiet")


def _comments(plan: SharedPlan) -> Iterator[Block]:
    if plan.comments:
        yield Heading(1, "Comments")
    for one in plan.comments:
        asks = " asks for a change" if one.proposes else ""
        said = f"{one.name}{asks}, {moment(one.at, plan.time_zone)}"
        yield Paragraph((Line(said, "strong"), Line(one.text)))


def _recognised_by(plan: SharedPlan) -> Iterator[Block]:
    yield Heading(1, "How this version is recognised")
    yield Paragraph(
        (
            Line(
                f"Both sides accept the terms of a version by the same content. Version {plan.version} was proposed on"
                f" {moment(plan.proposed_at, plan.time_zone)}; its content has the SHA-256 hash"
            ),
            Line(plan.content_hash, "strong"),
            Line("How commitments go and what reviews say is progress: it changes no terms.", "quiet"),
        )
    )
