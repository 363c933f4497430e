"""The way to the end: milestones, withdrawal, the end itself, what is learned from it, and the open door."""

from datetime import date, datetime

from services.transition_review.domain.announcing import require_announced
from services.transition_review.domain.parts import Milestone
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import (
    Over,
    PostMortem,
    Reached,
    ReferralOutcome,
    Transition,
    require_open,
)


def milestones(transition: Transition) -> tuple[Milestone, ...]:
    """Return the milestones as they were announced."""
    announced = transition.announced
    return announced.parts.timeline.milestones if announced and announced.parts.timeline else ()


def waiting(transition: Transition) -> tuple[Milestone, ...]:
    """Return the milestones that are not reached yet."""
    done = {one.milestone_id for one in transition.reached}
    return tuple(one for one in milestones(transition) if one.milestone_id not in done)


def last_day(transition: Transition) -> date | None:
    """Return the last day as it was announced, None before."""
    announced = transition.announced
    return announced.parts.timeline.last_day if announced and announced.parts.timeline else None


def reach(transition: Transition, milestone_id: str, on: date, evidence: str, by: str, now: datetime) -> Transition:
    """Return the transition with a milestone reached."""
    require_announced(transition)
    if not any(one.milestone_id == milestone_id for one in milestones(transition)):
        raise NotPossible("unknown", f"No milestone {milestone_id} was announced.", "the milestone is one of the plan")
    if not any(one.milestone_id == milestone_id for one in waiting(transition)):
        raise NotPossible("no_change", f"The milestone {milestone_id} is reached already.", "it is not yet reached")
    if on > transition.today(now):
        raise NotPossible("in_the_future", "It cannot be reached on a day that is ahead.", "the day has come")
    announced = transition.announced
    if announced is not None and on < transition.today(announced.began_at):
        raise NotPossible("too_early", "It cannot be reached before it was announced.", "it was reached since then")
    return transition.next(reached=(*transition.reached, Reached(milestone_id, on, evidence, by, now)))


def is_complete(transition: Transition, now: datetime) -> bool:
    """Tell whether nothing is left to do: the notice received, the last day over, every milestone reached."""
    last = last_day(transition)
    return (
        transition.is_open
        and transition.notice is not None
        and last is not None
        and transition.today(now) > last
        and not waiting(transition)
    )


def complete(transition: Transition, now: datetime) -> Transition:
    """Return the transition as ended."""
    return transition.next(over=Over("ended", "Every milestone is reached, and the last day is over.", now))


def withdraw(transition: Transition, why: str, by: str | None, now: datetime) -> Transition:
    """Return the transition as withdrawn: possible until the last day is over. by: None, its case."""
    require_open(transition)
    last = last_day(transition)
    if last is not None and transition.today(now) > last:
        raise NotPossible("after_the_end", f"The relationship ended on {last}.", "the last day is not yet over")
    return transition.next(over=Over("withdrawn", why, now, by), asked=None)


def refuse(transition: Transition, why: str, now: datetime) -> Transition:
    """Return a proposal as refused."""
    return transition.next(over=Over("refused", why, now), asked=None)


def lose(transition: Transition, why: str, now: datetime) -> Transition:
    """Return the transition as overtaken: the customer has left by itself."""
    return transition.next(over=Over("lost", why, now), asked=None)


def learn(transition: Transition, learned: PostMortem) -> Transition:
    """Return the transition with its post-mortem; a later one takes the place of the former."""
    if transition.over is None or transition.over.how not in {"ended", "lost"}:
        raise NotPossible("not_over", "A post-mortem follows the end.", "the relationship has ended")
    return transition.next(post_mortem=learned)


def refer(transition: Transition, outcome: ReferralOutcome) -> Transition:
    """Return the transition with what became of the referral; nothing is shared without the customer's consent."""
    talk, plan = transition.talk, transition.announced
    if transition.state == "withdrawn":
        raise NotPossible("over", "The ending was called off: nobody is referred.", "the transition is not withdrawn")
    if talk is None or talk.held_at is None or plan is None:
        raise NotPossible("not_announced", "A referral follows the talk and the announcement.", "both have happened")
    if outcome.consent == "declined" and (outcome.alternative or outcome.introduced_on):
        raise NotPossible("no_consent", "Nothing is shared without the customer's consent.", "the consent is given")
    referral = plan.parts.referral
    if outcome.alternative and (referral is None or outcome.alternative not in referral.alternatives):
        raise NotPossible(
            "not_planned", f"{outcome.alternative} is no alternative of the plan.", "the plan's referral names it"
        )
    if outcome.introduced_on and outcome.introduced_on > transition.today(outcome.at):
        raise NotPossible("in_the_future", "An introduction cannot be ahead.", "the day has come")
    if outcome.introduced_on and outcome.introduced_on < transition.today(talk.held_at):
        raise NotPossible(
            "before_the_talk", "Nobody is introduced before the customer has heard it.", "it was after the talk"
        )
    return transition.next(referral=outcome)
