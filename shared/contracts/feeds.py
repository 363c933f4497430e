"""What health_scoring says of its feeds. A feed is a topic and the upstream system that sends on it."""

from typing import ClassVar, Literal

from shared.contracts.event import Fact
from shared.contracts.fields import Id, Moment


class FeedEvent(Fact):
    """A fact about a feed. `origin`: the `source` of its events; `feed`: their topic."""

    key_field: ClassVar[str] = "origin"

    origin: Id
    feed: Id


class FeedStopped(FeedEvent):
    """Nothing has come for longer than the feed ever rests; until it does, its silence says nothing.

    since: the hour of its last event is over.
    """

    type: Literal["FeedStopped"] = "FeedStopped"
    since: Moment


class FeedResumed(FeedEvent):
    """It brings events again."""

    type: Literal["FeedResumed"] = "FeedResumed"


class FeedForgotten(FeedEvent):
    """It has been silent for 60 days and is not waited for any more: silence is the customers' own from now on."""

    type: Literal["FeedForgotten"] = "FeedForgotten"
