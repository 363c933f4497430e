"""The parts of a transition plan as they are written, told and reviewed."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.endings.clauses import ContractTerms, TerminationNotice
from shared.contracts.endings.money import SettlementItems
from shared.contracts.event import StrictContract
from shared.contracts.fields import Day, Flag, Id, Line, PersonalLine, PlanText, ShortId

PartName = Literal["timeline", "contracts", "refunds", "support", "communication", "referral"]
MilestoneKind = Literal["refund_paid", "data_returned", "access_closed", "data_deleted", "other"]
MessageChannel = Literal["in_person", "phone", "video", "mail"]
SomeText = Annotated[PlanText, Field(min_length=1)]
PartNames = Annotated[tuple[PartName, ...], Field(max_length=6)]


class Milestone(StrictContract):
    """Something that is done by a day in the customer's time zone, and by which team."""

    milestone_id: ShortId
    kind: MilestoneKind
    what: SomeText
    team: ShortId
    due_on: Day


class Timeline(StrictContract):
    """When it ends. last_day: of the relationship; time_needed_days: what the customer needs to find another way."""

    last_day: Day
    time_needed_days: Annotated[int, Field(ge=0, le=3_660, strict=True)]
    milestones: Annotated[tuple[Milestone, ...], Field(max_length=50)]


class Contracts(StrictContract):
    """Which contract ends, what it says of its end, and the notice as it is planned."""

    contract_id: Id
    terms: ContractTerms
    notice: TerminationNotice


class Refunds(StrictContract):
    """What a settlement is computed from; it comes to lines with the last day of the timeline."""

    items: SettlementItems


class Support(StrictContract):
    """How the customer is looked after until the end, and how its data are returned and deleted. contact: of ours."""

    level: Line
    hours: Line
    contact: Id
    until: Day
    export_format: Line
    export_on: Day
    access_ends_on: Day
    deleted_on: Day
    proof_of_deletion: SomeText


class PlannedMessage(StrictContract):
    """Who tells whom, when, how."""

    message_id: ShortId
    audience: Literal["internal", "customer"]
    by: Id
    to: PersonalLine
    on: Day
    channel: MessageChannel
    what: SomeText


class Communication(StrictContract):
    """What is said to whom, internal first."""

    messages: Annotated[tuple[PlannedMessage, ...], Field(max_length=50)]


class Referral(StrictContract):
    """Whom the customer could go to. alternatives: ids of the catalogue; glad_of: what we would be referred for."""

    alternatives: Annotated[tuple[ShortId, ...], Field(max_length=20)]
    why: PlanText
    introduction_offered: Flag
    glad_of: PlanText


class Parts(StrictContract):
    """The parts as far as they are written."""

    timeline: Timeline | None = None
    contracts: Contracts | None = None
    refunds: Refunds | None = None
    support: Support | None = None
    communication: Communication | None = None
    referral: Referral | None = None
