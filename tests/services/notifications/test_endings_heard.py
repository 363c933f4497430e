"""Everybody who has a part in an ending is told: who speaks in its talk; and when it is off, whoever was told of it."""

from typing import Any

import pytest

from shared.contracts.endings.facts import TalkArranged, TransitionWithdrawn
from tests.contracts.examples import BY_TYPE, MINIMAL
from tests.services.notifications.office import Office
from tests.stories import person

pytestmark = pytest.mark.schema("notifications")
ABOUT = {"transition_id": "t", "case_id": "c"}
LEAST = next(one.content["transition"] for one in MINIMAL if one.kind is TransitionWithdrawn)
TALK = {**BY_TYPE["TransitionAnnounced"].content["transition"]["talk"], "speakers": ["sue", "tom"]}


async def _known(office: Office) -> None:
    await office.know(
        *(person(one) for one in ("ana", "sue", "tom", "pat")),
        *(person(f"r-{team}", roles=["reviewer"], teams=[team]) for team in ("finance", "legal")),
        *(person(one, roles=["executive"]) for one in ("xenia", "yves")),
        acme="ana",
    )


async def _told(office: Office, fact: Any) -> dict[str, str]:
    """Return who is told of it, and how urgently."""
    await office.take(fact)
    await office.address()
    rows = await office.pool.fetch(
        "SELECT DISTINCT recipient, one.urgency FROM deliveries JOIN tellings AS one ON one.id = telling_id"
        " WHERE one.fact_id = $1",
        fact.event_id,
    )
    return {row["recipient"]: row["urgency"] for row in rows}


async def test_withdrawal_is_told_to_every_team_and_person_that_was_told_of_the_ending(office: Office) -> None:
    """Finance was asked about a version before the last one, which affects legal alone."""
    await _known(office)
    review = {"team": "legal", "standing": "waiting", "since": "2026-03-01T09:00:00Z", "due_on": "2026-03-06"}
    stands = {**LEAST, "reviews": [review]}
    more = {"teams": ["finance", "legal"], "people": ["pat", "xenia"], "executives": True, "reason": "They are back."}
    told = await _told(office, office.fact(TransitionWithdrawn, **ABOUT, transition=stands, **more))
    assert told == {**dict.fromkeys(("ana", "r-finance", "r-legal", "pat", "xenia"), "critical"), "yves": "high"}


async def test_withdrawal_is_no_news_for_executives_whom_nobody_asked(office: Office) -> None:
    await _known(office)
    told = await _told(office, office.fact(TransitionWithdrawn, **ABOUT, transition=LEAST, reason="They are back."))
    assert set(told) == {"ana"}


async def test_everybody_who_speaks_in_the_talk_is_told_when_it_is_arranged_and_moved(office: Office) -> None:
    await _known(office)
    for talk in (TALK, {**TALK, "planned_for": "2026-04-01T09:00:00Z"}):
        fact = office.fact(TalkArranged, **ABOUT, transition={**LEAST, "talk": talk})
        assert set(await _told(office, fact)) == {"ana", "sue", "tom"}


async def test_who_spoke_before_the_talk_was_moved_and_does_no_more_is_told(office: Office) -> None:
    await _known(office)
    fact = office.fact(TalkArranged, **ABOUT, transition={**LEAST, "talk": TALK}, relieved=["pat"])
    assert set(await _told(office, fact)) == {"ana", "sue", "tom", "pat"}
    rule = "SELECT DISTINCT one.rule FROM tellings AS one JOIN deliveries ON one.id = telling_id"
    assert await office.pool.fetchval(f"{rule} WHERE recipient = 'pat'") == "talk_without_you"
