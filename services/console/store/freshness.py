"""How far the projection is: what each partition still has to come, and when everything had been taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.database import Pool

A_MOMENT = timedelta(seconds=10)
UNHEARD = timedelta(seconds=30)  # after the last note, which comes every two seconds while Kafka answers


@dataclass(frozen=True)
class Freshness:
    """behind: records that are still to come; as_of: real time, None where nothing was ever taken.

    lags: it has been behind for more than a moment, or nobody knows, and people should know it; a busy system always is
    behind, a little.
    """

    behind: int
    as_of: datetime | None
    lags: bool = False


async def note(pool: Pool, behind: Mapping[tuple[str, int], int]) -> None:
    """Note how far each of these partitions is now. One that is behind keeps the time when it last was not."""
    await pool.executemany(
        """
        INSERT INTO freshness (topic, partition, behind, as_of) VALUES ($1, $2, $3, clock_timestamp())
        ON CONFLICT (topic, partition) DO UPDATE
        SET behind = excluded.behind, as_of = CASE WHEN $3 = 0 THEN excluded.as_of ELSE freshness.as_of END
        """,
        [(topic, partition, count) for (topic, partition), count in sorted(behind.items())],
    )


async def forget_others(pool: Pool, topics: Sequence[str]) -> None:
    """Forget what was noted of topics that are not taken any more."""
    await pool.execute("DELETE FROM freshness WHERE topic <> ALL ($1::text[])", topics)


async def read(pool: Pool) -> Freshness:
    """Return how far the projection is as a whole: as its slowest partition."""
    row = await pool.fetchrow(
        """
        SELECT coalesce(sum(behind), 0) AS behind, min(as_of) AS as_of,
               coalesce(bool_or(as_of < clock_timestamp() - CASE WHEN behind > 0 THEN $1::interval ELSE $2 END), false)
               AS lags
        FROM freshness
        """,
        A_MOMENT,
        UNHEARD,
    )
    return Freshness(int(row["behind"]), row["as_of"], row["lags"]) if row else Freshness(0, None)
