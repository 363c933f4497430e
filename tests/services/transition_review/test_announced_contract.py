"""A contract that upstream announced is offered in the words of our rules; what is written otherwise is told."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transition_review import reckoning
from services.transition_review.domain.clauses.announced import AnnouncedContract, CannotOffer, differences
from services.transition_review.domain.clauses.contract import Clause, Notice, Renewal, Span, Term
from services.transition_review.domain.clauses.ending import earliest_end
from services.transition_review.store import known
from shared.contracts.endings.clauses import ContractTerms
from shared.contracts.upstream import CustomerContract
from shared.database import Pool
from tests.contracts.examples import BY_TYPE
from tests.services.transition_review import steps
from tests.services.transition_review.workshop import Bench

pytestmark = pytest.mark.schema("transition_review")
GOLDEN: dict[str, Any] = BY_TYPE["CustomerChanged"].content["contract"]
PLAIN = {"contract_id": "contract-1", "starts_on": "2024-01-01", "auto_renews": False}


def kept(**told: Any) -> AnnouncedContract:
    """Return a contract as it is kept of what upstream announces."""
    contract = CustomerContract.model_validate({**PLAIN, **told})
    text = contract.model_dump_json(exclude=known.NOT_OF_ITS_END, exclude_none=True)
    return msgspec.json.decode(text, type=AnnouncedContract)


def clause(**told: Any) -> dict[str, Any]:
    """Return a clause: either side, for convenience, in a month."""
    usual = {
        "clause_id": "7.1",
        "who_may_end": "both",
        "reason": "convenience",
        "notice": {"amount": 1, "unit": "months"},
    }
    return {**usual, **told}


def test_the_golden_contract_says_all_in_our_words() -> None:
    offer = reckoning.offered(kept(**GOLDEN), "Europe/Paris")
    assert offer.contract_id == "NW-2024"
    terms = offer.terms
    assert (terms.starts_on, terms.place.country, terms.place.subdivision) == (date(2024, 7, 1), "FR", "57")
    assert terms.term == Term(24, Renewal(12, Span(90, "days")))
    assert (terms.minimum_term, terms.billing_day) == (Span(12, "months"), 1)
    assert terms.clauses == (
        Clause(
            "7.1",
            "Ordinary termination",
            "either",
            "ordinary",
            Span(3, "months"),
            "quarter",
            not_before=date(2025, 7, 1),
        ),
        Clause("7.3", "Clause 7.3", "us", "non_payment", Span(14, "days"), cure=Span(30, "days")),
    )
    assert offer.remarks == ("who may stop its renewal is not announced: it is taken to be either side",)


@pytest.mark.parametrize(
    ("told", "remark"),
    [
        ({"ends_on": "2024-12-31", "auto_renews": True}, "no notice against its renewal is announced"),
        ({"ends_on": "2024-12-31", "auto_renews": True}, "it is taken to be 12 months"),
        ({"ends_on": "2024-12-30", "term_months": 12}, "announced to end on 2024-12-30"),
        ({"clauses": [clause(cure_days=30)]}, "the cure period is left out"),
        ({"clauses": [clause(reason="abuse")]}, "that is a good cause here"),
        ({"clauses": [clause(clause_id="§ 7")]}, "clause number 1 is called clause-1 here"),
        ({"clauses": [clause(clause_id="renewal")]}, "is called clause-1 here"),
        ({"clauses": [clause(), clause()]}, "is called clause-2 here"),
        ({"clauses": [clause(clause_id="clause-2"), clause(clause_id="§")]}, "is called clause-2x here"),
        ({}, "no country is announced"),
    ],
)
def test_what_is_assumed_is_said(told: dict[str, Any], remark: str) -> None:
    remarks = reckoning.offered(kept(**told), "Europe/Berlin").remarks
    assert [one for one in remarks if remark in one], remarks


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"auto_renews": True}, "no end of a term is announced"),
        ({"ends_on": "2024-12-15"}, "are no whole months"),
        ({"ends_on": "2023-12-31"}, "are no whole months"),
        ({"ends_on": "2099-12-31"}, "term"),
        ({"starts_on": "1889-01-01"}, "starts_on"),
        ({"starts_on": "9999-12-31", "ends_on": "9999-12-31"}, "starts_on"),
        ({"country": "XX"}, "XX"),
        ({"clauses": [clause(notice={"amount": 3650, "unit": "weeks"})]}, "520 weeks"),
    ],
)
def test_what_cannot_be_offered_says_why(told: dict[str, Any], why: str) -> None:
    with pytest.raises(CannotOffer, match=why):
        reckoning.offered(kept(**told), "Europe/Berlin")


DAYS = st.none() | st.dates() | st.dates(date(2020, 1, 1), date(2027, 12, 31))
MONTHS = st.none() | st.integers(1, 120)
CONTRACTS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    starts_on=DAYS.filter(bool),
    ends_on=DAYS,
    auto_renews=st.booleans(),
    renewal_notice_days=st.none() | st.integers(0, 3650),
    term_months=MONTHS,
    renewal_months=MONTHS,
    minimum_term_months=MONTHS,
    billing_day=st.none() | st.integers(1, 31),
    country=st.sampled_from([None, "DE", "FR", "ZZ"]),
    clauses=st.lists(
        st.builds(
            clause,
            clause_id=st.sampled_from(["7.1", "7.2", "renewal", "own_end", "clause-1", "§ 1", "=1"]),
            who_may_end=st.sampled_from(["customer", "us", "both"]),
            reason=st.sampled_from(["convenience", "breach", "non_payment", "abuse"]),
            notice=st.builds(
                dict,
                amount=st.integers(0, 3650),
                unit=st.sampled_from(["days", "business_days", "weeks", "months", "years"]),
                to_end_of=st.sampled_from([None, "month", "billing_month", "quarter", "half_year", "term"]),
            ),
            cure_days=st.none() | st.integers(0, 3650),
            not_before=DAYS,
        ),
        max_size=3,
    ),
)


@given(CONTRACTS)
def test_an_offer_is_accepted_as_it_is_or_there_is_none(told: dict[str, Any]) -> None:
    try:
        offer = reckoning.offered(kept(**told), "Europe/Berlin")
    except CannotOffer:
        return
    written = ContractTerms.model_validate(json.loads(reckoning.told_terms(offer.terms).model_dump_json()))
    assert reckoning.terms_of(written) == offer.terms
    assert differences(offer.terms, offer.terms) == ()


def test_the_end_of_an_announced_contract_is_derived() -> None:
    """Worked by hand: notice received on 10 March 2026, three months to the end of a quarter: 30 June 2026."""
    terms = reckoning.offered(kept(**GOLDEN), "Europe/Paris").terms
    end = earliest_end(terms, Notice(date(2026, 3, 10)))
    assert end.chosen is not None
    assert (end.chosen.clause_id, end.chosen.day) == ("7.1", date(2026, 6, 30))


def test_differences_are_named() -> None:
    announced = reckoning.offered(kept(**GOLDEN), "Europe/Paris").terms
    first, second = announced.clauses
    another = replace(second, clause_id="9")
    written = replace(announced, term=None, clauses=(replace(first, notice=Span(1, "months"), title="x"), another))
    assert differences(written, announced) == (
        "term",
        "clause 7.3: left out",
        "clause 9: not announced",
        "clause 7.1: notice",
    )
    unannounced = replace(announced, minimum_term=None, billing_day=None)
    assert differences(announced, unannounced) == ()


async def test_a_contract_that_was_never_announced_is_refused(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    written = steps.parts(bench)["WriteContracts"]["contracts"]
    bench.now = bench.now.replace(hour=10)
    await bench.tell_customer(contract={**PLAIN, "contract_id": "contract-9"})
    await bench.refused("WriteContracts", "unknown_contract", contracts=written)
    await bench.done("WriteContracts", contracts={**written, "contract_id": "contract-9"})


async def test_terms_that_differ_are_written_and_told(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    written = steps.parts(bench)["WriteContracts"]["contracts"]
    bench.now = bench.now.replace(hour=10)
    told = clause(clause_id="c-12", notice={"amount": 3, "unit": "months", "to_end_of": "month"})
    await bench.tell_customer(contract={**PLAIN, "clauses": [told]})
    await bench.done("WriteContracts", contracts=written)
    fact = (await bench.published())[-1]
    assert (fact["type"], fact["differs"]) == ("PartWritten", ["clause c-12: notice"])
    details = await pool.fetchval("SELECT details FROM record WHERE kind = 'PartWritten' ORDER BY number DESC LIMIT 1")
    assert json.loads(details)["differs"] == ["clause c-12: notice"]


async def test_terms_as_announced_differ_in_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await steps.opened(bench)
    written = steps.parts(bench)["WriteContracts"]["contracts"]
    bench.now = bench.now.replace(hour=10)
    told = clause(clause_id="c-12", notice={"amount": 2, "unit": "months", "to_end_of": "month"})
    await bench.tell_customer(contract={**PLAIN, "clauses": [told]})
    await bench.done("WriteContracts", contracts=written)
    assert (await bench.published())[-1]["differs"] == []


async def test_an_older_announcement_that_comes_late_changes_no_contract(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.tell_customer(contract={**PLAIN, "contract_id": "new"})
    bench.now = bench.now.replace(hour=8)
    await bench.tell_customer(contract={**PLAIN, "contract_id": "old"})
    text = await pool.fetchval("SELECT contract FROM customers WHERE customer_id = 'acme'")
    assert msgspec.json.decode(text, type=AnnouncedContract).contract_id == "new"


async def test_of_a_contract_only_what_its_end_depends_on_is_kept(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.tell_customer(contract=GOLDEN)
    text = await pool.fetchval("SELECT contract FROM customers WHERE customer_id = 'acme'")
    assert not {"invoices", "service_credits"} & set(json.loads(text))
