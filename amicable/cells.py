"""Cells of a CSV file that no spreadsheet runs: what others have written stays text, and an amount stays a number.

By OWASP's page on CSV injection. A text that could begin a formula gets an apostrophe in front; so does a part of it
that another program would take for a cell of its own, since not all divide cells by commas. Which cells are texts is
told by their type, never guessed from what stands in them: an amount is written as it is, its minus sign included.
"""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

# What begins a formula, its wide and small forms, and superscripts, which some programs read alike.
_BEGINS = "=+@\\-\uff1d\uff0b\uff20\uff0d\ufe66\ufe62\ufe6b\ufe63\u2212\u207a\u207c\u208a\u208c"
# What programs skip at the beginning of a cell: white space, control and invisible characters, a quote that opens it.
_SKIPPED = '\\s"\\x00-\\x20\\x7f-\\xa0\\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff'
_FORMULA = re.compile(f"(^|[,;|\t\r\n])(?=[{_SKIPPED}]*[{_BEGINS}])")
_TRIMMED = ("\t", "\r", "\n")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')

Cell = str | Decimal | int | date | None


def cell(value: Cell) -> str:
    """Return what is written for a value: numbers and days as they are, texts so that they stay texts."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, str):
        return harmless(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def harmless(text: str) -> str:
    """Return the text with an apostrophe wherever a spreadsheet would begin a formula; others unchanged."""
    safe = _FORMULA.sub(r"\1'", text)
    return f"'{safe}" if safe.startswith(_TRIMMED) else safe


def json_cell(content: Any) -> str:
    """Return JSON in which no text begins a formula, and which says the same: what could is written as its code."""
    text = json.dumps(content, separators=(",", ":"))
    return _STRING.sub(lambda found: _coded(found[0]) if _FORMULA.search(found[0][1:-1]) else found[0], text)


def _coded(text: str) -> str:
    return re.sub("[=+@-]", lambda found: f"\\u{ord(found[0]):04x}", text)


def write(file: TextIO, rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows as RFC 4180 wants them: every cell in quotes, lines end with CR LF."""
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([cell(one) for one in row] for row in rows)
