"""Where customers stand: kept with the course that leads there, so that the next judgement goes on from it."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.health_scoring.domain.course import Course, Level
from services.health_scoring.domain.episode import Episode
from services.health_scoring.domain.reasons import Reason
from shared.database import Pool, Row, Transaction

BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
CLOCK = "clock:"  # a cause: time alone
COMMAND = "command:"  # a cause: a person asked for it
DECIDED = ("feeds:", COMMAND)  # causes that are no events of the customer


@dataclass(frozen=True)
class Kept:
    """A customer's health as it was judged last, and what was published of it.

    packed_until: use of days before this one is as it is packed (store.packed); None: nothing is.
    """

    customer_id: str
    partition: int
    scored_at: datetime
    hundredths: int | None
    confidence: int
    band: str
    band_since: datetime
    open_since: datetime | None
    severity: str | None
    course: Course
    episode: Episode | None
    episodes: int
    revision: int
    published_at: datetime
    published_hundredths: int | None
    published_override: str | None
    next_at: datetime | None
    packed_until: int | None = None

    def with_news(self, since: datetime | None) -> "Kept":
        """Return it with something new that happened at `since` or later (None: at any time)."""
        if self.packed_until is None:
            return self
        return replace(self, packed_until=None if since is None else min(self.packed_until, since.toordinal()))


@dataclass(frozen=True)
class Due:
    """A customer to be judged again: what is new happened at `since` or later. quiet: people are not told."""

    customer_id: str
    partition: int
    since: datetime | None
    caused_by: str
    quiet: bool = False


async def require_partitions(tx: Transaction, partitions: Iterable[int]) -> dict[int, bool]:
    """Lock the partitions until the transaction ends; for each, whether it has caught up. A new one has not."""
    asked = sorted(set(partitions))
    rows = await tx.fetch(
        "SELECT partition, live FROM partitions WHERE partition = ANY($1::int[]) ORDER BY partition FOR UPDATE", asked
    )
    known = {row["partition"]: row["live"] for row in rows}
    new = [partition for partition in asked if partition not in known]
    if new:
        await tx.execute(
            "INSERT INTO partitions SELECT partition, false FROM unnest($1::int[]) AS new (partition)"
            " ON CONFLICT DO NOTHING",
            new,
        )
        return await require_partitions(tx, asked)
    return known


async def partitions(tx: Transaction, asked: Sequence[int]) -> dict[int, bool]:
    """Return which of the partitions have caught up, as far as they were met, without locking them."""
    rows = await tx.fetch("SELECT partition, live FROM partitions WHERE partition = ANY($1::int[])", asked)
    return {row["partition"]: row["live"] for row in rows}


async def note_heard(tx: Transaction, partitions: Sequence[int]) -> None:
    """Note that their owner has taken all that there was of these partitions; once a minute is enough."""
    await tx.execute(
        """
        UPDATE partitions SET heard_at = $2
        WHERE partition = ANY($1::int[]) AND (heard_at IS NULL OR heard_at <= $2::timestamptz - interval '1 minute')
        """,
        partitions,
        tx.now,
    )


async def all_heard(tx: Transaction, within: timedelta) -> bool:
    """Tell whether every partition that was ever met was heard to its end within this time."""
    return not await tx.value(
        "SELECT EXISTS (SELECT FROM partitions WHERE heard_at IS NULL OR heard_at < $1)", tx.now - within
    )


async def feeds_of(tx: Transaction, partition: int) -> str | None:
    """Return the feeds (JSON) as they were when the partition's customers were last judged by them."""
    kept: str | None = await tx.value("SELECT feeds FROM partitions WHERE partition = $1", partition)
    return kept


async def keep_feeds(tx: Transaction, partition: int, feeds: str) -> None:
    """Keep the feeds (JSON) that the partition's customers are judged by from now on."""
    await tx.execute("UPDATE partitions SET feeds = $2 WHERE partition = $1", partition, feeds)


async def set_live(tx: Transaction, partitions: Collection[int], *, live: bool) -> None:
    """Note that partitions have caught up, or bring old events again."""
    if not partitions:
        return
    await tx.execute(
        "UPDATE partitions SET live = $2 WHERE partition = ANY($1::int[]) AND live <> $2", sorted(partitions), live
    )


async def mark_due(tx: Transaction, dues: Sequence[Due]) -> None:
    """Ask for a new judgement of each customer (named once). Quiet as long as only quiet replays asked.

    What asks for no more than is asked for already leaves no trace: amid a backfill that is nearly all.
    """
    if not dues:
        return
    ordered = sorted(dues, key=lambda due: due.customer_id)
    await tx.execute(
        """
        INSERT INTO due (customer_id, partition, since, caused_by, quiet)
        SELECT asked.* FROM unnest($1::text[], $2::int[], $3::timestamptz[], $4::text[], $5::boolean[])
                            AS asked (customer_id, partition, since, caused_by, quiet)
        LEFT JOIN due USING (customer_id)
        WHERE due.since IS NULL OR due.since > asked.since OR due.quiet AND NOT asked.quiet
           OR due.partition <> asked.partition
        ON CONFLICT (customer_id) DO UPDATE
        SET partition = excluded.partition, since = least(due.since, excluded.since), caused_by = excluded.caused_by,
            quiet = due.quiet AND excluded.quiet
        """,
        [due.customer_id for due in ordered],
        [due.partition for due in ordered],
        [due.since or BEGINNING for due in ordered],
        [due.caused_by for due in ordered],
        [due.quiet for due in ordered],
    )


async def mark_all_due(tx: Transaction, partitions: Sequence[int], since: datetime | None, cause: str) -> None:
    """Ask for a new judgement of every customer of these partitions who is judged at all."""
    await tx.execute(
        """
        INSERT INTO due (customer_id, partition, since, caused_by, quiet)
        SELECT customer_id, partition, $2, $3, false FROM health
        WHERE partition = ANY($1::int[]) AND next_at IS NOT NULL
        ON CONFLICT (customer_id) DO UPDATE
        SET since = least(due.since, excluded.since), quiet = false
        """,
        partitions,
        since or BEGINNING,
        cause,
    )


async def mark_segments_due(tx: Transaction, segments: Sequence[str] | None, cause: str) -> None:
    """Ask for a new judgement of everybody in these segments (None: in any) who is judged at all."""
    await tx.execute(
        """
        INSERT INTO due (customer_id, partition, since, caused_by, quiet)
        SELECT customer_id, partition, $2, $3, false FROM health JOIN customers USING (customer_id)
        WHERE ($1::text[] IS NULL OR profile ->> 'segment' = ANY($1)) AND next_at IS NOT NULL
        ORDER BY customer_id
        ON CONFLICT (customer_id) DO UPDATE SET since = excluded.since, caused_by = excluded.caused_by, quiet = false
        """,
        segments,
        BEGINNING,
        cause,
    )


async def owner_of(tx: Transaction, customer_id: str, *, left_too: bool = False) -> int | None:
    """Return the partition of a customer who is, or is to be, judged; None where nobody judges it.

    left_too: also of one who was judged once, and is left alone since.
    """
    owner: int | None = await tx.value(
        """
        SELECT partition FROM health WHERE customer_id = $1 AND ($2 OR next_at IS NOT NULL)
        UNION ALL SELECT partition FROM due WHERE customer_id = $1 LIMIT 1
        """,
        customer_id,
        left_too,
    )
    return owner


async def look_due(tx: Transaction, partitions: Sequence[int], limit: int, *, but: Sequence[str] = ()) -> list[Due]:
    """Return customers of these partitions who are due: those asked for, then those whose time has come."""
    rows = await tx.fetch(
        """
        SELECT customer_id, partition, since, caused_by, quiet FROM due
        WHERE partition = ANY($1::int[]) AND customer_id <> ALL($2::text[]) ORDER BY quiet, customer_id LIMIT $3
        """,
        partitions,
        but,
        limit,
    )
    asked = [Due(row["customer_id"], row["partition"], _since(row["since"]), *row[3:]) for row in rows]
    rows = await tx.fetch(
        """
        SELECT customer_id, partition FROM health
        WHERE partition = ANY($1::int[]) AND next_at <= $2 AND customer_id <> ALL($3::text[])
        ORDER BY next_at LIMIT $4
        """,
        partitions,
        tx.now,
        [*but, *(due.customer_id for due in asked)],
        limit - len(asked),
    )
    cause = f"{CLOCK}{tx.now.isoformat()}"
    return asked + [Due(row["customer_id"], row["partition"], tx.now, cause) for row in rows]


async def with_something_to_do(
    tx: Transaction, asked: Sequence[int], feeds: str, *, but: Sequence[str] = ()
) -> set[int]:
    """Return those partitions (met before) with somebody due, or that have not caught up, or know other feeds (JSON).

    A look without locks, and cheap: all that a sweep does while nothing happens.
    """
    rows = await tx.fetch(
        """
        SELECT partition FROM partitions AS one
        WHERE partition = ANY($1::int[]) AND (
            NOT live OR feeds IS DISTINCT FROM $2
            OR EXISTS (SELECT FROM due WHERE due.partition = one.partition AND customer_id <> ALL($3::text[]))
            OR EXISTS (
                SELECT FROM health
                WHERE health.partition = one.partition AND next_at <= $4 AND customer_id <> ALL($3::text[])
            )
        )
        """,
        asked,
        feeds,
        but,
        tx.now,
    )
    return {row["partition"] for row in rows}


async def take_due(tx: Transaction, partitions: Sequence[int], limit: int, *, but: Sequence[str] = ()) -> list[Due]:
    """Take customers of these (locked) partitions off the list who are due: all quiet, or all not, as long as some are.

    Quiet ones come last of those who were asked for; what the clock asks for is not quiet.
    """
    found = await look_due(tx, partitions, limit, but=but)
    quiet = bool(found) and found[0].quiet
    taken = sorted((due for due in found if due.quiet == quiet), key=lambda due: due.customer_id)
    await tx.execute("DELETE FROM due WHERE customer_id = ANY($1::text[])", [due.customer_id for due in taken])
    return taken


async def take_pending(tx: Transaction, customers: Sequence[str]) -> dict[str, Due]:
    """Take these customers (of locked partitions) off the list; return what was asked for them.

    What a person asked for stays: it is done, and told, by itself.
    """
    rows = await tx.fetch(
        f"""
        DELETE FROM due WHERE customer_id = ANY($1::text[]) AND NOT starts_with(caused_by, '{COMMAND}')
        RETURNING customer_id, partition, since, caused_by, quiet
        """,  # noqa: S608  # the constant above
        customers,
    )
    found = [Due(row["customer_id"], row["partition"], _since(row["since"]), *row[3:]) for row in rows]
    return {due.customer_id: due for due in found}


async def settle(tx: Transaction, done: Due) -> None:
    """Take a customer (of a locked partition) off the list."""
    await tx.execute("DELETE FROM due WHERE customer_id = $1", done.customer_id)


def _since(kept: datetime) -> datetime | None:
    return None if kept <= BEGINNING else kept


async def count_due(pool: Pool, now: datetime) -> int:
    """Return how many customers are to be judged by `now`."""
    return int(
        await pool.fetchval(
            "SELECT (SELECT count(*) FROM due) + (SELECT count(*) FROM health WHERE next_at <= $1)", now
        )
    )


async def load(tx: Transaction, customers: Iterable[str]) -> dict[str, Kept]:
    """Return the health of these customers as it was kept last."""
    rows = await tx.fetch("SELECT * FROM health WHERE customer_id = ANY($1::text[])", sorted(customers))
    return {row["customer_id"]: _kept(row) for row in rows}


def _kept(row: Row) -> Kept:
    levels = tuple(
        (datetime.fromtimestamp(hour * 3600, UTC), Level(raw, eased, alarm, bool(grave)))
        for hour, raw, eased, alarm, grave in json.loads(row["levels"])
    )
    first = row["midnights_from"].toordinal()
    return Kept(
        row["customer_id"],
        row["partition"],
        row["scored_at"],
        row["hundredths"],
        row["confidence"],
        row["band"],
        row["band_since"],
        row["open_since"],
        row["severity"],
        Course(
            (row["card"], row["card_version"]),
            row["through"],
            levels,
            {first + index: points for index, points in enumerate(row["midnights"])},
        ),
        _episode(row["episode"]),
        row["episodes"],
        row["revision"],
        row["published_at"],
        row["published_hundredths"],
        row["published_override"],
        row["next_at"],
        row["packed_until"].toordinal() if row["packed_until"] and row["packed_at"] == row["scored_at"] else None,
    )


def _episode(kept: str | None) -> Episode | None:
    if kept is None:
        return None
    fields: dict[str, Any] = json.loads(kept)
    return Episode(
        fields["episode_id"],
        fields["severity"],
        tuple(Reason(**{**reason, "evidence": tuple(reason["evidence"])}) for reason in fields["reasons"]),
    )


async def save(tx: Transaction, kept: Sequence[Kept]) -> None:
    """Keep the health of these customers."""
    if not kept:
        return
    await tx.execute_many(
        """
        INSERT INTO health (customer_id, partition, card, card_version, scored_at, hundredths, confidence, band,
                            band_since, open_since, severity, through, levels, midnights_from, midnights, episode,
                            episodes, revision, published_at, published_hundredths, published_override, next_at,
                            packed_until, packed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                $23, $5)
        ON CONFLICT (customer_id) DO UPDATE
        SET partition = excluded.partition, card = excluded.card, card_version = excluded.card_version,
            scored_at = excluded.scored_at, hundredths = excluded.hundredths, confidence = excluded.confidence,
            band = excluded.band, band_since = excluded.band_since, open_since = excluded.open_since,
            severity = excluded.severity, through = excluded.through, levels = excluded.levels,
            midnights_from = excluded.midnights_from, midnights = excluded.midnights, episode = excluded.episode,
            episodes = excluded.episodes, revision = excluded.revision, published_at = excluded.published_at,
            published_hundredths = excluded.published_hundredths,
            published_override = excluded.published_override, next_at = excluded.next_at,
            packed_until = excluded.packed_until, packed_at = excluded.packed_at
        """,
        [_row(one) for one in kept],
    )


def _row(kept: Kept) -> tuple[object, ...]:
    course = kept.course
    levels = [
        [int(hour.timestamp()) // 3600, level.raw, level.eased, level.alarm, int(level.grave)]
        for hour, level in course.levels
    ]
    days = sorted(course.midnights)
    first = days[0] if days else course.through.toordinal()
    return (
        kept.customer_id,
        kept.partition,
        *course.card,
        kept.scored_at,
        kept.hundredths,
        kept.confidence,
        kept.band,
        kept.band_since,
        kept.open_since,
        kept.severity,
        course.through,
        json.dumps(levels),
        date.fromordinal(first),
        [course.midnights.get(day) for day in range(first, days[-1] + 1)] if days else [],
        _told(kept.episode),
        kept.episodes,
        kept.revision,
        kept.published_at,
        kept.published_hundredths,
        kept.published_override,
        kept.next_at,
        None if kept.packed_until is None else date.fromordinal(kept.packed_until),
    )


def _told(episode: Episode | None) -> str | None:
    if episode is None:
        return None
    reasons: list[Mapping[str, Any]] = [
        {
            "code": reason.code,
            "text": reason.text,
            "value": reason.value,
            "usual": reason.usual,
            "evidence": list(reason.evidence),
        }
        for reason in episode.reasons
    ]
    return json.dumps({"episode_id": episode.episode_id, "severity": episode.severity, "reasons": reasons})


async def leave_alone(tx: Transaction, customers: Sequence[str]) -> None:
    """Judge these customers no more: they are not announced, or have left."""
    if not customers:
        return
    await tx.execute(
        "UPDATE health SET next_at = NULL, packed_until = NULL WHERE customer_id = ANY($1::text[])", customers
    )
