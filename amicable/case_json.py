"""A case as JSON: as it is told on plans.v1, with what the command line adds."""

from dataclasses import asdict
from typing import Any

from services.action_plans.explanation import Explanation
from services.action_plans.store import cases
from services.action_plans.store.listing import Listed


def explained(told: Explanation) -> dict[str, Any]:
    """Return the whole case."""
    return {
        "at": told.at.isoformat(),
        "customer": {"customer_id": told.case.customer_id, "name": told.customer.name if told.customer else None},
        "names": told.names,
        "case": {**cases.plain(told.case), "state": told.case.state},
        "path": [asdict(step) for step in told.path],
        "suggestions": [
            {"playbook": one.playbook.name, "title": one.playbook.title, "why": [clue.why for clue in one.because]}
            for one in told.suggestions
        ],
        "versions": [
            {"number": number, "author": author, "proposed_at": at.isoformat(), "content_hash": hash_}
            for number, author, at, hash_ in told.versions
        ],
        "next_review": cases.plain(told.next_review) if told.next_review else None,
        "ledger": cases.plain(told.ledger),
        "checklist": [cases.plain(one) for one in told.checklist],
        "record": [cases.plain(row) for row in told.record],
        "chain": {"number": told.head.number, "hash": told.head.hash},
    }


def listed(one: Listed) -> dict[str, Any]:
    """Return a case's line."""
    case = one.case
    return {
        "case_id": case.case_id,
        "customer_id": case.customer_id,
        "name": one.name,
        "csm": case.csm,
        "state": case.state,
        "band": case.band,
        "severity": case.severity,
        "opened_at": case.opened_at.isoformat(),
        "closed_at": case.ending.at.isoformat() if case.ending else None,
        "revision": case.revision,
        "reasons": [reason.text for reason in case.reasons],
    }
