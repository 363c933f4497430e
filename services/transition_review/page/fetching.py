"""Finds the document that somebody of ours asked for and now fetches, by a token that they alone know."""

from services.transition_review.documents.gathering import Company
from services.transition_review.documents.requesting import file_of
from services.transition_review.domain.refusal import NotPossible
from services.transition_review.handlers.documents import require_reader
from services.transition_review.store import known, transitions
from shared.commands import Refused
from shared.database import Transaction
from shared.documents import requested
from shared.documents.files import File
from shared.documents.requested import Requested
from shared.page.links import Shut, hash_of, is_token


async def fetched(tx: Transaction, token: str, name: str, company: Company) -> tuple[Requested, File]:
    """Return what the token fetches. name: the end of the address, as `agenda.pdf`. Raises Shut.

    Whoever asked must still be one of those who may, since minutes can have gone by.
    """
    asked = await requested.by_token(tx, hash_of(token)) if is_token(token) else None
    if asked is None or name != f"{asked.document}.{asked.format}":
        raise Shut
    transition = await transitions.find(tx, asked.subject_id)
    if transition is None:
        raise Shut
    customer = await known.find_customer(tx, transition.customer_id)
    try:
        await require_reader(tx, asked.asked_by, transition.customer_id, transition)
        return asked, await file_of(tx, transition, customer, asked.document, asked.format, company)
    except (Refused, NotPossible):
        raise Shut from None
