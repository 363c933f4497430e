"""The shared terms of a joint plan: what both sides agree to, and by which content a version is recognised."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import rfc8785

from services.action_plans.domain.conversation import Side
from services.action_plans.domain.expectation import ExpectationKind
from services.action_plans.domain.refusal import NotPossible

Cadence = Literal["weekly", "every_two_weeks"]
CADENCE_DAYS: Mapping[Cadence, int] = {"weekly": 7, "every_two_weeks": 14}
LONGEST_FRAME = 366  # days
MOST_COMMITMENTS = 200


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
    """One change from one version to the next. what: a field of the terms, or the id of a promise or commitment."""

    what: str
    field: str
    before: str | None
    after: str | None


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


def require_sound(terms: Terms, today: date) -> None:
    """Raise NotPossible with everything that keeps these terms from being proposed."""
    unmet = [
        *_unmet_of_frame(terms, today),
        *(f"{side} has a commitment" for side in _sides_without(terms.commitments)),
        *(f"an expectation of {side} is recorded" for side in _sides_without(terms.promises)),
    ]
    unmet += [
        f"{one.commitment_id} is due within the time frame ({terms.starts_on} to {terms.ends_on})"
        for one in terms.commitments
        if not terms.starts_on <= one.due_on <= terms.ends_on
    ]
    if unmet:
        raise NotPossible("not_complete", "The plan cannot be proposed yet.", *unmet)


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
    found = []
    for what, fields in _parts(after).items():
        earlier = _parts(before).get(what, {}) if before else {}
        found += [
            Difference(what, field, earlier.get(field), fields.get(field))
            for field in dict.fromkeys([*earlier, *fields])
            if earlier.get(field) != fields.get(field)
        ]
    for what, fields in (_parts(before) if before else {}).items():
        if what not in _parts(after):
            found += [Difference(what, field, value, None) for field, value in fields.items()]
    return tuple(found)


def _parts(terms: Terms) -> dict[str, dict[str, str]]:
    whole = content(terms)
    parts = {"plan": {key: str(value) for key, value in whole.items() if not isinstance(value, list)}}
    for name, id_ in (("promises", "expectation_id"), ("commitments", "commitment_id")):
        for one in whole[name]:
            parts[one[id_]] = {key: str(value) for key, value in one.items() if key != id_}
    return parts
