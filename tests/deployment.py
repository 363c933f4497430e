"""The whole system for tests: real Kafka, Postgres and SMTP, every service a process that a test may kill."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.group import LeaveGroupRequest

from shared.contracts.topics import UPSTREAM_TOPIC_OF_TYPE

# Seconds: far more than anything takes; a test that waits so long fails with what it waited for.
PATIENCE = float(os.environ.get("AMICABLE_TEST_PATIENCE", "60"))


async def until(condition: Callable[[], Awaitable[Any]], what: str, *, patience: float = PATIENCE) -> Any:
    """Wait until the condition returns something true, and return that."""
    deadline = time.monotonic() + patience
    while not (result := await condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        await asyncio.sleep(0.05)
    return result


async def bury(kafka: str, group: str) -> None:
    """Take those who have died out of a group, as Kafka does by itself some seconds after their last sign of life."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        coordinator = await admin.find_coordinator(group)
        (described,) = await admin.describe_consumer_groups([group], coordinator)
        ((_, _, _, _, _, members, *_),) = described.groups
        for member, *_ in members:
            await admin._send_request(LeaveGroupRequest(group, member), coordinator)
    finally:
        await admin.close()


@dataclass
class Service:
    """One service process."""

    name: str
    port: int
    environment: Mapping[str, str]
    log: Path
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self, *command: str, **extra: str) -> None:
        """Start the process (another command if one is given) and return at once."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command or self.command, env={**self.environment, **extra}, stdout=log, stderr=log
            )

    async def ready(self) -> None:
        """Wait until it says that it is ready."""

        async def answers() -> bool:
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"{self.name} ended; its log ends:\n{self.log.read_text()[-3000:]}")
            try:
                async with httpx.AsyncClient() as http:
                    return (await http.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5)).status_code == 200
            except httpx.HTTPError:
                return False

        await until(answers, f"{self.name} is ready")

    async def report(self) -> dict[str, Any]:
        """Return what /readyz says."""
        async with httpx.AsyncClient() as http:
            answer: dict[str, Any] = (await http.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5)).json()
            return answer

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """Stop as an operator does."""
        await self._end(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait for its end; returns the exit code."""
        process = self.process
        if process is None:
            raise AssertionError(f"{self.name} was never started")

        async def has_ended() -> bool:
            return process.poll() is not None

        await until(has_ended, f"{self.name} ends")
        return process.returncode

    async def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            await self.ended()


class Catcher:
    """What the SMTP server does with a message: `answer` may be set to refuse it."""

    def __init__(self) -> None:
        """Nothing came yet; everything is taken."""
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802  # its name
        """Keep the message, or refuse it."""
        if self.answer.startswith("2"):
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.answer

    def about(self, name: str) -> list[EmailMessage]:
        """Return the messages whose subject names the customer."""
        return [mail for mail in self.mails if name in mail["Subject"]]


@dataclass
class Deployment:
    """Addresses and processes of the system under test; tests use customers of their own in it."""

    kafka: str
    admin: str  # an administrator's DSN of the database
    catcher: "Catcher"
    services: dict[str, Service] = field(default_factory=dict)

    async def publish(self, *events: Mapping[str, Any], topic: str | None = None) -> None:
        """Publish upstream events (JSON objects) in order, each to its type's topic, or all to `topic`."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all", enable_idempotence=True)
        await producer.start()
        try:
            for event in events:
                key = str(event.get("customer_id") or event.get("person_id"))
                where = topic or UPSTREAM_TOPIC_OF_TYPE[event["type"]].name
                await producer.send(where, json.dumps(event).encode(), key=key.encode())
            await producer.flush()
        finally:
            await producer.stop()

    async def query(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """Ask the database as an administrator."""
        connection = await asyncpg.connect(self.admin)
        try:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *args)
            return rows
        finally:
            await connection.close()

    async def facts(self, topic: str, customer: str) -> list[dict[str, Any]]:
        """Return the bodies on a topic about a customer, in order."""
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self.kafka, auto_offset_reset="earliest", group_id=None)
        await consumer.start()
        try:
            ends = await consumer.end_offsets(sorted(consumer.assignment()))
            found = []
            while any([await consumer.position(tp) < end for tp, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [json.loads(record.value) for record in records]
            return [body for body in found if body.get("customer_id") == customer]
        finally:
            await consumer.stop()
