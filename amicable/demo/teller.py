"""Tells the story on a terminal, a line per thing worth knowing; plain where it is no terminal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from amicable.demo.consequences import consequences
from amicable.demo.customers import CUSTOMER, CUSTOMERS
from amicable.demo.happening import Note
from amicable.demo.story import Day
from shared.contracts.event import Message

_NAME_WIDTH = max(cell_len(customer.name) for customer in CUSTOMERS) + 2
_MARKS = {"good": ("▲", "green"), "bad": ("▼", "red")}


class Teller:
    """Prints what happens and what follows from it."""

    def __init__(self, console: Console) -> None:
        """`console`: where to."""
        self._console = console
        self._loud = True

    def say(self, text: Text | str = "") -> None:
        """Print a line; a terminal cuts what is too long for it, anything else gets all of it."""
        terminal = self._console.is_terminal
        self._console.print(text, soft_wrap=not terminal, no_wrap=terminal, overflow="ellipsis" if terminal else None)

    def now(self, moment: datetime, facts: Iterable[Message]) -> None:
        """Print what was announced when the services had caught up with the history."""
        self.say()
        self.say(Text(f"What is true now, {moment:%A, %-d %B %Y, %H:%M} UTC", style="bold"))
        for customer_id, text in consequences(facts).items():
            self._customer(customer_id, [], text)

    def day(self, day: Day, facts: Iterable[Message]) -> None:
        """Print a day of the story with what followed from it; a day with nothing to tell is one line."""
        followed = consequences(facts)
        if self._loud or day.notes or followed:
            self.say()
        self._loud = bool(day.notes or followed)
        self.say(
            Text(f"{day.moment:%a %-d %b %Y}", style="bold")
            .append(f" · day {day.number}", style="default")
            .append(f" · {len(day.events)} events", style="dim not bold")
        )
        notes = sorted(day.notes, key=lambda note: note.customer_id)
        for customer_id, group in groupby(notes, key=lambda note: note.customer_id):
            self._customer(customer_id, list(group), followed.pop(customer_id, None))
        for customer_id, text in followed.items():
            self._customer(customer_id, [], text)

    def differences(self, differences: Sequence[str]) -> None:
        """Print how the outcome differs from what was expected, or that it does not."""
        if not differences:
            self.say(Text("✓ Everything is as expected.", style="bold green"))
            return
        count = f"{len(differences)} differences" if len(differences) > 1 else "1 difference"
        self.say(Text(f"✗ {count} from what was expected:", style="bold red"))
        for sentence in differences:
            self._console.print(Text(f"  {sentence}"), soft_wrap=True)

    def _customer(self, customer_id: str, notes: Sequence[Note], followed: Text | None) -> None:
        name = CUSTOMER[customer_id].name if customer_id in CUSTOMER else customer_id
        lines = [(Text(_MARKS[note.tone][0], style=_MARKS[note.tone][1]), Text(note.text)) for note in notes]
        if followed is not None:
            lines.append((Text("↳" if notes else "•", style="dim"), followed))
        for number, (mark, text) in enumerate(lines):
            shown = set_cell_size(name if number == 0 else "", _NAME_WIDTH)
            self.say(Text.assemble("  ", (shown, "bold"), mark, " ", text))
