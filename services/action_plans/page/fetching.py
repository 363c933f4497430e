"""Finds the document that somebody of ours asked for and now fetches, by a token that they alone know."""

from services.action_plans.documents.requesting import file_of
from services.action_plans.domain.refusal import NotPossible
from services.action_plans.handlers.documents import require_reader
from services.action_plans.store import cases
from shared.commands import Refused
from shared.database import Transaction
from shared.documents import requested
from shared.documents.files import File
from shared.documents.requested import Requested
from shared.page.links import Shut, hash_of, is_token


async def fetched(tx: Transaction, token: str, name: str, company: str) -> tuple[Requested, File]:
    """Return what the token fetches. name: the end of the address, as `plan.pdf`. Raises Shut.

    Whoever asked must still be one of those who may, since minutes can have gone by.
    """
    asked = await requested.by_token(tx, hash_of(token)) if is_token(token) else None
    if asked is None or name != f"{asked.document}.{asked.format}":
        raise Shut
    known = await cases.find(tx, asked.subject_id)
    if known is None:
        raise Shut
    case, _ = known
    try:
        await require_reader(tx, asked.asked_by, case.customer_id, case)
        return asked, await file_of(tx, case, asked.document, asked.format, company)
    except (Refused, NotPossible):
        raise Shut from None
