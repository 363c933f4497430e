"""What people ask of health_scoring: who may, what is refused and why, and what is told and shown afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.health_scoring.scorecards.shipped import text_of
from shared.contracts.health_commands import ActivateScorecard, ClearOverride, OverrideHealth, RescoreCustomer
from shared.database import Pool
from tests.services.health_scoring.stories import announced, busy_feeds, steady
from tests.services.health_scoring.workshop import Workshop
from tests.stories import person, upstream

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
ACTIVE = "the person who asks is announced as active (people.v1)"
pytestmark = pytest.mark.schema("health_scoring")


async def shop_with(pool: Pool, *events: list[dict[str, Any]]) -> Workshop:
    """A service that has caught up; ana is the CSM, mo a manager, ada an admin, eve a CSM of others, gone is gone."""
    shop = Workshop(pool, NOW)
    at = (NOW - timedelta(days=1)).isoformat()
    everybody = [
        person("ana", occurred_at=at),
        person("mo", roles=["manager"], occurred_at=at),
        person("ada", roles=["admin"], occurred_at=at),
        person("eve", occurred_at=at),
        person("gone", roles=["admin"], active=False, occurred_at=at),
    ]
    for some in (everybody, busy_feeds(NOW), *(events or [steady("acme", NOW)])):
        await shop.take(some)
    await shop.settle()
    await pool.execute("DELETE FROM outbox")
    return shop


def override(**changes: Any) -> OverrideHealth:
    fields = {
        "event_id": str(uuid4()),
        "customer_id": "acme",
        "occurred_at": NOW,
        "band": "red",
        "reason": "Their new director told me that they are looking around.",
        "expires_at": NOW + timedelta(days=10),
    }
    return OverrideHealth.model_validate({**fields, **changes})


def clearing(**changes: Any) -> ClearOverride:
    return ClearOverride.model_validate(
        {"event_id": str(uuid4()), "customer_id": "acme", "occurred_at": NOW, **changes}
    )


def card(text: str, name: str = "smb") -> ActivateScorecard:
    return ActivateScorecard(event_id=str(uuid4()), occurred_at=NOW, card=name, text=text)


def newer(version: int = 2) -> str:
    return text_of("smb").replace("version: 1\n", f"version: {version}\n")


async def test_override_is_shown_beside_the_computed_band_and_never_in_its_place(pool: Pool) -> None:
    shop = await shop_with(pool)
    before = await shop.health("acme")
    asked = override()
    answer = await shop.ask(asked, "ana")
    assert answer["type"] == "CommandAccepted"
    await shop.settle()
    (said,) = await shop.told("HealthOverridden")
    assert (said.override.band, said.computed, said.override.by) == ("red", "green", "ana")
    assert said.causation_id == asked.event_id
    (scored,) = await shop.told("HealthScored")
    assert scored.band == "green"
    assert scored.override is not None
    assert (scored.override.override_id, scored.override.band) == (answer["subject_id"], "red")
    assert scored.causation_id == asked.event_id
    after = await shop.health("acme")
    assert before is not None
    assert after is not None
    assert (before.band, before.hundredths) == (after.band, after.hundredths)


async def test_override_opens_no_episode_and_clears_none(pool: Pool) -> None:
    urgent = [upstream("TicketOpened", "acme", NOW, ticket_id=f"T{n}", severity="urgent") for n in range(4)]
    shop = await shop_with(pool, steady("acme", NOW), steady("bolt", NOW), urgent)
    assert (await shop.health("acme")).episode is not None  # type: ignore[union-attr]
    await shop.ask(override(band="green"), "ana")
    await shop.ask(override(customer_id="bolt"), "ana")
    await shop.settle()
    assert await shop.told("RiskDetected", "RiskUpdated", "RiskCleared", "HealthBandChanged") == []


async def test_override_ends_by_the_clock_and_is_told_once(pool: Pool) -> None:
    shop = await shop_with(pool)
    answer = await shop.ask(override(expires_at=NOW + timedelta(hours=3)), "ana")
    await shop.settle()
    await shop.advance(timedelta(hours=6), step=timedelta(minutes=30))
    (ended,) = await shop.told("OverrideEnded")
    assert (ended.override_id, ended.how, ended.by) == (answer["subject_id"], "expired", None)
    assert ended.causation_id.startswith("clock:")
    assert ended.occurred_at == NOW + timedelta(hours=3)
    shown = {
        (scored.occurred_at >= ended.occurred_at, scored.override is not None)
        for scored in await shop.told("HealthScored")
        if scored.customer_id == "acme"
    }
    assert shown == {(False, True), (True, False)}


async def test_event_after_the_expiry_does_not_swallow_the_end_of_an_override(pool: Pool) -> None:
    shop = await shop_with(pool)
    await shop.ask(override(expires_at=NOW + timedelta(minutes=5)), "ana")
    await shop.settle()
    shop.now += timedelta(minutes=6)
    await shop.take([upstream("SurveyAnswered", "acme", shop.now, kind="nps", score=8)])
    await shop.settle()
    assert [ended.how for ended in await shop.told("OverrideEnded")] == ["expired"]


async def test_second_override_replaces_the_first_which_does_not_come_back(pool: Pool) -> None:
    shop = await shop_with(pool)
    first = await shop.ask(override(expires_at=NOW + timedelta(days=20)), "ana")
    second = await shop.ask(override(band="yellow", expires_at=NOW + timedelta(days=2)), "mo")
    assert (second["type"], second["revision"]) == ("CommandAccepted", 3)
    await shop.settle()
    (ended,) = await shop.told("OverrideEnded")
    assert (ended.override_id, ended.how, ended.by) == (first["subject_id"], "replaced", "mo")
    await shop.advance(timedelta(days=3), step=timedelta(hours=12))
    assert (await shop.told("HealthScored"))[-1].override is None


async def test_override_is_cleared_by_hand(pool: Pool) -> None:
    shop = await shop_with(pool)
    first = await shop.ask(override(), "ana")
    cleared = await shop.ask(clearing(), "ana")
    assert (cleared["type"], cleared["subject_id"]) == ("CommandAccepted", first["subject_id"])
    await shop.settle()
    assert [(one.how, one.by) for one in await shop.told("OverrideEnded")] == [("cleared", "ana")]
    again = await shop.ask(clearing(), "ana")
    assert (again["problem"]["code"], again["problem"]["unmet"]) == ("no_override", ["an override is open"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"expires_at": NOW + timedelta(days=30, seconds=1)}, "expiry"),
        ({"expires_at": NOW}, "expiry"),
        ({"reason": "   "}, "no_reason"),
        ({"customer_id": "nobody"}, "no_customer"),
        ({"expected_revision": 1}, "conflict"),
    ],
)
async def test_override_that_cannot_be_is_refused_with_what_would_meet_it(
    pool: Pool, changes: dict[str, Any], code: str
) -> None:
    shop = await shop_with(pool)
    answer = await shop.ask(override(**changes), "mo")
    assert (answer["type"], answer["problem"]["code"]) == ("CommandRejected", code)
    assert len(answer["problem"]["unmet"]) == 1
    await shop.settle()
    assert await shop.told("HealthOverridden", "HealthScored") == []


async def test_override_of_thirty_days_is_taken(pool: Pool) -> None:
    shop = await shop_with(pool)
    assert (await shop.ask(override(expires_at=NOW + timedelta(days=30)), "ana"))["type"] == "CommandAccepted"


async def test_only_those_who_answer_for_the_customer_may_override(pool: Pool) -> None:
    shop = await shop_with(pool)
    for who, needed in (("eve", "one of them asks for it"), ("gone", ACTIVE), ("stranger", ACTIVE)):
        refused = (await shop.ask(override(), who))["problem"]
        assert (refused["code"], refused["unmet"]) == ("not_allowed", [needed])
    for who in ("ana", "mo", "ada"):
        assert (await shop.ask(override(), who))["type"] == "CommandAccepted"


async def test_customer_who_has_left_cannot_be_overridden(pool: Pool) -> None:
    shop = await shop_with(pool)
    await shop.take([upstream("CustomerLeft", "acme", NOW, on=NOW.date().isoformat())])
    await shop.settle()
    assert (await shop.ask(override(), "ana"))["problem"]["code"] == "not_scored"


async def test_customer_announced_but_not_yet_judged_can_be_overridden(pool: Pool) -> None:
    shop = await shop_with(pool)
    await shop.take([announced("fresh", NOW)])
    assert (await shop.ask(override(customer_id="fresh"), "ana"))["type"] == "CommandAccepted"
    await shop.settle()
    assert (await shop.told("HealthOverridden"))[0].computed == "unknown"


async def test_rescoring_publishes_the_score_though_nothing_has_changed(pool: Pool) -> None:
    shop = await shop_with(pool)
    asked = RescoreCustomer(event_id="again", customer_id="acme", occurred_at=NOW)
    assert (await shop.ask(asked, "ana"))["type"] == "CommandAccepted"
    await shop.settle()
    (scored,) = await shop.told("HealthScored")
    assert (scored.customer_id, scored.causation_id) == ("acme", "again")


async def test_event_before_the_sweep_does_not_swallow_what_a_person_asked_for(pool: Pool) -> None:
    shop = await shop_with(pool)
    await shop.ask(RescoreCustomer(event_id="again", customer_id="acme", occurred_at=NOW), "ana")
    await shop.take([upstream("MeetingHeld", "acme", NOW, **{"with": "Ana"})])
    await shop.settle()
    assert "again" in [scored.causation_id for scored in await shop.told("HealthScored")]


async def test_card_in_force_judges_everybody_of_its_segment_at_once_and_nobody_else(pool: Pool) -> None:
    large = [announced("large", NOW, segment="enterprise"), *steady("large", NOW)[1:]]
    shop = await shop_with(pool, steady("acme", NOW), large)
    answer = await shop.ask(card(newer()), "ada")
    assert (answer["type"], answer["subject_id"], answer["revision"]) == ("CommandAccepted", "smb", 2)
    assert answer.get("customer_id") is None
    await shop.settle()
    scored = await shop.told("HealthScored")
    assert {(one.customer_id, one.card.card, one.card.version) for one in scored} == {("acme", "smb", 2)}


async def test_segment_that_a_new_version_takes_over_is_judged_by_it(pool: Pool) -> None:
    """The card of all others had it before."""
    shop = await shop_with(pool, steady("acme", NOW), [announced("odd", NOW, segment="odd"), *steady("odd", NOW)[1:]])
    assert (await shop.health("odd")).course.card == ("mid-market", 1)  # type: ignore[union-attr]
    wider = newer().replace("segments: [smb]", "segments: [smb, odd]")
    assert wider != newer()
    await shop.ask(card(wider), "ada")
    await shop.settle()
    assert (await shop.health("odd")).course.card == ("smb", 2)  # type: ignore[union-attr]
    await shop.ask(card(newer(3)), "ada")
    await shop.settle()
    assert (await shop.health("odd")).course.card == ("mid-market", 1)  # type: ignore[union-attr]


async def test_past_is_explained_by_the_card_in_force_then(pool: Pool) -> None:
    shop = await shop_with(pool)
    shop.now += timedelta(hours=1)
    await shop.ask(card(newer()), "ada")
    rows = await pool.fetch("SELECT version, since FROM scorecards_in_force WHERE card = 'smb' ORDER BY id")
    assert [(row["version"], row["since"] <= NOW) for row in rows] == [(1, True), (2, False)]


async def test_version_is_never_changed_and_an_old_one_can_come_back(pool: Pool) -> None:
    shop = await shop_with(pool)
    await shop.ask(card(newer()), "ada")
    other = newer().replace("known_from: 60", "known_from: 55")
    assert other != newer()
    assert (await shop.ask(card(other), "ada"))["problem"]["code"] == "version_taken"
    assert (await shop.ask(card(text_of("smb")), "ada"))["revision"] == 1
    await shop.settle()
    assert (await shop.health("acme")).course.card == ("smb", 1)  # type: ignore[union-attr]


async def test_wrong_card_is_refused_with_line_and_field(pool: Pool) -> None:
    shop = await shop_with(pool)
    answer = await shop.ask(card(newer().replace("known_from: 60", "known_from: most")), "ada")
    assert answer["problem"]["code"] == "wrong_card"
    (told,) = answer["problem"]["unmet"]
    assert "line" in told
    assert "known_from" in told
    assert (await shop.ask(card(newer(), name="large"), "ada"))["problem"]["code"] == "wrong_card"
    assert await pool.fetchval("SELECT count(*) FROM scorecards WHERE version = 2") == 0


async def test_only_an_admin_puts_a_card_into_force(pool: Pool) -> None:
    shop = await shop_with(pool)
    for who in ("ana", "mo", "gone", "stranger"):
        assert (await shop.ask(card(newer()), who))["problem"]["code"] == "not_allowed"
    assert await pool.fetchval("SELECT count(*) FROM scorecards WHERE version = 2") == 0
