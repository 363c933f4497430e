"""What a version of the plan says otherwise than the one before it, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One field that differs. path: from the part down to it; before, after: as texts, None where it was not there."""

    path: tuple[str, ...]
    before: str | None
    after: str | None


def differences(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Return where two JSON values differ, in the order in which they are read.

    Elements of a list that have an id are compared by it, so that one more in front moves nothing; others by place.
    """
    if before == after:
        return
    old, new = _branches(before), _branches(after)
    if old is None and new is None:
        yield Difference(path, _said(before), _said(after))
        return
    old, new = old or {}, new or {}
    for name in dict.fromkeys([*old, *new]):
        yield from differences(old.get(name), new.get(name), (*path, name))


def _branches(value: Any) -> Mapping[str, Any] | None:
    """Return what is below a value by name, None for what has nothing below it."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value):
        ids = [_id(one) for one in value]
        are_ids = None not in ids and len(set(ids)) == len(ids)
        return {str(id_ if are_ids else place): one for place, (id_, one) in enumerate(zip(ids, value, strict=True), 1)}
    return None


def _id(element: Any) -> str | None:
    """Return the id of an element of a list, such as a milestone's."""
    if not isinstance(element, Mapping):
        return None
    return next((str(value) for name, value in element.items() if name.endswith("_id")), None)


def _said(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "yes" if value else "no"
        case str() | int():
            return str(value)
        case _:
            return ", ".join(str(one) for one in value)
