"""Milestones, money and lines of a settlement in the words that a customer reads, on its page and in documents."""

from collections.abc import Mapping
from decimal import Decimal

from services.transition_review.domain.customer_plan import LineTold, MilestoneTold, SettlementTold, ToldMilestone
from services.transition_review.domain.settlement.items import Kind
from shared.documents.wording import day

MILESTONE: Mapping[ToldMilestone, str] = {
    "refund_paid": "Your refund is paid",
    "data_returned": "Your data are with you",
    "access_closed": "Access is closed",
    "data_deleted": "Your data are deleted, and you have the proof",
}
MINUS = "\u2212"  # as long as a digit, and never mistaken for a hyphen
LINE: Mapping[Kind, str] = {
    "refund": "Paid ahead, not used",
    "service_credit": "Service credit",
    "goodwill": "Goodwill",
    "invoice": "Invoice",
}


def amount(value: Decimal, currency: str) -> str:
    """Return an amount as people write it: 1,200.00 EUR; with a minus where the customer owes it."""
    return f"{MINUS if value < 0 else ''}{abs(value):,f} {currency}"


def owed(one: SettlementTold, us: str) -> str:
    """Return in one sentence to the customer who pays what."""
    match one.owed_by:
        case "us":
            return f"{us} pays you {amount(one.total, one.currency)}."
        case "customer":
            return f"You pay {us} {amount(-one.total, one.currency)}."
        case _:
            return f"Nobody owes anything in {one.currency}."


def line_kind(one: LineTold) -> str:
    """Return what kind of amount a line is."""
    return f"{LINE[one.kind]}{', tax' if one.is_tax else ''}"


def milestone_state(one: MilestoneTold) -> str:
    """Return where a milestone stands."""
    return f"Done on {day(one.reached_on)}" if one.reached_on else "Ahead"
