"""Who is waited for, since when: what a transition needs next, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.transition_review.domain import ending
from services.transition_review.domain.deadlines import deadline
from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.transition import Transition

SATISFIED = frozenset({"approved", "overruled"})
_SAYS = {"waiting": "has not answered", "change_requested": "asks for changes", "objected": "objects"}


Step = Literal["eligibility", "plan", "review", "settling", "approval", "talk", "announcement", "notice", "milestone"]
STALLS: frozenset[Step] = frozenset({"plan", "settling", "approval", "announcement"})  # no other reminder is made of


@dataclass(frozen=True)
class Waited:
    """who: a team, `executive`, `customer`, `action_plans`, or the CSM's id. due_on: by when, where there is a day.

    step: for what; `settling` is what follows a team's wish for changes or objection.
    """

    step: Step
    who: str
    what: str
    since: datetime
    due_on: date | None = None


def waited_for(transition: Transition, reviews: Sequence[TeamReview]) -> tuple[Waited, ...]:
    """Return everybody who is waited for now; nobody where the transition is over, or only the clock is."""
    if not transition.is_open:
        return ()
    if transition.asked is not None:
        return (
            Waited("eligibility", "action_plans", "answers whether the relationship may be ended", transition.asked.at),
        )
    if transition.announced is not None:
        return (*_of_a_change(transition, reviews), *_after_the_announcement(transition))
    if transition.is_approved and transition.approval is not None:
        return (*_teams(transition, reviews), _until_the_announcement(transition, transition.approval.at))
    return _until_the_approval(transition, reviews)


def _until_the_approval(transition: Transition, reviews: Sequence[TeamReview]) -> tuple[Waited, ...]:
    version, leader = transition.submitted, transition.csm or "csm"
    if version is None or transition.is_written_on:
        since = version.at if version else transition.opened_at or transition.proposed_at
        return (Waited("plan", leader, "writes the plan and puts it to the teams", since),)
    if teams := _teams(transition, reviews):
        return teams
    since = max([version.at, *(_since(one) for one in reviews)])
    return (Waited("approval", "executive", "approves, last of all", since),)


def _teams(transition: Transition, reviews: Sequence[TeamReview]) -> tuple[Waited, ...]:
    open_ = (one for one in reviews if one.standing not in SATISFIED)
    return tuple(
        Waited(_step(one), one.team, _SAYS[one.standing], _since(one), deadline(transition, one)) for one in open_
    )


def _step(one: TeamReview) -> Step:
    return "review" if one.standing == "waiting" else "settling"


def _since(one: TeamReview) -> datetime:
    return one.opinion.at if one.opinion is not None and one.standing != "waiting" else one.since


def _until_the_announcement(transition: Transition, approved_at: datetime) -> Waited:
    leader, talk = transition.csm or "csm", transition.talk
    if talk is None:
        return Waited("talk", leader, "arranges the talk", approved_at)
    if talk.held_at is None:
        return Waited("talk", leader, "holds the talk", approved_at, transition.today(talk.planned_for))
    return Waited("announcement", leader, "announces it", max(approved_at, talk.held_at))


def _of_a_change(transition: Transition, reviews: Sequence[TeamReview]) -> tuple[Waited, ...]:
    """Return who is waited for until what was written since the announcement is published."""
    approval = transition.approval
    if transition.is_published:
        return ()
    if not transition.is_approved or approval is None:
        return _until_the_approval(transition, reviews)
    return (
        *_teams(transition, reviews),
        Waited("announcement", transition.csm or "csm", "announces the change", approval.at),
    )


def _after_the_announcement(transition: Transition) -> tuple[Waited, ...]:
    announced = transition.announced
    if announced is None:
        return ()
    if transition.notice is None:
        return (Waited("notice", "customer", "receives the written notice", announced.began_at),)
    return tuple(
        Waited("milestone", one.team, one.what, announced.began_at, one.due_on) for one in ending.waiting(transition)
    )
