"""`amicable do`: every line is a command before any is sent."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

from amicable import command_lines
from amicable.command_lines import TOPIC_OF_TYPE, Given, Wrong, read_commands
from amicable.ndjson import open_source
from amicable.problems import Problem
from shared.contracts.topics import TOPICS, Kind
from tests.cli.conftest import Shell

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RESCORE = {"type": "RescoreCustomer", "customer_id": "acme"}
ASSIGN = {"type": "ProposePlan", "customer_id": "acme", "case_id": "c1"}


def read(folder: Path, text: str | bytes) -> tuple[list[Given], list[Wrong]]:
    """Read a file that holds this text."""
    file = folder / "commands.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with open_source(str(file)) as source:
        return read_commands(source, NOW)


def lines(*documents: object) -> str:
    """Write a document a line."""
    return "".join(json.dumps(one) + "\n" for one in documents)


def test_type_of_a_command_names_one_topic() -> None:
    commands = [kind for topic in TOPICS.values() if topic.kind is Kind.COMMAND for kind in topic.by_type]
    assert len(commands) == len(set(commands)) == len(TOPIC_OF_TYPE)


def test_what_is_left_out_is_filled_in(tmp_path: Path) -> None:
    given, wrong = read(tmp_path, lines(RESCORE, RESCORE, {**RESCORE, "event_id": "mine", "source": "me"}))
    assert wrong == []
    commands = [one.command for one in given]
    assert len({command.event_id for command in commands}) == 3
    assert {command.occurred_at for command in commands} == {NOW}
    assert (commands[0].source, commands[2].source, commands[2].event_id) == ("cli", "me", "mine")


@pytest.mark.parametrize("text", [json.dumps(ASSIGN, indent=2), "\n\n" + json.dumps(ASSIGN), "﻿" + json.dumps(ASSIGN)])
def test_one_command_may_take_a_whole_file(tmp_path: Path, text: str) -> None:
    (one,), wrong = read(tmp_path, text)
    assert (wrong, one.command.type) == ([], "ProposePlan")


def test_what_is_wrong_is_said_with_line_and_field_and_without_the_value(tmp_path: Path) -> None:
    _, wrong = read(
        tmp_path,
        lines(
            RESCORE,
            {**ASSIGN, "case_id": 7},
            {**ASSIGN, "type": "ProposePlam"},
            {**ASSIGN, "type": "secret"},
            {**ASSIGN, "surprise": True},
            {**RESCORE, "event_id": "twice"},
            {**RESCORE, "event_id": "twice"},
            {"customer_id": "acme"},
            [RESCORE],
        )
        + "{nonsense}\n",
    )
    assert [str(one) for one in wrong][:-1] == [
        "line 2: /case_id must be text",
        "line 3: /type must be the type of a command; is ProposePlan meant?",
        "line 4: /type must be the type of a command: docs/contracts/README.md lists them",
        "line 5: /surprise is not a field that is known here",
        "line 7: /event_id is that of line 6: each command has its own",
        "line 8: /type is required",
        "line 9: the message must be a JSON object",
    ]
    assert str(wrong[-1]).startswith("line 10: the message is not JSON in UTF-8: ")


def test_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_lines, "MOST", 3)
    with pytest.raises(Problem, match="more than 3 lines"):
        read(tmp_path, lines(*[RESCORE] * 4))


def test_a_long_line_is_no_command(tmp_path: Path) -> None:
    assert [str(one) for one in read(tmp_path, BytesIO(b'{"a":"' + b"x" * 1_100_000 + b'"}\n').getvalue())[1]] == [
        "line 1: the message is longer than 1,048,576 bytes"
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Standard input holds no command."),
        ('{"type": "RescoreCustomer"}', "line 1: /customer_id is required Nothing was sent."),
    ],
)
def test_nothing_is_sent_unless_all_are_commands(dev: Shell, text: str, says: str) -> None:
    typed = dev.type("do", "-", "--as", "ana", stdin=text)
    assert (typed.code, typed.out, typed.err) == (1, "", says)


def test_where_nothing_runs_it_says_how_to_start(shell: Shell) -> None:
    typed = shell.type("do", "-", "--as", "ana", stdin=json.dumps(RESCORE))
    assert typed.code != 0
    assert typed.err.startswith("Nothing runs from ")


def test_file_that_is_not_there_is_named(dev: Shell) -> None:
    typed = dev.type("do", "nowhere.json", "--as", "ana")
    assert (typed.code, typed.err) == (2, "nowhere.json cannot be read: No such file or directory.")
