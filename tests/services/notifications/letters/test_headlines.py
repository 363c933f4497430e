"""Headlines and next steps of the shipped rules, as they stand in a digest: said as people say them."""

import re
from dataclasses import replace
from typing import Any

import pytest

from services.notifications.domain.message import Item, Message
from services.notifications.domain.rule import Rule
from services.notifications.letters import saying
from services.notifications.letters.phrasing import MOST_OF_A_LIST
from services.notifications.rules.reading import shipped_rules
from services.notifications.writing import ANYWHERE, Writer
from tests.contracts.examples import BY_TYPE
from tests.services.notifications.letters.letters_of import ANA, AROUND, about_something

RULES = shipped_rules()


def item(rule: Rule, **more: Any) -> Item:
    content = about_something(BY_TYPE[rule.on])
    return Item(
        notice_id="n", rule=rule.name, template=rule.template, urgency=rule.urgency, customer_id="northwind-foods",
        customer="Northwind Foods", fact_id="f", fact_type=rule.on, correlation_id="c",
        happened_at=BY_TYPE[rule.on].content["occurred_at"], names=AROUND["names"],
        says={**saying.says(content), **rule.told(content), **more},
    )  # fmt: skip


def said(one: Item) -> str:
    message = Message(
        message_id="m", channel="mail", kind="digest", urgency="high", recipient=ANA, address=None, to_contact=False,
        active=True, made_at=BY_TYPE["CaseOpened"].content["occurred_at"],
        began_at=BY_TYPE["CaseOpened"].content["occurred_at"], attempt=1, expires_at=None, items=(one, one),
    )  # fmt: skip
    told = Writer(RULES, domains=ANYWHERE)._said(one, message)
    return f"{told['headline']} / {told['next_step']}"


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda one: one.name)
def test_headline_of_each_rule_has_no_iso_date_and_no_id(rule: Rule) -> None:
    text = said(item(rule))
    assert not re.search(r"\d{4}-\d{2}-\d{2}|T\d{2}:\d{2}|[a-z]_[a-z]", text), text
    assert not re.search(r"amara-okafor|lena-brandt|pia-lang|northwind-foods", text), text
    assert not re.search(r"[{}]|None|: *(/|$)|[.] *[,;]", text), text


def named(name: str) -> Rule:
    return next(one for one in RULES.rules if one.name == name)


def test_days_moments_people_and_teams_are_said_as_people_say_them() -> None:
    due = said(item(named("commitment_due"), due_on="2026-06-30", what="Two trainings"))
    assert due.startswith("What we promised Northwind Foods is due on Tuesday, 30 June 2026: Two trainings")
    until = said(item(named("stand_in_named"), about="customer_success", until="2026-03-02T14:05:11Z"))
    assert "you answer for Customer success until Monday, 2 March 2026, 15:05 /" in until
    still = said(item(named("transition_stalled"), about="amara-okafor", what="announces it"))
    assert "stands still: Amara Okafor announces it" in still
    assert "stands still: Legal objects" in said(item(named("transition_stalled"), about="legal", what="objects"))


def test_of_a_long_list_the_first_few_are_said() -> None:
    reasons = [f"Reason {number}." for number in range(9)]
    text = said(item(named("risk_detected"), reasons=reasons))
    assert f"signs of risk: Reason 0; Reason 1; Reason 2; and {9 - MOST_OF_A_LIST} more" in text


def test_name_of_a_customer_is_said_as_it_is() -> None:
    one = replace(item(named("case_opened")), customer="amara-okafor")
    assert said(one).startswith("A case was opened for amara-okafor")
