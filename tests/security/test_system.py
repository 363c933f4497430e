"""The whole system on a guarded Kafka, over TLS, every process under a user of its own with no right but the listed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from amicable import migrate
from amicable.runtime import ports
from amicable.services import NAMES
from tests.conftest import PASSWORDS, service
from tests.deployment import Catcher, Deployment, Service, until
from tests.security.conftest import typed
from tests.security.guarded import GuardedKafka, password
from tests.stories import customer, person, trouble


@pytest.fixture
async def catcher() -> AsyncIterator[tuple[Catcher, int]]:
    """What takes the mails, and its port."""
    catcher = Catcher()
    smtp = Controller(catcher, hostname="127.0.0.1", port=ports.choose())
    smtp.start()
    yield catcher, smtp.port
    smtp.stop()


def described(name: str, guarded: GuardedKafka, dsn: str, smtp_port: int, folder: Path, **login: str) -> Service:
    """Describe a service that logs in as itself."""
    one = service(name, Deployment(guarded.address, dsn, Catcher()), smtp_port, folder / f"{name}.log")
    database = migrate.with_database(dsn, dsn.rpartition("/")[2], user=name, password=PASSWORDS[name])
    user = login.pop("kafka_user", name)
    own = guarded.variables(name, user, **login)
    one.environment = {**one.environment, **own, f"{name.upper()}_DATABASE_URL": database}
    return one


async def test_event_becomes_a_mail_with_no_right_but_the_listed(
    guarded: GuardedKafka, own_database: str, catcher: tuple[Catcher, int], tmp_path: Path
) -> None:
    """`amicable send` as upstream; then every service reads and writes what the list says it does."""
    mails, port = catcher
    services = [described(name, guarded, own_database, port, tmp_path) for name in NAMES]
    for one in services:
        one.start()
    try:
        await asyncio.gather(*(one.ready() for one in services))
        events = [person("csm-1"), customer("acme", "csm-1"), *trouble("acme")]
        lines = "".join(f"{json.dumps(event)}\n" for event in events)
        sent = await asyncio.to_thread(typed, guarded, "upstream", "send", "-", folder=tmp_path, stdin=lines)
        assert sent.code == 0, sent.err

        async def mailed() -> Any:
            return mails.about("acme")

        await until(mailed, "a mail about the customer")
        system = Deployment(guarded.address, own_database, mails)

        async def all_sent() -> bool:
            waiting = [
                await system.query(f"SELECT 1 FROM {name}.outbox WHERE published_at IS NULL LIMIT 1") for name in NAMES
            ]
            return not any(waiting)

        await until(all_sent, "every outbox is empty: the writers may write")
        states = await until(lambda: system.query("SELECT state FROM transition_review.cases"), "the case is known")
        assert [row["state"] for row in states] == ["at_risk"]
    finally:
        await asyncio.gather(*(one.stop() for one in services))


@pytest.mark.parametrize(
    ("login", "says"),
    [
        ({"kafka_password": "wrong"}, "does not let the user action_plans in: check KAFKA_USER and KAFKA_PASSWORD."),
        (
            {"kafka_user": "notifications", "kafka_password": password("notifications")},
            "lets the user notifications in, but not read as the group action_plans: see `amicable acls`.",
        ),
    ],
)
async def test_service_that_is_not_let_in_says_why_and_ends(
    guarded: GuardedKafka, own_database: str, tmp_path: Path, login: dict[str, str], says: str
) -> None:
    """One sentence, code 3, and at once: waiting would not mend it."""
    one = described("action_plans", guarded, own_database, 0, tmp_path, **login)
    one.start()
    try:
        assert await one.ended() == 3
    finally:
        await one.kill()
    (*logged, sentence) = one.log.read_text().splitlines()
    assert says in sentence
    assert "Traceback" not in one.log.read_text()
    assert "-only-for-tests" not in one.log.read_text()
    assert all(json.loads(line)["level"] in {"info", "error", "warning"} for line in logged)
