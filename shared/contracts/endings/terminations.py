"""The public contract `terminations.v1`: what revenue and operations act on when a relationship ends.

A consumer acts once per `idempotency_key`, whatever is delivered twice or replayed. `revision` grows with every
announcement and change of one termination; the highest one is what holds.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.contracts.endings.money import Settlement
from shared.contracts.endings.parts import Milestone
from shared.contracts.event import Contract, DomainEvent
from shared.contracts.fields import (
    MAX_SHORT_ID,
    ONE_LINE,
    Currency,
    Day,
    Described,
    Id,
    Moment,
    PlanText,
    Revision,
    ShortId,
    UnsignedAmount,
    one_line,
)

MOST_OF_A_KEY = 3 * MAX_SHORT_ID  # two ids, and a word between them
IdempotencyKey = Annotated[
    str,
    Field(min_length=1, max_length=MOST_OF_A_KEY, strict=True),
    AfterValidator(one_line),
    Described("pattern", ONE_LINE),
]


class RecurringRevenue(Contract):
    """The recurring revenue that ends."""

    amount: UnsignedAmount
    currency: Currency
    period: Literal["month", "quarter", "year"]


class Termination(Contract):
    """An ending as revenue and operations need it. effective_on: the last day of the relationship, in `time_zone`."""

    effective_on: Day
    last_day_of_support: Day
    access_ends_on: Day
    data_returned_on: Day
    data_deleted_on: Day
    time_zone: Id
    contract_id: Id
    clause_id: Id | None = None
    notice_on: Day
    recurring_revenue: RecurringRevenue | None = None
    settlement: Annotated[tuple[Settlement, ...], Field(max_length=100)]
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=50)]
    csm: Id | None = None
    support_contact: Id


class TerminationFact(DomainEvent):
    """A fact about a termination. idempotency_key: the same for every delivery of what is one fact."""

    termination_id: Id
    revision: Revision
    idempotency_key: IdempotencyKey


class TerminationAnnounced(TerminationFact):
    """The relationship will end: the customer has heard it in a talk."""

    type: Literal["TerminationAnnounced"] = "TerminationAnnounced"
    termination: Termination


class TerminationChanged(TerminationFact):
    """The ending is another one than announced; what is here holds."""

    type: Literal["TerminationChanged"] = "TerminationChanged"
    termination: Termination


class TerminationWithdrawn(TerminationFact):
    """The ending is off: whatever was prepared for it is undone."""

    type: Literal["TerminationWithdrawn"] = "TerminationWithdrawn"
    withdrawn_at: Moment


class MilestoneReached(TerminationFact):
    """A milestone is reached, with its proof."""

    type: Literal["MilestoneReached"] = "MilestoneReached"
    milestone_id: ShortId
    kind: Literal["refund_paid", "data_returned", "access_closed", "data_deleted", "other"]
    on: Day
    evidence: PlanText


class TerminationCompleted(TerminationFact):
    """The relationship has ended, and everything that was to be done is done."""

    type: Literal["TerminationCompleted"] = "TerminationCompleted"
    effective_on: Day


FACTS = (TerminationAnnounced, TerminationChanged, TerminationWithdrawn, MilestoneReached, TerminationCompleted)
