"""Cases in which every text that is not meant for the customer is planted with a sentinel.

What may be shown is listed here, path by path; every other field of a case, also one that is added tomorrow, is taken
for internal: its texts hold the sentinel, its numbers are odd ones that nothing else has.
"""

import dataclasses
import types
import typing
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from services.action_plans.domain.case import Case
from services.action_plans.domain.names import Names
from services.action_plans.domain.terms import Terms

SENTINEL = "SENTINEL"
NUMBER = 987_654_321
VERSION = {
    "acceptances.*.side",
    "acceptances.*.at",
    "agreed_at",
    "content_hash",
    "number",
    "proposed_at",
    "refusal.at",
    "refusal.why",
    "terms.cadence",
    "terms.commitments.*.done_when",
    "terms.commitments.*.due_on",
    "terms.commitments.*.side",
    "terms.commitments.*.what",
    "terms.ends_on",
    "terms.first_review_on",
    "terms.promises.*.by_day",
    "terms.promises.*.kind",
    "terms.promises.*.norm",
    "terms.promises.*.side",
    "terms.promises.*.target",
    "terms.promises.*.text",
    "terms.purpose",
    "terms.review_hour",
    "terms.starts_on",
}
SHOWN = {
    *(f"plan.proposed.{path}" for path in VERSION),
    *(f"plan.agreed.{path}" for path in VERSION),
    *(f"plan.retired.*.{name}" for name in ("done_when", "due_on", "side", "what")),
    "comments.*.text",
    "decisions.*.text",  # of a review that was held; `hide` plants the others
    "progress.*.cause",
    "progress.*.evidence",
    "progress.*.undeliverable.cause",  # once it was told; `hide` plants the others
    "reviews.*.decided.*",
    "reviews.*.results.*.note",
}
IDS = {
    "commitment_id": ("a", "b", "c"),
    "stakeholder_id": ("a", "b"),
    "expectation_id": ("a", "b"),
    "review_id": ("a", "b"),
    "owner": ("ana", "carla", "nobody"),
    "person_id": ("ana", "carla", "nobody"),
    "contact_id": ("carla", "nobody"),
    "csm": ("ana", "nobody"),
}
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")
NAMES = Names("Northwind", "Acme", {f"{SENTINEL} ana": "Ana Alvarez"}, {f"{SENTINEL} carla": "Carla Main"})
_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
_moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
_words = st.sampled_from(
    ("plain", "<b>a</b> & \"b\" 'c'", "{{ a }} {% b %}", "eine Größe\nand another line", "a" * 300)
)


@cache
def cases() -> st.SearchStrategy[Case]:
    """Return cases of all kinds, planted."""
    return _of(Case, "").map(hide)


@cache
def terms() -> st.SearchStrategy[Terms]:
    """Return the terms of a former version, planted."""
    return _of(Terms, "plan.agreed.terms")


def hide(case: Case) -> Case:
    """Plant what is shown only under a condition, where the condition does not hold."""
    held = {one.review_id for one in case.reviews if one.state == "held"}
    decisions = tuple(
        one if one.review_id in held else dataclasses.replace(one, text=f"{SENTINEL} {one.text}")
        for one in case.decisions
    )
    progress = tuple(
        dataclasses.replace(
            one, undeliverable=dataclasses.replace(one.undeliverable, cause=f"{SENTINEL} {one.undeliverable.cause}")
        )
        if one.undeliverable is not None and one.undeliverable.told_at is None
        else one
        for one in case.progress
    )
    return dataclasses.replace(case, decisions=decisions, progress=progress)


def _of(kind: Any, path: str) -> st.SearchStrategy[Any]:
    name = path.rpartition(".")[2]
    if name == "time_zone":
        return st.sampled_from(ZONES)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{one: _of(hint, f"{path}.{one}".lstrip(".")) for one, hint in hints.items()})
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(args)
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(_of(one, path) for one in args if one is not type(None)), st.none())
    if origin is tuple:
        return st.lists(_of(args[0], f"{path}.*"), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(_of(args[0], f"{path}.commitment_id"), _of(args[1], f"{path}.*"), max_size=3)
    return _plain(kind, path, name)


def _plain(kind: Any, path: str, name: str) -> st.SearchStrategy[Any]:
    if kind is bool:
        return st.booleans()
    if kind is date:
        return _days
    if kind is datetime:
        return _moments
    if kind is int:
        return st.integers(0, 23) if path in SHOWN else st.just(NUMBER)
    if kind is float:
        return st.just(float(NUMBER))
    assert kind is str, f"{path} has a type that nothing is planted for: {kind}"
    if path.endswith("content_hash"):
        return st.sampled_from(("a" * 64, "b" * 64))
    name = "stakeholder_id" if path.endswith("attendees.*") else name
    if name in IDS:
        return st.sampled_from(IDS[name]).map(lambda id_: f"{SENTINEL} {id_}")
    return _words if path in SHOWN else st.just(f"{SENTINEL} {path}")  # nothing is drawn that nobody sees


def moments() -> st.SearchStrategy[datetime]:
    """Return moments within, before and after what the cases are about."""
    return _moments.map(lambda at: at + timedelta(days=30))
