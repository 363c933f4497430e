"""All SQL of transition_review."""

from shared.database import Transaction


async def keep_case(tx: Transaction, case_id: str, *, customer_id: str, revision: int, state: str) -> None:
    """Keep the case, unless a later revision is known."""
    await tx.execute(
        """
        INSERT INTO cases (case_id, customer_id, revision, state) VALUES ($1, $2, $3, $4)
        ON CONFLICT (case_id) DO UPDATE SET revision = excluded.revision, state = excluded.state
        WHERE cases.revision < excluded.revision
        """,
        case_id,
        customer_id,
        revision,
        state,
    )
