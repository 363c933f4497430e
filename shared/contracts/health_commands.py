"""The commands that health_scoring takes."""

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from shared.contracts.event import Command, CustomerCommand
from shared.contracts.fields import PLAIN_TEXT, Described, Id, Moment, PersonalLine, plain_text
from shared.contracts.health import KnownBand

MAX_CARD = 200_000  # characters

CardText = Annotated[
    str,
    Field(min_length=1, max_length=MAX_CARD, strict=True),
    AfterValidator(plain_text),
    Described("pattern", PLAIN_TEXT),
]


class OverrideHealth(CustomerCommand):
    """Say another band than the computed one, with the reason, until `expires_at`: 30 days from now at most."""

    type: Literal["OverrideHealth"] = "OverrideHealth"
    band: KnownBand
    reason: PersonalLine
    expires_at: Moment


class ClearOverride(CustomerCommand):
    """Take back what was said instead of the computed band."""

    type: Literal["ClearOverride"] = "ClearOverride"


class RescoreCustomer(CustomerCommand):
    """Judge the customer anew from all that is known, and publish its score whether or not it has changed."""

    type: Literal["RescoreCustomer"] = "RescoreCustomer"


class ActivateScorecard(Command):
    """Store this version of a scorecard (`card`, its name; `text`, its YAML), and put it into force now."""

    key_field: ClassVar[str] = "card"

    type: Literal["ActivateScorecard"] = "ActivateScorecard"
    card: Id
    text: CardText
