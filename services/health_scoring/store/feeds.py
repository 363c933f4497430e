"""In which hours each feed brought something, a bit for each hour of a day; and which were said to have stopped."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from shared.database import Transaction

HOURS = 24
DAYS_KEPT = 220  # a course and its trend look back 94 days, and a feed's rests 60 and 28 more
_FIRST = date(1970, 1, 1).toordinal()


async def note(tx: Transaction, active: Mapping[tuple[str, str], Iterable[int]]) -> None:
    """Note the hours (since 1970) in which each feed was active."""
    bits: dict[tuple[str, str, int], int] = {}
    for (topic, source), hours in active.items():
        for hour in hours:
            day, index = divmod(hour, HOURS)
            bits[topic, source, day] = bits.get((topic, source, day), 0) | 1 << index
    rows = [(topic, source, date.fromordinal(_FIRST + day), found) for (topic, source, day), found in bits.items()]
    if rows:
        await tx.execute(
            """
            INSERT INTO feed_days (topic, source, day, hours)
            SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::int[])
            ON CONFLICT (topic, source, day) DO UPDATE SET hours = feed_days.hours | excluded.hours
            WHERE feed_days.hours | excluded.hours <> feed_days.hours
            """,
            *(list(column) for column in zip(*sorted(rows), strict=True)),
        )


async def load(tx: Transaction, at: datetime | None = None) -> dict[tuple[str, str], list[int]]:
    """Return the hours (since 1970, rising) in which each feed was active, of the months before `at` (else: now)."""
    rows = await tx.fetch(
        """
        SELECT topic, source, day, hours FROM feed_days
        WHERE day BETWEEN $1::date - $2::int AND $1 ORDER BY topic, source, day
        """,
        (at or tx.now).date(),
        DAYS_KEPT,
    )
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        first = (row["day"].toordinal() - _FIRST) * HOURS
        known = found.setdefault((row["topic"], row["source"]), [])
        known.extend(first + index for index in range(HOURS) if row["hours"] >> index & 1)
    return found


async def size(tx: Transaction) -> int:
    """Return how many hours of activity of the last months are noted, of all feeds."""
    found = await tx.value(
        "SELECT sum(bit_count(hours::bit(24))) FROM feed_days WHERE day >= $1::date - $2::int", tx.now.date(), DAYS_KEPT
    )
    return int(found or 0)


async def told(tx: Transaction) -> dict[tuple[str, str], datetime]:
    """Return the feeds that were said to have stopped and not yet to be back, with the end of their last hour."""
    rows = await tx.fetch("SELECT topic, source, since FROM feeds_told")
    return {(row["topic"], row["source"]): row["since"] for row in rows}


async def keep_told(tx: Transaction, stopped: Mapping[tuple[str, str], datetime]) -> None:
    """Keep which feeds were said to have stopped: these alone."""
    await tx.execute("DELETE FROM feeds_told")
    await tx.execute(
        "INSERT INTO feeds_told SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[])",
        [topic for topic, _ in stopped],
        [source for _, source in stopped],
        list(stopped.values()),
    )
