"""Cases: one open per customer, opened by risk or by hand, never by a watch; whose it is, and how it is dismissed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from services.action_plans.handlers import opening
from shared import database, outbox
from shared.contracts.health import HealthBandChanged, RiskUpdated
from shared.contracts.topics import CUSTOMERS, HEALTH, RELATIONSHIP
from shared.contracts.upstream import CustomerChanged, CustomerLeft
from shared.database import Pool
from tests.records import numbered, record
from tests.services.action_plans.steps import DAY, agreed, opened
from tests.services.action_plans.workshop import Bench
from tests.stories import customer, person


async def worse(bench: Bench, *, severity: str = "risk", episode: str = "e1", text: str = "It is worse.") -> None:
    """Let health_scoring update the episode."""
    reasons = [{"code": "usage_level", "text": text}]
    await bench.tell(HEALTH, RiskUpdated, episode_id=episode, severity=severity, reasons=reasons, since=bench.now)


async def test_risk_opens_one_case_and_a_later_one_updates_it(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    await worse(bench)
    told = await bench.published()
    assert [body["type"] for body in told] == ["CaseOpened", "CaseUpdated"]
    assert [body["case"]["revision"] for body in told] == [1, 2]
    assert [body["seq"] for body in told] == [1, 2]
    assert told[1]["case"]["reasons"] == [{"code": "usage_level", "text": "It is worse."}]
    assert (told[0]["case"]["csm"], told[0]["case"]["state"]) == ("ana", "at_risk")
    assert await pool.fetchval("SELECT count(*) FROM cases") == 1
    kept = [json.loads(row["details"]) for row in await pool.fetch("SELECT details FROM record ORDER BY number")]
    assert [row["reasons"] for row in kept] == [["Usage fell by 41 %."], ["It is worse."]], "the record keeps them all"


async def test_watch_opens_no_case_until_it_is_raised(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.risk(severity="watch")
    assert await bench.types() == []
    await worse(bench)
    assert await bench.types() == ["CaseOpened"]


async def test_same_risk_again_changes_nothing(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    await worse(bench, text="Usage fell by 41 %.")
    assert await bench.types() == ["CaseOpened"]


async def test_case_opened_by_hand_keeps_its_reason_when_a_risk_is_found_as_well(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    await bench.done("OpenCase", reason="They were unkind to us.")
    (told,) = await bench.published()
    assert (told["by"], told["case"]["opened_by"], told["case"]["state"]) == ("ana", "ana", "at_risk")
    await bench.risk()
    case = await bench.case()
    assert [reason.code for reason in case.reasons] == ["by_hand", "usage_level"]
    assert (case.episode_id, case.severity) == ("e1", "risk")
    await worse(bench)
    assert [reason.text for reason in (await bench.case()).reasons] == ["They were unkind to us.", "It is worse."]


async def test_second_open_case_is_refused_with_what_would_meet_it(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    assert await bench.refused("OpenCase", "case_open", reason="Once more") == ["no case is open"]
    assert await pool.fetchval("SELECT count(*) FROM cases") == 1


async def test_nobody_opens_a_case_of_a_customer_who_was_never_announced(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    assert await bench.refused("OpenCase", "no_customer", who="mo", customer_id="acne", reason="A slip") == [
        "the customer is announced"
    ]


async def test_unknown_csm_does_not_hold_the_case_up_and_has_it_once_known(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.risk()
    (told,) = await bench.published()
    assert told["case"].get("csm") is None
    await bench.announce()
    assert await bench.types() == ["CaseOpened", "CaseReassigned"]
    assert (await bench.case()).csm == "ana"


async def test_case_of_a_csm_who_has_left_is_opened_for_the_manager(pool: Pool) -> None:
    bench = Bench(pool)
    await bench.announce()
    bench.now += DAY
    await bench.tell_person(**person("ana", manager="mo", active=False))
    await bench.risk()
    assert (await bench.case()).csm == "mo"


async def test_after_a_dismissal_only_a_new_episode_opens_a_case(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    await bench.done("DismissCase", reason="A false alarm")
    await worse(bench, text="More of the same")
    assert await bench.types() == ["CaseOpened", "CaseDismissed"]
    await bench.risk(episode="e2")
    assert (await bench.types())[2:] == ["CaseOpened"]
    assert await pool.fetchval("SELECT count(*) FROM cases") == 2


async def test_dismissing_twice_or_nothing_is_refused(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    case_id = await bench.case_id()
    await bench.done("DismissCase", reason="A false alarm")
    assert await bench.refused("DismissCase", "closed", case_id=case_id, reason="Again") == ["the case is open"]
    assert await bench.refused("DismissCase", "no_case", case_id="no-such-case", reason="Again") == ["the case exists"]


async def test_no_link_outlives_its_case(pool: Pool) -> None:
    bench = Bench(pool)
    await agreed(bench)
    for number in (1, 2):
        await bench.done("CreateShareLink", link_id=f"l-{number}", contact_id="carla", token_hash=f"{number}" * 64)
    await bench.done("RevokeShareLink", link_id="l-1")
    await bench.pass_time(DAY)
    await bench.done("DismissCase", reason="A false alarm")
    rows = await pool.fetch("SELECT revoked_at FROM links ORDER BY link_id")
    assert [row["revoked_at"] for row in rows] == [bench.now - DAY, bench.now]


async def test_whoever_is_no_contact_any_more_opens_no_link(pool: Pool) -> None:
    bench = Bench(pool)
    await agreed(bench)
    for number, contact in enumerate(("carla", "eddy")):
        await bench.done("CreateShareLink", link_id=contact, contact_id=contact, token_hash=f"{number}" * 64)
    bench.now += DAY
    await bench.tell_customer(contacts=[{"contact_id": "eddy", "name": "Eddy Executive", "role": "executive"}])
    assert await pool.fetchval("SELECT array_agg(link_id) FROM links WHERE revoked_at IS NOT NULL") == ["carla"]


async def test_conflict_shows_what_others_did_meanwhile(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    seen = (await bench.case()).revision
    await bench.done("RecordSentiment", who="mo", value=2, why="They sounded tired.")
    await bench.done("AddStakeholder", stakeholder_id="s-us", side="us", role="main", person_id="ana")
    unmet = await bench.refused("DismissCase", "conflict", reason="A false alarm", expected_revision=seen)
    assert unmet == [
        "expected_revision is 3",
        "seen: SentimentRecorded by mo (2026-03-02 09:00 UTC)",
        "seen: StakeholderAdded s-us by ana (2026-03-02 09:00 UTC)",
    ]
    assert (await bench.case()).is_open
    await bench.done("DismissCase", reason="A false alarm", expected_revision=3)


async def test_only_the_latest_changes_of_very_many_are_shown(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    for number in range(15):
        await bench.done("RecordSentiment", value=3, why=f"Feeling {number}")
    unmet = await bench.refused("DismissCase", "conflict", reason="A false alarm", expected_revision=1)
    assert len(unmet) == 11


async def test_command_sent_twice_is_carried_out_once(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    asked = await bench.command("RecordSentiment", value=2, why="They sounded tired.")
    for _ in range(3):
        await bench.lane.take([bench.signed(asked, "ana")])
    answers = await bench.answers(asked.event_id)
    assert [one["type"] for one in answers] == ["CommandAccepted"] * 3
    assert len({one["event_id"] for one in answers}) == 1, "the same answer"
    assert len((await bench.case()).sentiments) == 1


async def test_case_follows_the_customers_csm_time_zone_and_band(pool: Pool) -> None:
    bench = Bench(pool)
    await opened(bench)
    bench.now += DAY
    await bench.tell_customer(csm="eve")
    assert (await bench.case()).csm == "eve"
    await bench.refused("DismissCase", "not_allowed", who="ana", reason="A false alarm")
    bench.now += DAY
    await bench.tell_customer(csm="eve", time_zone="Asia/Tokyo")
    await bench.tell(HEALTH, HealthBandChanged, before="yellow", after="red", since=bench.now)
    case = await bench.case()
    assert (case.time_zone, case.band, case.revision) == ("Asia/Tokyo", "red", 4)
    assert await bench.types() == ["CaseOpened", "CaseReassigned", "CaseUpdated", "CaseUpdated", "EligibilityChanged"]
    bench.now += DAY
    await bench.tell_customer(csm="eve", time_zone="Asia/Tokyo")
    assert (await bench.case()).revision == 4, "nothing of it was new"


async def test_customer_who_leaves_by_itself_is_lost_with_the_cause(pool: Pool) -> None:
    bench = Bench(pool)
    await agreed(bench)
    left = CustomerLeft(
        event_id="left", customer_id="acme", occurred_at=bench.now, on=bench.now.date(), reason="Too dear."
    )
    await bench.lane.take([record(RELATIONSHIP, left)])
    case = await bench.case()
    assert (case.state, case.ending.why if case.ending else None) == ("lost", "Too dear.")
    assert (await bench.types())[-1] == "CaseLost"
    await bench.risk(episode="e1")
    assert (await bench.types())[-1] == "CaseLost", "its episode had a case"


async def test_what_follows_a_quiet_replay_says_so(pool: Pool) -> None:
    bench = Bench(pool)
    for number, quiet in enumerate((True, False), 1):
        reasons = [{"code": "usage_level", "text": f"Reason {number}"}]
        event = numbered(
            RiskUpdated, "acme", number, episode_id="e1", severity="risk", reasons=reasons, since=bench.now
        )
        async with database.transaction(pool, "action_plans", bench.now, quiet=quiet) as tx:
            await opening.take_risk(bench.keeper, event, tx)
    rows = await pool.fetch("SELECT headers FROM outbox ORDER BY id")
    assert [outbox.QUIET in json.loads(row["headers"]) for row in rows] == [True, False]


async def test_snapshot_dated_ahead_is_kept_and_does_not_hold_for_ever(pool: Pool) -> None:
    bench = Bench(pool, datetime.now(UTC))
    ahead = (bench.now + timedelta(hours=25)).isoformat()
    await bench.lane.take(
        [record(CUSTOMERS, CustomerChanged.model_validate(customer("acme", "eve", occurred_at=ahead)))]
    )
    await bench.tell_customer(csm="ana")
    assert await pool.fetchval("SELECT csm FROM customers") == "ana"
    assert await pool.fetchval("SELECT kind FROM dead_letters") == "invalid"


async def test_case_that_has_grown_large_refuses_people_and_still_follows_the_rest(pool: Pool) -> None:
    """A person is asked for less; a fact or the clock must not stop the service."""
    bench = Bench(pool)
    await opened(bench)
    answer: dict[str, Any] = {}
    for number in range(200):
        answer = await bench.ask("RecordDecision", decision_id=f"d-{number}", text="\U0001f600" * 4000)
        if answer["type"] == "CommandRejected":
            break
    assert answer["problem"]["code"] == "too_large"
    await worse(bench, text="And now even more so. " * 20)
    assert (await bench.types())[-1] == "CaseUpdated"
    await bench.pass_time(8 * DAY)
    assert (await bench.types())[-1] == "ConversationDue"
    assert await pool.fetchval("SELECT count(*) FROM dead_letters") == 0
