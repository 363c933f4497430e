"""What a version says otherwise than the one before: every field, each by its place, nothing else."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.transition_review.domain.differences import Difference, differences

PLAN: dict[str, Any] = {
    "timeline": {
        "last_day": "2026-06-30",
        "milestones": [
            {"milestone_id": "m-1", "what": "Refund paid", "due_on": "2026-06-30"},
            {"milestone_id": "m-2", "what": "Data", "due_on": "2026-06-30"},
        ],
    },
    "referral": {"alternatives": ["one", "two"], "introduction_offered": False},
}


def test_one_more_element_in_front_moves_nothing() -> None:
    after = copy.deepcopy(PLAN)
    after["timeline"]["milestones"].insert(0, {"milestone_id": "m-0", "what": "Access"})
    assert list(differences(PLAN, after)) == [
        Difference(("timeline", "milestones", "m-0", "milestone_id"), None, "m-0"),
        Difference(("timeline", "milestones", "m-0", "what"), None, "Access"),
    ]


def test_flags_and_lists_of_words_are_said_as_words() -> None:
    after = {**PLAN, "referral": {"alternatives": ["two"], "introduction_offered": True}}
    assert [(one.before, one.after) for one in differences(PLAN, after)] == [("one, two", "two"), ("no", "yes")]


def test_elements_of_the_same_id_are_compared_by_their_place() -> None:
    before = [{"item_id": "a", "net": "1"}, {"item_id": "a", "net": "2"}]
    after = [{"item_id": "a", "net": "1"}, {"item_id": "a", "net": "3"}]
    assert list(differences(before, after)) == [Difference(("2", "net"), "2", "3")]


texts = st.text(max_size=3)
values: st.SearchStrategy[Any] = st.recursive(
    texts | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(texts, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_the_same_differs_in_nothing(value: Any) -> None:
    assert list(differences(value, copy.deepcopy(value))) == []


@given(st.dictionaries(texts, texts, min_size=1), texts)
def test_a_changed_field_is_named_once(fields: dict[str, str], other: str) -> None:
    name = next(iter(fields))
    found = list(differences(fields, {**fields, name: other}))
    assert found == ([] if fields[name] == other else [Difference((name,), fields[name], other)])
