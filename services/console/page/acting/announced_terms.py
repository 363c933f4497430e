"""A contract as upstream announces it, in the words of a transition's part: what its form begins with.

transition_review says by itself where a contract that is written differs from what was announced.
"""

import re
from collections.abc import Iterator

from shared.contracts.endings import clauses
from shared.contracts.upstream.snapshots import Clause, CustomerContract

_WHO = {"customer": "customer", "us": "us", "both": "either"}
_GROUND = {"convenience": "ordinary", "breach": "good_cause", "abuse": "good_cause", "non_payment": "non_payment"}
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")


def begun_with(contract: CustomerContract, time_zone: str) -> clauses.ContractTerms | None:
    """Return the terms to begin with, None where they cannot be such: then they are written from the beginning."""
    said = {
        "starts_on": contract.starts_on,
        "place": {
            "time_zone": time_zone, "country": contract.country, "subdivision": contract.subdivision,
        },
        "term": _term(contract),
        "minimum_term": _months(contract.minimum_term_months),
        "billing_day": contract.billing_day,
        "clauses": list(_clauses(contract)),
    }  # fmt: skip
    try:
        return clauses.ContractTerms.model_validate(said)
    except ValueError:
        return None


def _months(count: int | None) -> dict[str, object] | None:
    return {"count": count, "unit": "months"} if count else None


def _term(contract: CustomerContract) -> dict[str, object] | None:
    if contract.term_months is None:
        return None
    if not contract.auto_renews:
        return {"months": contract.term_months}
    opt_out = {"count": contract.renewal_notice_days or 0, "unit": "days"}
    renewal = {"months": contract.renewal_months or contract.term_months, "opt_out": opt_out}
    return {"months": contract.term_months, "renewal": renewal}


def _clauses(contract: CustomerContract) -> Iterator[dict[str, object]]:
    for number, one in enumerate(contract.clauses, start=1):
        yield _clause(one, one.clause_id if _ID.fullmatch(one.clause_id) else f"clause-{number}")


def _clause(one: Clause, clause_id: str) -> dict[str, object]:
    ground = _GROUND[one.reason]
    return {
        "clause_id": clause_id,
        "title": (one.title or f"Clause {one.clause_id}")[:200],
        "who": _WHO[one.who_may_end],
        "ground": ground,
        "notice": {"count": one.notice.amount, "unit": one.notice.unit},
        "counted_to": one.notice.to_end_of or "day",
        "form": one.form or "written",
        "cure": {"count": one.cure_days, "unit": "days"} if one.cure_days and ground != "ordinary" else None,
        "not_before": one.not_before,
        "despite_minimum_term": bool(one.despite_minimum_term),
    }
