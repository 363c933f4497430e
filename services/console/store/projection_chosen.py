"""What the projection writes of what people chose: the latest of each person."""

from collections.abc import Sequence

from shared.contracts.choices import NotificationsChosen
from shared.database import Transaction


async def keep_choices(tx: Transaction, facts: Sequence[NotificationsChosen]) -> None:
    """Keep how each person is told."""
    await tx.execute_many(
        """
        INSERT INTO choices (person_id, epoch, seq, body) VALUES ($1, $2, $3, $4)
        ON CONFLICT (person_id) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq, body = excluded.body
        WHERE (choices.epoch, choices.seq) < (excluded.epoch, excluded.seq)
        """,
        [(one.person_id, one.epoch, one.seq, one.model_dump_json(exclude_none=True)) for one in facts],
    )
