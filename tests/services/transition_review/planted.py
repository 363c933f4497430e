"""Cases and transitions in which every text that is not meant for the customer is planted with a sentinel.

What may be told is listed here, path by path; every other field, also one added tomorrow, is taken for internal.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic import BaseModel

from services.transition_review.domain.names import Names
from services.transition_review.domain.transition import Transition
from shared.contracts.plans.case import CaseSnapshot, Expectation

SENTINEL = "SENTINEL"
NUMBER = 987_654_321
ID = f"x {SENTINEL}"
NAMES = Names("Northwind", "Acme", {ID: "Ana Alvarez"}, {ID: "Carla Main"})
TOLD_OF_A_CASE = {
    "expectations.*.target",  # once the other side has heard it; `hide` plants the others
    "expectations.*.text",
    "plan.agreed.terms.commitments.*.what",
    "plan.agreed.terms.purpose",
    "plan.proposed.refusal.why",
    "plan.retired.*.what",
}
COUNTED = re.compile(r"ledger\.(us|customer)\.|number$")
TOLD_OF_A_PLAN = {
    "contract_id",
    "clauses.*.title",
    "currency",
    "items.goodwill.*.what",
    "items.invoices.*.what",
    "items.prepaid.*.what",
    "items.service_credits.*.what",
    "support.export_format",
    "support.hours",
    "support.level",
    "support.proof_of_deletion",
    "place.time_zone",
    "place.country",
    "time_zone",
}
_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


def is_leaked(text: str) -> bool:
    """Tell whether a sentinel is in a text, however it was broken into lines or wrapped into markup."""
    for said in (text.lower(), re.sub(r"<[^>]*>", "", text.lower())):
        if SENTINEL.lower() in re.sub(r"[^a-z]", "", said) or str(NUMBER) in re.sub(r"[^0-9]", "", said):
            return True
    return False


@cache
def cases() -> st.SearchStrategy[CaseSnapshot]:
    """Return cases of all kinds, planted."""
    return _of(CaseSnapshot, "").map(hide)


def hide(case: CaseSnapshot) -> CaseSnapshot:
    """Plant the expectations that the other side has not heard, or that were taken back."""
    return case.model_copy(update={"expectations": tuple(_hidden(one, case) for one in case.expectations)})


def _hidden(one: Expectation, case: CaseSnapshot) -> Expectation:
    promised = {each.expectation_id for each in case.plan.agreed.terms.promises} if case.plan.agreed else set()
    is_known = (one.heard_at or one.expectation_id in promised) and not one.retracted_at
    return one if is_known else one.model_copy(update={"text": SENTINEL, "target": SENTINEL})


def _of(kind: Any, path: str) -> st.SearchStrategy[Any]:
    name = path.rpartition(".")[2]
    if name == "time_zone":
        return st.sampled_from(("Europe/Berlin", "America/New_York", "UTC"))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hints = {one: hint for one, hint in get_type_hints(kind).items() if one in kind.model_fields}
        return st.builds(
            kind.model_construct, **{one: _of(hint, f"{path}.{one}".lstrip(".")) for one, hint in hints.items()}
        )
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(_of(one, path) for one in args if one is not type(None)), st.none())
    if origin is tuple:
        return st.lists(_of(args[0], f"{path}.*"), max_size=3).map(tuple)
    return _plain(kind, path, name)


def _plain(kind: Any, path: str, name: str) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is date:
        return _days
    if kind is datetime:
        return _moments
    if kind in (int, float):
        return st.integers(0, 23) if COUNTED.match(path) or name == "number" else st.just(kind(NUMBER))
    assert kind is str, f"{path} has a type that nothing is planted for: {kind}"
    if name.endswith("_id") or path.endswith("attendees.*"):
        return st.just(ID)
    return st.just("plain words") if path in TOLD_OF_A_CASE else st.just(f"{SENTINEL} {path}")


def planted(transition: Transition) -> Transition:
    """Return a transition in which every text that is ours alone, ids among them, ends with the sentinel."""
    found: Transition = _plant(transition, Transition, "")
    return found


def _plant(thing: Any, hint: Any, path: str) -> Any:
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        hints = get_type_hints(type(thing))
        changed = {
            one.name: _plant(getattr(thing, one.name), hints[one.name], f"{path}.{one.name}".lstrip("."))
            for one in dataclasses.fields(thing)
        }
        return dataclasses.replace(thing, **changed)
    args = [one for one in get_args(hint) if one is not type(None)]
    if isinstance(thing, tuple):
        return tuple(_plant(one, args[min(at, len(args) - 1)] if args[-1] is not ... else args[0], f"{path}.*")
                     for at, one in enumerate(thing))  # fmt: skip
    if isinstance(thing, Mapping):
        return {key: _plant(one, args[-1], path) for key, one in thing.items()}
    is_choice = get_origin(hint) is Literal or any(get_origin(one) is Literal for one in args)
    if not isinstance(thing, str) or is_choice or any(path.endswith(one) for one in TOLD_OF_A_PLAN):
        return thing
    return f"{thing} {SENTINEL}"
