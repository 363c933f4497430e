"""Documents that people of ours ask for: which there are, in which formats, and each as a file."""

from services.action_plans.documents import evidence
from services.action_plans.documents.kinds import KINDS
from services.action_plans.domain.case import Case
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.domain.sharing import shown
from services.action_plans.store import dossier, shared_plans
from shared.database import Transaction
from shared.documents.files import File, safe

FORMATS = {"plan": tuple(KINDS), "evidence": ("zip",)}


def require_there(case: Case, document: str, format_: str) -> None:
    """Raise NotPossible unless there is such a document of the case, in this format."""
    if format_ not in FORMATS[document]:
        known = ", ".join(FORMATS[document])
        raise NotPossible("no_format", f"There is no such document as {format_}.", f"the format is one of {known}")
    if document == "plan" and shown(case) is None:
        raise NotPossible("nothing_proposed", "There is no plan yet that could be read.", "a plan was proposed")


async def file_of(tx: Transaction, case: Case, document: str, format_: str, company: str) -> File:
    """Return a document as it is now; the evidence without private notes. company: what we are called."""
    require_there(case, document, format_)
    name = safe(case.customer_id)
    if document == "evidence":
        found = await dossier.gather(tx, case, with_notes=False)
        return File(f"evidence-{name}-revision-{case.revision}.zip", "application/zip", lambda: evidence.pack(found))
    plan, kind = await shared_plans.of_case(tx, case, company), KINDS[format_]
    if plan is None:
        raise LookupError(case.case_id)
    return File(f"plan-{name}-version-{plan.version}.{kind.ending}", kind.media_type, lambda: kind.render(plan))
