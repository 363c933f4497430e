"""Documents that people of ours ask for: who may, and how a request is kept until the document is fetched."""

from datetime import timedelta

from services.action_plans.documents.requesting import require_there
from services.action_plans.domain.case import Case
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.handlers.desk import conflict
from services.action_plans.store import cases, customers
from shared import people
from shared.commands import Done, Refused
from shared.contracts.plans.commands import RequestDocument
from shared.database import Transaction
from shared.documents import requested
from shared.documents.requested import Requested

LIFE = timedelta(minutes=15)
SEES_ALL = frozenset({"executive", "admin"})


async def request(command: RequestDocument, tx: Transaction) -> Done:
    """Let whoever asks fetch a document for some minutes. The token stays with them; here is its hash alone."""
    by = tx.actor or ""
    known = await cases.find(tx, command.case_id)
    case = known[0] if known and known[0].customer_id == command.customer_id else None
    await require_reader(tx, by, command.customer_id, case)
    if case is None:
        raise Refused("no_case", "The customer has no such case.", "the case exists")
    if command.expected_revision not in (None, case.revision):
        raise await conflict(tx, command.expected_revision, case)
    try:
        require_there(case, command.document, command.format)
    except NotPossible as why:
        raise Refused(why.code, why.why, *why.unmet) from None
    asked = Requested(command.event_id, case.case_id, command.document, command.format, by, tx.now + LIFE)
    if not await requested.add(tx, asked, command.token_hash):
        raise Refused("id_taken", "There is such a token already.", "token_hash is a new one")
    return Done(case.case_id, case.revision)


async def require_reader(tx: Transaction, person_id: str, customer_id: str, case: Case | None) -> None:
    """Refuse unless the person reads everything of the customer.

    The CSM does, whoever leads the CSM as a manager, executives and admins: those whom the console shows it all.
    """
    person = people.require_active(await people.find(tx, person_id))
    customer = await customers.find(tx, customer_id)
    csms = {customer.csm} if customer else set()
    if case is not None and case.is_open and case.csm is not None:
        csms.add(case.csm)
    if person_id in csms or person.roles & SEES_ALL:
        return
    if "manager" not in person.roles or not await people.leads(tx, person_id, sorted(csms)):
        raise people.not_allowed("Only the customer's CSM, who leads them, an executive or an admin may do this.")
