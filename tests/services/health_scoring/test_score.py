"""The score: explained exactly, unknown where too little is known, never healthy by ignorance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.health_scoring.domain.score import assess
from services.health_scoring.domain.signals import Departure, Meeting, Signals, Survey, Ticket

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
TODAY = NOW.date()

well = Signals(
    announced=True,
    usage={"logins": {TODAY - timedelta(days=ago): 10.0 for ago in range(1, 99)}},
    last_used_at=NOW - timedelta(hours=2),
    meetings=(Meeting(NOW - timedelta(days=9), "held"),),
    surveys=(Survey(NOW - timedelta(days=9), "nps", 9),),
)


@given(
    used=st.one_of(st.none(), st.floats(0, 50)),
    tickets=st.lists(st.sampled_from(["low", "normal", "high", "urgent"]), max_size=6),
    nps=st.one_of(st.none(), st.floats(0, 10)),
    held=st.integers(0, 5),
    missed=st.integers(0, 5),
    silent=st.integers(0, 40),
)
def test_contributions_sum_exactly_to_the_score(
    used: float | None, tickets: list[str], nps: float | None, held: int, missed: int, silent: int
) -> None:
    recent = {TODAY - timedelta(days=ago): used or 0.0 for ago in range(1, 15)}
    signals = Signals(
        announced=True,
        usage={"m": {**{TODAY - timedelta(days=ago): 10.0 for ago in range(15, 99)}, **recent}} if used else {},
        last_used_at=NOW - timedelta(days=silent),
        tickets=tuple(Ticket(severity, NOW) for severity in tickets),
        meetings=(Meeting(NOW, "held"),) * held + (Meeting(NOW, "missed_by_customer"),) * missed,
        surveys=(Survey(NOW, "nps", nps),) if nps is not None else (),
    )
    health = assess(signals, NOW)
    assert health.hundredths == sum(part.hundredths for part in health.contributions)
    assert health.hundredths is not None
    assert 0 <= health.hundredths <= 100_00
    exact = sum(part.value * part.weight for part in health.contributions) / sum(p.weight for p in health.contributions)
    assert abs(health.hundredths / 100 - exact) < 0.02


def test_healthy_customer_is_green_without_reasons() -> None:
    health = assess(well, NOW)
    assert (health.band, health.reasons, health.rule) == ("green", (), False)


def test_too_little_knowledge_is_unknown_and_never_healthy() -> None:
    health = assess(Signals(announced=True), NOW)
    assert health.confidence < 0.6
    assert health.band == "unknown"


def test_time_alone_takes_a_silent_customer_out_of_green() -> None:
    assert assess(well, NOW + timedelta(days=2)).band == "green"
    assert assess(well, NOW + timedelta(days=45)).band == "yellow"


def test_sponsor_leaving_is_a_risk_whatever_the_score() -> None:
    health = assess(replace(well, departures=(Departure(NOW - timedelta(days=1), "executive"),)), NOW)
    assert health.band == "green"
    assert health.rule
    assert health.reasons[0].code == "sponsor_left"


def test_a_user_leaving_is_no_risk() -> None:
    assert not assess(replace(well, departures=(Departure(NOW, "user"), Departure(NOW, None))), NOW).rule


def test_yellow_customer_always_has_a_reason() -> None:
    signals = replace(
        well,
        surveys=(Survey(NOW, "nps", 5),),
        last_used_at=NOW - timedelta(days=11),
        tickets=(Ticket("high", NOW), Ticket("normal", NOW)),
        meetings=(Meeting(NOW, "held"),) * 3 + (Meeting(NOW, "missed_by_customer"),),
        overdue=(TODAY - timedelta(days=29),),
    )
    health = assess(signals, NOW)
    assert health.band == "yellow"
    assert health.reasons
