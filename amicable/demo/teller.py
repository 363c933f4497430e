"""Tells the story, a line per thing worth knowing; plain and a hundred columns wide where it is no terminal."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from amicable.demo.consequences import Followed, consequences
from amicable.demo.customers import CUSTOMER, CUSTOMERS
from amicable.demo.dates import before_renewal
from amicable.demo.happening import Note
from amicable.demo.story import Day
from amicable.demo.trace import is_clock
from amicable.demo.why import Why
from shared.contracts.event import Message, UpstreamEvent
from shared.contracts.health import RiskDetected
from shared.contracts.upstream import CustomerChanged

_NAME_WIDTH = max(cell_len(customer.name) for customer in CUSTOMERS) + 2
_NARROWEST = 30  # where a terminal has less room, lines are broken anywhere
_MARKS = {"good": ("▲", "green"), "bad": ("▼", "red")}


class Teller:
    """Prints what happens and what follows from it."""

    def __init__(self, console: Console) -> None:
        """`console`: where to."""
        self._console = console
        self._loud = True
        self._why = Why()
        self._renews_on: dict[str, date] = {}

    def hear(self, events: Iterable[UpstreamEvent]) -> None:
        """Take note of when customers renew."""
        for event in events:
            if isinstance(event, CustomerChanged) and event.renews_on:
                self._renews_on[event.customer_id] = event.renews_on

    def say(self, text: Text | str = "") -> None:
        """Print a line."""
        self._console.print(text, soft_wrap=True)

    def now(self, moment: datetime, facts: Iterable[Message]) -> None:
        """Print what was announced when the services had caught up with the history."""
        self.say()
        self.say(Text(f"What is true now, {moment:%A, %-d %B %Y, %H:%M} UTC", style="bold"))
        for customer_id, followed in consequences(facts).items():
            self._customer(customer_id, [], followed)

    def day(self, day: Day, facts: Iterable[Message]) -> None:
        """Print a day of the story with what followed from it; a day with nothing to tell is one line."""
        self.hear(day.events)
        followed = consequences(facts)
        if self._loud or day.notes or followed:
            self.say()
        self._loud = bool(day.notes or followed)
        self.say(
            Text(f"{day.date:%a %-d %b %Y}", style="bold")
            .append(f" · day {day.number}", style="default")
            .append(f" · {len(day.events)} events", style="dim not bold")
        )
        notes = sorted(day.notes, key=lambda note: note.customer_id)
        for customer_id, group in groupby(notes, key=lambda note: note.customer_id):
            self._customer(customer_id, list(group), followed.pop(customer_id, None))
        for customer_id, rest in followed.items():
            self._customer(customer_id, [], rest)

    def differences(self, differences: Sequence[str]) -> None:
        """Print how the outcome differs from what was expected, or that it does not."""
        if not differences:
            self.say(Text("✓ Everything is as expected.", style="bold green"))
            return
        count = f"{len(differences)} differences" if len(differences) > 1 else "1 difference"
        self.say(Text(f"✗ {count} from what was expected:", style="bold red"))
        for sentence in differences:
            self._console.print(Text(f"  {sentence}"), soft_wrap=True)

    def _customer(self, customer_id: str, notes: Sequence[Note], followed: Followed | None) -> None:
        name = CUSTOMER[customer_id].name if customer_id in CUSTOMER else customer_id
        lines = [(Text(_MARKS[note.tone][0], style=_MARKS[note.tone][1]), Text(note.text)) for note in notes]
        if followed is not None:
            lines.append((Text("↳" if notes else "•", style="dim"), followed.line))
            lines += [(Text(label), Text(told, style="dim")) for label, told in self._told(followed)]
        for number, (mark, text) in enumerate(lines):
            shown = set_cell_size(name if number == 0 else "", _NAME_WIDTH)
            self._hang(Text.assemble("  ", (shown, "bold"), mark, " "), text)

    def _told(self, followed: Followed) -> Iterator[tuple[str, str]]:
        """Yield how a risk was found, and the reasons of the latest one, each with what stands before it."""
        for risk in followed.risks:
            if isinstance(risk, RiskDetected) and (how := self._how(risk)):
                yield " ", how
        for risk in followed.risks[-1:]:
            for number, sentence in enumerate(self._why.of(risk)):
                yield "      " if number else "  why:", sentence

    def _how(self, risk: RiskDetected) -> str:
        """Return how long before the renewal a risk was found, as far as that is known, and whether by time alone."""
        renews_on = self._renews_on.get(risk.customer_id)
        when = f"found {before_renewal((renews_on - risk.occurred_at.date()).days)}" if renews_on else ""
        clock = "by the clock: no event told of it" if is_clock(risk.causation_id) else ""
        return ", ".join(part for part in (when, clock) if part)

    def _hang(self, before: Text, text: Text) -> None:
        """Print a text beside what stands before it, in as many lines as it needs."""
        indent = before.cell_len
        for number, line in enumerate(text.wrap(self._console, max(_NARROWEST, self._console.width - indent))):
            line.rstrip()
            self.say(Text.assemble(before if number == 0 else " " * indent, line))
