"""What the teams say of a version, and who is waited for."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import rfc8785

from services.transition_review.domain.parts import PartName
from services.transition_review.domain.policy import TeamRule

Says = Literal["approve", "change", "object"]
Standing = Literal["waiting", "approved", "change_requested", "objected", "overruled"]


@dataclass(frozen=True)
class Opinion:
    """What a team said. seen: the hash of the parts that concern it, as they were; stands_in: for the team."""

    team: str
    by: str
    says: Says
    version: int
    seen: str
    at: datetime
    why: str = ""
    stands_in: bool = False
    overruled_by: str | None = None
    overruled_why: str | None = None


@dataclass(frozen=True)
class StandIn:
    """Somebody who answers for a team until a moment."""

    team: str
    person: str
    until: datetime
    why: str
    by: str


@dataclass(frozen=True)
class TeamReview:
    """Where a team stands on the version that waits. since: when it began to be waited for.

    has_written: who approved for it has written on the plan, so that it counts no more.
    """

    team: str
    standing: Standing
    since: datetime
    opinion: Opinion | None = None
    has_written: bool = False


def seen(rule: TeamRule, of_parts: Mapping[PartName, str]) -> str:
    """Return the hash of everything that concerns a team."""
    return hashlib.sha256(rfc8785.dumps({name: of_parts.get(name, "") for name in rule.parts})).hexdigest()


def review_of(
    rule: TeamRule,
    opinions: Sequence[Opinion],
    of_parts: Mapping[PartName, str],
    since: datetime,
    authors: Collection[str],
) -> TeamReview:
    """Return where a team stands: its last word counts while what concerns it is as it was then.

    An objection stands whatever changes, until the team approves or an executive overrules it. Nobody's approval or
    ruling counts who has written on the plan, before or since.
    since: when it was first asked about its parts as they are.
    """
    last = next((one for one in reversed(opinions) if one.team == rule.team), None)
    if last is None:
        return TeamReview(rule.team, "waiting", since)
    fresh = last.seen == seen(rule, of_parts)
    if last.says == "object":
        overruled = fresh and last.overruled_by is not None and last.overruled_by not in authors
        return TeamReview(rule.team, "overruled" if overruled else "objected", since, last)
    if not fresh:
        return TeamReview(rule.team, "waiting", since, last)
    if last.says != "approve":
        return TeamReview(rule.team, "change_requested", since, last)
    has_written = last.by in authors
    return TeamReview(rule.team, "waiting" if has_written else "approved", since, last, has_written)
