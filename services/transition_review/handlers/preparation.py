"""What our people have at hand in the talk, made from the parts of the plan; the customer never sees it."""

from collections.abc import Iterator, Sequence

from services.transition_review.domain.customer_plan import Alternative, why_that_day
from services.transition_review.domain.lawful import end_of, settlement_of
from services.transition_review.domain.names import Names
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.talk import Preparation, Question
from services.transition_review.handlers.agenda import owed
from services.transition_review.handlers.reasons import quoted
from shared.documents.wording import day, weekday

WORDS_TO_AVOID = (
    "unfortunately",
    "we feel that",
    "fault",
    "blame",
    "for now",
    "maybe",
    "let us see",
    "bad fit",
    "it is only business",
    "other customers",
)
LEADS = "leads the talk: says the decision and the reasons, and lets a silence be"
EXPLAINS = "explains the plan, answers questions about it, notes what is agreed"
LISTENS = "listens, and notes what came of each part"


def preparation_of(
    speakers: Sequence[str], parts: Parts, names: Names, alternatives: Sequence[Alternative]
) -> Preparation:
    """Return what is prepared before people edit it: the questions that always come, with answers from the plan."""
    roles = [LEADS, EXPLAINS, *[LISTENS] * len(speakers)]
    return Preparation(
        tuple(_questions(parts, names, alternatives)),
        tuple(zip(speakers, roles, strict=False)) if len(speakers) > 1 else ((speakers[0], f"{LEADS}; {EXPLAINS}"),),
        WORDS_TO_AVOID,
    )


def _questions(parts: Parts, names: Names, alternatives: Sequence[Alternative]) -> Iterator[Question]:
    timeline, support = parts.timeline, parts.support
    if timeline is None or support is None:
        return
    derived = why_that_day(end_of(parts), timeline.last_day)
    yield Question("When does it end?", f"On {weekday(timeline.last_day)}. Until then everything works as it does now.")
    if derived:
        yield Question("Why that day?", " ".join(derived))
    who = names.person("us", support.contact)
    yield Question(
        "Who helps us until then?",
        f"{who}, until {day(support.until)}: {support.level}, {support.hours}.",
    )
    yield Question(
        "What happens to our data?",
        f"You get them as {support.export_format} on {day(support.export_on)}. Access ends on"
        f" {day(support.access_ends_on)}. They are deleted by {day(support.deleted_on)}, and we prove it:"
        f" {quoted(support.proof_of_deletion)}.",
    )
    yield Question("What do you owe us?", _money(parts))
    yield Question("Whom can we go to?", _whom(parts, alternatives))
    yield Question(
        "Can this be undone?",
        "No. We have thought it through, and everybody whom it affects has agreed. (Whether we withdraw if they turn"
        f" around by {day(timeline.last_day)} is decided by us afterwards: promise nothing.)",
    )
    yield Question(
        "Why did you not tell us earlier?",
        "We did talk about it. (Name the talks of part 2, and what we missed as plainly as what they missed.)",
    )
    yield Question(
        "Can we have longer?",
        f"We note it, and what you need the time for, and answer once our teams have looked at it. (Promise nothing:"
        f" the last day is {day(timeline.last_day)}.)",
    )


def _money(parts: Parts) -> str:
    lines = [
        f"{one.what}{' (tax)' if one.part == 'tax' else ''}: {one.how}"
        for settlement in settlement_of(parts)
        for one in settlement.lines
    ]
    sums = [owed(one) for one in settlement_of(parts)]
    return "\n".join([*sums, *lines]) if sums else "Nothing: neither side owes the other anything."


def _whom(parts: Parts, alternatives: Sequence[Alternative]) -> str:
    if not alternatives:
        return "We know nobody whom we could recommend with good conscience, and say so. We answer whoever you ask for."
    named = " ".join(f"{one.name}: {quoted(one.fits)}." for one in alternatives)
    offered = parts.referral is not None and parts.referral.introduction_offered
    return f"{named} {'We introduce you if you say yes, and share nothing before.' if offered else ''}".strip()
