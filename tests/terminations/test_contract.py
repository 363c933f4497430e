"""The contract terminations.v1: its examples add up, its page says everything, and what it quotes is what is run."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import pytest

from services.transition_review import keeping
from services.transition_review.keeping import Public
from shared.contracts.endings.terminations import FACTS, MilestoneReached, Termination
from shared.contracts.event import Contract
from tests.contracts.examples import CASES, FULL, Example
from tests.terminations.consumers import EXAMPLES
from tests.terminations.told import AT

PAGE = (Path(__file__).parents[2] / "docs/contracts/terminations.md").read_text()
OURS = [one for one in (*FULL, *CASES) if one.kind in FACTS]


@pytest.mark.parametrize("example", [one for one in OURS if "termination" in one.content], ids=str)
def test_the_settlement_of_an_example_adds_up(example: Example) -> None:
    told = Termination.model_validate(example.content["termination"])
    for one in told.settlement:
        sums = {
            part: sum((line.amount for line in one.lines if line.part == part), Decimal(0)) for part in ("net", "tax")
        }
        assert (one.net, one.tax, one.total) == (sums["net"], sums["tax"], sums["net"] + sums["tax"])
        assert one.owed_by == ("us" if one.total > 0 else "customer" if one.total < 0 else "nobody")
        assert {line.currency for line in one.lines} == {one.currency}


def test_examples_show_what_is_easily_got_wrong() -> None:
    told = {example.path.stem: example.content.get("termination", {}) for example in OURS}
    assert len(told["TerminationAnnounced.two_currencies"]["settlement"]) == 2
    assert "clause_id" not in told["TerminationAnnounced.no_clause"]
    assert told["TerminationAnnounced.customer_owes"]["settlement"][0]["owed_by"] == "customer"


def test_the_keys_of_the_examples_are_those_of_the_page() -> None:
    keys = {example.path.stem: example.content["idempotency_key"] for example in FULL if example.kind in FACTS}
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| `(TERMINATION/\S+)` \|$", PAGE, re.MULTILINE))
    assert set(rows) == {kind.__name__ for kind in FACTS}
    for name, form in rows.items():
        content = json.loads((next(one for one in FULL if one.kind.__name__ == name)).body)
        wanted = form.replace("TERMINATION", content["termination_id"]).replace("REVISION", str(content["revision"]))
        assert keys[name] == wanted.replace("MILESTONE", content.get("milestone_id", ""))


def test_the_longest_ids_make_a_key() -> None:
    long: Any = SimpleNamespace(transition_id="t" * 100)
    common = {"customer_id": "c", "correlation_id": "a", "causation_id": "b", "occurred_at": AT}
    more = {"milestone_id": "m" * 100, "kind": "other", "on": date(2026, 6, 30), "evidence": "Done."}
    fact = keeping._public(Public(MilestoneReached, 1, f"milestone/{'m' * 100}", more), long, common)
    assert fact.idempotency_key.endswith("m" * 100)


def test_the_page_names_every_field() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    kinds: set[type[Contract]] = {*FACTS, Termination, *_within(Termination)}
    for kind in kinds:
        assert set(kind.model_fields) <= named, kind.__name__


def test_what_the_page_quotes_is_what_is_run() -> None:
    files = {"python": "consumer.py", "java": "Consumer.java"}
    quoted = re.findall(r"^```(python|java)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert {language for language, _ in quoted} == set(files)
    for language, text in quoted:
        assert text in (EXAMPLES / files[language]).read_text()


def _within(kind: type[Contract]) -> set[type[Contract]]:
    """Return the kinds that a kind is made of."""
    found: set[type[Contract]] = set()
    for field in kind.model_fields.values():
        for part in _parts(field.annotation):
            found |= {part, *_within(part)}
    return found


def _parts(annotation: Any) -> list[type[Contract]]:
    if isinstance(annotation, type) and issubclass(annotation, Contract):
        return [annotation]
    return [part for one in get_args(annotation) for part in _parts(one)]
