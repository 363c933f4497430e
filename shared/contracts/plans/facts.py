"""What action_plans publishes on plans.v1: each fact with the case as it is after it."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import Contract, DomainEvent
from shared.contracts.fields import Flag, Id, Moment, Number, PlanText, Revision, ShortId
from shared.contracts.plans.case import CaseSnapshot, Checklist, CommitmentStatus, Side, Step


class CaseFact(DomainEvent):
    """A fact about a case. by: the person who did it, absent for a risk and the clock; about: what of the case."""

    case: CaseSnapshot
    by: Id | None = None
    about: Id | None = None


class Standing(Contract):
    """How a commitment stood when the case was declared failed."""

    commitment_id: ShortId
    status: CommitmentStatus


class CaseOpened(CaseFact):
    """A case was opened for the customer: by a risk, or by hand (then `by` is the person)."""

    type: Literal["CaseOpened"] = "CaseOpened"


class CaseUpdated(CaseFact):
    """The risk behind an open case, its health band or its customer's master data have changed; or the end of the
    relationship was announced while its plan still ran.
    """

    type: Literal["CaseUpdated"] = "CaseUpdated"


class CaseDismissed(CaseFact):
    """The case was dismissed by a person, with a reason."""

    type: Literal["CaseDismissed"] = "CaseDismissed"
    reason: PlanText


class CaseReassigned(CaseFact):
    """Another CSM has the case: by a person, or because the former one has left."""

    type: Literal["CaseReassigned"] = "CaseReassigned"
    before: Id | None = None
    reason: PlanText


class CaseLost(CaseFact):
    """The customer left by itself; the case is closed."""

    type: Literal["CaseLost"] = "CaseLost"


class ConversationScheduled(CaseFact):
    """A candid conversation was arranged."""

    type: Literal["ConversationScheduled"] = "ConversationScheduled"


class ConversationMoved(CaseFact):
    """It was moved to another time."""

    type: Literal["ConversationMoved"] = "ConversationMoved"


class ConversationHeld(CaseFact):
    """It was held, and recorded."""

    type: Literal["ConversationHeld"] = "ConversationHeld"


class ConversationMissed(CaseFact):
    """A side did not come."""

    type: Literal["ConversationMissed"] = "ConversationMissed"


class ExpectationAdded(CaseFact):
    """An expectation was recorded."""

    type: Literal["ExpectationAdded"] = "ExpectationAdded"


class ExpectationHeard(CaseFact):
    """The other side has heard an expectation."""

    type: Literal["ExpectationHeard"] = "ExpectationHeard"


class ExpectationRetracted(CaseFact):
    """An expectation was taken back."""

    type: Literal["ExpectationRetracted"] = "ExpectationRetracted"


class StakeholderAdded(CaseFact):
    """A key player was named."""

    type: Literal["StakeholderAdded"] = "StakeholderAdded"


class ViewRecorded(CaseFact):
    """A player's own view was recorded."""

    type: Literal["ViewRecorded"] = "ViewRecorded"


class ExceptionRequested(CaseFact):
    """Somebody asked to go on without an executive contact."""

    type: Literal["ExceptionRequested"] = "ExceptionRequested"


class ExceptionApproved(CaseFact):
    """A manager allowed going on without an executive contact."""

    type: Literal["ExceptionApproved"] = "ExceptionApproved"


class PlaybookApplied(CaseFact):
    """A playbook filled the draft."""

    type: Literal["PlaybookApplied"] = "PlaybookApplied"


class PlanDrafted(CaseFact):
    """The draft has changed."""

    type: Literal["PlanDrafted"] = "PlanDrafted"


class PlanProposed(CaseFact):
    """A numbered version waits for both sides; `about` is its number."""

    type: Literal["PlanProposed"] = "PlanProposed"


class PlanSigned(CaseFact):
    """A side has accepted the version that waits."""

    type: Literal["PlanSigned"] = "PlanSigned"
    side: Side


class PlanAgreed(CaseFact):
    """Both sides have accepted the same content."""

    type: Literal["PlanAgreed"] = "PlanAgreed"


class PlanRefused(CaseFact):
    """The customer refused the version that waited."""

    type: Literal["PlanRefused"] = "PlanRefused"


class OfferUnanswered(CaseFact):
    """A documented offer of the plan was left unanswered."""

    type: Literal["OfferUnanswered"] = "OfferUnanswered"


class CommitmentDone(CaseFact):
    """A commitment was done."""

    type: Literal["CommitmentDone"] = "CommitmentDone"


class CommitmentWaived(CaseFact):
    """Both sides no longer want a commitment."""

    type: Literal["CommitmentWaived"] = "CommitmentWaived"


class CommitmentMissed(CaseFact):
    """A commitment was not done."""

    type: Literal["CommitmentMissed"] = "CommitmentMissed"


class CommitmentUndeliverable(CaseFact):
    """A commitment of ours cannot be kept: recorded, acknowledged or told (`step`)."""

    type: Literal["CommitmentUndeliverable"] = "CommitmentUndeliverable"
    step: Literal["recorded", "acknowledged", "told"]


class CommitmentDue(CaseFact):
    """A commitment is due in a few days."""

    type: Literal["CommitmentDue"] = "CommitmentDue"
    side: Side
    owner: Id


class CommitmentLate(CaseFact):
    """The day of a commitment has passed."""

    type: Literal["CommitmentLate"] = "CommitmentLate"
    side: Side
    owner: Id


class ConversationDue(CaseFact):
    """No candid conversation was arranged a week after the risk, or one that was planned is not recorded."""

    type: Literal["ConversationDue"] = "ConversationDue"
    overdue: Flag = False


class ExecutiveMissing(CaseFact):
    """A week after the first conversation no executive of the customer has taken part, and no exception is allowed."""

    type: Literal["ExecutiveMissing"] = "ExecutiveMissing"


class ReviewScheduled(CaseFact):
    """A review was planned beside those on cadence."""

    type: Literal["ReviewScheduled"] = "ReviewScheduled"


class ReviewHeld(CaseFact):
    """A review was held, and recorded."""

    type: Literal["ReviewHeld"] = "ReviewHeld"


class ReviewMoved(CaseFact):
    """A review was moved to another time."""

    type: Literal["ReviewMoved"] = "ReviewMoved"


class ReviewMissed(CaseFact):
    """A side did not come to a review."""

    type: Literal["ReviewMissed"] = "ReviewMissed"


class ReviewDue(CaseFact):
    """A review is tomorrow."""

    type: Literal["ReviewDue"] = "ReviewDue"
    planned_for: Moment


class ReviewOverdue(CaseFact):
    """A review was not recorded: raised with the CSM after 3 days, with the manager after 7 (`level`)."""

    type: Literal["ReviewOverdue"] = "ReviewOverdue"
    level: Literal["csm", "manager"]


class DecisionRecorded(CaseFact):
    """Something was decided."""

    type: Literal["DecisionRecorded"] = "DecisionRecorded"


class SentimentRecorded(CaseFact):
    """The CSM said how the relationship feels."""

    type: Literal["SentimentRecorded"] = "SentimentRecorded"


class MissingDataExplained(CaseFact):
    """A manager stated why nothing is known of the customer's health."""

    type: Literal["MissingDataExplained"] = "MissingDataExplained"


class ShareLinkCreated(CaseFact):
    """A contact may open the shared plan by a link."""

    type: Literal["ShareLinkCreated"] = "ShareLinkCreated"
    contact_id: Id
    expires_at: Moment


class ShareLinkRevoked(CaseFact):
    """A link opens nothing any more."""

    type: Literal["ShareLinkRevoked"] = "ShareLinkRevoked"


class CommentMade(CaseFact):
    """The customer commented on the plan, or proposed a change of it."""

    type: Literal["CommentMade"] = "CommentMade"


class EligibilityChanged(CaseFact):
    """Another set of the last-resort conditions is met than before; the case's checklist says which."""

    type: Literal["EligibilityChanged"] = "EligibilityChanged"
    before: Annotated[tuple[Id, ...], Field(max_length=20)]


class EligibilityConfirmed(DomainEvent):
    """The checklist is complete, or what is missing is overridden: asked and answered under the case's lock."""

    type: Literal["EligibilityConfirmed"] = "EligibilityConfirmed"
    case_id: Id
    transition_id: Id
    revision: Revision
    checklist: Checklist


class EligibilityRefused(DomainEvent):
    """The relationship may not be ended now, with every condition that is not met."""

    type: Literal["EligibilityRefused"] = "EligibilityRefused"
    case_id: Id
    transition_id: Id
    reasons: Annotated[tuple[PlanText, ...], Field(max_length=20)]
    checklist: Checklist | None = None


class PlanSucceeded(CaseFact):
    """The customer is saved; `helped`: which steps did it."""

    type: Literal["PlanSucceeded"] = "PlanSucceeded"
    helped: Annotated[tuple[Step, ...], Field(max_length=5)]
    days: Number


class PlanFailed(CaseFact):
    """The case was declared failed; it carries the whole dossier that a transition needs."""

    type: Literal["PlanFailed"] = "PlanFailed"
    statuses: Annotated[tuple[Standing, ...], Field(max_length=200)]


class CaseResumed(CaseFact):
    """The transition of a case was withdrawn: it goes on as before it failed, or was ended in spite of its plan."""

    type: Literal["CaseResumed"] = "CaseResumed"


class CaseEnded(CaseFact):
    """The relationship was ended by a transition; the case is closed."""

    type: Literal["CaseEnded"] = "CaseEnded"


FACTS = (
    CaseOpened,
    CaseUpdated,
    CaseDismissed,
    CaseReassigned,
    CaseLost,
    ConversationScheduled,
    ConversationMoved,
    ConversationHeld,
    ConversationMissed,
    ConversationDue,
    ExecutiveMissing,
    ExpectationAdded,
    ExpectationHeard,
    ExpectationRetracted,
    StakeholderAdded,
    ViewRecorded,
    ExceptionRequested,
    ExceptionApproved,
    PlaybookApplied,
    PlanDrafted,
    PlanProposed,
    PlanSigned,
    PlanAgreed,
    PlanRefused,
    OfferUnanswered,
    CommitmentDone,
    CommitmentWaived,
    CommitmentMissed,
    CommitmentUndeliverable,
    CommitmentDue,
    CommitmentLate,
    ReviewScheduled,
    ReviewHeld,
    ReviewMoved,
    ReviewMissed,
    ReviewDue,
    ReviewOverdue,
    DecisionRecorded,
    SentimentRecorded,
    MissingDataExplained,
    ShareLinkCreated,
    ShareLinkRevoked,
    CommentMade,
    EligibilityChanged,
    EligibilityConfirmed,
    EligibilityRefused,
    PlanSucceeded,
    PlanFailed,
    CaseResumed,
    CaseEnded,
)
