"""Whether Kafka lets a process in, asked before its work begins: aiokafka's clients say only that nobody answers."""

import ssl
from collections.abc import Collection

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.fetch import FetchRequest

from shared.kafka_access import OPEN, Access

KNOCK_MS = 10_000


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


async def require_reading(kafka: str, access: Access, group: str, topics: Collection[str]) -> None:
    """Raise NotLetIn where the user may not read the topics, or not as the group: a consumer would wait in silence."""
    if access.user is None:
        return
    client = AIOKafkaClient(bootstrap_servers=kafka, **access.of_client())
    try:
        await client.bootstrap()
        await client.coordinator_lookup(CoordinationType.GROUP, group)
        refused = [f"the topic {name}" for name in await unreadable(client, topics)]
    except GroupAuthorizationFailedError:
        refused = [f"as the group {group}"]
    finally:
        await client.close()
    if refused:
        raise NotLetIn(f"Kafka lets the user {access.user} in, but not read {refused[0]}: see `amicable acls`.")


async def unreadable(client: AIOKafkaClient, topics: Collection[str]) -> list[str]:
    """Return the topics that the client may not read. Any broker knows, whoever leads the partitions."""
    partitions = [(0, 0, 1)]  # number, offset, bytes
    asked = FetchRequest(0, 0, 1, 0, [(name, partitions) for name in sorted(topics)])
    answer = await client.send(client.get_random_node(), asked)
    return [name for name, ((_, code, *_),) in answer.topics if code == TopicAuthorizationFailedError.errno]
