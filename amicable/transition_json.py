"""A transition as JSON: as it is kept, with what the command line adds."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from services.transition_review.domain.waited import Waited
from services.transition_review.explanation import Explanation, Review
from services.transition_review.store import transitions
from services.transition_review.store.listing import Listed


def explained(told: Explanation) -> dict[str, Any]:
    """Return the whole transition."""
    return {
        "at": told.at.isoformat(),
        "customer": {
            "customer_id": told.transition.customer_id,
            "name": told.customer.name if told.customer else None,
        },
        "transition": {**transitions.plain(told.transition), "state": told.transition.state},
        "unmet": list(told.unmet),
        "refused": list(told.refused),
        "reviews": [_review(one) for one in told.reviews],
        "waited_for": _waited(told.waited),
        "milestones": [
            {**transitions.plain(one.milestone), "reached": transitions.plain(one.reached), "late": one.is_late}
            for one in told.stages
        ],
        "settlements": transitions.plain(told.reckoned.settlements),
        "reckoned": transitions.plain(told.reckoned),
        "versions": [
            {
                "number": one.number,
                "submitted_by": one.submitted_by,
                "at": one.at.isoformat(),
                "content_hash": one.content_hash,
                "changes": [asdict(change) for change in told.changes.get(one.number, ())],
            }
            for one in told.versions
        ],
        "history": [listed(one, ()) for one in told.history],
        "record": [
            {name: row[name] for name in ("number", "kind", "by", "about")} | {"at": row["at"].isoformat()}
            for row in told.record
        ],
    }


def listed(one: Listed, waited: Sequence[Waited]) -> dict[str, Any]:
    """Return a transition's line."""
    transition = one.transition
    timeline = transition.parts.timeline
    return {
        "transition_id": transition.transition_id,
        "customer_id": transition.customer_id,
        "name": one.name,
        "csm": transition.csm,
        "state": transition.state,
        "proposed_at": transition.proposed_at.isoformat(),
        "over_at": transition.over.at.isoformat() if transition.over else None,
        "last_day": timeline.last_day.isoformat() if timeline else None,
        "stopped": list(transition.stopped),
        "revision": transition.revision,
        "waited_for": _waited(waited),
    }


def _waited(waited: Sequence[Waited]) -> list[dict[str, Any]]:
    return [transitions.plain(one) for one in waited]


def _review(one: Review) -> dict[str, Any]:
    opinion = one.review.opinion
    return {
        "team": one.review.team,
        "standing": one.review.standing,
        "since": one.review.since.isoformat(),
        "due_on": one.due_on.isoformat(),
        "late": one.is_late,
        "by": opinion.by if opinion else None,
        "why": opinion.why if opinion else None,
    }
