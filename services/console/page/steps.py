"""The five steps of a case as a path: what is done, what is missing, what unlocks the next one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.console.page.writer import Writer
from shared.contracts.endings.transition import TransitionSnapshot
from shared.contracts.plans.case import CaseSnapshot

Standing = Literal["done", "now", "ahead", "not_needed"]
PREPARE, TELL = "Prepare a transition", "Communicate clearly"
PREPARED = frozenset({"proposed", "draft", "in_review"})
_OPEN = frozenset({"at_risk", "conversation", "plan", "reviewing", "failed"})


@dataclass(frozen=True)
class Step:
    """One step. did, missing: in words; standing: `now` is the first that is not done."""

    number: int
    title: str
    standing: Standing
    did: tuple[str, ...]
    missing: tuple[str, ...]


def path(case: CaseSnapshot, write: Writer, ending: TransitionSnapshot | None) -> list[Step]:
    """Return the steps as the case's snapshot has them. ending: of the case, which is under way."""
    found: list[Step] = []
    for number, (title, (did, missing)) in enumerate(
        {
            "Set expectations": _expectations(case, write),
            "Involve key players": _players(case),
            "Document actions and results": _plan(case, write),
        }.items(),
        start=1,
    ):
        first = not any(step.missing for step in found)
        standing: Standing = (
            "done" if not missing else "now" if first and ending is None and case.state in _OPEN else "ahead"
        )
        found.append(Step(number, title, standing, tuple(did), tuple(missing)))
    return [*found, *(_under_way(case, ending, write) if ending else _last_resort(case, write))]


def _needed(case: CaseSnapshot, name: str) -> list[str]:
    return [
        part
        for one in case.checklist.conditions
        if one.name == name and not one.met
        for part in one.needed.split("; ")
        if part
    ]


def _expectations(case: CaseSnapshot, write: Writer) -> tuple[list[str], list[str]]:
    did = [
        f"candid conversation on {write.day(one.held_at)}" + ", told that ending is possible" * one.told_ending_possible
        for one in case.conversations
        if one.held_at is not None
    ]
    standing = [one for one in case.expectations if one.retracted_at is None]
    if standing:
        ours = sum(1 for one in standing if one.side == "us")
        did.append(f"expectations recorded: {ours} of ours, {len(standing) - ours} of the customer's")
    return did, _needed(case, "candid_conversation")


def _players(case: CaseSnapshot) -> tuple[list[str], list[str]]:
    viewed = sum(1 for one in case.stakeholders if one.views)
    did, missing = [], []
    if case.stakeholders:
        named = "1 player" if len(case.stakeholders) == 1 else f"{len(case.stakeholders)} players"
        views = {0: "no view", 1: "the view of 1"}.get(viewed, f"the views of {viewed}")
        did.append(f"{named} named, {views} recorded")
    if not any(one.side == "customer" and one.role == "main" for one in case.stakeholders):
        missing.append("the customer's main contact is named")
    executive = next((one for one in case.checklist.conditions if one.name.startswith("executive")), None)
    if executive is not None and executive.met:
        did.append(executive.says.rstrip("."))
    else:
        missing.append("an executive of the customer takes part, or a manager allows an exception in writing")
    if case.stakeholders and not viewed:
        missing.append("each player's own view is recorded")
    return did, missing


def _plan(case: CaseSnapshot, write: Writer) -> tuple[list[str], list[str]]:
    plan = case.plan
    held = sum(1 for one in case.reviews if one.state == "held")
    did = []
    if plan.agreed is not None:
        did.append(f"version {plan.agreed.number} agreed by both sides on {write.day(plan.agreed.agreed_at)}")
    if held:
        did.append("1 review held" if held == 1 else f"{held} reviews held")
    if plan.proposed is not None:
        did.append(f"version {plan.proposed.number} proposed on {write.day(plan.proposed.proposed_at)}")
        return did, list(_unsigned(case))
    if plan.agreed is not None:
        return did, [] if held else ["a review is held"]
    if plan.draft is None:
        return did, ["a plan is drafted: apply a playbook, or begin with its frame"]
    return [*did, "a plan is drafted"], ["the plan is proposed"]


def _unsigned(case: CaseSnapshot) -> Iterator[str]:
    waiting = case.plan.proposed
    if waiting is None:
        return
    if waiting.refusal is not None:
        yield "another version is proposed: the customer refused this one"
        return
    signed = {one.side for one in waiting.acceptances}
    if "us" not in signed:
        yield "our side signs it"
    if "customer" not in signed:
        yield "the customer signs it on its page"


def _under_way(case: CaseSnapshot, ending: TransitionSnapshot, write: Writer) -> tuple[Step, Step]:
    """Return how far an ending is that is prepared or carried out, whether the plan failed or was overridden."""
    did = [f"declared failed on {write.day(case.failure.at)}"] if case.failure else []
    did.append(f"a transition was proposed on {write.day(ending.proposed_at)}")
    if ending.announced is None and (ending.approval is None or ending.state in PREPARED):
        missing = "affected teams have reviewed the transition, and an executive has approved it"
        return Step(4, PREPARE, "now", tuple(did), (missing,)), Step(5, TELL, "ahead", (), ())
    did += [f"an executive approved it on {write.day(ending.approval.at)}"] if ending.approval else []
    held = ending.talk.held_at if ending.talk else None
    told = [f"told in a talk on {write.day(held)}"] if held else []
    ahead = [] if held else ["the customer hears it in a talk"]
    told += [f"announced on {write.day(ending.announced.at)}"] if ending.announced else []
    ahead.append("every milestone is reached" if ending.announced else "it is announced")
    return Step(4, PREPARE, "done", tuple(did), ()), Step(5, TELL, "now", tuple(told), tuple(ahead))


def _last_resort(case: CaseSnapshot, write: Writer) -> tuple[Step, Step]:
    over = case.state == "ended"
    if case.failure is None and not over:
        return Step(4, PREPARE, "not_needed", (), ()), Step(5, TELL, "not_needed", (), ())
    unmet = () if over else tuple(one.needed for one in case.checklist.conditions if not one.met)
    did = (f"declared failed on {write.day(case.failure.at)}",) if case.failure else ()
    ahead = () if over else ("affected teams have reviewed the transition, and an executive has approved it",)
    return (
        Step(4, PREPARE, "done" if over else "now", did, unmet),
        Step(5, TELL, "done" if over else "ahead", (), ahead),
    )
