"""What goes together into one message, and what waits so that nobody drowns: pure, for one person and channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.notifications.domain.urgency import Urgency, rank

WINDOW = timedelta(hours=1)

Kind = Literal["single", "grouped", "digest", "summary"]


@dataclass(frozen=True)
class Waiting:
    """Something that may be told now. digest: it was to wait for others; held: it was more than the person takes.
    alone: it was released to a contact, and goes by itself whatever else there is.
    """

    delivery_id: int
    customer_id: str | None
    urgency: Urgency
    digest: bool = False
    held: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Pack:
    """One message: the first of its deliveries gives it its name. about: all customers that it tells of, none where it
    goes by itself whatever else there is.
    """

    kind: Kind
    delivery_ids: tuple[int, ...]
    customer_id: str | None
    urgency: Urgency
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packed:
    """What goes out now, and what is held back until when (None: nothing)."""

    packs: tuple[Pack, ...]
    held: tuple[int, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True)
class Sent:
    """How many messages went out in the last hour that count against the cap, and when the first of them did."""

    count: int = 0
    first_at: datetime | None = None


def pack(waiting: Sequence[Waiting], sent: Sent, sent_critical: Sent, most: int, now: datetime) -> Packed:
    """Return the messages that go out now: at most `most` an hour, and as many critical ones; what is more is held,
    and told in one summary when an hour is over. Nothing is dropped. What is critical goes first, and takes along all
    else about its customers: or the older of it would be told after.
    """
    alone = [Pack("single", (one.delivery_id,), one.customer_id, one.urgency) for one in waiting if one.alone]
    rest = [one for one in waiting if not one.alone]
    urgent = _within(_grouped([one for one in rest if one.urgency == "critical"]), sent_critical, most, now)
    told = {customer for one in urgent.packs for customer in one.about}
    usual = [one for one in rest if one.urgency != "critical"]
    along = _by_customer([one for one in usual if one.customer_id in told])
    others = _within(_others([one for one in usual if one.customer_id not in told]), sent, most, now)
    untils = [one.until for one in (urgent, others) if one.until is not None]
    return Packed(
        (*alone, *take_along(urgent.packs, along), *others.packs),
        (*urgent.held, *others.held),
        min(untils) if untils else None,
    )


def take_along(packs: Sequence[Pack], waiting: Mapping[str, Sequence[Waiting]]) -> tuple[Pack, ...]:
    """Add to each message what waits for later about its customers, so that nothing old is told after what is newer.

    waiting: deliveries to the same person on the same channel, by customer; the first message about it has them.
    """
    left = dict(waiting)
    return tuple(_with(one, [also for about in one.about for also in left.pop(about, ())]) for one in packs)


def _with(pack: Pack, also: Sequence[Waiting]) -> Pack:
    """Add to a message, which counts as what it was; one thing leads no longer where what goes along is more urgent."""
    leads = all(rank(pack.urgency) <= rank(one.urgency) for one in also)
    kind = pack.kind if leads or pack.kind != "single" else "grouped"
    return replace(pack, kind=kind, delivery_ids=(*pack.delivery_ids, *(one.delivery_id for one in also)))


def _others(waiting: Sequence[Waiting]) -> list[Pack]:
    """Return one summary of what was held, one digest of what waited for its turn, and the rest by customer."""
    held = [one for one in waiting if one.held]
    digest = [one for one in waiting if one.digest and not one.held]
    now = [one for one in waiting if not one.digest and not one.held]
    packs = [_together("summary", held)] if held else []
    packs += [_together("digest", digest)] if digest else []
    return [*packs, *_grouped(now)]


def _grouped(waiting: Sequence[Waiting]) -> list[Pack]:
    groups = [_together("single" if len(some) == 1 else "grouped", some) for some in _by_customer(waiting).values()]
    return sorted(groups, key=lambda one: rank(one.urgency))


def _by_customer(waiting: Sequence[Waiting]) -> dict[str, list[Waiting]]:
    """Return them by customer; what is about none stands by itself."""
    found: dict[str, list[Waiting]] = {}
    for one in waiting:
        found.setdefault(one.customer_id or f"-{one.delivery_id}", []).append(one)
    return found


def _together(kind: Kind, some: Sequence[Waiting]) -> Pack:
    urgency = min((one.urgency for one in some), key=rank)
    customers = {one.customer_id for one in some}
    only = some[0].customer_id if len(customers) == 1 else None
    about = tuple(sorted(one for one in customers if one is not None))
    return Pack(kind, tuple(one.delivery_id for one in some), only, urgency, about)


def _within(packs: Sequence[Pack], sent: Sent, most: int, now: datetime) -> Packed:
    """Let so many through as there is room for; the last place is for a summary of all that has none."""
    room = most - sent.count
    if len(packs) <= room:
        return Packed(tuple(packs))
    if room <= 0:
        held = tuple(id_ for one in packs for id_ in one.delivery_ids)
        return Packed((), held, (sent.first_at or now) + WINDOW if held else None)
    through, over = packs[: room - 1], packs[room - 1 :]
    ids = tuple(sorted(id_ for one in over for id_ in one.delivery_ids))
    only = over[0].customer_id if len({one.customer_id for one in over}) == 1 else None
    about = tuple(sorted({customer for one in over for customer in one.about}))
    urgency = min((one.urgency for one in over), key=rank)
    return Packed((*through, Pack("summary", ids, only, urgency, about)))
