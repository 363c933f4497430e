"""The playbooks that come with the product: one for each situation in which a relationship goes downhill."""

from functools import cache
from importlib import resources

from services.action_plans.domain.playbook import Playbook
from services.action_plans.playbooks.reading import load

NAMES = (
    "slow_implementation",
    "low_adoption",
    "falling_usage",
    "sponsor_left",
    "support_overload",
    "product_gap",
    "unpaid_invoices",
    "meetings_called_off",
    "unkind_behaviour",
    "grown_out_of_our_product",
    "unrealistic_expectations",
    "our_own_delivery_failing",
    "cost_to_serve_above_what_they_pay",
)


@cache
def shipped_playbooks() -> tuple[Playbook, ...]:
    """Return the playbooks that come with the product."""
    return tuple(load(text_of(name), f"{name}.yaml") for name in NAMES)


def text_of(name: str) -> str:
    """Return the file of the playbook that is called so."""
    return resources.files("services.action_plans.playbooks").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
