"""`amicable notify`: who is told, who was, and what became of it; every mistake a sentence."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from amicable import notify_command, notify_view
from amicable.problems import Problem
from services.notifications.explanation import preview
from services.notifications.rules.reading import shipped_rules
from services.notifications.store import listing
from services.notifications.store.listing import Wanted
from shared import database
from shared.contracts.health import RiskDetected
from shared.contracts.plans.facts import CaseOpened, ConversationScheduled
from tests.deployment import Catcher
from tests.services.notifications.conftest import mails, office, smtp  # noqa: F401  # fixtures
from tests.services.notifications.office import Office, case
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")


def drawn(what: Any) -> str:
    console = Console(width=notify_view.WIDTH, file=StringIO(), record=True)
    console.print(what)
    return console.export_text()


async def previews(office: Office, fact: Any) -> str:  # noqa: F811
    async with database.transaction(office.pool, "notifications", office.now) as tx:
        found = await preview(tx, shipped_rules(), fact)
    return drawn(notify_view.previews(fact, found))


async def test_preview_shows_who_reads_what_when_and_sends_nothing(office: Office, mails: Catcher) -> None:  # noqa: F811
    await office.know(person("ana"), acme="ana")
    told = await previews(office, office.fact(CaseOpened, case=case()))
    for said in ("case_opened  high, to csm", "ana on mail, 20", "Subject: Action needed: Company acme", "Usage fell"):
        assert said in told
    reasons = [{"code": "usage", "text": "Usage fell"}]
    risk = office.fact(RiskDetected, episode_id="e", severity="watch", reasons=reasons, since=office.now)
    assert "ana on mail, in a digest, 20" in await previews(office, risk)
    assert await office.deliver() == 0


async def test_preview_says_that_nobody_is_known_or_asked(office: Office) -> None:  # noqa: F811
    assert "waits: whoever is meant is not known yet" in await previews(office, office.fact(CaseOpened, case=case()))
    asked = await previews(office, office.fact(ConversationScheduled, case=case()))
    assert "ConversationScheduled asks nobody for anything" in asked


async def test_list_and_show_say_what_became_of_it(office: Office, mails: Catcher) -> None:  # noqa: F811
    await office.know(person("ana"), acme="ana")
    await office.take(office.fact(CaseOpened, case=case()), office.fact(CaseOpened, "unknown", case=case()))
    mails.answer = "550 no"
    await office.deliver()
    async with database.transaction(office.pool, "notifications", office.now) as tx:
        found, total = await listing.notices(tx, Wanted(), 10)
        failed, _ = await listing.notices(tx, Wanted(state="failed", person="ana"), 10)
        shown = await listing.message(tx, str(failed[0].notice_id))
        nothing = await listing.message(tx, "nothing")
    assert [(one.state, one.recipient, one.customer_id) for one in found] == [
        ("waiting", None, "unknown"),
        ("failed", "ana", "acme"),
    ]
    assert total == 2
    assert nothing is None
    assert shown is not None
    for said in ("failed", "to ana on mail", "1 attempt: the server refused it (550) (permanent)", "CaseOpened"):
        assert said in drawn(notify_view.message(*shown))
    assert "… and 1 more" in drawn(notify_view.listed(found[:1], 2))


async def test_show_says_of_a_notice_that_is_in_no_message_when_it_is_due_and_why(office: Office) -> None:  # noqa: F811
    """By each id that the list names."""
    await office.know(person("ana"), acme="ana")
    more = {"episode_id": "e", "severity": "watch", "reasons": case()["reasons"], "since": office.now}
    await office.take(office.fact(RiskDetected, **more), office.fact(CaseOpened, "unknown", case=case()))
    await office.address()
    async with database.transaction(office.pool, "notifications", office.now) as tx:
        unknown, due = (await listing.notices(tx, Wanted(), 10))[0]
        said = [await notify_command._message_or_notice(tx, one.notice_id) for one in (unknown, due)]
        assert await notify_command._message_or_notice(tx, "telling-x") == (None, [])
    assert [found for found, _ in said] == [None, None]
    assert unknown.notice_id.startswith("telling-")
    for words in ("waiting", "to nobody yet: in no message", "not known"):
        assert words in drawn(notify_view.waiting(said[0][1]))
    assert due.due_at is not None
    for words in (f"to ana on mail, due {due.due_at:%Y-%m-%d %H:%M} UTC: in no message", "it waits for its time"):
        assert words in drawn(notify_view.waiting(said[1][1]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON in UTF-8"),
        ('{"type": "Rain"}', "is no fact that rules can be about"),
        ('{"type": {}}', "is no fact that rules can be about"),
        ("[]", "is no fact that rules can be about"),
        ('{"type": "RiskCleared"}', "customer_id"),
    ],
)
def test_file_that_is_no_fact_is_a_sentence(tmp_path: Path, office_now: Any, text: str, said: str) -> None:
    file = tmp_path / "fact.json"
    file.write_text(text)
    with pytest.raises(Problem, match=said):
        notify_command._fact(file, office_now)


@pytest.fixture
def office_now() -> Any:
    """A moment."""
    return datetime.now(UTC)


def test_fact_needs_no_envelope(tmp_path: Path, office_now: Any) -> None:
    file = tmp_path / "fact.json"
    file.write_text(json.dumps({"type": "RiskCleared", "customer_id": "acme", "episode_id": "e"}))
    assert notify_command._fact(file, office_now).key == "acme"
