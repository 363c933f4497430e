"""Rows of a form: those that there are, and empty ones below to fill in; a row whose first field is empty is none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from services.console.page.acting.field import CHOOSE, EMPTY, Field
from services.console.page.acting.form import Given, Problems

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """A row as it was typed. number: which one it is, from 0; given: what was typed, by the fields' own names."""

    number: int
    given: Given


def laid(title: str, known: Sequence[T], empty: int, row: Callable[[T | None], Sequence[Field]]) -> list[Field]:
    """Return the fields of all rows: each named by its own name and the number of its row."""
    found: list[Field] = []
    for number in range(len(known) + empty):
        one = known[number] if number < len(known) else None
        fields = row(one)
        heading = f"{title} {number + 1}" if one is not None else f"Another {title[0].lower()}{title[1:]}"
        for place, field in enumerate(fields):
            found.append(
                replace(
                    field,
                    name=f"{field.name}-{number}",
                    required=False,
                    needed_in_row=field.required,
                    heading=heading if place == 0 else "",
                )
            )
    return found


def typed(given: Given, fields: Sequence[Field], first: str) -> Iterator[Row]:
    """Yield the rows that were filled in. first: the name of their first field. Raises Problems."""
    numbers = [number for number in range(len(fields)) if f"{first}-{number}" in given]
    columns = {one.name.rpartition("-")[0]: one for one in fields}
    wrong: dict[str, str] = {}
    for number in numbers:
        row = {name: given.get(f"{name}-{number}") for name in columns}
        if row[first] is None:
            continue
        for name, field in columns.items():
            if field.needed_in_row and row[name] is None:
                wrong[f"{name}-{number}"] = CHOOSE if field.kind == "choice" else EMPTY
        yield Row(number, row)
    if wrong:
        raise Problems(wrong)


def free_ids(prefix: str, taken: Sequence[str]) -> Iterator[str]:
    """Yield ids that are not taken: p-1, p-2, …"""
    return (f"{prefix}-{number}" for number in range(1, 1000) if f"{prefix}-{number}" not in taken)
