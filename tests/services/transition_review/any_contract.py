"""Any contract and any notice, for tests that must hold for all of them."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from services.transition_review.domain.clauses.contract import (
    Cause,
    Clause,
    ContractTerms,
    Notice,
    Place,
    Renewal,
    Span,
    Term,
)

DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2028, 2, 29), date(2027, 11, 30), date(2027, 3, 31)]
)
PLACES = st.sampled_from(
    [Place("Europe/Berlin", "DE"), Place("America/New_York", "US"), Place("Asia/Riyadh", "SA"), Place("UTC")]
)
SHORT = st.one_of(
    st.builds(Span, st.integers(0, 40), st.just("days")), st.builds(Span, st.integers(0, 15), st.just("business_days"))
)
SPANS = st.one_of(
    SHORT,
    st.builds(Span, st.integers(0, 8), st.just("weeks")),
    st.builds(Span, st.integers(0, 7), st.just("months")),
    st.builds(Span, st.integers(0, 1), st.just("years")),
)
CLAUSES = st.builds(
    Clause,
    clause_id=st.uuids().map(str),
    title=st.just("Clause"),
    who=st.sampled_from(["us", "either", "either", "customer"]),
    ground=st.sampled_from(["ordinary", "ordinary", "good_cause", "non_payment"]),
    notice=SPANS,
    counted_to=st.sampled_from(
        ["day", "month", "billing_month", "quarter", "half_year", "calendar_year", *["term"] * 5]
    ),
    form=st.just("any"),
    cure=st.none() | SHORT,
    not_before=st.none() | DAYS,
    despite_minimum_term=st.booleans(),
).map(lambda clause: clause if clause.ground != "ordinary" else _without_cure(clause))
RENEWALS = st.builds(Renewal, months=st.integers(1, 13), opt_out=SPANS)
TERMS = st.builds(Term, months=st.integers(1, 25), renewal=st.one_of(st.none(), RENEWALS, RENEWALS, RENEWALS))
CONTRACTS = st.builds(
    ContractTerms,
    starts_on=st.dates(date(2024, 1, 1), date(2026, 1, 31)) | st.sampled_from([date(2024, 2, 29), date(2024, 8, 31)]),
    place=PLACES,
    clauses=st.lists(CLAUSES, max_size=3).map(tuple),
    term=st.one_of(st.none(), TERMS, TERMS),
    minimum_term=st.none() | SPANS,
    billing_day=st.none() | st.integers(1, 31),
    first_day=st.sampled_from(["after_receipt", "receipt"]),
    notice_rolls=st.booleans(),
    cure_rolls=st.booleans(),
)
CAUSES = st.builds(Cause, st.sampled_from(["good_cause", "non_payment"]), st.none() | DAYS)
NOTICES = st.builds(
    Notice,
    received_on=DAYS,
    by=st.sampled_from(["us", "us", "customer"]),
    form=st.just("written"),
    causes=st.lists(CAUSES, max_size=3).map(tuple),
)


def _without_cure(clause: Clause) -> Clause:
    return replace(clause, cure=None)
