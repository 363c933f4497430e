"""Whether Kafka lets a process in, asked before its work begins: aiokafka's clients say only that nobody answers."""

import ssl

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)

from shared.kafka_access import OPEN, Access

KNOCK_MS = 10_000
FETCH_MS = 1000


class NotLetIn(Exception):
    """Kafka answers and refuses; the text says what, and what to do. Waiting does not mend it."""


async def knock(kafka: str, access: Access) -> None:
    """Raise NotLetIn where Kafka refuses the login. That nobody answers is for the client that comes next to say."""
    if access == OPEN:
        return
    for host, port, _ in collect_hosts(kafka):
        try:
            connection = await create_conn(host, port, request_timeout_ms=KNOCK_MS, **access.of_client())
        except (SaslAuthenticationFailed, UnsupportedSaslMechanismError, IllegalSaslStateError, ssl.SSLError) as error:
            raise NotLetIn(_sentence(kafka, access, error)) from None
        except ValueError:  # its half of SCRAM's proof is wrong
            raise NotLetIn(f"What answers at {kafka} does not know the password of {access.user} itself.") from None
        except (KafkaError, OSError, TimeoutError):
            continue
        await connection.close()
        return


def _sentence(kafka: str, access: Access, error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return (
                f"Kafka's certificate at {kafka} is not trusted ({error.verify_message}): check KAFKA_CA_FILE,"
                " and that the address is one that the certificate names."
            )
        case ssl.SSLError():
            return f"Kafka at {kafka} does not speak TLS ({error.reason}): check the port, or KAFKA_TLS."
        case SaslAuthenticationFailed():
            return f"Kafka at {kafka} does not let the user {access.user} in: check KAFKA_USER and KAFKA_PASSWORD."
        case _:
            return f"Kafka at {kafka} does not take SCRAM-SHA-512: check the port, or its sasl.enabled.mechanisms."


async def require_reading(kafka: str, access: Access, group: str, topics: set[str]) -> None:
    """Raise NotLetIn where the user may not read the topics, or not as the group: a consumer would wait in silence."""
    if access.user is None:
        return
    try:
        await _find_group(kafka, access, group)
        await _fetch(kafka, access, topics)
    except GroupAuthorizationFailedError:
        refused = f"read as the group {group}"
    except TopicAuthorizationFailedError as error:
        refused = f"read the topic {error.args[0]}"
    else:
        return
    raise NotLetIn(f"Kafka lets the user {access.user} in, but not {refused}: see `amicable acls`.")


async def _find_group(kafka: str, access: Access, group: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **access.of_client())
    try:
        await admin.start()
        await admin.find_coordinator(group)
    finally:
        await admin.close()


async def _fetch(kafka: str, access: Access, topics: set[str]) -> None:
    """Read at the end of one partition of every topic, as a member of no group."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=None, fetch_max_wait_ms=FETCH_MS // 4, **access.of_client()
    )
    try:
        await consumer.start()
        places = [TopicPartition(topic, 0) for topic in topics]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        await consumer.getmany(timeout_ms=FETCH_MS)
    finally:
        await consumer.stop()
