"""The way of a command about an open case: who may, which case, which revision; then its rule; then it is kept."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from services.action_plans.domain import case as cases_of
from services.action_plans.domain.case import Case
from services.action_plans.domain.conversation import Side
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.keeping import Cause, Decided, Keeper, Told
from services.action_plans.store import cases, customers, record
from services.action_plans.store.customers import Customer
from services.action_plans.store.record import Head
from shared import people
from shared.commands import Done, Refused
from shared.contracts.plans.commands import CaseCommand
from shared.contracts.plans.facts import CaseFact
from shared.database import Transaction
from shared.people import Person

MANAGER = frozenset({"manager"})
SHOWN_CHANGES = 10


@dataclass(frozen=True)
class Desk:
    """What a rule can ask of its surroundings: the transaction, who asks, the customer as far as it is known."""

    tx: Transaction
    person: Person
    customer: Customer | None

    @property
    def by(self) -> str:
        """The id of the person who asks."""
        return self.person.person_id

    async def require_of_ours(self, person_id: str) -> None:
        """Raise NotPossible unless this is an active person of ours."""
        known = await people.find(self.tx, person_id)
        if known is None or not known.active:
            raise NotPossible(
                "unknown_person", f"{person_id} is not an active person of ours.", "the person is known and active"
            )

    def require_contact(self, contact_id: str) -> None:
        """Raise NotPossible unless this is a contact of the customer."""
        if self.customer is None or self.customer.contact(contact_id) is None:
            raise NotPossible(
                "unknown_contact",
                f"{contact_id} is no contact of the customer.",
                "the contact is announced with the customer (customers.v1)",
            )

    async def require_author(self, case: Case, side: Side, author: str) -> None:
        """Raise NotPossible unless the author is of that side: what the customer expects is the customer's to say."""
        players = [one for one in case.stakeholders if one.side == side]
        if any(author in {one.stakeholder_id, one.person_id} for one in players):
            return
        if side == "customer":
            self.require_contact(author)
        else:
            await self.require_of_ours(author)


C = TypeVar("C", bound=CaseCommand)
Rule = Callable[[Case, Any, Desk], Awaitable[Decided]]
Right = Callable[[Case, Desk], Awaitable[None]]
RULES: dict[type[CaseCommand], tuple[Rule, Right]] = {}


def decided(case: Case, kind: type[CaseFact], about: str | None = None, **more: Any) -> Decided:
    """Return a decision that is told by one fact."""
    return Decided(case, (Told(kind, about, more),))


async def by_owner(case: Case, desk: Desk) -> None:
    """The case's CSM, a manager, an executive or an admin may."""
    people.require_customers_own(desk.person, csm=case.csm)


async def by_manager(case: Case, desk: Desk) -> None:
    """A manager may, by role or as the manager of the case's CSM: but nobody who is the CSM."""
    people.require_active(desk.person)
    manages = case.csm is not None and await customers.manager_of(desk.tx, case.csm) == desk.by
    if desk.by == case.csm or not (manages or desk.person.roles & MANAGER):
        raise people.not_allowed("Only a manager of the case's CSM may do this, or another person with that role.")


async def by_senior(case: Case, desk: Desk) -> None:
    """A manager, an executive or an admin may."""
    del case
    people.require_senior(desk.person)


def rule(kind: type[C], right: Right = by_owner) -> Callable[[Rule], Rule]:
    """Register what is decided when somebody asks for this, and who may ask."""

    def register(function: Rule) -> Rule:
        RULES[kind] = function, right
        return function

    return register


async def carry_out(keeper: Keeper, command: CaseCommand, tx: Transaction) -> Done:
    """Decide and keep what a command asks of the customer's open case; raises Refused."""
    what, right = RULES[type(command)]
    desk = Desk(tx, await _person(tx), await customers.find(tx, command.customer_id))
    case, head = await _case(command, desk, right)
    if command.expected_revision not in (None, case.revision):
        raise await conflict(tx, command.expected_revision, case)
    try:
        found = await what(case, command, desk)
        kept = await keeper.keep(tx, found, head, Cause.of(command), by=desk.by, details=details(command))
    except NotPossible as why:
        raise Refused(why.code, why.why, *why.unmet) from None
    return Done(found.facts[0].about or kept.case_id, kept.revision)


async def _person(tx: Transaction) -> Person:
    person = await people.find(tx, tx.actor or "")
    return people.require_active(person)


async def _case(command: CaseCommand, desk: Desk, right: Right) -> tuple[Case, Head]:
    known = await cases.find(desk.tx, command.case_id)
    if known is None or known[0].customer_id != command.customer_id:
        people.require_customers_own(desk.person, csm=desk.customer.csm if desk.customer else None)
        raise Refused("no_case", "The customer has no such case.", "the case exists")
    await right(known[0], desk)
    try:
        cases_of.require_open(known[0])
    except NotPossible as why:
        raise Refused(why.code, why.why, *why.unmet) from None
    return known


async def conflict(tx: Transaction, seen: int | None, case: Case) -> Refused:
    """Say what others did since a revision was seen."""
    since = await record.of_case(tx, case.case_id, since_revision=seen or 0)
    changes = [
        f"{' '.join(filter(None, (one.kind, one.about)))} by {one.by or 'the service'} ({one.at:%Y-%m-%d %H:%M} UTC)"
        for one in since
    ]
    return Refused(
        "conflict",
        f"Somebody else changed the case: it is at revision {case.revision}.",
        f"expected_revision is {case.revision}",
        *(f"seen: {change}" for change in changes[-SHOWN_CHANGES:]),
    )


def details(command: CaseCommand) -> dict[str, Any]:
    """Return what the record keeps of a command: all of it but its envelope; of a private note the hash alone."""
    said = command.model_dump(
        mode="json", exclude={"type", "source", "occurred_at", "customer_id", "case_id"}, exclude_none=True
    )
    if note := said.pop("private_notes", None):
        said["private_notes_hash"] = hashlib.sha256(note.encode()).hexdigest()
    return said
