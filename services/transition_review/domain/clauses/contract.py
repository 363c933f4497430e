"""What a contract says about its own end, and the notice that is given or planned."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Side = Literal["us", "customer"]
Party = Literal["us", "customer", "either"]
Ground = Literal["ordinary", "good_cause", "non_payment"]
CauseGround = Literal["good_cause", "non_payment"]
Unit = Literal["days", "business_days", "weeks", "months", "years"]
CountedTo = Literal["day", "month", "billing_month", "quarter", "half_year", "calendar_year", "term"]
Form = Literal["any", "text", "written"]  # each asks for more than the one before
FirstDay = Literal["after_receipt", "receipt"]

RENEWAL = "renewal"  # the way of stopping the automatic renewal
OWN_END = "own_end"  # the way of a fixed term that nothing renews


@dataclass(frozen=True)
class Span:
    """So many days, business days, weeks, months or years."""

    count: int
    unit: Unit


@dataclass(frozen=True)
class Place:
    """Whose days count. country: ISO 3166, None where only Saturdays and Sundays are free; subdivision: ISO 3166-2."""

    time_zone: str
    country: str | None = None
    subdivision: str | None = None


@dataclass(frozen=True)
class Clause:
    """Who may end the contract, why, in which form, and when.

    cure: what the other side has to put a breach right, from the day it was told of it. counted_to: of what the end of
    the notice is moved to the end. not_before: the first last day that this clause permits.
    """

    clause_id: str
    title: str
    who: Party
    ground: Ground
    notice: Span
    counted_to: CountedTo = "day"
    form: Form = "written"
    cure: Span | None = None
    not_before: date | None = None
    despite_minimum_term: bool = False


@dataclass(frozen=True)
class Renewal:
    """The contract goes on for another term, unless a notice is received at least `opt_out` before a term's end."""

    months: int
    opt_out: Span
    who: Party = "either"


@dataclass(frozen=True)
class Term:
    """For how long the contract was made, from its first day. renewal: None where it ends by itself with the term."""

    months: int
    renewal: Renewal | None = None


@dataclass(frozen=True)
class ContractTerms:
    """A contract with a customer, as far as its end depends on it.

    term: None where it runs until somebody ends it. minimum_term: from the first day, which counts. billing_day: on
    which its billing months begin (None: the day of starts_on). notice_rolls, cure_rolls: a last day that is no
    business day moves to the next one.
    """

    starts_on: date
    place: Place
    clauses: tuple[Clause, ...]
    term: Term | None = None
    minimum_term: Span | None = None
    billing_day: int | None = None
    first_day: FirstDay = "after_receipt"
    notice_rolls: bool = False
    cure_rolls: bool = False


@dataclass(frozen=True)
class Cause:
    """A ground that somebody claims; notified_on: when the other side was told of the breach, at its own place."""

    ground: CauseGround
    notified_on: date | None = None


@dataclass(frozen=True)
class Notice:
    """A notice, given or planned. received_on: the day at the contract's place on which it is received."""

    received_on: date
    by: Side = "us"
    form: Form = "written"
    causes: tuple[Cause, ...] = ()
