"""Forms beside what the owning services say: the same rights, the same situations, every field of a command."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from services.action_plans.app import create_app as _action_plans
from services.action_plans.domain.eligibility import checklist
from services.action_plans.handlers import desk as plans
from services.action_plans.handlers import documents as plan_documents
from services.action_plans.playbooks.shipped import shipped_playbooks
from services.console.page.acting.catalogue import (
    OF_ALTERNATIVES,
    OF_CASE,
    OF_CUSTOMER,
    OF_NOTICES,
    OF_PERSON,
    OF_TRANSITION,
)
from services.console.page.acting.field import Field, Option, Wrong
from services.console.page.acting.form import Form
from services.console.page.acting.situations import SITUATIONS
from services.console.page.words import CONDITION
from services.transition_review.app import create_app as _transition_review
from services.transition_review.handlers import desk as endings
from services.transition_review.handlers import documents as ending_documents
from shared.contracts import health_commands
from shared.contracts.endings.commands import COMMANDS as ENDING_COMMANDS
from shared.contracts.notification_commands import PersonsCommand
from tests.services.action_plans.examples import ELIGIBLE, NOW

WIRED = (_action_plans, _transition_review)  # importing them registers their rules
RIGHT = {
    "by_owner": "owner",
    "by_manager": "manager",
    "by_senior": "senior",
    "by_executive": "executive",
    "by_team": "team",
    "by_team_or_who_leads_it": "team_or_lead",
    "require_reader": "reader",
}
DOCUMENTS = {
    one.request.__annotations__["command"]: (one.request, one.require_reader)
    for one in (plan_documents, ending_documents)
}
RULES: Mapping[type, tuple[Any, Any]] = {**plans.RULES, **endings.RULES, **DOCUMENTS}
FORMS = {**OF_CASE, **OF_TRANSITION}
EVERY = {**FORMS, **{f"customer {name}": one for name, one in OF_CUSTOMER.items()}, **OF_PERSON}
EVERY |= {**OF_NOTICES, **OF_ALTERNATIVES}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_is_for_those_whom_the_owning_service_lets(form: Form) -> None:
    begins = {"propose_transition": "owner", "propose_in_emergency": "executive"}  # there is no rule about one yet
    if form.name in begins:
        assert form.right == begins[form.name]
        return
    assert form.right == RIGHT[RULES[form.command][1].__name__]


def test_what_is_said_of_health_is_for_owners_and_what_concerns_oneself_for_oneself() -> None:
    """As health_scoring (`require_customers_own`) and notifications (`_require_own`) let them."""
    health = {name: one.right for name, one in OF_CUSTOMER.items() if one.command in health_commands.__dict__.values()}
    assert health == dict.fromkeys(("override_health", "clear_override", "rescore"), "owner")
    own = [one for one in EVERY.values() if issubclass(one.command, PersonsCommand)]
    assert {one.right for one in own} == {"oneself"}
    assert {one.command for one in own} == set(PersonsCommand.__subclasses__())


def test_every_command_about_a_transition_has_its_form() -> None:
    left = {*ENDING_COMMANDS} - {one.command for one in EVERY.values()}
    assert {one.__name__ for one in left} == set()


def test_catalogue_is_for_seniors_and_what_is_taken_in_hand_for_whoever_was_asked() -> None:
    """As transition_review (`require_senior`) and notifications (`was_told`) let them."""
    assert {one.right for one in OF_ALTERNATIVES.values()} == {"senior"}
    assert {one.right for one in OF_NOTICES.values()} == {"oneself"}


@pytest.mark.parametrize("form", EVERY.values(), ids=EVERY)
def test_what_the_form_gives_is_part_of_its_command(form: Form) -> None:
    known = form.command.model_fields
    assert {name for name in (form.item, form.new) if name} <= known.keys()
    assert not form.edits or "expected_revision" in known


def test_situations_are_those_of_the_playbooks() -> None:
    assert {one.name: one.title for one in shipped_playbooks()} == SITUATIONS


def test_every_condition_of_the_last_resort_has_words() -> None:
    assert {one.name for one in checklist(ELIGIBLE, NOW)} == {*CONDITION}


def test_a_time_is_of_the_place_where_it_was_typed() -> None:
    field = Field("at", "When", "moment")
    assert field.read({"at": ["2026-03-28T10:00"]}, "Europe/Berlin") == "2026-03-28T10:00:00+01:00"
    assert field.read({"at": ["2026-03-30T10:00"]}, "Europe/Berlin") == "2026-03-30T10:00:00+02:00"


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        (Field("x", "X"), "  ", "fill this in"),
        (Field("x", "X", "day"), "31.12.", "such as 2026-03-31"),
        (Field("x", "X", "whole", whole=(1, 5)), "6", "from 1 to 5"),
        (Field("x", "X", "choice", options=(Option("a", "A"),)), "b", "no longer be chosen"),
        (Field("x", "X", "many", options=(Option("a", "A"),)), "b", "no longer be chosen"),
        (Field("x", "X", "many", options=(Option("a", "A"),)), "", "at least one"),
    ],
)
def test_what_cannot_be_taken_is_said_in_a_sentence(field: Field, typed: str, why: str) -> None:
    with pytest.raises(Wrong, match=re.escape(why)):
        field.read({"x": [typed]}, "UTC")
