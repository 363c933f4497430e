"""The written story leads where expectation.yaml says, by the pure rules, whenever the demo begins."""

from datetime import datetime, timedelta

import pytest

from amicable.demo import expectation
from amicable.demo.customers import CUSTOMER
from amicable.demo.people import PERSON
from amicable.demo.scripts import CAST
from services.health_scoring.domain.course import DAYS_KEPT
from tests.demo.conftest import ANCHORS, Told, tell_everything
from tests.demo.rules import Clinic

WAY = {
    "nordlicht-energie": ["yellow", "red"],
    "kitahama-seimitsu": ["red"],
    "table-bay-plumbing": ["green", "red"],
    "harborview-clinics": ["green", "yellow", "red"],
    "brennan-coyle": ["green", "yellow"],
    "talleres-penarroya": ["red"],
    "ateliers-vauban": ["unknown"],
    "silverfern": ["unknown"],
    "polderzicht": ["yellow"],
    "sunridge-solar": ["yellow"],
    "vinhos-do-vale": ["yellow"],
    "roesterei-blumental": ["green", "yellow"],
}


def lived(told: Told, *, hours: int) -> Clinic:
    """Hear the story as the services do: a day's events, and then judged every so many hours of the clock."""
    clinic = Clinic(told.history)
    now = told.anchor
    clinic.examine(now)
    for day in told.days:
        for event in day.events:
            clinic.take(event)
        while now < day.moment:
            now = min(now + timedelta(hours=hours), day.moment)
            clinic.examine(now, *CAST)
        clinic.examine(now)
    return clinic


def test_the_story_ends_as_expected(told: Told) -> None:
    expected = expectation.load()
    patients = lived(told, hours=24).patients
    bands = {name: patient.bands[-1] for name, patient in patients.items()}
    assert bands == {name: expected.band(name) for name in CUSTOMER}
    cases = {name: patient.case for name, patient in patients.items() if patient.case}
    assert cases.keys() == expected.cases.keys()
    for name, case in expected.cases.items():
        assert case.reasons <= (cases[name] or set()), name
    assert {name for name, patient in patients.items() if patient.found} == expected.found.keys()
    for name, wanted in expected.found.items():
        at, codes = patients[name].found or (told.anchor, ())
        register = patients[name].register
        assert register is not None
        assert register.renews_on is not None
        earliest, latest = max(wanted.before_renewal), min(wanted.before_renewal)
        assert latest <= (register.renews_on - at.date()).days <= earliest, name
        assert wanted.reason in {None, *codes[:1]}, name


def test_somebody_is_found_while_there_is_time_to_talk_and_somebody_by_the_clock() -> None:
    found = expectation.load().found
    assert any(min(one.before_renewal) >= 40 and max(one.before_renewal) <= 120 for one in found.values())
    assert [one.reason for one in found.values() if one.by == "clock"] == ["silence"]


def test_the_silent_customer_is_found_for_its_silence_on_a_day_without_any_event_of_it(told: Told) -> None:
    (silent,) = (name for name, one in expectation.load().found.items() if one.by == "clock")
    clinic = Clinic(told.history)
    patient = clinic.patients[silent]
    clinic.examine(told.anchor, silent)
    for day in told.days:
        for event in day.events:
            clinic.take(event)
        clinic.examine(day.moment, silent)
        if patient.found:
            break
    assert patient.found
    assert patient.found[1][0] == "silence"
    assert not [event for event in day.events if event.key == silent]


@pytest.mark.parametrize(("anchor", "hours"), [(ANCHORS[2], 3), (ANCHORS[5], 6)], ids=str)
def test_bands_change_as_the_scripts_say_however_often_customers_are_judged(anchor: datetime, hours: int) -> None:
    bands = {name: patient.bands for name, patient in lived(tell_everything(anchor), hours=hours).patients.items()}
    assert bands == {name: WAY.get(name, ["green"]) for name in CUSTOMER}


def test_no_feed_seems_dead_in_the_story_or_in_the_months_that_it_is_judged_by(told: Told) -> None:
    gaps = Clinic(told.events).feeds(told.days[-1].moment).gaps
    assert not [gap for gap in gaps if gap.end is None or gap.end > told.anchor - timedelta(days=DAYS_KEPT)]


def test_every_expected_case_is_mailed_to_the_customer_s_own_csm() -> None:
    for name, case in expectation.load().cases.items():
        assert CUSTOMER[name].csm == case.csm
        assert "csm" in PERSON[case.csm].roles
