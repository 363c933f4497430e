"""What a customer may know of its ending: every field is named, one by one, and made of what was announced alone.

Page, documents and the written notice are drawn from this value and have no other source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from services.transition_review.domain.clauses.calendar import in_words
from services.transition_review.domain.clauses.ending import Ending
from services.transition_review.domain.lawful import end_of, settlement_of
from services.transition_review.domain.names import Names
from services.transition_review.domain.parts import MilestoneKind, Parts
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.settlement.items import Kind
from services.transition_review.domain.settlement.settling import Payer, Settlement
from services.transition_review.domain.transition import Transition

ToldMilestone = Literal["refund_paid", "data_returned", "access_closed", "data_deleted"]
TOLD: Mapping[MilestoneKind, ToldMilestone] = {  # any other is work of ours: its words were never meant for a customer
    "refund_paid": "refund_paid",
    "data_returned": "data_returned",
    "access_closed": "access_closed",
    "data_deleted": "data_deleted",
}


@dataclass(frozen=True)
class Alternative:
    """Somebody to whom the customer could go, and whom they fit."""

    name: str
    fits: str


@dataclass(frozen=True)
class MilestoneTold:
    """Something that concerns the customer. reached_on: None while it is ahead."""

    kind: ToldMilestone
    due_on: date
    reached_on: date | None


@dataclass(frozen=True)
class SupportTold:
    """How the customer is looked after. contact: the name of a person of ours."""

    level: str
    hours: str
    contact: str
    until: date


@dataclass(frozen=True)
class DataTold:
    """How the customer's data are returned and deleted."""

    export_format: str
    export_on: date
    access_ends_on: date
    deleted_on: date
    proof_of_deletion: str


@dataclass(frozen=True)
class LineTold:
    """One amount: positive where we owe it, negative where the customer does. how: the formula with its numbers."""

    kind: Kind
    is_tax: bool
    what: str
    amount: Decimal
    how: str


@dataclass(frozen=True)
class SettlementTold:
    """What is owed in one currency: the lines add up exactly to the total."""

    currency: str
    lines: tuple[LineTold, ...]
    total: Decimal
    owed_by: Payer


@dataclass(frozen=True)
class CustomerPlan:
    """A customer's plan of its ending. us, customer, contact, talked_with: names, never ids.

    revision: of what was announced, from 1. why_that_day: the derivation, in sentences, step by step. lawful_day: the
    earliest that the contract permits. received_on: of the written notice, None until it was received. reach_us: where
    the company is reached, empty where only the contact is named.
    """

    us: str
    customer: str
    reach_us: str
    contact: str
    time_zone: str
    as_of: datetime
    today: date
    revision: int
    announced_at: datetime
    talked_on: date | None
    is_over: bool
    contract_id: str
    clause: str
    last_day: date
    lawful_day: date | None
    why_that_day: tuple[str, ...]
    received_on: date | None
    milestones: tuple[MilestoneTold, ...]
    support: SupportTold
    data: DataTold
    settlements: tuple[SettlementTold, ...]
    alternatives: tuple[Alternative, ...]
    introduction_offered: bool

    @property
    def title(self) -> str:
        """What page and documents are called."""
        return f"The transition plan of {self.customer} and {self.us}"

    @property
    def announced_on(self) -> date:
        """The customer's day of the announcement."""
        return self.announced_at.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def days_left(self) -> int:
        """How many days are left after today, the last one counted; none once it is over."""
        return max((self.last_day - self.today).days, 0)


def require_told(transition: Transition) -> None:
    """Raise NotPossible unless the customer may read of the ending: it was announced, and not withdrawn since."""
    if transition.announced is None:
        raise NotPossible("not_announced", "The ending is not announced yet.", "it is announced")
    if transition.over is not None and transition.over.how == "withdrawn":
        day = in_words(transition.today(transition.over.at))
        raise NotPossible("withdrawn", f"The ending was withdrawn on {day}.", "it was not withdrawn")


@dataclass(frozen=True)
class Around:
    """What a plan needs besides the transition: names, the alternatives that it offers, where we are reached."""

    names: Names
    alternatives: tuple[Alternative, ...] = ()
    reach_us: str = ""


def customer_plan(transition: Transition, around: Around, now: datetime) -> CustomerPlan:
    """Return what the customer may know. Raises NotPossible where it was not announced, or was withdrawn."""
    require_told(transition)
    announced, talk = transition.announced, transition.talk
    if announced is None:
        raise LookupError(transition.transition_id)
    parts, names = announced.parts, around.names
    timeline, contracts, support, referral = parts.timeline, parts.contracts, parts.support, parts.referral
    if timeline is None or contracts is None or support is None or referral is None:
        raise LookupError("an announced plan has all its parts")
    received = transition.notice.received_on if transition.notice else None
    end = end_of(parts, received)
    contact = names.person("us", support.contact)
    return CustomerPlan(
        us=names.us,
        customer=names.customer,
        reach_us=around.reach_us,
        contact=contact,
        time_zone=transition.time_zone,
        as_of=now,
        today=transition.today(now),
        revision=announced.revision,
        announced_at=announced.at,
        talked_on=transition.today(talk.held_at) if talk and talk.held_at else None,
        is_over=transition.over is not None,
        contract_id=contracts.contract_id,
        clause=end.chosen.title if end and end.chosen else "",
        last_day=timeline.last_day,
        lawful_day=end.day if end else None,
        why_that_day=why_that_day(end, timeline.last_day),
        received_on=received,
        milestones=_milestones(transition, parts),
        support=SupportTold(support.level, support.hours, contact, support.until),
        data=DataTold(
            support.export_format,
            support.export_on,
            support.access_ends_on,
            support.deleted_on,
            support.proof_of_deletion,
        ),
        settlements=tuple(_settlement(one) for one in settlement_of(parts)),
        alternatives=around.alternatives if referral.alternatives else (),
        introduction_offered=referral.introduction_offered,
    )


def why_that_day(end: Ending | None, last_day: date) -> tuple[str, ...]:
    """Return in sentences how the contract leads to its earliest end, and what the last day leaves beyond it."""
    if end is None or end.chosen is None or end.day is None:
        return ()
    steps = tuple(step.sentence for step in end.chosen.steps)
    beyond = (last_day - end.day).days
    if beyond <= 0:
        return (*steps, f"So the contract can end on {in_words(end.day)}, and that is the last day.")
    longer = f"{beyond} day{'' if beyond == 1 else 's'}"
    return (
        *steps,
        f"So the contract could end on {in_words(end.day)}.",
        f"The last day is {in_words(last_day)}, {longer} later: so there is time to find another way.",
    )


def _milestones(transition: Transition, parts: Parts) -> tuple[MilestoneTold, ...]:
    reached = {one.milestone_id: one.on for one in transition.reached}
    told = (
        MilestoneTold(TOLD[one.kind], one.due_on, reached.get(one.milestone_id))
        for one in (parts.timeline.milestones if parts.timeline else ())
        if one.kind in TOLD
    )
    return tuple(sorted(told, key=lambda one: one.due_on))


def _settlement(one: Settlement) -> SettlementTold:
    lines = tuple(LineTold(line.kind, line.part == "tax", line.what, line.amount, line.how) for line in one.lines)
    return SettlementTold(one.currency, lines, one.total, one.owed_by)
