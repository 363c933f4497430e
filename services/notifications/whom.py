"""Who is told of tellings now: reads no more people than may be meant, and lets what fails with one stand by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from services.notifications.domain.directory import Customer, NotRead, Unknown
from services.notifications.domain.rule import Role
from services.notifications.domain.surroundings import Surroundings
from services.notifications.domain.telling import Delivery, Telling, addressed, needed
from services.notifications.store import choosing, copies
from shared.database import Transaction

To = Callable[[Telling], list[Delivery]]


@dataclass(frozen=True)
class Found:
    """told: to whom, nobody where there is nobody. waiting: why, by telling. apart: what it raised."""

    told: list[tuple[Telling, list[Delivery]]] = field(default_factory=list)
    waiting: list[tuple[int, str]] = field(default_factory=list)
    apart: list[tuple[Telling, Exception]] = field(default_factory=list)


@dataclass(frozen=True)
class Ways:
    """channels: those that there are. fallback: who is told of what nobody else is there for; patience: after how long
    of what nobody is known for.
    """

    channels: frozenset[str]
    fallback: tuple[Role, ...]
    patience: timedelta


async def find(tx: Transaction, tellings: Sequence[Telling], ways: Ways) -> Found:
    """Return who is told of them. Those who come instead of others are read only where somebody has to."""
    found = Found()
    if left := _sort(tellings, await _reading(tx, tellings, ways, ()), found):
        _sort(left, await _reading(tx, left, ways, ways.fallback), found)
    return found


def _sort(tellings: Sequence[Telling], to: To, found: Found) -> list[Telling]:
    """Add each to what was found; returns those for which more has to be read."""
    left = []
    for one in tellings:
        try:
            found.told.append((one, to(one)))
        except NotRead:
            left.append(one)
        except Unknown as who:
            found.waiting.append((one.telling_id, str(who)))
        except Exception as error:  # noqa: BLE001  # whatever it is: it is this one's alone
            found.apart.append((one, error))
    return left


async def _reading(tx: Transaction, tellings: Sequence[Telling], ways: Ways, instead: Sequence[Role]) -> To:
    """Read what they need; returns what says who is told of one of them. instead: who may come instead of others."""
    about = {one.customer_id for one in tellings if one.customer_id is not None}
    await copies.hold_csms(tx, about)
    customers = await copies.customers(tx, about)
    people, chosen = await copies.people(tx, needed(tellings, customers, instead))
    around = Surroundings(people, choosing.Kept(chosen), ways.channels, tx.now, ways.fallback, ways.patience)
    contacts = ((one.customer_id or "", one.contact_id) for one in tellings if one.contact_id)
    reachable = await copies.reachable_contacts(tx, contacts)
    return partial(_to, customers=customers, reachable=reachable, around=around)


def _to(
    telling: Telling, customers: dict[str, Customer], reachable: set[tuple[str, str]], around: Surroundings
) -> list[Delivery]:
    """Return who is told. Raises Unknown while whoever is meant, or their address, is not known; NotRead."""
    if telling.contact_id is None:
        return addressed(telling, customers.get(telling.customer_id or ""), around)
    if (telling.customer_id, telling.contact_id) not in reachable:
        raise Unknown("the contact has no address yet")
    return [Delivery(telling.contact_id, "mail", around.now, alone=True)]
