"""A customer's ending as a person reads it: how far it is, who is waited for since when, what every version changed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from services.transition_review.domain import approving, ending
from services.transition_review.domain.deadlines import deadline
from services.transition_review.domain.differences import Difference, differences
from services.transition_review.domain.parts import Milestone
from services.transition_review.domain.reckoned import Reckoned, reckon
from services.transition_review.domain.review import TeamReview
from services.transition_review.domain.transition import Reached, Transition
from services.transition_review.domain.waited import Waited, waited_for
from services.transition_review.store import known, listing, transitions
from services.transition_review.store.known import Customer
from services.transition_review.store.listing import KeptVersion, Listed
from shared.database import Row, Transaction

SHOWN_ROWS = 10
REFUSALS = frozenset({"TransitionRefused", "ApprovalRefused"})
QUESTIONS = frozenset({"EligibilityAsked", "TransitionApproved"})  # after which an older refusal says nothing


class NotKnown(Exception):
    """The customer has no transition, and never had one."""


@dataclass(frozen=True)
class Review:
    """Where a team stands, by when it was to have answered, and whether that day has passed."""

    review: TeamReview
    due_on: date
    is_late: bool


@dataclass(frozen=True)
class Stage:
    """A milestone as it was announced or is planned, and when it was reached."""

    milestone: Milestone
    reached: Reached | None
    is_late: bool


@dataclass(frozen=True)
class Explanation:
    """A transition at a moment. unmet: what keeps the plan from being put to the teams, while it is written on.

    refused: why action_plans answered its last question with no; nothing where it did not.

    changes: by the number of a version, what it says otherwise than the one before. history: other endings of this
    customer, and of those it was linked to. names: of our people and the customer's contacts, by id.
    """

    transition: Transition
    at: datetime
    customer: Customer | None
    names: dict[str, str]
    unmet: tuple[str, ...]
    refused: tuple[str, ...]
    reviews: tuple[Review, ...]
    waited: tuple[Waited, ...]
    stages: tuple[Stage, ...]
    reckoned: Reckoned
    versions: tuple[KeptVersion, ...]
    changes: dict[int, tuple[Difference, ...]]
    history: tuple[Listed, ...]
    record: tuple[Row, ...]

    def name(self, person_id: str | None) -> str:
        """Return a person's name, the id where no name is known."""
        return self.names.get(person_id, person_id) if person_id else "the service"


async def explain(tx: Transaction, customer_id: str) -> Explanation:
    """Return the customer's latest transition as it stands now. Raises NotKnown."""
    found = await listing.history(tx, customer_id)
    own = [one for one in found if one.transition.customer_id == customer_id]
    customer = await known.find_customer(tx, customer_id)
    if not own:
        raise NotKnown(_nothing(customer_id, found))
    transition = own[0].transition
    versions = await listing.versions(tx, transition.transition_id)
    standings = approving.reviews(transition, customer.recurring if customer else None)
    rows = await transitions.record_of(tx, transition.transition_id)
    contacts = {one.contact_id: one.name for one in customer.contacts} if customer else {}
    return Explanation(
        transition=transition,
        at=tx.now,
        customer=customer,
        names={**await known.names(tx), **contacts},
        unmet=tuple(approving.lacking(transition, tx.now)) if transition.is_open and transition.is_written_on else (),
        refused=_refused(rows),
        reviews=tuple(_review(transition, one, tx.now) for one in standings),
        waited=waited_for(transition, standings),
        stages=tuple(_stages(transition, tx.now)),
        reckoned=reckon(transition),
        versions=tuple(versions),
        changes=_changes(versions),
        history=tuple(one for one in found if one.transition.transition_id != transition.transition_id),
        record=tuple(rows[-SHOWN_ROWS:]),
    )


def waited_of(one: Listed) -> tuple[Waited, ...]:
    """Return who is waited for."""
    return waited_for(one.transition, approving.reviews(one.transition, one.recurring))


def _nothing(customer_id: str, linked: list[Listed]) -> str:
    if not linked:
        return f"There is no transition of the customer {customer_id}, and there never was one."
    known_as = ", ".join(f"{one.name} ({one.transition.customer_id})" for one in linked)
    return f"There is no transition of the customer {customer_id}; it is known from the ending of {known_as}."


def _refused(rows: Sequence[Row]) -> tuple[str, ...]:
    last = next((row for row in reversed(rows) if row["kind"] in REFUSALS | QUESTIONS), None)
    return tuple(json.loads(last["details"])["reasons"]) if last is not None and last["kind"] in REFUSALS else ()


def _review(transition: Transition, one: TeamReview, now: datetime) -> Review:
    by = deadline(transition, one)
    return Review(one, by, is_late=one.standing == "waiting" and transition.today(now) > by)


def _stages(transition: Transition, now: datetime) -> list[Stage]:
    timeline = transition.parts.timeline
    planned = ending.milestones(transition) or (timeline.milestones if timeline else ())
    done = {one.milestone_id: one for one in transition.reached}
    today = transition.today(now)
    return [
        Stage(one, done.get(one.milestone_id), one.milestone_id not in done and one.due_on < today) for one in planned
    ]


def _changes(versions: list[KeptVersion]) -> dict[int, tuple[Difference, ...]]:
    return {after.number: tuple(differences(before.parts, after.parts)) for before, after in pairwise(versions)}
