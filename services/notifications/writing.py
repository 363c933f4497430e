"""Writes a message into the parcel that a channel hands over: what it says, its links, and what a machine gets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.notifications.domain.message import Item, Message
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.rule import RuleSet, filled
from services.notifications.letters import letter
from services.notifications.letters.letter import Letter
from services.notifications.letters.phrasing import spoken
from services.notifications.links import Links, Right

ANYWHERE = frozenset({"*"})
ONE_CLICK = "List-Unsubscribe=One-Click"


class NotWritten(Exception):
    """The message cannot be written, or must not be; the text says why, without personal data."""


@dataclass(frozen=True)
class Writer:
    """rules: their headlines. links: None where the page is not reached. console: its address. brief: details stand
    behind the link alone. domains: of mail addresses of our people; `*` is any, none is
    nobody.
    """

    rules: RuleSet
    links: Links | None = None
    console: str | None = None
    brief: bool = False
    domains: frozenset[str] = frozenset()

    def write(self, message: Message, now: datetime) -> Parcel:
        """Return the parcel. Raises NotWritten."""
        address = self._address(message)
        told = self._contact(message) if message.to_contact else self._person(message)
        return Parcel(
            key=message.message_id,
            address=address,
            name=message.recipient.name,
            subject=told.subject,
            text=told.text,
            html=told.html,
            headers=self._headers(message),
            attachments=told.attachments,
            fact=self._fact(message),
            link=self._link(message.items[0]) if len(message.items) == 1 else self.console,
            urgency=message.urgency,
            sent_at=now,
        )

    def _address(self, message: Message) -> str:
        if not message.items:
            raise NotWritten("the message holds nothing any more")
        if not message.active:
            raise NotWritten("the recipient is not one of our active people")
        if message.channel == "console":
            return message.recipient.person_id
        if message.channel != "mail":
            if not message.address:
                raise NotWritten(f"the recipient has named no address for {message.channel}")
            return message.address
        domain = message.recipient.email.rpartition("@")[2].lower()
        if not message.to_contact and not self.domains & {domain, *ANYWHERE}:
            raise NotWritten("the recipient's mail domain is not one of ours")
        return message.recipient.email

    def _contact(self, message: Message) -> Letter:
        item = message.items[0]
        says = {**item.says, "customer": item.customer, "until": message.expires_at, "when": item.happened_at}
        return letter.write(item.template, says, message.recipient)

    def _person(self, message: Message) -> Letter:
        items = [self._said(one, message) for one in message.items]
        if message.kind == "single":
            return letter.write(
                message.items[0].template, items[0], message.recipient, also=items[1:], more=message.more
            )
        return letter.digest(
            items,
            message.recipient,
            more=message.more,
            summary=message.kind == "summary",
            fewer=self._fewer(message),
        )

    def _said(self, item: Item, message: Message) -> dict[str, Any]:
        rule = self.rules.named(item.rule)
        says = {**item.says, "customer": item.customer}

        def say(name: str, value: object, how: str | None) -> str:
            names = {} if name == "customer" else item.names
            return spoken(value, how, names, message.recipient.time_zone)

        known = {
            "template": item.template,
            "customer": item.customer,
            "names": item.names,
            "when": item.happened_at,
            "urgency": item.urgency,
            "headline": filled(rule.headline, says, say) if rule else "",
            "next_step": filled(rule.next_step, says, say) if rule else "",
            "link": self._link(item),
            "stands_for": None if item.instead == "away" else item.stands_for,
            "escalated": bool(item.says.get("escalated")),
            "instead": item.instead or item.says.get("instead"),
            "take": self._take(item, message),
            "fewer": self._fewer(message),
            "brief": self.brief,
        }
        return {**({} if self.brief else item.says), **known}

    def _link(self, item: Item) -> str | None:
        if self.console is None:
            return None
        if item.customer_id is None:
            return self.console
        return f"{self.console.rstrip('/')}/customers/{quote(item.customer_id, safe='')}"

    def _take(self, item: Item, message: Message) -> str | None:
        if self.links is None or item.ask_id is None or message.channel != "mail":  # a room of a chat is not one person
            return None
        return self.links.to(Right("take", message.recipient.person_id, item.ask_id))

    def _fewer(self, message: Message) -> str | None:
        if self.links is None or message.to_contact or message.channel != "mail":
            return None
        of = "digest" if message.kind == "digest" else "at_once"
        return self.links.to(Right("fewer", message.recipient.person_id, of))

    def _headers(self, message: Message) -> Mapping[str, str]:
        if message.to_contact:
            company = message.items[0].says.get("company")
            return {"From": company} if company else {}
        fewer = self._fewer(message)
        return {"List-Unsubscribe": f"<{fewer}>", "List-Unsubscribe-Post": ONE_CLICK} if fewer else {}

    def _fact(self, message: Message) -> Mapping[str, Any]:
        if message.to_contact:
            return {}
        facts = [self._of(one, message) for one in message.items]
        return facts[0] if len(facts) == 1 else {**facts[0], "others": facts[1:], "more": message.more}

    def _of(self, item: Item, message: Message) -> dict[str, Any]:
        said = self._said(item, message)
        hidden = self.brief and message.channel != "console"  # which is ours, and keeps what kind of thing it is
        return {
            **({} if hidden else {"type": item.fact_type}),
            "event_id": item.fact_id,
            "correlation_id": item.correlation_id,
            "customer_id": item.customer_id,
            "occurred_at": item.happened_at.isoformat(),
            **({} if self.brief else {"headline": said["headline"], "next_step": said["next_step"]}),
            "link": said["link"],
        }
