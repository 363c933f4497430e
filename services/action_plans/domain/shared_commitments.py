"""Commitments as the customer sees them: how each goes, and what the version that waits would change about it."""

from datetime import date, datetime

from services.action_plans.domain.calendar_keys import calendar_key
from services.action_plans.domain.case import Case
from services.action_plans.domain.names import Names
from services.action_plans.domain.plan import Version
from services.action_plans.domain.progress import Progress, days_late, status
from services.action_plans.domain.shared_plan import Change, SharedCommitment
from services.action_plans.domain.terms import Commitment


def commitments_of(case: Case, version: Version, names: Names, now: datetime) -> dict[str, SharedCommitment]:
    """Return those of the version shown, and after them those in force that it would drop; by id, by their days."""
    in_force = {one.commitment_id: one for one in case.commitments}
    listed = {one.commitment_id: one for one in version.terms.commitments}
    dropped = [one for id_, one in in_force.items() if id_ not in listed]
    ordered = [*sorted(listed.values(), key=_by_day), *sorted(dropped, key=_by_day)]
    return {
        one.commitment_id: _commitment(case, one, number, _change(case, one, one.commitment_id in listed), names, now)
        for number, one in enumerate(ordered, 1)
    }


def _by_day(one: Commitment) -> date:
    return one.due_on


def _change(case: Case, one: Commitment, is_listed: bool) -> Change:
    if case.plan.agreed is None:
        return "none"
    known = next((other for other in case.commitments if other.commitment_id == one.commitment_id), None)
    if known is None:
        return "new"
    if not is_listed:
        return "dropped"
    return "none" if known == one else "changed"


def earlier_of(case: Case, listed: set[str], names: Names, now: datetime, *, start: int) -> dict[str, SharedCommitment]:
    """Return those that no later version has, and of which something had come; numbered from `start`."""
    known = case.progress_by_id
    kept = [
        one
        for one in case.plan.retired
        if one.commitment_id not in listed and known.get(one.commitment_id, Progress("")).state != "open"
    ]
    return {
        one.commitment_id: _commitment(case, one, number, "none", names, now)
        for number, one in enumerate(sorted(kept, key=_by_day), start)
    }


def _commitment(
    case: Case, one: Commitment, number: int, change: Change, names: Names, now: datetime
) -> SharedCommitment:
    """How it goes is judged by its day in the version in force: what waits to be agreed on moves nothing yet."""
    known = case.progress_by_id.get(one.commitment_id, Progress(one.commitment_id))
    owed = next((other for other in case.commitments if other.commitment_id == one.commitment_id), one)
    in_force = change != "new" and case.plan.agreed is not None
    first = case.plan.baseline.due.get(one.commitment_id) if case.plan.baseline is not None else None
    given_up = known.undeliverable if known.undeliverable and known.undeliverable.told_at else None
    today = case.today(now)
    return SharedCommitment(
        number=number,
        side=one.side,
        what=one.what,
        owner=names.person(one.side, one.owner),
        due_on=one.due_on,
        done_when=one.done_when,
        status=status(owed, known, today) if in_force else "open",
        days_late=days_late(owed, known, today) if in_force else 0,
        change=change,
        due_before=owed.due_on if owed.due_on != one.due_on else None,
        slippage=(one.due_on - first).days if first is not None else None,
        on=known.on,
        evidence=known.evidence,
        cause=known.cause,
        undeliverable=given_up.cause if given_up else None,
        told_at=given_up.told_at if given_up else None,
        key=calendar_key(case.case_id, "commitment", one.commitment_id),
    )
