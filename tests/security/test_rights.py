"""On a guarded Kafka: who may write and read what, and who is not let in."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupAuthorizationFailedError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import DeleteAclsRequest

from amicable import acls
from amicable.acls import Right
from amicable.asyncapi import CONSUMES
from amicable.problems import Problem
from amicable.services import NAMES
from shared import kafka_entry, relay, service
from shared.contracts.topics import CHOICES, NOTES, RELEASES, TOPICS, Kind, Topic
from shared.database import Pool
from shared.kafka_access import OPEN, Access, KafkaLogin
from shared.kafka_entry import NotLetIn
from shared.leases import Leases
from shared.messaging import Intake, create_broker
from shared.readiness import Readiness
from shared.relay import Relay
from shared.service import CannotStart
from shared.settings import ServiceSettings
from tests.certificates import certificates
from tests.deployment import until
from tests.security.conftest import typed
from tests.security.guarded import NOBODY, SUPER, GuardedKafka
from tests.shared.intakes import Taker
from tests.shared.outbox_rows import put, unpublished

WRITERS = {*NAMES, "upstream", "console"}
USERS = sorted({*WRITERS, *acls.TEAMS})


@pytest.mark.parametrize("user", sorted(WRITERS))
async def test_user_writes_its_own_topics_and_no_others(guarded: GuardedKafka, user: str) -> None:
    """With the relay's idempotent producer, which needs no right beyond Write."""
    kinds = {"upstream": Kind.UPSTREAM, "console": Kind.COMMAND}
    own = {name for name, topic in TOPICS.items() if user in topic.producers or kinds.get(user) is topic.kind}
    producer = relay.producer(guarded.address, user, guarded.access(user))
    await producer.start()
    try:
        for name in TOPICS:
            if name in own:
                await producer.send_and_wait(name, None, key=b"tombstone-of-nobody", partition=1)
            else:
                with pytest.raises(TopicAuthorizationFailedError):
                    await producer.send_and_wait(name, b"forged", key=b"anybody", partition=1)
    finally:
        await producer.stop()


@pytest.mark.parametrize("user", USERS)
async def test_user_reads_what_it_consumes_and_nothing_else(guarded: GuardedKafka, user: str) -> None:
    """Fetching itself is refused, whatever the group."""
    client = AIOKafkaClient(bootstrap_servers=guarded.address, **guarded.access(user).of_client())
    await client.bootstrap()
    try:
        refused = await kafka_entry.unreadable(client, TOPICS)
    finally:
        await client.close()
    own = {*CONSUMES.get(user, ()), *(topic for topic in TOPICS.values() if user == "console" and topic is NOTES)}
    own |= {topic for topic in TOPICS.values() if user in topic.outside}
    assert refused == sorted(TOPICS.keys() - {topic.name for topic in own})


@pytest.mark.parametrize(
    ("topic", "reader"),
    [(RELEASES, "notifications"), (NOTES, "console"), (CHOICES, "console")],
    ids=["releases", "notes", "choices"],
)
def test_one_time_codes_and_private_notes_are_read_by_one_alone(topic: Topic, reader: str) -> None:
    """No service consumes them by the way: nobody else is given the right."""
    assert topic.readers == frozenset({reader})
    assert {service for service, consumed in CONSUMES.items() if topic in consumed} <= {reader}
    readers = {right.principal for right in acls.needed() if right.operation == "Read" and right.name == topic.name}
    assert readers <= {reader}


async def test_consumer_without_the_right_gets_nothing(guarded: GuardedKafka) -> None:
    """As any client sees it."""
    login = guarded.access("action_plans").of_client()
    consumer = AIOKafkaConsumer(bootstrap_servers=guarded.address, group_id=None, **login)
    await consumer.start()
    try:
        consumer.assign([TopicPartition("plans.v1", 0)])  # its own, which it may write and not read
        await consumer.seek_to_beginning()
        with pytest.raises(TopicAuthorizationFailedError):
            await consumer.getmany(timeout_ms=10_000)
    finally:
        await consumer.stop()


async def test_user_joins_no_other_group(guarded: GuardedKafka) -> None:
    """Or it could take a service's partitions away, or set its offsets back."""
    consumer = AIOKafkaConsumer(
        "plans.v1", bootstrap_servers=guarded.address, group_id="action_plans",
        **guarded.access("notifications").of_client(),
    )  # fmt: skip
    try:
        with pytest.raises(GroupAuthorizationFailedError):
            await consumer.start()
    finally:
        await consumer.stop()


@pytest.mark.parametrize("team", acls.TEAMS)
async def test_a_team_reads_what_is_public_in_the_group_of_its_name_and_writes_nothing(
    guarded: GuardedKafka, team: str
) -> None:
    access = guarded.access(team)
    await kafka_entry.require_reading(guarded.address, access, team, {"terminations.v1"})
    with pytest.raises(NotLetIn):
        await kafka_entry.require_reading(guarded.address, access, "transition_review", {"terminations.v1"})
    producer = AIOKafkaProducer(bootstrap_servers=guarded.address, **access.of_client())
    await producer.start()
    try:
        for name in TOPICS:
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(name, b"forged", key=b"anybody", partition=1)
    finally:
        await producer.stop()


async def test_service_s_start_finds_the_missing_right(guarded: GuardedKafka) -> None:
    """A consumer would wait in silence."""
    address = guarded.address
    await kafka_entry.require_reading(address, guarded.access("action_plans"), "action_plans", {"health.v1"})
    with pytest.raises(NotLetIn, match="action_plans in, but not read the topic plans"):
        await kafka_entry.require_reading(
            address, guarded.access("action_plans"), "action_plans", {"health.v1", "plans.v1"}
        )
    with pytest.raises(NotLetIn, match="the user notifications in, but not read as the group action_plans"):
        await kafka_entry.require_reading(address, guarded.access("notifications"), "action_plans", {"plans.v1"})


async def test_right_that_is_taken_away_from_a_running_service_shows_in_its_readiness(
    guarded: GuardedKafka, pool: Pool
) -> None:
    """At once and in one sentence, and as long as it is missing; its other topics go on."""
    access, taker = guarded.access("action_plans"), Taker()
    broker = create_broker(guarded.address, "action_plans", access)
    intake = Intake(broker, "action_plans", ["health.v1", "people.v1"], taker.take, batch=True)
    readiness = Readiness("action_plans", pool, intake, lambda: datetime.now(UTC), _nothing_pending, unknown={})

    async def says(name: str, *, ok: bool) -> str:
        async def does() -> bool:
            return {check.name for check in await readiness.checks() if not check.ok} == (set() if ok else {name})

        await until(does, f"{name} holds: {ok}")
        return next(check.says for check in await readiness.checks() if check.name == name)

    await broker.start()
    try:
        await says("rights", ok=True)
        await revoke(guarded, "action_plans", "health.v1")
        try:
            said = await says("rights", ok=False)
            assert said == "the right to read health.v1 is missing (or the topic is): see `amicable acls`"
            await intake.consumer._client.force_metadata_update()  # as it happens every minute
            producer = relay.producer(guarded.address, "upstream", guarded.access("upstream"))
            await producer.start()
            await producer.send_and_wait("people.v1", b"1", key=b"ana", partition=1)
            await producer.stop()

            async def taken() -> bool:
                return b"1" in taker.taken

            await until(taken, "the other topic's record is taken")
            assert await says("rights", ok=False) == said
        finally:
            await acls.grant(
                guarded.address, guarded.access(SUPER), [Right("action_plans", "Read", "Topic", "health.v1")]
            )
        await intake.consumer._client.force_metadata_update()
        await says("rights", ok=True)
        await until(_reads(intake, "health.v1"), "the topic is read again")
    finally:
        await broker.stop()


def _reads(intake: Intake, topic: str) -> Callable[[], Awaitable[bool]]:
    async def reads() -> bool:
        return topic in {tp.topic for tp in intake.partitions}

    return reads


async def _nothing_pending() -> int:
    return 0


async def test_outbox_keeps_what_may_not_be_written(guarded: GuardedKafka, pool: Pool) -> None:
    """It is not lost, and the failure is told, so that the service is not ready."""
    leases = Leases(pool)
    await leases.renew()
    one = Relay(pool, "tests", leases, lambda: relay.producer(guarded.address, "tests", guarded.access("action_plans")))
    await put(pool, "health.v1", "acme", 1)
    with pytest.raises(TopicAuthorizationFailedError):
        await one.send_chunk()
    assert await unpublished(pool) == 1
    await one._discard_producer()


@pytest.mark.parametrize(
    ("words", "stdin"), [(["topics"], ""), (["send", "-"], "{}\n"), (["acls"], "")], ids=lambda value: value[0:1]
)
def test_wrong_password_is_a_sentence(guarded: GuardedKafka, tmp_path: Path, words: list[str], stdin: str) -> None:
    """And code 3."""
    answer = typed(guarded, "administrator", *words, folder=tmp_path, stdin=stdin, kafka_password="wrong")
    assert answer.code == 3
    assert answer.err.endswith("does not let the user administrator in: check KAFKA_USER and KAFKA_PASSWORD.")
    assert "Traceback" not in answer.err


def test_acls_are_shown_and_told_to_those_alone_who_may_see_them(guarded: GuardedKafka, tmp_path: Path) -> None:
    """Nothing is missing, and nobody else may write."""
    told = typed(guarded, SUPER, "acls", "--json", folder=tmp_path)
    answer = json.loads(told.out)
    assert told.code == 0
    assert [(right["principal"], right["name"]) for right in answer["needed"] if not right["granted"]] == []
    assert answer["other_writers"] == answer["other_readers"] == []
    refused = typed(guarded, NOBODY, "acls", folder=tmp_path)
    assert refused.code == 1
    assert "does not let you see or grant rights" in refused.err


async def test_who_may_read_besides_what_is_for_few_is_told(guarded: GuardedKafka) -> None:
    """Of one-time codes and private notes; the rest is read by whoever was given the right."""
    own = [Right(NOBODY, "Read", "Topic", "plans.v1")]
    besides = [Right(NOBODY, "Read", "Topic", "notes.v1"), Right(NOBODY, "Read", "Topic", "releases.v1")]
    await acls.grant(guarded.address, guarded.access(SUPER), own + besides)
    try:
        there = await acls.granted(guarded.address, guarded.access(SUPER))
        assert acls.other_readers(there) == besides
        assert acls.other_readers({Right(NOBODY, "All", "Topic", "rel*")}) == [Right(NOBODY, "All", "Topic", "rel*")]
    finally:
        await revoke(guarded, NOBODY)


async def test_who_may_write_besides_is_told(guarded: GuardedKafka, tmp_path: Path) -> None:
    """A right on everything counts too, one on somebody else's topic does not."""
    everything = [Right(NOBODY, "All", "Topic", "*"), Right(NOBODY, "Write", "Topic", "elsewhere.v1")]
    await acls.grant(guarded.address, guarded.access(SUPER), everything)
    try:
        there = await acls.granted(guarded.address, guarded.access(SUPER))
        assert acls.other_writers(there) == everything[:1]
    finally:
        await revoke(guarded, NOBODY)


async def revoke(guarded: GuardedKafka, user: str, topic: str | None = None) -> None:
    """Take everything away that was granted to the user, or what was on the topic."""
    async with acls._client(guarded.address, guarded.access(SUPER)) as client:
        everything = DeleteAclsRequest(2 if topic else 1, topic, 1, f"User:{user}", None, 1, 1)
        await client.send(client.get_random_node(), everything)


async def test_broker_without_the_right_certificate_is_not_spoken_to(guarded: GuardedKafka, tmp_path: Path) -> None:
    """Not one that another authority signed, and not one for another host."""
    another = tmp_path / "another.pem"
    another.write_bytes(certificates()[0])
    login = KafkaLogin.model_validate(guarded.login("upstream", kafka_ca_file=str(another)))
    with pytest.raises(NotLetIn, match=r"certificate at 127.0.0.1:\d+ is not trusted \(.*\): check KAFKA_CA_FILE"):
        await kafka_entry.knock(guarded.address, login.kafka_access())
    elsewhere = guarded.address.replace("127.0.0.1", "localhost")
    with pytest.raises(NotLetIn, match="not valid for 'localhost'"):
        await kafka_entry.knock(elsewhere, guarded.access("upstream"))


async def test_kafka_without_an_authorizer_is_told(kafka: str) -> None:
    """Rights would mean nothing there."""
    with pytest.raises(Problem, match="has no authorizer: everybody may do everything"):
        await acls.granted(kafka, OPEN)


async def test_kafka_that_asks_nobody_for_a_password_is_told(kafka: str) -> None:
    """A login there would be one with anybody."""
    with pytest.raises(NotLetIn, match="does not take SCRAM-SHA-512"):
        await kafka_entry.knock(kafka, Access("action_plans", "secret"))


async def test_service_that_is_not_shown_a_topic_says_so(guarded: GuardedKafka) -> None:
    """To Kafka's client it looks as if there were no such topic."""
    with pytest.raises(CannotStart, match=r"no topic usage.v1: run .*, or does not show it to notifications"):
        await service._require_kafka(
            "notifications", settings(guarded.address, **guarded.login("notifications")), ["usage.v1"]
        )


async def test_service_that_does_not_know_of_tls_is_told_of_it(
    guarded: GuardedKafka, kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that is spoken to in the wrong way hangs up without a word."""
    monkeypatch.setattr(service, "SURROUNDINGS_SECONDS", 0)
    with pytest.raises(CannotStart, match="check the address, and KAFKA_TLS"):
        await service._require_kafka("notifications", settings(guarded.address), [])
    with pytest.raises(CannotStart, match="check the address, and KAFKA_TLS"):
        await service._require_kafka("notifications", settings(kafka, **guarded.login("notifications")), [])


def settings(kafka: str, **login: str) -> ServiceSettings:
    """Return a service's settings."""
    given: Any = {"database_url": "postgresql://a:b@127.0.0.1:1/c", "kafka": kafka, "http_port": 0, **login}
    return ServiceSettings(**given)
