"""Transitions in lines, as people read them in a hundred columns."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from amicable.drawing import plain_table
from services.transition_review.domain import ending
from services.transition_review.domain.transition import Transition
from services.transition_review.domain.waited import Waited
from services.transition_review.store.listing import Listed

STATE = {"approved": "bold yellow", "announced": "bold red", "ending": "bold red", "ended": "red", "withdrawn": "green"}
SHOWN = 4


def listed(rows: Sequence[tuple[Listed, Sequence[Waited]]], total: int, now: datetime) -> RenderableType:
    """Return transitions in lines, each with whom it waits for."""
    table = plain_table("Customer", "State", "Last day", "Waits for")
    table.columns[0].ratio, table.columns[3].ratio = 4, 6
    for row, waited in rows:
        one = row.transition
        who = Text.assemble((row.name, "bold"), (f"\n{one.customer_id} · {one.csm or 'nobody'}", "dim"))
        state = Text(one.state.replace("_", " "), STATE.get(one.state, ""))
        if one.stopped and one.announced is None:
            state.append("\nstopped", "bold red")
        timeline = one.parts.timeline
        last = ending.last_day(one) or (timeline.last_day if timeline else None)
        table.add_row(who, state, f"{last:%-d %b %Y}" if last else "", waits_for(one, waited, now))
    shown = f"{total} transition{'s' * (total != 1)}"
    if total != len(rows):
        shown = f"The first {len(rows)} of {shown}"
    return Group(table, "", Text(shown if total else "No transition fits.", "dim"))


def waits_for(transition: Transition, waited: Sequence[Waited], now: datetime) -> Text:
    """Return who is waited for, since when, by when."""
    text = Text()
    for one in waited[:SHOWN]:
        late = one.due_on is not None and transition.today(now) > one.due_on
        text.append("\n" if text else "").append(_line(one, now), "bold red" if late else "")
    if len(waited) > SHOWN:
        text.append(f"\nand {len(waited) - SHOWN} more", "dim")
    return text


def _line(one: Waited, now: datetime) -> str:
    days = (now - one.since).days
    since = f"for {days} day{'s' * (days != 1)}" if days else "since today"
    by = f", by {one.due_on:%-d %b %Y}" if one.due_on else ""
    return f"{one.who}: {one.what} ({since}{by})"
