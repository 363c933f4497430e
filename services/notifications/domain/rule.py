"""A rule: which facts are told to whom, how urgently, once for what, and to whom next if nobody takes it in hand."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

from services.notifications.domain import paths
from services.notifications.domain.urgency import Urgency

Who = Literal[
    "csm", "csm_manager", "executive_sponsor", "managers", "executives", "admins", "team", "team_managers", "person"
]  # fmt: skip
Role = Literal["managers", "executives", "admins"]
FALLBACK: tuple[Role, ...] = ("managers", "admins")
NAMED: tuple[Who, ...] = ("team", "team_managers", "person")  # by a field of the fact
How = Literal["side", "team", "who", "words"]
MARK = 500  # characters
HOWS = get_args(How)  # how a line may have something said: {about:team}
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z]+))?\}")


@dataclass(frozen=True)
class Audience:
    """Who is told. named_in: the path to the team or person, for those who are named in the fact."""

    who: Who
    named_in: str | None = None


@dataclass(frozen=True)
class Condition:
    """The rule holds where the field is one of these."""

    field: str
    values: tuple[str | bool | int, ...]

    def holds(self, fact: Mapping[str, Any]) -> bool:
        """Tell whether it does; a flag that is absent is false."""
        found = paths.find(fact, self.field)
        return any(found == one and isinstance(found, bool) == isinstance(one, bool) for one in self.values)


@dataclass(frozen=True)
class DoneBy:
    """What was asked for is done with a fact of one of these types that has the same where each path leads."""

    kinds: tuple[str, ...]
    same: tuple[str, ...]

    def mark(self, fact: Mapping[str, Any]) -> str | None:
        """Return what such facts have in common with what asks for it; None where it has no such thing."""
        found = [paths.find(fact, path) for path in self.same]
        return None if None in found else "/".join(map(str, [*self.same, *found]))[:MARK]


@dataclass(frozen=True)
class Acknowledge:
    """Somebody is to take it in hand within this time; else it goes to the next in line, once, unless it is done.

    only_asks: it tells nothing beside, so that nobody needs to hear of it any more who has not yet, then.
    """

    within: timedelta
    then: tuple[Audience, ...]
    done_by: tuple[DoneBy, ...] = ()
    only_asks: bool = False


@dataclass(frozen=True)
class Rule:
    """Facts of one type. once_per: paths whose values make it another thing to tell; says: what templates need, by
    name; headline, next_step: one line each, with {names} of what it says.
    """

    name: str
    on: str
    to: tuple[Audience, ...]
    template: str
    urgency: Urgency
    headline: str
    next_step: str
    when: tuple[Condition, ...] = ()
    once_per: tuple[str, ...] = ("event_id",)
    says: tuple[tuple[str, str], ...] = ()
    acknowledge: Acknowledge | None = None

    def holds(self, fact: Mapping[str, Any]) -> bool:
        """Tell whether the fact is told by this rule."""
        return all(one.holds(fact) for one in self.when)

    def once(self, fact: Mapping[str, Any]) -> str:
        """Return what it is told once for; of several things, in whatever order they are named."""
        return "/".join(_in_order(paths.find(fact, path)) for path in self.once_per)

    def told(self, fact: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a message says: the fact's own plain fields, and what the rule takes from deeper inside."""
        own = {name: value for name, value in fact.items() if name not in ENVELOPE and _is_plain(value)}
        deeper = {name: paths.find(fact, path) for name, path in self.says}
        return {**own, **{name: value for name, value in deeper.items() if value is not None}}


ENVELOPE = frozenset(
    {"type", "event_id", "source", "epoch", "seq", "occurred_at", "correlation_id", "causation_id", "customer_id"}
)


def _in_order(found: object) -> str:
    return ",".join(sorted({str(one) for one in found})) if isinstance(found, list) else str(found)


def _is_plain(value: object) -> bool:
    entries = value if isinstance(value, list | tuple) else [value]
    return all(isinstance(one, str | int | bool) for one in entries)


@dataclass(frozen=True)
class RuleSet:
    """All rules of a file. silent: types of facts that ask nobody for anything. fallback: who is told of what nobody
    else is there for, or known: the first of them that anybody is of. over_with: what ends every ask about the same.
    """

    name: str
    version: int
    rules: tuple[Rule, ...]
    silent: frozenset[str]
    fallback: tuple[Role, ...] = FALLBACK
    over_with: tuple[DoneBy, ...] = ()

    def of(self, kind: str) -> Sequence[Rule]:
        """Return the rules for facts of this type."""
        return [one for one in self.rules if one.on == kind]

    def named(self, name: str) -> Rule | None:
        """Return the rule that is called so."""
        return next((one for one in self.rules if one.name == name), None)

    def done_with(self, rule: Rule, fact: Mapping[str, Any]) -> list[str]:
        """Return the marks of facts with which it is done, what the rule asks for because of this fact."""
        by = (*rule.acknowledge.done_by, *self.over_with) if rule.acknowledge else ()
        return [f"{kind} {mark}" for one in by if (mark := one.mark(fact)) is not None for kind in one.kinds]

    def does(self, kind: str) -> list[DoneBy]:
        """Return by what asks are done with facts of this type."""
        asked = [one for rule in self.rules if rule.acknowledge for one in rule.acknowledge.done_by]
        return [one for one in (*asked, *self.over_with) if kind in one.kinds]

    @property
    def covered(self) -> frozenset[str]:
        """The types that are told by a rule, or ask nobody for anything."""
        return frozenset(one.on for one in self.rules) | self.silent


def filled(line: str, says: Mapping[str, Any], say: Callable[[str, object, str | None], str]) -> str:
    """Return a headline or next step with its {names} filled in; what is not known is left out.

    say: says the value of a name as people do, in the way that the line asks for.
    """
    known = {name: value for name, value in says.items() if value is not None}
    return " ".join(_PLACE.sub(lambda at: say(at[1], known[at[1]], at[2]) if at[1] in known else "", line).split())


def places(line: str) -> list[tuple[str, str]]:
    """Return the names that a headline or next step asks for, each with how it is to be said ("": as it is)."""
    return _PLACE.findall(line)
