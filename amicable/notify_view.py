"""Notices, messages and previews as people read them in 120 columns."""

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.notifications.explanation import Preview
from services.notifications.store.listing import Notice
from shared.contracts.event import Fact
from shared.database import Row

WIDTH = 120
STYLE = {"sent": "green", "failed": "bold red", "pending": "yellow", "held": "yellow", "expired": "dim", "quiet": "dim"}
URGENT = {"critical": "bold red", "high": "yellow"}
WHY = {
    "due": "it waits for its time, or for the next look",
    "held": "it waits for room: no more messages an hour go to one person",
    "quiet": "the person chose to hear nothing of it",
    "nobody": "nobody is there whom it is for, or they did it themselves",
    "expired": "it had happened too long ago, or came with a quiet replay",
    "waiting": "nobody has looked yet for whom it is",
}
_NOBODY = "·"


def listed(notices: Sequence[Notice], total: int) -> RenderableType:
    """Return a line for each notice."""
    if not notices:
        return Text("There is no such notice.")
    table = Table("When", "State", "Urgency", "To", "On", "Customer", "Fact", "Message", box=None, header_style="bold")
    table.columns[-1].no_wrap = True  # it is to be copied
    for one in notices:
        table.add_row(
            f"{one.happened_at:%Y-%m-%d %H:%M}",
            Text(one.state, style=STYLE.get(one.state, "")),
            Text(one.urgency, style=URGENT.get(one.urgency, "")),
            Text(one.recipient or _NOBODY),
            Text(one.channel or _NOBODY),
            Text(one.customer_id or _NOBODY),
            Text.assemble(one.fact_type, *([(f"\n{one.last_answer}", "dim")] if one.last_answer else [])),
            Text(one.message_id or one.notice_id, style="dim", overflow="fold"),
        )
    left = total - len(notices)
    return Group(table, Text(f"… and {left:,} more: see --limit.", style="dim")) if left > 0 else table


def message(row: Row, notices: Sequence[Notice]) -> RenderableType:
    """Return one message with what it tells of."""
    answer = f"{row['last_answer']} ({row['last_failure']})" if row["last_answer"] else "no answer that is kept"
    head = Text.assemble(
        (row["message_id"], "bold"), "  ", (row["state"], STYLE.get(row["state"], "")), "\n",
        f"{row['kind']}, {row['urgency']}, to {row['recipient']} on {row['channel']},"
        f" made {row['made_at']:%Y-%m-%d %H:%M} UTC\n",
        f"{row['attempts']} attempt{'s' * (row['attempts'] != 1)}: {answer}",
    )  # fmt: skip
    return Group(head, "", listed(notices, len(notices)))


def waiting(notices: Sequence[Notice]) -> RenderableType:
    """Return notices that are in no message, each with its state, when it is due, and why it is so."""
    return Group(*(part for one in notices for part in (_waiting(one), "")), listed(notices, len(notices)))


def _waiting(one: Notice) -> Text:
    due = f", due {one.due_at:%Y-%m-%d %H:%M} UTC" if one.due_at and one.state in ("due", "held") else ""
    to = f"to {one.recipient} on {one.channel}" if one.recipient else "to nobody yet"
    return Text.assemble(
        (one.notice_id, "bold"), "  ", (one.state, STYLE.get(one.state, "")), "\n",
        f"{one.urgency}, {to}{due}: in no message\n",
        one.last_answer or WHY.get(one.state, "no reason is kept"),
    )  # fmt: skip


def previews(fact: Fact, found: Sequence[Preview]) -> RenderableType:
    """Return who would be told, and what they would read."""
    if not found:
        return Text(f"{fact.type} asks nobody for anything: no rule holds for it.")
    return Group(*(part for one in found for part in _preview(one)))


def _preview(one: Preview) -> list[RenderableType]:
    head = Text.assemble((one.rule.name, "bold"), f"  {one.rule.urgency}, to {one.audience}")
    if one.deliveries is None:
        return [head, Text("  waits: whoever is meant is not known yet"), ""]
    if not one.deliveries or one.parcel is None:
        return [head, Text("  nobody: there is nobody, or they did it themselves"), ""]
    lines = [
        Text(
            f"  {told.recipient} on {told.channel}, {'not at all: they chose so' if told.state == 'quiet' else when}"
            f"{f', standing in for {told.stands_for}' if told.stands_for else ''}"
        )
        for told in one.deliveries
        if (when := f"{'in a digest, ' * told.digest}{told.due_at:%Y-%m-%d %H:%M} UTC")
    ]
    letter = Text(f"Subject: {one.parcel.subject}\n\n{one.parcel.text.strip()}", style="dim")
    return [head, *lines, Padding(letter, (1, 4)), ""]


def as_json(one: Preview) -> dict[str, Any]:
    """Return a preview for programs."""
    return {
        "rule": one.rule.name,
        "urgency": one.rule.urgency,
        "audience": one.audience,
        "known": one.deliveries is not None,
        "told": [
            {"person": told.recipient, "channel": told.channel, "at": told.due_at.isoformat(), "digest": told.digest,
             "state": told.state, "stands_for": told.stands_for}
            for told in one.deliveries or ()
        ],
        "subject": one.parcel.subject if one.parcel else None,
        "text": one.parcel.text if one.parcel else None,
    }  # fmt: skip
