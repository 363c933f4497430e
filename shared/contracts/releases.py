"""What may reach a customer's contact by mail, released by the service that owns it (releases.v1, kept 24 hours)."""

from typing import Literal

from shared.contracts.event import Unnumbered
from shared.contracts.fields import Id, Moment, PersonalLine

Template = Literal["signing_code"]


class MessageReleased(Unnumbered):
    """Send this template with these fields to this contact, by `expires_at`, or never."""

    type: Literal["MessageReleased"] = "MessageReleased"
    contact_id: Id
    template: Template
    fields: dict[Id, PersonalLine]
    expires_at: Moment
