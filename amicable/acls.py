"""Who may do what in Kafka: what each principal needs, what Kafka grants, and granting what is missing."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest, DescribeAclsRequest

from amicable.asyncapi import CONSUMES
from amicable.kafka_there import require_kafka
from amicable.problems import REFUSED, Problem, no_answer
from amicable.services import NAMES
from shared.contracts.topics import TOPICS, Kind
from shared.kafka_access import Access

OUTSIDE = {Kind.UPSTREAM: "upstream", Kind.COMMAND: "console"}
TEAMS = tuple(dict.fromkeys(team for topic in TOPICS.values() for team in topic.outside))
ADMINISTRATOR = "administrator"

# Kafka's numbers (org.apache.kafka.common.acl and .resource)
_OPERATIONS = {"All": 2, "Read": 3, "Write": 4, "Create": 5, "Describe": 8, "DescribeConfigs": 10}
_RESOURCES = {"Topic": 2, "Group": 3}
_ANY, _ALLOW, _LITERAL, _PREFIXED = 1, 3, 3, 4
_ENDS = {_LITERAL: "", _PREFIXED: "*"}
_EVERYWHERE = "*"


class Right(NamedTuple):
    """`principal` may do `operation` on the `resource` (Topic, Group) of this `name`."""

    principal: str
    operation: str
    resource: str
    name: str


def needed() -> list[Right]:
    """Return every right that is needed, by what services consume and who writes a topic."""
    rights = {
        *(Right(service, "Read", "Group", service) for service in NAMES),
        *(Right(service, "Read", "Topic", topic.name) for service in NAMES for topic in CONSUMES[service]),
        *(Right(one, "Write", "Topic", topic.name) for topic in TOPICS.values() for one in topic.producers),
        *(
            Right(OUTSIDE[topic.kind], "Write", "Topic", topic.name)
            for topic in TOPICS.values()
            if topic.kind in OUTSIDE
        ),
        *(Right(team, "Read", "Topic", topic.name) for topic in TOPICS.values() for team in topic.outside),
        *(Right(team, "Read", "Group", team) for team in TEAMS),
        *(
            Right(ADMINISTRATOR, operation, "Topic", name)
            for name in TOPICS
            for operation in ("Create", "Describe", "DescribeConfigs")
        ),
    }
    order = {
        name: place for place, name in enumerate(dict.fromkeys((*NAMES, *OUTSIDE.values(), *TEAMS, ADMINISTRATOR)))
    }
    return sorted(rights, key=lambda right: (order[right.principal], right.resource, right.operation, right.name))


async def granted(kafka: str, access: Access) -> set[Right]:
    """Return what Kafka allows, from everywhere; a name that ends in `*` is a prefix. Raises Problem, NotLetIn."""
    async with _client(kafka, access) as client:
        request = DescribeAclsRequest(_ANY, None, _ANY, None, None, _ANY, _ALLOW)
        answer = await client.send(client.get_random_node(), request)
    _require_success(kafka, answer.error_code)
    operations, resources = ({number: name for name, number in table.items()} for table in (_OPERATIONS, _RESOURCES))
    return {
        Right(principal.removeprefix("User:"), operations[operation], resources[resource], f"{name}{_ENDS[pattern]}")
        for resource, name, pattern, acls in answer.resources
        for principal, host, operation, _ in acls
        if resource in resources and operation in operations and host == _EVERYWHERE
    }


async def grant(kafka: str, access: Access, rights: list[Right]) -> None:
    """Allow these rights, in addition to what is allowed. Raises Problem, NotLetIn."""
    async with _client(kafka, access) as client:
        for right in rights:
            request = CreateAclsRequest(
                _RESOURCES[right.resource], right.name, _LITERAL, f"User:{right.principal}", _EVERYWHERE,
                _OPERATIONS[right.operation], _ALLOW,
            )  # fmt: skip
            answer = await client.send(client.get_random_node(), request)
            for code, _ in answer.creation_responses:
                _require_success(kafka, code)


def other_writers(rights: set[Right]) -> list[Right]:
    """Return the rights that let somebody write a declared topic who need not."""
    return _others(rights, {"Write", "All"}, TOPICS)


def other_readers(rights: set[Right]) -> list[Right]:
    """Return the rights that let somebody read what is for few, who is none of them."""
    return _others(rights, {"Read", "All"}, [name for name, topic in TOPICS.items() if topic.readers is not None])


def _others(rights: set[Right], operations: set[str], topics: Iterable[str]) -> list[Right]:
    found = (right for right in rights - {*needed()} if right.operation in operations and right.resource == "Topic")
    return sorted(right for right in found if any(_covers(right.name, topic) for topic in topics))


def _covers(name: str, topic: str) -> bool:
    return topic.startswith(name[:-1]) if name.endswith("*") else topic == name


def _require_success(kafka: str, code: int) -> None:
    if code == SecurityDisabled.errno:
        raise Problem(f"Kafka at {kafka} has no authorizer: everybody may do everything there.", REFUSED)
    if code:
        raise Problem(f"Kafka at {kafka} does not let you see or grant rights: {for_code(code).description}", REFUSED)


@asynccontextmanager
async def _client(kafka: str, access: Access) -> AsyncIterator[AIOKafkaClient]:
    """Connect. aiokafka's admin client has no call for ACLs, its protocol has."""
    await require_kafka(kafka, access)
    client = AIOKafkaClient(bootstrap_servers=kafka, **access.of_client())
    try:
        await client.bootstrap()
        yield client
    except (KafkaError, OSError, TimeoutError) as error:
        raise no_answer("Kafka", kafka, error) from None
    finally:
        await client.close()
