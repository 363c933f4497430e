"""The rules of a case: opened by a risk or by hand, at most one open per customer, ended by a decision of people."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Reason:
    """Why the customer is at risk, in words that a CSM can say aloud."""

    code: str
    text: str


@dataclass(frozen=True)
class Case:
    """A case; `revision` grows by one with every change. episode_id: the episode of risk behind it, if any."""

    case_id: str
    customer_id: str
    revision: int
    state: Literal["open", "dismissed"]
    opened_at: datetime
    episode_id: str | None
    reasons: tuple[Reason, ...]
    csm: str | None


@dataclass(frozen=True)
class Person:
    """One of our people as the rules need to know them."""

    person_id: str
    roles: frozenset[str]
    active: bool


class NotAllowed(Exception):
    """The person may not do this; the text says who may."""


class NotPossible(Exception):
    """The case does not allow this now; the text says why."""


def open_case(  # the facts that a case begins with
    case_id: str,
    customer_id: str,
    reasons: tuple[Reason, ...],
    *,
    episode_id: str | None,
    csm: str | None,
    now: datetime,
) -> Case:
    """Open a case."""
    return Case(case_id, customer_id, 1, "open", now, episode_id, reasons, csm)


def update_risk(case: Case, episode_id: str, reasons: tuple[Reason, ...]) -> Case | None:
    """Return the case with the risk as it is now, None if nothing of it is new."""
    if (case.episode_id, case.reasons) == (episode_id, reasons):
        return None
    return replace(case, revision=case.revision + 1, episode_id=episode_id, reasons=reasons)


def dismiss(case: Case) -> Case:
    """End a case that needs no plan. After that only a new episode opens one. Raises NotPossible."""
    if case.state != "open":
        raise NotPossible("The case is not open.")
    return replace(case, revision=case.revision + 1, state="dismissed")


def require_right(person: Person | None, *, csm: str | None) -> None:
    """Raise NotAllowed unless the person is active and the customer's CSM, a manager, an executive or an admin."""
    if person is None or not person.active:
        raise NotAllowed("Only an active person of the company may do this.")
    if person.person_id != csm and not person.roles & {"manager", "executive", "admin"}:
        raise NotAllowed("Only the customer's CSM, a manager, an executive or an admin may do this.")
