"""What changed from one version of the shared terms to the next, in words that both sides can read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.terms import Commitment, Promise, Terms

Value = str | int | date | None
Person = Callable[[Side, str], str]
_FRAME = ("purpose", "starts_on", "ends_on", "cadence", "first_review_on", "review_hour")
_PROMISE = ("kind", "text", "norm", "target", "by_day")
_COMMITMENT = ("what", "owner", "due_on", "done_when")


@dataclass(frozen=True)
class Difference:
    """One change. of: the plan's frame, or whose promise or commitment, and what that says; field: what changed in it.

    A thing that came or went has no field: what it said is in `what`.
    """

    of: Literal["frame", "promise", "commitment"]
    how: Literal["added", "removed", "changed"]
    side: Side | None = None
    what: str = ""
    field: str | None = None
    before: Value = None
    after: Value = None


def changes(before: Terms, after: Terms, person: Person) -> tuple[Difference, ...]:
    """Return what changed, in the order in which the terms are read. person: the name of a person of a side."""
    frame = [
        Difference("frame", "changed", None, "", name, getattr(before, name), getattr(after, name))
        for name in _FRAME
        if getattr(before, name) != getattr(after, name)
    ]
    return (
        *frame,
        *_things("promise", before.promises, after.promises, person),
        *_things("commitment", before.commitments, after.commitments, person),
    )


def _things(
    of: Literal["promise", "commitment"],
    before: Sequence[Promise] | Sequence[Commitment],
    after: Sequence[Promise] | Sequence[Commitment],
    person: Person,
) -> list[Difference]:
    known, now = {_id(one): one for one in before}, {_id(one): one for one in after}
    found: list[Difference] = []
    for id_, one in now.items():
        if id_ not in known:
            found.append(Difference(of, "added", one.side, _says(one)))
        elif known[id_] != one:
            found += _fields(of, known[id_], one, person)
    found += [Difference(of, "removed", one.side, _says(one)) for id_, one in known.items() if id_ not in now]
    return found


def _fields(
    of: Literal["promise", "commitment"], before: Promise | Commitment, after: Promise | Commitment, person: Person
) -> list[Difference]:
    names = _PROMISE if isinstance(after, Promise) else _COMMITMENT
    return [
        Difference(
            of, "changed", after.side, _says(after), name, _value(before, name, person), _value(after, name, person)
        )
        for name in names
        if getattr(before, name) != getattr(after, name)
    ]


def _value(one: Promise | Commitment, name: str, person: Person) -> Value:
    value: Any = getattr(one, name)
    return person(one.side, value) if name == "owner" else value


def _id(one: Promise | Commitment) -> str:
    return one.expectation_id if isinstance(one, Promise) else one.commitment_id


def _says(one: Promise | Commitment) -> str:
    return one.text if isinstance(one, Promise) else one.what
