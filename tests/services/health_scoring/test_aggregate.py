"""From facts to numbers: every kind of aggregation, worked out by hand, at noon of 15 March 2026."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.health_scoring.domain import aggregate
from services.health_scoring.domain.facts import Facts, Onboarding, seen
from services.health_scoring.domain.scorecard import Aggregate, Source
from tests.services.health_scoring.cards import NPS, TICKETS, USES, facts, measure, signal, usage

NOW = datetime(2026, 3, 15, 12, 20, tzinfo=UTC)
TODAY = NOW.toordinal()
LOAD = {"low": 1, "normal": 2, "high": 4, "urgent": 8}
INVOICES = Source(("InvoiceOverdue",))
CALLED_OFF = Source(("MeetingMissed",), where={"by": ("customer",)})
LATE = Source(())


def ago(days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


def ticket(name: str, opened: datetime, severity: str, *turns: tuple[str, datetime]) -> list[Any]:
    kinds = [signal(f"Ticket{kind}", at, name) for kind, at in turns]
    return [signal("TicketOpened", opened, name, severity=severity), *kinds]


USED = facts(NOW, days={0: 100.0, 1: 5.0, 14: 7.0, 15: 9.0}, seats=4)
USED = replace(USED, usage={**USED.usage, "reports": usage({3: 1.0, 90: 1.0}, NOW)})
USERS, FIRST = seen(
    [("ana", [TODAY, TODAY - 1, TODAY - 2]), ("bo", [TODAY - 14]), ("cy", [TODAY - 15]), ("di", [TODAY])]
)
USED_BY = replace(USED, users=USERS, users_from=FIRST)
ASKED = facts(
    NOW,
    *ticket("open", ago(9), "urgent", ("Escalated", ago(8))),
    *ticket("two_hours", ago(3), "high", ("Resolved", ago(3, -2))),
    *ticket("four_hours", ago(4), "normal", ("Resolved", ago(5)), ("Resolved", ago(4, -4))),
    *ticket("ten_hours", ago(40), "low", ("Resolved", ago(40, -1)), ("Reopened", ago(40, -2)),
            ("Resolved", ago(40, -10))),
    *ticket("again", ago(6), "normal", ("Resolved", ago(5)), ("Reopened", ago(4))),
    *ticket("tomorrow", ago(-1), "urgent"),
    *ticket("long_ago", ago(80), "low", ("Resolved", ago(79))),
)  # fmt: skip
TALKED = facts(
    NOW,
    signal("MeetingHeld", ago(5), "1"), signal("MeetingHeld", ago(50), "2"), signal("MeetingHeld", ago(60), "3"),
    signal("MeetingMissed", ago(9), "4", by="customer"), signal("MeetingMissed", ago(9), "5", by="us"),
    signal("SurveyAnswered", ago(40), kind="nps", score=2), signal("SurveyAnswered", ago(4), kind="nps", score=5),
    signal("SurveyAnswered", ago(3), kind="csat", score=1), signal("SurveyAnswered", ago(300), kind="nps", score=9),
    signal("InvoiceOverdue", ago(2), "I1", due_on="2026-03-01"),
    signal("InvoiceOverdue", ago(9), "I2", due_on="2026-02-01"),
    signal("InvoicePaid", ago(1), "I2"),
    onboarding=Onboarding(14, date(2026, 1, 1), None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("known", "source", "how", "value"),
    [
        (USED, USES, Aggregate("sum", 14), 5 + 7 + 1),  # today counts tomorrow
        (USED, Source(("UsageRecorded",), "logins"), Aggregate("sum", 14), 5 + 7),
        (USED, USES, Aggregate("sum", 14, per_seat=True), 13 / 4),
        (facts(NOW, days={1: 5.0}), USES, Aggregate("sum", 14, per_seat=True), None),  # seats not known
        (USED, USES, Aggregate("count", 15), 4),
        (USED, USES, Aggregate("active_days", 14), 3),
        (USED, USES, Aggregate("distinct_metrics", 2), 1),
        (USED, USES, Aggregate("distinct_metrics", 14), 2),
        (USED, USES, Aggregate("distinct_users", 14), None),  # nobody is ever named
        (USED_BY, USES, Aggregate("distinct_users", 14), 2),
        (USED_BY, USES, Aggregate("distinct_users", 28, per_seat=True), 3 / 4),
        (USED, USES, Aggregate("days_since_last"), 0),
        (USED, Source(("UsageRecorded",), "reports"), Aggregate("days_since_last"), 3),
        (TALKED, Source(("MeetingHeld",)), Aggregate("days_since_last"), 5),
        (facts(NOW), USES, Aggregate("days_since_last"), None),
        (ASKED, TICKETS, Aggregate("count", 9), 4),
        (ASKED, Source(("TicketOpened",), where={"severity": ("high",)}), Aggregate("count", 9), 1),
        (ASKED, TICKETS, Aggregate("open_load", load=LOAD, escalated=2), 8 * 2 + 2),
        (TALKED, INVOICES, Aggregate("open_load"), 1),
        (ASKED, TICKETS, Aggregate("oldest_open_days"), 9),
        (TALKED, INVOICES, Aggregate("oldest_open_days"), 14),
        (facts(NOW), TICKETS, Aggregate("oldest_open_days"), 0),
        (ASKED, TICKETS, Aggregate("hours_to_resolve", 60), 4),  # the median of 2, 4 and 10
        (ASKED, TICKETS, Aggregate("hours_to_resolve", 60, percentile=90), 10),
        (facts(NOW), TICKETS, Aggregate("hours_to_resolve", 60), None),
        (TALKED, CALLED_OFF, Aggregate("share", 60, among=("MeetingMissed", "MeetingHeld")), 1 / 4),
        (facts(NOW), CALLED_OFF, Aggregate("share", 60, among=("MeetingMissed", "MeetingHeld")), None),
        (TALKED, NPS, Aggregate("mean", 90), 3.5),
        (TALKED, NPS, Aggregate("latest", 90), 5),
        (TALKED, LATE, Aggregate("onboarding_overdue_days"), 73 - 14),
        (facts(NOW, onboarding=Onboarding(14, date(2026, 1, 1), date(2026, 3, 15))), LATE,
         Aggregate("onboarding_overdue_days"), None),
    ],
)  # fmt: skip
def test_number_is_the_one_worked_out_by_hand(
    known: Facts, source: Source, how: Aggregate, value: float | None
) -> None:
    found = aggregate.number(measure("it", source, how), known, NOW)
    assert (found.value if found else None) == value
