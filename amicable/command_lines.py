"""Reads commands from lines of JSON, or one from a whole file: every one is checked before any is sent."""

import difflib
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from pydantic_core import from_json, to_json

from amicable.ndjson import MAX_LINE, Line, Source
from amicable.problems import REFUSED, Problem
from shared.contracts.event import Command
from shared.contracts.reading import Invalid, read
from shared.contracts.topics import TOPICS, Kind

MOST = 10_000  # commands in one run
MOST_BYTES = 16_000_000
TOPIC_OF_TYPE = MappingProxyType(
    {kind: topic for topic in TOPICS.values() if topic.kind is Kind.COMMAND for kind in topic.by_type}
)


@dataclass(frozen=True)
class Given:
    """A command, and the line where it begins."""

    line: int
    command: Command


@dataclass(frozen=True)
class Wrong:
    """A line that is no command."""

    line: int
    why: Invalid

    def __str__(self) -> str:
        """Return line, field and reason as one sentence."""
        return f"line {self.line}: {self.why}"


def read_commands(source: Source, now: datetime) -> tuple[list[Given], list[Wrong]]:
    """Return the commands in order, and what is wrong with lines that are none. Raises Problem for too many.

    An absent event_id is made new, an absent occurred_at is `now`.
    """
    given: list[Given] = []
    wrong: list[Wrong] = []
    lines_of: dict[str, int] = {}
    for line in _documents(source):
        command = _command(line, now)
        if isinstance(command, Invalid):
            wrong.append(Wrong(line.number, command))
        elif command.event_id in lines_of:
            again = Invalid("/event_id", f"is that of line {lines_of[command.event_id]}: each command has its own")
            wrong.append(Wrong(line.number, again))
        else:
            lines_of[command.event_id] = line.number
            given.append(Given(line.number, command))
    return given, wrong


def _documents(source: Source) -> list[Line]:
    """Return the JSON documents: one a line, unless the first line only begins one."""
    lines: list[Line] = []
    size = 0
    for chunk in source.chunks():
        lines += chunk
        size += sum(len(line.text or b"") for line in chunk)
        if len(lines) > MOST or size > MOST_BYTES:
            raise Problem(
                f"{source.name} holds more than {MOST:,} lines or {MOST_BYTES:,} bytes: send it in parts.", REFUSED
            )
    first = lines[0].text if lines else None
    if first is None or len(lines) == 1 or (first.startswith(b"{") and first.endswith(b"}")):
        return lines
    return [Line(lines[0].number, b"\n".join(line.text or b"" for line in lines))]


def _command(line: Line, now: datetime) -> Command | Invalid:
    if line.text is None or len(line.text) > MAX_LINE:
        return Invalid("", f"is longer than {MAX_LINE:,} bytes")
    try:
        content = from_json(line.text)
    except ValueError as error:
        return Invalid("", f"is not JSON in UTF-8: {error}")
    if not isinstance(content, dict):
        return Invalid("", "must be a JSON object")
    kind = content.get("type")
    if not isinstance(kind, str) or kind not in TOPIC_OF_TYPE:
        return Invalid("/type", _unknown(kind))
    message = read(TOPIC_OF_TYPE[kind], to_json(_completed(content, now)))
    if isinstance(message, Command):
        return message
    return message if isinstance(message, Invalid) else Invalid("/type", _unknown(kind))


def _completed(content: dict[str, Any], now: datetime) -> dict[str, Any]:
    made = {"event_id": str(uuid4()), "occurred_at": now.isoformat(), "source": "cli"}
    return content | {name: value for name, value in made.items() if content.get(name) is None}


def _unknown(kind: object) -> str:
    if not isinstance(kind, str):
        return "is required" if kind is None else "must be text"
    near = difflib.get_close_matches(kind[:100], TOPIC_OF_TYPE, 1)
    meant = f"; is {near[0]} meant?" if near else ""
    return f"must be the type of a command{meant or ': docs/contracts/README.md lists them'}"
