"""The five steps as a path: what was done at each, and what is missing. The last two are the last resort."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.action_plans.domain.case import Case
from services.action_plans.domain.eligibility import Condition, checklist, has_executive, held

Standing = Literal["done", "now", "ahead", "not_needed"]


@dataclass(frozen=True)
class Step:
    """One step. did, missing: in words; standing: `now` is the first one that is not done."""

    number: int
    title: str
    standing: Standing
    did: tuple[str, ...]
    missing: tuple[str, ...]


def path(case: Case, now: datetime) -> tuple[Step, ...]:
    """Return the steps as they stand at a moment."""
    conditions = {one.name: one for one in checklist(case, now)}
    found: list[Step] = []
    is_worked_at = case.is_open and case.announced_at is None
    for number, (title, did, missing) in enumerate(
        (
            ("Set expectations", *_expectations(case, conditions["candid_conversation"])),
            ("Involve key players", *_players(case)),
            ("Document actions and results", *_plan(case)),
        ),
        start=1,
    ):
        first = not any(step.missing for step in found)
        standing: Standing = "done" if not missing else "now" if first and is_worked_at else "ahead"
        found.append(Step(number, title, standing, tuple(did), tuple(missing)))
    return (*found, *_last_resort(case, tuple(conditions.values())))


def _expectations(case: Case, condition: Condition) -> tuple[Sequence[str], Sequence[str]]:
    talks = held(case)
    standing = [one for one in case.expectations if one.retracted_at is None]
    did = [
        f"candid conversation on {one.held_at:%-d %B %Y}"
        + (", told that ending is possible" * one.told_ending_possible)
        for one in talks
        if one.held_at is not None
    ]
    ours, theirs = (sum(1 for one in standing if one.side == side) for side in ("us", "customer"))
    if standing:
        did.append(f"expectations recorded: {ours} of ours, {theirs} of the customer's")
    return did, condition.needed.split("; ") if condition.needed else ()


def _players(case: Case) -> tuple[Sequence[str], Sequence[str]]:
    theirs = [one for one in case.stakeholders if one.side == "customer"]
    viewed = sum(1 for one in case.stakeholders if one.views)
    did, missing = [], []
    if case.stakeholders:
        named = "1 player" if len(case.stakeholders) == 1 else f"{len(case.stakeholders)} players"
        views = {0: "no view", 1: "the view of 1"}.get(viewed, f"the views of {viewed}")
        did.append(f"{named} named, {views} recorded")
    if not any(one.role == "main" for one in theirs):
        missing.append("the customer's main contact is named")
    if has_executive(case):
        allowed = case.exception is not None and case.exception.allowed_at is not None
        did.append("a manager allowed going on without an executive" if allowed else "an executive took part")
    else:
        missing.append("an executive of the customer takes part, or a manager allows an exception in writing")
    if case.stakeholders and not viewed:
        missing.append("each player's own view is recorded")
    return did, missing


def _plan(case: Case) -> tuple[Sequence[str], Sequence[str]]:
    plan = case.plan
    did: list[str] = []
    if plan.agreed is not None and plan.agreed.agreed_at is not None:
        did.append(f"version {plan.agreed.number} agreed by both sides on {plan.agreed.agreed_at:%-d %B %Y}")
    reviews = sum(1 for one in case.reviews if one.state == "held")
    if reviews:
        did.append(f"{reviews} review{'s' * (reviews != 1)} held")
    if plan.proposed is not None:
        return [*did, f"version {plan.proposed.number} proposed on {plan.proposed.proposed_at:%-d %B %Y}"], _unsigned(
            case
        )
    if plan.agreed is not None:
        return did, () if reviews else ("a review is held",)
    if plan.draft is None:
        return did, ("a plan is drafted: apply a playbook, or begin with its frame",)
    return [*did, "a plan is drafted"], ("the plan is proposed",)


def _unsigned(case: Case) -> list[str]:
    waiting = case.plan.proposed
    if waiting is None:
        return []
    if waiting.refusal is not None:
        return ["another version is proposed: the customer refused this one"]
    signed = {one.side for one in waiting.acceptances}
    names = {"us": "our side signs it", "customer": "the customer signs it on its page"}
    return [says for side, says in names.items() if side not in signed]


def _last_resort(case: Case, conditions: Iterable[Condition]) -> tuple[Step, Step]:
    told = case.state == "ended"
    if case.announced_at is not None and case.is_open:
        announced = f"announced on {case.announced_at:%-d %B %Y}, by an executive's override"
        return (
            Step(4, "Prepare a transition", "done", ("approved by an executive",), ()),
            Step(5, "Communicate clearly", "now", (announced,), ("every milestone of the ending is reached",)),
        )
    if case.failure is None and not told:
        return (
            Step(4, "Prepare a transition", "not_needed", (), ()),
            Step(5, "Communicate clearly", "not_needed", (), ()),
        )
    unmet = () if told else tuple(one.needed for one in conditions if not one.met)
    standing: Standing = "done" if told else "now"
    did = (f"declared failed on {case.failure.at:%-d %B %Y}",) if case.failure else ()
    ahead = () if told else ("affected teams have reviewed the transition, and an executive has approved it",)
    return (
        Step(4, "Prepare a transition", standing, did, unmet),
        Step(5, "Communicate clearly", "done" if told else "ahead", (), ahead),
    )
