"""What every service says of records that it could not take (parked.v1). They are listed by `amicable dlq`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.event import Fact
from shared.contracts.fields import Id, Revision


class ParkedEvent(Fact):
    """A fact about the records that a service keeps."""

    key_field: ClassVar[str] = "service"

    service: Id


class RecordsParked(ParkedEvent):
    """So many records were kept since it was last told, with the topics that they came on. Of customers nothing."""

    type: Literal["RecordsParked"] = "RecordsParked"
    parked: Revision
    topics: Annotated[tuple[Id, ...], Field(max_length=50)]
