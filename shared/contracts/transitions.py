"""What transition_review publishes on transitions.v1, as far as other services follow it."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import DomainEvent
from shared.contracts.fields import Id, Revision

Conditions = Annotated[tuple[Id, ...], Field(max_length=20)]


class TransitionProposed(DomainEvent):
    """Somebody proposes to end the relationship. It pins the case's revision, and asks whether it may be ended.

    overridden: the conditions that an executive has overridden, each with a reason that transition_review keeps.
    """

    type: Literal["TransitionProposed"] = "TransitionProposed"
    transition_id: Id
    case_id: Id
    case_revision: Revision
    overridden: Conditions = ()


class EligibilityAsked(DomainEvent):
    """The same question again, before the last approval."""

    type: Literal["EligibilityAsked"] = "EligibilityAsked"
    transition_id: Id
    case_id: Id
    case_revision: Revision
    overridden: Conditions = ()


class TransitionWithdrawn(DomainEvent):
    """The transition is off: the case goes on as it was before it failed."""

    type: Literal["TransitionWithdrawn"] = "TransitionWithdrawn"
    transition_id: Id
    case_id: Id


class TransitionCompleted(DomainEvent):
    """The relationship has ended."""

    type: Literal["TransitionCompleted"] = "TransitionCompleted"
    transition_id: Id
    case_id: Id
