"""What plans.v1 has said of each case last: the head of its record's chain, and its plan's versions."""

from dataclasses import dataclass, field

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from amicable.addresses import Addresses
from amicable.kafka_there import require_kafka
from amicable.problems import Problem, no_answer
from services.action_plans.audit import Said
from services.action_plans.store.record import Head
from shared.contracts.topics import PLANS

PATIENCE_SECONDS = 30.0  # without a record


@dataclass
class Heard:
    """A case in Kafka: whose it is, the newest fact about it, and every version that any fact has named."""

    customer_id: str
    newest: tuple[int, int]
    head: Head
    versions: dict[int, str] = field(default_factory=dict)

    def said(self) -> Said:
        """Return it as the audit takes it."""
        return Said(self.head, self.versions)


class _Version(msgspec.Struct):
    number: int
    content_hash: str


class _Plan(msgspec.Struct):
    proposed: _Version | None = None
    agreed: _Version | None = None


class _Case(msgspec.Struct):
    case_id: str
    chain: Head
    plan: _Plan = msgspec.field(default_factory=_Plan)


class _Fact(msgspec.Struct):
    customer_id: str
    epoch: int
    seq: int
    case: _Case | None = None


_decoder = msgspec.json.Decoder(_Fact)


async def heard(found: Addresses, customer_id: str | None) -> dict[str, Heard]:
    """Read plans.v1 to its present end; return what it says by case: of all, or of a customer. Raises Problem."""
    access = found.kafka_access()
    await require_kafka(found.kafka, access)
    consumer = AIOKafkaConsumer(
        PLANS.name,
        bootstrap_servers=found.kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **access.of_client(),
    )
    try:
        await consumer.start()
        return await _read(consumer, customer_id)
    except (KafkaError, OSError) as error:
        raise no_answer("Kafka", found.kafka, error) from None
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, customer_id: str | None) -> dict[str, Heard]:
    partitions = sorted(consumer.assignment())
    if not partitions:
        raise Problem(f"Kafka has no topic {PLANS.name}: run `amicable topics`.")
    ends = await consumer.end_offsets(partitions)
    key = customer_id.encode() if customer_id is not None else None
    cases: dict[str, Heard] = {}
    while await _left(consumer, ends):
        batch = await consumer.getmany(timeout_ms=int(PATIENCE_SECONDS * 1000))
        if not batch:
            raise Problem(f"Kafka handed over nothing of {PLANS.name} for {PATIENCE_SECONDS:.0f} seconds: try again.")
        for records in batch.values():
            for record in records:
                if record.value is not None and (key is None or record.key == key):
                    hear(cases, record.value)
    return cases


async def _left(consumer: AIOKafkaConsumer, ends: dict[TopicPartition, int]) -> bool:
    return any([await consumer.position(partition) < end for partition, end in ends.items()])


def hear(cases: dict[str, Heard], body: bytes) -> None:
    """Take in what a record says."""
    try:
        fact = _decoder.decode(body)
    except msgspec.DecodeError:  # not a fact of ours: nobody else may write here, and a reader passes it over
        return
    if fact.case is None:
        return
    at = (fact.epoch, fact.seq)
    known = cases.setdefault(fact.case.case_id, Heard(fact.customer_id, at, fact.case.chain))
    if at >= known.newest:
        known.newest, known.head = at, fact.case.chain
    for version in (fact.case.plan.proposed, fact.case.plan.agreed):
        if version is not None:
            known.versions[version.number] = version.content_hash
