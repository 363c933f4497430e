"""The outcome as one JSON object."""

from collections.abc import Sequence
from typing import Any

from amicable.demo.found import Found
from amicable.demo.outcome import Case, CaughtMail, Outcome
from amicable.demo.trace import Link

_BANDS = ("green", "yellow", "red", "unknown")


def as_json(outcome: Outcome, differences: Sequence[str]) -> dict[str, Any]:
    """Return what there is to say; `as_expected` is what the exit code says."""
    return {
        "as_expected": not differences,
        "differences": list(differences),
        "bands": {band: len(outcome.in_band(band)) for band in _BANDS},
        "customers": [
            {
                "customer_id": s.customer_id,
                "customer": s.customer,
                "announced": s.announced,
                "band": s.band,
                "score": s.score,
            }
            for s in outcome.customers
        ],
        "found": [_found(found) for found in outcome.found],
        "cases": [_case(case) for case in outcome.cases],
        "mails": [_mail(mail) for mail in outcome.mails],
    }


def _found(found: Found) -> dict[str, Any]:
    return {
        "customer_id": found.customer_id,
        "customer": found.customer,
        "found_at": found.at.isoformat(),
        "days_before_renewal": found.renews_in,
        "by_the_clock": found.by_clock,
        "severity": found.severity,
        "reasons": [{"code": reason.code, "text": reason.text} for reason in found.reasons],
        "evidence": _link(found.evidence) if found.evidence else None,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "customer_id": case.customer_id,
        "customer": case.customer,
        "csm": case.csm,
        "opened_at": case.opened_at.isoformat(),
        "severity": case.severity,
        "first_reason": case.reason,
        "reasons": sorted(case.reasons),
        "event_id": case.event_id,
        "caused_by": [_link(link) for link in case.caused_by],
    }


def _mail(mail: CaughtMail) -> dict[str, Any]:
    return {
        "to": mail.to,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "customer_id": mail.customer_id,
        "customer": mail.customer,
        "caused_by": [_link(link) for link in mail.caused_by],
    }


def _link(link: Link) -> dict[str, Any]:
    return {
        "type": link.type,
        "event_id": link.event_id,
        "occurred_at": link.at.isoformat() if link.at else None,
        "says": link.says,
    }
