"""The company is the same whenever it is made, valid, and never ahead of its clock."""

from collections import Counter
from datetime import timedelta

from amicable.demo.company import HISTORY
from amicable.demo.customers import CUSTOMERS
from amicable.demo.people import PEOPLE
from shared.contracts.reading import read_upstream
from shared.contracts.upstream import CustomerChanged, PersonChanged
from tests.demo.conftest import ANCHORS, Told, tell_everything


def test_the_same_anchor_and_seed_make_the_same_events() -> None:
    assert tell_everything(ANCHORS[3]).events == tell_everything(ANCHORS[3]).events


def test_another_seed_makes_other_events() -> None:
    assert tell_everything(ANCHORS[3], seed=1).events != tell_everything(ANCHORS[3], seed=2).events


def test_nothing_is_dated_after_its_clock_or_before_its_window(told: Told) -> None:
    assert max(event.occurred_at for event in told.history) <= told.anchor
    assert min(event.occurred_at for event in told.history) >= told.anchor - HISTORY - timedelta(days=1)
    for day in told.days:
        assert all(timedelta() <= day.moment - event.occurred_at < timedelta(hours=24) for event in day.events)


def test_a_day_of_the_story_holds_what_happens_on_its_date_and_days_follow_one_another(told: Told) -> None:
    for day in told.days:
        assert {event.occurred_at.date() for event in day.events} <= {day.date}
        assert day.moment.date() == day.date
    assert [(day.date - told.days[0].date).days for day in told.days] == list(range(len(told.days)))
    assert timedelta() < told.days[0].moment - told.anchor <= timedelta(hours=24)


def test_ids_are_unique_per_source_and_events_are_in_the_order_of_time(told: Told) -> None:
    assert max(Counter((event.source, event.event_id) for event in told.events).values()) == 1
    moments = [event.occurred_at for event in told.events if not isinstance(event, PersonChanged)]
    assert moments == sorted(moments)


def test_every_event_is_valid_as_it_travels() -> None:
    for event in tell_everything(ANCHORS[7]).events:
        assert read_upstream(event.body()) == event


def test_the_history_is_a_small_company_s_year(told: Told) -> None:
    counts = Counter(event.type for event in told.history)
    assert len(CUSTOMERS) == 40
    assert counts["PersonChanged"] == len(PEOPLE) == 8
    assert 25_000 <= len(told.history) <= 40_000
    known = {event.key for event in told.history if event.key_field == "customer_id"}
    assert known == {customer.customer_id for customer in CUSTOMERS}


def test_every_customer_belongs_to_a_csm_and_has_a_contract_and_an_executive(told: Told) -> None:
    csms = {person.person_id for person in PEOPLE if "csm" in person.roles}
    registered = {event.customer_id: event for event in told.history if isinstance(event, CustomerChanged)}
    assert {entry.csm for entry in registered.values()} == csms
    assert {entry.segment for entry in registered.values()} == {"smb", "mid-market", "enterprise"}
    assert {entry.recurring_revenue.currency for entry in registered.values()} == {"EUR", "USD", "GBP", "JPY"}
    for entry in registered.values():
        assert entry.contract is not None
        assert entry.contract.starts_on <= entry.occurred_at.date() <= (entry.contract.ends_on or entry.started_on)
        assert {"main", "executive"} <= {contact.role for contact in entry.contacts}
