"""How a fact becomes a line of the time line: to which sphere it belongs, and what it says in a few words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared.contracts.endings.facts import EndingLinkRevoked, EndingShared, TransitionFact
from shared.contracts.endings.terminations import TerminationFact
from shared.contracts.event import DomainEvent
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.plans.facts import CaseFact, EligibilityConfirmed, EligibilityRefused
from shared.contracts.topics import HEALTH

Sphere = Literal["health", "plan", "transition", "termination"]
LONGEST = 600
_OF_HEALTH = frozenset(HEALTH.types)  # without scores, which would drown the rest


@dataclass(frozen=True)
class Line:
    """A line of the time line. subject_id: the case or transition; detail: people's own words, or empty.

    seq: its number among the facts of its topic about the customer: what has one moment stands in their order.
    """

    source: str
    event_id: str
    customer_id: str
    seq: int
    at: datetime
    sphere: Sphere
    type: str
    by: str | None
    subject_id: str | None
    transition_id: str | None
    detail: str


def line_of(fact: DomainEvent) -> Line | None:
    """Return the fact's line, None where it has none."""
    sphere = _sphere_of(fact)
    if sphere is None:
        return None
    told: Any = fact
    transition_id = getattr(told, "transition_id", None)
    return Line(
        source=fact.source,
        event_id=fact.event_id,
        customer_id=fact.customer_id,
        seq=fact.seq,
        at=fact.occurred_at,
        sphere=sphere,
        type=fact.type,
        by=getattr(told, "by", None),
        subject_id=told.case.case_id if isinstance(fact, CaseFact) else transition_id,
        transition_id=transition_id,
        detail="; ".join(dict.fromkeys(_details(told)))[:LONGEST],
    )


def _sphere_of(fact: DomainEvent) -> Sphere | None:
    """What speaks of an ending belongs to it, also where action_plans says it: the case's readers may not know yet.

    What is not known here has no sphere, and so no line: nobody would know who may read it.
    """
    if isinstance(fact, TransitionFact | EligibilityConfirmed | EligibilityRefused):
        return "transition"
    if isinstance(fact, TerminationFact):
        return "termination"
    if isinstance(fact, CaseFact):
        return "plan"
    return "health" if type(fact) in _OF_HEALTH else None


def _details(fact: Any) -> Iterator[str]:
    """Yield what people wrote, or what of the case or transition the fact is about."""
    if isinstance(fact, CaseFact) and fact.about is not None:
        yield from _named(fact.case, fact.about)
    for field in ("reason", "why", "team", "part"):
        value = getattr(fact, field, None)
        if isinstance(value, str) and value:
            yield value.replace("_", " ") if field == "part" else value
    for reason in getattr(fact, "reasons", ()):
        yield reason if isinstance(reason, str) else reason.text
    if fact.type in {"CaseOpened", "PlanFailed", "PlanSucceeded"}:
        yield from _of_case(fact)
    if fact.type == "HealthBandChanged":
        yield f"from {fact.before} to {fact.after}" + (f", at {fact.score} points" if fact.score else "")
    if fact.type == "HealthOverridden":
        yield f"says {fact.override.band}, computed {fact.computed}"
    if fact.type == "MilestoneReached":
        yield from (fact.kind.replace("_", " "), fact.evidence) if fact.kind != "other" else (fact.evidence,)
    is_of_link = isinstance(fact, EndingShared | EndingLinkRevoked)  # whose id says nothing to anybody
    if isinstance(fact, TransitionFact) and fact.about not in {None, fact.by} and not is_of_link:
        yield _of_transition(fact, str(fact.about))


def _of_transition(fact: TransitionFact, about: str) -> str:
    """Return the words of what an id means: a milestone, a version; a team's or a part's name is one."""
    timeline = fact.transition.parts.timeline
    milestones = {one.milestone_id: one.what for one in timeline.milestones} if timeline else {}
    return milestones.get(about) or (f"version {about}" if about.isdigit() else about)


def _of_case(fact: Any) -> Iterator[str]:
    case: CaseSnapshot = fact.case
    if fact.type == "CaseOpened":
        yield from (reason.text for reason in case.reasons)
    elif case.failure is not None:
        yield case.failure.why
    elif case.ending is not None:
        yield case.ending.why


def _named(case: CaseSnapshot, about: str) -> Iterator[str]:
    """Yield the words of what an id means: a commitment, an expectation, a conversation, a review, a comment."""
    found = next((words for id_, words in _words(case) if id_ == about), "")
    if found:
        yield found


def _words(case: CaseSnapshot) -> Iterator[tuple[str, str]]:
    plan = case.plan
    terms = [version.terms for version in (plan.agreed, plan.proposed) if version is not None]
    drafted = [plan.draft] if plan.draft is not None else []
    for each in (*terms, *drafted):
        yield from ((one.commitment_id, one.what) for one in each.commitments)
    yield from ((one.commitment_id, one.what) for one in plan.retired)
    yield from ((one.expectation_id, one.text) for one in case.expectations)
    yield from ((one.conversation_id, one.notes) for one in case.conversations)
    yield from ((one.review_id, "; ".join(one.decided)) for one in case.reviews)
    yield from ((one.comment_id, one.text) for one in case.comments)
    yield from ((one.decision_id, one.text) for one in case.decisions)
