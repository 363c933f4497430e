"""What is to be told: a fact by one rule to one audience; and who of ours is told then, where and when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from services.notifications.domain.choices import USUAL, Choices
from services.notifications.domain.directory import LONGEST_CHAIN, Customer, Directory, Needed, Unknown, role_of
from services.notifications.domain.rule import FALLBACK, NAMED, Audience, Role, Who
from services.notifications.domain.telling_time import is_away, told_at
from services.notifications.domain.urgency import Urgency, rank

LIVE = "console"  # rows that are there at once, whatever the hour
PATIENCE = timedelta(hours=24)

State = Literal["new", "told", "nobody", "expired"]
Instead = Literal["unknown", "nobody"]  # whoever is meant is not known, not there, or did it themselves


@dataclass(frozen=True)
class Telling:
    """One audience of one rule for one fact. names: whom the fact names; by: who did it; once: what it is told once
    for; turn: 1 where it goes to the next in line; contact_id, expires_at: of what was released to a contact;
    waits_since: from when on whoever is meant was looked for.
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


@dataclass(frozen=True)
class Surroundings:
    """What is known when somebody is told: our people, what each chose, and which channels there are. fallback: who
    is told of what nobody else is there for; patience: how long whoever is meant, and not known, is waited for.
    """

    people: Directory
    choices: Mapping[str, Choices]
    channels: frozenset[str]
    now: datetime
    fallback: tuple[Role, ...] = FALLBACK
    patience: timedelta = PATIENCE

    def of(self, person_id: str) -> Choices:
        """Return what a person chose, else what is usual."""
        return self.choices.get(person_id) or Choices()


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
            case "person":
                people |= set(one.names)
    return Needed(frozenset(people), frozenset(map(role_of, roles)), frozenset(teams))


def addressed(telling: Telling, customer: Customer | None, around: Surroundings) -> list[Delivery]:
    """Return who is told of it on which channels, none where there is nobody. Raises Unknown; NotRead.

    Nobody is told what they did themselves, nor by standing in for somebody else.
    """
    if telling.who == "contact":
        raise Unknown("the contact has no address yet")
    meant, instead = _meant(telling.who, telling, customer, around)
    found: list[Delivery] = []
    for person_id in meant:
        found += [replace(one, instead=instead) for one in _to(person_id, telling, around)]
    return found


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


def _to(person_id: str, telling: Telling, around: Surroundings) -> list[Delivery]:
    recipient = _standing_in(person_id, around)
    if telling.by in (person_id, recipient):
        return []
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
            None if recipient == person_id else person_id,
        )
        for channel in _channels(choices, telling, around)
    ]


def _channels(choices: Choices, telling: Telling, around: Surroundings) -> Sequence[str]:
    """Return those that the person chose and that there are; mail where none of them is."""
    there = [one for one in choices.on(telling.urgency) if one in around.channels]
    if telling.customer_id is None:
        there = [one for one in there if one != LIVE]  # it shows what is about a customer
    return there or [USUAL]


def _standing_in(person_id: str, around: Surroundings) -> str:
    """Return who gets what is for a person: whoever is away names a substitute, else it is their manager's."""
    at, seen = person_id, {person_id}
    for _ in range(LONGEST_CHAIN):
        person, absence = around.people.by_id[at], around.of(at).absence
        if absence is None or not is_away(around.of(at), person.time_zone, around.now):
            return at
        following = [one for one in (absence.substitute, person.manager) if one is not None]
        here = [one for one in following if one not in seen and _is_here(one, around)]
        if not here:
            return person_id
        at = here[0]
        seen.add(at)
    return person_id


def _is_here(person_id: str, around: Surroundings) -> bool:
    return person_id in around.people.by_id and around.people.by_id[person_id].active
