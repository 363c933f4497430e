"""The AsyncAPI document: every topic, message and service, made from the catalogue of topics.

FastStream's own generator was tried and not taken: it makes one nameless message of a topic's types, knows nothing of
our headers, and lists a topic twice when one service writes and another reads it.
"""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

from services.action_plans import handlers as action_plans
from services.console import handlers as console
from services.health_scoring import handlers as health_scoring
from services.notifications import handlers as notifications
from services.transition_review import handlers as transition_review
from shared.contracts.event import Answer, Message
from shared.contracts.topics import PARTITIONS, TOPICS, Kind, Topic

SERVICES = (health_scoring, action_plans, transition_review, notifications, console)
CONSUMES: dict[str, tuple[Topic, ...]] = {module.__name__.split(".")[1]: module.CONSUMES for module in SERVICES}
"""Which service listens to what, as its handlers say."""

_WHO_WRITES = {Kind.UPSTREAM: "Written by upstream systems.", Kind.COMMAND: "Written for people, with a signed token."}
_HEADERS = {
    "ce_specversion": "The version of CloudEvents.",
    "ce_id": "The message's event_id.",
    "ce_type": "The message's type.",
    "ce_source": "The message's source.",
    "ce_time": "The message's occurred_at.",
    "ce_subject": "What it is about (a customer, a person, a scorecard, a feed's origin), which is also the key.",
    "ce_correlationid": "The message that began it all.",
    "ce_causationid": "The message that caused this one; absent where there is none.",
}


def document() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of the whole system."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Amicable",
            "version": "1",
            "description": "Every topic with its messages, and which service writes and reads it. "
            "CloudEvents 1.0 in Kafka's binary mode: the envelope is in the headers and again in the body. "
            "Changes within a version only add; a breaking change is a new type beside the old one.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS.values()},
        "operations": dict(_operations()),
        "components": {
            "messages": {
                _name(topic, kind): _message(topic, kind) for topic in TOPICS.values() for kind in topic.types
            },
            "schemas": {"CloudEventsHeaders": _headers()},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    settings = topic.settings
    kept: dict[str, Any] = {
        "cleanup.policy": [settings["cleanup.policy"]],
        "max.message.bytes": int(settings["max.message.bytes"]),
    }
    if "retention.ms" in settings:
        kept["retention.ms"] = int(settings["retention.ms"])
    return {
        "address": topic.name,
        "description": _WHO_WRITES.get(topic.kind) or f"Written by {' and '.join(topic.producers)}.",
        "messages": {kind.__name__: {"$ref": f"#/components/messages/{_name(topic, kind)}"} for kind in topic.types},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": PARTITIONS,
                "topicConfiguration": kept,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in TOPICS.values():
        for producer in topic.producers:
            yield f"{producer}.send.{topic.name}", _operation("send", topic, producer)
        for service, consumed in CONSUMES.items():
            if topic in consumed:
                operation = _operation("receive", topic, service)
                operation["bindings"] = {
                    "kafka": {"groupId": {"type": "string", "const": service}, "bindingVersion": "0.5.0"}
                }
                yield f"{service}.receive.{topic.name}", operation


def _operation(action: str, topic: Topic, service: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "tags": [{"name": service}],
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{kind.__name__}"} for kind in topic.types],
    }


def _message(topic: Topic, kind: type[Message]) -> dict[str, Any]:
    return {
        "name": kind.__name__,
        "summary": cleandoc(kind.__doc__ or "").splitlines()[0],
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEventsHeaders"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": {"$ref": f"../shared/contracts/schemas/{topic.name}/{kind.__name__}.json"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": _key(kind)},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _key(kind: type[Message]) -> str:
    if issubclass(kind, Answer):
        return "The body's customer_id; the command_id where there is none."
    return f"The body's {kind.key_field}."


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name != "ce_causationid"],
        "properties": {name: {"type": "string", "description": about} for name, about in _HEADERS.items()},
    }


def _name(topic: Topic, kind: type[Message]) -> str:
    return f"{topic.name}.{kind.__name__}"
