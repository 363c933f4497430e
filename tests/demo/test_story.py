"""The written story leads where expectation.yaml says, by the pure rules, whenever the demo begins."""

from datetime import datetime, timedelta

import pytest

from amicable.demo import expectation
from amicable.demo.customers import CUSTOMER
from amicable.demo.people import PERSON
from amicable.demo.scripts import CAST
from tests.demo.conftest import ANCHORS, Told, tell_everything
from tests.demo.rules import Clinic

WAY = {
    "nordlicht-energie": ["yellow", "red"],
    "kitahama-seimitsu": ["red"],
    "table-bay-plumbing": ["green", "yellow", "red"],
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
            now += timedelta(hours=hours)
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


@pytest.mark.parametrize(("anchor", "hours"), [(ANCHORS[2], 3), (ANCHORS[5], 6)], ids=str)
def test_bands_change_as_the_scripts_say_however_often_customers_are_judged(anchor: datetime, hours: int) -> None:
    bands = {name: patient.bands for name, patient in lived(tell_everything(anchor), hours=hours).patients.items()}
    assert bands == {name: WAY.get(name, ["green"]) for name in CUSTOMER}


def test_no_feed_of_the_company_ever_seems_dead(told: Told) -> None:
    clinic = lived(told, hours=24)
    for day in told.days:
        assert not [gap for gap in clinic.feeds(day.moment).gaps if gap.holds(day.moment)]


def test_every_expected_case_is_mailed_to_the_customer_s_own_csm() -> None:
    for name, case in expectation.load().cases.items():
        assert CUSTOMER[name].csm == case.csm
        assert "csm" in PERSON[case.csm].roles
