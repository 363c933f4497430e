"""Writes letters: of one thing, or of many; text and HTML say the same, subjects are neutral."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from services.notifications.domain.parcel import Attachment
from services.notifications.domain.recipient import Recipient
from services.notifications.letters import calendar, text
from services.notifications.letters.catalogue import UNKNOWN, entries
from services.notifications.letters.content import content
from services.notifications.letters.digest import brief
from services.notifications.letters.item import MOST_BESIDES, besides

_layouts = Environment(
    loader=PackageLoader("services.notifications.letters", "layout"),
    autoescape=True,
    auto_reload=False,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Letter:
    """What a message says."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


def write(
    template: str,
    says: Mapping[str, Any],
    recipient: Recipient,
    *,
    also: Sequence[Mapping[str, Any]] = (),
    more: int = 0,
) -> Letter:
    """Return the letter of one thing that happened. Raises what Jinja does where something is missing.

    says: what saying.says finds in the fact; besides customer (its name), when, until, link, names (of people by id),
    urgency, take and fewer (links that are signed), stands_for, escalated, instead, brief (details behind the link
    alone); and headline and next_step, for what there are no words for. also: what else waited about the customer, each
    as in a digest. more: how many others are only counted. The meetings of all that is told go along.
    """
    entry = entries().get(template, UNKNOWN)
    said, others = content(entry, says, recipient), besides(also, more)
    html = _layouts.get_template("letter.html.j2").render(letter=said, besides=others)
    meetings = calendar.attachments([{**says, "template": template}, *also[:MOST_BESIDES]])
    return Letter(said.subject, text.letter(said, others), html, meetings)


def digest(
    items: Sequence[Mapping[str, Any]],
    recipient: Recipient,
    *,
    more: int = 0,
    summary: bool = False,
    fewer: str | None = None,
) -> Letter:
    """Return one letter of many things: see digest.brief. The meetings of all that is told go along."""
    said = brief(items, recipient, more=more, summary=summary, fewer=fewer)
    html = _layouts.get_template("digest.html.j2").render(digest=said)
    return Letter(said.subject, text.digest(said), html, calendar.attachments(said.told))
