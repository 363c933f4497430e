"""The customer's transition plan as a document: what they keep. Made of CustomerPlan alone."""

from collections.abc import Iterator

from services.transition_review.documents.wording import MILESTONE, amount, line_kind, milestone_state, owed
from services.transition_review.domain.customer_plan import CustomerPlan, SettlementTold
from shared.documents.tree import (
    Block,
    Bullets,
    Column,
    Document,
    Facts,
    Heading,
    Line,
    Lines,
    Notice,
    Paragraph,
    Table,
    line,
)
from shared.documents.wording import count, day, weekday


def document_of(plan: CustomerPlan) -> Document:
    """Return what the plan says."""
    return Document(
        title=plan.title,
        subtitle=f"The last day is {weekday(plan.last_day)} · as of {day(plan.today)}",
        running=f"{plan.title} · {day(plan.today)}",
        at=plan.as_of,
        blocks=tuple(_blocks(plan)),
    )


def _blocks(plan: CustomerPlan) -> Iterator[Block]:
    yield from _beginning(plan)
    yield Heading(1, "Why this day")
    yield Bullets(tuple(line(one) for one in plan.why_that_day) or (line("It is the day that the notice names."),))
    yield from _milestones(plan)
    yield from _support(plan)
    yield from _data(plan)
    yield from _money(plan)
    yield from _alternatives(plan)
    yield from _notice(plan)


def _beginning(plan: CustomerPlan) -> Iterator[Block]:
    if plan.is_over:
        yield Notice(line(f"The last day was {day(plan.last_day)}. Thank you for the time with us.", "strong"))
    else:
        talked = f" on {day(plan.talked_on)}" if plan.talked_on else ""
        yield Paragraph(
            line(
                f"We told you{talked} that {plan.us} and {plan.customer} end their work together. This plan says what"
                " happens until then and after it, and what you can rely on."
            )
        )
    left = "" if plan.is_over else f"{count(plan.days_left, 'day')} from today"
    yield Facts(
        (
            ("Last day", (Line(weekday(plan.last_day), "strong"), Line(left, "quiet"))),
            ("Support", line(f"until {day(plan.support.until)}")),
            ("Your data", line(f"with you on {day(plan.data.export_on)}, as {plan.data.export_format}")),
            ("Money", tuple(Line(owed(one, plan.us)) for one in plan.settlements) or line("Nobody owes anything.")),
            ("Your contact", line(f"{plan.contact}, {plan.us}")),
        )
    )


def _milestones(plan: CustomerPlan) -> Iterator[Block]:
    if not plan.milestones:
        return
    yield Heading(1, "What happens when")
    rows = tuple(
        (
            line(MILESTONE[one.kind], "strong"),
            line(day(one.due_on)),
            line(milestone_state(one), "good" if one.reached_on else "quiet"),
        )
        for one in plan.milestones
    )
    yield Table((Column("Milestone", 5), Column("By", 3), Column("Where it stands", 3)), rows)


def _support(plan: CustomerPlan) -> Iterator[Block]:
    yield Heading(1, "Support until the end")
    yield Facts(
        (
            ("Who", line(f"{plan.support.contact}, {plan.us}")),
            ("What", line(plan.support.level)),
            ("When", line(plan.support.hours)),
            ("Until", line(weekday(plan.support.until))),
        )
    )


def _data(plan: CustomerPlan) -> Iterator[Block]:
    yield Heading(1, "Your data")
    yield Facts(
        (
            ("You receive them", line(f"on {weekday(plan.data.export_on)}, as {plan.data.export_format}")),
            ("Access ends", line(f"on {weekday(plan.data.access_ends_on)}")),
            ("We delete them", line(f"by {weekday(plan.data.deleted_on)}")),
            ("Proof", line(plan.data.proof_of_deletion)),
        )
    )


def _money(plan: CustomerPlan) -> Iterator[Block]:
    yield Heading(1, "What is owed")
    if not plan.settlements:
        yield Paragraph(line("Neither side owes the other anything."))
    for one in plan.settlements:
        yield Heading(2, owed(one, plan.us))
        yield Table(
            (Column("For", 6), Column("How it is reckoned", 8), Column("Amount", 4, figures=True)), tuple(_lines(one))
        )
    if any(line_.amount < 0 for one in plan.settlements for line_ in one.lines):
        yield Paragraph(line(f"With a minus: what you owe {plan.us}.", "quiet"))


def _lines(one: SettlementTold) -> Iterator[tuple[Lines, ...]]:
    for each in one.lines:
        what = (Line(each.what, "strong"), Line(line_kind(each), "quiet"))
        yield what, line(each.how), line(amount(each.amount, one.currency))
    yield (
        line("All together", "strong"),
        line("the sum of the lines above"),
        line(amount(one.total, one.currency), "strong"),
    )


def _alternatives(plan: CustomerPlan) -> Iterator[Block]:
    if not plan.alternatives:
        return
    yield Heading(1, "Who may fit you better")
    rows = tuple((line(one.name, "strong"), line(one.fits)) for one in plan.alternatives)
    yield Table((Column("Who", 2), Column("Whom they fit", 5)), rows)
    if plan.introduction_offered:
        yield Paragraph(
            line(f"If you like, {plan.contact} introduces you. We share nothing about you before you say yes.")
        )


def _notice(plan: CustomerPlan) -> Iterator[Block]:
    yield Heading(1, "The written notice")
    yield Facts(
        (
            ("Contract", line(plan.contract_id)),
            *((("Clause", line(plan.clause)),) if plan.clause else ()),
            ("Received", line(f"on {day(plan.received_on)}" if plan.received_on else "not confirmed yet")),
            *((("Reach us", line(plan.reach_us)),) if plan.reach_us else ()),
        )
    )
    if plan.revision > 1:
        yield Paragraph(line(f"This plan was changed, the last time on {day(plan.announced_on)}.", "quiet"))
