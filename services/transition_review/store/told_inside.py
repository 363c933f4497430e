"""Who of ours was told of an ending, as its record has it: whoever was asked, named or brought in, however long ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec

from shared.database import Transaction

_ASKED = frozenset({"ReviewRequested", "TeamReviewDue", "TeamReviewLate"})  # the team that `about` names
_OWNED = frozenset({"MilestoneDue", "MilestoneLate"})  # the team of the milestone
_NAMED: Mapping[str, str] = MappingProxyType(  # where the details name people
    {"StandInNamed": "person", "TalkArranged": "speakers", "TalkHeld": "speakers", "TransitionReassigned": "before"}
)
_ALL_EXECUTIVES = frozenset({"ApprovalRequested", "ApprovalRefused", "ObjectionRaised", "ConditionOverridden"})


@dataclass(frozen=True)
class Inside:
    """teams and people: by id, in the order in which they were told; executives: whether all of them were."""

    teams: tuple[str, ...]
    people: tuple[str, ...]
    executives: bool


async def find(tx: Transaction, transition_id: str) -> Inside:
    """Return who was told until now."""
    teams: list[str] = []
    people: list[str] = []
    rows = await tx.fetch(
        "SELECT kind, about, details FROM record WHERE transition_id = $1 AND kind = ANY($2::text[]) ORDER BY number",
        transition_id,
        [*_ASKED, *_OWNED, *_NAMED, *_ALL_EXECUTIVES, "TransitionApproved"],
    )
    for row in rows:
        kind, details = row["kind"], msgspec.json.decode(row["details"], type=dict[str, Any])
        if kind in _ASKED:
            teams.append(row["about"])
        elif kind in _OWNED:
            teams.append(details["team"])
        elif kind in _NAMED:
            named = details.get(_NAMED[kind]) or []
            people += [named] if isinstance(named, str) else named
        elif kind == "TransitionApproved":
            people.append(row["about"])
    executives = any(row["kind"] in _ALL_EXECUTIVES for row in rows)
    return Inside(tuple(dict.fromkeys(teams)), tuple(dict.fromkeys(people)), executives)
