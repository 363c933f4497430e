"""How something that was decided about a transition is kept and told: state, record, version, facts together."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from services.transition_review import reckoning
from services.transition_review.domain import approving, due
from services.transition_review.domain.approving import Recurring
from services.transition_review.domain.deadlines import deadline
from services.transition_review.domain.involved import involved
from services.transition_review.domain.reckoned import reckon
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.talk import Preparation
from services.transition_review.domain.transition import Transition
from services.transition_review.store import transitions
from services.transition_review.store.transitions import Entry
from shared import outbox
from shared.contracts.endings.facts import PlanSubmitted, ReviewRequested, TransitionFact
from shared.contracts.endings.terminations import TerminationFact
from shared.contracts.endings.transition import MOST_INVOLVED, PreparationRef, TransitionSnapshot
from shared.contracts.event import Message
from shared.contracts.releases import MessageReleased
from shared.contracts.topics import RELEASES, TERMINATIONS, TRANSITIONS
from shared.database import Transaction

MOST_KB = transitions.MOST_BYTES // 1000
RELEASE_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Told:
    """One fact of a decision. about: the id of what it is about; more: the fact's own fields; id_: where it is set."""

    kind: type[TransitionFact]
    about: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    id_: str | None = None


@dataclass(frozen=True)
class Public:
    """A fact for revenue and operations. more: its own fields."""

    kind: type[TerminationFact]
    revision: int
    key: str
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """A mail to a contact of the customer. fields: what stands in the template."""

    contact_id: str
    template: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Decided:
    """What follows from an event, a command or the clock: the transition as it is now, and what is told to whom."""

    transition: Transition
    facts: tuple[Told, ...] = ()
    public: tuple[Public, ...] = ()
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True)
class Cause:
    """What led to a decision: ids of the message, or of the moment."""

    correlation_id: str
    causation_id: str

    @classmethod
    def of(cls, message: Message) -> "Cause":
        """Return a message as a cause."""
        return cls(getattr(message, "correlation_id", message.event_id), message.event_id)


async def keep(
    tx: Transaction,
    decided: Decided,
    cause: Cause,
    recurring: Recurring | None,
    *,
    by: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> Transition:
    """Keep and tell; returns the transition as it was kept. Raises NotPossible where a person makes it too large."""
    transition = approving.with_asked(decided.transition, recurring, tx.now)
    standings = approving.reviews(transition, recurring)
    looked = due.look(transition, standings, tx.now)
    facts = (*decided.facts, *_requests(decided, transition, standings, tx))
    if not facts:
        await transitions.looked_at(tx, transition.transition_id, looked.next_at)
        return transition
    if not decided.facts:
        transition = transition.next()
    text = transitions.encode(transition)
    if by is not None and len(text) > transitions.MOST_BYTES:
        raise NotPossible(
            "too_large", f"The transition would be larger than {MOST_KB} KB.", "texts are shorter or fewer"
        )
    await transitions.save(tx, transition, text, looked.next_at)
    said = [
        Entry(one.kind.model_fields["type"].default, by, one.about, {**(details or {}), **transitions.plain(one.more)})
        for one in facts
    ]
    await transitions.record(tx, transition, said)
    if transition.submitted is not None and any(one.kind is PlanSubmitted for one in facts):
        await transitions.add_version(tx, transition.transition_id, transition.submitted)
    snapshot = snapshot_of(transition, standings)
    common = {
        "customer_id": transition.customer_id,
        "correlation_id": cause.correlation_id,
        "causation_id": cause.causation_id,
        "occurred_at": tx.now,
    }
    messages: list[tuple[str, Message]] = [
        (TRANSITIONS.name, _fact(one, snapshot, transition, by, common)) for one in facts
    ]
    messages += [(TERMINATIONS.name, _public(one, transition, common)) for one in decided.public]
    messages += [(RELEASES.name, _release(one, common, tx)) for one in decided.releases]
    await outbox.add_many(tx, messages)
    return transition


def _requests(
    decided: Decided, transition: Transition, standings: tuple[TeamReview, ...], tx: Transaction
) -> list[Told]:
    """Return that teams are asked: those that a new version makes wait, or that it requires only by now."""
    if transition.is_published:
        return []
    before, after = decided.transition.submitted, transition.submitted
    known = before.asked if before else {}
    is_new = any(one.kind is PlanSubmitted for one in decided.facts)
    newly = after.asked.keys() - known.keys() if after and known else set[str]()
    return [
        Told(ReviewRequested, one.team, {"due_on": deadline(transition, one)})
        for one in standings
        if one.standing == "waiting" and one.since == tx.now and (is_new or one.team in newly)
    ]


def _fact(
    one: Told, snapshot: TransitionSnapshot, transition: Transition, by: str | None, common: Mapping[str, Any]
) -> TransitionFact:
    identity = {"event_id": one.id_} if one.id_ else {}
    return one.kind.model_validate(
        {
            **common,
            **identity,
            "transition_id": transition.transition_id,
            "case_id": transition.case_id,
            "transition": snapshot,
            "by": by,
            "about": one.about,
            **one.more,
        }
    )


def _public(one: Public, transition: Transition, common: Mapping[str, Any]) -> TerminationFact:
    return one.kind.model_validate(
        {
            **common,
            "termination_id": transition.transition_id,
            "revision": one.revision,
            "idempotency_key": f"{transition.transition_id}/{one.key}",
            **one.more,
        }
    )


def _release(one: Release, common: Mapping[str, Any], tx: Transaction) -> MessageReleased:
    fields = [{"name": name, "text": text} for name, text in one.fields.items()]
    return MessageReleased.model_validate(
        {
            **common,
            "contact_id": one.contact_id,
            "template": one.template,
            "fields": fields,
            "expires_at": tx.now + RELEASE_LIFE,
        }
    )


def snapshot_of(transition: Transition, standings: tuple[TeamReview, ...]) -> TransitionSnapshot:
    """Return the transition as it is told."""
    whole = transitions.plain(transition)
    version, announced, over = transition.submitted, transition.announced, transition.over
    parts = {name: part for name, part in whole["parts"].items() if part is not None}
    told: dict[str, Any] = {
        name: whole[name]
        for name in TransitionSnapshot.model_fields
        if name in whole and name not in {"parts", "submitted", "talk", "announced"}
    }
    told |= {
        "state": transition.state,
        "policy": transition.policy.name,
        "policy_version": transition.policy.version,
        "written_on": transition.is_written_on,
        "parts": parts,
        "reviews": [
            {
                "team": one.team,
                "standing": one.standing,
                "since": one.since,
                "due_on": deadline(transition, one),
                "by": one.opinion.by if one.opinion else None,
                "why": one.opinion.why if one.opinion else "",
            }
            for one in standings
        ],
        "reckoned": reckoning.told(reckon(transition)),
        "involved": sorted(involved(replace(transition, stand_ins=()), transition.proposed_at))[:MOST_INVOLVED],
    }
    if version is not None:
        told["submitted"] = {key: whole["submitted"][key] for key in ("number", "content_hash", "submitted_by", "at")}
    if transition.talk is not None:
        kept = {"planned_for", "channel", "speakers", "contacts", "held_at", "reaction", "agreed_changes", "agenda"}
        told["talk"] = {key: value for key, value in whole["talk"].items() if key in kept}
        told["talk"]["preparation"] = _prepared(transition.talk.preparation)
    if announced is not None and announced.parts.timeline is not None:
        told["announced"] = {key: whole["announced"][key] for key in ("version", "revision", "at", "by")}
        told["announced"]["last_day"] = announced.parts.timeline.last_day
    if over is not None:
        told |= {"over_at": over.at, "over_why": over.why}
    return TransitionSnapshot.model_validate(told)


def _prepared(sheet: Preparation) -> PreparationRef | None:
    """Return the sheet as it is told; None where a long plan made it longer than people may write: then it is in the
    document alone, and no fact of the ending waits for it.
    """
    told = {
        "questions": [vars(one) for one in sheet.questions],
        "roles": [{"person": person, "does": does} for person, does in sheet.roles],
        "words_to_avoid": sheet.words_to_avoid,
    }
    try:
        return PreparationRef.model_validate(told)
    except ValidationError:
        return None
