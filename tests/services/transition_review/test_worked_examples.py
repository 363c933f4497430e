"""The worked examples of docs/architecture/ending-dates-and-money.md say what the calculators say."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.transition_review import reckoning
from services.transition_review.domain.clauses.ending import NotLawful, earliest_end, require_lawful
from services.transition_review.domain.settlement.settling import settle
from shared.contracts.endings import clauses, money

PAGE = Path(__file__).parents[3] / "docs" / "architecture" / "ending-dates-and-money.md"


def example(title: str) -> tuple[dict[str, Any], list[list[str]], list[str]]:
    """Return what goes into the example under a heading, the rows of its table, and what is quoted."""
    part = PAGE.read_text().split(f"\n## {title}\n")[1].split("\n### A worked example\n")[1].split("\n## ")[0]
    block = re.search(r"```yaml\n(.*?)```", part, re.DOTALL)
    assert block is not None
    lines = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    quoted = [" ".join(said.replace("> ", "").split("\n")) for said in re.findall(r"(?:^> .*\n)+", part, re.MULTILINE)]
    return yaml.safe_load(block[1]), lines[2:], [said.strip() for said in quoted]


def test_the_example_of_an_end_is_derived_as_the_page_says() -> None:
    written, rows, (other, refused) = example("Dates")
    contract = reckoning.terms_of(clauses.ContractTerms.model_validate(written["contract"]))
    notice = reckoning.notice_of(clauses.TerminationNotice.model_validate(written["notice"]))
    found = earliest_end(contract, notice)
    assert found.chosen is not None
    steps = found.chosen.steps
    assert [[f"`{s.rule}`", str(s.from_day), str(s.to_day), s.sentence] for s in steps] == rows
    assert [f"{one.title}: {one.why}" for one in found.others] == [other]
    with pytest.raises(NotLawful) as too_early:
        require_lawful(contract, notice, date(2027, 2, 28))
    assert too_early.value.why == refused


def test_the_example_of_a_settlement_comes_to_what_the_page_says() -> None:
    written, rows, quoted = example("Money")
    items = reckoning.items_of(money.SettlementItems.model_validate(written["items"]))
    settled = settle(items, written["last_day"])
    lines = [line for one in settled for line in one.lines]
    assert [[f"`{line.kind}`", line.part, f"{line.amount} {line.currency}", line.how] for line in lines] == rows
    assert [one.sentence for one in settled] == quoted
