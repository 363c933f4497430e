"""Standard output and error that say their name when they cannot be written to, such as on a full disk.

Python's own raise an error without a name, as anything else that writes to a descriptor does.
"""

import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import Any, TextIO


class _Named(FileIO):
    """A descriptor; its errors have its name where a file's have a path."""

    def __init__(self, descriptor: int, called: str) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._called = called

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise OSError(error.errno, error.strerror, self._called) from None


def name() -> None:
    """Put such streams in the place of Python's, or of those that were closed before this process began."""
    sys.stdout = _named(sys.stdout, "Standard output")
    sys.stderr = _named(sys.stderr, "Standard error")


def forget_what_cannot_be_written() -> None:
    """Let it go nowhere: Python would try once more when it ends, and complain in its own words."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _named(stream: Any, called: str) -> TextIO:
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    raw = _Named(stream.fileno(), called)
    return TextIOWrapper(
        raw if stream.write_through else BufferedWriter(raw),  # as Python does with -u
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
