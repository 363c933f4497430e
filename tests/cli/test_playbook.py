"""`amicable playbook`: the shipped ones can be read, and what is wrong with one of your own is said."""

import json
from pathlib import Path

import pytest

from services.action_plans.playbooks.shipped import NAMES, text_of
from tests.cli.conftest import Shell


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A playbook's file."""
    file = tmp_path / "mine.yaml"
    file.write_text(text_of("sponsor_left"), encoding="utf-8")
    return file


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A file with two slips."""
    file = tmp_path / "bad.yaml"
    text = text_of("sponsor_left").replace("version: 1\n", "version: 0\n").replace("sign: clear", "sign: sure", 1)
    file.write_text(text, encoding="utf-8")
    return file


def test_every_situation_is_listed_with_its_clear_signs(shell: Shell) -> None:
    typed = shell.type("playbook", "list")
    assert (typed.code, typed.err) == (0, "")
    assert [name for name in NAMES if name not in typed.out] == []
    assert "Our sponsor has left" in typed.out
    assert "sponsor_left, contacts_left" in typed.out


def test_programs_get_the_list_with_why_each_is_suggested(shell: Shell) -> None:
    listed = json.loads(shell.type("playbook", "list", "--json").out)
    assert [each["name"] for each in listed] == list(NAMES)
    assert listed[3]["reasons"][0] == {
        "code": "sponsor_left",
        "sign": "clear",
        "why": "An executive contact or sponsor has left. Before the new one decides alone, they should have met us.",
    }


def test_a_playbook_is_shown_with_all_that_it_says(shell: Shell) -> None:
    typed = shell.type("playbook", "show", "sponsor_left")
    assert (typed.code, typed.err) == (0, "")
    for said in (
        "Our sponsor has left",
        "sponsor_left, version 1",
        "Which result would you want to see before you would choose us yourself?",
        "usually have [what is usual] who know us well",
        "us: executive sponsor",
        "the customer: main contact",
        "day 14",
        "→ The introduction has been sent",
        "for 45 days, with a review every week",
        "Dear [main contact],",
        "([CSM], [our executive sponsor])",
        "Questions about what happened to the person who left.",
    ):
        assert said in typed.out, said
    assert "{" not in typed.out


def test_programs_get_a_playbook_with_its_templates(shell: Shell) -> None:
    one = json.loads(shell.type("playbook", "show", "sponsor_left", "--json").out)
    assert (one["name"], one["cadence"], one["frame_days"]) == ("sponsor_left", "weekly", 45)
    assert one["letter"].startswith("Dear {{ contact_name }},\n")
    assert one["commitments"][0] == {
        "what": "Thank the one who has left, and ask whom they would talk to",
        "side": "us",
        "owner": "csm",
        "due_days": 3,
        "done_when": "We have an answer, or have asked twice",
    }


def test_a_playbook_that_there_is_not_is_answered_by_those_there_are(shell: Shell) -> None:
    typed = shell.type("playbook", "show", "bad_weather")
    assert typed.code == 2
    assert typed.err.startswith(
        "There is no playbook bad_weather: the ones here are slow_implementation, low_adoption,"
    )


def test_a_good_playbook_is_said_to_be_good(shell: Shell, good: Path) -> None:
    typed = shell.type("playbook", "check", str(good))
    assert (typed.code, typed.err) == (0, "")
    size = "7 questions, 5 expectations, 6 commitments"
    assert typed.out == f"{good} is good: sponsor_left, version 1, {size}.\n"


def test_every_problem_of_a_playbook_is_printed_on_a_line_and_good_ones_are_still_named(
    shell: Shell, good: Path, bad: Path
) -> None:
    typed = shell.type("playbook", "check", str(bad), str(good))
    assert typed.code == 1
    first, second, third = typed.out.splitlines()
    assert first == f"{bad} line 5, version: must be a whole number from 1 to 10000, not 0."
    assert second == f"{bad} line 16, reasons/0/sign: must be clear or possible, not 'sure'."
    assert third.startswith(f"{good} is good")


def test_programs_get_the_problems_as_json(shell: Shell, good: Path, bad: Path) -> None:
    typed = shell.type("playbook", "check", "--json", str(bad), str(good))
    first, second = json.loads(typed.out)
    assert (typed.code, first["file"], len(first["problems"])) == (1, str(bad), 2)
    assert second == {"file": str(good), "problems": []}


def test_a_file_that_is_not_there_is_a_sentence(shell: Shell, tmp_path: Path) -> None:
    typed = shell.type("playbook", "check", str(tmp_path / "no.yaml"))
    assert typed.code == 2
    assert typed.err.endswith("no.yaml cannot be read: No such file or directory.")
