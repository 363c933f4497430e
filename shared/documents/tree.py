"""What a document says, in order, whatever it is drawn as: headings, paragraphs, facts, tables, lists."""

from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, Literal

from shared.documents.readable import readable

Look = Literal["plain", "strong", "quiet", "good", "bad"]


@dataclass(frozen=True)
class Line:
    """Words that look alike; they may hold line breaks. A look never says more than the words do."""

    text: str
    look: Look = "plain"


Lines = tuple[Line, ...]


@dataclass(frozen=True)
class Heading:
    """Begins a section: level 1 to 3; the title of the document stands above them."""

    level: Literal[1, 2, 3]
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Lines one below the other."""

    lines: Lines


@dataclass(frozen=True)
class Facts:
    """Short answers, each with what it is the answer to."""

    pairs: tuple[tuple[str, Lines], ...]


@dataclass(frozen=True)
class Bullets:
    """A list without order."""

    items: tuple[Lines, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; share: of the width, beside the others' shares; figures: one below the other, to compare."""

    title: str
    share: int
    figures: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a row of titles; the first column says what a row is about. It has at least one row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Lines, ...], ...]


@dataclass(frozen=True)
class Notice:
    """Lines that are set apart from the text around them."""

    lines: Lines


Block = Heading | Paragraph | Facts | Bullets | Table | Notice


@dataclass(frozen=True)
class Document:
    """A document. running: what every page says at its top; at: the moment that it shows; all texts are readable."""

    title: str
    subtitle: str
    running: str
    at: datetime
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        """Whatever was written in by people is made readable once, here, for every way to draw it."""
        for field in fields(self):
            object.__setattr__(self, field.name, _readable(getattr(self, field.name)))


LANGUAGE = "en"
NOTHING = "—"  # where there is nothing to say in a table


def _readable(thing: Any) -> Any:
    if isinstance(thing, str):
        return readable(thing)
    if isinstance(thing, tuple):
        return tuple(_readable(one) for one in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{field.name: _readable(getattr(thing, field.name)) for field in fields(thing)})
    return thing


def line(text: str, look: Look = "plain") -> Lines:
    """Return one line."""
    return (Line(text, look),)
