"""What is written of contracts and money reaches the rules whole, and what they say is told whole."""

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from services.transition_review import reckoning
from services.transition_review.domain.clauses.calendar import UnknownPlace
from services.transition_review.domain.clauses.contract import ContractTerms, Notice
from services.transition_review.domain.clauses.ending import earliest_end
from services.transition_review.domain.reckoned import Reckoned
from services.transition_review.domain.settlement.items import SettlementItems
from services.transition_review.domain.settlement.settling import settle
from shared.contracts.endings import clauses, money
from shared.contracts.json_schema import schema_of
from tests.services.transition_review.any_contract import CONTRACTS, NOTICES
from tests.services.transition_review.any_items import DAYS, ITEMS

many = settings(deadline=None, max_examples=60)
CLAUSE = {
    "clause_id": "9.1",
    "title": "Clause 9.1",
    "who": "either",
    "ground": "good_cause",
    "notice": {"count": 3, "unit": "months"},
    "cure": {"count": 30, "unit": "days"},
}
TERMS = {"starts_on": "2026-01-01", "place": {"time_zone": "Europe/Berlin", "country": "DE"}, "clauses": [CLAUSE]}
PAID = {
    "item_id": "a",
    "what": "Licence",
    "currency": "EUR",
    "net": "1200.00",
    "tax": "228.00",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "paid_on": "2026-01-05",
}


@many
@given(contract=CONTRACTS, notice=NOTICES)
def test_contracts_and_notices_arrive_as_they_were_written(contract: ContractTerms, notice: Notice) -> None:
    terms = clauses.ContractTerms.model_validate(asdict(contract))
    assert reckoning.terms_of(clauses.ContractTerms.model_validate_json(terms.model_dump_json())) == contract
    jsonschema.validate(terms.model_dump(mode="json", exclude_none=True), schema_of(clauses.ContractTerms))
    assert reckoning.notice_of(clauses.TerminationNotice.model_validate(asdict(notice))) == notice


@many
@given(contract=CONTRACTS, notice=NOTICES)
def test_an_end_is_told_with_its_whole_derivation(contract: ContractTerms, notice: Notice) -> None:
    found = earliest_end(contract, notice)
    told = reckoning.told_end(found)
    assert told.model_dump()["chosen"] == (_without(asdict(found.chosen), "why") if found.chosen else None)
    others = [_without(asdict(one), "steps") for one in sorted(found.others, key=lambda one: one.day or date.max)]
    assert list(told.model_dump()["others"]) == others
    assert clauses.LawfulEnd.model_validate_json(told.model_dump_json(exclude_none=True)) == told


@many
@given(items=ITEMS, last_day=DAYS)
def test_settlements_are_told_to_the_last_decimal(items: SettlementItems, last_day: date) -> None:
    written = money.SettlementItems.model_validate(asdict(items))
    assert reckoning.items_of(money.SettlementItems.model_validate_json(written.model_dump_json())) == items
    settled = settle(items, last_day)
    told = reckoning.told(Reckoned(settlements=settled)).settlement
    assert [one.model_dump() for one in told] == [asdict(one) for one in settled]
    for one in told:
        assert money.Settlement.model_validate_json(one.model_dump_json()) == one
        jsonschema.validate(one.model_dump(mode="json"), schema_of(money.Settlement))


def _without(whole: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != name}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"starts_on": "1812-01-01"}, "must be a day from 1990-01-01 to 2099-12-31"),
        ({"minimum_term": {"count": 11, "unit": "years"}}, "must be at most 10 years"),
        ({"minimum_term": {"count": 501, "unit": "business_days"}}, "must be at most 500 business days"),
        ({"minimum_term": {"count": -1, "unit": "days"}}, "greater than or equal to 0"),
        ({"minimum_months": 24}, "Extra inputs are not permitted"),
        ({"clauses": [CLAUSE, CLAUSE]}, "must not have two clauses of one clause_id"),
        ({"clauses": [CLAUSE | {"clause_id": "renewal"}]}, "must not be called renewal or own_end"),
        ({"clauses": [CLAUSE | {"ground": "ordinary"}]}, "a cure period needs a breach"),
        ({"clauses": [CLAUSE | {"cure": {"count": 1, "unit": "months"}}]}, "'days' or 'business_days'"),
        ({"clauses": [CLAUSE] * 101}, "at most 100 items"),
        ({"place": {"time_zone": "Europe/Bonn"}}, "must be an IANA time zone"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        clauses.ContractTerms.model_validate(TERMS | changed)


def test_a_place_that_nobody_knows_is_refused_before_anything_is_counted() -> None:
    elsewhere = TERMS | {"place": {"time_zone": "UTC", "country": "ZZ"}}
    with pytest.raises(UnknownPlace, match="The holidays of ZZ are not known"):
        reckoning.terms_of(clauses.ContractTerms.model_validate(elsewhere))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"net": 1200.5}, "never a float"),
        ({"net": "-1"}, "must not be negative"),
        ({"net": "NaN"}, "must be a decimal text"),
        ({"tax": 10**12}, "at most 12 digits"),
        ({"currency": "euro"}, "must be an ISO 4217 code"),
        ({"ends_on": "2025-12-31"}, "must not end before it starts"),
        ({"gross": "1"}, "Extra inputs are not permitted"),
    ],
)
def test_an_item_that_cannot_be_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        money.SettlementItems.model_validate({"prepaid": [PAID | changed]})


def test_items_are_at_most_a_hundred_and_each_is_one_of_a_kind() -> None:
    credit = {"item_id": "a", "what": "Credit", "currency": "EUR", "net": "1"}
    with pytest.raises(ValidationError, match="must not have two items of one item_id"):
        money.SettlementItems.model_validate({"prepaid": [PAID], "goodwill": [credit]})
    some = [credit | {"item_id": f"c{number}"} for number in range(60)]
    others = [credit | {"item_id": f"d{number}"} for number in range(41)]
    with pytest.raises(ValidationError, match="must have at most 100 items in all"):
        money.SettlementItems.model_validate({"goodwill": some, "service_credits": others})
    half = credit | {"starts_on": "2026-01-01"}
    with pytest.raises(ValidationError, match="must have both starts_on and ends_on, or neither"):
        money.SettlementItems.model_validate({"invoices": [half]})


def test_totals_are_decimals_of_at_most_fifteen_digits() -> None:
    assert money.total("199999999999999.80") == Decimal("199999999999999.80")
    for wrong in ("1e3", 1.5, 10**15, "9" * 16, "NaN"):
        with pytest.raises(ValueError, match="must be a decimal text"):
            money.total(wrong)
