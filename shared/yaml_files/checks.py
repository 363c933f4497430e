"""Checks that different kinds of files have in common."""

from collections.abc import Iterator, Sequence

from shared.yaml_files.problems import Path

Found = Iterator[tuple[Path, str]]  # the path to a field, and what is wrong with it


def repeated(path: Path, values: Sequence[str]) -> Found:
    """Yield each value that is in the list before already."""
    for at, value in enumerate(values):
        if value in values[:at]:
            yield (*path, at), f"repeats {value}: keep one"
