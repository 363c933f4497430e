"""Contracts and notices as the table of golden ends writes them."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from services.transition_review import reckoning
from services.transition_review.domain.clauses.calendar import day_there
from services.transition_review.domain.clauses.contract import ContractTerms, Notice
from shared.contracts.endings import clauses

TABLE: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("golden_ends.yaml").read_text())
SPANS = {"notice", "cure", "opt_out", "minimum_term"}
USUAL_CLAUSE = {"clause_id": "9.1", "who": "us", "ground": "ordinary"}
USUAL_CONTRACT = {"starts_on": "2020-01-01", "place": "berlin"}


def contract_of(written: Mapping[str, Any]) -> ContractTerms:
    """Return a contract of the table."""
    whole = _with_spans(USUAL_CONTRACT | dict(written))
    whole["place"] = TABLE["places"][whole["place"]]
    whole["clauses"] = [_clause(clause) for clause in whole["clauses"]]
    return reckoning.terms_of(clauses.ContractTerms.model_validate(whole))


def notice_of(written: Mapping[str, Any], contract: ContractTerms) -> Notice:
    """Return a notice of the table."""
    whole = dict(written)
    if "received_at" in whole:
        whole["received_on"] = day_there(datetime.fromisoformat(whole.pop("received_at")), contract.place)
    return reckoning.notice_of(clauses.TerminationNotice.model_validate(whole))


def _clause(written: Mapping[str, Any]) -> dict[str, Any]:
    whole = USUAL_CLAUSE | dict(written)
    return {"title": f"Clause {whole['clause_id']}"} | whole


def _with_spans(value: Any) -> Any:
    """Return a copy in which "3 months" is a span."""
    if isinstance(value, list):
        return [_with_spans(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _span(one) if name in SPANS else _with_spans(one) for name, one in value.items()}


def _span(text: str) -> dict[str, Any]:
    count, unit = text.split()
    return {"count": int(count), "unit": unit}
