"""How values are said in a letter: days and times as people say them, names for ids. The filters of the words."""

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


def _one_of(said: Mapping[str, str]) -> Callable[[object], str]:
    return lambda value: said.get(str(value), words(value))


FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "amount": amount,
        "band": words,
        "day": day,
        "ground": _one_of(_GROUNDS),
        "moment": moment_here,
        "person": person,
        "side": _one_of(_SIDES),
        "step": _one_of(_STEPS),
        "team": team,
        "way": _one_of(_WAYS),
        "words": words,
    }
)
