"""Every letter: neutral outside, the same in text and HTML, with the next step and its link; and nothing leaks."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
from jinja2 import UndefinedError

from services.notifications.letters import letter, saying
from services.notifications.letters.catalogue import UNKNOWN, WHY_YOU, entries
from services.notifications.letters.letter import Letter
from tests.contracts.examples import BY_TYPE, Example
from tests.services.notifications.letters.letters_of import (
    ANA,
    AROUND,
    BRIEFING,
    FOR_CONTACTS,
    RELEASED,
    briefing,
    every_letter,
    template,
    told,
    told_examples,
    whole,
    with_others,
)
from tests.services.notifications.letters.reading import read

LETTERS = dict(every_letter())
OURS = {name: one for name, one in LETTERS.items() if entries()[name].you}
ASKED_FOR = [
    "risk_detected",
    "risk_updated",
    "risk_cleared",
    "band_changed",
    "conversation_due",
    "executive_missing",
    "plan_proposed",
    "plan_signed",
    "plan_refused",
    "commitment_due",
    "commitment_late",
    "review_due",
    "review_overdue",
    "review_missed",
    "eligibility_gained",
    "review_requested",
    "change_requested",
    "objection_raised",
    "team_review_due",
    "team_review_late",
    "approval_requested",
    "transition_approved",
    "talk_due",
    "transition_announced",
    "transition_changed",
    "transition_withdrawn",
    "milestone_due",
    "milestone_late",
    "transition_completed",
    "condition_overridden",
    "records_parked",
    "feed_stopped",
    "signing_code",
    "ending_notice",
    "ending_changed",
    "ending_withdrawn",
    "ending_called_off",
    "ending_plan_link",
]


def test_there_are_words_for_everything_that_asks_somebody_for_something() -> None:
    assert set(ASKED_FOR) - set(entries()) == set()
    assert {one.you for one in entries().values() if one.you} == set(WHY_YOU)
    assert set(LETTERS) == set(entries())


@pytest.mark.parametrize("example", told_examples(), ids=str)
def test_every_golden_example_can_be_told(example: Example) -> None:
    said = told(example)
    json.dumps(said)
    for one in (said, {**said, "brief": True}):
        written = letter.write(template(example.kind.__name__), one, ANA)
        for text in (written.subject, written.text, read(written.html).text):
            assert "{{" not in text
            assert "{%" not in text
            assert "None" not in text


@pytest.mark.parametrize("name", LETTERS)
def test_text_and_html_say_the_same(name: str) -> None:
    written = LETTERS[name]
    seen = read(written.html)
    for line in re.sub(r"^(> |  - )", "", written.text, flags=re.MULTILINE).split("\n"):
        for part in (line,) if line.startswith("http") else re.split(r": |:$", line):
            assert part.strip() in seen.text or part in seen.links, part
    said = re.sub(r"\W+", " ", written.text)
    unsaid = [word for word in re.findall(r"\w+", seen.text) if word not in said.split()]
    assert set(unsaid) <= {"Action", "needed", "For", "your", "information"}


@pytest.mark.parametrize("name", OURS)
def test_letter_says_why_it_matters_what_to_do_next_and_why_it_came(name: str) -> None:
    text = OURS[name].text
    assert "Why it matters: " in text
    assert "What to do next: " in text
    assert AROUND["link"] in text
    assert AROUND["fewer"] in text
    assert "You get this because" in text


def test_subjects_name_the_customer_and_nothing_of_what_it_is_about() -> None:
    about_customers = {one.subject for name, one in OURS.items() if entries()[name].subject is None}
    assert about_customers == {"Action needed: Northwind Foods", "For your information: Northwind Foods"}
    assert {one.subject for name, one in OURS.items() if entries()[name].subject} == {
        "Action needed: nothing comes from crm",
        "Action needed: crm is not waited for any more",
        "Action needed: records wait in action_plans",
        "For your information: crm sends again",
        "Action needed: Amicable does not reach you on Slack any more",
        "For your information: Amicable reaches you on mail",
    }


@pytest.mark.parametrize("name", RELEASED)
def test_contacts_letter_knows_the_company_and_nothing_of_ours(name: str) -> None:
    inside = {"fewer": "https://amicable.example/f", "take": "https://amicable.example/t", "stands_for": "Bo Lind"}
    written = letter.write(name, {**FOR_CONTACTS, **RELEASED[name], **inside}, ANA)
    for text in (written.subject, written.text, written.html):
        for word in ("Amicable", "amicable.example", "Bo Lind", "health", "risk", "termination", "Action needed"):
            assert word not in text
    assert "Lighthouse Software" in written.subject + written.text


def test_contact_reads_the_code_and_until_when_it_is_good_and_the_dates_of_the_notice() -> None:
    code, notice = LETTERS["signing_code"], LETTERS["ending_notice"]
    for text in (code.text, read(code.html).text):
        assert "271828" in text
        assert "Monday, 2 March 2026, 15:20 (Europe/Madrid)" in text
    for text in (notice.text, read(notice.html).text):
        assert "Tuesday, 30 June 2026" in text
        assert "Your data, as CSV, on" in text


def test_contact_gets_the_link_to_the_transition_plan_and_for_how_long() -> None:
    written = LETTERS["ending_plan_link"]
    assert written.subject == "Your transition plan with Lighthouse Software"
    assert read(written.html).links == ("https://plans.example/t/dG9rZW4",)
    for text in (written.text, read(written.html).text):
        assert "opens the plan for 90 days" in text
        assert "2 March" not in text, "until when the mail may be sent is not until when the link is good"


SECRET = "Planted sentence"


def planted(content: Any) -> Any:
    """Return the content with a sentinel in the place of each text that people have written."""
    if isinstance(content, dict):
        return {name: planted(one) if name not in SAFE else one for name, one in content.items()}
    if isinstance(content, list):
        return [planted(one) for one in content]
    return SECRET if isinstance(content, str) and re.search(r"[a-z] [a-z]", content) else content


SAFE = frozenset({"type", "customer_id", "origin", "feed"})


@pytest.mark.parametrize("kind", sorted({one.kind.__name__ for one in told_examples()}))
def test_nothing_of_what_people_wrote_is_in_a_subject_nor_in_a_letter_that_keeps_details_behind_the_link(
    kind: str,
) -> None:
    example = BY_TYPE[kind]
    content = planted(example.content)
    if "case" in content:
        content["case"] = planted(BY_TYPE["CaseUpdated"].content["case"])
    says = {**saying.says(content), **AROUND, "when": content["occurred_at"], "headline": SECRET, "next_step": SECRET}
    assert SECRET not in letter.write(template(kind), says, ANA).subject
    written = letter.write(template(kind), {**says, "brief": True}, ANA)
    assert SECRET not in f"{written.subject}{written.text}{written.html}"
    assert written.attachments == ()
    words = {"trouble", "risk", "ending", "plan", "commitment", "talk", "review", "band", "milestone"}
    assert words & set(written.text.lower().split()) == set()
    assert AROUND["link"] in written.text


def meeting(written: Letter) -> Any:
    (attachment,) = written.attachments
    assert attachment.media_type == "text/calendar; method=PUBLISH; charset=utf-8"
    calendar = icalendar.Calendar.from_ical(attachment.content)
    (event,) = calendar.walk("VEVENT")
    return event


def test_meeting_goes_along_with_a_neutral_title_and_stays_the_same_when_it_moves() -> None:
    says = {**whole(BY_TYPE["TalkArranged"]), "planned_for": "2026-03-04T09:00:00Z"}
    first = meeting(letter.write("talk_arranged", says, ANA))
    moved = meeting(letter.write("talk_arranged", {**says, "planned_for": "2026-03-05T09:00:00Z", "revision": 9}, ANA))
    assert first["SUMMARY"] == "Talk with Northwind Foods"
    assert first["CLASS"] == "PRIVATE"
    assert first["DTSTART"].dt == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert first["UID"] == moved["UID"]
    assert moved["SEQUENCE"] > first["SEQUENCE"]
    assert "ending" not in str(first).lower()
    other = meeting(letter.write("talk_arranged", {**says, "transition_id": "tr-2"}, ANA))
    assert other["UID"] != first["UID"]


def test_review_of_tomorrow_goes_along_and_one_without_a_time_does_not() -> None:
    says = whole(BY_TYPE["ReviewDue"])
    assert meeting(letter.write("review_due", says, ANA))["SUMMARY"] == "Review with Northwind Foods"
    assert letter.write("talk_arranged", {**told(BY_TYPE["TalkArranged"]), "planned_for": None}, ANA).attachments == ()


def test_meetings_of_many_things_go_along_each_once_and_as_it_was_told_last() -> None:
    talk = {**whole(BY_TYPE["TalkArranged"]), "template": "talk_arranged", "planned_for": "2026-03-04T09:00:00Z"}
    moved = {**talk, "planned_for": "2026-03-05T09:00:00Z", "revision": 9}
    review = {**whole(BY_TYPE["ReviewDue"]), "template": "review_due"}
    more = [{**review, "about": f"r-{number}"} for number in range(30)]
    for written in (
        letter.digest([moved, talk, review, BRIEFING[0]], ANA),
        letter.write("review_due", review, ANA, also=[moved, talk]),
    ):
        assert [one.name for one in written.attachments] == ["meeting.ics", "meeting-2.ics"]
        events: list[Any] = [icalendar.Calendar.from_ical(one.content).walk("VEVENT")[0] for one in written.attachments]
        begins = {str(one["SUMMARY"]): one["DTSTART"].dt for one in events}
        assert begins["Talk with Northwind Foods"] == datetime(2026, 3, 5, 9, tzinfo=UTC)
        assert "Review with Northwind Foods" in begins
    assert len(letter.digest(more, ANA).attachments) == 20
    assert letter.digest([{**one, "brief": True} for one in more], ANA).attachments == ()


def test_time_is_the_readers() -> None:
    assert "Monday, 2 March 2026, 15:05 (Europe/Madrid)" in LETTERS["case_opened"].text


def test_stand_in_and_next_in_line_hear_why_it_comes_to_them() -> None:
    written = letter.write(
        "plan_refused", {**whole(BY_TYPE["PlanRefused"]), "stands_for": "Bo Lind", "escalated": True}, ANA
    )
    for text in (written.text, read(written.html).text):
        assert "You get this because you stand in for Bo Lind." in text
        assert "Nobody has taken it in hand in time, so it comes to you." in text
    assert "look after this customer" not in written.text


def test_people_are_called_by_their_names_as_far_as_they_are_known() -> None:
    assert "Amara Okafor" in LETTERS["commitment_late"].text
    unknown = letter.write("commitment_late", {**whole(BY_TYPE["CommitmentLate"]), "names": {}}, ANA)
    assert "amara-okafor" in unknown.text


def test_rule_of_somebodys_own_is_told_by_its_headline() -> None:
    says = {**AROUND, "headline": "Something of yours", "next_step": "Look at it."}
    written = letter.write("our_own", says, ANA)
    assert written.subject == "Action needed: Northwind Foods"
    assert "Something of yours" in written.text
    assert "What to do next: Look at it." in written.text
    with pytest.raises(UndefinedError):
        letter.write("our_own", AROUND, ANA)
    assert UNKNOWN not in entries().values()


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//evil.example",
        "data:text/html,x",
        'https://a"onclick=x',
        "https://a b",
        "https://a\n",
        7,
    ],
)
def test_link_that_is_no_web_address_is_left_out(url: object) -> None:
    written = letter.write("case_opened", {**AROUND, "link": url, "fewer": url, "take": url}, ANA)
    assert read(written.html).links == ()
    assert str(url) not in written.text


def test_briefing_says_who_needs_you_the_most_urgent_first_with_the_next_step() -> None:
    written = briefing()
    assert written.subject == "Action needed: 3 customers need you"
    for text in (written.text, read(written.html).text):
        assert "3 customers need you today" in text
        places = [text.index(name) for name in ("Acme", "Northwind Foods", "Blue Harbour")]
        assert places == sorted(places)
        for said in (
            "Undo what was prepared",
            "You stand in for Bo Lind.",
            "Nobody has taken it in hand",
            "And 4 more",
        ):
            assert said in text
    links = read(written.html).links
    assert links == (
        "https://amicable.example/customers/acme",
        "https://amicable.example/customers/northwind-foods",
        "https://amicable.example/take/dG9rZW4",
        "https://amicable.example/customers/blue-harbour",
        "https://amicable.example/choices/dG9rZW4",
    )
    assert all(link in written.text for link in links)


@pytest.mark.parametrize(
    ("items", "subject"),
    [
        (BRIEFING[:1], "Action needed: Northwind Foods needs you"),
        ([{**BRIEFING[0], "customer": None}], "Action needed: the system needs you"),
        ([{**BRIEFING[0], "urgency": "low"}], "For your information: news of 1 customer"),
        ([{**one, "urgency": "low"} for one in BRIEFING], "For your information: news of 3 customers"),
    ],
)
def test_briefing_claims_no_more_than_there_is(items: list[dict[str, Any]], subject: str) -> None:
    assert letter.digest(items, ANA).subject == subject


def test_briefing_is_bounded_and_counts_the_rest() -> None:
    items = [{**BRIEFING[0], "customer": f"Customer {number}"} for number in range(1_000)]
    written = letter.digest(items, ANA, more=5, summary=True)
    assert "1005 messages came for you at once" in written.text
    assert "And 905 more" in written.text
    assert len(written.html) < 102_000, "more than that is cut off by mail programs"


def test_briefing_keeps_details_behind_the_link() -> None:
    written = letter.digest([{**one, "brief": True} for one in BRIEFING], ANA)
    for one in BRIEFING:
        assert one["headline"] not in written.text + read(written.html).text
        assert one["link"] in written.text


def test_letter_says_what_waited_until_now_and_why_it_comes_to_the_reader_a_few_of_it() -> None:
    told = with_others()
    for said in (told.text, read(told.html).text):
        assert said.index("is saved") < said.index("What waited until now") < said.index("two trainings for team leads")
        assert said.count("Next: Read it, and answer.") + said.count(" Read it, and answer.") >= 3
        assert said.count("Nobody else can be asked for it, so it comes to you.") == 10
        assert "And 4 more, in Amicable." in said
