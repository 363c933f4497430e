"""The shared plan as the customer sees it."""

from typing import Any

from tests.services.action_plans.guest import invited
from tests.services.action_plans.test_story import proposed, talked, with_players
from tests.services.action_plans.workshop import Bench

Pool = Any


async def offered(pool: Pool) -> tuple[Bench, str]:
    """Return a bench with a version that waits, and its content hash."""
    bench = Bench(pool)
    await bench.announce()
    await bench.risk(text="SENTINEL: usage fell by 41 %.")
    await with_players(bench)
    await talked(bench)
    return bench, await proposed(bench)


async def test_contact_reads_the_plan_of_both_sides(pool: Pool) -> None:
    bench, content = await offered(pool)
    guest = await invited(bench)
    answer = await guest.look()
    assert answer.status_code == 200
    for said in (
        "Half of the team uses the product weekly.",
        "What us expects.",
        "What customer expects.",
        "What us does.",
        "What customer does.",
        "Person ana",
        "Carla Main",
        content,
    ):
        assert said in guest.words
    assert "SENTINEL" not in guest.text
