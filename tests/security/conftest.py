"""A guarded Kafka with rights and topics, made by the commands that an operator uses."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from anyio.from_thread import start_blocking_portal

from amicable.acls import ADMINISTRATOR
from amicable.runtime.home import Home
from tests.cli.conftest import Typed
from tests.deployment import until
from tests.security.guarded import SUPER, GuardedKafka, guarded_kafka


@pytest.fixture(scope="package")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedKafka]:
    """A guarded Kafka where nobody may do anything."""
    home = Home(tmp_path_factory.mktemp("guarded"))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(guarded_kafka(home)) as found:
        yield found


@pytest.fixture(scope="package")
def guarded(bare: GuardedKafka, tmp_path_factory: pytest.TempPathFactory) -> GuardedKafka:
    """The same, after `amicable acls --apply` and `amicable topics`."""
    folder = tmp_path_factory.mktemp("typing")
    applied = typed(bare, SUPER, "acls", "--apply", folder=folder)
    assert applied.code == 0, applied.err
    made = typed(bare, ADMINISTRATOR, "topics", "--partitions", "2", folder=folder)
    assert made.code == 0, made.err
    asyncio.run(_groups(bare))
    return bare


async def _groups(kafka: GuardedKafka) -> None:
    """Wait until Kafka keeps groups: it begins when it is asked for the first."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address, **kafka.access(SUPER).of_client())
    await admin.start()

    async def kept() -> bool:
        try:
            return bool(await admin.find_coordinator("tests"))
        except KafkaError:
            return False

    try:
        await until(kept, "Kafka keeps groups")
    finally:
        await admin.close()


def typed(kafka: GuardedKafka, user: str, *words: str, folder: Path, stdin: str = "", **login: str) -> Typed:
    """Run `amicable WORDS` as a user of Kafka."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMICABLE_")}
    own = {"AMICABLE_HOME": str(folder), "AMICABLE_KAFKA": kafka.address, "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "amicable", *words],
        env=kept | own | kafka.variables("AMICABLE", user, **login),
        input=stdin, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return Typed(done.returncode, done.stdout, re.sub(r"\s+", " ", done.stderr).strip())
