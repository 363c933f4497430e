"""What action_plans is measured at: 10,000 open cases of 50 commitments; any command, and what the clock does."""

import random
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.case_service import CaseService, case_service
from bench.finding import Finding
from bench.measuring import Wrong
from shared.contracts.health import RiskDetected
from shared.contracts.topics import CUSTOMERS, HEALTH, PEOPLE
from shared.contracts.upstream import CustomerChanged, PersonChanged

BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = "first"
COMMITMENTS = 50
SENTENCE = "What is to be done, said so that both sides would know it when they see it."
MOST_ANSWER = 0.050  # seconds, of 95 in 100
MOST_SWEEP = 5.0  # seconds, for all cases
MOST_MEGABYTES = 200.0


async def cases(folder: Path, customers: int = 10_000, commands: int = 3_000, told: int = 500) -> list[Finding]:
    """Commands about cases chosen at random, a sweep with nothing to tell, one with something to tell of some."""
    async with case_service(folder, BEGINS) as service:
        await _come_far(service)
        names = [f"customer-{number:05d}" for number in range(customers - 1)]
        await service.copy(FIRST, names)
        async with service.watched():
            found = await _commands(service, names, commands)
            found += await _sweeps(service, customers, told)
        await _is_sound(service, commands)
        return [*found, Finding("resident, the most", service.most_megabytes, "MB", MOST_MEGABYTES)]


async def _come_far(service: CaseService) -> None:
    """Bring the first case to a plan that both sides have signed."""
    await _announce(service)
    case_id = str(await service.pool.fetchval("SELECT case_id FROM cases"))

    async def do(kind: str, /, **fields: Any) -> None:
        await service.ask(kind, FIRST, case_id, **fields)

    for id_, side, role, person in (
        ("main", "customer", "main", "main"),
        ("boss", "customer", "executive", "boss"),
        ("csm", "us", "main", "csm"),
    ):
        await do("AddStakeholder", stakeholder_id=id_, side=side, role=role, person_id=person)
    for side, author in (("us", "csm"), ("customer", "boss")):
        await do("AddExpectation", expectation_id=f"e-{side}", side=side, kind="outcome", text=SENTENCE, author=author)
    await do("ScheduleConversation", conversation_id="talk", planned_for=service.now + DAY, channel="video")
    service.now += DAY + HOUR
    attended: dict[str, Any] = {"attendees": ["main", "boss", "csm"], "told_ending_possible": False}
    await do(
        "RecordConversation",
        conversation_id="talk",
        held_at=service.now - HOUR,
        channel="video",
        notes=SENTENCE,
        **attended,
    )
    today = service.now.date()
    frame: dict[str, Any] = {"starts_on": today, "ends_on": today + 300 * DAY, "first_review_on": today + 7 * DAY}
    await do("DraftPlan", purpose=SENTENCE, cadence="weekly", **frame)
    for number in range(COMMITMENTS):
        side, owner = ("us", "csm") if number % 2 else ("customer", "main")
        due_on = today + (10 + 5 * number) * DAY
        what: dict[str, Any] = {"what": SENTENCE, "done_when": SENTENCE, "due_on": due_on, "owner": owner}
        await do("AddCommitment", commitment_id=f"c-{number}", side=side, **what)
    await do("ProposePlan")
    proposed = await service.pool.fetchval("SELECT content_hash FROM plan_versions")
    await do("SignPlan", content_hash=proposed)
    await service.customer_signs(FIRST)
    await _is_agreed(service)


async def _announce(service: CaseService) -> None:
    person = {"person_id": "csm", "name": "Cleo", "email": "csm@example.com", "roles": ["csm"], "active": True}
    common: dict[str, Any] = {"occurred_at": service.now, "source": "bench", "time_zone": "Europe/Berlin"}
    told = PersonChanged.model_validate({**common, **person, "event_id": "person", "teams": []})
    customer = CustomerChanged.model_validate(
        {
            **common,
            "event_id": "customer",
            "customer_id": FIRST,
            "name": "Company",
            "segment": "smb",
            "tier": "standard",
            "csm": "csm",
            "recurring_revenue": {"amount": "1200.00", "currency": "EUR", "period": "month"},
            "started_on": "2024-01-01",
            "contacts": [
                {"contact_id": "main", "name": "Ma In", "role": "main"},
                {"contact_id": "boss", "name": "Bo Ss", "role": "executive"},
            ],
        }
    )
    risk = RiskDetected.model_validate(
        {
            "customer_id": FIRST,
            "source": "bench",
            "epoch": 1,
            "seq": 1,
            "occurred_at": service.now,
            "correlation_id": "bench",
            "causation_id": "bench",
            "episode_id": "episode",
            "severity": "risk",
            "reasons": [{"code": "usage_level", "text": SENTENCE}],
            "since": service.now,
        }
    )
    records = [service.record(PEOPLE.name, told), service.record(CUSTOMERS.name, customer)]
    await service.lane.take([*records, service.record(HEALTH.name, risk)])


async def _is_agreed(service: CaseService) -> None:
    states = [row["state"] for row in await service.pool.fetch("SELECT state FROM cases")]
    if states != ["reviewing"]:
        raise Wrong(f"the case has not come to an agreed plan, but to {states}")


def _any_command(service: CaseService, chance: random.Random, number: int) -> tuple[str, dict[str, Any]]:
    """Return one of the commands that a case sees in its life, and what it says."""
    day, commitment = service.now.date(), f"c-{chance.randrange(COMMITMENTS)}"
    said: dict[str, dict[str, Any]] = {
        "AddExpectation": {
            "expectation_id": f"e-{number}",
            "side": "us",
            "kind": "outcome",
            "text": SENTENCE,
            "author": "csm",
        },
        "RecordView": {"stakeholder_id": "main", "fit": 3, "sentiment": 3, "wants": SENTENCE, "on": day},
        "RecordSentiment": {"value": 3, "why": SENTENCE},
        "RecordDecision": {"decision_id": f"d-{number}", "text": SENTENCE},
        "ScheduleConversation": {
            "conversation_id": f"t-{number}",
            "planned_for": service.now + DAY,
            "channel": "phone",
        },
        "ScheduleReview": {"review_id": f"r-{number}", "planned_for": service.now + DAY},
        "CompleteCommitment": {"commitment_id": commitment, "on": day, "evidence": SENTENCE},
        "EditCommitment": {"commitment_id": commitment, "what": f"{SENTENCE} {number}"},
        "ExtendPlan": {"ends_on": day + 320 * DAY, "reason": SENTENCE},
        "ApplyPlaybook": {"playbook": "low_adoption", "starts_on": day},
        "CreateShareLink": {"link_id": f"l-{number}", "contact_id": "main", "token_hash": f"{number:064x}"},
        "DeclareSaved": {"why": SENTENCE, "cause": "low_adoption", "helped": ["joint_plan"]},
        "DismissCase": {"reason": SENTENCE, "expected_revision": 1},  # refused: what others did is shown
    }
    kind = list(said)[number % len(said)]
    return kind, said[kind]


async def _commands(service: CaseService, names: list[str], commands: int) -> list[Finding]:
    chance, took = random.Random(7), defaultdict(list)  # noqa: S311  # the same cases every time
    busy = time.process_time()
    for number in range(commands):
        customer = chance.choice(names)
        kind, said = _any_command(service, chance, number)
        took[kind].append(await service.ask(kind, customer, f"case-{customer}", **said))
    busy = time.process_time() - busy
    every = sorted(one for times in took.values() for one in times)
    slowest = max(took, key=lambda kind: _percentile(took[kind], 0.95))
    return [
        Finding(f"{len(every):,} commands of {len(took)} kinds, half", _percentile(every, 0.5) * 1e3, "ms"),
        Finding("CPU time of this process for each", busy / len(every) * 1e3, "ms"),
        Finding("95 of 100 of these commands", _percentile(every, 0.95) * 1e3, "ms", MOST_ANSWER * 1e3),
        Finding(
            f"the slowest kind, {slowest}, 95 of 100", _percentile(took[slowest], 0.95) * 1e3, "ms", MOST_ANSWER * 1e3
        ),
    ]


def _percentile(times: list[float], share: float) -> float:
    """Return what this share of the times does not exceed (nearest rank)."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


async def _sweeps(service: CaseService, customers: int, told: int) -> list[Finding]:
    await service.pool.execute("UPDATE cases SET next_at = $1 WHERE open", service.now)
    began, busy = time.perf_counter(), time.process_time()
    looked = await service.sweep()
    nothing, busy = time.perf_counter() - began, time.process_time() - busy
    await service.pool.execute("UPDATE cases SET next_at = 'infinity' WHERE next_at IS NOT NULL")
    service.now += 7 * DAY  # a commitment is due in three days, a review is tomorrow
    due = "UPDATE cases SET next_at = $1 WHERE case_id IN (SELECT case_id FROM cases WHERE open ORDER BY 1 LIMIT $2)"
    await service.pool.execute(due, service.now, told)
    began = time.perf_counter()
    with_facts = await service.sweep()
    something = time.perf_counter() - began
    return [
        Finding(f"a sweep that looks at {looked:,} of {customers:,} cases, nothing to tell", nothing, "s", MOST_SWEEP),
        Finding("CPU time of this process for it", busy, "s"),
        Finding(f"a sweep that tells something of {with_facts:,} cases", with_facts / something, "cases/s"),
    ]


async def _is_sound(service: CaseService, commands: int) -> None:
    """Raise Wrong unless most commands were accepted, and nothing was kept as poison."""
    accepted = await service.pool.fetchval(
        "SELECT count(*) FROM outbox WHERE topic = 'action_plans.answers.v1'"
        " AND convert_from(body, 'UTF8')::jsonb ->> 'type' = 'CommandAccepted'"
    )
    kept = await service.pool.fetchval("SELECT count(*) FROM dead_letters")
    if kept or accepted < commands * 0.75:
        raise Wrong(f"{accepted} of {commands} commands were accepted, {kept} records kept as they could not be taken")
