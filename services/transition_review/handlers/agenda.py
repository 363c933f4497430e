"""The agenda of the talk, made from the record: what both sides know already, and nothing else."""

from services.transition_review.domain.talk import AgendaItem, Preparation, Question
from services.transition_review.domain.transition import Transition
from shared.contracts.plans.case import CaseSnapshot

WORDS_TO_AVOID = ("unfortunately", "we feel that", "fault", "blame", "for now", "maybe")


def agenda_of(transition: Transition, case: CaseSnapshot) -> tuple[AgendaItem, ...]:
    """Return the five parts, in their order (domain.md, step 5)."""
    timeline = transition.parts.timeline
    last_day = f"{timeline.last_day:%d %B %Y}" if timeline else "a day that we will name"
    return (
        AgendaItem("ending", "We are ending the relationship", ("We have decided to end our work together.",)),
        AgendaItem("reasons", "Why", _reasons(case)),
        AgendaItem("final", "It is final", ("The decision is made, and we want to carry it out well.",)),
        AgendaItem("plan", "How we propose to go on", (f"The last day is {last_day}.", *_milestones(transition))),
        AgendaItem("open_talk", "Would you like to talk it through?", ("What is on your mind?",)),
    )


def _reasons(case: CaseSnapshot) -> tuple[str, ...]:
    """Return facts that the joint plan shows to both sides."""
    ledger, held = case.ledger, [one for one in case.reviews if one.state == "held"]
    points = []
    if case.plan.agreed is not None:
        points.append(f"On {case.plan.agreed.agreed_at:%d %B %Y} we agreed on a plan: {case.plan.agreed.terms.purpose}")
        points.append(f"It was to be done by {case.plan.agreed.terms.ends_on:%d %B %Y}; we met {len(held)} times.")
    for side, name in ((ledger.us, "We"), (ledger.customer, "You")):
        points.append(
            f"{name} promised {side.commitments}, kept {side.met} ({side.late} of them late) and missed {side.missed}."
        )
    return tuple(points)


def _milestones(transition: Transition) -> tuple[str, ...]:
    timeline = transition.parts.timeline
    return tuple(f"{one.due_on:%d %B %Y}: {one.what}" for one in timeline.milestones) if timeline else ()


def preparation_of(speakers: tuple[str, ...]) -> Preparation:
    """Return what is prepared before people edit it: the questions that always come."""
    questions = (
        Question("Can this be undone?", "No. We have thought it over, and everybody it affects has agreed."),
        Question("What happens to our data?", "You get all of it back, on the day that the plan names."),
        Question("What do you owe us?", "The plan lists it, line by line."),
        Question("Whom can we go to?", "We know some who may fit better, and introduce you if you want."),
    )
    return Preparation(questions, tuple((one, "speaks") for one in speakers), WORDS_TO_AVOID)
