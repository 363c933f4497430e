"""Documents that people of ours asked for: who may fetch what until when; the token as its hash alone.

Each service that makes documents keeps its own (table `requested_documents`).
"""

from dataclasses import dataclass
from datetime import datetime

from shared.database import Transaction


@dataclass(frozen=True)
class Requested:
    """A document that somebody asked for. request_id: of the command that asked; subject_id: the case or the ending."""

    request_id: str
    subject_id: str
    document: str
    format: str
    asked_by: str
    expires_at: datetime


_COLUMNS = "request_id, subject_id, document, format, asked_by, expires_at"


async def add(tx: Transaction, asked: Requested, token_hash: str) -> bool:
    """Keep what was asked for; False where the token is taken."""
    return bool(
        await tx.value(
            f"INSERT INTO requested_documents ({_COLUMNS}, token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608
            " ON CONFLICT DO NOTHING RETURNING true",
            asked.request_id,
            asked.subject_id,
            asked.document,
            asked.format,
            asked.asked_by,
            asked.expires_at,
            token_hash,
        )
    )


async def by_token(tx: Transaction, token_hash: str) -> Requested | None:
    """Return what a token fetches now, None where it is nobody's or its time is over."""
    row = await tx.row(
        f"SELECT {_COLUMNS} FROM requested_documents WHERE token_hash = $1 AND expires_at > $2",  # noqa: S608
        token_hash,
        tx.now,
    )
    return Requested(*row) if row else None


async def forget(tx: Transaction, limit: int) -> int:
    """Forget what cannot be fetched any more, at most so many; returns how many there were."""
    return int(
        await tx.value(
            """
            WITH gone AS (
                DELETE FROM requested_documents WHERE token_hash IN (
                    SELECT token_hash FROM requested_documents WHERE expires_at <= $1 LIMIT $2)
                RETURNING 1
            )
            SELECT count(*) FROM gone
            """,
            tx.now,
            limit,
        )
    )
