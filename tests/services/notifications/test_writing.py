"""What a message becomes on its way to a channel."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.domain.message import Item, Message
from services.notifications.domain.packing import Kind
from services.notifications.domain.recipient import Recipient
from services.notifications.letters import saying
from services.notifications.rules.reading import shipped_rules
from services.notifications.writing import ANYWHERE, Writer
from tests.contracts.examples import BY_TYPE, Example
from tests.services.notifications.letters.letters_of import about_something

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)
RULES = shipped_rules()


def item(example: Example, rule: str) -> Item:
    """Return what a message holds of a fact."""
    found = RULES.named(rule)
    assert found is not None
    content = about_something(example)
    return Item(
        notice_id=f"n-{rule}",
        rule=rule,
        template=found.template,
        urgency=found.urgency,
        customer_id="acme",
        customer="Acme",
        fact_id=content["event_id"],
        fact_type=content["type"],
        correlation_id="k",
        happened_at=NOW,
        says={**saying.says(content), **found.told(content)},
    )


def message(*items: Item, **changes: Any) -> Message:
    """Return a mail to Ana."""
    told: dict[str, Any] = {
        "message_id": "m-1",
        "channel": "mail",
        "kind": "single",
        "urgency": "high",
        "recipient": Recipient("ana", "Ana Ruiz", "ana@example.com", "Europe/Madrid"),
        "address": None,
        "to_contact": False,
        "active": True,
        "made_at": NOW,
        "began_at": NOW,
        "attempt": 1,
        "expires_at": None,
        "items": items,
    }
    return Message(**{**told, **changes})


@pytest.mark.parametrize("kind", ["single", "grouped", "digest", "summary"])
def test_meeting_goes_along_however_many_things_the_mail_tells_of(kind: Kind) -> None:
    others = [item(BY_TYPE["CaseOpened"], "case_opened"), item(BY_TYPE["TalkArranged"], "talk_arranged")]
    parcel = Writer(RULES, domains=ANYWHERE).write(message(*others, kind=kind), NOW)
    assert [one.name for one in parcel.attachments] == ["meeting.ics"]
