"""transition_review follows the cases, whatever arrives last."""

from datetime import UTC, datetime

import pytest

from services.transition_review import handlers
from shared import database
from shared.contracts.plans.facts import CaseOpened, CaseUpdated
from shared.contracts.topics import PLANS
from shared.database import Pool
from tests.records import numbered, record
from tests.told_cases import told_case


@pytest.mark.schema("transition_review")
async def test_case_is_kept_at_its_latest_revision(pool: Pool) -> None:
    lane = handlers.casework.connect(pool, lambda: datetime.now(UTC))
    first = numbered(CaseOpened, "acme", 1, case=told_case(revision=1))
    second = numbered(CaseUpdated, "acme", 2, case=told_case(revision=2))
    await lane.take([record(PLANS, first), record(PLANS, second)])
    async with database.transaction(pool, "transition_review", datetime.now(UTC)) as tx:
        await handlers.keep_case_when_it_changes(first, tx)
    assert await pool.fetchval("SELECT revision FROM cases WHERE case_id = 'k'") == 2
