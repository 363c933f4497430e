"""The catalogue of alternatives, as it was told last."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.endings.alternatives import AlternativeKept
from shared.database import Transaction

MOST = 500


@dataclass(frozen=True)
class Alternative:
    """Whom a customer could go to, and whom that fits. retired: it is offered to nobody any more."""

    alternative_id: str
    name: str
    fits: str
    retired: bool


async def every(tx: Transaction) -> tuple[Alternative, ...]:
    """Return the catalogue by name, those that are offered first."""
    rows = await tx.fetch(
        "SELECT alternative_id, name, fits, retired FROM alternatives ORDER BY retired, name, alternative_id LIMIT $1",
        MOST,
    )
    return tuple(Alternative(**dict(row)) for row in rows)


async def keep(tx: Transaction, facts: Sequence[AlternativeKept]) -> None:
    """Keep each entry as it was told last."""
    await tx.execute_many(
        """
        INSERT INTO alternatives AS known (alternative_id, epoch, seq, name, fits, retired)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (alternative_id) DO UPDATE
        SET epoch = excluded.epoch, seq = excluded.seq, name = excluded.name, fits = excluded.fits,
            retired = excluded.retired
        WHERE (known.epoch, known.seq) < (excluded.epoch, excluded.seq)
        """,
        [(one.alternative_id, one.epoch, one.seq, one.name, one.fits, one.retired) for one in facts],
    )
