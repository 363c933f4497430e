"""The joint plan: drafted, filled from a playbook, proposed, signed for our side, extended, left unanswered."""

from dataclasses import replace
from datetime import datetime

from services.action_plans.domain import plan as plans
from services.action_plans.domain import review
from services.action_plans.domain import terms as terms_of
from services.action_plans.domain.case import Case, find, put, require_new, require_working
from services.action_plans.domain.eligibility import before_proposing
from services.action_plans.domain.plan import Plan
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.terms import Commitment, Promise, Terms
from services.action_plans.handlers.desk import Desk, decided, rule
from services.action_plans.keeping import Decided, Told
from shared.contracts.plans import commands, facts


def draft_of(case: Case) -> Terms:
    """Return the draft; where there is none it begins with what waits, or was agreed last."""
    known = case.plan.draft
    for version in (case.plan.proposed, case.plan.agreed):
        known = known or (version.terms if version else None)
    if known is None:
        raise NotPossible("no_draft", "There is no draft of the plan yet.", "the plan's frame is drafted")
    return known


def with_draft(case: Case, draft: Terms) -> Case:
    """Return the case with another draft."""
    return case.next(plan=replace(case.plan, draft=draft))


def require_room(case: Case, drafted: Terms, more: int) -> None:
    """Raise NotPossible where the plan, or the case with all its versions, would hold too many commitments."""
    ever = {one.commitment_id for one in (*drafted.commitments, *case.commitments, *case.plan.retired)}
    if case.plan.proposed is not None:
        ever |= {one.commitment_id for one in case.plan.proposed.terms.commitments}
    if len(drafted.commitments) + more > terms_of.MOST_COMMITMENTS or len(ever) + more > terms_of.MOST_EVER:
        raise NotPossible(
            "too_many",
            f"A plan holds at most {terms_of.MOST_COMMITMENTS} commitments, and a case {terms_of.MOST_EVER} in all of "
            "its versions.",
            "there are fewer",
        )


@rule(commands.DraftPlan)
async def draft(case: Case, asked: commands.DraftPlan, desk: Desk) -> Decided:
    """Begin the draft, or change its frame."""
    del desk
    require_working(case)
    commitments: tuple[Commitment, ...] = ()
    if case.plan.draft or case.plan.proposed or case.plan.agreed:
        commitments = draft_of(case).commitments
    frame = Terms(
        asked.purpose,
        asked.starts_on,
        asked.ends_on,
        asked.cadence,
        asked.first_review_on,
        asked.review_hour,
        (),
        commitments,
    )
    return decided(with_draft(case, frame), facts.PlanDrafted)


async def _require_owner(side: str, owner: str, desk: Desk) -> None:
    if side == "us":
        await desk.require_of_ours(owner)
    else:
        desk.require_contact(owner)


@rule(commands.AddCommitment)
async def add_commitment(case: Case, asked: commands.AddCommitment, desk: Desk) -> Decided:
    """Add a commitment to the draft."""
    require_working(case)
    drafted = draft_of(case)
    known = {one.commitment_id: one for one in (*case.plan.retired, *case.commitments, *drafted.commitments)}
    require_new(known.values(), "commitment", asked.commitment_id, terms_of.MOST_EVER)
    require_room(case, drafted, 1)
    await _require_owner(asked.side, asked.owner, desk)
    new = Commitment(asked.commitment_id, asked.side, asked.what, asked.owner, asked.due_on, asked.done_when)
    changed = replace(drafted, commitments=(*drafted.commitments, new))
    return decided(with_draft(case, changed), facts.PlanDrafted, asked.commitment_id)


@rule(commands.EditCommitment)
async def edit_commitment(case: Case, asked: commands.EditCommitment, desk: Desk) -> Decided:
    """Change a commitment of the draft."""
    require_working(case)
    drafted = draft_of(case)
    known = find(drafted.commitments, "commitment", asked.commitment_id)
    if asked.owner is not None:
        await _require_owner(known.side, asked.owner, desk)
    given = {name: getattr(asked, name) for name in ("what", "owner", "due_on", "done_when")}
    changed = replace(known, **{name: value for name, value in given.items() if value is not None})
    if changed == known:
        raise NotPossible("no_change", "Nothing of it would be another.", "something differs")
    commitments = put(drafted.commitments, "commitment", changed)
    return decided(with_draft(case, replace(drafted, commitments=commitments)), facts.PlanDrafted, asked.commitment_id)


@rule(commands.RemoveCommitment)
async def remove_commitment(case: Case, asked: commands.RemoveCommitment, desk: Desk) -> Decided:
    """Take a commitment out of the draft. From an agreed plan it goes when both sides have signed that."""
    del desk
    require_working(case)
    drafted = draft_of(case)
    gone = find(drafted.commitments, "commitment", asked.commitment_id)
    rest = tuple(one for one in drafted.commitments if one is not gone)
    return decided(with_draft(case, replace(drafted, commitments=rest)), facts.PlanDrafted, asked.commitment_id)


@rule(commands.ProposePlan)
async def propose(case: Case, asked: commands.ProposePlan, desk: Desk) -> Decided:
    """Make the next numbered version of the draft."""
    del asked
    require_working(case)
    return _propose(case, draft_of(case), desk)


def _propose(case: Case, drafted: Terms, desk: Desk) -> Decided:
    if len(case.reviews) > review.MOST_REVIEWS:
        raise NotPossible(
            "too_many", f"A case with over {review.MOST_REVIEWS} reviews has no more versions.", "there are fewer"
        )
    promises = tuple(
        Promise(one.expectation_id, one.side, one.kind, one.text, one.norm, one.target, one.by_day)
        for one in case.expectations
        if one.retracted_at is None
    )
    terms = replace(drafted, promises=promises)
    agreed = case.plan.agreed.terms if case.plan.agreed else None
    terms_of.require_sound(terms, case.today(desk.tx.now), agreed, before_proposing(case))
    content = terms_of.content_hash(case.customer_id, case.case_id, terms)
    proposed = plans.propose(case.plan, terms, content, desk.by, desk.tx.now)
    return decided(case.next(plan=proposed), facts.PlanProposed, str(proposed.versions))


@rule(commands.SignPlan)
async def sign(case: Case, asked: commands.SignPlan, desk: Desk) -> Decided:
    """Accept the version for our side."""
    require_working(case)
    signed = plans.accept(case.plan, "us", desk.by, asked.content_hash, desk.tx.now)
    return accepted(case, signed, "us", desk.tx.now)


def accepted(case: Case, signed: Plan, side: str, now: datetime) -> Decided:
    """Return what follows when a side has signed: once both have, the plan is agreed and its reviews are made."""
    version = signed.proposed or signed.agreed
    if version is not None and version.terms.ends_on < case.today(now):
        raise NotPossible(
            "over", f"Version {version.number} ended on {version.terms.ends_on}.", "a version that ends later waits"
        )
    told = [Told(facts.PlanSigned, str(signed.versions), {"side": side})]
    changed = case.next(plan=signed)
    if signed.agreed is not None and signed.agreed is not case.plan.agreed:
        told.append(Told(facts.PlanAgreed, str(signed.agreed.number)))
        changed = replace(changed, reviews=_reviews(case, signed, now))
    return Decided(changed, tuple(told))


def _reviews(case: Case, signed: Plan, now: datetime) -> tuple[review.Review, ...]:
    """Return what was, and the reviews of the version just agreed.

    Those that were planned by hand, moved by somebody, or not recorded in time stay.
    """
    if signed.agreed is None:
        return case.reviews
    kept = tuple(
        one for one in case.reviews if one.state != "planned" or one.by_hand or one.moves or one.planned_for <= now
    )
    made = review.series(case.case_id, signed.agreed.number, signed.agreed.terms, case.time_zone, now)
    moved = {one.moves[0].planned_for for one in kept if one.moves}
    return (*kept, *(one for one in made if one.planned_for not in moved))


@rule(commands.ExtendPlan)
async def extend(case: Case, asked: commands.ExtendPlan, desk: Desk) -> Decided:
    """Propose the agreed plan with a later end."""
    require_working(case)
    if case.plan.agreed is None:
        raise NotPossible("not_agreed", "No plan is agreed that could be extended.", "both sides have signed a plan")
    if asked.ends_on <= case.plan.agreed.terms.ends_on:
        raise NotPossible(
            "not_later", f"The plan ends on {case.plan.agreed.terms.ends_on} already.", "the new end is later"
        )
    extended = _propose(case, replace(case.plan.agreed.terms, ends_on=asked.ends_on), desk)
    plan = replace(extended.case.plan, draft=case.plan.draft)  # what is being drafted is another matter
    return replace(extended, case=replace(extended.case, plan=plan))


@rule(commands.RecordUnansweredOffer)
async def record_unanswered_offer(case: Case, asked: commands.RecordUnansweredOffer, desk: Desk) -> Decided:
    """The waiting version was offered, and no answer came."""
    require_working(case)
    waiting, today = case.plan.proposed, case.today(desk.tx.now)
    proposed_on = case.today(waiting.proposed_at) if waiting else today
    left = plans.leave_unanswered(case.plan, asked.on, asked.how, desk.by, proposed_on=proposed_on, today=today)
    return decided(case.next(plan=left), facts.OfferUnanswered, f"offer-{asked.on.isoformat()}")
