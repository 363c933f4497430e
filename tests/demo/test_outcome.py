"""What came out is followed to its causes, and every way in which it may differ gives its own sentence."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from amicable.demo import expectation
from amicable.demo.as_json import as_json
from amicable.demo.compare import compare
from amicable.demo.customers import CUSTOMERS
from amicable.demo.mailbox import Mail
from amicable.demo.outcome import Outcome, build, causes_wanted
from amicable.demo.people import PEOPLE
from shared.contracts.event import Message
from shared.contracts.health import RiskUpdated
from tests.demo import facts

NORDLICHT, NAME, ANA = "nordlicht-energie", "Nordlicht Energie", "ana.ruiz"


def expected_facts() -> tuple[list[Message], list[Mail]]:
    """What the services publish and the catcher has if everything is as it should be."""
    wanted = expectation.load()
    published: list[Message] = [facts.person(person.person_id) for person in PEOPLE]
    mails = []
    for customer in CUSTOMERS:
        name = customer.customer_id
        published += [facts.customer(name, customer.name, customer.csm), facts.scored(name, wanted.band(name))]
        if case := wanted.cases.get(name):
            reasons = tuple(sorted(case.reasons))
            published += [facts.risk(name), facts.case(name, case.csm, reasons=reasons), facts.notice(name, case.csm)]
            mails.append(facts.mail(name, customer.name, case.csm))
    return published, mails


def differences(published: Sequence[Message], mails: Sequence[Mail]) -> list[str]:
    return compare(build(published, [], mails), expectation.load())


def without(published: Sequence[Message], *gone: Message) -> list[Message]:
    ids = {fact.event_id for fact in gone}
    return [fact for fact in published if fact.event_id not in ids]


def test_what_is_expected_differs_in_nothing() -> None:
    assert differences(*expected_facts()) == []


def test_a_mail_that_was_not_caught_is_missed_though_its_notice_says_sent() -> None:
    published, mails = expected_facts()
    left = [mail for mail in mails if mail.subject != f"Action needed: {NAME}"]
    assert differences(published, left) == [
        "Nordlicht Energie: no mail reached Ana Ruiz about its case; one was expected."
    ]


def test_a_second_mail_about_one_case_is_a_difference() -> None:
    published, mails = expected_facts()
    assert differences(published, [*mails, facts.mail(NORDLICHT, NAME, ANA)]) == [
        "Nordlicht Energie: 2 mails reached Ana Ruiz about its case; one was expected."
    ]


def test_a_mail_to_somebody_else_is_a_difference() -> None:
    published, mails = expected_facts()
    stray = Mail("x@y", ("jonas.weber@brightwater.example",), "Action needed: Alpenlift Service")
    (sentence,) = differences(published, [*mails, stray])
    assert sentence == (
        "A mail to jonas.weber@brightwater.example with the subject “Action needed: Alpenlift Service” was caught; "
        "it was not expected."
    )


def test_a_mail_that_no_notice_tells_of_is_a_difference() -> None:
    published, mails = expected_facts()
    assert differences(without(published, facts.notice(NORDLICHT, ANA)), mails) == [
        "Nordlicht Energie: a mail reached Ana Ruiz, but no notice says that it is about its case."
    ]


def test_a_case_that_was_not_opened_is_a_difference() -> None:
    published, mails = expected_facts()
    left = without(published, facts.case(NORDLICHT, ANA), facts.notice(NORDLICHT, ANA))
    assert differences(left, [mail for mail in mails if NAME not in mail.subject]) == [
        "Nordlicht Energie: no case was opened; one was expected.",
        "Nordlicht Energie: no mail reached Ana Ruiz about its case; one was expected.",
    ]


def test_a_second_case_is_a_difference() -> None:
    published, mails = expected_facts()
    second = facts.case(
        NORDLICHT, ANA, case_id="c2", reasons=("usage_level", "usage_trend", "meetings_called_off", "nps")
    )
    assert differences([*published, second], mails) == ["Nordlicht Energie: 2 cases were opened; one was expected."]


def test_a_case_of_somebody_well_is_a_difference() -> None:
    published, mails = expected_facts()
    assert differences([*published, facts.risk("alpenlift"), facts.case("alpenlift", "jonas.weber")], mails) == [
        "Alpenlift Service: a case was opened (Usage is at 41% of its usual level); none was expected."
    ]


def test_other_reasons_and_another_owner_are_differences() -> None:
    published, mails = expected_facts()
    other = facts.case(NORDLICHT, "jonas.weber", reasons=("payment",))
    chief = "meetings_called_off, nps, usage_level, usage_trend"
    assert differences([*without(published, other), other], mails) == [
        f"Nordlicht Energie: the reasons of its case are payment; {chief} should be among them.",
        "Nordlicht Energie: its case belongs to Jonas Weber; Ana Ruiz was expected.",
    ]


@pytest.mark.parametrize(
    ("severity", "sentence"),
    [
        ("watch", "Nordlicht Energie: its case was opened at severity watch; only a risk should open one."),
        (None, "Nordlicht Energie: its case does not follow from a risk that was announced."),
    ],
)
def test_a_case_without_a_risk_is_a_difference(severity: str | None, sentence: str) -> None:
    published, mails = expected_facts()
    left = without(published, facts.risk(NORDLICHT))
    assert differences([*left, facts.risk(NORDLICHT, severity)] if severity else left, mails) == [sentence]


def test_another_band_no_score_and_a_stranger_are_differences() -> None:
    published, mails = expected_facts()
    left = without(published, facts.scored("alpenlift", "green"))
    changed = [facts.scored(NORDLICHT, "yellow", score="51.00", revision=2), facts.scored("stranger", "green")]
    assert differences([*left, *changed], mails) == [
        "Nordlicht Energie: is yellow (51.00); red was expected.",
        "Alpenlift Service: has no score; green was expected.",
        "stranger: is green (46.31); there should be no such customer.",
    ]


def test_the_latest_score_counts_whatever_arrives_last() -> None:
    outcome = build([facts.scored("a", "red", revision=3), facts.scored("a", "green", revision=2)], [], [])
    assert [scored.band for scored in outcome.customers] == ["red"]


def one_case() -> Outcome:
    published = [
        facts.person(ANA),
        facts.customer(NORDLICHT, NAME, ANA),
        facts.scored(NORDLICHT, "red"),
        facts.risk(NORDLICHT, kind=RiskUpdated),
        facts.case(NORDLICHT, ANA),
        facts.notice(NORDLICHT, ANA),
    ]
    return build(published, [facts.survey(NORDLICHT)], [facts.mail(NORDLICHT, NAME, ANA)])


def test_a_mail_is_followed_to_the_event_that_began_it_all() -> None:
    outcome = one_case()
    assert [link.type for link in outcome.mails[0].caused_by] == [
        "NoticeSent", "CaseOpened", "RiskUpdated", "SurveyAnswered",
    ]  # fmt: skip
    assert [link.says for link in outcome.cases[0].caused_by] == ["Usage is at 41% of its usual level", "NPS 2"]


def test_the_causes_of_risks_are_what_is_looked_for() -> None:
    assert causes_wanted([facts.risk("a"), facts.case("b", None), facts.scored("c", "red")]) == {"a/survey"}


def test_a_cause_that_is_not_there_ends_the_chain() -> None:
    by_time = facts.risk(NORDLICHT).model_copy(update={"causation_id": "clock:2026-11-26T18:00:00+00:00"})
    for cause, kind in ((by_time, "clock"), (facts.risk(NORDLICHT), "unknown")):
        outcome = build([cause, facts.case(NORDLICHT, ANA)], [], [])
        assert [link.type for link in outcome.cases[0].caused_by] == ["RiskDetected", kind]


def test_json_holds_the_whole_outcome() -> None:
    told = as_json(one_case(), ["something"])
    assert told["as_expected"] is False
    assert told["bands"] == {"green": 0, "yellow": 0, "red": 1, "unknown": 0}
    assert told["cases"][0]["first_reason"] == "Usage is at 41% of its usual level"
    assert told["cases"][0]["caused_by"][0]["event_id"] == f"{NORDLICHT}/risk"
    assert told["mails"][0]["caused_by"][-1]["occurred_at"] == "2026-11-26T18:00:00+00:00"


def test_a_mail_about_nobody_is_kept_as_such() -> None:
    outcome = build([], [], [Mail("x@y", ("a@b",), "Hello")])
    assert outcome.mails == (replace(outcome.mails[0], customer_id=None, caused_by=()),)
