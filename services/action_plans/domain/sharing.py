"""How the shared plan is made from a case: every field is named, one by one.

What a case learns to hold tomorrow stays inside until somebody names it here too.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from services.action_plans.domain.calendar_keys import review_key
from services.action_plans.domain.case import Case
from services.action_plans.domain.conversation import Move
from services.action_plans.domain.ledger import SideLedger, ledger
from services.action_plans.domain.names import Names
from services.action_plans.domain.plan import Version
from services.action_plans.domain.review import Review
from services.action_plans.domain.shared_changes import changes
from services.action_plans.domain.shared_commitments import commitments_of, earlier_of
from services.action_plans.domain.shared_plan import (
    Counts,
    No,
    SharedComment,
    SharedCommitment,
    SharedMove,
    SharedPlan,
    SharedPromise,
    SharedResult,
    SharedReview,
    Signature,
    Standing,
)
from services.action_plans.domain.terms import Promise, Terms


def shown(case: Case) -> Version | None:
    """Return the version that the customer is shown, None before one was proposed."""
    proposed, agreed = case.plan.proposed, case.plan.agreed
    if proposed is not None and (proposed.refusal is None or agreed is None):
        return proposed
    return agreed


def is_answerable(case: Case) -> bool:
    """Tell whether the customer can still answer to a version: it waits, and the case is being worked on."""
    waiting = case.plan.proposed
    return (
        waiting is not None
        and waiting.refusal is None
        and case.is_open
        and case.failure is None
        and case.announced_at is None
        and not any(one.side == "customer" for one in waiting.acceptances)
    )


def shared(case: Case, names: Names, now: datetime, *, former: Terms | None = None) -> SharedPlan | None:
    """Return what the customer may see, None before any version was proposed.

    former: the terms of the version before the one shown, against which changes are told.
    """
    version = shown(case)
    if version is None:
        return None
    terms, agreed, proposed = version.terms, case.plan.agreed, case.plan.proposed
    in_force = agreed.terms if agreed is not None else None
    commitments = commitments_of(case, version, names, now)
    earlier = earlier_of(case, set(commitments), names, now, start=len(commitments) + 1)
    counted = ledger(case, now)
    return SharedPlan(
        us=names.us,
        customer=names.customer,
        partner=names.person("us", case.csm or ""),
        time_zone=case.time_zone,
        as_of=now,
        today=case.today(now),
        version=version.number,
        content_hash=version.content_hash,
        standing=_standing(version),
        in_force=agreed.number if agreed is not None else None,
        answerable=is_answerable(case),
        proposed_at=version.proposed_at,
        agreed_at=version.agreed_at,
        purpose=terms.purpose,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        ends_before=in_force.ends_on if in_force and in_force.ends_on != terms.ends_on else None,
        frame_slipped_days=counted.frame_slipped_days,
        cadence=terms.cadence,
        first_review_on=terms.first_review_on,
        review_hour=terms.review_hour,
        promises=tuple(_promise(one) for one in terms.promises),
        commitments=tuple(commitments.values()),
        earlier=tuple(earlier.values()),
        reviews=_reviews(case, {**earlier, **commitments}, names),
        changes=changes(former, terms, names.person) if former is not None else (),
        signatures=tuple(
            Signature(one.side, names.person(one.side, one.person_id), one.at) for one in version.acceptances
        ),
        refusal=_refusal(proposed, names),
        comments=tuple(
            SharedComment(names.person("customer", one.contact_id), one.text, one.at, one.proposes)
            for one in case.comments
        ),
        counts=(_counts(case, counted.us, names), _counts(case, counted.customer, names)),
    )


def _standing(version: Version) -> Standing:
    if version.refusal is not None:
        return "refused"
    return "agreed" if version.agreed_at is not None else "waiting"


def _promise(one: Promise) -> SharedPromise:
    return SharedPromise(one.side, one.kind, one.text, one.norm, one.target, one.by_day)


def _reviews(case: Case, commitments: Mapping[str, SharedCommitment], names: Names) -> tuple[SharedReview, ...]:
    players = {one.stakeholder_id: (one.side, one.person_id) for one in case.stakeholders}
    return tuple(
        SharedReview(
            planned_for=one.planned_for,
            state=one.state,
            moves=_moves(one.moves),
            held_at=one.held_at,
            attendees=tuple(names.person(*players[id_]) for id_ in one.attendees if id_ in players),
            results=_results(case, one, commitments),
            decided=(*one.decided, *_decided_in(case, one)),
            missed_by=one.missed_by,
            key=review_key(case.case_id, one),
        )
        for one in sorted(case.reviews, key=lambda one: one.held_at or one.planned_for)
    )


def _moves(moves: Iterable[Move]) -> tuple[SharedMove, ...]:
    return tuple(SharedMove(one.by, one.planned_for) for one in moves)


def _results(case: Case, review: Review, commitments: Mapping[str, SharedCommitment]) -> tuple[SharedResult, ...]:
    retired = {one.commitment_id: one.what for one in case.plan.retired}
    found = []
    for one in review.results:
        listed = commitments.get(one.commitment_id)
        what = listed.what if listed else retired.get(one.commitment_id, "")
        if what:
            found.append(SharedResult(listed.number if listed else None, what, one.status, one.note))
    return tuple(found)


def _decided_in(case: Case, review: Review) -> tuple[str, ...]:
    """What was decided in a review that was held; other decisions are ours alone."""
    if review.state != "held":
        return ()
    return tuple(one.text for one in case.decisions if one.review_id == review.review_id)


def _refusal(proposed: Version | None, names: Names) -> No | None:
    if proposed is None or proposed.refusal is None:
        return None
    said = proposed.refusal
    return No(proposed.number, names.person("customer", said.person_id), said.at, said.why)


def _counts(case: Case, one: SideLedger, names: Names) -> Counts:
    """What the customer was not told yet (that we cannot deliver something) is not counted yet."""
    told = [known.commitment_id for known in case.progress if known.undeliverable and known.undeliverable.told_at]
    return Counts(
        side=one.side,
        name=names.of(one.side),
        commitments=one.commitments,
        met=one.met,
        late=one.late,
        missed=one.missed,
        waived=one.waived,
        open=one.open,
        days_late=one.days_late,
        undeliverable=len(told) if one.side == "us" else 0,
        meetings_missed=one.meetings_missed,
        meetings_moved=one.meetings_moved,
    )
