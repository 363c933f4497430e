"""What holds of every end, whatever the contract says."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transition_review.domain.clauses.calendar import UnknownPlace, in_words, require_known
from services.transition_review.domain.clauses.contract import Clause, ContractTerms, Notice, Place, Span, Term
from services.transition_review.domain.clauses.ending import (
    NotLawful,
    earliest_end,
    latest_receipt,
    recommend,
    require_lawful,
)
from services.transition_review.domain.clauses.way import own_end, renewal_as_clause, way
from tests.services.transition_review.any_contract import CLAUSES, CONTRACTS, DAYS, NOTICES, PLACES, SPANS
from tests.services.transition_review.ends_day_by_day import first_day_that_keeps_every_rule

NEVER = date.max
DAY = timedelta(days=1)
many = settings(deadline=None, max_examples=100)


def day_of(contract: ContractTerms, notice: Notice) -> date:
    """Return the earliest end, and for none a day after all others."""
    return earliest_end(contract, notice).day or NEVER


@many
@given(contract=CONTRACTS, clause=CLAUSES, notice=NOTICES)
def test_the_end_is_the_first_day_that_keeps_every_rule_of_the_clause(
    contract: ContractTerms, clause: Clause, notice: Notice
) -> None:
    assert way(contract, clause, notice).day == first_day_that_keeps_every_rule(clause, contract, notice)


@many
@given(contract=CONTRACTS, notice=NOTICES)
def test_the_earliest_of_all_ways_is_taken_and_the_others_say_why_not(contract: ContractTerms, notice: Notice) -> None:
    found = earliest_end(contract, notice)
    stop, by_itself = renewal_as_clause(contract), own_end(contract)
    ends = [
        first_day_that_keeps_every_rule(one, contract, notice) for one in (*contract.clauses, *([stop] if stop else []))
    ]
    days = [*(end for end in ends if end), *([by_itself.day] if by_itself and by_itself.day else [])]
    assert found.day == min(days, default=None)
    assert len(found.others) + (found.chosen is not None) == len(contract.clauses) + bool(stop) + bool(by_itself)
    assert found.chosen is None or found.chosen.why is None
    assert all(one.why for one in found.others)


@many
@given(contract=CONTRACTS, notice=NOTICES, days=st.integers(0, 400))
def test_a_later_receipt_or_warning_never_gives_an_earlier_end(
    contract: ContractTerms, notice: Notice, days: int
) -> None:
    later = replace(notice, received_on=notice.received_on + timedelta(days=days))
    assert day_of(contract, later) >= day_of(contract, notice)
    told_later = tuple(
        replace(cause, notified_on=cause.notified_on + timedelta(days=days)) if cause.notified_on else cause
        for cause in notice.causes
    )
    assert day_of(contract, replace(notice, causes=told_later)) >= day_of(contract, notice)


@many
@given(contract=CONTRACTS, clause=CLAUSES, notice=NOTICES, more=st.integers(1, 40))
def test_longer_periods_never_give_an_earlier_end(
    contract: ContractTerms, clause: Clause, notice: Notice, more: int
) -> None:
    def end(clause: Clause = clause, contract: ContractTerms = contract) -> date:
        return way(contract, clause, notice).day or NEVER

    def longer(span: Span) -> Span:
        return replace(span, count=span.count + more)

    assert end(replace(clause, notice=longer(clause.notice))) >= end()
    if clause.cure:
        assert (
            end(replace(clause, cure=longer(clause.cure))) >= end() >= end(replace(clause, despite_minimum_term=True))
        )
        assert end() >= end(replace(clause, cure=None))
    if clause.not_before:
        assert end(replace(clause, not_before=clause.not_before + timedelta(days=more))) >= end()
    if contract.minimum_term:
        assert end(contract=replace(contract, minimum_term=longer(contract.minimum_term))) >= end()
    if contract.term and contract.term.renewal:
        renewal = replace(contract.term.renewal, opt_out=longer(contract.term.renewal.opt_out))
        assert end(contract=replace(contract, term=replace(contract.term, renewal=renewal))) >= end()


@many
@given(contract=CONTRACTS, clause=CLAUSES, notice=NOTICES)
def test_another_clause_never_gives_a_later_end(contract: ContractTerms, clause: Clause, notice: Notice) -> None:
    more = replace(contract, clauses=(*contract.clauses, clause))
    assert day_of(more, notice) <= day_of(contract, notice)


@many
@given(contract=CONTRACTS, notice=NOTICES)
def test_each_step_begins_where_the_one_before_arrived(contract: ContractTerms, notice: Notice) -> None:
    found = earliest_end(contract, notice)
    for one in (*([found.chosen] if found.chosen else []), *found.others):
        assert bool(one.steps) == (one.day is not None)
        assert all(before.to_day == step.from_day for before, step in zip(one.steps, one.steps[1:], strict=False))
        assert all(step.from_day <= step.to_day for step in one.steps)
        if one.steps:
            assert one.steps[-1].to_day == one.day
            assert all(in_words(step.to_day) in step.sentence or step.from_day == step.to_day for step in one.steps)


@many
@given(contract=CONTRACTS, notice=NOTICES, wanted=DAYS)
def test_until_when_a_notice_is_received_agrees_with_where_it_leads(
    contract: ContractTerms, notice: Notice, wanted: date
) -> None:
    latest = latest_receipt(contract, notice, wanted).day
    if latest is None:
        assert day_of(contract, replace(notice, received_on=contract.starts_on)) > wanted
        return
    assert latest <= wanted
    assert day_of(contract, replace(notice, received_on=latest)) <= wanted
    assert latest == wanted or day_of(contract, replace(notice, received_on=latest + DAY)) > wanted


@many
@given(contract=CONTRACTS, notice=NOTICES, proposed=DAYS)
def test_an_end_before_the_earliest_is_refused_and_no_other(
    contract: ContractTerms, notice: Notice, proposed: date
) -> None:
    found = earliest_end(contract, notice)
    earliest, steps = found.day, found.chosen.steps if found.chosen else ()
    if earliest is not None and proposed >= earliest:
        assert require_lawful(contract, notice, proposed) == found
        return
    with pytest.raises(NotLawful) as refused:
        require_lawful(contract, notice, proposed)
    assert refused.value.earliest == earliest
    assert refused.value.step == next((step for step in steps if step.to_day > proposed), None)
    if earliest is None:
        assert len(refused.value.unmet) == len(found.others)
    else:
        assert refused.value.step is not None
        assert in_words(earliest) in refused.value.why
        assert refused.value.step.name in refused.value.why


@many
@given(told_on=DAYS, needed=SPANS, proposed=DAYS, place=PLACES)
def test_the_time_that_the_customer_needs_is_a_recommendation_and_refuses_nothing(
    told_on: date, needed: Span, proposed: date, place: Place
) -> None:
    advice = recommend(told_on, needed, proposed, place)
    assert advice.kept == (proposed >= advice.day)
    assert in_words(advice.day) in advice.sentence


def test_a_refusal_is_one_sentence_that_names_the_step_and_the_earliest_end() -> None:
    clause = Clause("9.1", "Clause 9.1", "us", "ordinary", Span(3, "months"), "quarter")
    contract = ContractTerms(date(2026, 1, 1), Place("Europe/Berlin", "DE"), (clause,))
    notice = Notice(date(2027, 1, 15))
    with pytest.raises(NotLawful) as within_the_notice:
        require_lawful(contract, notice, date(2027, 4, 14))
    assert within_the_notice.value.why == (
        "The last day 14 April 2027 is too early: by Clause 9.1, the notice period leads to 15 April 2027, and the "
        "earliest lawful end is 30 June 2027."
    )
    with pytest.raises(NotLawful, match="the period to whose end the clause counts leads to 30 June 2027"):
        require_lawful(contract, notice, date(2027, 6, 29))
    assert require_lawful(contract, notice, date(2027, 6, 30)).day == date(2027, 6, 30)


def test_a_fixed_term_needs_no_notice() -> None:
    contract = ContractTerms(date(2026, 1, 1), Place("UTC"), (), term=Term(12))
    found = latest_receipt(contract, Notice(date(2026, 5, 1)), date(2027, 1, 31))
    assert found.day == date(2027, 1, 31)
    assert found.sentence == (
        "No notice is needed: The contract was made for 12 months from 1 January 2026: nothing renews it, so it ends "
        "on 31 December 2026."
    )


def test_others_say_when_and_why_they_are_later() -> None:
    clauses = (
        Clause("9.1", "Clause 9.1", "us", "ordinary", Span(1, "months")),
        Clause("9.2", "Clause 9.2", "us", "ordinary", Span(6, "weeks")),
        Clause("9.3", "Clause 9.3", "customer", "ordinary", Span(1, "days")),
        Clause("9.4", "Clause 9.4", "us", "good_cause", Span(1, "days")),
        Clause("9.5", "Clause 9.5", "either", "ordinary", Span(28, "days")),
    )
    contract = ContractTerms(date(2026, 1, 1), Place("UTC"), clauses)
    found = earliest_end(contract, Notice(date(2027, 2, 1)))
    assert found.chosen is not None
    assert [found.chosen.title, found.day] == ["Clause 9.1", date(2027, 3, 1)]
    assert [(one.title, one.day, one.why) for one in found.others] == [
        (
            "Clause 9.2",
            date(2027, 3, 15),
            "It leads to 15 March 2027, 14 days later than by Clause 9.1, by the notice period.",
        ),
        ("Clause 9.3", None, "It is the customer's right, not ours."),
        ("Clause 9.4", None, "It asks for good cause, and none is recorded."),
        ("Clause 9.5", date(2027, 3, 1), "It leads to the same day, 1 March 2027."),
    ]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (Place("UTC", "XX"), "The holidays of XX are not known: leave the country out to count weekends."),
        (Place("UTC", "DE", "XX"), "DE has no subdivision XX: "),
        (Place("UTC", None, "BY"), "The subdivision BY needs its country: give both, or neither."),
    ],
)
def test_a_place_whose_holidays_nobody_knows_is_refused(place: Place, why: str) -> None:
    with pytest.raises(UnknownPlace, match=why):
        require_known(place)
