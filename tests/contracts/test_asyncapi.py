"""The AsyncAPI document names every topic, message and service, and all that it refers to is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from amicable.asyncapi import CONSUMES
from amicable.contract_files import ASYNCAPI
from shared.contracts.topics import TOPICS

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / ASYNCAPI).read_text(encoding="utf-8"))


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _resolve(reference: str, within: Path = ROOT / ASYNCAPI) -> Any:
    """Return what a reference in that file leads to."""
    path, _, pointer = reference.partition("#")
    found = _read((within.parent / path) if path else within)
    for step in pointer.split("/")[1:]:
        found = found[step]
    return found


def _read(path: Path) -> Any:
    if path == ROOT / ASYNCAPI:
        return DOCUMENT
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_reference_leads_somewhere() -> None:
    """From the document, and on from the schemas that it leads to."""
    ahead, seen = [ROOT / ASYNCAPI], set[Path]()
    while ahead:
        within = ahead.pop()
        seen.add(within)
        for reference in set(_references(_read(within))):
            assert _resolve(reference, within), f"{reference} in {within}"
            path = (within.parent / reference.partition("#")[0]).resolve()
            ahead += [path] if path.is_file() and path not in {*seen, *ahead} else []
    assert {path.stem for path in seen} >= {name for topic in TOPICS.values() for name in topic.by_type}


def test_every_type_on_every_topic_has_its_payload_and_headers() -> None:
    assert set(DOCUMENT["channels"]) == set(TOPICS)
    for topic in TOPICS.values():
        messages = DOCUMENT["channels"][topic.name]["messages"]
        assert set(messages) == {kind.__name__ for kind in topic.types}
        for kind in topic.types:
            message = _resolve(messages[kind.__name__]["$ref"])
            assert _resolve(message["payload"]["$ref"])["title"] == kind.__name__
            assert "ce_correlationid" in _resolve(message["headers"]["$ref"])["required"]


def test_every_service_has_an_operation_for_each_topic_that_it_reads_or_writes() -> None:
    reads = {(service, "receive", topic.name) for service, topics in CONSUMES.items() for topic in topics}
    writes = {(one, "send", topic.name) for topic in TOPICS.values() for one in topic.producers}
    found = {tuple(name.split(".", 2)) for name in DOCUMENT["operations"]}
    assert found == reads | writes
    for name, operation in DOCUMENT["operations"].items():
        assert name.endswith(operation["channel"]["$ref"].removeprefix("#/channels/")), name
        assert operation["action"] == name.split(".")[1]


def test_no_message_is_listed_on_a_channel_that_does_not_carry_it() -> None:
    for operation in DOCUMENT["operations"].values():
        for message in operation["messages"]:
            assert message["$ref"].startswith(operation["channel"]["$ref"] + "/messages/")
