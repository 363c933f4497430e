"""What notifications says of what a person chose (choices.v1): whole each time, for their own page in the console."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.event import Contract, Fact
from shared.contracts.fields import Day, Id, Moment
from shared.contracts.notification_commands import (
    ChannelAddress,
    ChannelsFor,
    ClockTime,
    QuietHours,
    TimingFor,
    Weekday,
)


class ChoicesEvent(Fact):
    """A fact about what one of our people chose."""

    key_field: ClassVar[str] = "person_id"

    person_id: Id


class MutedCustomer(Contract):
    """Nothing is said of this customer until then, but what is critical."""

    customer: Id
    until: Moment


class Absence(Contract):
    """Away on these days; substitute: who stands in, else the manager."""

    first_day: Day
    last_day: Day
    substitute: Id | None = None


class NotificationsChosen(ChoicesEvent):
    """How the person is told from now on, as after the change: by command, or by the link in a mail.

    working_days: all of them where none is named. The addresses are the person's own; nobody else is shown them.
    """

    type: Literal["NotificationsChosen"] = "NotificationsChosen"
    channels: Annotated[tuple[ChannelsFor, ...], Field(max_length=4)]
    timings: Annotated[tuple[TimingFor, ...], Field(max_length=3)]
    addresses: Annotated[tuple[ChannelAddress, ...], Field(max_length=10)] = ()
    quiet: QuietHours | None = None
    working_days: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", strict=True)] | None = None
    digest_at: ClockTime
    digest_day: Weekday
    muted: Annotated[tuple[MutedCustomer, ...], Field(max_length=500)] = ()
    absence: Absence | None = None
