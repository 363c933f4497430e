"""What came out is followed to its causes, and every way in which it may differ gives its own sentence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

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
SILENT, NOT_KNOWN = "table-bay-plumbing", "with its renewal not known"


def expected_facts() -> tuple[list[Message], list[Mail]]:
    """What the services publish and the catcher has if everything is as it should be."""
    wanted = expectation.load()
    published: list[Message] = [facts.person(person.person_id) for person in PEOPLE]
    mails = []
    for customer in CUSTOMERS:
        name, renews_in = customer.customer_id, None
        case = wanted.cases.get(name)
        if found := wanted.found.get(name):
            renews_in = found.before_renewal[0]
            reasons = [facts.reason(found.reason)] if found.reason else [facts.LOW_USAGE]
            cause = facts.CLOCK if found.by else None
            published.append(facts.risk(name, "risk" if case else "watch", cause=cause, reasons=reasons))
        register = facts.customer(name, customer.name, customer.csm, renews_in=renews_in)
        published += [register, facts.scored(name, wanted.band(name))]
        if case:
            chief = tuple(sorted(case.reasons))
            published += [facts.case(name, case.csm, reasons=chief), facts.notice(name, case.csm)]
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


def test_a_reminder_that_a_notice_tells_of_is_no_difference() -> None:
    published, mails = expected_facts()
    reminder, mail = facts.reminder(NORDLICHT, NAME, ANA)
    assert differences([*published, reminder], [*mails, mail]) == []


def test_a_mail_to_somebody_who_is_not_ours_is_a_difference_whatever_tells_of_it() -> None:
    published, mails = expected_facts()
    reminder, mail = facts.reminder(NORDLICHT, NAME, ANA)
    (sentence,) = differences([*published, reminder], [*mails, replace(mail, to=("eve@elsewhere.example",))])
    assert sentence.startswith("A mail to eve@elsewhere.example")


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
        "Alpenlift Service: was found to be at risk (Usage is at 41% of its usual level); that was not expected.",
        "Alpenlift Service: a case was opened (Usage is at 41% of its usual level); none was expected.",
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
    ("severity", "sentences"),
    [
        ("watch", ["Nordlicht Energie: its case was opened at severity watch; only a risk should open one."]),
        (
            None,
            [
                "Nordlicht Energie: was not found to be at risk; it should have been before its renewal.",
                "Nordlicht Energie: its case does not follow from a risk that was announced.",
            ],
        ),
    ],
)
def test_a_case_without_a_risk_is_a_difference(severity: str | None, sentences: list[str]) -> None:
    published, mails = expected_facts()
    left = without(published, facts.risk(NORDLICHT))
    assert differences([*left, facts.risk(NORDLICHT, severity)] if severity else left, mails) == sentences


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


@pytest.mark.parametrize(
    ("renews_in", "when"), [(-5, "5 days after renewal"), (400, "400 days before renewal"), (None, NOT_KNOWN)]
)
def test_who_is_found_after_the_renewal_or_long_from_where_it_was_expected_differs(
    renews_in: int | None, when: str
) -> None:
    published, mails = expected_facts()
    register = facts.customer(NORDLICHT, NAME, ANA, renews_in=renews_in)
    assert differences([*without(published, register), register], mails) == [
        f"Nordlicht Energie: was found {when}; 108 to 123 days before were expected."
    ]


def test_who_is_not_found_or_without_a_reason_differs() -> None:
    published, mails = expected_facts()
    left = without(published, facts.risk("polderzicht"), facts.risk("sunridge-solar"))
    assert differences([*left, facts.risk("sunridge-solar", "watch", reasons=())], mails) == [
        "Polderzicht Logistiek: was not found to be at risk; it should have been before its renewal.",
        "Sunridge Solar: was found without a reason.",
    ]


def test_a_silent_customer_who_is_not_found_by_the_clock_and_for_its_silence_differs() -> None:
    published, mails = expected_facts()
    by_event = facts.risk(SILENT, reasons=[facts.reason("fast_fall", "The score has fallen")])
    assert differences([*without(published, by_event), by_event], mails) == [
        "Table Bay Plumbing: was found by fast_fall first (The score has fallen); silence was expected.",
        "Table Bay Plumbing: was found by an event; the clock alone should have found it.",
    ]


def test_the_first_risk_counts_as_found_whatever_is_read_first() -> None:
    early = facts.risk(NORDLICHT, reasons=[facts.reason("first")])
    late = facts.risk(NORDLICHT).model_copy(update={"occurred_at": facts.NOW + timedelta(days=3)})
    assert [one.reasons[0].code for one in build([late, early], [], []).found] == ["first"]


def test_what_tells_of_somebody_is_the_evidence_and_not_the_latest_event() -> None:
    risk = facts.risk(NORDLICHT, cause="a/late/invoice", reasons=[facts.reason("nps", "", f"{NORDLICHT}/survey")])
    assert causes_wanted([risk]) == {"a/late/invoice", f"{NORDLICHT}/survey"}
    (found,) = build([risk], [facts.survey(NORDLICHT)], []).found
    assert found.evidence is not None
    assert found.evidence.says == "NPS 2"


def test_who_was_never_announced_counts_in_no_band() -> None:
    outcome = build([facts.scored("stranger", "green")], [], [])
    assert outcome.in_band("green") == []
    assert outcome.unannounced == 1


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
    by_time = facts.risk(NORDLICHT, cause=facts.CLOCK)
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


def test_json_says_who_was_found_how_early_why_and_by_what() -> None:
    risk = facts.risk(NORDLICHT, cause=facts.CLOCK)
    (found,) = as_json(build([facts.customer(NORDLICHT, NAME, ANA, renews_in=83), risk], [], []), [])["found"]
    assert found["days_before_renewal"] == 83
    assert found["by_the_clock"] is True
    assert found["reasons"] == [facts.LOW_USAGE]


def test_a_mail_about_nobody_is_kept_as_such() -> None:
    outcome = build([], [], [Mail("x@y", ("a@b",), "Hello")])
    assert outcome.mails == (replace(outcome.mails[0], customer_id=None, caused_by=()),)
