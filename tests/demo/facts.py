"""What the services would publish of one or two customers, and the mails that would be caught."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from amicable.demo.mailbox import Mail
from amicable.demo.people import PERSON
from shared.contracts.event import Message
from shared.contracts.health import HealthBandChanged, HealthScored, RiskCleared, RiskDetected, RiskUpdated
from shared.contracts.notices import NoticeSent
from shared.contracts.plans.facts import CaseOpened
from shared.contracts.upstream import CustomerChanged, SurveyAnswered
from tests.told_cases import told_case

NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
CLOCK = "clock:2026-11-26T18:00:00+00:00"
LOW_USAGE = {"code": "usage_level", "text": "Usage is at 41% of its usual level"}


def _common(customer_id: str, event_id: str, cause: str, source: str) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "event_id": event_id,
        "source": source,
        "epoch": 1,
        "seq": 1,
        "occurred_at": NOW,
        "correlation_id": f"{customer_id}/survey",
        "causation_id": cause,
    }


def person(person_id: str) -> Message:
    """The person as the directory announces it."""
    return PERSON[person_id].announced(NOW - timedelta(days=300))


def customer(customer_id: str, name: str, csm: str, *, renews_in: int | None = None) -> CustomerChanged:
    """The customer's entry in the register; `renews_in`: days from now."""
    return CustomerChanged.model_validate(
        {
            "event_id": f"{customer_id}/register",
            "customer_id": customer_id,
            "occurred_at": NOW - timedelta(days=300),
            "name": name,
            "segment": "smb",
            "tier": "basic",
            "csm": csm,
            "recurring_revenue": {"amount": "100.00", "currency": "EUR", "period": "month"},
            "started_on": "2025-01-01",
            "time_zone": "Europe/Berlin",
            "renews_on": None if renews_in is None else (NOW.date() + timedelta(days=renews_in)).isoformat(),
        }
    )


def survey(customer_id: str) -> SurveyAnswered:
    """The event that everything follows from."""
    return SurveyAnswered(
        event_id=f"{customer_id}/survey", customer_id=customer_id, occurred_at=NOW, kind="nps", score=2.0
    )


def scored(customer_id: str, band: str, *, score: str | None = "46.31", revision: int = 1) -> HealthScored:
    """A score."""
    common = _common(customer_id, f"{customer_id}/score/{revision}", f"{customer_id}/survey", "health_scoring")
    told: dict[str, Any] = {"band": band, "score": score, "revision": revision, "confidence": 1.0, "contributions": []}
    told |= {"band_since": NOW, "trend": {}, "card": {"card": "smb", "version": 1}}
    return HealthScored.model_validate({**common, **told})


def band_changed(customer_id: str, before: str, after: str, *, number: int = 2) -> HealthBandChanged:
    """A change of band; number: of the facts about the customer's health."""
    common = _common(customer_id, f"{customer_id}/band/{after}", f"{customer_id}/survey", "health_scoring")
    return HealthBandChanged.model_validate(
        {**common, "seq": number, "before": before, "after": after, "since": NOW, "score": "46.31"}
    )


def risk(
    customer_id: str,
    severity: str = "risk",
    *,
    kind: type[RiskDetected | RiskUpdated] = RiskDetected,
    cause: str | None = None,
    reasons: Sequence[dict[str, Any]] = (LOW_USAGE,),
) -> RiskDetected | RiskUpdated:
    """A risk that follows from the survey, or from another cause."""
    common = _common(customer_id, f"{customer_id}/risk", cause or f"{customer_id}/survey", "health_scoring")
    told = {"episode_id": "e1", "severity": severity, "reasons": list(reasons), "since": NOW}
    return kind.model_validate({**common, **told})


def reason(code: str, text: str = "", *evidence: str) -> dict[str, Any]:
    """A reason, and the ids of the events behind it."""
    return {"code": code, "text": text or code, "evidence": {"event_ids": evidence}}


def cleared(customer_id: str, at: datetime = NOW) -> RiskCleared:
    """The risk is over."""
    common = _common(customer_id, f"{customer_id}/cleared", f"{customer_id}/survey", "health_scoring")
    return RiskCleared.model_validate({**common, "episode_id": "e1", "occurred_at": at})


def case(customer_id: str, csm: str | None, *, case_id: str = "c1", reasons: tuple[str, ...] = ()) -> CaseOpened:
    """A case that follows from the risk."""
    given = [{"code": code, "text": code} for code in reasons] or [LOW_USAGE]
    snapshot = told_case(
        case_id=f"{customer_id}/{case_id}", opened_at=NOW, episode_id="e1", severity="risk", reasons=given, csm=csm
    )
    common = _common(customer_id, f"{customer_id}/{case_id}/opened", f"{customer_id}/risk", "action_plans")
    return CaseOpened.model_validate({**common, "case": snapshot})


def notice(customer_id: str, csm: str, *, case_id: str = "c1") -> NoticeSent:
    """The notice of the case's mail."""
    opened = f"{customer_id}/{case_id}/opened"
    common = _common(customer_id, f"{customer_id}/{case_id}/sent", opened, "notifications")
    told = {"notice_id": f"{customer_id}.{case_id}", "person_id": csm, "channel": "mail", "fact_type": "CaseOpened"}
    return NoticeSent.model_validate({**common, **told, "fact_id": opened})


def mail(customer_id: str, name: str, csm: str, *, case_id: str = "c1") -> Mail:
    """The mail itself."""
    return Mail(f"{customer_id}.{case_id}@amicable.example", (f"{csm}@brightwater.example",), f"Action needed: {name}")


def reminder(customer_id: str, name: str, csm: str) -> tuple[NoticeSent, Mail]:
    """A mail under the subject of the case's mail that tells of something else, and its notice."""
    common = _common(customer_id, f"{customer_id}/reminded", f"{customer_id}/due", "notifications")
    told = {"notice_id": "n", "message_id": "m", "person_id": csm, "channel": "mail", "fact_type": "ConversationDue"}
    notice = NoticeSent.model_validate({**common, **told, "fact_id": f"{customer_id}/due"})
    return notice, Mail("m@amicable.example", (f"{csm}@brightwater.example",), f"Action needed: {name}")
