"""The shared terms: recognised by their content alone, changed in the open, and sound before they are proposed."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import (
    Commitment,
    Difference,
    Promise,
    Terms,
    content,
    content_hash,
    differences,
    require_sound,
)
from services.action_plans.store import cases
from tests.services.action_plans.examples import ELIGIBLE, TERMS, version
from tests.services.action_plans.generated import terms

TODAY = date(2026, 3, 6)
ONE_DAY = timedelta(days=1)


def hash_of(one: Terms) -> str:
    return content_hash("acme", "case", one)


def other(value: Any) -> Any:
    """Return another value of the same kind."""
    match value:
        case None:
            return "something"
        case int():
            return value + 1
        case date():
            return value + ONE_DAY
        case "us" | "customer":
            return "customer" if value == "us" else "us"
        case "weekly":
            return "every_two_weeks"
        case str():
            return value + "!"
    raise AssertionError(value)


def changed_by_one_field() -> Iterator[tuple[str, Terms]]:
    """Yield the example with each field changed, one at a time, of the frame, of a promise, of a commitment."""
    for field in fields(Terms):
        if field.name not in {"promises", "commitments"}:
            yield field.name, replace(TERMS, **{field.name: other(getattr(TERMS, field.name))})
    for name, kind in (("promises", Promise), ("commitments", Commitment)):
        first, *rest = getattr(TERMS, name)
        for field in fields(kind):
            changed = replace(first, **{field.name: other(getattr(first, field.name))})
            yield f"{name}.{field.name}", _with(name, changed, *rest)
        yield f"{name} fewer", _with(name, *rest)
        yield f"{name} in another order", _with(name, *rest, first)


def _with(name: str, *things: Any) -> Terms:
    changes: dict[str, Any] = {name: things}
    return replace(TERMS, **changes)


def test_every_shared_field_is_part_of_the_hash() -> None:
    found = {hash_of(TERMS): "as it is"}
    for what, changed in changed_by_one_field():
        assert hash_of(changed) not in found, f"{what} changes nothing"
        found[hash_of(changed)] = what
    assert len(found) > 20


def test_the_hash_is_of_this_customer_and_case_alone() -> None:
    hashes = {content_hash(customer, case, TERMS) for customer in ("acme", "acne") for case in ("case", "cask")}
    assert len(hashes) == 4


def test_the_hash_is_one_that_anybody_can_compute_and_stays_what_it_is() -> None:
    """Of these terms, in ASCII and without fractions, sorted JSON without spaces is what RFC 8785 says."""
    whole = {"customer_id": "acme", "case_id": "case", "terms": content(TERMS)}
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()
    assert hash_of(TERMS) == hashlib.sha256(canonical).hexdigest()
    assert hash_of(TERMS) == "904b5eb33367cc66a4d26b65fe02d06b7c6fe27228c2abe87d29c851a70d2403"


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(one=terms())
def test_the_hash_does_not_depend_on_how_the_terms_were_built(one: Terms) -> None:
    backwards = {field.name: getattr(one, field.name) for field in reversed(fields(Terms))}
    assert hash_of(Terms(**backwards)) == hash_of(one)
    read = msgspec.json.decode(msgspec.json.encode(one), type=Terms)
    assert hash_of(read) == hash_of(one)
    case = replace(ELIGIBLE, plan=replace(ELIGIBLE.plan, agreed=version(one)))
    kept = cases.decode(cases.encode(case)).plan.agreed
    assert kept is not None
    assert hash_of(kept.terms) == hash_of(one)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(one=terms())
def test_nothing_of_the_content_can_be_rounded(one: Terms) -> None:
    def leaves(value: Any) -> Iterator[Any]:
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        if inside is None:
            yield value
        else:
            for item in inside:
                yield from leaves(item)

    assert {type(leaf) for leaf in leaves(content(one))} <= {str, int}


def parts(one: Terms | None) -> dict[tuple[str, str, str], str]:
    """Return every field of terms by (kind, id, field), as a reader of the difference sees it."""
    if one is None:
        return {}
    whole = content(one)
    found = {("plan", "plan", name): str(value) for name, value in whole.items() if not isinstance(value, list)}
    for kind, name, id_ in (("promise", "promises", "expectation_id"), ("commitment", "commitments", "commitment_id")):
        for item in whole[name]:
            found |= {(kind, item[id_], field): str(value) for field, value in item.items() if field != id_}
    return found


def applied(known: dict[tuple[str, str, str], str], changes: tuple[Difference, ...]) -> dict[tuple[str, str, str], str]:
    changed = dict(known)
    for one in changes:
        place = (one.kind, one.what, one.field)
        assert changed.get(place) == one.before
        changed.pop(place, None)
        if one.after is not None:
            changed[place] = one.after
    return changed


@settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))
@given(before=terms(), after=terms())
def test_the_differences_make_one_version_of_the_other(before: Terms, after: Terms) -> None:
    assert applied(parts(before), differences(before, after)) == parts(after)
    assert applied(parts(None), differences(None, after)) == parts(after)
    assert differences(after, after) == ()


def test_equal_ids_of_different_things_are_told_apart() -> None:
    """An expectation and a commitment may be called the same, and one may be called `plan`."""
    promise, commitment = replace(TERMS.promises[0], expectation_id="plan"), TERMS.commitments[0]
    before = replace(TERMS, promises=(promise,), commitments=(replace(commitment, commitment_id="plan"),))
    after = replace(before, purpose="Another one.", promises=(replace(promise, text="Another one."),))
    assert [(one.kind, one.what, one.field) for one in differences(before, after)] == [
        ("plan", "plan", "purpose"),
        ("promise", "plan", "text"),
    ]


def unmet(one: Terms, today: date = TODAY, agreed: Terms | None = None) -> list[str]:
    try:
        require_sound(one, today, agreed)
    except NotPossible as why:
        return [why.code, *why.unmet]
    return []


def test_everything_that_is_missing_is_said_at_once() -> None:
    wrong = replace(
        TERMS,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 1),
        first_review_on=date(2026, 4, 1),
        promises=(),
        commitments=TERMS.commitments[:1],
    )
    assert unmet(wrong) == [
        "not_complete",
        "the time frame ends after today",
        "the time frame ends after it starts",
        "the first review is within the time frame",
        "the first review is within one cadence of the start",
        "the customer has a commitment",
        "an expectation of our side is recorded",
        "an expectation of the customer is recorded",
        "c-us is due within the time frame (2026-03-01 to 2026-03-01)",
        "the time frame starts today or later",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, None),
        ({"starts_on": TODAY, "first_review_on": TODAY + 7 * ONE_DAY}, None),
        ({"starts_on": TODAY - ONE_DAY, "first_review_on": TODAY}, "the time frame starts today or later"),
        ({"first_review_on": date(2026, 3, 17)}, "the first review is within one cadence of the start"),
        ({"first_review_on": date(2026, 3, 23), "cadence": "every_two_weeks"}, None),
        ({"ends_on": TERMS.starts_on + 366 * ONE_DAY}, None),
        ({"ends_on": TERMS.starts_on + 367 * ONE_DAY}, "the time frame is at most 366 days"),
    ],
)
def test_a_frame_at_its_edges(changes: dict[str, Any], said: str | None) -> None:
    assert unmet(replace(TERMS, **changes)) == (["not_complete", said] if said else [])


def test_nothing_new_is_promised_for_a_day_that_has_passed() -> None:
    today = date(2026, 4, 1)
    assert unmet(TERMS, today, agreed=TERMS) == [], "what was agreed may be late by now"
    sooner = replace(TERMS.commitments[0], due_on=today - ONE_DAY)
    assert unmet(replace(TERMS, commitments=(sooner, TERMS.commitments[1])), today, TERMS) == [
        "not_complete",
        "c-us is due today or later",
    ]
    later = replace(sooner, due_on=today)
    assert unmet(replace(TERMS, commitments=(later, TERMS.commitments[1])), today, TERMS) == []
