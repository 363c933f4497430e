"""What is wrong with a file, as sentences that say where, what, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
MOST = 50  # problems told of one file


@dataclass(frozen=True, order=True)
class Slip:
    """Something wrong: in which line (0: none), in which column (0: not needed), at which field, and what."""

    line: int
    column: int
    path: str
    what: str

    def told(self, name: str) -> str:
        """Return the sentence about the file of that name."""
        line = f" line {self.line}" if self.line else ""
        column = f", column {self.column}" if self.column else ""
        return f"{name}{line}{column}{', ' if self.path else ''}{self.path}: {self.what}."


class WrongFile(ValueError):
    """A file that cannot be used. `problems`: a sentence each, in the order of lines."""

    def __init__(self, name: str, slips: Iterable[Slip]) -> None:
        """`name`: the file's."""
        ordered = sorted(set(slips))
        told = [slip.told(name) for slip in ordered[:MOST]]
        if len(ordered) > MOST:
            told.append(f"{name}: has {len(ordered) - MOST} problems more; mend these first.")
        self.problems = tuple(told)
        super().__init__("\n".join(told))


def spoken(path: Path) -> str:
    """Return the path to a field as it is written in sentences; what is odd in a key is escaped, what is long cut."""
    return "/".join(clipped(str(part)) for part in path)


def shown(value: object) -> str:
    """Return a wrong value for a sentence: short, and on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return f"'{clipped(value)}'" if isinstance(value, str) else f"{value}"


def clipped(text: str, most: int = 40) -> str:
    """Return the text on one line, cut when it is long."""
    plain = text if text.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= most else f"{plain[:most]}…"
