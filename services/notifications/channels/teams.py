"""Chat by webhooks of Teams' workflows: an Adaptive Card of text runs, in which Teams looks for no markup."""

import json
from typing import Any

from services.notifications.channels import posting
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.plain import one_line, readable

LONGEST_TEXT = 6_000  # a message may have 28 kB; a character at most 4 bytes
_CARD = "application/vnd.microsoft.card.adaptive"


class Teams:
    """Posts to the URL of a workflow that posts cards into a channel or chat."""

    name = "teams"

    def __init__(self, http: GuardedHttp) -> None:
        """http: the guarded way out."""
        self._http = http

    def destination(self, parcel: Parcel) -> str:
        """Return the URL's host."""
        return posting.destination(self._http, parcel.address)

    def wrong(self, address: str) -> str | None:
        """Say why nothing would be sent to this URL."""
        return posting.wrong(self._http, address)

    async def send(self, parcel: Parcel) -> None:
        """Post the card. Raises Permanent, Throttled or Transient."""
        content = json.dumps(message(parcel), ensure_ascii=False).encode()
        await posting.hand_over(self._http, parcel.address, content, {})

    async def close(self) -> None:
        """Close the way out, which other channels share: when all of them have left."""
        await self._http.close()


def message(parcel: Parcel) -> dict[str, Any]:
    """Return the card: the subject, the text by paragraphs, and the link as a button.

    Text stands in runs, since a TextBlock would be read as Markdown; `{{` is parted, since clients fill in dates there.
    """
    text = readable(parcel.text).strip()
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT]}…"
    body = [_block(one_line(parcel.subject), size="Large", weight="Bolder")]
    body += [_block(line) for line in text.split("\n") if line.strip()]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    if parcel.link is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open in Amicable", "url": parcel.link}]
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": card}]}


def _block(text: str, **looks: str) -> dict[str, Any]:
    run = {"type": "TextRun", "text": text.replace("{{", "{ {").replace("${", "$ {"), **looks}
    return {"type": "RichTextBlock", "inlines": [run]}
