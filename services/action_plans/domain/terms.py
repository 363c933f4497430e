"""The shared terms of a joint plan: what both sides agree to, and by which content a version is recognised."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import rfc8785

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.refusal import NotPossible

Cadence = Literal["weekly", "every_two_weeks"]
CADENCE_DAYS: Mapping[Cadence, int] = {"weekly": 7, "every_two_weeks": 14}
Kind = Literal["plan", "promise", "commitment"]
LONGEST_FRAME = 366  # days
MOST_COMMITMENTS = 200
MOST_EVER = 400  # commitments of a case, those of earlier versions included


@dataclass(frozen=True)
class Promise:
    """An expectation as both sides read it in the plan."""

    expectation_id: str
    side: Side
    kind: ExpectationKind
    text: str
    norm: str | None = None
    target: str | None = None
    by_day: date | None = None


@dataclass(frozen=True)
class Commitment:
    """What one side will do: one owner, a due day in the customer's time zone, and how both see that it is done."""

    commitment_id: str
    side: Side
    what: str
    owner: str
    due_on: date
    done_when: str


@dataclass(frozen=True)
class Terms:
    """Everything that both sides agree to; nothing private. ends_on: the last day of the time frame."""

    purpose: str
    starts_on: date
    ends_on: date
    cadence: Cadence
    first_review_on: date
    review_hour: int
    promises: tuple[Promise, ...]
    commitments: tuple[Commitment, ...]


@dataclass(frozen=True)
class Difference:
    """One change from one version to the next. what: "plan", or the id of a promise or commitment, as `kind` says."""

    what: str
    field: str
    before: str | None
    after: str | None
    kind: Kind = "plan"


def content(terms: Terms) -> dict[str, Any]:
    """Return the terms as JSON values: days as ISO dates, absent fields left out, order as both sides read it."""
    return _plain(asdict(terms))  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def content_hash(customer_id: str, case_id: str, terms: Terms) -> str:
    """Return what the terms are recognised by: SHA-256, hexadecimal, of their canonical JSON (RFC 8785).

    The customer and the case are part of it, so that no signature fits another customer's equal plan.
    """
    return hash_of_content(customer_id, case_id, content(terms))


def hash_of_content(customer_id: str, case_id: str, terms: Any) -> str:
    """Return what terms are recognised by that are JSON values already."""
    whole: dict[str, Any] = {"customer_id": customer_id, "case_id": case_id, "terms": terms}
    return hashlib.sha256(rfc8785.dumps(whole)).hexdigest()


def require_sound(terms: Terms, today: date, agreed: Terms | None = None, before: Iterable[str] = ()) -> None:
    """Raise NotPossible with everything that keeps these terms from being proposed.

    agreed: those that they would take the place of. before: what is missing besides.
    """
    unmet = [
        *before,
        *_unmet_of_frame(terms, today),
        *(f"{side} has a commitment" for side in _sides_without(terms.commitments)),
        *(f"an expectation of {side} is recorded" for side in _sides_without(terms.promises)),
    ]
    unmet += [
        f"{one.commitment_id} is due within the time frame ({terms.starts_on} to {terms.ends_on})"
        for one in terms.commitments
        if not terms.starts_on <= one.due_on <= terms.ends_on
    ]
    unmet += _unmet_of_what_is_new(terms, today, agreed)
    if unmet:
        raise NotPossible("not_complete", "The plan cannot be proposed yet.", *unmet)


def _unmet_of_what_is_new(terms: Terms, today: date, agreed: Terms | None) -> list[str]:
    """Nobody promises anything for a day that has passed; what was agreed before may have begun, and be late."""
    unmet = ["the time frame starts today or later"] if agreed is None and terms.starts_on < today else []
    known = {one.commitment_id: one.due_on for one in agreed.commitments} if agreed else {}
    unmet += [
        f"{one.commitment_id} is due today or later"
        for one in terms.commitments
        if one.due_on < today and one.due_on != known.get(one.commitment_id)
    ]
    return unmet


def _unmet_of_frame(terms: Terms, today: date) -> list[str]:
    unmet = []
    if terms.ends_on <= today:
        unmet.append("the time frame ends after today")
    if not terms.starts_on < terms.ends_on:
        unmet.append("the time frame ends after it starts")
    elif (terms.ends_on - terms.starts_on).days > LONGEST_FRAME:
        unmet.append(f"the time frame is at most {LONGEST_FRAME} days")
    if not terms.starts_on <= terms.first_review_on <= terms.ends_on:
        unmet.append("the first review is within the time frame")
    if (terms.first_review_on - terms.starts_on).days > CADENCE_DAYS[terms.cadence]:
        unmet.append("the first review is within one cadence of the start")
    return unmet


def _sides_without(things: tuple[Commitment, ...] | tuple[Promise, ...]) -> list[str]:
    there = {thing.side for thing in things}
    return [name for side, name in (("us", "our side"), ("customer", "the customer")) if side not in there]


def differences(before: Terms | None, after: Terms) -> tuple[Difference, ...]:
    """Return what changed, field by field, in the order in which both sides read the terms."""
    was, now = _parts(before) if before else {}, _parts(after)
    found = []
    for kind, what in dict.fromkeys([*now, *was]):
        earlier, later = was.get((kind, what), {}), now.get((kind, what), {})
        found += [
            Difference(what, field, earlier.get(field), later.get(field), kind)
            for field in dict.fromkeys([*earlier, *later])
            if earlier.get(field) != later.get(field)
        ]
    return tuple(found)


def _parts(terms: Terms) -> dict[tuple[Kind, str], dict[str, str]]:
    whole = content(terms)
    parts: dict[tuple[Kind, str], dict[str, str]] = {
        ("plan", "plan"): {key: str(value) for key, value in whole.items() if not isinstance(value, list)}
    }
    lists: tuple[tuple[Kind, str, str], ...] = (
        ("promise", "promises", "expectation_id"),
        ("commitment", "commitments", "commitment_id"),
    )
    for kind, name, id_ in lists:
        for one in whole[name]:
            parts[kind, one[id_]] = {key: str(value) for key, value in one.items() if key != id_}
    return parts
