"""What may reach a customer's contact by mail, released by the service that owns it (releases.v1, kept 24 hours)."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.event import Contract, Unnumbered
from shared.contracts.fields import Id, Moment, PersonalLine, ShortId

Template = Literal[
    "signing_code", "ending_notice", "ending_changed", "ending_withdrawn", "ending_called_off", "ending_plan_link"
]


class TemplateField(Contract):
    """What stands in the place of this name in the template."""

    name: ShortId
    text: PersonalLine


class MessageReleased(Unnumbered):
    """Send this template, with these fields, to this contact, by `expires_at`, or never."""

    type: Literal["MessageReleased"] = "MessageReleased"
    contact_id: Id
    template: Template
    fields: Annotated[tuple[TemplateField, ...], Field(max_length=20)]
    expires_at: Moment
