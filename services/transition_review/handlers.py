"""What transition_review does when something happens to a case."""

from services.transition_review import store
from shared.casework import Casework
from shared.contracts.plans import CaseDismissed, CaseOpened, CaseUpdated
from shared.contracts.topics import PLANS
from shared.database import Transaction

CONSUMES = (PLANS,)
casework = Casework("transition_review")


@casework.on(PLANS, CaseOpened)
@casework.on(PLANS, CaseUpdated)
@casework.on(PLANS, CaseDismissed)
async def keep_case_when_it_changes(event: CaseOpened | CaseUpdated | CaseDismissed, tx: Transaction) -> None:
    """Keep the case as the event's snapshot shows it."""
    case = event.case
    await store.keep_case(tx, case.case_id, customer_id=event.customer_id, revision=case.revision, state=case.state)
