"""The written story leads where expectation.yaml says, by the pure rules, whenever the demo begins."""

from datetime import datetime, timedelta

import pytest

from amicable.demo import expectation
from amicable.demo.customers import CUSTOMER
from amicable.demo.people import PERSON
from amicable.demo.scripts import CAST
from tests.demo.conftest import ANCHORS, Told, tell_everything
from tests.demo.rules import Patient, admit

WAY = {
    "nordlicht-energie": ["yellow", "red"],
    "kitahama-seimitsu": ["red", "yellow", "green"],
    "harborview-clinics": ["green", "yellow", "red"],
    "brennan-coyle": ["green"],
    "talleres-penarroya": ["red"],
    "ateliers-vauban": ["unknown"],
    "silverfern": ["unknown", "green"],
    "polderzicht": ["yellow"],
    "sunridge-solar": ["yellow"],
    "vinhos-do-vale": ["yellow", "green"],
    "roesterei-blumental": ["green", "yellow"],
}
RED_IN_THE_PAST = {"kitahama-seimitsu", "talleres-penarroya"}


def lived(told: Told, *, hours: int, event_by_event: bool) -> dict[str, Patient]:
    """Hear the story as the services do: scored every so many hours of the clock, after each day's events or each."""
    patients = admit(told.history, told.anchor)
    now = told.anchor
    for patient in patients.values():
        patient.examine(now)
    for day in told.days:
        while now < day.moment:
            now += timedelta(hours=hours)
            for patient in patients.values():
                patient.examine(now)
        for event in day.events:
            patients[event.key].take(event)
            if event_by_event and event.key in CAST:
                patients[event.key].examine(now)
        for patient in patients.values():
            patient.examine(now)
    return patients


def test_the_story_ends_as_expected(told: Told) -> None:
    expected = expectation.load()
    patients = lived(told, hours=24, event_by_event=True)
    bands = {name: patient.bands[-1] for name, patient in patients.items()}
    assert bands == {name: expected.band(name) for name in CUSTOMER}
    cases = {name: patient.case for name, patient in patients.items() if patient.case}
    assert cases == {name: case.reasons for name, case in expected.cases.items()}


@pytest.mark.parametrize("event_by_event", [True, False])
@pytest.mark.parametrize(("anchor", "hours"), [(ANCHORS[2], 3), (ANCHORS[5], 6)], ids=str)
def test_bands_change_as_the_scripts_say_however_often_customers_are_scored(
    anchor: datetime, hours: int, event_by_event: bool
) -> None:
    patients = lived(tell_everything(anchor), hours=hours, event_by_event=event_by_event)
    bands = {name: patient.bands for name, patient in patients.items()}
    assert bands == {name: WAY.get(name, ["green"]) for name in CUSTOMER}


def test_at_the_anchor_only_those_are_red_whose_decline_is_past(told: Told) -> None:
    patients = admit(told.history, told.anchor)
    bands = {name: patient.examine(told.anchor).band for name, patient in patients.items()}
    assert {name for name, band in bands.items() if band == "red"} == RED_IN_THE_PAST
    assert bands == {name: WAY.get(name, ["green"])[0] for name in CUSTOMER}


def test_every_expected_case_is_mailed_to_the_customer_s_own_csm() -> None:
    for name, case in expectation.load().cases.items():
        assert CUSTOMER[name].csm == case.csm
        assert "csm" in PERSON[case.csm].roles
