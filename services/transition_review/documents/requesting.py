"""Documents that people of ours ask for: which there are now, and each as a file."""

from services.transition_review.documents.gathering import Company, plan_of_transition, sheet_of_transition
from services.transition_review.documents.kinds import AGENDA, NOTICE, PLAN, PREPARATION
from services.transition_review.domain.announcing import require_prepared
from services.transition_review.domain.customer_plan import require_told
from services.transition_review.domain.transition import Transition
from services.transition_review.store.known import Customer
from shared.database import Transaction
from shared.documents.files import File, safe
from shared.documents.kinds import Kind, Made

OURS = {"agenda": AGENDA, "preparation": PREPARATION}
THEIRS = {"plan": PLAN, "notice": NOTICE}
NAMES = {"plan": "transition-plan"}  # of files, where they are not the document's own


def require_there(transition: Transition, document: str) -> None:
    """Raise NotPossible unless there is such a document of the ending now."""
    if document in OURS:
        require_prepared(transition)
    else:
        require_told(transition)


async def file_of(
    tx: Transaction, transition: Transition, customer: Customer | None, document: str, format_: str, company: Company
) -> File:
    """Return a document as it is now. Raises NotPossible."""
    name = f"{NAMES.get(document, document)}-{safe(transition.customer_id)}"
    if document in OURS:
        return _file(name, OURS[document][format_], await sheet_of_transition(tx, transition, customer, company))
    return _file(name, THEIRS[document][format_], await plan_of_transition(tx, transition, customer, company))


def _file(name: str, kind: Kind[Made], made: Made) -> File:
    return File(f"{name}.{kind.ending}", kind.media_type, lambda: kind.render(made))
