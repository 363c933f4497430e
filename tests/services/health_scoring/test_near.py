"""A mistyped id is answered by the one that was meant, among any number of customers."""

from datetime import UTC, datetime

import pytest

from services.health_scoring.store.near import nearest
from shared import database
from shared.contracts.fields import MAX_ID
from shared.database import Pool

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
pytestmark = pytest.mark.schema("health_scoring")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("quebex-lumber", "quebec-lumber"),
        ("wuebec-lumber", "quebec-lumber"),
        ("uebec-lumber", "quebec-lumber"),
        ("qquebec-lumber", "quebec-lumber"),
        ("uqebec-lumber", "quebec-lumber"),
        ("QUEBEC-LUMBER", "quebec-lumber"),
        ("quebec-lumbre", "quebec-lumber"),
        ("quebec-lmbr-co", "quebec-lumber"),  # two slips, beside it in order
        ("\N{GREEK SMALL LETTER ALPHA}" * (MAX_ID + 2), None),
        ("", None),
        ("!!!!!!", None),
    ],
)
async def test_slip_is_found_among_many(pool: Pool, typed: str, meant: str | None) -> None:
    """Thousands come just before it in order, and thousands just after it."""
    async with database.transaction(pool, "health_scoring", NOW) as tx:
        await tx.execute(
            """
            INSERT INTO customers SELECT id, $1, 'e', 'ana', id, '{}' FROM (
                SELECT 'customer-' || n AS id FROM generate_series(1, 30000) AS n
                UNION SELECT 'quebec-a' || n FROM generate_series(1, 2000) AS n
                UNION SELECT 'quebec-z' || n FROM generate_series(1, 2000) AS n
                UNION SELECT 'quebec-lumber'
            ) AS many
            """,
            NOW,
        )
        assert await nearest(tx, typed) == meant
