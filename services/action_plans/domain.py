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
