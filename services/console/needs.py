"""What a case or a transition asks of whom now: the next step first. Whether it is late, whoever reads decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shared.contracts.endings.transition import TransitionSnapshot
from shared.contracts.plans.case import CaseSnapshot, Commitment, Review

Whose = Literal["csm", "manager", "person", "team", "executive"]
ARRANGE = timedelta(days=7)  # as action_plans raises it: a week after the risk
INVOLVE = timedelta(days=7)  # a week after the first conversation
ANSWER = timedelta(days=7)
NOTICE = timedelta(days=3)
OPEN = frozenset({"at_risk", "conversation", "plan", "reviewing", "failed"})
WORKED_ON = frozenset({"proposed", "draft", "in_review", "approved", "announced", "ending"})
PARTS = ("timeline", "contracts", "refunds", "support")  # what a plan must have


@dataclass(frozen=True)
class Need:
    """Something to do. person_id: the CSM (also of a manager's need), or the person; due_at: None: no day is set.

    is_announced: it is of what was announced, so that whoever does it need not know why.
    """

    whose: Whose
    says: str
    since: datetime
    due_at: datetime | None = None
    person_id: str | None = None
    team: str | None = None
    is_announced: bool = False


def needs_of_case(case: CaseSnapshot, at: datetime) -> list[Need]:
    """Return what an open case needs. at: of its last change."""
    return list(_of_case(case, at)) if case.state in OPEN else []


def _of_case(case: CaseSnapshot, at: datetime) -> Iterator[Need]:
    if case.exception is not None and case.exception.allowed_by is None:
        yield Need("manager", "Decide about going on without an executive", case.exception.asked_at, person_id=case.csm)
    for one in case.progress:
        undeliverable = one.undeliverable
        if undeliverable is not None and undeliverable.acknowledged_by is None:
            yield Need("manager", "Acknowledge what we cannot deliver", undeliverable.at, person_id=case.csm)
    if case.state == "failed":
        failed = case.failure.at if case.failure else at
        yield Need(
            "csm", "Decide how it goes on: prepare a transition, if everything was tried", failed, None, case.csm
        )
        return
    yield from _talking(case)
    yield from _planning(case, at)
    yield from _reviewing(case)


def _talking(case: CaseSnapshot) -> Iterator[Need]:
    held = [one.held_at for one in case.conversations if one.held_at is not None]
    planned = [one.planned_for for one in case.conversations if one.state == "planned"]
    if planned:
        yield Need("csm", "Hold the candid conversation, and record it", case.opened_at, min(planned), case.csm)
    elif not held:
        yield Need("csm", "Arrange a candid conversation", case.opened_at, case.opened_at + ARRANGE, case.csm)
    if not held:
        return
    first = min(held)
    sides = {one.side for one in case.expectations if one.retracted_at is None}
    if sides != {"us", "customer"}:
        whose = "both sides expect" if not sides else "we expect" if "customer" in sides else "the customer expects"
        yield Need("csm", f"Record what {whose}", first, first + timedelta(days=1), case.csm)
    if case.exception is None and not _executive_took_part(case):
        yield Need("csm", "Bring in an executive of the customer", first, first + INVOLVE, case.csm)


def _executive_took_part(case: CaseSnapshot) -> bool:
    executives = {
        one.stakeholder_id
        for one in case.stakeholders
        if one.side == "customer" and one.role in {"executive", "sponsor"}
    }
    return any(executives & {*one.attendees} for one in case.conversations if one.held_at is not None)


def _planning(case: CaseSnapshot, at: datetime) -> Iterator[Need]:
    held = [one.held_at for one in case.conversations if one.held_at is not None]
    proposed = case.plan.proposed
    if proposed is not None:
        if proposed.refusal is not None:
            yield Need("csm", "Answer the refusal with another version", proposed.refusal.at, None, case.csm)
            return
        sides = {one.side for one in proposed.acceptances}
        if "us" not in sides:
            yield Need("csm", f"Sign version {proposed.number} for our side", proposed.proposed_at, None, case.csm)
        if "customer" not in sides:
            due = proposed.proposed_at + ANSWER
            yield Need(
                "csm",
                f"Ask after version {proposed.number}: the customer has not signed",
                proposed.proposed_at,
                due,
                case.csm,
            )
    elif case.plan.agreed is None and held:
        says = "Propose the plan to the customer" if case.plan.draft else "Draft a joint plan"
        yield Need("csm", says, max(held) if case.plan.draft is None else at, None, case.csm)


def _reviewing(case: CaseSnapshot) -> Iterator[Need]:
    agreed = case.plan.agreed
    if agreed is None:
        return
    planned: list[Review] = [one for one in case.reviews if one.state == "planned"]
    if planned:
        first = min(planned, key=lambda one: one.planned_for)
        yield Need("csm", "Hold the review, and record every result", agreed.agreed_at, first.planned_for, case.csm)
    done = {one.commitment_id for one in case.progress if one.state != "open"}
    ours: list[Commitment] = [
        one for one in agreed.terms.commitments if one.side == "us" and one.commitment_id not in done
    ]
    for one in sorted(ours, key=lambda one: one.due_on)[:3]:
        yield Need("csm", f"Ours to do: {one.what}", agreed.agreed_at, _end_of(one.due_on, case.time_zone), case.csm)
    ends = _end_of(agreed.terms.ends_on, case.time_zone)
    yield Need("csm", "Decide whether the plan has saved the customer", agreed.agreed_at, ends, case.csm)


def needs_of_transition(one: TransitionSnapshot, at: datetime) -> list[Need]:
    """Return what a transition needs that is not over. at: of its last change."""
    if one.state == "ended" and one.post_mortem is None:
        return [Need("csm", "Record what was learned from the ending", one.over_at or at, None, one.csm)]
    return list(_of_transition(one, at)) if one.state in WORKED_ON else []


def _of_transition(one: TransitionSnapshot, at: datetime) -> Iterator[Need]:
    for why in one.stopped:
        yield Need("csm", f"The transition is stopped until {why}", at, None, one.csm)
    if one.state == "draft" or (one.state == "in_review" and one.written_on):
        missing = [part for part in PARTS if getattr(one.parts, part) is None]
        says = f"Write the transition plan: {', '.join(missing)}" if missing else "Put the plan to the teams"
        yield Need("csm", says, one.opened_at or at, None, one.csm)
    if one.state == "in_review" and one.submitted is not None:
        yield from _of_review(one)
    if one.state == "approved":
        yield _of_talk(one, at)
    if one.announced is not None and one.notice is None:
        told = one.announced.at
        yield Need("csm", "Record that the customer received the notice", told, told + NOTICE, one.csm)
    if one.announced is not None and one.parts.timeline is not None:
        reached = {done.milestone_id for done in one.reached}
        for milestone in one.parts.timeline.milestones:
            if milestone.milestone_id not in reached:
                due = _end_of(milestone.due_on, one.time_zone)
                told = one.announced.at
                yield Need("team", milestone.what, told, due, team=milestone.team, is_announced=True)


def _of_review(one: TransitionSnapshot) -> Iterator[Need]:
    for review in one.reviews:
        due = _end_of(review.due_on, one.time_zone)
        if review.standing == "waiting":
            yield Need("team", f"Review the transition for {review.team}", review.since, due, team=review.team)
        elif review.standing == "change_requested":
            yield Need("csm", f"Change the plan: {review.team} asks for it. {review.why}", review.since, None, one.csm)
        elif review.standing == "objected":
            yield Need("csm", f"Answer the objection of {review.team}. {review.why}", review.since, None, one.csm)
    if one.reviews and all(review.standing in {"approved", "overruled"} for review in one.reviews):
        yield Need("executive", "Approve the transition, last of all", max(review.since for review in one.reviews))


def _of_talk(one: TransitionSnapshot, at: datetime) -> Need:
    approved = one.approval.at if one.approval else at
    if one.talk is None:
        return Need("csm", "Arrange the talk", approved, approved + ARRANGE, one.csm)
    if one.talk.held_at is None:
        return Need(
            "csm", "Hold the talk, in person or by phone, and record it", approved, one.talk.planned_for, one.csm
        )
    return Need("csm", "Announce the ending", one.talk.held_at, None, one.csm)


def _end_of(day: date, time_zone: str) -> datetime:
    """Return when a day is over, there."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone)).astimezone(UTC)
