"""The worked consumers of terminations.v1: whatever dies, comes twice or comes late, every fact takes effect once."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from amicable import migrate
from tests.terminations.consumers import CONSUMERS
from tests.terminations.revenue import Revenue, revenue
from tests.terminations.told import Story, settlement

LATER = date(2026, 7, 31)


@pytest.fixture
async def empty_database(postgres: str) -> AsyncIterator[str]:
    """An administrator's DSN of a database in which there is nothing."""
    name = f"revenue_{uuid4().hex}"
    server = await asyncpg.connect(postgres)
    try:
        await server.execute(f'CREATE DATABASE "{name}"')
        yield migrate.with_database(postgres, name)
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


@pytest.fixture(params=CONSUMERS)
async def team(request: pytest.FixtureRequest, empty_database: str, tmp_path: Path) -> AsyncIterator[Revenue]:
    """A revenue team with the consumer of each language."""
    async with revenue(request.param, empty_database, tmp_path) as found:
        yield found


async def test_every_fact_takes_effect_once_whatever_dies_and_comes_twice(team: Revenue) -> None:
    acme, bolt = Story("acme", "t-acme"), Story("bolt", "t-bolt")
    first = (acme.announced(), bolt.announced())
    await team.publish(*first)
    await team.has_acted_on(*first)

    # It is killed amid the effect: nothing is half done, and the offset is where it was.
    changed = acme.announced(2, last_day=LATER, settled=(settlement("EUR", "800.00", "152.00", "952.00"),))
    async with team.held_up_at("bookings", changed):
        await team.kill()
    await team.start_again()
    await team.has_acted_on(changed)
    await team.caught_up()

    # The broker goes while the effect is under way, and the consumer is killed before it could commit the offset.
    refunded = acme.reached("m-refund", "refund_paid", 2)
    async with team.held_up_at("milestones", refunded):
        await team.broker.stop()
    await team.has_acted_on(refunded)
    await team.kill()
    await team.broker.start()
    committed, ends = await team.offsets()
    assert committed != ends, "it is to come again"
    await team.start_again()

    # The broker goes and comes back while the consumer lives; and what was told is told again.
    await team.caught_up()
    await team.broker.stop()
    await team.broker.start()
    last = (acme.reached("m-access", "access_closed", 2), bolt.withdrawn(2), acme.completed(3))
    everything = (*first, changed, refunded, *last)
    await team.publish(*last, *everything, *everything)
    await team.has_acted_on(*everything)
    await team.caught_up()
    before = await team.state()
    _require_once(before, {fact.idempotency_key for fact in everything})

    # All of it is replayed from the beginning.
    await team.consumer.stop()
    await team.begin_anew()
    await team.start_again()
    await team.caught_up()
    assert await team.state() == before


async def test_a_late_fact_an_unknown_type_and_an_unknown_field_do_no_harm(team: Revenue) -> None:
    acme, bolt, coda = Story("acme", "t-acme"), Story("bolt", "t-bolt"), Story("coda", "t-coda")
    newest = acme.announced(3, last_day=LATER, settled=(settlement("EUR", "800.00", "152.00", "952.00"),))
    late = acme.announced(2)
    unheard_of = {**json.loads(acme.completed(4).body()), "type": "TerminationPaused", "until": "2026-12-24"}
    richer = {**json.loads(bolt.announced().body()), "mood": "good", "by": {"whom": 1}}
    await team.publish(
        acme.announced(),
        newest,
        late,
        (acme.completed(4), json.dumps(unheard_of).encode()),
        (bolt.announced(), json.dumps(richer).encode()),
        bolt.withdrawn(3),
        bolt.announced(2),
        coda.announced(),
    )
    await team.has_acted_on(coda.announced(), newest, late, bolt.announced(2))
    await team.caught_up()
    state = await team.state()
    assert _by(state["endings"], "termination_id", "revision", "state") == {
        ("t-acme", 3, "announced"),
        ("t-bolt", 3, "withdrawn"),
        ("t-coda", 1, "announced"),
    }
    assert _by(state["subscriptions"], "customer_id", "billed_until") == {
        ("acme", LATER),
        ("bolt", None),
        ("coda", date(2026, 6, 30)),
    }
    assert _owed(state) == {
        ("t-acme", "EUR"): Decimal(952),
        ("t-coda", "EUR"): 1190,
        ("t-coda", "USD"): Decimal("-59.5"),
    }
    assert state["closings"] == []


def _require_once(state: dict[str, list[dict[str, Any]]], keys: set[str]) -> None:
    """Everything of both endings is there, each once: acme's changed once and completed, bolt's withdrawn."""
    assert {row["idempotency_key"] for row in state["acted_on"]} == keys
    assert _by(state["endings"], "termination_id", "revision", "state") == {
        ("t-acme", 3, "completed"),
        ("t-bolt", 2, "withdrawn"),
    }
    assert _by(state["subscriptions"], "customer_id", "billed_until") == {("acme", LATER), ("bolt", None)}
    assert _owed(state) == {("t-acme", "EUR"): Decimal(952)}
    booked = [row["idempotency_key"] for row in state["bookings"]]
    assert {key: booked.count(key) for key in booked} == {
        "t-acme/1": 4,  # net and tax of two currencies
        "t-acme/2": 2 + 2,  # taken back in two currencies; net and tax of one
        "t-bolt/1": 4,
        "t-bolt/withdrawn": 2,
    }
    assert [row["milestone_id"] for row in state["milestones"]] == ["m-refund", "m-access"]
    assert [row["termination_id"] for row in state["closings"]] == ["t-acme"]


def _owed(state: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], Decimal]:
    """Return what is owed by now in each ending and currency, where it is not nothing."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in state["bookings"]:
        place = row["termination_id"], row["currency"]
        sums[place] = sums.get(place, Decimal(0)) + row["amount"]
    return {place: amount for place, amount in sums.items() if amount}


def _by(rows: list[dict[str, Any]], *names: str) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in names) for row in rows}
