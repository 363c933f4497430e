"""What action_plans publishes on plans.v1, and the commands that it takes."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import Contract, CustomerCommand, DomainEvent
from shared.contracts.fields import Id, Moment, PersonalLine, PersonalText, Revision
from shared.contracts.health import Reason

CaseState = Literal["open", "dismissed"]


class CaseSnapshot(Contract):
    """A case after the change that the event tells of; `revision` grows by one with every change."""

    case_id: Id
    revision: Revision
    state: CaseState
    opened_at: Moment
    episode_id: Id | None = None
    reasons: tuple[Reason, ...]
    csm: Id | None = None


class CaseOpened(DomainEvent):
    """A case was opened for the customer: by a risk, or by hand (then `opened_by` is the person)."""

    type: Literal["CaseOpened"] = "CaseOpened"
    case: CaseSnapshot
    opened_by: Id | None = None


class CaseUpdated(DomainEvent):
    """The risk behind an open case has changed."""

    type: Literal["CaseUpdated"] = "CaseUpdated"
    case: CaseSnapshot


class CaseDismissed(DomainEvent):
    """The case was dismissed by a person, with a reason."""

    type: Literal["CaseDismissed"] = "CaseDismissed"
    case: CaseSnapshot
    dismissed_by: Id
    reason: PersonalText


class OpenCase(CustomerCommand):
    """Open a case by hand."""

    type: Literal["OpenCase"] = "OpenCase"
    reason: PersonalLine


class DismissCase(CustomerCommand):
    """End an open case that needs no plan."""

    type: Literal["DismissCase"] = "DismissCase"
    case_id: Id
    reason: Annotated[PersonalText, Field(min_length=1)]
