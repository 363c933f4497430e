"""What transition_review does when something happens to a case."""

from services.transition_review import store
from shared.casework import Casework
from shared.contracts.plans.facts import FACTS, CaseFact
from shared.contracts.topics import PLANS
from shared.database import Transaction

CONSUMES = (PLANS,)
casework = Casework("transition_review")


async def keep_case_when_it_changes(event: CaseFact, tx: Transaction) -> None:
    """Keep the case as the event's snapshot shows it."""
    case = event.case
    await store.keep_case(tx, case.case_id, customer_id=event.customer_id, revision=case.revision, state=case.state)


for kind in FACTS:
    if issubclass(kind, CaseFact):
        casework.on(PLANS, kind)(keep_case_when_it_changes)
