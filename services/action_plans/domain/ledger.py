"""The fairness ledger: what each side promised and did, counted from the record, ours as plainly as theirs."""

from dataclasses import dataclass
from datetime import datetime

from services.action_plans.domain.case import Case
from services.action_plans.domain.conversation import Conversation, Side
from services.action_plans.domain.progress import Progress, days_late, status
from services.action_plans.domain.review import Review
from services.action_plans.domain.terms import Commitment


@dataclass(frozen=True)
class SideLedger:
    """One side. met: done by its day; late: done after it, or still open after it; days_late: all of them together."""

    side: Side
    commitments: int
    met: int
    late: int
    missed: int
    waived: int
    open: int
    days_late: int
    undeliverable: int
    meetings_missed: int
    meetings_moved: int


@dataclass(frozen=True)
class Slippage:
    """A commitment whose day is another than in the baseline; days: by how many it was put off."""

    commitment_id: str
    side: Side
    days: int


@dataclass(frozen=True)
class Ledger:
    """Both sides, the same counts for each; ours first, since we keep the book."""

    us: SideLedger
    customer: SideLedger
    slippage: tuple[Slippage, ...]
    frame_slipped_days: int


def ledger(case: Case, now: datetime) -> Ledger:
    """Count the record as it is now; of a case that is over, as it was then."""
    if case.ending is not None:
        now = case.ending.at
    return Ledger(_side(case, "us", now), _side(case, "customer", now), _slippage(case), _frame_slipped(case))


def _side(case: Case, side: Side, now: datetime) -> SideLedger:
    today, known = case.today(now), case.progress_by_id
    counted = [
        (one, known.get(one.commitment_id, Progress(one.commitment_id)))
        for one in (*case.commitments, *_retired(case, known))
        if one.side == side
    ]
    found = [status(one, progress, today) for one, progress in counted]
    meetings: list[Conversation | Review] = [*case.conversations, *case.reviews]
    return SideLedger(
        side,
        len(counted),
        found.count("done"),
        found.count("late"),
        found.count("missed"),
        found.count("waived"),
        found.count("open"),
        sum(days_late(one, progress, today) for one, progress in counted),
        sum(1 for _, progress in counted if progress.undeliverable is not None),
        sum(1 for meeting in meetings if meeting.missed_by == side),
        sum(1 for meeting in meetings for move in meeting.moves if move.by == side),
    )


def _retired(case: Case, known: dict[str, Progress]) -> list[Commitment]:
    """What a later version dropped counts only where something had come of it: both sides agreed to drop the rest."""
    return [one for one in case.plan.retired if known.get(one.commitment_id, Progress("")).state != "open"]


def _slippage(case: Case) -> tuple[Slippage, ...]:
    if case.plan.baseline is None:
        return ()
    first = case.plan.baseline.due
    return tuple(
        Slippage(one.commitment_id, one.side, (one.due_on - first[one.commitment_id]).days)
        for one in case.commitments
        if one.commitment_id in first and one.due_on != first[one.commitment_id]
    )


def _frame_slipped(case: Case) -> int:
    if case.plan.baseline is None or case.plan.agreed is None:
        return 0
    return (case.plan.agreed.terms.ends_on - case.plan.baseline.ends_on).days
