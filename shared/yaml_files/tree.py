"""From YAML to plain content that knows its lines, and nothing more of YAML than such files need.

No anchors, aliases, merge keys, tags or second documents; nothing is guessed: `on` is a text, `010` is not eight, and
a date is a text. So a small file cannot become a large one, and what is read is what is seen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from shared.yaml_files.form import Form
from shared.yaml_files.problems import Path, Slip, WrongFile, clipped, spoken

LARGEST = 200_000  # bytes
DEEPEST = 12  # a scorecard needs eight
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass
class Tree:
    """The content of a file; the line of each field by its path, and where its block of text (`|`) begins."""

    content: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    blocks: dict[Path, int] = field(default_factory=dict)
    slips: list[Slip] = field(default_factory=list)

    def slip(self, path: Path, what: str, row: int = 0) -> Slip:
        """Return a slip at the field, or at the nearest one that is there. row: in its block of text, from 1."""
        if row and path in self.blocks:
            return Slip(self.blocks[path] + row - 1, 0, spoken(path), what)
        there = next(path[:length] for length in range(len(path), -1, -1) if path[:length] in self.lines or not length)
        return Slip(self.lines.get(there, 1), 0, spoken(path), what)


def tree(text: str, name: str, form: Form[Any]) -> Tree:
    """Read the text of the file `name`. Raises WrongFile."""
    if len(text.encode(errors="replace")) > LARGEST:
        what = f"has more than {LARGEST:,} bytes, and no {form.noun} has: is it another file"
        raise WrongFile(name, [Slip(0, 0, "", what)])
    try:
        found = _Builder(text, form).tree
    except ReaderError as error:
        position = int(error.position)
        what = f"holds the character U+{ord(text[position]):04X}, which YAML does not allow: remove it"
        raise WrongFile(name, [_at(text, position, what)]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"is not YAML here ({error.problem or error.context}): mend it, quotes and indentation first"
        slip = Slip(mark.line + 1, mark.column + 1, "", what) if mark else Slip(0, 0, "", what)
        raise WrongFile(name, [slip]) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        what = "is not YAML: an escape or a directive names a number that is none"
        raise WrongFile(name, [Slip(0, 0, "", what)]) from None
    if found.slips:
        raise WrongFile(name, found.slips)
    return found


def _at(text: str, position: int, what: str) -> Slip:
    before = text[:position]
    return Slip(before.count("\n") + 1, position - before.rfind("\n"), "", what)


class _Builder:
    """Builds the tree from YAML's events, refusing what such files do not need."""

    def __init__(self, text: str, form: Form[Any]) -> None:
        self.tree = Tree()
        self._noun = form.noun
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self._stopped = False
        next(self._events)  # the beginning of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._refuse(None, (), f"is empty: begin as the example in {form.document}")
            return
        self.tree.content = self._value(next(self._events), ())
        if self._stopped:
            return
        next(self._events)  # the end of the document
        more = next(self._events)
        if isinstance(more, yaml.DocumentStartEvent):
            self._refuse(more, (), f"begins a second document: write one {form.noun} a file")

    def _refuse(self, event: yaml.Event | None, path: Path, what: str) -> None:
        line = _line(event) if event else 0
        self.tree.slips.append(Slip(line, 0, spoken(path), what))

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self.tree.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, path, f"uses the alias *{clipped(event.anchor or '')}: write the value out")
            return None
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._refuse(event, path, f"sets the anchor &{clipped(event.anchor or '')}: write the value out")
        if getattr(event, "tag", None) is not None:
            self._refuse(event, path, f"has the tag {clipped(getattr(event, 'tag', ''))}: write the plain value")
        if isinstance(event, yaml.ScalarEvent):
            if event.style == "|":
                self.tree.blocks[path] = _line(event) + 1
            return _scalar(event)
        if len(path) >= DEEPEST:
            self._refuse(event, path[:DEEPEST], f"is nested deeper than {DEEPEST} levels: no {self._noun} is")
            self._stopped = True
            return None
        return self._mapping(path) if isinstance(event, yaml.MappingStartEvent) else self._list(path)

    def _list(self, path: Path) -> list[Any]:
        found: list[Any] = []
        while not self._stopped and not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*path, len(found))))
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._stopped and not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse(event, path, "has a field whose name is not a plain text: write `name: value`")
                self._stopped = True
                return found
            key: str = event.value
            below = (*path, key)
            if event.anchor is not None:
                self._refuse(event, below, f"sets the anchor &{clipped(event.anchor or '')}: take it out")
            if key in found:
                self._refuse(event, below, f"is written twice, first in line {self.tree.lines[below]}: keep one")
            self.tree.lines.setdefault(below, _line(event))
            found[key] = self._value(next(self._events), below)
        return found


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _scalar(event: yaml.ScalarEvent) -> Any:
    value: str = event.value
    if not event.implicit[0]:  # in quotes, or a block of text
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _WHOLE.fullmatch(value):
        return int(value)
    return float(value) if _NUMBER.fullmatch(value) else value
