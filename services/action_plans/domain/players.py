"""The key players of both sides: who they are, how each sees it, and what stands in for an executive who stays away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.refusal import NotPossible

StakeholderRole = Literal["main", "executive", "sponsor", "affected"]
EXECUTIVE = frozenset({"executive", "sponsor"})
DISAGREE = 2  # points of fit between the lowest and the highest view


@dataclass(frozen=True)
class View:
    """How one player sees it. fit: 1 (we do not fit at all) to 5 (we fit very well); sentiment: the same scale."""

    fit: int
    sentiment: int
    wants: str
    on: date


@dataclass(frozen=True)
class Stakeholder:
    """A player. person_id: a contact of customers.v1, or one of our people."""

    stakeholder_id: str
    side: Side
    role: StakeholderRole
    person_id: str
    views: tuple[View, ...] = ()


@dataclass(frozen=True)
class Attempt:
    """When and how somebody tried to bring an executive in."""

    on: date
    how: str


@dataclass(frozen=True)
class ExecutiveException:
    """Going on without an executive contact, in writing: asked for by the CSM, allowed by a manager."""

    asked_by: str
    asked_at: datetime
    attempts: tuple[Attempt, ...]
    why: str
    allowed_by: str | None = None
    allowed_at: datetime | None = None
    manager_says: str | None = None


def is_executive(player: Stakeholder) -> bool:
    """Tell whether this is an executive-level contact of the customer."""
    return player.side == "customer" and player.role in EXECUTIVE


def fit_spread(players: Iterable[Stakeholder]) -> int:
    """Return how far the newest views of fit lie apart, 0 to 4; from DISAGREE on they disagree."""
    newest = [max(reversed(player.views), key=lambda view: view.on).fit for player in players if player.views]
    return max(newest) - min(newest) if newest else 0


def add_view(player: Stakeholder, fit: int, sentiment: int, wants: str, on: date, today: date) -> Stakeholder:
    """Keep how the player sees it; earlier views stay."""
    if on > today:
        raise NotPossible("in_the_future", "A view cannot be of a day that is ahead.", "the day has come")
    return replace(player, views=(*player.views, View(fit, sentiment, wants, on)))


def ask_exception(by: str, attempts: Sequence[Attempt], why: str, today: date, now: datetime) -> ExecutiveException:
    """Ask to go on without an executive contact: when and how they were tried, and why it failed."""
    if not attempts:
        raise NotPossible("not_tried", "Nobody has tried to reach an executive yet.", "attempts are named")
    if any(attempt.on > today for attempt in attempts):
        raise NotPossible("in_the_future", "An attempt cannot be ahead.", "attempts have happened")
    return ExecutiveException(by, now, tuple(sorted(attempts, key=lambda one: one.on)), why)


def allow_exception(known: ExecutiveException | None, by: str, says: str, now: datetime) -> ExecutiveException:
    """A manager allows it in writing; never for a request of their own."""
    if known is None:
        raise NotPossible("not_asked", "Nobody has asked for this exception.", "the exception was asked for")
    if known.allowed_by is not None:
        raise NotPossible("no_change", "The exception is allowed already.", "it is not yet allowed")
    if known.asked_by == by:
        raise NotPossible("own_request", "Nobody allows a request of their own.", "another person allows it")
    return replace(known, allowed_by=by, allowed_at=now, manager_says=says)
