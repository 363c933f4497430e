"""What follows from a transition's plan as people read it: when it may end, step by step, and what is owed."""

from collections.abc import Iterator
from datetime import date

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from amicable.drawing import marked, titled
from services.transition_review.domain.clauses.ending import Ending
from services.transition_review.domain.parts import Parts
from services.transition_review.domain.reckoned import Reckoned
from services.transition_review.domain.settlement.settling import Settlement, SettlementLine

SHOWN_WAYS = 10


def reckoned(found: Reckoned, parts: Parts) -> Iterator[RenderableType]:
    """Yield dates and money, as far as the plan says enough for them."""
    if found.end is not None:
        yield _ends(found, found.end)
    if found.settlements or (parts.refunds is not None and parts.timeline is not None):
        yield _owed(found)


def _ends(found: Reckoned, end: Ending) -> RenderableType:
    parts: list[RenderableType] = [titled("When it may end", _earliest(end))]
    if end.chosen is not None:
        table = marked()
        for step in end.chosen.steps:
            table.add_row(Text(_day(step.to_day), "bold"), Text(step.sentence))
        parts.append(table)
    if found.verdict is not None or found.time_needed is not None:
        parts += ["", _judged(found)]
    if end.others:
        parts += ["", Text("The other ways, and why not" if end.chosen else "Why none does", "dim"), _others(end)]
    return Group(*parts)


def _earliest(end: Ending) -> str:
    if end.chosen is None or end.day is None:
        return "no clause permits it"
    return f"on {_day(end.day)} at the earliest, by {end.chosen.title}"


def _judged(found: Reckoned) -> RenderableType:
    """Return what is said of the last day; what is only a recommendation is called one."""
    table = marked()
    if found.verdict is not None:
        table.add_row(_mark(found.verdict.is_lawful, "✗", "bold red"), Text(found.verdict.sentence))
    if found.receive_by is not None:
        table.add_row(_mark(found.receive_by.day is not None, "✗", "bold red"), Text(found.receive_by.sentence))
    if found.time_needed is not None:
        said = Text(f"{found.time_needed.sentence} ").append("A recommendation: it refuses nothing.", "dim")
        table.add_row(_mark(found.time_needed.kept, "!", "yellow"), said)
    return table


def _mark(good: bool, otherwise: str, style: str) -> Text:
    return Text("✓", "green") if good else Text(otherwise, style)


def _others(end: Ending) -> RenderableType:
    table = marked()
    for one in end.others[:SHOWN_WAYS]:
        table.add_row(Text("·", "dim"), Text(f"{one.title}: {one.why}", "dim"))
    if len(end.others) > SHOWN_WAYS:
        table.add_row("", Text(f"and {len(end.others) - SHOWN_WAYS} more", "dim"))
    return table


def _owed(found: Reckoned) -> RenderableType:
    if not found.settlements:
        return Group(titled("What is owed"), Text(found.unsettled or "Nobody owes anything."))
    tables = [part for one in found.settlements for part in (_settlement(one), "")]
    return Group(titled("What is owed", "a minus: the customer owes it"), *tables[:-1])


def _settlement(one: Settlement) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for line in one.lines:
        table.add_row(_line(line), f"{line.amount:,} {line.currency}")
    for label, amount in (("Net", one.net), ("Tax", one.tax)):
        table.add_row(Text(label, "dim"), Text(f"{amount:,} {one.currency}", "dim"))
    table.add_row(Text(one.sentence, "bold"), Text(f"{one.total:,} {one.currency}", "bold"))
    return table


def _line(line: SettlementLine) -> Text:
    return Text(f"{line.what}{', tax' if line.part == 'tax' else ''}").append(f"\n{line.how}", "dim")


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
