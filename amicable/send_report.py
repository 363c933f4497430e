"""What `amicable send` shows: progress on a terminal, bad lines as they are found, and a summary; or one JSON document.

Bounded in memory however many lines are bad.
"""

import json
import sys
import time
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from amicable.ndjson import Source
from amicable.output import console, errors
from amicable.problems import Problem
from shared.contracts.reading import Invalid

SHOWN = 20


class Report:
    """Counts and shows."""

    def __init__(self, source: Source, *, as_json: bool, check: bool) -> None:
        """Nothing is shown before the report is entered."""
        self.lines = self.bad = self.published = 0
        self._source, self._as_json, self._check = source, as_json, check
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[lines]:,} lines"),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
            disable=not errors.is_terminal,
        )

    def __enter__(self) -> Self:
        """Begin."""
        self._began = time.monotonic()
        self._progress.start()
        doing = "Checking" if self._check else "Sending"
        self._task = self._progress.add_task(f"{doing} {self._source.name}", total=self._source.size, lines=0)
        if self._as_json:
            self._write('{"bad_lines": [')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show the summary."""
        self._progress.stop()
        if self._as_json:
            summary = {
                "lines": self.lines,
                "good": self.lines - self.bad,
                "bad": self.bad,
                "published": self.published,
                "seconds": round(time.monotonic() - self._began, 3),
                "stopped": str(error) if isinstance(error, Problem) else None,
            }
            self._write("], " + json.dumps(summary, ensure_ascii=False)[1:] + "\n")
        else:
            self._summarise(stopped=error is not None)

    def read(self, lines: int) -> None:
        """Count lines that were read, good and bad."""
        self.lines += lines
        self._progress.update(self._task, completed=self._source.position, lines=self.lines)

    def bad_line(self, number: int, why: Invalid) -> None:
        """Report one bad line."""
        self.bad += 1
        if self._as_json:
            found = {"line": number, "pointer": why.pointer, "reason": why.reason}
            self._write((", " if self.bad > 1 else "") + json.dumps(found, ensure_ascii=False))
        elif self.bad <= SHOWN:
            errors.print(Text(f"line {number}: {why}"), soft_wrap=True)

    def _summarise(self, *, stopped: bool) -> None:
        if self.bad > SHOWN:
            errors.print(f"… and {self.bad - SHOWN:,} more bad lines; --json lists them all.")
        if stopped:
            if self.published:
                errors.print(f"{self.published:,} events were published before it stopped.")
            return
        took = time.monotonic() - self._began
        done = f"{self.lines - self.bad:,} good" if self._check else f"{self.published:,} published"
        speed = f" ({self.lines / took:,.0f} a second)" if took > 1 else ""
        console.print(f"{self.lines:,} lines: {done}, {self.bad:,} bad, in {took:.1f} s{speed}.")

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
