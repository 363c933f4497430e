"""Notes of ours alone."""

from dataclasses import dataclass
from datetime import datetime

from shared.database import Transaction


@dataclass(frozen=True)
class Note:
    """A note. about: the id of what it is about."""

    note_id: str
    about: str
    by: str
    at: datetime
    text: str


async def of_case(tx: Transaction, case_id: str) -> list[Note]:
    """Return the notes of a case, the first one first."""
    rows = await tx.fetch(
        "SELECT note_id, about, by, at, text FROM private_notes WHERE case_id = $1 ORDER BY at, note_id", case_id
    )
    return [Note(*row) for row in rows]


async def add(tx: Transaction, note_id: str, *, case_id: str, about: str, by: str, text: str) -> None:
    """Keep a note."""
    await tx.execute(
        "INSERT INTO private_notes (note_id, case_id, about, by, at, text) VALUES ($1, $2, $3, $4, $5, $6)",
        note_id,
        case_id,
        about,
        by,
        tx.now,
        text,
    )
