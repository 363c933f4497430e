"""How commitments go, the reviews on cadence, and what is decided meanwhile."""

from datetime import date, datetime

from services.action_plans.domain import progress, review
from services.action_plans.domain.case import Case, Decision, find, put, require_new, require_open
from services.action_plans.domain.conversation import require_ahead
from services.action_plans.domain.progress import Progress
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.review import Result, Review
from services.action_plans.domain.terms import Commitment
from services.action_plans.handlers.desk import Desk, by_manager, decided, rule
from services.action_plans.keeping import Decided
from shared.contracts.plans import commands, facts

MOST_DECISIONS = 300


def _commitment(case: Case, commitment_id: str) -> tuple[Commitment, Progress]:
    """Return an agreed commitment and how it goes; what was not agreed yet has no progress."""
    commitment = find(case.commitments, "commitment", commitment_id)
    return commitment, case.progress_by_id.get(commitment_id, Progress(commitment_id))


def _with(case: Case, changed: Progress) -> Case:
    return case.next(progress=put(case.progress, "commitment", changed))


@rule(commands.CompleteCommitment)
async def complete(case: Case, asked: commands.CompleteCommitment, desk: Desk) -> Decided:
    """It was done."""
    require_open(case)
    _, known = _commitment(case, asked.commitment_id)
    done = progress.complete(known, asked.on, asked.evidence, desk.by, case.today(desk.tx.now))
    return decided(_with(case, done), facts.CommitmentDone, asked.commitment_id)


@rule(commands.WaiveCommitment)
async def waive(case: Case, asked: commands.WaiveCommitment, desk: Desk) -> Decided:
    """Both sides no longer want it."""
    require_open(case)
    _, known = _commitment(case, asked.commitment_id)
    if case.player(asked.agreed_with).side != "customer":
        raise NotPossible(
            "one_sided", "Only both sides together waive a commitment.", "a player of the customer agreed"
        )
    waived = progress.waive(known, asked.reason, asked.agreed_with, desk.by, case.today(desk.tx.now))
    return decided(_with(case, waived), facts.CommitmentWaived, asked.commitment_id)


@rule(commands.RecordMissedCommitment)
async def miss(case: Case, asked: commands.RecordMissedCommitment, desk: Desk) -> Decided:
    """It was not done, by either side."""
    require_open(case)
    commitment, known = _commitment(case, asked.commitment_id)
    missed = progress.miss(known, commitment.due_on, asked.cause, asked.evidence, desk.by, case.today(desk.tx.now))
    return decided(_with(case, missed), facts.CommitmentMissed, asked.commitment_id)


@rule(commands.RecordUndeliverable)
async def give_up(case: Case, asked: commands.RecordUndeliverable, desk: Desk) -> Decided:
    """We cannot keep a commitment of ours."""
    require_open(case)
    commitment, known = _commitment(case, asked.commitment_id)
    given_up = progress.give_up(known, commitment, asked.cause, desk.by, desk.tx.now)
    return decided(_with(case, given_up), facts.CommitmentUndeliverable, asked.commitment_id, step="recorded")


@rule(commands.AcknowledgeUndeliverable, by_manager)
async def acknowledge(case: Case, asked: commands.AcknowledgeUndeliverable, desk: Desk) -> Decided:
    """A manager takes note that we cannot keep it."""
    require_open(case)
    _, known = _commitment(case, asked.commitment_id)
    noted = progress.acknowledge(known, desk.by, desk.tx.now)
    return decided(_with(case, noted), facts.CommitmentUndeliverable, asked.commitment_id, step="acknowledged")


@rule(commands.RecordUndeliverableTold)
async def tell(case: Case, asked: commands.RecordUndeliverableTold, desk: Desk) -> Decided:
    """The customer was told that we cannot keep it."""
    require_open(case)
    _, known = _commitment(case, asked.commitment_id)
    told = progress.tell(known, asked.told_at, desk.tx.now)
    return decided(_with(case, told), facts.CommitmentUndeliverable, asked.commitment_id, step="told")


def _review(case: Case, review_id: str) -> Review:
    return find(case.reviews, "review", review_id)


def _with_review(case: Case, changed: Review) -> Case:
    return case.next(reviews=put(case.reviews, "review", changed))


@rule(commands.ScheduleReview)
async def schedule_review(case: Case, asked: commands.ScheduleReview, desk: Desk) -> Decided:
    """Plan a review beside those on cadence: also to go through a plan that the customer has not signed."""
    require_open(case)
    if not case.plan.versions:
        raise NotPossible("nothing_proposed", "There is no plan that could be reviewed.", "a plan was proposed")
    require_new(case.reviews, "review", asked.review_id, review.MOST_REVIEWS)
    require_ahead(asked.planned_for, desk.tx.now)
    planned = Review(asked.review_id, asked.planned_for, by_hand=True)
    return decided(_with_review(case, planned), facts.ReviewScheduled, asked.review_id)


@rule(commands.HoldReview)
async def hold_review(case: Case, asked: commands.HoldReview, desk: Desk) -> Decided:
    """It was held: the result of every commitment that was due is part of the record."""
    require_open(case)
    case.require_met(asked.held_at, asked.attendees, desk.tx.now)
    for result in asked.results:
        find((*case.commitments, *case.plan.retired), "commitment", result.commitment_id)
    held = review.hold(
        _review(case, asked.review_id),
        asked.held_at,
        attendees=asked.attendees,
        results=[Result(one.commitment_id, one.status, one.note) for one in asked.results],
        decided=asked.decided,
        asked=_due(case, asked.held_at),
    )
    return decided(_with_review(case, held), facts.ReviewHeld, asked.review_id)


def _due(case: Case, held_at: datetime) -> list[str]:
    """Return what a review has to say something of: due by its day, unless an earlier one has told how it ended."""
    day, known = case.today(held_at), case.progress_by_id
    told = {
        result.commitment_id
        for one in case.reviews
        for result in one.results
        if one.held_at is not None and _is_settled(known.get(result.commitment_id), case.today(one.held_at))
    }
    due = review.due_by(((one.commitment_id, one.due_on) for one in case.commitments), day)
    return [id_ for id_ in due if id_ not in told]


def _is_settled(known: Progress | None, day: date) -> bool:
    return known is not None and known.state != "open" and known.on is not None and known.on <= day


@rule(commands.MoveReview)
async def move_review(case: Case, asked: commands.MoveReview, desk: Desk) -> Decided:
    """Move it to another time."""
    require_open(case)
    moved = review.move(_review(case, asked.review_id), asked.to, asked.by, desk.tx.now)
    return decided(_with_review(case, moved), facts.ReviewMoved, asked.review_id)


@rule(commands.RecordMissedReview)
async def miss_review(case: Case, asked: commands.RecordMissedReview, desk: Desk) -> Decided:
    """A side did not come."""
    require_open(case)
    missed = review.miss(_review(case, asked.review_id), asked.by, desk.tx.now)
    return decided(_with_review(case, missed), facts.ReviewMissed, asked.review_id)


@rule(commands.RecordDecision)
async def record_decision(case: Case, asked: commands.RecordDecision, desk: Desk) -> Decided:
    """Something was decided."""
    require_open(case)
    if any(one.decision_id == asked.decision_id for one in case.decisions):
        raise NotPossible("id_taken", f"The case has a decision {asked.decision_id} already.", "the id is a new one")
    if len(case.decisions) >= MOST_DECISIONS:
        raise NotPossible("too_many", f"A case holds at most {MOST_DECISIONS} decisions.", "there are fewer")
    if asked.review_id is not None:
        _review(case, asked.review_id)
    made = Decision(asked.decision_id, asked.text, desk.by, desk.tx.now, asked.review_id)
    return decided(case.next(decisions=(*case.decisions, made)), facts.DecisionRecorded, asked.decision_id)
