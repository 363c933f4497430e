"""Commands beside a running `amicable dev`."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from amicable import migrate
from amicable.services import NAMES
from tests.cli.conftest import Shell, wait_for


def said(shell: Shell, *words: str) -> Any:
    """Run a command with --json; return what it printed."""
    typed = shell.type(*words, "--json")
    assert typed.code == 0, typed
    return json.loads(typed.out)


def test_status_shows_every_service_ready_and_no_password(dev: Shell) -> None:
    status = said(dev, "status")
    assert {name: report["ready"] for name, report in status["services"].items()} == dict.fromkeys(NAMES, True)
    secrets = json.loads((dev.home / "secrets.json").read_text())
    assert not [name for name, secret in secrets.items() if secret in json.dumps(status)]


def test_status_for_people_names_every_part(dev: Shell) -> None:
    typed = dev.type("status")
    assert all(name in typed.out for name in (*NAMES, "kafka", "postgres", "mail"))


def test_everything_is_migrated_and_every_topic_as_declared(dev: Shell) -> None:
    assert {migration["state"] for migration in said(dev, "db", "status")} == {"applied"}
    assert [topic for topic in said(dev, "topics") if topic["differs"]] == []


@pytest.mark.parametrize("named", [False, True], ids=["of what runs here", "named"])
def test_migrating_what_runs_here_keeps_its_passwords(dev: Shell, named: bool) -> None:
    """It asks for none, and others in the environment lock nobody out."""
    addresses = json.loads((dev.home / "run.json").read_text())["addresses"]
    admin = ["--admin", addresses["admin"]] if named else []
    others = {f"AMICABLE_PASSWORD_{role.upper()}": "another" for role in (migrate.ROLES if named else ())}
    typed = dev.type("db", "migrate", "--json", *admin, **others)
    assert (typed.code, json.loads(typed.out)) == (0, {"applied": []}), typed
    for role in (migrate.READER, migrate.OPERATOR, *NAMES):
        password = json.loads((dev.home / "secrets.json").read_text())[role]
        dsn = migrate.with_database(addresses["admin"], migrate.DATABASE, user=role, password=password)
        asyncio.run(can_log_in(dsn))


async def can_log_in(dsn: str) -> None:
    """Log in, or fail."""
    await (await asyncpg.connect(dsn)).close()


def test_migrating_another_server_asks_for_its_passwords(dev: Shell) -> None:
    typed = dev.type("db", "migrate", "--admin", "postgresql://postgres:secret@127.0.0.1:1/postgres")
    assert (typed.code, "Set AMICABLE_PASSWORD_HEALTH_SCORING" in typed.err) == (2, True), typed


def test_clock_advances_for_every_service_and_is_settled(dev: Shell) -> None:
    before = datetime.fromisoformat(said(dev, "clock", "show")["now"])
    after = datetime.fromisoformat(said(dev, "clock", "advance", "2d", "--step", "1d")["now"])
    assert after - before == timedelta(days=2)
    reports = said(dev, "status")["services"].values()
    assert {datetime.fromisoformat(report["clock"]) for report in reports} == {after}
    assert all(count == 0 for report in reports for count in report["waiting"].values())


@pytest.mark.parametrize("length", ["7x", "0d", "-1d", "99999d", "d", ""])
def test_duration_that_is_none_is_refused(dev: Shell, length: str) -> None:
    typed = dev.type("clock", "advance", "--", length)
    assert typed.code == 2
    assert "is not a duration" in typed.err


def test_second_dev_in_the_same_folder_is_refused(dev: Shell) -> None:
    typed = dev.type("dev")
    assert typed.code == 3
    assert "is in use by the process" in typed.err


def test_bad_record_is_listed_shown_and_replayed(dev: Shell) -> None:
    customer = f"acme-{uuid4()}"
    bad = {"type": "TicketOpened", "event_id": "e", "customer_id": customer, "occurred_at": "2026-01-31T09:00:00Z"}
    publish_raw(dev, "support.v1", customer, json.dumps(bad).encode())
    wait_for(lambda: bool(said(dev, "dlq", "list", "--customer", customer)), "the letter is listed")

    (letter,) = said(dev, "dlq", "list", "--customer", customer)
    assert letter["kind"] == "invalid"
    assert letter["reason"].startswith("/ticket_id")
    assert json.loads(said(dev, "dlq", "show", letter["letter"])["body"]) == bad

    dry = said(dev, "dlq", "replay", letter["letter"], "--dry-run")
    assert [one["state"] for one in dry["letters"]] == ["kept"]
    replayed = dev.type("dlq", "replay", letter["letter"], "--json")
    assert replayed.code == 1  # it is as bad as before, and says so
    (after,) = json.loads(replayed.out)["letters"]
    assert (after["state"], after["attempts"]) == ("kept", 2)


def publish_raw(shell: Shell, topic: str, key: str, body: bytes) -> None:
    """Publish bytes that no contract has seen."""

    async def send() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=said(shell, "status")["addresses"]["kafka"])
        await producer.start()
        try:
            await producer.send_and_wait(topic, body, key=key.encode())
        finally:
            await producer.stop()

    asyncio.run(send())
