"""Cases in lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.action_plans.domain.case import Case
from services.action_plans.store import cases
from shared.database import Transaction


@dataclass(frozen=True)
class Listed:
    """A case, and what its customer is called."""

    case: Case
    name: str


async def rows(
    tx: Transaction, *, states: Sequence[str] = (), csm: str | None = None, limit: int
) -> tuple[list[Listed], int]:
    """Return cases and how many there are: open ones where no state is named, the oldest first."""
    fits = """
        (CASE WHEN cardinality($1::text[]) = 0 THEN open ELSE state = ANY($1::text[]) END)
        AND ($2::text IS NULL OR cases.csm = $2)
    """
    total = await tx.value(f"SELECT count(*) FROM cases WHERE {fits}", list(states), csm)  # noqa: S608  # fixed words
    found = await tx.fetch(
        f"""
        SELECT content, coalesce(nullif(customers.name, ''), cases.customer_id) AS name
        FROM cases LEFT JOIN customers USING (customer_id)
        WHERE {fits} ORDER BY open DESC, opened_at, case_id LIMIT $3
        """,  # noqa: S608  # fixed words
        list(states),
        csm,
        limit,
    )
    return [Listed(cases.decode(row["content"]), row["name"]) for row in found], int(total)
