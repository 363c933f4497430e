"""Private notes, on a topic of their own that the console alone reads (notes.v1)."""

from typing import Literal

from shared.contracts.event import DomainEvent
from shared.contracts.fields import Id, PersonalText


class PrivateNoteKept(DomainEvent):
    """Somebody of ours kept a note about a case; it never reaches the customer, nor any document for it."""

    type: Literal["PrivateNoteKept"] = "PrivateNoteKept"
    note_id: Id
    case_id: Id
    about: Id
    by: Id
    text: PersonalText
