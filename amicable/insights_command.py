"""`amicable insights`: what went wrong, which step saved whom, and our misses beside the customers', over all cases."""

import asyncio
from contextlib import aclosing
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from amicable import addresses, reading
from amicable.case_plan_view import BAD, COUNTS
from amicable.drawing import plain_table, titled
from amicable.health_view import WIDTH
from amicable.output import AsJson, draw, print_json
from services.action_plans.domain.insights import COUNTED, NOT_SAID, Insights, Situation
from services.action_plans.store import cases, kept
from shared import clock
from shared.database import Transaction

SCHEMA = "action_plans"
HOW = ("saved", "ended", "lost", "dismissed", "failed", "open")
REVIEWS = ("held", "missed_by_us", "missed_by_customer", "not_recorded")
DEFINITIONS = {
    "situation": "the root cause that a person named when the case was declared saved or failed",
    "not said": "the case is open, was dismissed, or the customer left: nobody has named a cause",
    "failed": "declared failed, and its transition has not ended yet",
    "days to save": "the median of days from opening the case to declaring it saved",
    "helped": "the steps that people named when they declared it saved; several for one case",
    "late": "done after its day, or still open after it; of a closed case as it was when it closed",
    "days late": "of all commitments together, what was waived left out",
    "review not recorded": "its time has passed, and it was neither held, moved nor missed",
}


def insights(as_json: AsJson = False) -> None:  # a flag
    """Count root causes over all cases: how they ended, which step helped, how long it took, and who missed what."""
    found = addresses.find()
    now = clock.clock(found.clock_file)()
    counted = asyncio.run(reading.read(found.database, SCHEMA, now, lambda tx: count(tx, now)))
    if as_json:
        print_json(as_document(counted))
        return
    draw(drawn(counted), WIDTH)


async def count(tx: Transaction, now: datetime) -> Insights:
    """Count every case, holding one at a time."""
    found = Insights()
    async with aclosing(kept.stream(tx)) as stream:
        async for case in stream:
            found.add(cases.decode(case.content), now)
    return found


def as_document(counted: Insights) -> dict[str, Any]:
    """Return the count for programs."""
    return {
        "definitions": DEFINITIONS,
        "total": _situation(counted.total),
        "situations": {name: _situation(one) for name, one in _ordered(counted)},
        "ledger": {
            "us": {name: counted.us[name] for name in COUNTED},
            "customer": {name: counted.customer[name] for name in COUNTED},
        },
        "reviews": {name: counted.reviews[name] for name in REVIEWS},
    }


def _situation(one: Situation) -> dict[str, Any]:
    ends = {how: one.how[how] for how in HOW}
    return {"cases": one.cases, **ends, "median_days_to_save": one.days_to_save, "helped": dict(one.helped)}


def _ordered(counted: Insights) -> list[tuple[str, Situation]]:
    """Return the situations, the most frequent first; what nobody has named last."""
    return sorted(counted.situations.items(), key=lambda item: (item[0] == NOT_SAID, -item[1].cases, item[0]))


def drawn(counted: Insights) -> RenderableType:
    """Return the count as people read it."""
    parts = [_situations(counted), _helped(counted), _ledger(counted), _reviews(counted), _definitions()]
    return Group(*(one for part in parts for one in (part, "")))


def _situations(counted: Insights) -> RenderableType:
    table = plain_table("Situation", "Cases", *(how.capitalize() for how in HOW), "Days to save")
    table.columns[0].ratio = 1
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for name, one in (*_ordered(counted), ("all", counted.total)):
        days = "·" if one.days_to_save is None else f"{one.days_to_save:g}"
        numbers = (str(one.cases), *(str(one.how[how]) for how in HOW), days)
        style = "bold" if one is counted.total else ""
        table.add_row(_spoken(name), *(Text(number, "dim" if number == "0" else "") for number in numbers), style=style)
    return Group(titled("What it came from, and how it ended"), table)


def _helped(counted: Insights) -> RenderableType:
    saved = counted.total.how["saved"]
    if not saved:
        return Group(titled("What helped"), Text("Nobody was saved yet.", "dim"))
    table = plain_table("Step", "Saved with it", "Of all saved", "Most often in")
    table.columns[0].ratio, table.columns[3].ratio = 2, 3
    for step, number in counted.total.helped.most_common():
        most = max(counted.situations.items(), key=lambda item: item[1].helped[step])
        table.add_row(_spoken(step), str(number), f"{number / saved:.0%}", _spoken(most[0]))
    return Group(titled("What helped", f"{saved} saved"), table)


def _ledger(counted: Insights) -> RenderableType:
    table = plain_table("Both sides alike", "We", "The customers")
    table.expand = False
    for column in table.columns[1:]:
        column.justify = "right"
    for name, says in COUNTS:
        numbers = (counted.us[name], counted.customer[name])
        table.add_row(says, *(Text(f"{one:,}", "yellow" if one and name in BAD else "") for one in numbers))
    return Group(titled("Our part and theirs"), table)


def _reviews(counted: Insights) -> Text:
    held, by_us, by_them, lost = (counted.reviews[name] for name in REVIEWS)
    text = titled("Reviews").append(f"\n{held:,} held · {by_us:,} missed by us · {by_them:,} missed by the customer")
    return text.append(f" · {lost:,} not recorded", "yellow" if lost else "")


def _definitions() -> RenderableType:
    text = Text("\n").join(Text.assemble((f"{word}: ", "bold"), meaning) for word, meaning in DEFINITIONS.items())
    text.stylize("dim")
    return Group(titled("What is counted"), Padding(text, (0, 0, 0, 2)))


def _spoken(name: str) -> str:
    return name.replace("_", " ")
