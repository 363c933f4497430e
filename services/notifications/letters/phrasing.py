"""How values are said in a letter: days and times as people say them, names for ids. The filters of the words."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

_GROUNDS = MappingProxyType(
    {
        "time_frame_over": "The agreed time frame has ended, and it still fails.",
        "refused": "The customer refused the plan.",
        "unanswered": "Three documented offers had no answer.",
        "abandoned": "The customer missed two reviews in a row.",
    }
)
_WAYS = MappingProxyType({"in_person": "in person", "phone": "by phone", "video": "by video"})
_SIDES = MappingProxyType({"us": "us", "customer": "the customer"})
_STEPS = MappingProxyType(
    {
        "candid_conversation": "the candid conversation",
        "key_players": "the key players",
        "joint_plan": "the joint plan",
        "reviews": "the reviews",
        "playbook": "the playbook",
    }
)

_CHANNELS = MappingProxyType(
    {"slack": "Slack", "teams": "Teams", "apprise": "Apprise", "webhook": "your webhook", "console": "the console"}
)
_ROLES = MappingProxyType({"executive": "an executive", "customer": "the customer", "csm": "the CSM"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\S*")
_ID = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
MOST_OF_A_LIST = 3


def day(value: object) -> str:
    """Say a day, such as Monday, 2 March 2026; what is none is said as it is."""
    try:
        there = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{there:%A}, {there.day} {there:%B %Y}"


def at(value: object, time_zone: str) -> str:
    """Say a moment where the reader is, such as Monday, 2 March 2026, 15:05 (Europe/Berlin)."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        there = moment.astimezone(ZoneInfo(time_zone))
    except (ValueError, OverflowError):
        return str(value)
    return f"{there:%A}, {there.day} {there:%B %Y, %H:%M} ({time_zone})"


def words(value: object) -> str:
    """Say an id of ours in words: our_part_done is our part done."""
    return str(value).replace("_", " ")


def team(value: object) -> str:
    """Say a team, such as Legal."""
    said = words(value)
    return said[:1].upper() + said[1:]


def amount(number: object, one: str, many: str) -> str:
    """Say how many."""
    return f"{number} {one if number == 1 else many}"


@pass_context
def moment_here(context: Context, value: object) -> str:
    """Say a moment where the reader is."""
    return at(value, context["time_zone"])


@pass_context
def person(context: Context, value: object) -> str:
    """Say what a person is called, as far as it is known."""
    names: Mapping[str, str] = context["names"]
    return names.get(str(value), str(value))


def who(value: object, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Say who is meant: a person by name, a team, or a role."""
    return names.get(str(value)) or _ROLES.get(str(value)) or team(value)


@pass_context
def who_here(context: Context, value: object) -> str:
    """Say who is meant."""
    return who(value, context["names"])


def spoken(value: object, how: str | None, names: Mapping[str, str], time_zone: str) -> str:
    """Say a value in a line, as people do: days and moments, people by their names, ids as words; of a list the first
    few.
    """
    if isinstance(value, list | tuple):
        said = [spoken(one, how, names, time_zone).rstrip(".") for one in value]
        more = f"; and {len(said) - MOST_OF_A_LIST} more" if len(said) > MOST_OF_A_LIST else ""
        return "; ".join(said[:MOST_OF_A_LIST]) + more
    text = str(value)
    if how is not None:
        return who(text, names) if how == "who" else str(FILTERS[how](text))
    if _DAY.fullmatch(text):
        return day(text)
    if _MOMENT.fullmatch(text):
        return at(text, time_zone).removesuffix(f" ({time_zone})")  # all times of a briefing are the reader's
    return names.get(text) or (words(text) if _ID.fullmatch(text) else text)


def _one_of(said: Mapping[str, str]) -> Callable[[object], str]:
    return lambda value: said.get(str(value), words(value))


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "amount": amount,
        "band": words,
        "channel": _one_of(_CHANNELS),
        "day": day,
        "ground": _one_of(_GROUNDS),
        "moment": moment_here,
        "person": person,
        "side": _one_of(_SIDES),
        "step": _one_of(_STEPS),
        "team": team,
        "who": who_here,
        "way": _one_of(_WAYS),
        "words": words,
    }
)
