"""Order per customer: a gap or a poison record parks that customer's later facts, and nobody else's."""

from shared.contracts.upstream import CustomerChanged
from tests.shared.desk import Desk, failing
from tests.shared.records import altered, record, released, risk
from tests.stories import customer


async def test_duplicate_fact_has_no_second_effect(desk: Desk) -> None:
    """Delivered again at another offset, or under its number with another id."""
    await desk.take(record(risk("acme", 1)), record(risk("acme", 1)))
    assert await desk.effects() == [1]


async def test_same_fact_under_a_new_number_has_no_second_effect(desk: Desk) -> None:
    """The inbox holds where the number does not, and the number is counted all the same."""
    fact = risk("acme", 1)
    await desk.take(record(fact), record(fact.model_copy(update={"seq": 2})), record(risk("acme", 3)))
    assert await desk.effects() == [1, 3]


async def test_gap_parks_only_its_customer_and_heals_by_itself(desk: Desk) -> None:
    """Later facts wait in order until the missing one comes."""
    await desk.take(record(risk("acme", 1)), record(risk("other", 1)))
    await desk.take(record(risk("acme", 4)), record(risk("acme", 3)), record(risk("other", 2)))
    assert await desk.letters() == [("gap", "acme", 3), ("gap", "acme", 4)]
    await desk.take(record(risk("acme", 2)))
    await desk.replay()
    assert await desk.effects("acme") == [1, 2, 3, 4]
    assert await desk.effects("other") == [1, 2]
    assert await desk.letters() == []


async def test_poison_parks_only_its_customer(desk: Desk) -> None:
    """A fact that fails by itself is kept, later ones of its customer wait behind it, others go on."""
    desk.before = failing(2)
    await desk.take(record(risk("acme", 1)), record(risk("acme", 2)))
    desk.before = failing()
    await desk.take(record(risk("acme", 3)), record(risk("other", 1)), record(risk("acme", 4)))
    assert await desk.effects() == [1, 1]
    assert await desk.letters() == [("poison", "acme", 2), ("behind", "acme", 3), ("behind", "acme", 4)]


async def test_poison_leaves_nothing_behind(desk: Desk) -> None:
    """What its handler wrote before it failed is undone."""
    desk.after = failing(1)
    await desk.take(record(risk("acme", 1)))
    assert await desk.effects() == []
    assert await desk.pool.fetchval("SELECT count(*) FROM inbox") == 0


async def test_first_fact_that_is_poison_is_not_lost(desk: Desk) -> None:
    """The fact after it does not become the baseline."""
    desk.before = failing(1)
    await desk.take(record(risk("acme", 1)))
    desk.before = failing()
    await desk.take(record(risk("acme", 2)))
    assert await desk.effects() == []
    await desk.ask()
    await desk.replay()
    assert await desk.effects() == [1, 2]


async def test_first_fact_that_cannot_be_read_is_not_lost(desk: Desk) -> None:
    """A fact of a known type that breaks its contract holds up its customer, as its number can be read."""
    whole = risk("acme", 1)
    await desk.take(record(altered(whole, severity="mild"), offset=7, key=b"acme"))
    await desk.take(record(risk("acme", 2)), record(risk("other", 1)))
    assert await desk.letters() == [("poison", "acme", 1), ("behind", "acme", 2)]
    reason = await desk.pool.fetchval("SELECT reason FROM dead_letters WHERE seq = 1")
    assert reason == "/severity must be 'watch' or 'risk'"
    await desk.pool.execute("UPDATE dead_letters SET body = $1 WHERE seq = 1", whole.body())
    await desk.ask()
    await desk.replay()
    assert await desk.effects("acme") == [1, 2]


async def test_unknown_type_is_counted_and_its_number_too(desk: Desk) -> None:
    """A consumer that is older than its producer ignores what it does not know, and parks nobody for it."""
    await desk.take(record(risk("acme", 1)), record(altered(risk("acme", 2), type="SomethingNew")))
    await desk.take(record(risk("acme", 3)))
    assert await desk.effects() == [1, 3]
    assert desk.unknown == {"SomethingNew": 1}
    assert await desk.letters() == []


async def test_unknown_type_without_a_number_is_counted(desk: Desk) -> None:
    """Nothing waits for it, nothing is kept."""
    await desk.take(record(b'{"type": "SomethingNew"}'))
    assert desk.unknown == {"SomethingNew": 1}
    assert await desk.letters() == []


async def test_fact_that_has_no_number_waits_for_none(desk: Desk) -> None:
    """What is sent within its life or never: one that failed holds up no later one, and each is taken once."""
    await desk.take(released("first"), released("first"))
    desk.before = failing(0)
    await desk.take(released("second"))
    desk.before = failing()
    await desk.take(released("third"))
    assert await _taken(desk) == ["first", "third"]
    assert [kind for kind, *_ in await desk.letters()] == ["poison"]
    await desk.ask()
    await desk.replay()
    assert await _taken(desk) == ["first", "third", "second"]
    assert await desk.letters() == []


async def _taken(desk: Desk) -> list[str]:
    return [row["event_id"] for row in await desk.pool.fetch("SELECT event_id FROM effects ORDER BY id")]


async def test_unknown_field_is_ignored(desk: Desk) -> None:
    """Additive change within a version."""
    await desk.take(record(altered(risk("acme", 1), added_later=True)))
    assert await desk.effects() == [1]


async def test_first_fact_met_is_the_baseline(desk: Desk) -> None:
    """A consumer that comes late parks nobody."""
    await desk.take(record(risk("acme", 41)), record(risk("acme", 42)))
    assert await desk.effects() == [41, 42]


async def test_restored_producer_parks_nobody(desk: Desk) -> None:
    """A new epoch begins with whatever number it begins with."""
    await desk.take(record(risk("acme", 1)), record(risk("acme", 2)), record(risk("acme", 3)))
    await desk.take(record(risk("acme", 2, epoch=2)), record(risk("acme", 3, epoch=2)))
    assert await desk.effects() == [1, 2, 3, 2, 3]
    assert await desk.letters() == []


async def test_poison_that_opens_an_epoch_is_not_lost(desk: Desk) -> None:
    """The fact after it does not become the new epoch's baseline."""
    await desk.take(record(risk("acme", 5)))
    desk.before = failing(2)
    await desk.take(record(risk("acme", 2, epoch=2)))
    desk.before = failing()
    await desk.take(record(risk("acme", 3, epoch=2)))
    await desk.ask()
    await desk.replay()
    assert await desk.effects() == [5, 2, 3]


async def test_fact_of_an_epoch_that_is_over_is_kept(desk: Desk) -> None:
    """It is listed, has no effect, and holds nobody up."""
    await desk.take(record(risk("acme", 1, epoch=2)), record(risk("acme", 9)), record(risk("acme", 2, epoch=2)))
    assert await desk.effects() == [1, 2]
    assert await desk.letters() == [("stale", "acme", 9)]


async def test_fact_without_a_number_is_kept(desk: Desk) -> None:
    """Domain facts are numbered from 1 on."""
    await desk.take(record(altered(risk("acme", 1), seq=0), key=b"acme"))
    assert await desk.letters() == [("invalid", "acme", None)]


async def test_order_is_per_topic(desk: Desk) -> None:
    """Each producer numbers on its own: a customer parked on one topic goes on on the others."""
    desk.before = failing(1)
    await desk.take(record(risk("acme", 1)))
    desk.before = failing()
    await desk.take(record(CustomerChanged.model_validate(customer("acme", "csm")), "customers.v1"))
    assert len(await desk.effects("acme")) == 1
