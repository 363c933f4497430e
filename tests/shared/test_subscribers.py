"""How every service listens, read from the application as it is built: a new service cannot slip through."""

import importlib
import pkgutil
from typing import Any

import pytest
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from faststream.kafka.subscriber.usecase import BatchSubscriber, DefaultSubscriber
from faststream.middlewares import AckPolicy

import services
from amicable.services import NAMES
from shared.contracts.topics import TOPICS
from shared.messaging import Intake, SanitiseHeaders
from tests.shared.needed_settings import NEEDED

KINDS = {True: BatchSubscriber, False: DefaultSubscriber}  # neither hands out records side by side


async def _app(name: str) -> Any:
    config: Any = importlib.import_module(f"services.{name}.config")
    own = NEEDED.get(name, {})
    settings = config.Settings(database_url="postgresql://a:b@localhost/c", kafka="localhost:9092", http_port=0, **own)
    return importlib.import_module(f"services.{name}.app").create_app(settings)


def test_every_service_is_looked_at() -> None:
    """What is in the folder is what is run."""
    assert set(NAMES) == {module.name for module in pkgutil.iter_modules(services.__path__)}


@pytest.mark.parametrize("name", NAMES)
async def test_one_subscriber_reads_all_topics(name: str) -> None:
    """Two of one group would split the records between them."""
    app = await _app(name)
    (subscriber,) = app.broker.subscribers
    module = importlib.import_module(f"services.{name}.app")
    topics = [topic.name for topic in subscriber.topics]
    assert topics == list(module.TOPICS)
    assert set(topics) <= TOPICS.keys()
    assert subscriber.pattern is None


@pytest.mark.parametrize("name", NAMES)
async def test_records_are_committed_only_when_taken(name: str) -> None:
    """FastStream's own default commits first; its policies ACK and REJECT_ON_ERROR commit what failed."""
    (subscriber,) = (await _app(name)).broker.subscribers
    assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR
    assert subscriber._connection_args["enable_auto_commit"] is False


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_that_was_there_before_is_passed_over(name: str) -> None:
    """From the earliest record, in a group named after the service, on topics that are declared and never made up."""
    app = await _app(name)
    (subscriber,) = app.broker.subscribers
    assert subscriber._connection_args["auto_offset_reset"] == "earliest"
    assert subscriber.group_id == name
    assert subscriber._outer_config.allow_auto_create_topics is False


@pytest.mark.parametrize("name", NAMES)
async def test_records_are_handled_one_after_the_other(name: str) -> None:
    """A commit covers everything that was handed out, so nothing is in hand beside it."""
    (subscriber,) = (await _app(name)).broker.subscribers
    assert type(subscriber) in KINDS.values()


@pytest.mark.parametrize("name", NAMES)
async def test_deadlines_are_ordered(name: str) -> None:
    """Handler < rebalance < poll; a rebalance waits for the record in hand; a customer has one owner on all topics."""
    (subscriber,) = (await _app(name)).broker.subscribers
    args = subscriber._connection_args
    assert 20_000 < args["session_timeout_ms"] * 6 <= args["rebalance_timeout_ms"] == 60_000
    assert args["rebalance_timeout_ms"] < args["max_poll_interval_ms"] == 300_000
    assert args["partition_assignment_strategy"] == (RangePartitionAssignor,)
    assert isinstance(subscriber._listener, Intake)
    assert subscriber._outer_config.graceful_timeout == 25.0


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_can_make_a_service_publish(name: str) -> None:
    """No replies, no publishers of FastStream's (the relay publishes), no page that lets one try it out."""
    app = await _app(name)
    (subscriber,) = app.broker.subscribers
    assert subscriber._no_reply is True
    assert list(app.broker.publishers) == []
    assert subscriber._outer_config.consumer_only is True
    assert [path for path, _ in app.routes] == ["/livez", "/readyz"]


@pytest.mark.parametrize("name", NAMES)
async def test_odd_headers_are_mended_before_they_are_parsed(name: str) -> None:
    """A header that fails parsing would be committed past."""
    (subscriber,) = (await _app(name)).broker.subscribers
    assert SanitiseHeaders in subscriber._outer_config.broker_middlewares
