"""What is to be told: a fact by one rule to one audience; and who of ours is told then, where and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from services.notifications.domain.choices import USUAL, Choices
from services.notifications.domain.directory import Customer, Needed, Unknown, role_of
from services.notifications.domain.rule import NAMED, Audience, Role, Who
from services.notifications.domain.standing_in import Instead, Turn, in_place, of_team
from services.notifications.domain.surroundings import Surroundings
from services.notifications.domain.telling_time import told_at
from services.notifications.domain.urgency import Urgency, rank

LIVE = "console"  # rows that are there at once, whatever the hour

State = Literal["new", "told", "nobody", "expired"]


@dataclass(frozen=True)
class Telling:
    """One audience of one rule for one fact. names: whom the fact names; by: who did it; once: what it is told once
    for; turn: 1 where it goes to the next in line; contact_id, expires_at: of what was released to a contact;
    waits_since: from when on whoever is meant was looked for; stand_ins: who answers for the teams that are named.
    """

    rule: str
    who: Who | Literal["contact"]
    names: tuple[str, ...]
    audience: str
    once: str
    customer_id: str | None
    fact_id: str
    fact_type: str
    by: str | None
    urgency: Urgency
    template: str
    says: Mapping[str, Any]
    state: State = "new"
    telling_id: int = 0
    ask_id: str | None = None
    turn: int = 0
    contact_id: str | None = None
    expires_at: datetime | None = None
    waits_since: datetime | None = None
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delivery:
    """One person is told on one channel. stands_for: who is away; state quiet: they want to hear nothing of it;
    ask_id: what they may take in hand; instead: why it comes to them, whom the rule does not mean.
    """

    recipient: str
    channel: str
    due_at: datetime
    digest: bool = False
    alone: bool = False
    state: Literal["due", "quiet"] = "due"
    stands_for: str | None = None
    ask_id: str | None = None
    instead: Instead | None = None


def words(audience: Audience) -> str:
    """Return an audience as it is kept."""
    return " ".join(filter(None, (audience.who, audience.named_in)))


def needed(tellings: Iterable[Telling], customers: Mapping[str, Customer], instead: Sequence[Role] = ()) -> Needed:
    """Return who may be meant by any of them, or comes instead."""
    people: set[str] = set()
    roles: set[Role] = set(instead)
    teams: set[str] = set()
    for one in tellings:
        match one.who:
            case "csm" | "csm_manager" | "executive_sponsor":
                customer = customers.get(one.customer_id or "")
                people |= {customer.csm, customer.executive_sponsor or customer.csm} if customer else set()
            case "managers" | "executives" | "admins":
                roles.add(one.who)
            case "team" | "team_managers":
                teams |= set(one.names)
                people |= set(one.stand_ins)
            case "person":
                people |= set(one.names)
    return Needed(frozenset(people), frozenset(map(role_of, roles)), frozenset(teams))


def addressed(telling: Telling, customer: Customer | None, around: Surroundings) -> list[Delivery]:
    """Return who is told of it on which channels, none where there is nobody. Raises Unknown; NotRead.

    Nobody is told what they did themselves, nor by standing in for somebody else.
    """
    if telling.who == "contact":
        raise Unknown("the contact has no address yet")
    turns: dict[str, Turn] = {}
    for one in _turns(telling.who, telling, customer, around):
        if telling.by not in (one.meant, one.recipient):
            turns.setdefault(one.recipient, one)
    return [to for one in turns.values() for to in _to(one, telling, around)]


def told_once(told: Sequence[tuple[Telling, Sequence[Delivery]]]) -> list[tuple[Telling, Delivery]]:
    """Leave each person one of all that is to be told of a fact: what they want to hear of, and the most urgent of it.

    By it they may take in hand what any of them asks for.
    """
    best: dict[tuple[str, int, str], tuple[bool, int, int]] = {}
    asks: dict[tuple[str, int, str], str] = {}
    every = [(place, telling, one) for place, (telling, found) in enumerate(told) for one in found]
    for place, telling, one in every:
        turn = one.state == "quiet", rank(telling.urgency), place
        best[_whose(telling, one)] = min(best.get(_whose(telling, one), turn), turn)
        if telling.ask_id is not None:
            asks.setdefault(_whose(telling, one), telling.ask_id)
    return [
        (telling, replace(one, ask_id=telling.ask_id or asks.get(_whose(telling, one))))
        for place, telling, one in every
        if best[_whose(telling, one)][2] == place
    ]


def _whose(telling: Telling, delivery: Delivery) -> tuple[str, int, str]:
    return telling.fact_id, telling.turn, delivery.recipient


def _turns(who: Who, telling: Telling, customer: Customer | None, around: Surroundings) -> list[Turn]:
    """Return who is meant, and who is told. Raises Unknown; NotRead."""
    if who == "team":
        named = [Turn(one, one, "named") for one in telling.stand_ins if around.is_here(one)]
        answered = bool(named) and len(telling.names) == 1  # of several teams they answer for some, nobody knows which
        of_teams = [one for team in telling.names for one in of_team(team, around, answered=answered)]
        if named or of_teams:
            return [*of_teams, *named]
    meant, instead = _meant(who, telling, customer, around)
    return [Turn(one, in_place(one, around) or one, instead) for one in meant]


def _meant(
    who: Who, telling: Telling, customer: Customer | None, around: Surroundings
) -> tuple[list[str], Instead | None]:
    """Return who is meant, or comes instead, and then why. Raises Unknown; NotRead."""
    try:
        meant = around.people.meant(who, telling.names, customer)
    except Unknown:
        if telling.waits_since is None or around.now < telling.waits_since + around.patience:
            raise
        return around.people.last_resort(around.fallback), "unknown"
    if not meant and _is_missed(telling, customer):
        return around.people.last_resort(around.fallback), "nobody"
    return meant, None


def _is_missed(telling: Telling, customer: Customer | None) -> bool:
    """Tell whether somebody is to be there: a customer need not have a sponsor, nor a fact name a team or person; and
    what can wait may be told to nobody. Who is next in line always is: nobody else has taken it in hand.
    """
    if telling.turn > 0:
        return True
    if telling.urgency in {"low", "normal"}:
        return False
    if telling.who == "executive_sponsor":
        return customer is not None and customer.executive_sponsor is not None
    return telling.who not in NAMED or bool(telling.names)


def _to(turn: Turn, telling: Telling, around: Surroundings) -> list[Delivery]:
    recipient = turn.recipient
    choices, zone = around.of(recipient), around.people.by_id[recipient].time_zone
    silent = choices.mutes(telling.customer_id, telling.urgency, around.now) or (
        choices.timing(telling.urgency) == "never"
    )
    due_at = told_at(choices, telling.urgency, zone, around.now)
    digest = choices.timing(telling.urgency) in {"hourly", "daily", "weekly"}
    return [
        Delivery(
            recipient,
            channel,
            around.now if channel == LIVE else due_at,
            digest and channel != LIVE,
            channel == LIVE,
            "quiet" if silent and channel != LIVE else "due",
            None if recipient == turn.meant else turn.meant,
            instead=turn.instead,
        )
        for channel in _channels(choices, telling, around)
    ]


def _channels(choices: Choices, telling: Telling, around: Surroundings) -> Sequence[str]:
    """Return those that the person chose and that there are; mail where none of them is."""
    there = [one for one in choices.on(telling.urgency) if one in around.channels]
    if telling.customer_id is None:
        there = [one for one in there if one != LIVE]  # it shows what is about a customer
    return there or [USUAL]
