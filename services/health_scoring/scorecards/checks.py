"""Checks that measures and rules have in common."""

from collections.abc import Collection, Iterator, Sequence

from services.health_scoring.scorecards.fields import placeholders
from services.health_scoring.scorecards.problems import Path

Found = Iterator[tuple[Path, str]]  # the path to a field, and what is wrong with it


def repeated(path: Path, values: Sequence[str]) -> Found:
    """Yield each value that is in the list before already."""
    for at, value in enumerate(values):
        if value in values[:at]:
            yield (*path, at), f"repeats {value}: keep one"


def words_unknown(path: Path, says: str, known: Collection[str], whose: str) -> Found:
    """Yield each placeholder of the sentence that would have nothing to show."""
    for name, _ in placeholders(says):
        if name not in known:
            there = ", ".join(f"{{{each}}}" for each in sorted(known))
            yield path, f"has the placeholder {{{name}}}, and {whose} knows {there}"
