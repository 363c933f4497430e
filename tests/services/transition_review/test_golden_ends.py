"""Ends that were worked out by hand, each with its reasoning in the table."""

from typing import Any

import pytest

from services.transition_review.domain.clauses.ending import NotLawful, earliest_end, latest_receipt, require_lawful
from tests.services.transition_review.written_contracts import TABLE, contract_of, notice_of

CASES = TABLE["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "_"))
def test_the_earliest_end_is_the_one_that_was_worked_out_by_hand(case: dict[str, Any]) -> None:
    contract = contract_of(case["contract"])
    notice = notice_of(case["notice"], contract)
    found = earliest_end(contract, notice)
    assert found.day == case["end"], case["why"]
    if case["end"] is None:
        with pytest.raises(NotLawful, match="No clause of this contract permits an end"):
            require_lawful(contract, notice, notice.received_on)
        return
    assert found.chosen is not None
    assert found.chosen.clause_id == case.get("by", "9.1")
    latest = latest_receipt(contract, notice, case["end"]).day
    assert latest is not None
    assert latest >= notice.received_on


def test_the_table_holds_what_it_is_for() -> None:
    """At least forty cases, each told apart by its name and explained in words."""
    assert len(CASES) >= 40
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert all(len(case["why"].split()) >= 8 for case in CASES)
