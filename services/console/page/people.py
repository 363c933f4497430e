"""What people of both sides are called on a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from services.console.store.customers import Customer
from shared.contracts.plans.case import CaseSnapshot


@dataclass(frozen=True)
class People:
    """Names by id: of ours, of the customer's contacts, and of a case's stakeholders."""

    known: Mapping[str, str]

    @classmethod
    def of(cls, ours: Mapping[str, str], customer: Customer | None, case: CaseSnapshot | None = None) -> Self:
        """Gather the names."""
        theirs = {one.contact_id: one.name for one in customer.contacts} if customer else {}
        known = {**theirs, **ours}
        players = case.stakeholders if case else ()
        return cls({**{one.stakeholder_id: known.get(one.person_id, one.person_id) for one in players}, **known})

    def name(self, id_: str | None) -> str:
        """Return what somebody is called; the id where the name is not known."""
        return "the service" if id_ is None else self.known.get(id_, id_)
