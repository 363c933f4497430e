"""A document as Markdown (CommonMark with tables), which is read as it stands as well as rendered."""

import re

from shared.documents.tree import (
    Bullets,
    Document,
    Facts,
    Heading,
    Line,
    Lines,
    Notice,
    Paragraph,
    Table,
)

_INLINE = re.compile(r"([\\`*_\[\]<>|~$])|&(?=#?\w+;)")
_AT_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))", re.MULTILINE)
_WRAPPED = {"plain": "", "quiet": "", "strong": "**", "good": "**", "bad": "**"}


def render(document: Document) -> str:
    """Return the document as Markdown."""
    parts = [f"# {_one_line(document.title)}", _text(document.subtitle, "\\\n"), *map(_block, document.blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: object) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * (level + 1)} {_one_line(text)}"
        case Paragraph(lines):
            return _lines(lines, "\\\n")
        case Notice(lines):
            return "\n".join(f"> {one}" for one in _lines(lines, "\\\n").split("\n"))
        case Facts(pairs):
            return "\n".join(f"- {_one_line(name)}: {_lines(lines, '<br>')}" for name, lines in pairs)
        case Bullets(items):
            return "\n".join(f"- {_lines(item, '<br>')}" for item in items)
        case Table():
            return _table(block)
    raise TypeError(type(block).__name__)


def _table(table: Table) -> str:
    rows = [[_lines(cell, "<br>") for cell in row] for row in table.rows]
    head = [_one_line(column.title) for column in table.columns]
    rule = ["---:" if column.figures else "---" for column in table.columns]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _lines(lines: Lines, between: str) -> str:
    return between.join(_line(line, between) for line in lines if line.text.strip())


def _line(line: Line, between: str) -> str:
    mark = _WRAPPED[line.look]
    return between.join(f"{mark}{part}{mark}" for part in _text(line.text, "\n").split("\n") if part)


def _one_line(text: str) -> str:
    return _text(text.replace("\n", " "), " ")


def _text(text: str, between: str) -> str:
    """Escape the text: nothing in it is markup, wherever a line of it begins."""
    kept = [one.strip() for one in text.split("\n") if one.strip()]
    return between.join(_AT_START.sub(_shielded, _INLINE.sub(r"\\\g<0>", one)) for one in kept)


def _shielded(found: re.Match[str]) -> str:
    """A number keeps its digits and loses its meaning: 1\\. is no list."""
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"
