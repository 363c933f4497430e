"""A case as it is told: everything that is known of it after a change, but for private notes and what only we do."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.event import Contract
from shared.contracts.fields import (
    Day,
    Flag,
    Id,
    Line,
    Moment,
    Number,
    Personal,
    PersonalLine,
    PlanText,
    Revision,
    ShortId,
)
from shared.contracts.health import Band, Reason

Side = Literal["us", "customer"]
Channel = Literal["in_person", "phone", "video"]
CaseState = Literal["at_risk", "conversation", "plan", "reviewing", "failed", "saved", "dismissed", "lost", "ended"]
StakeholderRole = Literal["main", "executive", "sponsor", "affected"]
ExpectationKind = Literal["outcome", "initiative", "expectation"]
Cadence = Literal["weekly", "every_two_weeks"]
CommitmentState = Literal["open", "done", "missed", "waived"]
CommitmentStatus = Literal["open", "done", "late", "missed", "waived"]
Step = Literal["candid_conversation", "key_players", "joint_plan", "reviews", "playbook"]
Ground = Literal["time_frame_over", "refused", "unanswered", "abandoned"]
OneToFive = Annotated[int, Field(ge=1, le=5, strict=True)]
Hour = Annotated[int, Field(ge=0, le=23, strict=True)]
ContentHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", strict=True)]
SignedText = Annotated[str, Field(max_length=200_000, strict=True), Personal()]
DaysApart = Annotated[int, Field(ge=-4_000_000, le=4_000_000, strict=True)]  # the whole calendar
Players = Annotated[tuple[ShortId, ...], Field(max_length=100)]  # ids of stakeholders


class View(Contract):
    """How one player sees it: fit and sentiment from 1 (bad) to 5 (very good)."""

    fit: OneToFive
    sentiment: OneToFive
    wants: PlanText
    on: Day


class Stakeholder(Contract):
    """A key player of either side."""

    stakeholder_id: ShortId
    side: Side
    role: StakeholderRole
    person_id: Id
    views: Annotated[tuple[View, ...], Field(max_length=50)] = ()


class Attempt(Contract):
    """When and how somebody tried to bring an executive in."""

    on: Day
    how: PersonalLine


class ExecutiveException(Contract):
    """Going on without an executive contact: asked for, and allowed once `allowed_by` is there."""

    asked_by: Id
    asked_at: Moment
    attempts: Annotated[tuple[Attempt, ...], Field(max_length=50)]
    why: PlanText
    allowed_by: Id | None = None
    allowed_at: Moment | None = None
    manager_says: PlanText | None = None


class Move(Contract):
    """A meeting was moved by a side, from the time it was planned for."""

    by: Side
    planned_for: Moment
    moved_at: Moment


Moves = Annotated[tuple[Move, ...], Field(max_length=50)]


class Conversation(Contract):
    """A candid conversation."""

    conversation_id: ShortId
    planned_for: Moment
    channel: Channel
    invited: Players = ()
    state: Literal["planned", "held", "missed"]
    moves: Moves = ()
    held_at: Moment | None = None
    attendees: Players = ()
    told_ending_possible: Flag = False
    notes: PlanText = ""
    missed_by: Side | None = None


class Expectation(Contract):
    """What a side expects; `retracted_at` once it was taken back."""

    expectation_id: ShortId
    side: Side
    kind: ExpectationKind
    text: PlanText
    author: Id
    added_at: Moment
    conversation_id: ShortId | None = None
    norm: PlanText | None = None
    target: PlanText | None = None
    by_day: Day | None = None
    heard_at: Moment | None = None
    retracted_at: Moment | None = None
    retracted_why: PlanText | None = None


class Promise(Contract):
    """An expectation as both sides read it in the plan."""

    expectation_id: ShortId
    side: Side
    kind: ExpectationKind
    text: PlanText
    norm: PlanText | None = None
    target: PlanText | None = None
    by_day: Day | None = None


class Commitment(Contract):
    """What one side will do, by when, and how both see that it is done."""

    commitment_id: ShortId
    side: Side
    what: PlanText
    owner: Id
    due_on: Day
    done_when: PlanText


class Terms(Contract):
    """Everything that both sides agree to."""

    purpose: PlanText
    starts_on: Day
    ends_on: Day
    cadence: Cadence
    first_review_on: Day
    review_hour: Hour
    promises: Annotated[tuple[Promise, ...], Field(max_length=100)]
    commitments: Annotated[tuple[Commitment, ...], Field(max_length=200)]


class Acceptance(Contract):
    """A named person of a side accepted the content; `proof`: the id of the code that the customer's person typed."""

    side: Side
    person_id: Id
    at: Moment
    content_hash: ContentHash
    proof: Id | None = None


class PlanRefusal(Contract):
    """The customer said no, in its own words; `proof`: the id of the code that its person typed."""

    person_id: Id
    at: Moment
    why: PlanText
    proof: Id | None = None


class Version(Contract):
    """A numbered version of the terms."""

    number: Revision
    author: Id
    proposed_at: Moment
    content_hash: ContentHash
    terms: Terms
    acceptances: Annotated[tuple[Acceptance, ...], Field(max_length=2)] = ()


class ProposedVersion(Version):
    """The version that waits for both sides, or that the customer refused."""

    refusal: PlanRefusal | None = None


class AgreedVersion(Version):
    """The latest version that both sides have accepted."""

    agreed_at: Moment


class FirstDue(Contract):
    """When a commitment was due in the first agreed version."""

    commitment_id: ShortId
    due_on: Day


class Baseline(Contract):
    """The first agreed version: what slippage is measured against."""

    number: Revision
    content_hash: ContentHash
    agreed_at: Moment
    ends_on: Day
    commitments: Annotated[tuple[FirstDue, ...], Field(max_length=200)]


class Offer(Contract):
    """A documented offer that was left unanswered."""

    number: Revision
    on: Day
    how: PersonalLine
    recorded_by: Id


class Plan(Contract):
    """Where the joint plan stands; `draft` is ours alone."""

    draft: Terms | None = None
    proposed: ProposedVersion | None = None
    agreed: AgreedVersion | None = None
    baseline: Baseline | None = None
    retired: Annotated[tuple[Commitment, ...], Field(max_length=400)] = ()
    versions: Number = 0
    offers: Annotated[tuple[Offer, ...], Field(max_length=100)] = ()


class Undeliverable(Contract):
    """A commitment of ours that we cannot keep."""

    cause: PlanText
    by: Id
    at: Moment
    acknowledged_by: Id | None = None
    acknowledged_at: Moment | None = None
    told_at: Moment | None = None


class Progress(Contract):
    """How one commitment goes."""

    commitment_id: ShortId
    state: CommitmentState
    on: Day | None = None
    evidence: PlanText | None = None
    cause: PlanText | None = None
    agreed_with: ShortId | None = None
    recorded_by: Id | None = None
    undeliverable: Undeliverable | None = None


class Result(Contract):
    """What a review said of a commitment."""

    commitment_id: ShortId
    status: CommitmentStatus
    note: PlanText = ""


class Review(Contract):
    """A review meeting."""

    review_id: ShortId
    planned_for: Moment
    state: Literal["planned", "held", "missed"]
    moves: Moves = ()
    held_at: Moment | None = None
    attendees: Players = ()
    results: Annotated[tuple[Result, ...], Field(max_length=200)] = ()
    decided: Annotated[tuple[PlanText, ...], Field(max_length=50)] = ()
    missed_by: Side | None = None
    by_hand: Flag = False


class Decision(Contract):
    """Something that was decided."""

    decision_id: ShortId
    text: PlanText
    by: Id
    at: Moment
    review_id: ShortId | None = None


class CsmSentiment(Contract):
    """How the CSM feels about it, 1 to 5; kept apart from the computed score."""

    value: OneToFive
    why: PlanText
    by: Id
    at: Moment


class AppliedPlaybook(Contract):
    """A playbook that filled the draft."""

    playbook: Id
    version: Revision
    by: Id
    at: Moment


class Comment(Contract):
    """What the customer wrote on its page; `proposes`: it asks for a change."""

    comment_id: ShortId
    contact_id: Id
    text: PlanText
    at: Moment
    proposes: Flag = False


class MissingData(Contract):
    """A manager's written statement why nothing is known of the customer's health."""

    why: PlanText
    by: Id
    at: Moment


class Failure(Contract):
    """The case was declared failed."""

    ground: Ground
    why: PlanText
    cause: Id
    by: Id
    at: Moment


class Ending(Contract):
    """How the case ended. helped: the steps that saved the customer; cause: the root cause."""

    how: Literal["saved", "dismissed", "lost", "ended"]
    why: PlanText
    at: Moment
    by: Id | None = None
    cause: Id | None = None
    helped: Annotated[tuple[Step, ...], Field(max_length=5)] = ()


class SideLedger(Contract):
    """What one side promised and did."""

    side: Side
    commitments: Number
    met: Number
    late: Number
    missed: Number
    waived: Number
    open: Number
    days_late: Number
    undeliverable: Number
    meetings_missed: Number
    meetings_moved: Number


class Slippage(Contract):
    """By how many days a commitment was put off (negative: brought forward) against the baseline."""

    commitment_id: ShortId
    side: Side
    days: DaysApart


class Ledger(Contract):
    """The fairness ledger."""

    us: SideLedger
    customer: SideLedger
    slippage: Annotated[tuple[Slippage, ...], Field(max_length=200)] = ()
    frame_slipped_days: DaysApart = 0


class Condition(Contract):
    """One condition of the last-resort checklist, with the ids of the records that it stands on."""

    name: Id
    met: Flag
    says: Line
    needed: PlanText
    evidence: Annotated[tuple[ShortId, ...], Field(max_length=100)] = ()


class Checklist(Contract):
    """May the relationship be ended today? `signed`: a JWT (EdDSA) that says the same, verifiable offline."""

    eligible: Flag
    at: Moment
    conditions: Annotated[tuple[Condition, ...], Field(max_length=20)]
    signed: SignedText


class ChainHead(Contract):
    """The last row of the case's record: its number and hash."""

    number: Revision
    hash: ContentHash


class Suggestion(Contract):
    """A playbook that the reasons of the risk suggest, and why, in sentences for the CSM."""

    playbook: Id
    title: Line
    why: Annotated[tuple[Line, ...], Field(max_length=20)]


class CaseSnapshot(Contract):
    """A case after the change that the event tells of; `revision` grows by one with every change."""

    stands_apart: ClassVar[bool] = True

    case_id: Id
    revision: Revision
    state: CaseState
    opened_at: Moment
    opened_by: Id | None = None
    csm: Id | None = None
    episode_id: Id | None = None
    severity: Literal["watch", "risk"] | None = None
    reasons: Annotated[tuple[Reason, ...], Field(max_length=20)]
    band: Band
    time_zone: Line
    stakeholders: Annotated[tuple[Stakeholder, ...], Field(max_length=100)] = ()
    exception: ExecutiveException | None = None
    conversations: Annotated[tuple[Conversation, ...], Field(max_length=100)] = ()
    expectations: Annotated[tuple[Expectation, ...], Field(max_length=100)] = ()
    plan: Plan = Plan()
    progress: Annotated[tuple[Progress, ...], Field(max_length=400)] = ()
    reviews: Annotated[tuple[Review, ...], Field(max_length=360)] = ()
    decisions: Annotated[tuple[Decision, ...], Field(max_length=300)] = ()
    sentiments: Annotated[tuple[CsmSentiment, ...], Field(max_length=200)] = ()
    playbooks: Annotated[tuple[AppliedPlaybook, ...], Field(max_length=100)] = ()
    comments: Annotated[tuple[Comment, ...], Field(max_length=300)] = ()
    missing_data: MissingData | None = None
    failure: Failure | None = None
    announced_at: Moment | None = None
    ending: Ending | None = None
    suggestions: Annotated[tuple[Suggestion, ...], Field(max_length=20)] = ()
    ledger: Ledger
    checklist: Checklist
    chain: ChainHead
