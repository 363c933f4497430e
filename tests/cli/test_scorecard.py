"""`amicable scorecard`: what is wrong with a card is said, and the shipped ones can be read."""

import json
from pathlib import Path

import pytest

from services.health_scoring.scorecards.shipped import NAMES, text_of
from tests.cli.conftest import Shell


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A card's file."""
    file = tmp_path / "mine.yaml"
    file.write_text(text_of("smb"), encoding="utf-8")
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A file with two slips."""
    file = tmp_path / "bad.yaml"
    text = (
        text_of("smb").replace("version: 1", "version: 0").replace("segments: [smb]", "segments: [smb]\nsegment: smb")
    )
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_card_is_said_to_be_good(shell: Shell, good: Path) -> None:
    typed = shell.type("scorecard", "check", str(good))
    assert (typed.code, typed.err) == (0, "")
    assert typed.out == f"{good} is good: smb, version 1, 24 measures in 5 groups.\n"


def test_every_problem_of_a_card_is_printed_on_a_line_and_good_cards_are_still_named(
    shell: Shell, good: Path, bad: Path
) -> None:
    typed = shell.type("scorecard", "check", str(bad), str(good))
    assert typed.code == 1
    first, second, third = typed.out.splitlines()
    assert first == f"{bad} line 6, version: must be a whole number from 1 to 10000, not 0."
    assert second.startswith(f"{bad} line 8, segment: is not a field here: those known are ")
    assert third.startswith(f"{good} is good")


def test_programs_get_the_problems_as_json(shell: Shell, good: Path, bad: Path) -> None:
    typed = shell.type("scorecard", "check", "--json", str(bad), str(good))
    first, second = json.loads(typed.out)
    assert (typed.code, first["file"], len(first["problems"])) == (1, str(bad), 2)
    assert second == {"file": str(good), "problems": []}


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, 2, "cannot be read: No such file or directory."),
        (b"\xff\xfe", 1, "line 1: is not text in UTF-8: save it as that."),
        (b"a: 1\nb: \xe9", 1, "line 2: is not text in UTF-8: save it as that."),
        (b"# " * 99_999 + "é".encode() * 9, 1, ": has more than 200,000 bytes, and no card has: is it another file."),
    ],
    ids=["no file", "UTF-16", "Latin-1", "large"],
)
def test_what_is_no_card_is_answered_by_a_sentence(
    shell: Shell, tmp_path: Path, content: bytes | None, code: int, says: str
) -> None:
    file = tmp_path / "odd.yaml"
    if content is not None:
        file.write_bytes(content)
    typed = shell.type("scorecard", "check", str(file))
    assert (typed.code, says in typed.out + typed.err) == (code, True), typed
    assert "Traceback" not in typed.out + typed.err


def test_the_shipped_cards_are_shown_with_every_measure_and_rule(shell: Shell) -> None:
    typed = shell.type("scorecard", "show")
    assert typed.code == 0
    assert [f"{name}, version 1, for" in typed.out for name in NAMES] == [True, True, True]
    assert "mid-market, all others" in typed.out
    for name in ("usage_level", "unpaid_invoices", "sponsor_left"):
        assert typed.out.count(name) == 3


def test_no_word_of_a_card_is_cut_off_however_narrow_the_terminal(shell: Shell) -> None:
    shown = shell.type("scorecard", "show", "smb", COLUMNS="80").out
    assert "kinds of use" in shown
    assert "…" not in shown.replace("From … to", "")


def test_one_card_is_shown_and_programs_get_it_as_it_is_written(shell: Shell) -> None:
    assert "usage_level" in shell.type("scorecard", "show", "enterprise").out
    one = json.loads(shell.type("scorecard", "show", "enterprise", "--json").out)
    every = json.loads(shell.type("scorecard", "show", "--json").out)
    assert (one["name"], [card["name"] for card in every]) == ("enterprise", list(NAMES))
    assert one["thresholds"][0] == {"from_months": 0, "green": 65, "yellow": 45}


def test_a_card_that_there_is_not_is_answered_by_those_there_are(shell: Shell) -> None:
    typed = shell.type("scorecard", "show", "large")
    assert (typed.code, typed.err) == (2, "There is no scorecard large: the ones here are smb, mid-market, enterprise.")
