"""Documents that people of ours ask for: who may, and how a request is kept until the document is fetched."""

from datetime import timedelta

from services.transition_review.documents.requesting import require_there
from services.transition_review.domain.approving import reviews
from services.transition_review.domain.involved import involved
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.domain.transition import Transition
from services.transition_review.handlers.desk import conflict
from services.transition_review.store import known, transitions
from shared import people
from shared.commands import Done, Refused
from shared.contracts.endings.commands import RequestEndingDocument
from shared.database import Transaction
from shared.documents import requested
from shared.documents.requested import Requested
from shared.people import Person

LIFE = timedelta(minutes=15)
SEES_ALL = frozenset({"executive", "admin"})


async def request(command: RequestEndingDocument, tx: Transaction) -> Done:
    """Let whoever asks fetch a document for some minutes. The token stays with them; here is its hash alone."""
    by = tx.actor or ""
    found = await transitions.find(tx, command.transition_id)
    transition = found if found and found.customer_id == command.customer_id else None
    await require_reader(tx, by, command.customer_id, transition)
    if transition is None:
        raise Refused("no_transition", "The customer has no such transition.", "the transition exists")
    if command.expected_revision not in (None, transition.revision):
        raise await conflict(tx, command.expected_revision, transition)
    try:
        require_there(transition, command.document)
    except NotPossible as why:
        raise Refused(why.code, why.why, *why.unmet) from None
    asked = Requested(command.event_id, transition.transition_id, command.document, command.format, by, tx.now + LIFE)
    if not await requested.add(tx, asked, command.token_hash):
        raise Refused("id_taken", "There is such a token already.", "token_hash is a new one")
    return Done(transition.transition_id, transition.revision)


async def require_reader(tx: Transaction, person_id: str, customer_id: str, transition: Transition | None) -> None:
    """Refuse unless the person reads the transition whole.

    Those do who prepare it, review it (any member of a team that has to may), or lead: whom the console shows it all.
    """
    person = people.require_active(await people.find(tx, person_id))
    if person.roles & SEES_ALL or await _owns(tx, person, customer_id, transition):
        return
    if transition is None or not await _has_a_part(tx, person_id, transition):
        raise people.not_allowed("Only those who prepare, review or lead this ending may do this.")


async def _owns(tx: Transaction, person: Person, customer_id: str, transition: Transition | None) -> bool:
    """Tell whether the person is the customer's CSM, or leads the CSM as a manager."""
    customer = await known.find_customer(tx, customer_id)
    csms = {one for one in (customer and customer.csm, transition and transition.csm) if one}
    manages = "manager" in person.roles and await people.leads(tx, person.person_id, sorted(csms))
    return person.person_id in csms or manages


async def _has_a_part(tx: Transaction, person_id: str, transition: Transition) -> bool:
    if person_id in involved(transition, tx.now):
        return True
    customer = await known.find_customer(tx, transition.customer_id)
    asked = {one.team for one in reviews(transition, customer.recurring if customer else None)}
    return bool(asked & await known.teams_of(tx, person_id))
