"""Each measure: what is worst, what is best, and when it knows nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.health_scoring.domain import measures
from services.health_scoring.domain.signals import Meeting, Signals, Survey, Ticket

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


def used(**by_metric: dict[int, float]) -> Signals:
    """Quantities by days ago."""
    usage = {
        metric: {NOW.date() - timedelta(days=ago): amount for ago, amount in days.items()}
        for metric, days in by_metric.items()
    }
    return Signals(announced=True, usage=usage)


def daily(amount: float, first: int, last: int) -> dict[int, float]:
    return dict.fromkeys(range(last, first + 1), amount)


@pytest.mark.parametrize(("recent", "value"), [(10.0, 100), (20.0, 100), (3.0, 0), (1.0, 0), (6.5, 50)])
def test_usage_is_judged_against_the_customers_own_baseline(recent: float, value: float) -> None:
    reading = measures.usage_level(used(logins=daily(10, 98, 15) | daily(recent, 14, 1)), NOW)
    assert reading is not None
    assert reading.value == pytest.approx(value)


def test_usage_without_two_weeks_of_baseline_is_unknown() -> None:
    assert measures.usage_level(used(logins=daily(10, 27, 1)), NOW) is None
    assert measures.usage_level(used(logins=daily(10, 28, 1)), NOW) is not None


def test_a_new_metric_does_not_hide_that_another_one_stopped() -> None:
    signals = used(old=daily(10, 98, 15), new=daily(10_000, 14, 1))
    reading = measures.usage_level(signals, NOW)
    assert reading is not None
    assert reading.value == 0


def test_usage_does_not_depend_on_the_order_of_days() -> None:
    days = daily(0.1, 98, 15) | daily(0.3, 14, 1)
    shuffled = dict(sorted(days.items(), key=lambda pair: hash(str(pair[0]))))
    assert measures.usage_level(used(a=days), NOW) == measures.usage_level(used(a=shuffled), NOW)


@pytest.mark.parametrize(("days", "value"), [(0, 100), (3, 100), (12, 50), (21, 0), (400, 0)])
def test_silence_lowers_recency(days: int, value: float) -> None:
    reading = measures.recency(Signals(announced=True, last_used_at=NOW - timedelta(days=days)), NOW)
    assert reading is not None
    assert reading.value == pytest.approx(value)


def test_never_used_is_unknown_not_bad() -> None:
    assert measures.recency(Signals(announced=True), NOW) is None


@pytest.mark.parametrize(
    ("tickets", "value"),
    [
        ((), 100),
        ((Ticket("urgent", NOW),), 100 / 3),
        ((Ticket("urgent", NOW, escalated=True),), 0),
        ((Ticket("urgent", NOW, resolved=True),), 100),
        ((Ticket(None, None, escalated=True),), 100),
        ((Ticket("normal", NOW), Ticket("low", NOW)), 75),
    ],
)
def test_open_tickets_count_by_severity(tickets: tuple[Ticket, ...], value: float) -> None:
    reading = measures.support_load(Signals(announced=True, tickets=tickets), NOW)
    assert reading is not None
    assert reading.value == pytest.approx(value)


def test_meetings_that_we_missed_do_not_count_against_the_customer() -> None:
    meetings = (Meeting(NOW, "held"), Meeting(NOW, "missed_by_us"), Meeting(NOW, "missed_by_us"))
    reading = measures.engagement(Signals(announced=True, meetings=meetings), NOW)
    assert reading is not None
    assert reading.value == 100


def test_latest_survey_counts() -> None:
    surveys = (Survey(NOW - timedelta(days=2), "csat", 5), Survey(NOW - timedelta(days=1), "nps", 2))
    reading = measures.sentiment(Signals(announced=True, surveys=surveys), NOW)
    assert reading is not None
    assert reading.value == pytest.approx(20)


def test_a_survey_older_than_a_year_says_nothing() -> None:
    assert (
        measures.sentiment(Signals(announced=True, surveys=(Survey(NOW - timedelta(days=366), "nps", 0),)), NOW) is None
    )


def test_oldest_overdue_invoice_counts() -> None:
    reading = measures.payment(Signals(announced=True, overdue=(date(2026, 3, 1), date(2026, 2, 13))), NOW)
    assert reading is not None
    assert reading.value == pytest.approx(50)
    assert reading.explanation == "2 invoices are overdue, the oldest by 30 days"
