"""What tests of the machinery are given beside real Kafka and Postgres."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest
import structlog
from structlog.testing import capture_logs

from shared.database import Pool
from tests.shared.desk import Desk


@pytest.fixture
async def desk(own_database: str, pool: Pool) -> Desk:
    """Both lanes, in a database of their own, with a table of effects that takes every row, doubled ones too."""
    admin = await asyncpg.connect(own_database)
    try:
        await admin.execute(
            """
            CREATE TABLE action_plans.effects (
                id bigint GENERATED ALWAYS AS IDENTITY, customer_id text, event_id text, seq bigint, quiet boolean
            );
            GRANT SELECT, INSERT ON action_plans.effects TO action_plans;
            GRANT UPDATE, DELETE ON action_plans.epoch TO action_plans;
            """
        )
    finally:
        await admin.close()
    return Desk(pool)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Nothing is printed: structlog's default prints exceptions at length."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[])
    yield
    structlog.reset_defaults()


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    """The log lines of the test, with what was bound to them."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as captured:
        yield captured
