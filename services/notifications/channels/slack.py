"""Chat by Slack's incoming webhooks, and by those that take the same: nothing in a text becomes a mention or a link."""

import json
import re
from typing import Any

from services.notifications.channels import posting
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.plain import one_line, readable

LONGEST_HEADER, LONGEST_TEXT, LONGEST_LINK = 150, 2_900, 3_000  # Slack's limits are 150, 3000 and 3000
_CALLS_SOMEBODY = re.compile(r"@(?=\w)")
_IS_A_LINK = re.compile(r"\](?=\()")


class Slack:
    """Posts to an incoming webhook."""

    name = "slack"

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
        """Post the message. Raises Permanent, Throttled or Transient."""
        await posting.hand_over(self._http, parcel.address, json.dumps(message(parcel)).encode(), {})

    async def close(self) -> None:
        """Close the way out, which other channels share: when all of them have left."""
        await self._http.close()


def message(parcel: Parcel) -> dict[str, Any]:
    """Return the message: blocks of plain text, which Slack does not search for markup, and a text for the others.

    The link is a button, which is ours: it is no part of any text.
    """
    text = escaped(readable(parcel.text).strip())
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(escaped(one_line(parcel.subject)), LONGEST_HEADER)},
        {"type": "section", "text": _plain(text, LONGEST_TEXT)},
    ]
    if parcel.link is not None and len(parcel.link) <= LONGEST_LINK:
        button = {"type": "button", "text": _plain("Open in Amicable", 75), "url": parcel.link}
        blocks.append({"type": "actions", "elements": [button]})
    return {
        "text": _cut(f"{escaped(one_line(parcel.subject))}\n{text}", LONGEST_TEXT),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }


def escaped(text: str) -> str:
    """Return the text without what Slack, Mattermost or Rocket.Chat take for a mention, a link or a command."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _IS_A_LINK.sub("] ", _CALLS_SOMEBODY.sub("@\u200b", plain))


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": False}


def _cut(text: str, most: int) -> str:
    """Cut what is too long, and never within an entity."""
    if len(text) <= most:
        return text
    return f"{re.sub(r'&[a-z]*$', '', text[: most - 1])}…"
