"""What transition_review publishes on transitions.v1: each fact with the transition as it is after it. Internal."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.endings.parts import PartName, PartNames
from shared.contracts.endings.transition import People, TransitionSnapshot, Unmet
from shared.contracts.event import DomainEvent
from shared.contracts.fields import Day, Flag, Id, Line, Moment, PlanText, Revision, ShortId

Conditions = Annotated[tuple[Id, ...], Field(max_length=20)]
Many = Annotated[tuple[Id, ...], Field(max_length=500)]
Level = Literal["owner", "manager"]


class TransitionFact(DomainEvent):
    """A fact about a transition. by: the person who did it, absent for answers and the clock; about: what of it."""

    transition_id: Id
    case_id: Id
    transition: TransitionSnapshot
    by: Id | None = None
    about: Id | None = None


class Asking(TransitionFact):
    """Asks action_plans whether the relationship may be ended, at a revision of its case.

    overridden: the conditions that an executive has overridden, each with a reason that the transition keeps.
    """

    case_revision: Revision
    overridden: Conditions = ()


class TransitionProposed(Asking):
    """Somebody proposes to end the relationship, and asks whether it may be ended."""

    type: Literal["TransitionProposed"] = "TransitionProposed"


class EligibilityAsked(Asking):
    """The same question again, before the last approval, or because conditions are overridden."""

    type: Literal["EligibilityAsked"] = "EligibilityAsked"


class TransitionOpened(TransitionFact):
    """It may be prepared: eligibility is confirmed, and the health is frozen."""

    type: Literal["TransitionOpened"] = "TransitionOpened"


class TransitionRefused(TransitionFact):
    """It may not be prepared, with every condition that is not met."""

    type: Literal["TransitionRefused"] = "TransitionRefused"
    reasons: Unmet


class TransitionReassigned(TransitionFact):
    """Another CSM leads it, since the customer has another one; `about` is the new one."""

    type: Literal["TransitionReassigned"] = "TransitionReassigned"
    before: Id | None = None


class ConditionOverridden(TransitionFact):
    """An executive goes on without the condition that `about` names."""

    type: Literal["ConditionOverridden"] = "ConditionOverridden"
    reason: PlanText


class EligibilityLost(TransitionFact):
    """The checklist is no longer complete: the transition stops until it is, or an executive overrides what is not."""

    type: Literal["EligibilityLost"] = "EligibilityLost"
    reasons: Unmet


class EligibilityRegained(TransitionFact):
    """The checklist is complete again: the transition goes on."""

    type: Literal["EligibilityRegained"] = "EligibilityRegained"


class PartWritten(TransitionFact):
    """A part of the plan was written. differs: where a contract is not as upstream announced it."""

    type: Literal["PartWritten"] = "PartWritten"
    part: PartName
    differs: Annotated[tuple[Line, ...], Field(max_length=20)] = ()


class PlanSubmitted(TransitionFact):
    """A version waits for the teams; changed: the parts that differ from the version before."""

    type: Literal["PlanSubmitted"] = "PlanSubmitted"
    changed: PartNames


class ReviewRequested(TransitionFact):
    """A team is asked to review the version that waits, by a day; `about` is the team."""

    type: Literal["ReviewRequested"] = "ReviewRequested"
    due_on: Day


class TeamApproved(TransitionFact):
    """A team approves; `about` is the team. stands_in: whoever says so is not of the team."""

    type: Literal["TeamApproved"] = "TeamApproved"
    stands_in: Flag = False


class ChangeRequested(TransitionFact):
    """A team asks for changes; `about` is the team. stands_in: whoever says so is not of the team."""

    type: Literal["ChangeRequested"] = "ChangeRequested"
    why: PlanText
    stands_in: Flag = False


class ObjectionRaised(TransitionFact):
    """A team objects; `about` is the team. stands_in: whoever says so is not of the team."""

    type: Literal["ObjectionRaised"] = "ObjectionRaised"
    why: PlanText
    stands_in: Flag = False


class ObjectionOverruled(TransitionFact):
    """An executive goes on in spite of the objection of the team that `about` names."""

    type: Literal["ObjectionOverruled"] = "ObjectionOverruled"
    why: PlanText


class StandInNamed(TransitionFact):
    """A person answers for a team until a moment; `about` is the team."""

    type: Literal["StandInNamed"] = "StandInNamed"
    person: Id
    until: Moment


class TeamReviewDue(TransitionFact):
    """A team's deadline is near; `about` is the team."""

    type: Literal["TeamReviewDue"] = "TeamReviewDue"
    due_on: Day


class TeamReviewLate(TransitionFact):
    """A team's deadline is over: raised with the team, later with its managers (`level`)."""

    type: Literal["TeamReviewLate"] = "TeamReviewLate"
    due_on: Day
    level: Level


class ApprovalRequested(TransitionFact):
    """Every team has approved the version that waits: an executive's approval is the last one needed."""

    type: Literal["ApprovalRequested"] = "ApprovalRequested"


class ApprovalRefused(TransitionFact):
    """The relationship may not be ended now, so that the executive's approval does not count."""

    type: Literal["ApprovalRefused"] = "ApprovalRefused"
    reasons: Unmet


class TransitionApproved(TransitionFact):
    """An executive approved, last of all, what every required team has approved."""

    type: Literal["TransitionApproved"] = "TransitionApproved"


class TalkArranged(TransitionFact):
    """The talk with the customer is arranged, or moved. relieved: who was to speak before, and is no longer."""

    type: Literal["TalkArranged"] = "TalkArranged"
    relieved: People = ()


class TalkPrepared(TransitionFact):
    """The agenda or the preparation of the talk was edited."""

    type: Literal["TalkPrepared"] = "TalkPrepared"


class TalkHeld(TransitionFact):
    """The customer has heard it."""

    type: Literal["TalkHeld"] = "TalkHeld"


class TalkDue(TransitionFact):
    """A week after the approval no talk is arranged, or one that was planned is not recorded (`overdue`)."""

    type: Literal["TalkDue"] = "TalkDue"
    overdue: Flag = False
    level: Level = "owner"


class TransitionAnnounced(TransitionFact):
    """Revenue and operations are told, and the customer gets the written notice."""

    type: Literal["TransitionAnnounced"] = "TransitionAnnounced"


class TransitionChanged(TransitionFact):
    """What was announced has changed, and they are told."""

    type: Literal["TransitionChanged"] = "TransitionChanged"


class NoticeReceived(TransitionFact):
    """The customer has received the written notice."""

    type: Literal["NoticeReceived"] = "NoticeReceived"


class NoticeDue(TransitionFact):
    """Three days after the announcement nobody has recorded that the notice was received."""

    type: Literal["NoticeDue"] = "NoticeDue"
    level: Level = "owner"


class EndingShared(TransitionFact):
    """A contact of the customer may open its plan by a link; `about` is the link's id."""

    type: Literal["EndingShared"] = "EndingShared"
    contact_id: Id
    expires_at: Moment


class EndingLinkRevoked(TransitionFact):
    """A link opens nothing any more; `about` is its id."""

    type: Literal["EndingLinkRevoked"] = "EndingLinkRevoked"


class TransitionStalled(TransitionFact):
    """Nothing has happened for days, though somebody is waited for; `about` is who: a team, the CSM, or `executive`.

    Raised with them, later with managers (`level`).
    """

    type: Literal["TransitionStalled"] = "TransitionStalled"
    step: Literal["plan", "settling", "approval", "announcement"]
    what: PlanText
    since: Moment
    level: Level


class MilestoneDone(TransitionFact):
    """A milestone is reached; `about` is the milestone."""

    type: Literal["MilestoneDone"] = "MilestoneDone"


class MilestoneDue(TransitionFact):
    """A milestone is due in a few days; `about` is the milestone."""

    type: Literal["MilestoneDue"] = "MilestoneDue"
    team: ShortId
    due_on: Day


class MilestoneLate(TransitionFact):
    """The day of a milestone has passed: raised with the team, later with its managers (`level`)."""

    type: Literal["MilestoneLate"] = "MilestoneLate"
    team: ShortId
    due_on: Day
    level: Level


class TransitionWithdrawn(TransitionFact):
    """The transition is off: the case goes on as it was before it failed. Whoever was told of it is to hear so.

    teams: who were asked, or have a milestone; people: of ours, who have or had a part in it; executives: whether all
    of them were told. untold: contacts of the customer who have heard it, or may have, and get no mail.
    """

    type: Literal["TransitionWithdrawn"] = "TransitionWithdrawn"
    reason: PlanText
    teams: Many = ()
    people: Many = ()
    executives: Flag = False
    untold: Many = ()


class TransitionLost(TransitionFact):
    """The customer has left by itself, or its case is over: the transition is closed."""

    type: Literal["TransitionLost"] = "TransitionLost"


class TransitionCompleted(TransitionFact):
    """The relationship has ended."""

    type: Literal["TransitionCompleted"] = "TransitionCompleted"


class PostMortemRecorded(TransitionFact):
    """What was learned is recorded."""

    type: Literal["PostMortemRecorded"] = "PostMortemRecorded"


class ReferralRecorded(TransitionFact):
    """What became of the referral is recorded."""

    type: Literal["ReferralRecorded"] = "ReferralRecorded"


class CustomerReturned(TransitionFact):
    """A customer whose relationship was ended is back, or has sent somebody: `about` is the new customer or case."""

    type: Literal["CustomerReturned"] = "CustomerReturned"
    how: Literal["returned", "referred"]


FACTS = (
    TransitionProposed,
    EligibilityAsked,
    TransitionOpened,
    TransitionRefused,
    TransitionReassigned,
    ConditionOverridden,
    EligibilityLost,
    EligibilityRegained,
    PartWritten,
    PlanSubmitted,
    ReviewRequested,
    TeamApproved,
    ChangeRequested,
    ObjectionRaised,
    ObjectionOverruled,
    StandInNamed,
    TeamReviewDue,
    TeamReviewLate,
    ApprovalRequested,
    ApprovalRefused,
    TransitionApproved,
    TalkArranged,
    TalkPrepared,
    TalkHeld,
    TalkDue,
    TransitionAnnounced,
    TransitionChanged,
    NoticeReceived,
    NoticeDue,
    TransitionStalled,
    EndingShared,
    EndingLinkRevoked,
    MilestoneDone,
    MilestoneDue,
    MilestoneLate,
    TransitionWithdrawn,
    TransitionLost,
    TransitionCompleted,
    PostMortemRecorded,
    ReferralRecorded,
    CustomerReturned,
)
