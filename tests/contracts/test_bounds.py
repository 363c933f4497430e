"""What people write into a case is bounded, field by field: nobody fills a record, a page or a mail with one text."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.action_plans.domain import review, terms
from services.action_plans.handlers import involving, opening, progressing, talking
from shared.contracts.json_schema import schemas_of
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.topics import ACTION_PLANS_COMMANDS, NOTES, PLANS, RELEASES, TRANSITIONS

SCHEMAS = {
    name: schema
    for topic in (PLANS, NOTES, RELEASES, TRANSITIONS, ACTION_PLANS_COMMANDS)
    for kind in topic.types
    for name, schema in schemas_of(kind).items()
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_text_whole_number_and_list_is_bounded(name: str) -> None:
    assert list(_unbounded(SCHEMAS[name], name)) == []


def _unbounded(part: Any, where: str) -> Iterator[str]:
    """Yield where a schema takes a text, number or list of any size."""
    bounds = {"string": {"maxLength", "const", "enum"}, "array": {"maxItems"}, "integer": {"maximum"}}
    if isinstance(part, list):
        for one in part:
            yield from _unbounded(one, where)
    if not isinstance(part, dict):
        return
    kind = part.get("type")  # of a list of properties: the property of that name
    wanted = bounds.get(kind, set()) if isinstance(kind, str) else set()
    if wanted and not wanted & part.keys() and not _is_of_one_size(part):
        yield where
    for name, inner in part.items():
        yield from _unbounded(inner, f"{where}/{name}")


def _is_of_one_size(part: dict[str, Any]) -> bool:
    """Tell whether a text's pattern allows one length, or a few: a day, a time, a hash, a currency."""
    pattern = str(part.get("pattern", "*"))
    return part.get("format") in {"date", "date-time"} or not re.search(r"[*+]|\{[0-9]*,\}", pattern)


def test_a_rule_lets_in_no_more_than_the_contract_carries() -> None:
    """Or a decision could be made that nobody can be told of."""
    whole = schemas_of(CaseSnapshot)["CaseSnapshot"]
    parts = whole["definitions"]

    def most(name: str, of: str | None = None) -> int:
        bounds = (parts[of] if of else whole)["properties"][name]
        return int((bounds["anyOf"][0] if "anyOf" in bounds else bounds)["maxItems"])

    assert most("reasons") == opening.MOST_REASONS
    assert most("stakeholders") == involving.MOST_STAKEHOLDERS
    assert most("views", "Stakeholder") == involving.MOST_VIEWS
    assert most("sentiments") == involving.MOST_SENTIMENTS
    assert most("conversations") == talking.MOST_CONVERSATIONS
    assert most("expectations") == most("promises", "Terms") == talking.MOST_EXPECTATIONS
    assert most("commitments", "Terms") == most("commitments", "Baseline") == terms.MOST_COMMITMENTS
    assert most("retired", "Plan") == most("progress") == terms.MOST_EVER
    assert most("decisions") == progressing.MOST_DECISIONS
    assert most("reviews") == review.MOST_REVIEWS + review.MOST_AHEAD
