"""Rules as a file: the shipped ones cover every fact, and what is wrong with one is said by line and field."""

import pytest

from services.notifications.domain.rule import filled
from services.notifications.handlers import CONSUMES
from services.notifications.rules import facts
from services.notifications.rules.reading import load, shipped_rules, text_of
from shared.contracts.topics import Kind
from shared.yaml_files.problems import WrongFile

MUST = {  # what the facts are that ask somebody for something
    "RiskDetected", "RiskUpdated", "RiskCleared", "HealthBandChanged", "ConversationDue", "ExecutiveMissing",
    "PlanProposed", "PlanSigned", "PlanRefused", "CommitmentDue", "CommitmentLate", "ReviewDue", "ReviewOverdue",
    "EligibilityChanged", "ReviewRequested", "ChangeRequested", "ObjectionRaised", "TeamReviewDue", "TeamReviewLate",
    "TransitionApproved", "TalkDue", "TransitionAnnounced", "TransitionWithdrawn", "MilestoneDue", "MilestoneLate",
    "TransitionCompleted", "ConditionOverridden", "RecordsParked", "FeedStopped", "CaseOpened",
    "ApprovalRequested",
}  # fmt: skip


def test_every_fact_that_is_heard_of_has_a_rule_or_asks_nobody_for_anything() -> None:
    heard = {kind for topic in CONSUMES if topic.kind is Kind.DOMAIN for kind in topic.by_type}
    assert heard == set(facts.kinds())
    assert heard == shipped_rules().covered


def test_every_fact_that_asks_somebody_for_something_has_a_rule() -> None:
    assert {one.on for one in shipped_rules().rules} >= MUST


RULE = """\
name: ours
version: 1
rules:
  - name: one
    on: CaseOpened
    to: [{who: csm}]
    template: case_opened
    urgency: high
    headline: "{customer} needs you"
    next_step: Talk.
"""


@pytest.mark.parametrize(
    ("wrong", "right", "said"),
    [
        ("on: CaseOpenend", "on: CaseOpened", "line 5, rules/0/on: must be a type of fact that is heard of"),
        ("urgency: loud", "urgency: high", "line 8, rules/0/urgency: must be low, normal, high or critical"),
        ("{who: boss}", "{who: csm}", "line 6, rules/0/to/0/who: must be csm, csm_manager"),
        ("{who: team}", "{who: csm}", "line 6, rules/0/to/0/who: team needs named_in"),
        ("{who: csm, named_in: by}", "{who: csm}", "line 6, rules/0/to/0/who: csm takes no named_in"),
        ("{who: person, named_in: case.boss}", "{who: csm}", "named_in: leads nowhere: CaseOpened has no boss there"),
        ("{who: person, named_in: 'case..csm'}", "{who: csm}", "is no path into a fact at ''"),
        ('"{nothing} needs"', '"{customer} needs you"', "line 9, rules/0/headline: asks for {nothing}"),
        ('"{customer:loud} needs"', '"{customer} needs you"', "headline: asks for customer as loud: it can be said as"),
        ("next_step: ''", "next_step: Talk.", "line 10, rules/0/next_step: must be a text of 1 to 200"),
        ("next_step: Talk.\nsilent: [CaseOpened]", "next_step: Talk.", "line 11, silent/0: has a rule as well"),
        ("next_step: Talk.\nsilent: [Rain]", "next_step: Talk.", "line 11, silent/0: must be a type of fact"),
        (
            "next_step: Talk.\n    acknowledge: {hours: 1, then: [{who: csm}], done_by: [{on: [Rain], same: [rain]}]}",
            "next_step: Talk.",
            "line 11, rules/0/acknowledge/done_by/0/on/0: must be a type of fact",
        ),
        (
            "next_step: Talk.\nover_with: [{on: [CaseEnded], same: [case.rain]}]",
            "next_step: Talk.",
            "line 11, over_with/0/same/0: leads nowhere: CaseEnded has no rain there",
        ),
        ("next_step: Talk.\n    mood: bad", "next_step: Talk.", "line 11, rules/0/mood: is not a field here"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_field(wrong: str, right: str, said: str) -> None:
    assert right in RULE
    with pytest.raises(WrongFile) as refused:
        load(RULE.replace(right, wrong), "ours.yaml")
    assert said in str(refused.value)


def test_whatever_asks_for_a_hand_says_by_what_it_is_done() -> None:
    asking = [one for one in shipped_rules().rules if one.acknowledge is not None]
    assert asking
    assert [one.name for one in asking if one.acknowledge and not one.acknowledge.done_by] == []


@pytest.mark.parametrize("rule", ["transition_approved", "talk_due"])
@pytest.mark.parametrize("by", ["PartWritten", "PlanSubmitted", "EligibilityLost"])
def test_approval_that_is_void_or_stopped_is_asked_about_no_more(rule: str, by: str) -> None:
    rules = shipped_rules()
    asking = rules.named(rule)
    assert asking is not None
    done_by = rules.done_with(asking, {"transition_id": "t", "about": "legal"})
    assert any(f"{by} {one.mark({'transition_id': 't'})}" in done_by for one in rules.does(by))
    assert not any(f"{by} {one.mark({'transition_id': 'other'})}" in done_by for one in rules.does(by))


def test_new_reasons_of_a_risk_are_told_and_the_same_ones_in_another_order_are_not() -> None:
    rule = shipped_rules().named("risk_updated")
    assert rule is not None

    def once(*codes: str) -> str:
        return rule.once({"episode_id": "e", "severity": "risk", "reasons": [{"code": one} for one in codes]})

    assert len({once("usage"), once("usage", "sponsor_left"), once("usage", "sponsor_left", "unpaid")}) == 3
    assert once("usage", "sponsor_left") == once("sponsor_left", "usage", "usage")


def test_rule_is_told_under_its_conditions_alone() -> None:
    late = {one.name: one for one in shipped_rules().of("CommitmentLate")}
    ours, theirs = ({"type": "CommitmentLate", "side": side} for side in ("us", "customer"))
    assert (late["commitment_late"].holds(ours), late["commitment_late"].holds(theirs)) == (True, False)
    assert (late["customer_commitment_late"].holds(ours), late["customer_commitment_late"].holds(theirs)) == (
        False,
        True,
    )


def test_rule_tells_what_is_deep_inside_a_fact_and_nothing_of_its_envelope() -> None:
    (rule,) = [one for one in shipped_rules().of("CommitmentDue") if one.name == "commitment_due"]
    commitments = [
        {"commitment_id": "a", "what": "no"},
        {"commitment_id": "b", "what": "Train", "due_on": "2026-03-01"},
    ]
    fact = {"type": "CommitmentDue", "about": "b", "side": "us", "owner": "ana", "event_id": "e", "seq": 3,
            "case": {"plan": {"agreed": {"terms": {"commitments": commitments}}}}}  # fmt: skip
    assert rule.told(fact) == {"about": "b", "side": "us", "owner": "ana", "what": "Train", "due_on": "2026-03-01"}
    said = filled(rule.headline, {**rule.told(fact), "customer": "Acme"}, lambda _, value, __: f"<{value}>")
    assert said == "What we promised <Acme> is due on <2026-03-01>: <Train>"


def test_team_hears_who_was_named_to_answer_for_it_and_what_they_say() -> None:
    def told(fact: dict[str, object]) -> set[tuple[str, str | None]]:
        rules = [one for one in shipped_rules().of(str(fact["type"])) if one.holds(fact)]
        return {(to.who, to.named_in) for one in rules for to in one.to}

    team = ("team", "about")
    assert team in told({"type": "StandInNamed"})
    for kind in ("TeamApproved", "ChangeRequested", "ObjectionRaised"):
        assert team in told({"type": kind, "stands_in": True})
        assert team not in told({"type": kind})


def test_headline_fills_names_in_and_runs_nothing() -> None:
    assert filled("{a} {b.__class__} {c}", {"a": "{c}", "b": 1}, lambda _, value, __: str(value)) == "{c} {b.__class__}"


def test_shipped_file_reads_as_it_is_written() -> None:
    assert load(text_of("default"), "default.yaml") == shipped_rules()
