"""A customer's case as a person reads it: how far it is, what is missing, what both sides did, what was recorded."""

from dataclasses import dataclass
from datetime import datetime

from services.action_plans.domain.case import Case
from services.action_plans.domain.eligibility import Condition, checklist
from services.action_plans.domain.ledger import Ledger, ledger
from services.action_plans.domain.path import Step, path
from services.action_plans.domain.playbook import Suggestion, suggest
from services.action_plans.domain.review import Review
from services.action_plans.playbooks.shipped import shipped_playbooks
from services.action_plans.store import cases, customers, record
from services.action_plans.store.customers import Customer
from services.action_plans.store.record import Entry, Head
from shared.database import Transaction

SHOWN_ROWS = 10


class NotKnown(Exception):
    """The customer has no case, and never had one."""


@dataclass(frozen=True)
class Explanation:
    """A case at a moment. names: of our people and the customer's contacts, by id; record: its last rows."""

    case: Case
    head: Head
    at: datetime
    customer: Customer | None
    names: dict[str, str]
    path: tuple[Step, ...]
    suggestions: tuple[Suggestion, ...]
    ledger: Ledger
    checklist: tuple[Condition, ...]
    versions: tuple[tuple[int, str, datetime, str], ...]
    next_review: Review | None
    record: tuple[Entry, ...]

    def name(self, person_id: str | None) -> str:
        """Return a person's name, the id where no name is known."""
        return self.names.get(person_id, person_id) if person_id else "nobody"


async def explain(tx: Transaction, customer_id: str) -> Explanation:
    """Return the customer's open case, else its last one, as it stands now. Raises NotKnown."""
    known = await cases.latest_of(tx, customer_id)
    customer = await customers.find(tx, customer_id)
    if known is None:
        raise NotKnown(f"There is no case of {'a' if customer is None else 'the'} customer {customer_id}.")
    case, head = known
    versions = await cases.versions(tx, case.case_id)
    rows = await record.last_of(tx, case.case_id, SHOWN_ROWS)
    ours = sorted(_people(case) | {one.by for one in rows if one.by} | {author for _, author, *_ in versions})
    contacts = {one.contact_id: one.name for one in customer.contacts} if customer else {}
    return Explanation(
        case=case,
        head=head,
        at=tx.now,
        customer=customer,
        names={**await customers.names_of(tx, ours), **contacts},
        path=path(case, tx.now),
        suggestions=_suggested(case),
        ledger=ledger(case, tx.now),
        checklist=checklist(case, tx.now),
        versions=tuple((number, author, at, hash_) for number, author, at, hash_, _ in versions),
        next_review=min(
            (one for one in case.reviews if one.state == "planned"), key=lambda one: one.planned_for, default=None
        ),
        record=tuple(rows),
    )


def _suggested(case: Case) -> tuple[Suggestion, ...]:
    if not case.is_open:
        return ()
    used = {one.playbook for one in case.playbooks}
    found = suggest([reason.code for reason in case.reasons], shipped_playbooks())
    return tuple(one for one in found if one.playbook.name not in used)


def _people(case: Case) -> set[str]:
    """Return the ids of everybody whom a reader meets in the case."""
    found = {case.csm, case.opened_by, *(one.person_id for one in case.stakeholders)}
    versions = [version for version in (case.plan.proposed, case.plan.agreed) if version]
    for terms in (case.plan.draft, *(version.terms for version in versions)):
        found |= {one.owner for one in terms.commitments} if terms else set()
    for version in (case.plan.proposed, case.plan.agreed):
        found |= {one.person_id for one in version.acceptances} if version else set()
    if case.exception is not None:
        found |= {case.exception.asked_by, case.exception.allowed_by}
    found |= {case.ending.by if case.ending else None, case.failure.by if case.failure else None}
    return {one for one in found if one}
