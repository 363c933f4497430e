"""Something that a contact asks for on the page, with what it is done with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.action_plans.domain.case import Case
from services.action_plans.keeping import Cause, Decided, Keeper
from services.action_plans.page.forms import Form
from services.action_plans.page.reading import Visit
from services.action_plans.store import links
from shared.database import Transaction


@dataclass(frozen=True)
class Asked:
    """Something that is asked of the page. company: what we are called."""

    tx: Transaction
    keeper: Keeper
    visit: Visit
    form: Form
    company: str

    @property
    def case(self) -> Case:
        """The case as it is, under its customer's lock."""
        return self.visit.case

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.tx.now

    @property
    def contact_id(self) -> str:
        """Who does it: the contact whose link it is."""
        return self.visit.contact.contact_id

    @property
    def link_id(self) -> str:
        """The link that it came by."""
        return self.visit.link.link_id

    async def keep(self, what: Decided, **details: object) -> None:
        """Keep a decision as the contact's."""
        cause = str(uuid4())
        said = {"link_id": self.link_id, **details}
        by, head = self.contact_id, self.visit.head
        await self.keeper.keep(self.tx, what, head, Cause(cause, cause), by=by, details=said)

    async def note(self, what: str) -> None:
        """Note in the access log what the link was used for."""
        await links.note_visit(self.tx, self.link_id, what)
