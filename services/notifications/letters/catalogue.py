"""The words for each thing that happens, read from words/*.yaml once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml


@dataclass(frozen=True)
class Listed:
    """A list under a heading; `of` is the name of the list among what is said, `each` how `one` of it is said."""

    heading: str
    of: str
    each: str = "{{ one }}"


@dataclass(frozen=True)
class Meeting:
    """Something for the calendar. at, id: names among what is said; what: how it is called there."""

    at: str
    id: str
    what: str


@dataclass(frozen=True)
class Entry:
    """What is said about one thing that happens; the texts are templates.

    asks: somebody is to do something. subject: where it is not about a customer. quote: the name of a longer text in
    somebody's own words. facts: label and text. code: shown large. you: why the reader gets it, a key of WHY_YOU;
    None: a letter to a customer's contact.
    """

    title: str
    happened: str
    next: str
    asks: bool = False
    subject: str | None = None
    quote: str | None = None
    list: Listed | None = None
    facts: tuple[tuple[str, str], ...] = ()
    why: str | None = None
    code: str | None = None
    button: str | None = None
    meeting: Meeting | None = None
    you: str | None = None


WHY_YOU: Mapping[str, str] = MappingProxyType(
    {
        "admin": "You get this because you are an administrator.",
        "channel": "You get this because you have chosen this channel.",
        "circle": "You get this because you look after this customer, or answer for it.",
        "csm": "You get this because you look after this customer.",
        "executive": "You get this because an executive approves last.",
        "manager": "You get this because you answer for whoever looks after this customer.",
        "named": "You get this because you were named for it.",
        "owner": "You get this because you have taken it on, or look after this customer.",
        "part": "You get this because you have a part in it, or look after this customer.",
        "team": "You get this because your team is needed for it.",
        "told": "You get this because you were told of it, or have a part in it.",
        "trial": "You get this because somebody asked for a trial.",
    }
)
INSTEAD: Mapping[str, str] = MappingProxyType(  # why it comes to somebody whom no rule means
    {
        "unknown": "Whoever it is for is not known here, so it comes to you.",
        "nobody": "Nobody else can be asked for it, so it comes to you.",
        "away": "Whoever it is for in the team is away: see that somebody of the team does it, or name a stand-in.",
        "named": "It comes to you since you were named to answer for the team.",
    }
)
UNKNOWN = Entry(  # a rule of somebody's own, for something that we have no words for
    title="{{ headline }}",
    happened="{{ headline }}",
    next="{{ next_step }}",
    asks=True,
    button="Open in Amicable",
    you="circle",
)


@cache
def entries() -> Mapping[str, Entry]:
    """Return all entries by the names of their templates. Raises TypeError or KeyError where a file is wrong."""
    found: dict[str, Entry] = {}
    for file in sorted(files(__package__).joinpath("words").iterdir(), key=lambda one: one.name):
        for name, written in yaml.safe_load(file.read_text("utf-8")).items():
            found[name] = _entry(written)
    return MappingProxyType(found)


def _entry(written: Mapping[str, Any]) -> Entry:
    rest = {name: value for name, value in written.items() if name not in {"list", "facts", "meeting"}}
    return Entry(
        **rest,
        list=Listed(*written["list"]) if "list" in written else None,
        facts=tuple(written.get("facts", {}).items()),
        meeting=Meeting(**written["meeting"]) if "meeting" in written else None,
    )
