"""What goes together, and what is held back: never a storm, and nothing is lost."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.packing import WINDOW, Sent, Waiting, pack, take_along
from services.notifications.domain.urgency import URGENCIES

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NONE = Sent()


def many(number: int, customers: int = 1, **more: object) -> list[Waiting]:
    return [Waiting(at, f"c{at % customers}", "normal", **more) for at in range(number)]  # type: ignore[arg-type]


def test_facts_about_one_customer_go_together() -> None:
    (one, other) = pack(many(4, 2), NONE, NONE, 20, NOW).packs
    assert (one.kind, one.customer_id, one.delivery_ids) == ("grouped", "c0", (0, 2))
    assert (other.customer_id, other.delivery_ids) == ("c1", (1, 3))


def test_single_fact_goes_by_itself() -> None:
    (one,) = pack(many(1), NONE, NONE, 20, NOW).packs
    assert (one.kind, one.delivery_ids) == ("single", (0,))


def test_most_urgent_customer_comes_first() -> None:
    waiting = [Waiting(1, "a", "low"), Waiting(2, "b", "high")]
    assert [one.customer_id for one in pack(waiting, NONE, NONE, 20, NOW).packs] == ["b", "a"]


def test_digest_is_one_message_whatever_is_in_it() -> None:
    (one,) = pack(many(50, 10, digest=True), NONE, NONE, 20, NOW).packs
    assert (one.kind, one.customer_id, len(one.delivery_ids)) == ("digest", None, 50)


def test_what_has_no_room_comes_in_one_summary_in_the_last_place() -> None:
    packed = pack(many(100, 100), NONE, NONE, 5, NOW)
    assert [one.kind for one in packed.packs] == ["single"] * 4 + ["summary"]
    assert len(packed.packs[-1].delivery_ids) == 96
    assert packed.held == ()


def test_full_hour_holds_everything_until_it_is_over() -> None:
    sent = Sent(5, NOW - timedelta(minutes=40))
    packed = pack(many(3), sent, NONE, 5, NOW)
    assert (packed.packs, packed.held, packed.until) == ((), (0, 1, 2), NOW + timedelta(minutes=20))


def test_what_was_held_comes_in_one_summary() -> None:
    packed = pack(many(30, 30, held=True), Sent(4, NOW), NONE, 5, NOW)
    assert [(one.kind, len(one.delivery_ids)) for one in packed.packs] == [("summary", 30)]


def test_critical_is_not_held_by_what_is_not() -> None:
    packed = pack([Waiting(1, "a", "critical"), Waiting(2, "b", "high")], Sent(5, NOW), NONE, 5, NOW)
    assert [one.delivery_ids for one in packed.packs] == [(1,)]
    assert packed.held == (2,)


def test_code_for_a_contact_goes_by_itself_whatever_else_there_is() -> None:
    waiting = [Waiting(1, "a", "critical", alone=True), Waiting(2, "a", "critical", alone=True)]
    packed = pack(waiting, Sent(99, NOW), Sent(99, NOW), 5, NOW)
    assert [one.delivery_ids for one in packed.packs] == [(1,), (2,)]


def test_what_waits_about_a_customer_goes_along_with_the_first_message_that_tells_of_it() -> None:
    waiting = [
        Waiting(1, "a", "critical"),
        Waiting(2, "a", "high"),
        Waiting(3, "b", "high"),
        Waiting(4, "c", "high", alone=True),
    ]
    packs = pack(waiting, NONE, NONE, 20, NOW).packs
    low, high, loud = Waiting(7, "a", "low"), Waiting(8, "a", "high"), Waiting(9, "b", "critical")
    found = take_along(packs, {"a": [low, high], "b": [loud], "c": [Waiting(10, "c", "low")]})
    assert [one.delivery_ids for one in found] == [(4,), (1, 2, 7, 8), (3, 9)]
    assert [one.kind for one in found] == ["single", "single", "grouped"], "what is more urgent leads"


def test_what_is_critical_takes_along_what_is_due_about_its_customer_whatever_room_there_is() -> None:
    """Or people would read that the ending is off, and then that it is announced."""
    waiting = [
        Waiting(1, "a", "high"),
        Waiting(2, "a", "low", digest=True),
        Waiting(3, "b", "high", held=True),
        Waiting(4, "a", "critical"),
    ]
    packed = pack(waiting, Sent(5, NOW), NONE, 5, NOW)
    assert [(one.kind, one.delivery_ids, one.customer_id) for one in packed.packs] == [("single", (4, 1, 2), "a")]
    assert packed.held == (3,)


waitings = st.lists(
    st.builds(
        Waiting,
        st.integers(0, 10**6),
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(URGENCIES),
        digest=st.booleans(),
        held=st.booleans(),
    ),
    unique_by=lambda one: one.delivery_id,
)


@given(waitings, st.integers(0, 30), st.integers(0, 30), st.integers(1, 10))
def test_nothing_is_lost_or_told_twice_and_never_more_than_the_cap(
    waiting: list[Waiting], usual: int, critical: int, most: int
) -> None:
    first = NOW - WINDOW / 2
    packed = pack(waiting, Sent(usual, first), Sent(critical, first), most, NOW)
    told = [id_ for one in packed.packs for id_ in one.delivery_ids]
    assert sorted([*told, *packed.held]) == sorted(one.delivery_id for one in waiting)
    loud = sum(one.urgency == "critical" for one in packed.packs)
    assert loud <= max(0, most - critical)
    assert len(packed.packs) - loud <= max(0, most - usual)
    assert packed.until is None or packed.until > NOW
