"""Cells of a CSV file that no spreadsheet runs: what others have written stays text, and an amount stays a number.

By OWASP's page on CSV injection. A text that could begin a formula gets an apostrophe in front; so does a part of it
that another program would take for a cell of its own, since not all divide cells by commas. Which cells are texts is
told by their type, never guessed from what stands in them: an amount is written as it is, its minus sign included.
"""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TextIO

_FORMULA = "=+-@\u2212"  # what begins one, in whatever width it is written
_DIVIDES = ",;|\t\r\n"
_TRIMMED = ("\t", "\r", "\n")
_UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}  # control and invisible characters, white space: skipped where a cell begins
_RISKY = re.compile(r"[^\x00-\x7f]|[=+@-]")
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
    for place in reversed(_formulas(text)):
        text = f"{text[:place]}'{text[place:]}"
    return f"'{text}" if text.startswith(_TRIMMED) else text


def _formulas(text: str) -> list[int]:
    """Return the places at which a cell that begins there would be a formula."""
    if not _RISKY.search(text):
        return []
    places = (0, *(place for place, one in enumerate(text, start=1) if one in _DIVIDES))
    return [place for place in places if _is_formula(text, place)]


def _is_formula(text: str, place: int) -> bool:
    for index in range(place, len(text)):
        one = text[index]
        if one != '"' and unicodedata.category(one) not in _UNSEEN:
            return unicodedata.normalize("NFKC", one)[0] in _FORMULA
    return False


def json_cell(content: Any) -> str:
    """Return JSON in which no text begins a formula, and which says the same: what could is written as its code."""
    text = json.dumps(content, separators=(",", ":"))
    return _STRING.sub(lambda found: _coded(found[0]) if _formulas(found[0][1:-1]) else found[0], text)


def _coded(text: str) -> str:
    return re.sub("[=+@-]", lambda found: f"\\u{ord(found[0]):04x}", text)


def write(file: TextIO, rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows as RFC 4180 wants them: every cell in quotes, lines end with CR LF."""
    csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows([cell(one) for one in row] for row in rows)
