"""Everything that is kept of a case, read at one moment: what an evidence pack is made of."""

from dataclasses import dataclass
from datetime import datetime

from services.action_plans.domain.case import Case
from services.action_plans.domain.terms import Terms
from services.action_plans.store import cases, customers, links, private_notes, record
from services.action_plans.store.customers import Customer
from services.action_plans.store.links import Link, Visit
from services.action_plans.store.private_notes import Note
from services.action_plans.store.record import Entry, Head
from shared.database import Transaction


@dataclass(frozen=True)
class Dossier:
    """A case and all that belongs to it. text: its JSON as the record has hashed it; notes: None if not asked for."""

    at: datetime
    case: Case
    text: bytes
    head: Head
    signed: str | None
    customer: Customer | None
    names: dict[str, str]
    entries: tuple[Entry, ...]
    versions: tuple[tuple[int, str, datetime, str, Terms], ...]
    links: tuple[Link, ...]
    visits: tuple[Visit, ...]
    notes: tuple[Note, ...] | None

    def person(self, person_id: str | None) -> str:
        """Return who it is: the name, and the id by which the record knows it."""
        name = self.names.get(person_id or "")
        if person_id is None:
            return "the service"
        return f"{name} ({person_id})" if name and name != person_id else person_id


async def gather(tx: Transaction, case: Case, *, with_notes: bool) -> Dossier:
    """Return the dossier of a case, as of the transaction."""
    customer = await customers.find(tx, case.customer_id)
    entries = await record.of_case(tx, case.case_id)
    text, head, signed = await cases.kept(tx, case.case_id)
    return Dossier(
        tx.now,
        case,
        text,
        head,
        signed,
        customer,
        await _names(tx, case, customer, entries),
        tuple(entries),
        tuple(await cases.versions(tx, case.case_id)),
        tuple(await links.of_case(tx, case.case_id)),
        tuple(await links.visits_of(tx, case.case_id)),
        tuple(await private_notes.of_case(tx, case.case_id)) if with_notes else None,
    )


async def _names(tx: Transaction, case: Case, customer: Customer | None, entries: list[Entry]) -> dict[str, str]:
    owners = {one.owner for one in (*case.commitments, *case.plan.retired)}
    ids = {one.by for one in entries if one.by} | {one.person_id for one in case.stakeholders} | owners
    theirs = {one.contact_id: one.name for one in customer.contacts} if customer else {}
    return theirs | await customers.names_of(tx, sorted(ids | {case.csm or ""}))
