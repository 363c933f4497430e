"""A real Kafka and a real PostgreSQL for the tests, started once a session where none is given.

Found in this order: the addresses in AMICABLE_TEST_KAFKA (`host:port`) and AMICABLE_TEST_POSTGRES (an
administrator's DSN); containers, where a Docker daemon answers and has the images; local processes.
AMICABLE_TEST_RUNTIME=docker or =local asks for one of the last two.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from functools import cache

import pytest
from anyio.from_thread import start_blocking_portal

from amicable.runtime.home import Home
from amicable.runtime.kafka import running_kafka
from amicable.runtime.postgres import running_postgres
from amicable.runtime.running import Running
from tests import containers

Start = Callable[[], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def kafka(backing_home: Home) -> Iterator[str]:
    """The bootstrap server of a Kafka that all tests share: give topics and groups names of your own."""
    local = _local(lambda: running_kafka(backing_home, wanted_port=None))
    with _found("AMICABLE_TEST_KAFKA", containers.kafka_container, local) as address:
        yield address


@pytest.fixture(scope="session")
def postgres(backing_home: Home) -> Iterator[str]:
    """The administrator's DSN of a PostgreSQL that all tests share: make a database of your own in it."""
    local = _local(lambda: running_postgres(backing_home, wanted_port=None, durable=False))
    with _found("AMICABLE_TEST_POSTGRES", containers.postgres_container, local) as address:
        yield address


@pytest.fixture(scope="session")
def backing_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Where the local processes keep their data and logs."""
    return Home(tmp_path_factory.mktemp("backing_services"))


@contextmanager
def _found(variable: str, in_docker: Start, local: Start) -> Iterator[str]:
    if given := os.environ.get(variable):
        yield given
        return
    with (in_docker if _runtime() == "docker" else local)() as address:
        yield address


@cache
def _runtime() -> str:
    asked = os.environ.get("AMICABLE_TEST_RUNTIME") or ("docker" if containers.are_at_hand() else "local")
    if asked not in {"docker", "local"}:
        raise pytest.UsageError(f"AMICABLE_TEST_RUNTIME is docker or local, not {asked!r}.")
    return asked


def _local(start: Callable[[], AbstractAsyncContextManager[Running]]) -> Start:
    """Runs the server from a thread with an event loop of its own, so that tests of any loop can use it."""

    @contextmanager
    def run() -> Iterator[str]:
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(start()) as running:
            yield running.address

    return run
