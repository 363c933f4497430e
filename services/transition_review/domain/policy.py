"""The rules for who reviews: which teams, of which parts, by when. Kept as versioned YAML."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from services.transition_review.domain.parts import PartName

Reason = Literal["always", "money_moves", "clause_used", "refund_over_limit", "condition_overridden", "data_handled"]


@dataclass(frozen=True)
class TeamRule:
    """A team reviews if any reason holds. parts: those whose change resets it; days: working days that it has."""

    team: str
    when: tuple[Reason, ...]
    parts: tuple[PartName, ...]
    days: int


@dataclass(frozen=True)
class RefundLimit:
    """Up to this recurring revenue a year, refunds over the limit need legal; up_to None: the rest."""

    currency: str
    up_to: Decimal | None
    limit: Decimal


@dataclass(frozen=True)
class Policy:
    """remind_days: working days before a team's deadline; escalate_days: after it, to its managers.

    country: whose public holidays are no working days (ISO 3166), None for none.
    """

    name: str
    version: int
    teams: tuple[TeamRule, ...]
    refund_limits: tuple[RefundLimit, ...]
    remind_days: int
    escalate_days: int
    country: str | None = None

    def team(self, name: str) -> TeamRule:
        """Return the rule of a team; LookupError where the policy does not know it."""
        for one in self.teams:
            if one.team == name:
                return one
        raise LookupError(name)

    def limit(self, currency: str, recurring_a_year: Decimal) -> Decimal | None:
        """Return how much may be refunded without more ado; None where nothing is said of this currency."""
        fitting = [
            one
            for one in self.refund_limits
            if one.currency == currency and (one.up_to is None or recurring_a_year <= one.up_to)
        ]
        return min((one.limit for one in fitting), default=None)

    def required(self, reasons: Iterable[Reason]) -> tuple[TeamRule, ...]:
        """Return the teams that have to review a plan of which these reasons hold."""
        holding = set(reasons)
        return tuple(one for one in self.teams if holding & set(one.when))
