"""A case as it is told: everything that is known of it after a change, but for private notes and what only we do."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import Contract
from shared.contracts.fields import Day, Flag, Id, Line, Moment, Number, Personal, PersonalLine, PlanText, Revision
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
SignedText = Annotated[str, Field(max_length=50_000, strict=True), Personal()]


class View(Contract):
    """How one player sees it: fit and sentiment from 1 (bad) to 5 (very good)."""

    fit: OneToFive
    sentiment: OneToFive
    wants: PlanText
    on: Day


class Stakeholder(Contract):
    """A key player of either side."""

    stakeholder_id: Id
    side: Side
    role: StakeholderRole
    person_id: Id
    views: tuple[View, ...] = ()


class Attempt(Contract):
    """When and how somebody tried to bring an executive in."""

    on: Day
    how: PersonalLine


class ExecutiveException(Contract):
    """Going on without an executive contact: asked for, and allowed once `allowed_by` is there."""

    asked_by: Id
    asked_at: Moment
    attempts: tuple[Attempt, ...]
    why: PlanText
    allowed_by: Id | None = None
    allowed_at: Moment | None = None
    manager_says: PlanText | None = None


class Move(Contract):
    """A meeting was moved by a side, from the time it was planned for."""

    by: Side
    planned_for: Moment
    moved_at: Moment


class Conversation(Contract):
    """A candid conversation."""

    conversation_id: Id
    planned_for: Moment
    channel: Channel
    invited: tuple[Id, ...] = ()
    state: Literal["planned", "held", "missed"]
    moves: tuple[Move, ...] = ()
    held_at: Moment | None = None
    attendees: tuple[Id, ...] = ()
    told_ending_possible: Flag = False
    notes: PlanText = ""
    missed_by: Side | None = None


class Expectation(Contract):
    """What a side expects; `retracted_at` once it was taken back."""

    expectation_id: Id
    side: Side
    kind: ExpectationKind
    text: PlanText
    author: Id
    added_at: Moment
    conversation_id: Id | None = None
    norm: PlanText | None = None
    target: PlanText | None = None
    by_day: Day | None = None
    heard_at: Moment | None = None
    retracted_at: Moment | None = None
    retracted_why: PlanText | None = None


class Promise(Contract):
    """An expectation as both sides read it in the plan."""

    expectation_id: Id
    side: Side
    kind: ExpectationKind
    text: PlanText
    norm: PlanText | None = None
    target: PlanText | None = None
    by_day: Day | None = None


class Commitment(Contract):
    """What one side will do, by when, and how both see that it is done."""

    commitment_id: Id
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
    promises: tuple[Promise, ...]
    commitments: tuple[Commitment, ...]


class Acceptance(Contract):
    """A named person of a side accepted the content; `proof`: the id of the code that the customer's person typed."""

    side: Side
    person_id: Id
    at: Moment
    content_hash: ContentHash
    proof: Id | None = None


class PlanRefusal(Contract):
    """The customer said no, in its own words."""

    person_id: Id
    at: Moment
    why: PlanText


class Version(Contract):
    """A numbered version of the terms."""

    number: Revision
    author: Id
    proposed_at: Moment
    content_hash: ContentHash
    terms: Terms
    acceptances: tuple[Acceptance, ...] = ()
    refusal: PlanRefusal | None = None
    agreed_at: Moment | None = None


class Baseline(Contract):
    """The first agreed version: what slippage is measured against."""

    number: Revision
    content_hash: ContentHash
    agreed_at: Moment
    ends_on: Day
    due: dict[Id, Day]


class Offer(Contract):
    """A documented offer that was left unanswered."""

    number: Revision
    on: Day
    how: PersonalLine
    recorded_by: Id


class Plan(Contract):
    """Where the joint plan stands; `draft` is ours alone."""

    draft: Terms | None = None
    proposed: Version | None = None
    agreed: Version | None = None
    baseline: Baseline | None = None
    retired: tuple[Commitment, ...] = ()
    versions: Number = 0
    offers: tuple[Offer, ...] = ()


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

    commitment_id: Id
    state: CommitmentState
    on: Day | None = None
    evidence: PlanText | None = None
    cause: PlanText | None = None
    agreed_with: Id | None = None
    recorded_by: Id | None = None
    undeliverable: Undeliverable | None = None


class Result(Contract):
    """What a review said of a commitment."""

    commitment_id: Id
    status: CommitmentStatus
    note: PlanText = ""


class Review(Contract):
    """A review meeting."""

    review_id: Id
    planned_for: Moment
    state: Literal["planned", "held", "missed"]
    moves: tuple[Move, ...] = ()
    held_at: Moment | None = None
    attendees: tuple[Id, ...] = ()
    results: tuple[Result, ...] = ()
    decided: tuple[PlanText, ...] = ()
    missed_by: Side | None = None
    by_hand: Flag = False


class Decision(Contract):
    """Something that was decided."""

    decision_id: Id
    text: PlanText
    by: Id
    at: Moment
    review_id: Id | None = None


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

    comment_id: Id
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
    helped: tuple[Step, ...] = ()


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

    commitment_id: Id
    side: Side
    days: Annotated[int, Field(strict=True)]


class Ledger(Contract):
    """The fairness ledger."""

    us: SideLedger
    customer: SideLedger
    slippage: tuple[Slippage, ...] = ()
    frame_slipped_days: Annotated[int, Field(strict=True)] = 0


class Condition(Contract):
    """One condition of the last-resort checklist, with the ids of the records that it stands on."""

    name: Id
    met: Flag
    says: Line
    needed: PlanText
    evidence: tuple[Id, ...] = ()


class Checklist(Contract):
    """May the relationship be ended today? `signed`: a JWT (EdDSA) that says the same, verifiable offline."""

    eligible: Flag
    at: Moment
    conditions: tuple[Condition, ...]
    signed: SignedText


class ChainHead(Contract):
    """The last row of the case's record: its number and hash."""

    number: Revision
    hash: ContentHash


class Suggestion(Contract):
    """A playbook that the reasons of the risk suggest, and why, in sentences for the CSM."""

    playbook: Id
    title: Line
    why: tuple[Line, ...]


class CaseSnapshot(Contract):
    """A case after the change that the event tells of; `revision` grows by one with every change."""

    case_id: Id
    revision: Revision
    state: CaseState
    opened_at: Moment
    opened_by: Id | None = None
    csm: Id | None = None
    episode_id: Id | None = None
    severity: Literal["watch", "risk"] | None = None
    reasons: tuple[Reason, ...]
    band: Band
    time_zone: Line
    stakeholders: tuple[Stakeholder, ...] = ()
    exception: ExecutiveException | None = None
    conversations: tuple[Conversation, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    plan: Plan = Plan()
    progress: tuple[Progress, ...] = ()
    reviews: tuple[Review, ...] = ()
    decisions: tuple[Decision, ...] = ()
    sentiments: tuple[CsmSentiment, ...] = ()
    playbooks: tuple[AppliedPlaybook, ...] = ()
    comments: tuple[Comment, ...] = ()
    missing_data: MissingData | None = None
    failure: Failure | None = None
    ending: Ending | None = None
    suggestions: tuple[Suggestion, ...] = ()
    ledger: Ledger
    checklist: Checklist
    chain: ChainHead
