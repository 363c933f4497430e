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

    is_announced: it is of what was announced, so that whoever does it need not know why. form, item: by which form of
    its page it is done, and for which thing there; empty where no form does it by itself.
    """

    whose: Whose
    says: str
    since: datetime
    due_at: datetime | None = None
    person_id: str | None = None
    team: str | None = None
    is_announced: bool = False
    form: str = ""
    item: str = ""


def needs_of_case(case: CaseSnapshot, at: datetime) -> list[Need]:
    """Return what an open case needs. at: of its last change."""
    return list(_of_case(case, at)) if case.state in OPEN else []


def _of_case(case: CaseSnapshot, at: datetime) -> Iterator[Need]:
    if case.exception is not None and case.exception.allowed_by is None:
        asked = case.exception.asked_at
        says = "Decide about going on without an executive"
        yield Need("manager", says, asked, person_id=case.csm, form="approve_exception")
    for one in case.progress:
        undeliverable = one.undeliverable
        if undeliverable is not None and undeliverable.acknowledged_by is None:
            yield Need(
                "manager", "Acknowledge what we cannot deliver", undeliverable.at, person_id=case.csm,
                form="acknowledge_undeliverable", item=one.commitment_id,
            )  # fmt: skip
    if case.state == "failed":
        failed = case.failure.at if case.failure else at
        says = "Decide how it goes on: prepare a transition, if everything was tried"
        yield Need("csm", says, failed, None, case.csm, form="propose_transition")
        return
    yield from _talking(case)
    yield from _planning(case, at)
    yield from _reviewing(case)


def _talking(case: CaseSnapshot) -> Iterator[Need]:
    held = [one.held_at for one in case.conversations if one.held_at is not None]
    planned = [one for one in case.conversations if one.state == "planned"]
    opened = case.opened_at
    if planned:
        first_planned = min(planned, key=lambda one: one.planned_for)
        yield Need(
            "csm", "Hold the candid conversation, and record it", opened, first_planned.planned_for, case.csm,
            form="record_conversation", item=first_planned.conversation_id,
        )  # fmt: skip
    elif not held:
        says = "Arrange a candid conversation"
        yield Need("csm", says, opened, opened + ARRANGE, case.csm, form="schedule_conversation")
    if not held:
        return
    first = min(held)
    sides = {one.side for one in case.expectations if one.retracted_at is None}
    if sides != {"us", "customer"}:
        whose = "both sides expect" if not sides else "we expect" if "customer" in sides else "the customer expects"
        yield Need(
            "csm", f"Record what {whose}", first, first + timedelta(days=1), case.csm, form="add_expectation"
        )  # fmt: skip
    executives = _executives(case)
    if case.exception is None and not _took_part(case, executives):
        bring = "schedule_conversation" if executives else "add_stakeholder"
        yield Need("csm", "Bring in an executive of the customer", first, first + INVOLVE, case.csm, form=bring)


def _executives(case: CaseSnapshot) -> set[str]:
    return {
        one.stakeholder_id
        for one in case.stakeholders
        if one.side == "customer" and one.role in {"executive", "sponsor"}
    }


def _took_part(case: CaseSnapshot, executives: set[str]) -> bool:
    return any(executives & {*one.attendees} for one in case.conversations if one.held_at is not None)


def _planning(case: CaseSnapshot, at: datetime) -> Iterator[Need]:
    held = [one.held_at for one in case.conversations if one.held_at is not None]
    proposed = case.plan.proposed
    if proposed is not None:
        if proposed.refusal is not None:
            refused = proposed.refusal.at
            yield Need("csm", "Answer the refusal with another version", refused, None, case.csm, form="draft_plan")
            return
        sides = {one.side for one in proposed.acceptances}
        if "us" not in sides:
            says = f"Sign version {proposed.number} for our side"
            yield Need("csm", says, proposed.proposed_at, None, case.csm, form="sign_plan")
        if "customer" not in sides:
            says = f"Have the customer sign version {proposed.number}: the link is how they do it"
            due = proposed.proposed_at + ANSWER
            yield Need("csm", says, proposed.proposed_at, due, case.csm, form="share_plan")
    elif case.plan.agreed is None and held:
        if case.plan.draft is None:
            yield Need("csm", "Draft a joint plan", max(held), None, case.csm, form="apply_playbook")
        else:
            yield Need("csm", "Propose the plan to the customer", at, None, case.csm, form="propose_plan")


def _reviewing(case: CaseSnapshot) -> Iterator[Need]:
    """Yield what an agreed plan asks for, by its day."""
    return iter(sorted(_of_the_plan(case), key=lambda need: need.due_at or need.since))


def _of_the_plan(case: CaseSnapshot) -> Iterator[Need]:
    agreed = case.plan.agreed
    if agreed is None:
        return
    planned: list[Review] = [one for one in case.reviews if one.state == "planned"]
    if planned:
        first = min(planned, key=lambda one: one.planned_for)
        yield Need(
            "csm", "Hold the review, and record every result", agreed.agreed_at, first.planned_for, case.csm,
            form="hold_review", item=first.review_id,
        )  # fmt: skip
    done = {one.commitment_id for one in case.progress if one.state != "open"}
    ours: list[Commitment] = [
        one for one in agreed.terms.commitments if one.side == "us" and one.commitment_id not in done
    ]
    for one in sorted(ours, key=lambda one: one.due_on)[:3]:
        due = _end_of(one.due_on, case.time_zone)
        yield Need(
            "csm", f"Ours to do: {one.what}", agreed.agreed_at, due, case.csm,
            form="complete_commitment", item=one.commitment_id,
        )  # fmt: skip
    ends = _end_of(agreed.terms.ends_on, case.time_zone)
    says = "Decide whether the plan has saved the customer"
    yield Need("csm", says, agreed.agreed_at, ends, case.csm, form="declare_saved")


def needs_of_transition(one: TransitionSnapshot, at: datetime) -> list[Need]:
    """Return what a transition needs that is not over. at: of its last change."""
    if one.state == "ended" and one.post_mortem is None:
        says = "Record what was learned from the ending"
        return [Need("csm", says, one.over_at or at, None, one.csm, form="post_mortem")]
    return list(_of_transition(one, at)) if one.state in WORKED_ON else []


def _of_transition(one: TransitionSnapshot, at: datetime) -> Iterator[Need]:
    for why in one.stopped:
        yield Need("csm", f"The transition is stopped until {why}", at, None, one.csm)
    if one.state in {"draft", "in_review"} and one.talk is not None and one.talk.held_at is None:
        says = "Put off the talk, since the plan is not approved any more; or record it, if it was held"
        yield Need("csm", says, at, one.talk.planned_for, one.csm, form="record_talk")
    if one.state == "draft" or (one.state == "in_review" and one.written_on):
        missing = [part for part in PARTS if getattr(one.parts, part) is None]
        says = f"Write the transition plan: {', '.join(missing)}" if missing else "Put the plan to the teams"
        form = f"write_{missing[0]}" if missing else "submit_plan"
        yield Need("csm", says, one.opened_at or at, None, one.csm, form=form)
    if one.state in {"in_review", "approved"} and one.submitted is not None:
        yield from _of_review(one)
    if one.state == "approved":
        yield _of_talk(one, at)
    if one.announced is not None and one.notice is None:
        told = one.announced.at
        says = "Record that the customer received the notice"
        yield Need("csm", says, told, told + NOTICE, one.csm, form="record_notice")
    if one.announced is not None and one.parts.timeline is not None:
        reached = {done.milestone_id for done in one.reached}
        for milestone in one.parts.timeline.milestones:
            if milestone.milestone_id not in reached:
                due = _end_of(milestone.due_on, one.time_zone)
                told = one.announced.at
                yield Need(
                    "team", milestone.what, told, due, team=milestone.team, is_announced=True,
                    form="reach_milestone", item=f"{milestone.team}:{milestone.milestone_id}",
                )  # fmt: skip


def _of_review(one: TransitionSnapshot) -> Iterator[Need]:
    for review in one.reviews:
        due = _end_of(review.due_on, one.time_zone)
        if review.standing == "waiting":
            says = f"Review the transition for {review.team}"
            yield Need("team", says, review.since, due, team=review.team, form="give_review", item=review.team)
        elif review.standing == "change_requested":
            yield Need("csm", f"Change the plan: {review.team} asks for it. {review.why}", review.since, None, one.csm)
        elif review.standing == "objected":
            yield Need("csm", f"Answer the objection of {review.team}. {review.why}", review.since, None, one.csm)
    if (
        one.state == "in_review"
        and one.reviews
        and all(review.standing in {"approved", "overruled"} for review in one.reviews)
    ):
        since = max(review.since for review in one.reviews)
        yield Need("executive", "Approve the transition, last of all", since, form="approve_plan")


def _of_talk(one: TransitionSnapshot, at: datetime) -> Need:
    approved = one.approval.at if one.approval else at
    if one.talk is None:
        return Need("csm", "Arrange the talk", approved, approved + ARRANGE, one.csm, form="arrange_talk")
    if one.talk.held_at is None:
        says = "Hold the talk, in person or by phone, and record it"
        return Need("csm", says, approved, one.talk.planned_for, one.csm, form="record_talk")
    return Need("csm", "Announce the ending", one.talk.held_at, None, one.csm, form="announce")


def _end_of(day: date, time_zone: str) -> datetime:
    """Return when a day is over, there."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone)).astimezone(UTC)
