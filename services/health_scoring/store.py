"""All SQL of health_scoring. Writes from events are commutative: any order, any batches end in the same rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from services.health_scoring.domain.episode import Episode
from services.health_scoring.domain.history import Event, signals
from services.health_scoring.domain.score import Reason
from services.health_scoring.domain.signals import Signals
from shared.database import Pool, Transaction

USAGE_DAYS = 100  # what the measures look back to
RESCORE_HOURS = 1


@dataclass(frozen=True)
class Usage:
    """A use of the product, to be added to its day."""

    customer_id: str
    metric: str
    at: datetime
    quantity: float


class Signal(NamedTuple):
    """A support or relationship event: what it is about (ticket, invoice, contact), and what it says as JSON."""

    customer_id: str
    occurred_at: datetime
    source: str
    event_id: str
    type: str
    subject: str | None
    value: str


@dataclass(frozen=True)
class Due:
    """A customer to be scored: `changed` is given back when that is done. quiet: people are not told what follows."""

    customer_id: str
    partition: int
    changed: int
    caused_by: str
    quiet: bool


@dataclass(frozen=True)
class Kept:
    """A customer's health as it was kept last."""

    band: str
    revision: int
    published_at: datetime
    published_hundredths: int | None
    episode: Episode | None


async def add_usage(tx: Transaction, uses: Sequence[Usage]) -> None:
    """Add uses to their days, and note the latest."""
    if not uses:
        return
    await tx.execute(
        """
        INSERT INTO usage_daily (customer_id, metric, day, quantity, events)
        SELECT customer_id, metric, day, sum(quantity), count(*)
        FROM unnest($1::text[], $2::text[], $3::date[], $4::numeric[]) AS use (customer_id, metric, day, quantity)
        GROUP BY customer_id, metric, day ORDER BY customer_id, metric, day
        ON CONFLICT (customer_id, metric, day) DO UPDATE
        SET quantity = usage_daily.quantity + excluded.quantity, events = usage_daily.events + excluded.events
        """,
        [use.customer_id for use in uses],
        [use.metric for use in uses],
        [use.at.date() for use in uses],
        [str(use.quantity) for use in uses],
    )
    latest: dict[str, datetime] = {}
    for use in uses:
        latest[use.customer_id] = max(use.at, latest.get(use.customer_id, use.at))
    await tx.execute(
        """
        INSERT INTO last_use (customer_id, at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
        ON CONFLICT (customer_id) DO UPDATE SET at = excluded.at WHERE last_use.at < excluded.at
        """,
        sorted(latest),
        [latest[customer] for customer in sorted(latest)],
    )


async def add_signals(tx: Transaction, rows: Sequence[Signal]) -> None:
    """Keep support and relationship events."""
    await tx.execute_many(
        """
        INSERT INTO signals (customer_id, occurred_at, source, event_id, type, subject, value)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
        """,
        rows,
    )


async def keep_customer(
    tx: Transaction, customer_id: str, *, occurred_at: datetime, event_id: str, contacts: Mapping[str, str]
) -> None:
    """Keep the customer's master data, unless a later change is known."""
    await tx.execute(
        """
        INSERT INTO customers (customer_id, occurred_at, event_id, contacts) VALUES ($1, $2, $3, $4)
        ON CONFLICT (customer_id) DO UPDATE
        SET occurred_at = excluded.occurred_at, event_id = excluded.event_id, contacts = excluded.contacts
        WHERE (customers.occurred_at, customers.event_id) < (excluded.occurred_at, excluded.event_id)
        """,
        customer_id,
        occurred_at,
        event_id,
        json.dumps(contacts),
    )


async def mark_due(tx: Transaction, customers: Mapping[str, tuple[int, str]]) -> None:
    """Ask for a new score: partition and causing event by customer. Quiet as long as only quiet replays asked."""
    await tx.execute(
        """
        INSERT INTO due (customer_id, partition, changed, caused_by, quiet)
        SELECT customer_id, partition, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, caused_by, $4
        FROM unnest($1::text[], $2::int[], $3::text[]) AS asked (customer_id, partition, caused_by)
        ON CONFLICT (customer_id) DO UPDATE
        SET partition = excluded.partition, changed = greatest(due.changed + 1, excluded.changed),
            caused_by = excluded.caused_by, quiet = due.quiet AND excluded.quiet
        """,
        sorted(customers),
        [customers[customer][0] for customer in sorted(customers)],
        [customers[customer][1] for customer in sorted(customers)],
        tx.quiet,
    )


async def mark_due_by_clock(tx: Transaction, partitions: Sequence[int], cause: str) -> None:
    """Ask for a new score of every customer whose last one is an hour old: time alone changes the answer."""
    await tx.execute(
        """
        INSERT INTO due (customer_id, partition, changed, caused_by)
        SELECT customer_id, partition, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, $4 FROM health
        WHERE scored_at <= $1::timestamptz - make_interval(hours => $2) AND partition = ANY($3::int[])
        ON CONFLICT (customer_id) DO NOTHING
        """,
        tx.now,
        RESCORE_HOURS,
        partitions,
        cause,
    )


async def due(pool: Pool, partitions: Sequence[int], limit: int, *, but: Sequence[str] = ()) -> list[Due]:
    """Return customers of these partitions that are to be scored, without those named in `but`."""
    rows = await pool.fetch(
        """
        SELECT customer_id, partition, changed, caused_by, quiet FROM due
        WHERE partition = ANY($1::int[]) AND customer_id <> ALL($3::text[]) LIMIT $2
        """,
        partitions,
        limit,
        but,
    )
    return [Due(**row) for row in rows]


async def settle(tx: Transaction, done: Due) -> None:
    """Take the customer off the list, unless something changed since."""
    await tx.execute("DELETE FROM due WHERE customer_id = $1 AND changed = $2", done.customer_id, done.changed)


async def pass_over(tx: Transaction, customer_id: str) -> None:
    """Leave a customer that is not scored as it is, or the clock would ask for it again at once, and for ever."""
    await tx.execute("UPDATE health SET scored_at = $2 WHERE customer_id = $1", customer_id, tx.now)


async def count_due(pool: Pool, now: datetime) -> int:
    """Return how many customers are to be scored by `now`."""
    return int(
        await pool.fetchval(
            """
            SELECT (SELECT count(*) FROM due)
                 + (SELECT count(*) FROM health WHERE scored_at <= $1::timestamptz - make_interval(hours => $2))
            """,
            now,
            RESCORE_HOURS,
        )
    )


async def load_signals(tx: Transaction, customer_id: str) -> Signals:
    """Return everything that the customer's score is made from."""
    contacts = await tx.value("SELECT contacts FROM customers WHERE customer_id = $1", customer_id)
    usage: dict[str, dict[date, float]] = {}
    for row in await tx.fetch(
        "SELECT metric, day, quantity FROM usage_daily WHERE customer_id = $1 AND day >= $2::date - $3::int",
        customer_id,
        tx.now.date(),
        USAGE_DAYS,
    ):
        usage.setdefault(row["metric"], {})[row["day"]] = float(row["quantity"])
    rows = await tx.fetch(
        "SELECT type, occurred_at, event_id, subject, value FROM signals WHERE customer_id = $1", customer_id
    )
    return signals(
        [
            Event(row["type"], row["occurred_at"], row["event_id"], row["subject"], json.loads(row["value"]))
            for row in rows
        ],
        usage=usage,
        last_used_at=await tx.value("SELECT at FROM last_use WHERE customer_id = $1", customer_id),
        contacts=json.loads(contacts) if contacts is not None else None,
    )


async def load_health(tx: Transaction, customer_id: str) -> Kept | None:
    """Return the health kept last, None if there was none."""
    row = await tx.row(
        """
        SELECT band, revision, published_at, published_hundredths, episode FROM health WHERE customer_id = $1
        """,
        customer_id,
    )
    if row is None:
        return None
    return Kept(
        row["band"], row["revision"], row["published_at"], row["published_hundredths"], _episode(row["episode"])
    )


def _episode(stored: str | None) -> Episode | None:
    if stored is None:
        return None
    fields: dict[str, Any] = json.loads(stored)
    return Episode(fields["episode_id"], fields["severity"], tuple(Reason(**reason) for reason in fields["reasons"]))


async def save_health(tx: Transaction, customer_id: str, *, partition: int, hundredths: int | None, kept: Kept) -> None:
    """Keep the health as it is now; `hundredths` is the score made now, whether it was published or not."""
    episode = kept.episode
    await tx.execute(
        """
        INSERT INTO health (customer_id, partition, scored_at, hundredths, band, revision, published_at,
                            published_hundredths, episode)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (customer_id) DO UPDATE
        SET partition = excluded.partition, scored_at = excluded.scored_at, hundredths = excluded.hundredths,
            band = excluded.band, revision = excluded.revision, published_at = excluded.published_at,
            published_hundredths = excluded.published_hundredths, episode = excluded.episode
        """,
        customer_id,
        partition,
        tx.now,
        hundredths,
        kept.band,
        kept.revision,
        kept.published_at,
        kept.published_hundredths,
        json.dumps(
            {
                "episode_id": episode.episode_id,
                "severity": episode.severity,
                "reasons": [{"code": reason.code, "text": reason.text} for reason in episode.reasons],
            }
        )
        if episode
        else None,
    )
