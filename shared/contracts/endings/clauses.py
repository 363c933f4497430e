"""What a contract says about its own end, a notice, and how the earliest lawful end is derived from both."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from shared.contracts.event import Contract, StrictContract
from shared.contracts.fields import Day, Described, Flag, Line, Number, PersonalLine, ShortId, TimeZone

Side = Literal["us", "customer"]
Unit = Literal["days", "business_days", "weeks", "months", "years"]
MOST = {"days": 3_650, "business_days": 500, "weeks": 520, "months": 120, "years": 10}
FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)  # the years whose holidays are known
RESERVED = frozenset({"renewal", "own_end"})
MOST_OTHERS = 20  # ways that are told beside the one that is taken: it all travels with the transition, in one message


def contract_day(value: date) -> date:
    """Return the day unchanged; ValueError where no contract of today can mean it."""
    if not FIRST <= value <= LAST:
        raise ValueError(f"must be a day from {FIRST} to {LAST}")
    return value


ContractDay = Annotated[
    Day, AfterValidator(contract_day), Described("pattern", r"^(199|20[0-9])[0-9]-[0-9]{2}-[0-9]{2}$")
]
Title = Annotated[PersonalLine, Field(max_length=200)]  # a sentence that names one stays a line
Months = Annotated[int, Field(ge=1, le=MOST["months"], strict=True)]


class Span(StrictContract):
    """So many days, business days, weeks, months or years; ten years at most (500 business days)."""

    count: Annotated[int, Field(ge=0, le=max(MOST.values()), strict=True)]
    unit: Unit

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.count > MOST[self.unit]:
            raise ValueError(f"must be at most {MOST[self.unit]} {self.unit.replace('_', ' ')}")
        return self


class CureSpan(Span):
    """What the other side has to put a breach right."""

    unit: Literal["days", "business_days"]


class Place(StrictContract):
    """Whose days count. country: ISO 3166, absent: only Saturdays and Sundays are free; subdivision: ISO 3166-2."""

    time_zone: TimeZone
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", strict=True)] | None = None
    subdivision: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$", strict=True)] | None = None


class Clause(StrictContract):
    """Who may end the contract, why, in which form, and when.

    cure: from the day on which the breach was told. counted_to: of what the end of the notice is moved to the end.
    not_before: the first last day that this clause permits.
    """

    clause_id: ShortId
    title: Title
    who: Literal["us", "customer", "either"]
    ground: Literal["ordinary", "good_cause", "non_payment"]
    notice: Span
    counted_to: Literal["day", "month", "billing_month", "quarter", "half_year", "calendar_year", "term"] = "day"
    form: Literal["any", "text", "written"] = "written"
    cure: CureSpan | None = None
    not_before: ContractDay | None = None
    despite_minimum_term: Flag = False

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.clause_id in RESERVED:
            raise ValueError("must not be called renewal or own_end: give it the number that it has in the contract")
        if self.cure is not None and self.ground == "ordinary":
            raise ValueError("a cure period needs a breach: the ground is good_cause or non_payment")
        return self


class Renewal(StrictContract):
    """The contract goes on for another term, unless a notice is received at least `opt_out` before a term's end."""

    months: Months
    opt_out: Span
    who: Literal["us", "customer", "either"] = "either"


class Term(StrictContract):
    """For how long the contract was made, from its first day. renewal: absent where it ends by itself with the term."""

    months: Months
    renewal: Renewal | None = None


class ContractTerms(StrictContract):
    """A contract with a customer, as far as its end depends on it.

    term: absent where it runs until somebody ends it. minimum_term: from the first day, which counts. billing_day: on
    which its billing months begin (absent: the day of starts_on). first_day: whether the day of receipt counts.
    notice_rolls, cure_rolls: a last day that is no business day moves to the next one.
    """

    starts_on: ContractDay
    place: Place
    clauses: Annotated[tuple[Clause, ...], Field(max_length=100)]
    term: Term | None = None
    minimum_term: Span | None = None
    billing_day: Annotated[int, Field(ge=1, le=31, strict=True)] | None = None
    first_day: Literal["after_receipt", "receipt"] = "after_receipt"
    notice_rolls: Flag = False
    cure_rolls: Flag = False

    @model_validator(mode="after")
    def _no_clause_twice(self) -> Self:
        if len({clause.clause_id for clause in self.clauses}) < len(self.clauses):
            raise ValueError("must not have two clauses of one clause_id")
        return self


class Cause(StrictContract):
    """A ground that somebody claims; notified_on: when the other side was told of the breach, at its own place."""

    ground: Literal["good_cause", "non_payment"]
    notified_on: ContractDay | None = None


class TerminationNotice(StrictContract):
    """A notice, given or planned. received_on: the day at the contract's place on which it is received."""

    received_on: ContractDay
    by: Side = "us"
    form: Literal["any", "text", "written"] = "written"
    causes: Annotated[tuple[Cause, ...], Field(max_length=20)] = ()


class DerivationStep(Contract):
    """One rule's part in an end: where it began, where it arrived, and a sentence that can be read aloud."""

    rule: Line
    from_day: Day
    to_day: Day
    sentence: PersonalLine


class WayTaken(Contract):
    """The way that ends the contract first: to which day it leads, and step by step why."""

    clause_id: ShortId
    title: Title
    day: Day
    steps: Annotated[tuple[DerivationStep, ...], Field(max_length=20)]


class OtherWay(Contract):
    """A way that is not taken, with the reason in a sentence. day: absent where it does not apply."""

    clause_id: ShortId
    title: Title
    day: Day | None = None
    why: PersonalLine


class LawfulEnd(Contract):
    """The earliest lawful end: the way that is taken (absent: no clause permits it), and the nearest of the others.

    left_out: how many others there are beyond those.
    """

    chosen: WayTaken | None = None
    others: Annotated[tuple[OtherWay, ...], Field(max_length=MOST_OTHERS)] = ()
    left_out: Number = 0
