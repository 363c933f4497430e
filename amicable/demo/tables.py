"""The outcome as tables that fit a hundred columns."""

from collections.abc import Sequence

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from amicable.demo.consequences import BAND_STYLE
from amicable.demo.outcome import CaughtMail, Outcome
from amicable.demo.trace import Link

WIDTH = 100
_NAMED_UP_TO = 12


def tables(outcome: Outcome) -> Group:
    """Return all three tables, one below the other."""
    return Group(bands(outcome), "", cases(outcome), "", mails(outcome))


def bands(outcome: Outcome) -> Table:
    """Customers per band; where there are few, their names."""
    table = _table("Customers per band")
    table.add_column("Band")
    table.add_column("Customers", justify="right")
    table.add_column("Who", ratio=1)
    for band in ("red", "yellow", "green", "unknown", None):
        members = outcome.in_band(band)
        if members or band:
            named = ", ".join(f"{m.customer} {_whole(m.score)}".rstrip() for m in members)
            table.add_row(
                Text(band or "not scored", style=BAND_STYLE.get(band or "", "bold red")),
                str(len(members)),
                named if len(members) <= _NAMED_UP_TO else "everybody else",
            )
    return table


def cases(outcome: Outcome) -> Table:
    """Cases opened, and for each how long before the renewal, the first reason, and what caused it."""
    table = _table("Cases opened")
    table.add_column("Customer", ratio=6)
    table.add_column("Opened (UTC)", no_wrap=True)
    table.add_column("Renewal", no_wrap=True, justify="right")
    table.add_column("CSM", no_wrap=True)
    table.add_column("First reason, and the event that caused it", ratio=10)
    for case in outcome.cases:
        why = Text(case.reason).append(f"\n{_chain(case.caused_by)}", style="dim")
        csm = outcome.names.get(case.csm or "", case.csm or "nobody")
        renewal = "" if case.renews_in is None else f"in {case.renews_in} days"
        table.add_row(case.customer, f"{case.opened_at:%-d %b %H:%M}", renewal, csm, why)
    return _or_none(table)


def mails(outcome: Outcome) -> Table:
    """Mails that the catcher has, and for each what caused it."""
    table = _table("Mails sent")
    table.add_column("To", no_wrap=True)
    table.add_column("Subject", ratio=5, overflow="fold")
    table.add_column("About, and the event that caused it", ratio=6, overflow="fold")
    people = {address: outcome.names.get(person_id, person_id) for person_id, address in outcome.addresses.items()}
    for mail in outcome.mails:
        to = Text(people.get(mail.to, "")).append(f"\n{mail.to}", style="dim")
        about = Text(mail.customer or "nobody's case").append(f"\n{_cause(mail)}", style="dim")
        table.add_row(to, mail.subject, about)
    return _or_none(table)


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.ROUNDED, border_style="dim", expand=True
    )


def _or_none(table: Table) -> Table:
    if not table.rows:
        table.add_row(Text("none", style="dim"))
    return table


def _whole(score: str | None) -> str:
    return f"({float(score):.0f})" if score else ""


def _cause(mail: CaughtMail) -> str:
    return _chain(mail.caused_by[1:]) if mail.caused_by else "no notice tells of it"


def _chain(links: Sequence[Link]) -> str:
    """Return the causes in a line, the nearest first."""
    return " ← ".join(_short(link) for link in links)


def _short(link: Link) -> str:
    if link.type == "clock":
        return "found by the clock: no event told of it"
    if link.type in {"RiskDetected", "RiskUpdated", "CaseOpened"}:
        return link.type
    told = ", ".join(part for part in (link.says, f"{link.at:%-d %b}" if link.at else "") if part)
    return f"{link.type} ({told})" if told else link.type
