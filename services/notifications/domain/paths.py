"""Paths into a fact: `case.reasons.*.text`, or `case.plan.agreed.terms.commitments[commitment_id=about].what`.

A name goes into a mapping, `*` to every entry of a list, and `[field=path]` chooses the first entry of a list whose
field is what the path, from the top of the fact, leads to.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_STEP = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(\[(?P<field>[a-z][a-z0-9_]*)=(?P<of>[a-z][a-z0-9_]*)\])?|(?P<all>\*)")
MOST_ENTRIES = 50


@dataclass(frozen=True)
class Step:
    """One step of a path. name: None for `*`; field, of: the choice among the entries, None where there is none."""

    name: str | None
    field: str | None = None
    of: str | None = None


@cache
def steps(path: str) -> tuple[Step, ...]:
    """Return the steps of a path; ValueError where it is none."""
    found = []
    for word in path.split("."):
        step = _STEP.fullmatch(word)
        if step is None:
            raise ValueError(f"is no path into a fact at {word!r}: such as case.reasons.*.text")
        found.append(Step(step["name"], step["field"], step["of"]))
    if found[0].name is None:
        raise ValueError("begins with a field of the fact, not with *")
    return tuple(found)


def find(fact: Mapping[str, Any], path: str) -> Any:
    """Return what the path leads to, None where there is nothing; a list where it goes through `*`."""
    return _walk(fact, fact, steps(path))


def _walk(at: Any, fact: Mapping[str, Any], way: tuple[Step, ...]) -> Any:
    for place, step in enumerate(way):
        if step.name is None:
            entries = at if isinstance(at, list | tuple) else ()
            found = [_walk(one, fact, way[place + 1 :]) for one in entries[:MOST_ENTRIES]]
            return [one for one in found if one is not None]
        at = at.get(step.name) if isinstance(at, Mapping) else None
        if step.field is not None:
            wanted = fact.get(step.of or "")
            at = next((one for one in at or () if isinstance(one, Mapping) and one.get(step.field) == wanted), None)
        if at is None:
            return None
    return at
