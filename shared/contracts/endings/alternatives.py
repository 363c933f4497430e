"""What transition_review says of the catalogue of alternatives (alternatives.v1): each entry whole, of no customer."""

from typing import ClassVar, Literal

from shared.contracts.endings.parts import SomeText
from shared.contracts.event import Fact
from shared.contracts.fields import Flag, PersonalLine, ShortId


class AlternativeEvent(Fact):
    """A fact about an entry of the catalogue."""

    key_field: ClassVar[str] = "alternative_id"

    alternative_id: ShortId


class AlternativeKept(AlternativeEvent):
    """An alternative, as it is from now on. fits: whom it fits; retired: it is offered to nobody any more."""

    type: Literal["AlternativeKept"] = "AlternativeKept"
    name: PersonalLine
    fits: SomeText
    retired: Flag = False
