"""Whether it is Kafka that answers at an address: for anything else that listens there, clients wait 40 seconds."""

import asyncio
from contextlib import suppress

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import collect_hosts
from aiokafka.errors import KafkaError

from amicable.problems import Problem, no_answer
from shared.kafka_access import Access
from shared.kafka_entry import knock

SECONDS = 5.0  # for the login, and again for the first answer


async def require_kafka(kafka: str, access: Access) -> None:
    """Raise a Problem where no Kafka answers, and NotLetIn where it refuses the login."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SECONDS):
            await knock(kafka, access)
    hosts = collect_hosts(kafka)
    patience = int(SECONDS * 1000 / len(hosts))
    client = AIOKafkaClient(bootstrap_servers=kafka, request_timeout_ms=patience, **access.of_client())
    try:
        await client.bootstrap()
    except (KafkaError, OSError, TimeoutError) as error:
        if any([await _listens(host, port) for host, port, _ in hosts]):
            raise Problem(
                f"What listens at {kafka} does not answer as Kafka does: check the address, and KAFKA_TLS."
            ) from None
        raise no_answer("Kafka", kafka, error) from None
    finally:
        await client.close()


async def _listens(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(1):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
