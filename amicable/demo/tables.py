"""The outcome as tables that fit a hundred columns."""

import re
from collections.abc import Iterator

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from amicable.demo.consequences import BAND_STYLE
from amicable.demo.found import Found
from amicable.demo.outcome import Outcome, Scored

WIDTH = 100
_NAMED_UP_TO = 12


def tables(outcome: Outcome) -> Group:
    """Return all three tables, one below the other, and what they come to."""
    return Group(bands(outcome), "", mails(outcome), "", found(outcome), *_summary(outcome))


def bands(outcome: Outcome) -> Table:
    """Customers per band; where there are few, their names."""
    table = _table("Customers per band")
    table.add_column("Band")
    table.add_column("Customers", justify="right")
    table.add_column("Who", ratio=1)
    for band in ("red", "yellow", "green", "unknown", None):
        members = outcome.in_band(band)
        if members or band:
            named = ", ".join(_named(m) for m in members)
            table.add_row(
                Text(band or "not scored", style=BAND_STYLE.get(band or "", "bold red")),
                str(len(members)),
                named if len(members) <= _NAMED_UP_TO else "everybody else",
            )
    if outcome.unannounced:
        table.add_row("not announced yet", str(outcome.unannounced), "the register of customers does not name them")
    return table


def mails(outcome: Outcome) -> Table:
    """Mails that the catcher has, and for each the case that it is about."""
    table = _table("Mails sent")
    table.add_column("To", no_wrap=True)
    table.add_column("Subject", ratio=5, overflow="fold")
    table.add_column("About", ratio=6, overflow="fold")
    people = {address: outcome.names.get(person_id, person_id) for person_id, address in outcome.addresses.items()}
    cases = {case.event_id: case for case in outcome.cases}
    for mail in outcome.mails:
        to = Text(people.get(mail.to, "")).append(f"\n{mail.to}", style="dim")
        case = cases.get(mail.case_event_id or "")
        about = f"its case, opened on {case.opened_at:%-d %b}: {case.reason}" if case else "no notice tells of it"
        table.add_row(to, mail.subject, about)
    return _or_none(table)


def found(outcome: Outcome) -> Table:
    """Whoever was found to be at risk: how long before the renewal, why, and what tells of it."""
    table = _table("Found at risk")
    table.add_column("Customer", ratio=5)
    table.add_column("Renewal", no_wrap=True, justify="right")
    table.add_column("First reason", ratio=8)
    table.add_column("Evidence", ratio=5)
    for one in outcome.found:
        renewal = "" if one.renews_in is None else f"in {one.renews_in} days"
        table.add_row(one.customer, renewal, one.reason, Text(_told_by(one), style="dim"))
    return _or_none(table)


def _summary(outcome: Outcome) -> Iterator[Text]:
    """Yield what the demo is for, in a line or two: how many were found, how early, and who by the clock alone."""
    in_time = [
        (one.renews_in, one.customer) for one in outcome.found if one.renews_in is not None and one.renews_in > 0
    ]
    if in_time:
        days, customer = min(in_time)
        count = f"{len(in_time)} of {len(outcome.found)} found before renewal"
        yield Text(f"{count}, the nearest {days} days before: {customer}.", style="bold")
    silent = ", ".join(one.customer for one in outcome.found if one.by_clock)
    if silent:
        yield Text(f"Found by the clock alone, since no event told of it: {silent}.", style="bold")


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.ROUNDED, border_style="dim", expand=True
    )


def _or_none(table: Table) -> Table:
    if not table.rows:
        table.add_row(Text("none", style="dim"))
    return table


def _named(one: Scored) -> str:
    """Return the name, with the score of whoever is judged by it: beside "unknown" it would be read as a judgement."""
    return f"{one.customer} ({float(one.score):.0f})" if one.score and one.band != "unknown" else one.customer


def _told_by(one: Found) -> str:
    """Return what tells of the first reason: the clock, or the newest event behind it."""
    if one.by_clock:
        return "the clock alone"
    if one.evidence is None:
        return ""
    said = one.evidence.says or re.sub("(?=[A-Z])", " ", one.evidence.type).strip().lower()  # ContactLeft: contact left
    return f"{said}, {one.evidence.at:%-d\u00a0%b}" if one.evidence.at else said
