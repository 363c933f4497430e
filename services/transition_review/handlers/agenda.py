"""The agenda of the talk, made from the record: what both sides know already, and the plan that the teams approved."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

from services.transition_review.domain.customer_plan import TOLD, Alternative, ToldMilestone
from services.transition_review.domain.lawful import end_of, settlement_of
from services.transition_review.domain.names import Names
from services.transition_review.domain.parts import Parts, Support, Timeline
from services.transition_review.domain.settlement.settling import Settlement
from services.transition_review.domain.talk import AgendaItem
from services.transition_review.handlers.reasons import quoted, reasons
from shared.contracts.plans.case import CaseSnapshot
from shared.documents.wording import day, weekday

MILESTONE: dict[ToldMilestone, str] = {
    "refund_paid": "the refund is paid",
    "data_returned": "your data are with you",
    "access_closed": "access is closed",
    "data_deleted": "your data are deleted",
}
NO_FACTS = "To be written by whoever leads the talk: facts that both sides already know, and nothing else."


def agenda_of(
    parts: Parts, case: CaseSnapshot, names: Names, alternatives: Sequence[Alternative], today: date
) -> tuple[AgendaItem, ...]:
    """Return the five parts, in their order (domain.md, step 5). parts: as the teams have approved them."""
    return (
        AgendaItem("ending", "We are ending the relationship", tuple(_ending(parts, names))),
        AgendaItem("reasons", "Why: what both of us know", reasons(case, names, today) or (NO_FACTS,)),
        AgendaItem("final", "It is final", _FINAL),
        AgendaItem("plan", "How we propose to go on", tuple(_plan(parts, names, alternatives))),
        AgendaItem("open_talk", "Would you like to talk it through?", _OPEN),
    )


_FINAL = (
    "We have thought it through, and everybody on our side whom it affects has agreed. The decision is made.",
    "We want to carry it out well for you, and have prepared how.",
)
_OPEN = (
    "What is on your mind, now that you have heard it?",
    "Is there anything that you need and that the plan does not have yet? We take it to our teams before it is final.",
    "Who on your side should hear it from us as well?",
    "After this talk you get all of it in writing: the written notice, and the plan.",
)


def _ending(parts: Parts, names: Names) -> Iterator[str]:
    yield f"Thank you for taking the time. We wanted to tell you ourselves, {names.customer}, and not by mail."
    yield f"We have decided that {names.us} and {names.customer} end their work together."
    if parts.timeline is not None:
        yield f"The last day is {weekday(parts.timeline.last_day)}. Until then we are here for you."


def _plan(parts: Parts, names: Names, alternatives: Sequence[Alternative]) -> Iterator[str]:
    timeline, end = parts.timeline, end_of(parts)
    if timeline is None or parts.support is None:
        return
    earliest = f" The contract permits {day(end.day)} at the earliest." if end and end.day else ""
    yield f"The last day is {weekday(timeline.last_day)}.{earliest}"
    yield from _support(parts.support, names)
    for settlement in settlement_of(parts):
        yield owed(settlement)
    yield from _milestones(timeline)
    yield from _referral(parts, alternatives)


def _milestones(timeline: Timeline) -> Iterator[str]:
    told = sorted((one.due_on, MILESTONE[TOLD[one.kind]]) for one in timeline.milestones if one.kind in TOLD)
    for due_on, some in groupby(told, key=lambda one: one[0]):
        yield f"By {day(due_on)}: {', '.join(what for _, what in some)}."


def _support(support: Support, names: Names) -> Iterator[str]:
    who = names.person("us", support.contact)
    yield f"You have support until {day(support.until)}: {support.level}, {support.hours}. {who} is there for you."
    yield f"On {day(support.export_on)} you receive your data, as {support.export_format}."
    yield f"Access ends on {day(support.access_ends_on)}."
    yield f"We delete your data by {day(support.deleted_on)}, and prove it: {quoted(support.proof_of_deletion)}."


def owed(one: Settlement) -> str:
    """Return in one sentence to the customer who pays what in a currency."""
    amount = f"{abs(one.total):,f} {one.currency}"
    match one.owed_by:
        case "us":
            return f"We pay you {amount}, all together."
        case "customer":
            return f"You owe us {amount}, all together."
        case _:
            return f"Nobody owes anything in {one.currency}."


def _referral(parts: Parts, alternatives: Sequence[Alternative]) -> Iterator[str]:
    for one in alternatives:
        yield f"{one.name} may fit you better: {quoted(one.fits)}."
    if alternatives and parts.referral is not None and parts.referral.introduction_offered:
        yield "If you like, we introduce you. We share nothing about you before you say yes."
