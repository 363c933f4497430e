"""What notifications is measured at: facts in, mails out, and how long a fact takes to the mail server."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.finding import Finding
from bench.measuring import Wrong
from bench.notify_service import NotifyService, notify_service
from shared.contracts.health import RiskUpdated
from shared.contracts.plans.facts import ReviewDue
from shared.contracts.topics import CUSTOMERS, HEALTH, PEOPLE, PLANS
from shared.contracts.upstream import CustomerChanged, PersonChanged

EXAMPLE = Path(__file__).parent.parent / "tests" / "contracts" / "golden" / "plans.v1" / "ReviewDue.minimal.json"
PEOPLE_OF_OURS, CUSTOMERS_THERE = 2_000, 2_000
BATCH = 2_000
FACTS = 20_000
MAILS_PER_SECOND = 200
PER_SECOND, SECONDS = 50, 40
MOST_SECONDS_IN = FACTS / 1_000
MOST_P99 = 1.0  # seconds
MOST_MEGABYTES = 250.0
MOST_AN_HOUR = 1_000
PATIENCE_SECONDS = 120.0


async def notifications(folder: Path) -> list[Finding]:
    """A thousand facts a second in, two hundred mails a second out, and a trickle in between."""
    async with notify_service(folder, MOST_AN_HOUR) as service:
        await _announce(service)
        found = [await _facts_in(service)]
        async with service.at_work():
            await _until(service, "SELECT count(*) = 0 FROM tellings WHERE state = 'new'")
            found += await _trickle(service)
            found += await _mails_out(service)
        return [*found, Finding("resident, the most", service.most_megabytes, "MB", MOST_MEGABYTES)]


async def _announce(service: NotifyService) -> None:
    at = service.clock() - timedelta(days=1)
    common: dict[str, Any] = {"occurred_at": at, "source": "bench", "time_zone": "Europe/Berlin"}
    people = [
        PersonChanged.model_validate(
            {**common, "event_id": f"p{one}", "person_id": f"csm-{one}", "name": f"Person {one}", "active": True,
             "email": f"csm-{one}@example.com", "roles": ["csm"], "teams": []}
        )
        for one in range(PEOPLE_OF_OURS)
    ]  # fmt: skip
    customers = [
        CustomerChanged.model_validate(
            {**common, "event_id": f"c{one}", "customer_id": f"customer-{one}", "name": f"Company {one}",
             "segment": "smb", "tier": "gold", "csm": f"csm-{one % PEOPLE_OF_OURS}", "started_on": "2025-01-01",
             "recurring_revenue": {"amount": "100.00", "currency": "EUR", "period": "month"}}
        )
        for one in range(CUSTOMERS_THERE)
    ]  # fmt: skip
    records = [service.record(PEOPLE.name, one) for one in people]
    await service.take([*records, *(service.record(CUSTOMERS.name, one) for one in customers)])


def _fact(kind: Any, customer: int, number: int, service: NotifyService, **more: Any) -> Any:
    common = {
        "customer_id": f"customer-{customer}",
        "event_id": f"{kind.__name__}-{customer}-{number}",
        "source": "bench",
        "epoch": 1,
        "seq": number,
        "occurred_at": service.clock(),
        "correlation_id": "bench",
        "causation_id": "bench",
    }
    return kind.model_validate({**common, **more})


async def _facts_in(service: NotifyService) -> Finding:
    """Take facts that go into digests, as the topic hands them over after a pause."""
    reasons = [{"code": "usage_level", "text": "Usage is far below what it was for a year."}]
    records = []
    for number in range(FACTS):
        customer, seq = number % CUSTOMERS_THERE, number // CUSTOMERS_THERE + 1
        more = {"episode_id": f"e-{seq}", "severity": "watch", "reasons": reasons, "since": service.clock()}
        records.append(service.record(HEALTH.name, _fact(RiskUpdated, customer, seq, service, **more)))
    began = time.perf_counter()
    for start in range(0, FACTS, BATCH):
        await service.take(records[start : start + BATCH])
    took = time.perf_counter() - began
    if (kept := await service.pool.fetchval("SELECT count(*) FROM tellings")) != FACTS:
        raise Wrong(f"{kept} of {FACTS} facts are there")
    return Finding(f"{FACTS:,} facts of {CUSTOMERS_THERE:,} customers in, by batches of {BATCH:,}", took, "s",
                   MOST_SECONDS_IN)  # fmt: skip


def _review_due(service: NotifyService, customer: int, number: int) -> Any:
    example = json.loads(EXAMPLE.read_text())
    return _fact(ReviewDue, customer, number, service, case=example["case"], planned_for=example["planned_for"])


async def _trickle(service: NotifyService) -> list[Finding]:
    """Hand over facts one by one, at an even pace; the time of each is from then to the server's answer."""
    began: dict[str, float] = {}
    start = time.perf_counter()
    for number in range(PER_SECOND * SECONDS):
        fact = _review_due(service, number % CUSTOMERS_THERE, 1 + number // CUSTOMERS_THERE)
        record = service.record(PLANS.name, fact)
        await asyncio.sleep(max(0.0, start + number / PER_SECOND - time.perf_counter()))
        began[fact.event_id] = time.perf_counter()
        await service.take([record])
    await _until(service, f"SELECT count(*) = {len(began)} FROM messages WHERE state = 'sent'")  # noqa: S608  # a number
    took = sorted(service.smtp.handed[id_] - at for id_, at in began.items())
    return [
        Finding(f"fact to handed-over mail at {PER_SECOND} facts/s, half", took[len(took) // 2] * 1e3, "ms"),
        Finding("99 of 100", took[int(len(took) * 0.99)] * 1e3, "ms", MOST_P99 * 1e3),
    ]


async def _mails_out(service: NotifyService) -> list[Finding]:
    """Take facts that each make a mail to another person, all at once, and wait until the server has them all."""
    handed = len(service.smtp.handed)
    facts = [_review_due(service, customer, 2) for customer in range(CUSTOMERS_THERE)]
    records = [service.record(PLANS.name, one) for one in facts]
    before = await service.pool.fetchval("SELECT count(*) FROM messages")
    began, busy = time.perf_counter(), time.process_time()
    await service.take(records)
    await _until(service, f"SELECT count(*) = {before + len(facts)} FROM messages WHERE state = 'sent'")  # noqa: S608  # a number
    took, busy = time.perf_counter() - began, time.process_time() - busy
    mails = len(service.smtp.handed) - handed
    if mails != len(facts):
        raise Wrong(f"{mails} of {len(facts)} facts were handed over")
    return [
        Finding(f"{mails:,} mails over 20 connections, from their facts on", took, "s", mails / MAILS_PER_SECOND),
        Finding("CPU time of this process for each", busy / mails * 1e3, "ms"),
    ]


async def _until(service: NotifyService, sql: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await service.pool.fetchval(sql):
        if time.monotonic() > deadline:
            raise Wrong(f"waited {PATIENCE_SECONDS:.0f} s in vain: {sql}")
        await asyncio.sleep(0.02)
