"""From batches of messages to the read model: upserts by revision or number, so that order does not matter."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.console.needs import needs_of_case, needs_of_transition
from services.console.store import (
    acts,
    alternatives,
    links,
    live,
    projection,
    projection_chosen,
    projection_health,
    projection_system,
)
from services.console.telling import line_of
from shared.contracts.choices import NotificationsChosen
from shared.contracts.endings.alternatives import AlternativeKept
from shared.contracts.endings.facts import EndingLinkRevoked, EndingShared, StandInNamed, TransitionFact
from shared.contracts.endings.terminations import TerminationFact
from shared.contracts.event import Answer, DomainEvent, Fact
from shared.contracts.feeds import FeedEvent
from shared.contracts.health import (
    HealthBandChanged,
    HealthOverridden,
    HealthScored,
    OverrideEnded,
    RiskCleared,
    RiskDetected,
    RiskUpdated,
)
from shared.contracts.notes import PrivateNoteKept
from shared.contracts.notices import NoticeAcknowledged, NoticeFailed, NoticeSent, NoticeSettled, NoticeShown
from shared.contracts.parked import RecordsParked
from shared.contracts.plans.facts import CaseFact, ShareLinkCreated, ShareLinkRevoked
from shared.contracts.topics import (
    ACTION_PLANS_ANSWERS,
    ALTERNATIVES,
    CHOICES,
    CUSTOMERS,
    FEEDS,
    HEALTH,
    HEALTH_SCORING_ANSWERS,
    NOTES,
    NOTIFICATIONS,
    NOTIFICATIONS_ANSWERS,
    PARKED,
    PEOPLE,
    PLANS,
    SCORES,
    TERMINATIONS,
    TRANSITION_REVIEW_ANSWERS,
    TRANSITIONS,
)
from shared.contracts.upstream import CustomerChanged, PersonChanged
from shared.database import Transaction
from shared.firehose import Taken

ANSWERS = (HEALTH_SCORING_ANSWERS, ACTION_PLANS_ANSWERS, TRANSITION_REVIEW_ANSWERS, NOTIFICATIONS_ANSWERS)
FACTS = (HEALTH, SCORES, PLANS, NOTES, TRANSITIONS, TERMINATIONS, NOTIFICATIONS, CHOICES, FEEDS, PARKED, ALTERNATIVES)
CONSUMES = (*FACTS, CUSTOMERS, PEOPLE, *ANSWERS)
FRESH = timedelta(hours=1)  # open pages are told of what is no older


async def project(batch: Sequence[Taken], tx: Transaction) -> None:
    """Bring the read model up to a batch."""
    messages: list[Any] = [taken.message for taken in batch]
    await projection.begin(tx)
    await projection.keep_people(tx, _of(messages, PersonChanged))
    await projection.keep_customers(tx, _of(messages, CustomerChanged))
    await projection_health.keep_scores(tx, _of(messages, HealthScored))
    await projection_health.keep_bands(tx, _of(messages, HealthBandChanged))
    await projection_health.keep_risks(tx, _of(messages, RiskDetected, RiskUpdated, RiskCleared))
    await projection_health.keep_overrides(tx, _of(messages, HealthOverridden, OverrideEnded))
    await projection_chosen.keep_choices(tx, _of(messages, NotificationsChosen))
    await projection_system.keep_feeds(tx, _of(messages, FeedEvent))
    await projection_system.keep_parked(tx, _of(messages, RecordsParked))
    await alternatives.keep(tx, _of(messages, AlternativeKept))
    await _keep_cases(tx, _of(messages, CaseFact))
    await _keep_transitions(tx, _of(messages, TransitionFact))
    await projection.keep_stand_ins(tx, _of(messages, StandInNamed))
    made, revoked = _of(messages, ShareLinkCreated, EndingShared), _of(messages, ShareLinkRevoked, EndingLinkRevoked)
    await links.keep(tx, made, revoked)
    await projection.keep_terminations(tx, _of(messages, TerminationFact))
    await projection.keep_notes(tx, _of(messages, PrivateNoteKept))
    await projection.keep_notices(tx, _of(messages, NoticeSent, NoticeFailed, NoticeShown))
    await projection.keep_taken(tx, _of(messages, NoticeAcknowledged, NoticeSettled))
    facts = [one for one in messages if isinstance(one, DomainEvent)]
    await projection.keep_lines(tx, [line for fact in facts if (line := line_of(fact)) is not None])
    await acts.answered(tx, _of(messages, Answer))
    await _tell_pages(tx, [one for one in messages if isinstance(one, Fact) and one.occurred_at > tx.now - FRESH])


def _of(messages: Sequence[Any], *kinds: type) -> list[Any]:
    return [message for message in messages if isinstance(message, kinds)]


async def _tell_pages(tx: Transaction, facts: Sequence[Fact]) -> None:
    """Tell open pages of what has changed, once for each subject; nobody looks at a page of what is long past."""
    subjects: dict[str, tuple[str, str, str | None]] = {}
    for one in facts:
        if isinstance(one, CaseFact):
            subjects[f"cases/{one.case.case_id}"] = (f"cases/{one.case.case_id}", one.customer_id, None)
        elif isinstance(one, TransitionFact):
            page = f"transitions/{one.transition_id}"
            subjects[page] = (page, one.customer_id, one.transition_id)
            subjects[f"case of {page}"] = (f"cases/{one.case_id}", one.customer_id, one.transition_id)
        elif isinstance(one, TerminationFact):
            page = f"transitions/{one.termination_id}"
            subjects[page] = (page, one.customer_id, one.termination_id)
        elif isinstance(one, HealthOverridden | OverrideEnded | HealthBandChanged):
            subjects[f"customers/{one.customer_id}"] = (f"customers/{one.customer_id}", one.customer_id, None)
    await live.changed(tx, list(subjects.values()))
    await live.chosen(tx, sorted({one.person_id for one in _of(facts, NotificationsChosen)}))
    if _of(facts, AlternativeKept):
        await live.changed(tx, [("catalogue/alternatives", None, None)])
    await live.taken(tx, sorted({one.ask_id for one in _of(facts, NoticeAcknowledged, NoticeSettled)}))
    await live.noticed(tx, sorted({one.person_id for one in _of(facts, NoticeSent, NoticeShown)}))


async def _keep_cases(tx: Transaction, facts: Sequence[CaseFact]) -> None:
    """Keep each case of the batch as its latest snapshot says, with what it needs."""
    latest: dict[str, CaseFact] = {}
    for fact in facts:
        known = latest.get(fact.case.case_id)
        if known is None or known.case.revision < fact.case.revision:
            latest[fact.case.case_id] = fact
    for fact in latest.values():
        if await projection.keep_case(tx, fact):
            why = "; ".join(dict.fromkeys(reason.text for reason in fact.case.reasons))
            needs = needs_of_case(fact.case, fact.occurred_at)
            await projection.keep_tasks(tx, fact.case.case_id, fact.customer_id, None, why, needs)


async def _keep_transitions(tx: Transaction, facts: Sequence[TransitionFact]) -> None:
    """Keep each transition of the batch as its latest snapshot says, with what it needs."""
    latest: dict[str, TransitionFact] = {}
    for fact in facts:
        known = latest.get(fact.transition_id)
        if known is None or known.transition.revision < fact.transition.revision:
            latest[fact.transition_id] = fact
    for fact in latest.values():
        if await projection.keep_transition(tx, fact):
            needs = needs_of_transition(fact.transition, fact.occurred_at)
            await projection.keep_tasks(
                tx, fact.transition_id, fact.customer_id, fact.transition_id, fact.transition.why, needs
            )
