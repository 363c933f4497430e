"""Why: the facts that both sides already know, out of a case as it is told; every field is named, one by one.

What is ours alone has no way in here: health, reasons of the risk, private and other notes, players' views, sentiments,
decisions outside of reviews, causes, the checklist and why the case was declared failed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from services.transition_review.domain.names import Names
from shared.contracts.plans.case import (
    CaseSnapshot,
    Channel,
    Commitment,
    Conversation,
    Expectation,
    ExpectationKind,
    Progress,
    Side,
    SideLedger,
)
from shared.documents.wording import count, day, local_day

MOST_TALKS = 5
MOST_EXPECTATIONS = 5  # of each side
MOST_COMMITMENTS = 7  # of each side: those that were not kept, the longest overdue first
LONGEST_QUOTE = 240  # characters
SIDES: tuple[Side, Side] = ("us", "customer")
WHO: Mapping[Side, str] = {"us": "We", "customer": "You"}
EXPECTS: Mapping[tuple[Side, ExpectationKind], str] = {
    ("us", "outcome"): "We want to reach",
    ("us", "initiative"): "We plan",
    ("us", "expectation"): "We expect of you",
    ("customer", "outcome"): "You want to reach",
    ("customer", "initiative"): "You plan",
    ("customer", "expectation"): "You expect of us",
}
CHANNEL: Mapping[Channel, str] = {"in_person": "in person", "phone": "by phone", "video": "by video"}


def reasons(case: CaseSnapshot, names: Names, today: date) -> tuple[str, ...]:
    """Return the facts as sentences to the customer: what was said, agreed and done by either side, in that order."""
    return tuple(_facts(case, names, today))


def _facts(case: CaseSnapshot, names: Names, today: date) -> Iterator[str]:
    yield from _talks(case, names)
    yield from _expectations(case)
    yield from _plan(case, names, today)
    for side in SIDES:
        yield from _kept(case, side, today)
    yield from _reviews(case)


def _talks(case: CaseSnapshot, names: Names) -> Iterator[str]:
    held = sorted(
        (one for one in case.conversations if one.state == "held" and one.held_at),
        key=lambda one: one.held_at or one.planned_for,
    )
    for one in held[-MOST_TALKS:]:
        there = _there(case, one, names)
        said = "; we said that ending our work together is possible" if one.told_ending_possible else ""
        on = day(local_day(one.held_at or one.planned_for, case.time_zone))
        yield f"On {on} we talked openly, {CHANNEL[one.channel]}{there}{said}."
    for side in SIDES:
        missed = [one.planned_for for one in case.conversations if one.state == "missed" and one.missed_by == side]
        if missed:
            days = _listed(day(local_day(one, case.time_zone)) for one in sorted(missed))
            yield f"{WHO[side]} missed the {'talk' if len(missed) == 1 else 'talks'} of {days}."


def _there(case: CaseSnapshot, one: Conversation, names: Names) -> str:
    players = {player.stakeholder_id: player for player in case.stakeholders}
    attended = [players[id_] for id_ in one.attendees if id_ in players]
    people = _listed(names.person(player.side, player.person_id) for player in attended)
    return f", with {people}" if people else ""


def _expectations(case: CaseSnapshot) -> Iterator[str]:
    agreed = case.plan.agreed
    read = {one.expectation_id for one in agreed.terms.promises} if agreed else set()
    for side in SIDES:
        known = [
            one
            for one in case.expectations
            if one.side == side and not one.retracted_at and (one.heard_at or one.expectation_id in read)
        ]
        yield from (_expected(side, one) for one in known[:MOST_EXPECTATIONS])


def _expected(side: Side, one: Expectation) -> str:
    by = f", by {day(one.by_day)}" if one.by_day else ""
    target = f", measured by: {quoted(one.target)}" if one.target else ""
    return f"{EXPECTS[side, one.kind]}: {quoted(one.text)}{target}{by}."


def _plan(case: CaseSnapshot, names: Names, today: date) -> Iterator[str]:
    plan = case.plan
    if plan.agreed is not None:
        first, terms = plan.baseline or plan.agreed, plan.agreed.terms
        since = day(local_day(first.agreed_at, case.time_zone))
        yield f"On {since} both of us agreed on a plan, in writing: {quoted(terms.purpose)}."
        if plan.agreed.number > first.number:
            on = day(local_day(plan.agreed.agreed_at, case.time_zone))
            yield f"We changed it together since; the last version, {plan.agreed.number}, is of {on}."
        ended = "ended" if terms.ends_on < today else "ends"
        at_first = plan.baseline.ends_on if plan.baseline else terms.ends_on
        before = f"; at first it was to end on {day(at_first)}" if at_first != terms.ends_on else ""
        yield f"The time that we gave ourselves {ended} on {day(terms.ends_on)}{before}."
    if plan.proposed is not None and plan.proposed.refusal is not None:
        no = plan.proposed.refusal
        who, on = names.person("customer", no.person_id), day(local_day(no.at, case.time_zone))
        yield f"On {on} {who} declined version {plan.proposed.number} of the plan: {quoted(no.why)}."
    if plan.offers:
        days = _listed(day(one.on) for one in plan.offers)
        yield f"We offered to agree on a plan on {days}, and have no answer."


def _kept(case: CaseSnapshot, side: Side, today: date) -> Iterator[str]:
    """Tell how a side kept to what it promised: in the same words, whichever side it is."""
    if case.plan.agreed is None:
        return
    counted = case.ledger.us if side == "us" else case.ledger.customer
    yield _counted(side, counted)
    progress = {one.commitment_id: one for one in case.progress}
    ours = [one for one in (*case.plan.agreed.terms.commitments, *case.plan.retired) if one.side == side]
    short = [(one, said) for one in ours if (said := _fell_short(one, progress.get(one.commitment_id), today))]
    short.sort(key=lambda pair: pair[0].due_on)
    for one, said in short[:MOST_COMMITMENTS]:
        yield f"{WHO[side]} promised, by {day(one.due_on)}: {quoted(one.what)}. {said}"
    if len(short) > MOST_COMMITMENTS:
        yield f"{WHO[side]} were late with {len(short) - MOST_COMMITMENTS} more, as the plan shows."


def _counted(side: Side, one: SideLedger) -> str:
    how = (
        (one.met, "kept by the day"),
        (one.late, "late"),
        (one.missed, "missed"),
        (one.waived, "waived by both of us"),
        (one.open, "not yet due"),
    )
    said = _listed(f"{number} {words}" for number, words in how if number)
    return f"{WHO[side]} made {count(one.commitments, 'commitment')}{f': {said}' if said else ''}."


def _fell_short(one: Commitment, how: Progress | None, today: date) -> str:
    """Return how a commitment was not kept, in one sentence; nothing where it was, or is not due yet."""
    told = how.undeliverable.told_at if how and how.undeliverable else None
    if told is not None:
        return "We said that we cannot do it."
    state = how.state if how else "open"
    on = how.on if how else None
    if state == "missed":
        return "It was not done."
    if state == "done" and on is not None and on > one.due_on:
        return f"It was done {count((on - one.due_on).days, 'day')} late, on {day(on)}."
    if state == "open" and one.due_on < today:
        return f"It is {count((today - one.due_on).days, 'day')} late."
    return ""


def _reviews(case: CaseSnapshot) -> Iterator[str]:
    held = [one.held_at or one.planned_for for one in case.reviews if one.state == "held"]
    if held:
        last = day(local_day(max(held), case.time_zone))
        yield f"We met {count(len(held), 'time')} to look at how it goes, the last time on {last}."
    for side in SIDES:
        missed = sorted(one.planned_for for one in case.reviews if one.state == "missed" and one.missed_by == side)
        if missed:
            days = _listed(day(local_day(one, case.time_zone)) for one in missed)
            yield f"{WHO[side]} missed the {'review' if len(missed) == 1 else 'reviews'} of {days}."
    for side, counted in (("us", case.ledger.us), ("customer", case.ledger.customer)):
        if counted.meetings_moved:
            yield f"{WHO[side]} moved {count(counted.meetings_moved, 'meeting')}."


def quoted(text: str) -> str:
    """Return words as somebody wrote them, on one line, cut where they are long."""
    said = " ".join(text.split()).rstrip(".")
    return f"“{said if len(said) <= LONGEST_QUOTE else said[: LONGEST_QUOTE - 1].rstrip() + '…'}”"


def _listed(some: Iterable[str]) -> str:
    """Return things as people list them: A, B and C."""
    every = list(some)
    return " and ".join(every) if len(every) < 3 else f"{', '.join(every[:-1])} and {every[-1]}"
