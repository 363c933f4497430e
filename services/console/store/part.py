"""A part of a list, with how long the whole of it is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

One = TypeVar("One")


@dataclass(frozen=True)
class Part(Generic[One]):
    """What is found there; nothing past the end. total, late: how many the whole list has, and of them are late."""

    found: list[One]
    total: int
    late: int = 0
