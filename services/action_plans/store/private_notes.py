"""Notes of ours alone."""

from shared.database import Transaction


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
