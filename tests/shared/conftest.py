"""What tests of the machinery are given beside real Kafka and Postgres."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
import structlog
from anyio.from_thread import start_blocking_portal
from structlog.testing import capture_logs

from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from shared.database import Pool
from tests.shared.desk import EFFECTS, Desk


@pytest.fixture
async def desk(own_database: str, pool: Pool) -> Desk:
    """Both lanes, in a database of their own, with a table of effects that takes every row, doubled ones too."""
    admin = await asyncpg.connect(own_database)
    try:
        await admin.execute(EFFECTS)
    finally:
        await admin.close()
    return Desk(pool)


@dataclass(frozen=True)
class OwnKafka:
    """A Kafka that a test may freeze."""

    address: str
    pid: int

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop it in its tracks; connections stay open and silent."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)


@pytest.fixture(scope="package")
def own_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnKafka]:
    """A Kafka of our own, a process on this machine, whatever the other tests run on."""
    home = Home(tmp_path_factory.mktemp("own_kafka"))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running_kafka(home, None)) as running:
        assert running.child is not None
        yield OwnKafka(running.address, running.child.pid)


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
