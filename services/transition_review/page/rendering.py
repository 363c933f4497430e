"""Writes the page from the customer's plan alone."""

from services.transition_review.documents import wording
from services.transition_review.domain.customer_plan import CustomerPlan
from services.transition_review.page.downloads import DOWNLOADS
from shared.page.rendering import templates_of
from shared.page.words import moment

_templates = templates_of("services.transition_review.page")
_templates.globals |= {
    "MILESTONE": wording.MILESTONE,
    "amount": wording.amount,
    "owed": wording.owed,
    "line_kind": wording.line_kind,
    "milestone_state": wording.milestone_state,
}


def ending_page(plan: CustomerPlan, token: str, reader: str) -> str:
    """Return the page. reader: what the contact whose link it is is called."""
    return _templates.get_template("ending.html").render(
        plan=plan, token=token, reader=reader, downloads=DOWNLOADS, as_of=moment(plan.as_of, plan.time_zone)
    )
