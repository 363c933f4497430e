"""What was once published must still be read, and mean the same."""

import json
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from shared.contracts.event import Message
from shared.contracts.reading import read
from tests.contracts.examples import FULL, GOLDEN, MINIMAL, Example


@pytest.mark.parametrize("example", FULL, ids=str)
def test_a_golden_event_is_read_and_written_again_equal(example: Example) -> None:
    message = read(example.topic, example.body)
    assert isinstance(message, Message), message
    assert json.loads(message.body()) == example.content


@pytest.mark.parametrize("example", MINIMAL, ids=str)
def test_an_event_with_the_fewest_fields_survives_being_written_and_read(example: Example) -> None:
    message = read(example.topic, example.body)
    assert isinstance(message, Message), message
    assert read(example.topic, message.body()) == message


@pytest.mark.parametrize("example", FULL, ids=str)
def test_the_full_example_has_every_field(example: Example) -> None:
    message = read(example.topic, example.body)
    assert isinstance(message, Message), message
    assert set(_never_set([message])) == set()


@pytest.mark.parametrize("example", MINIMAL, ids=str)
def test_the_minimal_example_can_spare_no_field(example: Example) -> None:
    for name in example.content:
        less = {key: value for key, value in example.content.items() if key != name}
        assert not isinstance(read(example.topic, json.dumps(less).encode()), Message), name


def test_every_golden_file_belongs_to_a_type() -> None:
    assert set(GOLDEN.rglob("*.json")) == {example.path for example in (*FULL, *MINIMAL)}


def _never_set(parts: list[BaseModel]) -> Iterator[str]:
    """Yield the fields that none of the parts has, and so on inside: a list's entries may share the work."""
    for name in type(parts[0]).model_fields:
        values = [getattr(part, name) for part in parts if name in part.model_fields_set]
        if not values:
            yield f"{type(parts[0]).__name__}.{name}"
        entries = [entry for value in values for entry in (value if isinstance(value, tuple) else (value,))]
        if inner := [entry for entry in entries if isinstance(entry, BaseModel)]:
            yield from _never_set(inner)
