"""What tests are given: real Kafka and Postgres, a database of one's own, the whole system."""

import asyncio
import base64
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amicable import migrate, topics
from amicable.runtime import ports
from amicable.services import COMMANDED, NAMES
from amicable.system import ACTOR_KEY_ID, CONSOLE_KEY_ID
from shared import database
from shared.database import Pool
from tests.deployment import Catcher, Deployment, Service
from tests.in_memory import use_memory

pytest_plugins = ["tests.backing_services"]

use_memory()

DAY = 86_400  # seconds
PASSWORDS = dict.fromkeys(migrate.ROLES, "only-for-tests")
CONSOLE_KEY = Ed25519PrivateKey.from_private_bytes(b"amicable's console signs by this"[:32])
ACTOR_KEY = Ed25519PrivateKey.from_private_bytes(b"amicable tests sign with this key"[:32])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run those with a system of their own first, since they take longest, and those that share one last.

    Once the shared one runs, it takes its part of the machine. A test whose name tells the time is refused: workers
    that collect in different seconds would not agree about what there is to run, now and then.
    """
    now = time.time()
    for item in items:
        if any(abs(int(number) - now) < DAY for number in re.findall(r"\d{10}", item.name)):
            raise pytest.UsageError(f"{item.nodeid} has the time of its collection in its name: give it an id")

    def turn(item: pytest.Item) -> int:
        needed = getattr(item, "fixturenames", ())
        return ("deployment" in needed) - ("dev" in needed)

    items.sort(key=turn)


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a migrated database to copy; made once."""
    asyncio.run(migrate.migrate(postgres, PASSWORDS, name="amicable_template"))
    return "amicable_template"


@pytest.fixture
async def own_database(postgres: str, template: str) -> AsyncIterator[str]:
    """An administrator's DSN of a migrated database that nobody else uses."""
    async with new_database(postgres, template) as dsn:
        yield dsn


@asynccontextmanager
async def new_database(postgres: str, template: str) -> AsyncIterator[str]:
    """Make a migrated database that nobody else uses, for a while; yields an administrator's DSN of it."""
    name = f"test_{uuid4().hex}"
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
        yield migrate.with_database(postgres, name)
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


@pytest.fixture
async def pool(own_database: str, request: pytest.FixtureRequest) -> AsyncIterator[Pool]:
    """A pool as a service has it, in a database of one's own; `@pytest.mark.schema("health_scoring")` chooses whose."""
    mark = request.node.get_closest_marker("schema")
    schema = str(mark.args[0]) if mark else "action_plans"
    name = own_database.rpartition("/")[2]
    dsn = migrate.with_database(own_database, name, user=schema, password=PASSWORDS[schema])
    async with database.create_pool(dsn, schema=schema, connections=5) as opened:
        yield opened


@pytest.fixture(scope="session")
def deployment(kafka: str, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The whole system, running; whoever stops a service starts it again."""
    logs = tmp_path_factory.mktemp("services")
    asyncio.run(migrate.migrate(postgres, PASSWORDS, name="amicable_system"))
    asyncio.run(topics.create(kafka, partitions=4))
    catcher = Catcher()
    smtp = Controller(catcher, hostname="127.0.0.1", port=ports.choose())
    smtp.start()
    system = Deployment(kafka, migrate.with_database(postgres, "amicable_system"), catcher)
    try:
        for name in NAMES:
            system.services[name] = service(name, system, smtp.port, logs / f"{name}.log")
            system.services[name].start()
        asyncio.run(_all_ready(system))
        yield system
    finally:
        for running in system.services.values():
            asyncio.run(running.stop())
        smtp.stop()


async def _all_ready(system: Deployment) -> None:
    await asyncio.gather(*(running.ready() for running in system.services.values()))


def service(name: str, system: Deployment, smtp_port: int, log: Path) -> Service:
    """Describe a service process of the system."""
    port = ports.choose()
    dsn = migrate.with_database(system.admin, "amicable_system", user=name, password=PASSWORDS[name])
    own = {
        "DATABASE_URL": dsn,
        "KAFKA": system.kafka,
        "HTTP_PORT": str(port),
        "LOG_FORMAT": "json",
    }
    if name == "health_scoring":
        own["QUIET_SECONDS"] = "1"
    if name in COMMANDED:
        keys = {ACTOR_KEY_ID: ACTOR_KEY, CONSOLE_KEY_ID: CONSOLE_KEY}
        public = {id_: base64.b64encode(key.public_key().public_bytes_raw()).decode() for id_, key in keys.items()}
        own["ACTOR_KEYS"] = json.dumps(public)
    if name == "action_plans":
        own |= {
            "SIGNING_SEED": base64.b64encode(b"amicable tests sign records so!!").decode(),
            "PAGE_PORT": str(ports.choose()),
        }
    if name == "transition_review":
        port_of_page = ports.choose()
        own |= {"PAGE_PORT": str(port_of_page), "PAGE_ORIGIN": f"http://127.0.0.1:{port_of_page}"}
    if name == "console":
        own |= {
            "PAGE_PORT": str(ports.choose()),
            "DEMO_LOGIN": "loopback",
            "ACTOR_SEED": base64.b64encode(CONSOLE_KEY.private_bytes_raw()).decode(),
        }
        if "action_plans" in system.services:
            page = system.services["action_plans"].environment["ACTION_PLANS_PAGE_PORT"]
            own["PLAN_URL"] = f"http://127.0.0.1:{page}"
        if "transition_review" in system.services:
            own["ENDING_URL"] = system.services["transition_review"].environment["TRANSITION_REVIEW_PAGE_ORIGIN"]
    if name == "notifications":
        own |= {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(smtp_port), "SMTP_TLS": "off", "MAIL_DOMAINS": "*"}
    environment = {**os.environ, **{f"{name.upper()}_{key}": value for key, value in own.items()}}
    return Service(name, port, environment, log, [sys.executable, "-m", "amicable", "run", name])
