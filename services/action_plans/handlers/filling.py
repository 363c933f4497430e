"""Filling the draft from a playbook: commitments with owners and days, and what we expect ourselves.

What the customer expects is the customer's to say: a playbook's suggestions for it are shown, and never recorded.
"""

from dataclasses import replace
from datetime import date

from services.action_plans.domain import calendar, playbook
from services.action_plans.domain.case import Applied, Case, require_working
from services.action_plans.domain.expectation import Expectation
from services.action_plans.domain.playbook import DueCommitment, Filling, SuggestedExpectation
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import Commitment, Terms
from services.action_plans.handlers.desk import Desk, decided, rule
from services.action_plans.handlers.planning import draft_of, require_room, with_draft
from services.action_plans.handlers.talking import MOST_EXPECTATIONS
from services.action_plans.keeping import Decided
from services.action_plans.playbooks import templates
from services.action_plans.playbooks.shipped import shipped_playbooks
from services.action_plans.playbooks.templates import Comparison
from services.action_plans.store import customers
from shared.contracts.plans import commands, facts

MORNING = 10  # o'clock, for the reviews that a playbook suggests
EXECUTIVES = ("executive", "sponsor", "main")
MAIN = ("main", "executive", "sponsor", "user")


@rule(commands.ApplyPlaybook)
async def apply(case: Case, asked: commands.ApplyPlaybook, desk: Desk) -> Decided:
    """Fill the draft; what is in it already stays as it is."""
    require_working(case)
    found = next((one for one in shipped_playbooks() if one.name == asked.playbook), None)
    if found is None:
        names = ", ".join(one.name for one in shipped_playbooks())
        raise NotPossible("unknown", f"There is no playbook {asked.playbook}.", f"playbook is one of {names}")
    if asked.starts_on < case.today(desk.tx.now):
        raise NotPossible("in_the_past", "A plan cannot start on a day that has passed.", "today or later")

    def working_day(day: date) -> date:
        return calendar.working_day(day, case.time_zone)

    filling = playbook.apply(found, asked.starts_on, working_day)
    owners = await _owners(case, filling, desk)
    expected = _expectations(case, filling, desk, _compared(asked))
    filled = with_draft(case, _draft(case, found.purpose, filling, owners))
    mark = Applied(found.name, found.version, desk.by, desk.tx.now)
    filled = replace(filled, playbooks=(*case.playbooks, mark), expectations=(*case.expectations, *expected))
    return decided(filled, facts.PlaybookApplied, found.name)


def _draft(case: Case, purpose: str, filling: Filling, owners: dict[str, str]) -> Terms:
    new = tuple(
        _commitment(f"{filling.playbook}-{number}", one, owners) for number, one in enumerate(filling.commitments, 1)
    )
    if case.plan.draft is None and case.plan.proposed is None and case.plan.agreed is None:
        return Terms(
            purpose,
            filling.starts_on,
            max([filling.ends_on, *(one.due_on for one in new)]),
            filling.cadence,
            filling.first_review_on,
            MORNING,
            (),
            new,
        )
    known = draft_of(case)
    there = {one.commitment_id for one in (*known.commitments, *case.plan.retired)}
    more = tuple(one for one in new if one.commitment_id not in there)
    require_room(case, known, len(more))
    ends_on = max([known.ends_on, *(one.due_on for one in more)])
    return replace(known, commitments=(*known.commitments, *more), ends_on=ends_on)


def _commitment(commitment_id: str, one: DueCommitment, owners: dict[str, str]) -> Commitment:
    return Commitment(commitment_id, one.side, one.what, owners[one.owner], one.due_on, one.done_when)


async def _owners(case: Case, filling: Filling, desk: Desk) -> dict[str, str]:
    """Return who does what, by role: as far as it is known; else our CSM, and the customer's main contact."""
    csm = case.csm or desk.by
    ours = {
        "csm": csm,
        "manager": await customers.manager_of(desk.tx, csm) or csm,
        "executive_sponsor": (desk.customer.executive_sponsor if desk.customer else None) or csm,
    }
    return {
        one.owner: ours.get(one.owner, csm) if one.side == "us" else _contact(desk, one.owner)
        for one in filling.commitments
    }


def _contact(desk: Desk, role: str) -> str:
    contacts = desk.customer.contacts if desk.customer else ()
    for wanted in EXECUTIVES if role == "executive_contact" else MAIN:
        for one in contacts:
            if one.role == wanted:
                return one.contact_id
    raise NotPossible(
        "unknown_contact",
        "No contact of the customer is known, who could own a commitment.",
        "a contact is announced with the customer (customers.v1)",
    )


def _compared(asked: commands.ApplyPlaybook) -> Comparison | None:
    """Return what is usual beside how it is here; both sides read it, so nothing is left for somebody to fill in."""
    if asked.usual is None and asked.yours is None:
        return None
    if asked.usual is None or asked.yours is None:
        raise NotPossible("half_compared", "A comparison has two sides.", "usual and yours are given, or neither")
    return Comparison(asked.usual, asked.yours)


def _expectations(case: Case, filling: Filling, desk: Desk, compared: Comparison | None) -> tuple[Expectation, ...]:
    found: list[Expectation] = []
    ours: list[SuggestedExpectation] = [one for one in filling.expectations if one.side == "us"]
    known = {one.expectation_id for one in case.expectations}
    for number, one in enumerate(ours, 1):
        id_ = f"{filling.playbook}-expectation-{number}"
        if id_ not in known and len(case.expectations) + len(found) < MOST_EXPECTATIONS:
            norm = templates.norm(one.norm, compared) if one.norm and compared else None
            author, now = case.csm or desk.by, desk.tx.now
            found.append(Expectation(id_, "us", one.kind, one.text, author, now, norm=norm, target=one.target))
    return tuple(found)
