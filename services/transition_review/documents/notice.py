"""The written notice as a document: the text that starts the contract's clocks. Made of CustomerPlan alone."""

from collections.abc import Iterator

from services.transition_review.domain.customer_plan import CustomerPlan
from shared.documents.tree import Block, Column, Document, Facts, Heading, Line, Paragraph, Table, line
from shared.documents.wording import day, weekday

ROOM = "\n\n\n"  # to sign in


def document_of(plan: CustomerPlan) -> Document:
    """Return what the notice says."""
    return Document(
        title="Written notice",
        subtitle=f"{plan.us} to {plan.customer} · {day(plan.announced_on)}",
        running=f"Written notice · {plan.us} to {plan.customer}",
        at=plan.as_of,
        blocks=tuple(_blocks(plan)),
    )


def _blocks(plan: CustomerPlan) -> Iterator[Block]:
    yield Facts(
        (
            ("From", line(plan.us, "strong")),
            ("To", line(plan.customer, "strong")),
            ("Contract", line(plan.contract_id)),
            *((("Clause", line(plan.clause)),) if plan.clause else ()),
            ("Date", line(weekday(plan.announced_on))),
            ("Last day", line(weekday(plan.last_day), "strong")),
        )
    )
    talked = f"As we told you in our talk on {day(plan.talked_on)}, " if plan.talked_on else ""
    under = f", under “{plan.clause}”" if plan.clause else ""
    ends = f"{plan.us} ends the contract “{plan.contract_id}” with {plan.customer}{under}."
    yield Heading(1, "We end the contract")
    yield Paragraph(
        line(f"{talked}{ends} Its last day is {weekday(plan.last_day)}. With this notice the contract's periods begin.")
    )
    if plan.revision > 1:
        yield Paragraph(line("This notice takes the place of the one that you received before."))
    yield Paragraph(
        line(
            "What happens until then, what becomes of your data and what is owed is written in the transition plan that"
            " we gave you."
        )
    )
    yield Heading(1, "How to reach us")
    contact = Line(f"{plan.contact} is there for your questions until the last day.")
    yield Paragraph((contact, Line(f"You reach {plan.us} here: {plan.reach_us}" if plan.reach_us else "")))
    yield Heading(1, "Signatures")
    columns = (Column("For", 3), Column("In block letters", 3), Column("By hand", 5))
    name, signed = line(f"Name:{ROOM}", "quiet"), line(f"Place, day, signature:{ROOM}", "quiet")
    received = line(f"Received, place, day, signature:{ROOM}", "quiet")
    yield Table(columns, ((line(plan.us, "strong"), name, signed), (line(plan.customer, "strong"), name, received)))
