"""A field of a form: what it asks for, and how what was typed becomes what a command says."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

Kind = Literal["line", "capitals", "text", "day", "moment", "time", "choice", "many", "yes", "whole", "amount", "seen"]
Typed = Mapping[str, Sequence[str]]
EMPTY = "Please fill this in."
CHOOSE = "Please choose one."
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_SATURDAY = 5
GONE = "This can no longer be chosen: please choose again."


class Wrong(ValueError):
    """What was typed cannot be taken; the text says why, in a sentence for whoever typed it."""


@dataclass(frozen=True)
class Option:
    """One of the things to choose from."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """See the module. value: what it holds before anybody types; heading: what stands above it, and those after it.

    grows_by: the form of the same page that adds to what can be chosen. needed_in_row: it has to be filled in where its
    row is (rows.py). The kind "seen" is what somebody has before them while they type, such as the version that they
    speak of: it goes along, and nobody types it.
    """

    name: str
    label: str
    kind: Kind = "line"
    value: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    required: bool = True
    hint: str = ""
    whole: tuple[int, int] = field(default=(0, 1_000_000))
    heading: str = ""
    needed_in_row: bool = False
    grows_by: str = ""

    def with_held(self, name: Callable[[str], str]) -> "Field":
        """Return it with what it holds among what can be chosen, or it would go as the form is sent. name: of an id."""
        known = {one.value for one in self.options}
        held = [Option(one, name(one)) for one in self.value if one and one not in known]
        return replace(self, options=(*self.options, *held)) if held and self.kind in {"choice", "many"} else self

    def read(self, typed: Typed, time_zone: str) -> Any:
        """Return what was typed as a command says it, None where it is left empty. Raises Wrong."""
        given = [one for one in typed.get(self.name, ()) if one.strip()]
        if self.kind == "yes":
            return bool(given)
        if self.kind == "many":
            known = {one.value for one in self.options}
            chosen = tuple(dict.fromkeys(given))
            if not known.issuperset(chosen):
                raise Wrong(GONE)
            if self.required and not chosen:
                raise Wrong("Please choose at least one.")
            return chosen
        if not given:
            if self.required:
                raise Wrong(CHOOSE if self.kind == "choice" else EMPTY)
            return None
        return self._one(given[-1].strip(), time_zone)

    def _one(self, text: str, time_zone: str) -> Any:
        match self.kind:
            case "line" | "capitals":
                line = " ".join(text.split())
                return line.upper() if self.kind == "capitals" else line
            case "day":
                return _day(text)
            case "moment":
                return _moment(text, time_zone)
            case "time":
                return _time(text)
            case "whole":
                return _whole(text, *self.whole)
            case "amount":
                return _amount(text)
            case "choice":
                if text not in {one.value for one in self.options}:
                    raise Wrong(GONE)
                return text
            case _:
                return text.replace("\r\n", "\n")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Wrong("Please give a day, such as 2026-03-31.") from None


def _moment(text: str, time_zone: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("Please give a day and a time, such as 2026-03-31 10:30.") from None
    return found.replace(tzinfo=ZoneInfo(time_zone)).isoformat() if found.tzinfo is None else found.isoformat()


def _whole(text: str, least: int, most: int) -> int:
    try:
        found = int(text)
    except ValueError:
        found = least - 1
    if not least <= found <= most:
        raise Wrong(f"Please give a whole number from {least} to {most}.")
    return found


def _time(text: str) -> str:
    if _TIME.fullmatch(text) is None:
        raise Wrong("Please give a time of the day, such as 18:30.")
    return text


def _amount(text: str) -> str:
    if _AMOUNT.fullmatch(text) is None:
        raise Wrong("Please give an amount without its currency, such as 1250.50.")
    return text


def moment_for(value: datetime, time_zone: str) -> tuple[str]:
    """Return a moment as a field for moments holds it."""
    return (value.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%dT%H:%M"),)


def next_morning(now: datetime, time_zone: str) -> tuple[str]:
    """Return ten o'clock of the next day that is no weekend, as a field for moments holds it: a talk could be then."""
    ahead = now.astimezone(ZoneInfo(time_zone)) + timedelta(days=1)
    if ahead.weekday() >= _SATURDAY:
        ahead += timedelta(days=7 - ahead.weekday())
    return (f"{ahead:%Y-%m-%d}T10:00",)
