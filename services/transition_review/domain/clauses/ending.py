"""The earliest lawful end: of all ways that a contract has the one that is over first, beside those that are not."""

from dataclasses import dataclass, replace
from datetime import date

from services.transition_review.domain.clauses.calendar import after, in_words, last_day, span_in_words
from services.transition_review.domain.clauses.contract import ContractTerms, Notice, Place, Span
from services.transition_review.domain.clauses.derivation import Step
from services.transition_review.domain.clauses.way import Way, own_end, renewal_as_clause, way


class NotLawful(ValueError):
    """The contract cannot end on that day: one sentence that names the step and the earliest lawful end.

    earliest, step: None where no clause permits an end at all; unmet then has a line for each.
    """

    def __init__(
        self, why: str, earliest: date | None = None, step: Step | None = None, unmet: tuple[str, ...] = ()
    ) -> None:
        super().__init__(why)
        self.why = why
        self.unmet = unmet
        self.earliest = earliest
        self.step = step


@dataclass(frozen=True)
class Ending:
    """The way that ends the contract first (None: no clause permits it), and all others with the reason."""

    chosen: Way | None
    others: tuple[Way, ...]

    @property
    def day(self) -> date | None:
        """The earliest lawful end: the last day of the contract."""
        return self.chosen.day if self.chosen else None


@dataclass(frozen=True)
class LatestReceipt:
    """Until when a notice has to be received for the contract to end on a day or sooner; None: no notice can do it."""

    day: date | None
    sentence: str


@dataclass(frozen=True)
class Recommendation:
    """How long the customer needs to find an alternative. It is shown beside the lawful end and refuses nothing."""

    day: date
    kept: bool
    sentence: str


def earliest_end(contract: ContractTerms, notice: Notice) -> Ending:
    """Return the earliest lawful end that a notice brings about, and how it is derived."""
    stop = renewal_as_clause(contract)
    ways = [way(contract, clause, notice) for clause in (*contract.clauses, *([stop] if stop else []))]
    by_itself = own_end(contract)
    if by_itself:
        ways.append(by_itself)
    chosen = min((one for one in ways if one.day), key=_first, default=None)
    return Ending(chosen, tuple(_explained(one, chosen) for one in ways if one is not chosen))


def _first(one: Way) -> date:
    return one.day or date.max


def _explained(one: Way, chosen: Way | None) -> Way:
    """Return a way that was not taken with the reason."""
    if one.day is None or chosen is None or chosen.day is None:
        return one
    if one.day == chosen.day:
        return replace(one, why=f"It leads to the same day, {in_words(one.day)}.")
    step = next(step for step in one.steps if step.to_day > chosen.day)
    days = (one.day - chosen.day).days
    later = f"{days} {'day' if days == 1 else 'days'} later than by {chosen.title}"
    return replace(one, why=f"It leads to {in_words(one.day)}, {later}, by {step.name}.")


def require_lawful(contract: ContractTerms, notice: Notice, proposed: date) -> Ending:
    """Return the earliest lawful end; raise NotLawful where the proposed last day is before it."""
    found = earliest_end(contract, notice)
    if found.chosen is None or found.day is None:
        reasons = tuple(f"{one.title}: {one.why}" for one in found.others)
        raise NotLawful("No clause of this contract permits an end by this notice.", unmet=reasons)
    if proposed >= found.day:
        return found
    step = next(step for step in found.chosen.steps if step.to_day > proposed)
    raise NotLawful(
        f"The last day {in_words(proposed)} is too early: by {found.chosen.title}, {step.name} leads to "
        f"{in_words(step.to_day)}, and the earliest lawful end is {in_words(found.day)}.",
        found.day,
        step,
    )


def latest_receipt(contract: ContractTerms, notice: Notice, wanted: date) -> LatestReceipt:
    """Return until when a notice like this one has to be received for the contract to end on a day or sooner.

    notice.received_on is not looked at. Notices before the contract's start are not thought of.
    """

    def in_time(received_on: date) -> bool:
        found = earliest_end(contract, replace(notice, received_on=received_on)).day
        return found is not None and found <= wanted

    by_itself = own_end(contract)
    if by_itself and by_itself.day and by_itself.day <= wanted:
        return LatestReceipt(wanted, f"No notice is needed: {by_itself.steps[0].sentence}")
    low = min(contract.starts_on, wanted)
    if not in_time(low):
        return LatestReceipt(None, f"No notice can bring about an end on {in_words(wanted)}.")
    found = last_day(low, wanted, in_time)
    return LatestReceipt(found, f"For an end on {in_words(wanted)} the notice is received by {in_words(found)}.")


def recommend(told_on: date, needed: Span, proposed: date, place: Place) -> Recommendation:
    """Return which last day leaves the customer the time that it needs, from the day on which it is told."""
    day = after(told_on, needed, place)
    kept = proposed >= day
    time = f"The customer needs {span_in_words(needed)} from {in_words(told_on)} to find an alternative"
    left = "leaves that time" if kept else "leaves less"
    return Recommendation(day, kept, f"{time}: until {in_words(day)}. The last day {in_words(proposed)} {left}.")
