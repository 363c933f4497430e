"""An ending as it stands, from the facts that were told of it: for programs as JSON, for spreadsheets as a row."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from shared.cells import Cell, json_cell

DAYS = (
    "effective_on",
    "last_day_of_support",
    "access_ends_on",
    "data_returned_on",
    "data_deleted_on",
    "notice_on",
)
SUMS = ("net", "tax", "total")
IDENTITY = (
    "termination_id",
    "customer_id",
    "state",
    "revision",
    "announced_at",
    "last_told_at",
    "withdrawn_at",
    "completed_at",
)
TEXTS = ("time_zone", "contract_id", "clause_id", "csm", "support_contact")
REVENUE = ("recurring_amount", "recurring_currency", "recurring_period")
FACT_COLUMNS = (
    "termination_id", "customer_id", "type", "revision", "idempotency_key", "occurred_at", "epoch", "seq", "fact",
)  # fmt: skip


def standing(facts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return how an ending stands. facts: all that were told of it, in order."""
    first, last = facts[0], facts[-1]
    told = {fact["type"]: fact for fact in facts}  # the last of each type
    held = max((fact for fact in facts if "termination" in fact), key=lambda fact: int(fact["revision"]))
    reached = {fact["milestone_id"]: fact for fact in facts if fact["type"] == "MilestoneReached"}
    state = "withdrawn" if "TerminationWithdrawn" in told else "completed" if "TerminationCompleted" in told else None
    milestones = [
        {
            **one,
            "reached_on": reached[one["milestone_id"]]["on"] if one["milestone_id"] in reached else None,
            "evidence": reached[one["milestone_id"]]["evidence"] if one["milestone_id"] in reached else None,
        }
        for one in held["termination"]["milestones"]
    ]
    return {
        "termination_id": first["termination_id"],
        "customer_id": first["customer_id"],
        "state": state or "announced",
        "revision": max(int(fact["revision"]) for fact in facts),
        "announced_at": first["occurred_at"],
        "last_told_at": last["occurred_at"],
        "withdrawn_at": told["TerminationWithdrawn"]["withdrawn_at"] if state == "withdrawn" else None,
        "completed_at": told["TerminationCompleted"]["occurred_at"] if state == "completed" else None,
        **held["termination"],
        "milestones": milestones,
    }


def columns(currencies: Sequence[str]) -> list[str]:
    """Return the columns of a row: three for each currency."""
    sums = [f"settlement_{currency}_{name}" for currency in currencies for name in SUMS]
    return [*IDENTITY, *DAYS, *TEXTS, *REVENUE, *sums, "milestones"]


def row(stands: dict[str, Any], currencies: Sequence[str]) -> list[Cell]:
    """Return an ending's row. Amounts are positive where we owe them; texts of milestones are left to JSON."""
    revenue = stands.get("recurring_revenue") or {}
    settled = {one["currency"]: one for one in stands["settlement"]}
    sums = [_amount(settled.get(currency, {}).get(name)) for currency in currencies for name in SUMS]
    kept = ("milestone_id", "kind", "team", "due_on", "reached_on")
    return [
        *(stands.get(name) for name in IDENTITY),
        *(date.fromisoformat(stands[name]) for name in DAYS),
        *(stands.get(name) for name in TEXTS),
        _amount(revenue.get("amount")),
        revenue.get("currency"),
        revenue.get("period"),
        *sums,
        json_cell([{name: one[name] for name in kept} for one in stands["milestones"]]),
    ]


def fact_row(fact: dict[str, Any]) -> list[Cell]:
    """Return a fact's row: the fact itself is its last cell, as JSON."""
    return [*(fact[name] for name in FACT_COLUMNS[:-1]), json_cell(fact)]


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
