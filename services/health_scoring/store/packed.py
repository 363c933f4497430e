"""The use of a customer's last months in one row, so that to judge it once more not hundreds of rows are read.

A row holds nothing of its own (migration 0002): whoever judges writes it anew every few days, and reads the days that
it does not tell from where they are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import calcsize, pack, unpack
from typing import Any

from msgspec import Struct, msgpack

from services.health_scoring.domain.facts import Days, Facts, Usage
from shared.database import Transaction

_SIZES = (("B", 2**8), ("H", 2**16), ("I", 2**32), ("Q", 2**64))  # whole numbers, each below
_ANY = "d"


@dataclass(frozen=True)
class Use:
    """A customer's use from the day `since` on, up to, without, the day `until`; users as in Facts."""

    since: int
    until: int
    usage: Mapping[str, Usage]
    users: Mapping[str, int]
    users_from: int


def use(facts: Facts, since: int, until: int) -> Use:
    """Return a customer's use from day `since` up to, without, day `until`."""
    users = {user: Days(facts.users_from, bits).between(since, until) for user, bits in facts.users.items()}
    return Use(
        since,
        until,
        {metric: one.cut(since, until) for metric, one in facts.usage.items()},
        {user: bits for user, bits in users.items() if bits},
        facts.users_from,
    )


def _cut(kept: Use, until: int) -> Use:
    return kept if kept.until == until else use(Facts(None, kept.usage, kept.users, kept.users_from), kept.since, until)


class _Metric(Struct, array_like=True, gc=False):
    """A metric's use. last, last_id: the last of its days, and an event of it. The rest as in Usage."""

    name: str
    begun: int
    start: int
    days: bytes
    form: str
    quantities: bytes
    events_form: str
    events: bytes
    last: int
    last_id: str


class _Row(Struct, array_like=True, gc=False):
    """users_start: the day of the first bit of each user's days."""

    since: int
    until: int
    metrics: list[_Metric]
    users_from: int
    users_start: int
    users: list[tuple[str, bytes]]


_decoder = msgpack.Decoder(_Row)
_encoder = msgpack.Encoder()


def encode(use: Use) -> bytes:
    """Write it as it is kept."""
    shift = max(0, use.since - use.users_from)
    users = [(user, _bytes(bits >> shift)) for user, bits in use.users.items()]
    metrics = [_metric(name, one) for name, one in use.usage.items()]
    return _encoder.encode(_Row(use.since, use.until, metrics, use.users_from, use.users_from + shift, users))


def decode(body: bytes) -> Use:
    """Read it as it was kept."""
    row = _decoder.decode(body)
    shift = row.users_start - row.users_from
    return Use(
        row.since,
        row.until,
        {one.name: _usage(one) for one in row.metrics},
        {user: int.from_bytes(bits, "little") << shift for user, bits in row.users},
        row.users_from,
    )


def _metric(name: str, use: Usage) -> _Metric:
    form = _form(use.quantities) if use.whole else _ANY
    quantities = use.quantities if form == _ANY else [int(quantity) for quantity in use.quantities]
    last = max(use.last_ids, default=0)
    return _Metric(
        name,
        use.begun,
        use.seen.start,
        _bytes(use.seen.bits),
        form,
        _numbers(form, quantities),
        _form(use.events),
        _numbers(_form(use.events), use.events),
        last,
        use.last_ids.get(last, ""),
    )


def _usage(kept: _Metric) -> Usage:
    return Usage(
        kept.begun,
        Days(kept.start, int.from_bytes(kept.days, "little")),
        _read(kept.form, kept.quantities),
        _read(kept.events_form, kept.events),
        whole=kept.form != _ANY,
        first_at={},
        last_ids={kept.last: kept.last_id} if kept.last else {},
    )


def _form(numbers: Sequence[float]) -> str:
    most = max(numbers, default=0)
    return next(form for form, bound in _SIZES if most < bound)


def _numbers(form: str, numbers: Sequence[float]) -> bytes:
    return pack(f"<{len(numbers)}{form}", *numbers)


def _read(form: str, kept: bytes) -> tuple[Any, ...]:
    return unpack(f"<{len(kept) // calcsize(f'<{form}')}{form}", kept)


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


async def load(tx: Transaction, untils: Mapping[str, int]) -> dict[str, Use]:
    """Return the use of these customers before a day each, as far as it is packed."""
    if not untils:
        return {}
    rows = await tx.fetch(
        "SELECT customer_id, body FROM usage_packed WHERE customer_id = ANY($1::text[])", sorted(untils)
    )
    return {row["customer_id"]: _cut(decode(row["body"]), untils[row["customer_id"]]) for row in rows}


async def save(tx: Transaction, uses: Mapping[str, Use]) -> None:
    """Keep the use of these customers."""
    if not uses:
        return
    customers = sorted(uses)
    await tx.execute(
        """
        INSERT INTO usage_packed (customer_id, body) SELECT * FROM unnest($1::text[], $2::bytea[])
        ON CONFLICT (customer_id) DO UPDATE SET body = excluded.body
        """,
        customers,
        [encode(uses[customer]) for customer in customers],
    )
