"""A large company as the topics tell of it: its people, its customers, their health, and every tenth in a case."""

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.event import Message
from shared.contracts.health import HealthBandChanged, HealthScored, RiskDetected
from shared.contracts.plans.facts import CaseOpened
from shared.contracts.upstream import CustomerChanged, PersonChanged

CSMS, TEAM = 100, 10
SEGMENTS = ("smb", "mid-market", "enterprise")
MEASURES = 24
SENTENCE = "What is to be done, said so that both sides would know it when they see it."
DAY = timedelta(days=1)


def company(customers: int, now: datetime) -> list[Message]:
    """Return everything, people first."""
    people: list[Message] = [_person("boss", ["executive"], None, now)]
    people += [_person(f"manager-{number}", ["manager"], "boss", now) for number in range(CSMS // TEAM)]
    people += [_person(f"csm-{number}", ["csm"], f"manager-{number // TEAM}", now) for number in range(CSMS)]
    return [*people, *(message for number in range(customers) for message in _about(number, now))]


def _person(person_id: str, roles: list[str], manager: str | None, now: datetime) -> PersonChanged:
    return PersonChanged.model_validate(
        {
            "event_id": person_id, "occurred_at": now - DAY, "person_id": person_id, "name": person_id.title(),
            "email": f"{person_id}@example.com", "roles": roles, "teams": [], "time_zone": "Europe/Berlin",
            "manager": manager, "active": True,
        }
    )  # fmt: skip


def _about(number: int, now: datetime) -> list[Message]:
    found: list[Message] = [_customer(number, now), _scored(number, now)]
    found += [_told(HealthBandChanged, number, seq, now, **_band(seq, now)) for seq in range(1, 4)]
    if number % 10 == 0:
        reasons = [{"code": "usage_level", "text": SENTENCE}, {"code": "nps", "text": SENTENCE}]
        risk = {"episode_id": "e", "severity": "risk", "reasons": reasons, "since": now - 9 * DAY}
        found += [
            _told(RiskDetected, number, 4, now, **risk),
            _told(CaseOpened, number, 1, now, case=_case(number, now)),
        ]
    return found


def _customer(number: int, now: datetime) -> CustomerChanged:
    return CustomerChanged.model_validate(
        {
            "event_id": f"c-{number}", "occurred_at": now - DAY, "customer_id": f"customer-{number:05d}",
            "name": f"Company {number}", "segment": SEGMENTS[number % 3], "tier": "gold", "csm": f"csm-{number % CSMS}",
            "recurring_revenue": {"amount": f"{100 + number}.00", "currency": "EUR", "period": "month"},
            "started_on": "2024-01-01", "renews_on": (now + number % 365 * DAY).date(), "time_zone": "Europe/Berlin",
            "contacts": [{"contact_id": f"p-{one}", "name": f"Person {one}", "role": "user"} for one in range(5)],
        }
    )  # fmt: skip


def _scored(number: int, now: datetime) -> HealthScored:
    parts = [
        {
            "measure": f"measure_{one}",
            "points": "2.50",
            "weight": 100 / MEASURES,
            "value": 60.0,
            "explanation": SENTENCE,
        }
        for one in range(MEASURES)
    ]
    fields = {
        "revision": 5, "score": f"{number % 100}.00", "band": ("red", "yellow", "green")[number % 3],
        "band_since": now - DAY, "confidence": 0.8, "contributions": parts, "trend": {"days_30": "-3.00"},
        "card": {"card": "smb", "version": 1},
    }  # fmt: skip
    scored: HealthScored = _told(HealthScored, number, 0, now, **fields)
    return scored


def _band(seq: int, now: datetime) -> dict[str, Any]:
    bands = ("green", "yellow", "red", "yellow")
    return {"before": bands[seq - 1], "after": bands[seq], "since": now - 30 * seq * DAY, "score": "55.00"}


def _case(number: int, now: datetime) -> dict[str, Any]:
    today = now.date()
    commitments = [
        {
            "commitment_id": f"k-{one}", "side": "us" if one % 2 else "customer", "what": SENTENCE, "owner": "p-1",
            "due_on": today + one * DAY, "done_when": SENTENCE,
        }
        for one in range(20)
    ]  # fmt: skip
    terms = {
        "purpose": SENTENCE, "starts_on": today, "ends_on": today + 90 * DAY, "cadence": "weekly",
        "first_review_on": today + 7 * DAY, "review_hour": 10, "promises": [], "commitments": commitments,
    }  # fmt: skip
    counts = dict.fromkeys(
        ("commitments", "met", "late", "missed", "waived", "open", "days_late", "undeliverable", "meetings_missed",
         "meetings_moved"), 0,
    )  # fmt: skip
    return {
        "case_id": f"case-{number:05d}", "revision": 7, "state": "reviewing", "opened_at": now - 40 * DAY,
        "csm": f"csm-{number % CSMS}", "severity": "risk", "reasons": [{"code": "usage_level", "text": SENTENCE}],
        "band": "red", "time_zone": "Europe/Berlin",
        "plan": {
            "agreed": {
                "number": 1, "author": "csm", "proposed_at": now - 30 * DAY, "content_hash": "0" * 64, "terms": terms,
                "agreed_at": now - 20 * DAY,
            },
        },
        "reviews": [{"review_id": "r-1", "planned_for": now + (number % 14 - 7) * DAY, "state": "planned"}],
        "ledger": {"us": {"side": "us", **counts}, "customer": {"side": "customer", **counts}},
        "checklist": {"eligible": False, "at": now, "conditions": [], "signed": "x.y.z"},
        "chain": {"number": 7, "hash": "0" * 64},
    }  # fmt: skip


def _told(kind: Any, number: int, seq: int, now: datetime, **fields: Any) -> Any:
    return kind.model_validate(
        {
            "event_id": f"{kind.__name__}-{number}-{seq}", "source": "bench", "epoch": 1, "seq": seq,
            "occurred_at": now - timedelta(hours=seq), "customer_id": f"customer-{number:05d}",
            "correlation_id": "bench", "causation_id": "bench", **fields,
        }
    )  # fmt: skip
