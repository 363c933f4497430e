"""Reads lines from a file, a gzip file or standard input: bounded in memory, and as soon as they are there."""

import gzip
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from amicable.problems import REFUSED, USAGE, Problem

MAX_LINE = 1_048_576
CHUNK = 262_144
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Line:
    """A line that is not blank, without its line break; `text` is None where it is longer than MAX_LINE bytes."""

    number: int
    text: bytes | None


class Source:
    """An open source of lines. `size` in bytes is None where it cannot be known."""

    def __init__(self, name: str, raw: BufferedReader) -> None:
        """`name`: as a person would say it."""
        self.name = name
        self.lines_seen = 0
        self._raw = raw
        status = os.fstat(raw.fileno())
        self.size = status.st_size if raw.seekable() and status.st_size else None
        self._stream = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw

    @property
    def position(self) -> int:
        """How many bytes of `size` were read."""
        return self._raw.tell() if self.size else 0

    def chunks(self) -> Iterator[list[Line]]:
        """Yield what arrives, some hundred lines at a time; a Problem where it cannot be read to its end."""
        rest, too_long = b"", False
        while chunk := self._read():
            *whole, rest = (rest + chunk).split(b"\n")
            lines = []
            for text in whole:
                self.lines_seen += 1
                if not too_long:
                    lines.append(self._line(self.lines_seen, text))
                too_long = False
            if len(rest) > MAX_LINE:
                if not too_long:
                    lines.append(Line(self.lines_seen + 1, None))
                rest, too_long = b"", True
            yield [line for line in lines if line.text != b""]
        if rest and not too_long:
            self.lines_seen += 1
            yield [line for line in [self._line(self.lines_seen, rest)] if line.text != b""]

    def _read(self) -> bytes:
        try:
            return self._stream.read1(CHUNK)
        except (OSError, EOFError, zlib.error) as error:
            what = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged or cut off"
            raise Problem(f"{self.name} cannot be read after line {self.lines_seen}: {what}.", REFUSED) from None

    @staticmethod
    def _line(number: int, text: bytes) -> Line:
        if len(text) > MAX_LINE:
            return Line(number, None)
        return Line(number, (text.removeprefix(_BOM) if number == 1 else text).strip(b" \t\r"))


@contextmanager
def open_source(name: str) -> Iterator[Source]:
    """Open a file by its path, or standard input by `-`; a Problem where it cannot be read or is not what it says."""
    if name == "-":
        if sys.stdin is None:
            raise Problem("Standard input is closed.", USAGE)
        with open(sys.stdin.fileno(), "rb", closefd=False) as raw:  # a descriptor, not a path
            yield Source("Standard input", raw)
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115  # closed below
    except OSError as error:
        raise Problem(f"{name} cannot be read: {error.strerror}.", USAGE) from None
    with file as raw:
        if name.endswith(".gz") and raw.peek(2)[:2] not in {_GZIP, b""}:
            raise Problem(f"{name} is not a gzip file: check its name, or send it without .gz.", USAGE)
        yield Source(name, raw)
