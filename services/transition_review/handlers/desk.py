"""The way of a command about a transition: who may, which one, which revision; then its rule; then it is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from services.transition_review.domain.approving import Recurring
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition
from services.transition_review.keeping import Cause, Decided, Told, keep
from services.transition_review.store import known, transitions
from services.transition_review.store.known import Customer
from shared import people
from shared.commands import Done, Refused
from shared.contracts.endings.commands import TransitionCommand
from shared.contracts.endings.facts import TransitionFact
from shared.database import Transaction
from shared.people import Person

EXECUTIVE = frozenset({"executive"})
SHOWN_CHANGES = 10


@dataclass(frozen=True)
class Desk:
    """What a rule can ask of its surroundings: the transaction, who asks, the customer as far as it is known."""

    tx: Transaction
    person: Person
    teams: frozenset[str]
    customer: Customer | None
    company: str = ""
    page_origin: str = ""

    @property
    def by(self) -> str:
        """The id of the person who asks."""
        return self.person.person_id

    @property
    def csm(self) -> str | None:
        """The customer's CSM of today, None where it was never announced."""
        return self.customer.csm if self.customer else None

    @property
    def recurring(self) -> Recurring | None:
        """What the customer pays in a year, None where it was never announced."""
        return self.customer.recurring if self.customer else None

    async def require_of_ours(self, person_id: str) -> None:
        """Raise NotPossible unless this is an active person of ours."""
        found = await people.find(self.tx, person_id)
        if found is None or not found.active:
            raise NotPossible(
                "unknown_person", f"{person_id} is not an active person of ours.", "the person is known and active"
            )

    def require_contact(self, contact_id: str, *, with_address: bool = False) -> None:
        """Raise NotPossible unless this is a contact of the customer, with an address where one is needed."""
        found = self.customer.contact(contact_id) if self.customer else None
        if found is None:
            raise NotPossible(
                "unknown_contact",
                f"{contact_id} is no contact of the customer.",
                "the contact is announced with the customer (customers.v1)",
            )
        if with_address and not found.has_address:
            raise NotPossible(
                "no_address", f"No address of {contact_id} is known.", "the contact has an e-mail address"
            )


C = TypeVar("C", bound=TransitionCommand)
Rule = Callable[[Transition, Any, Desk], Awaitable[Decided]]
Right = Callable[[Transition, Any, Desk], Awaitable[None]]
RULES: dict[type[TransitionCommand], tuple[Rule, Right]] = {}


def decided(transition: Transition, kind: type[TransitionFact], about: str | None = None, **more: Any) -> Decided:
    """Return a decision that is told by one fact."""
    return Decided(transition, (Told(kind, about, more),))


async def by_owner(transition: Transition, asked: TransitionCommand, desk: Desk) -> None:
    """The customer's CSM of today, a manager, an executive or an admin may."""
    del transition, asked
    people.require_customers_own(desk.person, csm=desk.csm)


async def by_executive(transition: Transition, asked: TransitionCommand, desk: Desk) -> None:
    """An executive may."""
    del transition, asked
    require_executive(desk.person)


def require_executive(person: Person) -> None:
    """Raise Refused unless the person is an active executive."""
    if not people.require_active(person).roles & EXECUTIVE:
        raise people.not_allowed("Only an executive may do this.")


def rule(kind: type[C], right: Right = by_owner) -> Callable[[Rule], Rule]:
    """Register what is decided when somebody asks for this, and who may ask."""

    def register(function: Rule) -> Rule:
        RULES[kind] = function, right
        return function

    return register


async def carry_out(company: str, page_origin: str, command: TransitionCommand, tx: Transaction) -> Done:
    """Decide and keep what a command asks of a transition; raises Refused."""
    what, right = RULES[type(command)]
    desk = replace(await desk_of(tx, command.customer_id), company=company, page_origin=page_origin)
    transition = await transitions.find(tx, command.transition_id)
    if transition is None or transition.customer_id != command.customer_id:
        people.require_customers_own(desk.person, csm=desk.csm)
        raise Refused("no_transition", "The customer has no such transition.", "the transition exists")
    await right(transition, command, desk)
    if command.expected_revision not in (None, transition.revision):
        raise await conflict(tx, command.expected_revision, transition)
    try:
        found = await what(transition, command, desk)
        kept = await keep(tx, found, Cause.of(command), desk.recurring, by=desk.by, details=details(command))
    except NotPossible as why:
        raise Refused(why.code, why.why, *why.unmet) from None
    return Done(found.facts[0].about or kept.transition_id, kept.revision)


async def desk_of(tx: Transaction, customer_id: str) -> Desk:
    """Return the desk at which the person who asks stands; Refused unless active."""
    person = people.require_active(await people.find(tx, tx.actor or ""))
    teams = await known.teams_of(tx, person.person_id)
    return Desk(tx, person, teams, await known.find_customer(tx, customer_id))


async def conflict(tx: Transaction, seen: int | None, transition: Transition) -> Refused:
    """Say what others did since a revision was seen."""
    since = await transitions.record_of(tx, transition.transition_id, since_revision=seen or 0)
    changes = [
        f"{' '.join(filter(None, (row['kind'], row['about'])))} by {row['by'] or 'the service'}"
        f" ({row['at']:%Y-%m-%d %H:%M} UTC)"
        for row in since
    ]
    return Refused(
        "conflict",
        f"Somebody else changed the transition: it is at revision {transition.revision}.",
        f"expected_revision is {transition.revision}",
        *(f"seen: {change}" for change in changes[-SHOWN_CHANGES:]),
    )


def details(command: TransitionCommand) -> dict[str, Any]:
    """Return what the record keeps of a command: all of it but its envelope."""
    return command.model_dump(
        mode="json", exclude={"type", "source", "occurred_at", "customer_id", "transition_id"}, exclude_none=True
    )
