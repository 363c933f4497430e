"""Cases: one open per customer, opened by risk or by hand, and never by a watch."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.action_plans import handlers
from shared import actors, database, outbox
from shared.casework import Lane
from shared.contracts.health import RiskDetected, RiskUpdated
from shared.contracts.plans.commands import DismissCase, OpenCase
from shared.contracts.topics import ACTION_PLANS_COMMANDS, CUSTOMERS, HEALTH, PEOPLE, TOPICS
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Pool
from tests.records import numbered, record
from tests.stories import customer, person

KEY = Ed25519PrivateKey.generate()


def lane(pool: Pool) -> Lane:
    return handlers.casework.connect(pool, lambda: datetime.now(UTC), {"tests": KEY.public_key()})


def risk(kind: type[Any], seq: int, *, severity: str = "risk", episode: str = "e1", text: str = "Usage fell") -> Any:
    reasons = [{"code": "usage_level", "text": text}]
    return numbered(kind, "acme", seq, episode_id=episode, severity=severity, reasons=reasons, since=datetime.now(UTC))


async def announce(pool: Pool) -> None:
    """Ana is acme's CSM, Mo a manager, Eve a CSM of others, Gone no longer here."""
    everybody = [
        person("ana"),
        person("mo", roles=["manager"]),
        person("eve"),
        person("gone", roles=["manager"], active=False),
    ]
    await lane(pool).take(
        [record(CUSTOMERS, CustomerChanged.model_validate(customer("acme", "ana")))]
        + [record(PEOPLE, PersonChanged.model_validate(one)) for one in everybody]
    )


async def command(pool: Pool, asked: OpenCase | DismissCase, who: str) -> dict[str, Any]:
    """Ask as `who`; return the answer."""
    token = actors.sign(KEY, "tests", person=who, command_id=asked.event_id, body=asked.body(), at=datetime.now(UTC))
    await lane(pool).take([record(ACTION_PLANS_COMMANDS, asked, headers={actors.HEADER: token.encode()})])
    (answer,) = [
        body for body in await published(pool, "action_plans.answers.v1") if body["command_id"] == asked.event_id
    ]
    return answer


async def published(pool: Pool, topic: str) -> list[dict[str, Any]]:
    rows = await pool.fetch("SELECT body FROM outbox WHERE topic = $1 ORDER BY id", topic)
    kinds = TOPICS[topic].by_type
    bodies = [json.loads(row["body"]) for row in rows]
    for body in bodies:
        kinds[body["type"]].model_validate(body)
    return bodies


def opening(command_id: str = "c1") -> OpenCase:
    return OpenCase(
        event_id=command_id, customer_id="acme", occurred_at=datetime.now(UTC), reason="They were unkind to us"
    )


def dismissal(case_id: str, command_id: str = "c2", **fields: Any) -> DismissCase:
    return DismissCase.model_validate(
        {
            "event_id": command_id,
            "customer_id": "acme",
            "occurred_at": datetime.now(UTC),
            "case_id": case_id,
            "reason": "A false alarm",
            **fields,
        }
    )


async def test_risk_opens_one_case_and_a_later_one_updates_it(pool: Pool) -> None:
    await announce(pool)
    await lane(pool).take(
        [record(HEALTH, risk(RiskDetected, 1)), record(HEALTH, risk(RiskUpdated, 2, text="It is worse"))]
    )
    told = await published(pool, "plans.v1")
    assert [body["type"] for body in told] == ["CaseOpened", "CaseUpdated"]
    assert [body["case"]["revision"] for body in told] == [1, 2]
    assert [body["seq"] for body in told] == [1, 2]
    assert told[0]["case"]["csm"] == "ana"
    assert await pool.fetchval("SELECT count(*) FROM cases") == 1


async def test_watch_opens_no_case_until_it_is_raised(pool: Pool) -> None:
    await announce(pool)
    await lane(pool).take([record(HEALTH, risk(RiskDetected, 1, severity="watch"))])
    assert await published(pool, "plans.v1") == []
    await lane(pool).take([record(HEALTH, risk(RiskUpdated, 2))])
    assert [body["type"] for body in await published(pool, "plans.v1")] == ["CaseOpened"]


async def test_unknown_csm_does_not_hold_the_case_up(pool: Pool) -> None:
    await lane(pool).take([record(HEALTH, risk(RiskDetected, 1))])
    (opened,) = await published(pool, "plans.v1")
    assert opened["case"].get("csm") is None


async def test_same_risk_again_changes_nothing(pool: Pool) -> None:
    await lane(pool).take([record(HEALTH, risk(RiskDetected, 1)), record(HEALTH, risk(RiskUpdated, 2))])
    assert len(await published(pool, "plans.v1")) == 1


async def test_after_a_dismissal_only_a_new_episode_opens_a_case(pool: Pool) -> None:
    await announce(pool)
    await lane(pool).take([record(HEALTH, risk(RiskDetected, 1))])
    case_id = (await published(pool, "plans.v1"))[0]["case"]["case_id"]
    assert (await command(pool, dismissal(case_id), "ana"))["type"] == "CommandAccepted"
    await lane(pool).take([record(HEALTH, risk(RiskUpdated, 2, text="More of the same"))])
    assert [body["type"] for body in await published(pool, "plans.v1")] == ["CaseOpened", "CaseDismissed"]
    await lane(pool).take([record(HEALTH, risk(RiskDetected, 3, episode="e2"))])
    assert [body["type"] for body in await published(pool, "plans.v1")][2:] == ["CaseOpened"]


async def test_only_csm_manager_executive_or_admin_may_open_a_case(pool: Pool) -> None:
    await announce(pool)
    for number, who in enumerate(("eve", "gone", "nobody")):
        answer = await command(pool, opening(f"no-{number}"), who)
        assert (answer["type"], answer["problem"]["code"]) == ("CommandRejected", "not_allowed")
    assert await pool.fetchval("SELECT count(*) FROM cases") == 0
    assert (await command(pool, opening("yes"), "mo"))["type"] == "CommandAccepted"


async def test_second_open_case_is_refused_with_what_would_meet_it(pool: Pool) -> None:
    await announce(pool)
    await command(pool, opening("c1"), "ana")
    answer = await command(pool, opening("c2"), "ana")
    assert answer["problem"]["code"] == "case_open"
    assert answer["problem"]["unmet"] == ["no other case is open"]


async def test_conflicting_dismissal_says_what_the_case_is_at(pool: Pool) -> None:
    await announce(pool)
    opened = await command(pool, opening(), "ana")
    answer = await command(pool, dismissal(opened["subject_id"], expected_revision=7), "ana")
    assert answer["problem"]["code"] == "conflict"
    assert "revision 1" in answer["problem"]["title"]
    assert await pool.fetchval("SELECT state FROM cases") == "open"


async def test_dismissing_twice_or_nothing_is_refused(pool: Pool) -> None:
    await announce(pool)
    opened = await command(pool, opening(), "ana")
    await command(pool, dismissal(opened["subject_id"], "d1"), "ana")
    assert (await command(pool, dismissal(opened["subject_id"], "d2"), "ana"))["problem"]["code"] == "not_possible"
    assert (await command(pool, dismissal("no-such-case", "d3"), "ana"))["problem"]["code"] == "no_case"


async def test_what_follows_a_quiet_replay_says_so(pool: Pool) -> None:
    for number, quiet in enumerate((True, False), 1):
        async with database.transaction(pool, "action_plans", datetime.now(UTC), quiet=quiet) as tx:
            event = risk(RiskDetected, number, episode=f"e{number}", text=f"Reason {number}")
            await handlers.open_case_when_risk_is_detected(event, tx)
    rows = await pool.fetch("SELECT headers FROM outbox ORDER BY id")
    assert [outbox.QUIET in json.loads(row["headers"]) for row in rows] == [True, False]


async def test_snapshot_dated_ahead_is_kept_and_does_not_hold_for_ever(pool: Pool) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=25)).isoformat()
    changed = [customer("acme", "eve", occurred_at=ahead), customer("acme", "ana")]
    await lane(pool).take([record(CUSTOMERS, CustomerChanged.model_validate(one)) for one in changed])
    assert await pool.fetchval("SELECT csm FROM customers") == "ana"
    assert await pool.fetchval("SELECT kind FROM dead_letters") == "invalid"
