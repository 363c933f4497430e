"""The commands that action_plans takes. The customer's own acts are none: they come from its page alone."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import CustomerCommand, StrictContract
from shared.contracts.fields import Day, Flag, Id, Moment, PersonalLine, PersonalText, PlanText, ShortId
from shared.contracts.plans.case import (
    Cadence,
    Channel,
    CommitmentStatus,
    ContentHash,
    ExpectationKind,
    Hour,
    OneToFive,
    Players,
    Side,
    StakeholderRole,
    Step,
)

SomeText = Annotated[PlanText, Field(min_length=1)]
CaseDocument = Literal["plan", "evidence"]
DocumentFormat = Literal["pdf", "docx", "md", "html", "ics", "zip"]


class Attempt(StrictContract):
    """When and how somebody tried to bring an executive in."""

    on: Day
    how: PersonalLine


class Result(StrictContract):
    """What a review says of a commitment."""

    commitment_id: ShortId
    status: CommitmentStatus
    note: PlanText = ""


class CaseCommand(CustomerCommand):
    """A command about the customer's open case; refused where `case_id` is not it."""

    case_id: Id


class OpenCase(CustomerCommand):
    """Open a case by hand."""

    type: Literal["OpenCase"] = "OpenCase"
    reason: PersonalLine


class DismissCase(CaseCommand):
    """End an open case that needs no plan."""

    type: Literal["DismissCase"] = "DismissCase"
    reason: SomeText


class ReassignCase(CaseCommand):
    """Give the case to another CSM; for managers, executives and admins."""

    type: Literal["ReassignCase"] = "ReassignCase"
    csm: Id
    reason: SomeText


class ScheduleConversation(CaseCommand):
    """Arrange a candid conversation. invited: stakeholders."""

    type: Literal["ScheduleConversation"] = "ScheduleConversation"
    conversation_id: ShortId
    planned_for: Moment
    channel: Channel
    invited: Players = ()


class MoveConversation(CaseCommand):
    """Move it to another time; `by`: the side that asked for it."""

    type: Literal["MoveConversation"] = "MoveConversation"
    conversation_id: ShortId
    to: Moment
    by: Side


class RecordConversation(CaseCommand):
    """It was held. private_notes: for us alone; they never leave this service but to the console."""

    type: Literal["RecordConversation"] = "RecordConversation"
    conversation_id: ShortId
    held_at: Moment
    channel: Channel
    attendees: Players
    told_ending_possible: Flag
    notes: PlanText = ""
    private_notes: PersonalText | None = None


class RecordMissedConversation(CaseCommand):
    """A side did not come, or called it off."""

    type: Literal["RecordMissedConversation"] = "RecordMissedConversation"
    conversation_id: ShortId
    by: Side


class AddExpectation(CaseCommand):
    """Record what a side expects. author: who said so, a stakeholder or one of our people."""

    type: Literal["AddExpectation"] = "AddExpectation"
    expectation_id: ShortId
    side: Side
    kind: ExpectationKind
    text: SomeText
    author: Id
    conversation_id: ShortId | None = None
    norm: PlanText | None = None
    target: PlanText | None = None
    by_day: Day | None = None
    heard: Flag = False


class MarkExpectationHeard(CaseCommand):
    """The other side has heard it."""

    type: Literal["MarkExpectationHeard"] = "MarkExpectationHeard"
    expectation_id: ShortId


class RetractExpectation(CaseCommand):
    """Take it back, with the reason."""

    type: Literal["RetractExpectation"] = "RetractExpectation"
    expectation_id: ShortId
    reason: SomeText


class AddStakeholder(CaseCommand):
    """Name a key player: a contact of the customer, or one of our people."""

    type: Literal["AddStakeholder"] = "AddStakeholder"
    stakeholder_id: ShortId
    side: Side
    role: StakeholderRole
    person_id: Id


class RecordView(CaseCommand):
    """How a player sees it."""

    type: Literal["RecordView"] = "RecordView"
    stakeholder_id: ShortId
    fit: OneToFive
    sentiment: OneToFive
    wants: SomeText
    on: Day


class RequestException(CaseCommand):
    """Ask to go on without an executive contact."""

    type: Literal["RequestException"] = "RequestException"
    attempts: Annotated[tuple[Attempt, ...], Field(max_length=50)]
    why: SomeText


class ApproveException(CaseCommand):
    """The manager allows it, in writing."""

    type: Literal["ApproveException"] = "ApproveException"
    statement: SomeText


class ApplyPlaybook(CaseCommand):
    """Fill the draft from a playbook; what is there already stays.

    `usual` and `yours` ("2 weeks", "6 months") fill in its comparison, which is left out without them.
    """

    type: Literal["ApplyPlaybook"] = "ApplyPlaybook"
    playbook: Id
    starts_on: Day
    usual: PersonalLine | None = None
    yours: PersonalLine | None = None


class DraftPlan(CaseCommand):
    """Begin the draft, or change its frame; commitments stay."""

    type: Literal["DraftPlan"] = "DraftPlan"
    purpose: SomeText
    starts_on: Day
    ends_on: Day
    cadence: Cadence
    first_review_on: Day
    review_hour: Hour = 10


class AddCommitment(CaseCommand):
    """Add a commitment to the draft. owner: one of our people, or a stakeholder's person."""

    type: Literal["AddCommitment"] = "AddCommitment"
    commitment_id: ShortId
    side: Side
    what: SomeText
    owner: Id
    due_on: Day
    done_when: SomeText


class EditCommitment(CaseCommand):
    """Change a commitment of the draft; what is not given stays."""

    type: Literal["EditCommitment"] = "EditCommitment"
    commitment_id: ShortId
    what: SomeText | None = None
    owner: Id | None = None
    due_on: Day | None = None
    done_when: SomeText | None = None


class RemoveCommitment(CaseCommand):
    """Take a commitment out of the draft."""

    type: Literal["RemoveCommitment"] = "RemoveCommitment"
    commitment_id: ShortId


class ProposePlan(CaseCommand):
    """Make the next numbered version of the draft, for both sides to accept."""

    type: Literal["ProposePlan"] = "ProposePlan"


class SignPlan(CaseCommand):
    """Accept, for our side, the version of this content."""

    type: Literal["SignPlan"] = "SignPlan"
    content_hash: ContentHash


class ExtendPlan(CaseCommand):
    """Propose the agreed plan with a later end, as a version that both sides have to accept."""

    type: Literal["ExtendPlan"] = "ExtendPlan"
    ends_on: Day
    reason: SomeText


class RecordUnansweredOffer(CaseCommand):
    """The waiting version was offered, and no answer came."""

    type: Literal["RecordUnansweredOffer"] = "RecordUnansweredOffer"
    on: Day
    how: PersonalLine


class CompleteCommitment(CaseCommand):
    """It was done; evidence: what shows it."""

    type: Literal["CompleteCommitment"] = "CompleteCommitment"
    commitment_id: ShortId
    on: Day
    evidence: SomeText


class WaiveCommitment(CaseCommand):
    """Both sides no longer want it; agreed_with: the stakeholder of the other side who said so."""

    type: Literal["WaiveCommitment"] = "WaiveCommitment"
    commitment_id: ShortId
    reason: SomeText
    agreed_with: ShortId


class RecordMissedCommitment(CaseCommand):
    """It was not done: of either side, with cause and evidence."""

    type: Literal["RecordMissedCommitment"] = "RecordMissedCommitment"
    commitment_id: ShortId
    cause: SomeText
    evidence: SomeText


class RecordUndeliverable(CaseCommand):
    """We cannot keep a commitment of ours."""

    type: Literal["RecordUndeliverable"] = "RecordUndeliverable"
    commitment_id: ShortId
    cause: SomeText


class AcknowledgeUndeliverable(CaseCommand):
    """A manager takes note of it."""

    type: Literal["AcknowledgeUndeliverable"] = "AcknowledgeUndeliverable"
    commitment_id: ShortId


class RecordUndeliverableTold(CaseCommand):
    """The customer was told of it."""

    type: Literal["RecordUndeliverableTold"] = "RecordUndeliverableTold"
    commitment_id: ShortId
    told_at: Moment


class ScheduleReview(CaseCommand):
    """Plan a review beside those on cadence."""

    type: Literal["ScheduleReview"] = "ScheduleReview"
    review_id: ShortId
    planned_for: Moment


class HoldReview(CaseCommand):
    """It was held: the result of every commitment that was due, and what was decided."""

    type: Literal["HoldReview"] = "HoldReview"
    review_id: ShortId
    held_at: Moment
    attendees: Players
    results: Annotated[tuple[Result, ...], Field(max_length=200)] = ()
    decided: Annotated[tuple[SomeText, ...], Field(max_length=50)] = ()


class MoveReview(CaseCommand):
    """Move it to another time; `by`: the side that asked for it."""

    type: Literal["MoveReview"] = "MoveReview"
    review_id: ShortId
    to: Moment
    by: Side


class RecordMissedReview(CaseCommand):
    """A side did not come."""

    type: Literal["RecordMissedReview"] = "RecordMissedReview"
    review_id: ShortId
    by: Side


class RecordDecision(CaseCommand):
    """Something was decided."""

    type: Literal["RecordDecision"] = "RecordDecision"
    decision_id: ShortId
    text: SomeText
    review_id: ShortId | None = None


class RecordSentiment(CaseCommand):
    """How the CSM feels about the relationship, 1 to 5, and why."""

    type: Literal["RecordSentiment"] = "RecordSentiment"
    value: OneToFive
    why: SomeText


class ExplainMissingData(CaseCommand):
    """A manager states why nothing is known of the customer's health."""

    type: Literal["ExplainMissingData"] = "ExplainMissingData"
    why: SomeText


class CreateShareLink(CaseCommand):
    """Let a contact open the shared plan by a link. token_hash: SHA-256 of the token, which only its maker knows."""

    type: Literal["CreateShareLink"] = "CreateShareLink"
    link_id: ShortId
    contact_id: Id
    token_hash: ContentHash
    days: Annotated[int, Field(ge=1, le=366, strict=True)] = 90


class RevokeShareLink(CaseCommand):
    """The link opens nothing any more, from now on."""

    type: Literal["RevokeShareLink"] = "RevokeShareLink"
    link_id: ShortId


class RequestDocument(CustomerCommand):
    """Have a document of a case, open or over, to be fetched for some minutes. token_hash: of its token."""

    type: Literal["RequestDocument"] = "RequestDocument"
    case_id: Id
    document: CaseDocument
    format: DocumentFormat
    token_hash: ContentHash


class DeclareSaved(CaseCommand):
    """The customer is saved: what helped, and what the trouble came from."""

    type: Literal["DeclareSaved"] = "DeclareSaved"
    why: SomeText
    cause: Id
    helped: Annotated[tuple[Step, ...], Field(min_length=1, max_length=5)]


class DeclareFailed(CaseCommand):
    """Everything was tried and it still fails; cause: the situation at the root of it."""

    type: Literal["DeclareFailed"] = "DeclareFailed"
    why: SomeText
    cause: Id


COMMANDS = (
    OpenCase,
    DismissCase,
    ReassignCase,
    ScheduleConversation,
    MoveConversation,
    RecordConversation,
    RecordMissedConversation,
    AddExpectation,
    MarkExpectationHeard,
    RetractExpectation,
    AddStakeholder,
    RecordView,
    RequestException,
    ApproveException,
    ApplyPlaybook,
    DraftPlan,
    AddCommitment,
    EditCommitment,
    RemoveCommitment,
    ProposePlan,
    SignPlan,
    ExtendPlan,
    RecordUnansweredOffer,
    CompleteCommitment,
    WaiveCommitment,
    RecordMissedCommitment,
    RecordUndeliverable,
    AcknowledgeUndeliverable,
    RecordUndeliverableTold,
    ScheduleReview,
    HoldReview,
    MoveReview,
    RecordMissedReview,
    RecordDecision,
    RecordSentiment,
    ExplainMissingData,
    CreateShareLink,
    RevokeShareLink,
    RequestDocument,
    DeclareSaved,
    DeclareFailed,
)
