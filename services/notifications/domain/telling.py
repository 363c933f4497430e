"""What is to be told: a fact by one rule to one audience; and who of ours is told then, where and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.notifications.domain.choices import USUAL, Choices
from services.notifications.domain.directory import LONGEST_CHAIN, Customer, Directory, Unknown
from services.notifications.domain.rule import NAMED, Audience, Who
from services.notifications.domain.telling_time import is_away, told_at
from services.notifications.domain.urgency import Urgency

LIVE = "console"  # rows that are there at once, whatever the hour

State = Literal["new", "told", "expired"]


@dataclass(frozen=True)
class Telling:
    """One audience of one rule for one fact. names: whom the fact names; by: who did it; once: what it is told once
    for; turn: 1 where it goes to the next in line; contact_id, expires_at: of what was released to a contact.
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


@dataclass(frozen=True)
class Delivery:
    """One person is told on one channel. stands_for: who is away; state quiet: they want to hear nothing of it."""

    recipient: str
    channel: str
    due_at: datetime
    digest: bool = False
    alone: bool = False
    state: Literal["due", "quiet"] = "due"
    stands_for: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What is known when somebody is told: our people, what each chose, and which channels there are."""

    people: Directory
    choices: Mapping[str, Choices]
    channels: frozenset[str]
    now: datetime

    def of(self, person_id: str) -> Choices:
        """Return what a person chose, else what is usual."""
        return self.choices.get(person_id) or Choices()


def words(audience: Audience) -> str:
    """Return an audience as it is kept."""
    return " ".join(filter(None, (audience.who, audience.named_in)))


def addressed(telling: Telling, customer: Customer | None, around: Surroundings) -> list[Delivery]:
    """Return who is told of it on which channels, none where there is nobody. Raises Unknown.

    Nobody is told what they did themselves, nor by standing in for somebody else.
    """
    if telling.who == "contact":
        raise Unknown
    meant = around.people.meant(telling.who, telling.names, customer)
    if not meant and _is_missed(telling, customer):
        meant = around.people.last_resort(telling.urgency)
    found: list[Delivery] = []
    for person_id in meant:
        found += _to(person_id, telling, around)
    return found


def _is_missed(telling: Telling, customer: Customer | None) -> bool:
    """Tell whether somebody is to be there: a customer need not have a sponsor, nor a fact name a team or person.

    Who is next in line always is: nobody else has taken it in hand.
    """
    if telling.turn > 0:
        return True
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
