"""The commands that notifications takes: what people choose, and what they take in hand."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from shared.contracts.event import Command, StrictContract
from shared.contracts.fields import Day, Id, Moment, Personal
from shared.contracts.notices import ChannelName

TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Urgency = Literal["low", "normal", "high", "critical"]
Timing = Literal["at_once", "hourly", "daily", "weekly", "never"]
ClockTime = Annotated[str, Field(pattern=TIME, strict=True)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Address = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^[\x21-\x7e]+$", strict=True), Personal()]


class ChannelsFor(StrictContract):
    """Where something so urgent is told."""

    urgency: Urgency
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1, max_length=5)]


class TimingFor(StrictContract):
    """How often something so urgent is told; what is critical always comes at once."""

    urgency: Literal["low", "normal", "high"]
    timing: Timing


class ChannelAddress(StrictContract):
    """A person's own address of a channel, such as the URL of a webhook. Mail goes to the address of people.v1."""

    channel: ChannelName
    address: Address


class QuietHours(StrictContract):
    """By the person's own clock; over midnight where it ends before it begins."""

    begins: ClockTime
    ends: ClockTime

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.begins == self.ends:
            raise ValueError("must not begin and end at the same time: leave quiet hours out to have none")
        return self


class PersonsCommand(Command):
    """A command about what a person chose: the person's own to give, or an admin's."""

    key_field: ClassVar[str] = "person_id"

    person_id: Id


class ChooseNotifications(PersonsCommand):
    """How the person is told from now on, whole: what is left out is as it comes. Mutes and absences are kept.

    country: ISO 3166, whose public holidays are free.
    """

    type: Literal["ChooseNotifications"] = "ChooseNotifications"
    channels: Annotated[tuple[ChannelsFor, ...], Field(max_length=4)] = ()
    timings: Annotated[tuple[TimingFor, ...], Field(max_length=3)] = ()
    addresses: Annotated[tuple[ChannelAddress, ...], Field(max_length=10)] = ()
    quiet: QuietHours | None = None
    working_days: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$", strict=True)] | None = None
    digest_at: ClockTime = "08:00"
    digest_day: Weekday = "monday"


class MuteCustomer(PersonsCommand):
    """Say nothing of this customer to the person until then, but what is critical."""

    type: Literal["MuteCustomer"] = "MuteCustomer"
    customer: Id
    until: Moment


class UnmuteCustomer(PersonsCommand):
    """Tell of the customer again."""

    type: Literal["UnmuteCustomer"] = "UnmuteCustomer"
    customer: Id


class BeAway(PersonsCommand):
    """The person is away on these days; somebody stands in, else their manager."""

    type: Literal["BeAway"] = "BeAway"
    first_day: Day
    last_day: Day
    substitute: Id | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("must not end before it begins: exchange first_day and last_day")
        return self


class BeBack(PersonsCommand):
    """The person is here again."""

    type: Literal["BeBack"] = "BeBack"


class RevokeLinks(PersonsCommand):
    """No link in a mail that the person has got until now does anything any more."""

    type: Literal["RevokeLinks"] = "RevokeLinks"


class AcknowledgeNotice(Command):
    """Take in hand what was asked for; whoever was told may, or an admin."""

    key_field: ClassVar[str] = "ask_id"

    type: Literal["AcknowledgeNotice"] = "AcknowledgeNotice"
    ask_id: Id


class ResendMessage(Command):
    """Send a message again that has failed, or was sent; for admins."""

    key_field: ClassVar[str] = "message_id"

    type: Literal["ResendMessage"] = "ResendMessage"
    message_id: Id


class TryChannel(PersonsCommand):
    """Send the person a message that asks for nothing, on this channel, now."""

    type: Literal["TryChannel"] = "TryChannel"
    channel: ChannelName


COMMANDS = (
    ChooseNotifications,
    MuteCustomer,
    UnmuteCustomer,
    BeAway,
    BeBack,
    RevokeLinks,
    AcknowledgeNotice,
    ResendMessage,
    TryChannel,
)
