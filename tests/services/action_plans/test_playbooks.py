"""The playbooks that come with the product, which of them a risk suggests, and what one puts into a plan's draft."""

import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from services.action_plans.domain.playbook import Clue, Playbook, apply, suggest
from services.action_plans.playbooks import templates
from services.action_plans.playbooks.shipped import NAMES, shipped_playbooks, text_of
from services.health_scoring.scorecards.shipped import default_cards

ROOT = Path(__file__).parents[3]
SITUATIONS = (
    "slow implementation, low adoption, falling usage, sponsor left, support overload, product gap, unpaid invoices, "
    "meetings called off, unkind behaviour, grown out of our product, unrealistic expectations, "
    "our own delivery failing, cost to serve above what they pay"
)
CODES = sorted(
    {measure.name for card in default_cards() for measure in card.measures}
    | {rule.name for card in default_cards() for rule in card.rules}
)
MONDAY = date(2026, 3, 2)


@pytest.fixture(params=NAMES)
def one(request: pytest.FixtureRequest) -> Playbook:
    """Each of the playbooks that come with the product."""
    return next(playbook for playbook in shipped_playbooks() if playbook.name == request.param)


def test_every_situation_has_a_playbook_of_its_name() -> None:
    assert [name.replace("_", " ") for name in NAMES] == SITUATIONS.split(", ")
    assert [playbook.name for playbook in shipped_playbooks()] == list(NAMES)


@pytest.mark.parametrize("code", CODES)
def test_every_reason_that_health_can_give_suggests_a_playbook(code: str) -> None:
    assert suggest([code], shipped_playbooks())


def test_a_playbook_waits_for_reasons_that_health_can_give(one: Playbook) -> None:
    assert [clue.code for clue in one.reasons if clue.code not in CODES] == []


def test_why_is_a_sentence_that_can_be_said_aloud(one: Playbook) -> None:
    for clue in one.reasons:
        assert clue.why[0].isupper()
        assert clue.why.endswith(".")
        assert "_" not in clue.why


def test_a_talk_has_open_questions(one: Playbook) -> None:
    assert 5 <= len(one.questions) <= 8
    assert [each for each in one.questions if "?" not in each] == []


def test_our_own_share_comes_first(one: Playbook) -> None:
    """In what is done, in who begins the talk, and in what is asked."""
    assert one.commitments[0].side == "us"
    due = [each.due_days for each in one.commitments]
    assert due == sorted(due)
    (first,) = re.findall(r"^ *1\. (.*)", one.agenda, re.MULTILINE)
    assert re.search(r"\b(we|us|our)\b", first, re.IGNORECASE)
    assert [each for each in one.questions if re.search(r"\b(we|us|our|supplier)\b", each, re.IGNORECASE)]


def test_both_sides_have_something_to_expect_and_something_to_do(one: Playbook) -> None:
    for side in ("us", "customer"):
        assert sum(each.side == side for each in one.expectations) >= 2
        assert sum(each.side == side for each in one.commitments) >= 2
    assert {each.kind for each in one.expectations} == {"outcome", "initiative", "expectation"}
    assert [each.norm for each in one.expectations if each.norm and each.side == "us"]


def test_the_customer_reads_no_word_that_threatens(one: Playbook) -> None:
    words = (
        r"terminat|cancel|scor(e|ing)|churn|health|red band|at risk|breach|lawyer|legal|penalt|consequence|last chance"
    )
    assert re.findall(words, text_of(one.name).partition("name:")[2], re.IGNORECASE) == []


def test_sentences_are_short(one: Playbook) -> None:
    said = [one.applies, one.purpose, *one.questions, *one.avoid, *(clue.why for clue in one.reasons), one.letter]
    sentences = [each for text in said for each in re.split(r"(?<=[.?!:])\s+", re.sub(r"{%.*?%}", " ", text))]
    assert [each for each in sentences if len(each.split()) > 30] == []


@pytest.mark.parametrize("known", [{}, {"executive_name": "Lena Vogt"}, {"sponsor_name": "Sam Okoro"},
                                   {"executive_name": "Lena Vogt", "sponsor_name": "Sam Okoro"}])  # fmt: skip
def test_every_template_is_filled_whoever_is_known(one: Playbook, known: dict[str, str]) -> None:
    names = templates.Names("Nordwind", "Ana Ruiz", "Kim Olsen", "Acme", **known)
    for text in (templates.agenda(one, names), templates.letter(one, names)):
        assert not re.search(r"[{}]|  |\(\)| [.,]|\n\n\n", text)
        assert "Kim Olsen" in text
    assert templates.letter(one, names).startswith("Dear Ana Ruiz,")
    for each in one.expectations:
        if each.norm:
            assert templates.norm(each.norm, templates.Comparison("12", "40")).count("12") == 1


def test_a_file_names_the_schema_for_editors_and_says_what_it_is_for(one: Playbook) -> None:
    first, second, third, *_ = text_of(one.name).splitlines()
    assert first == "# yaml-language-server: $schema=schema.json"
    assert second.startswith("# ")
    assert third == "# The format: docs/architecture/playbooks.md. Raise `version` with every change."


def playbook(name: str, **signs: str) -> Playbook:
    """A playbook with these signs."""
    first = shipped_playbooks()[0]
    return replace(first, name=name, reasons=tuple(Clue(code, sign, f"{name}: {code}") for code, sign in signs.items()))  # type: ignore[arg-type]


def test_suggestions_come_with_why_the_clear_ones_first() -> None:
    known = [
        playbook("possible", silence="possible", nps="possible"),
        playbook("clear", csat="clear", silence="possible"),
        playbook("other", ces="clear"),
    ]
    found = suggest(["silence", "nps", "csat"], known)
    assert [each.playbook.name for each in found] == ["clear", "possible"]
    assert [clue.why for clue in found[0].because] == ["clear: csat", "clear: silence"]
    assert [clue.why for clue in found[1].because] == ["possible: silence", "possible: nps"]


def test_the_graver_reason_comes_first_and_then_the_playbook_with_more_signs() -> None:
    known = [
        playbook("late", nps="clear", csat="clear", ces="clear"),
        playbook("one", silence="clear"),
        playbook("two", silence="clear", ces="possible"),
        playbook("also_one", silence="clear"),
    ]
    found = suggest(["silence", "nps", "csat", "ces"], known)
    assert [each.playbook.name for each in found] == ["two", "also_one", "one", "late"]


def test_no_reason_suggests_nothing_and_one_given_twice_counts_once() -> None:
    known = [playbook("a", silence="clear"), playbook("b", nps="clear")]
    assert suggest([], known) == suggest(["by_hand"], known) == ()
    found = suggest(["silence", "nps", "silence"], known)
    assert [(each.playbook.name, len(each.because)) for each in found] == [("a", 1), ("b", 1)]


@pytest.mark.parametrize(
    ("codes", "first"),
    [
        (["implementation_late", "implementation", "meetings_called_off"], "slow_implementation"),
        (["sponsor_left", "usage_level", "active_users"], "sponsor_left"),
        (["silence", "usage_level", "recency"], "falling_usage"),
        (["emergencies_open", "support_load", "csat"], "support_overload"),
        (["oldest_unpaid_invoice", "nps"], "unpaid_invoices"),
        (["tickets_reopened", "time_to_resolve"], "our_own_delivery_failing"),
        (["seats_in_use", "regularity"], "low_adoption"),
    ],
)
def test_a_common_risk_suggests_what_an_experienced_csm_would_take(codes: list[str], first: str) -> None:
    assert suggest(codes, shipped_playbooks())[0].playbook.name == first


def test_applied_it_has_days_and_none_at_a_weekend() -> None:
    known = shipped_playbooks()[0]
    filled = apply(known, MONDAY)
    assert (filled.playbook, filled.version, filled.starts_on) == (known.name, known.version, MONDAY)
    assert (filled.first_review_on, filled.cadence) == (date(2026, 3, 9), "weekly")
    assert [each.due_on for each in filled.commitments][:4] == [
        date(2026, 3, 5),  # 3 days
        date(2026, 3, 9),  # 5 days, a Saturday
        date(2026, 3, 9),  # 7 days
        date(2026, 3, 9),
    ]
    assert filled.ends_on == date(2026, 5, 1)  # 60 days, a Friday
    assert filled.expectations == known.expectations
    assert [(each.what, each.owner, each.done_when) for each in filled.commitments] == [
        (each.what, each.owner, each.done_when) for each in known.commitments
    ]


@pytest.mark.parametrize("start", [date(2026, 3, 2 + day) for day in range(14)])
def test_applied_on_any_day_everything_falls_on_a_working_day_inside_the_frame(one: Playbook, start: date) -> None:
    filled = apply(one, start)
    days = [filled.starts_on, filled.first_review_on, filled.ends_on, *(each.due_on for each in filled.commitments)]
    assert [day for day in days if day.weekday() >= 5] == []
    assert [day for day in days if not filled.starts_on <= day <= filled.ends_on] == []
    assert filled.starts_on >= start


def test_the_playbooks_are_in_the_wheel(tmp_path: Path) -> None:
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {"schema.json", *(f"{name}.yaml" for name in NAMES)}
    assert {f"services/action_plans/playbooks/{name}" for name in wanted} <= inside
