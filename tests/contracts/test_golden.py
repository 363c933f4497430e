"""What was once published must still be read, and mean the same."""

import json
from collections.abc import Iterable, Iterator

import pytest

from shared.contracts.event import Contract, Message
from shared.contracts.reading import read
from tests.contracts.examples import CASES, FULL, GOLDEN, MINIMAL, WHOLE_IN, Example


@pytest.mark.parametrize("example", [*FULL, *CASES], ids=str)
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
    assert set(_never_set([message], example)) == set()


def test_what_stands_apart_is_shown_whole_once() -> None:
    """And is left out of no example's check but for that one's."""
    apart = {kind for example in FULL for kind in _kinds(read(example.topic, example.body)) if kind.stands_apart}
    assert set(WHOLE_IN) == apart
    for kind, name in WHOLE_IN.items():
        (shown,) = [example for example in FULL if example.kind.__name__ == name]
        assert kind in set(_kinds(read(shown.topic, shown.body)))


@pytest.mark.parametrize("example", MINIMAL, ids=str)
def test_the_minimal_example_can_spare_no_field(example: Example) -> None:
    for name in example.content:
        less = {key: value for key, value in example.content.items() if key != name}
        assert not isinstance(read(example.topic, json.dumps(less).encode()), Message), name


def test_every_golden_file_belongs_to_a_type() -> None:
    assert set(GOLDEN.rglob("*.json")) == {example.path for example in (*FULL, *MINIMAL, *CASES)}


def _never_set(parts: list[Contract], example: Example) -> Iterator[str]:
    """Yield the fields that none of the parts has, and so on inside: a list's entries may share the work."""
    kind = type(parts[0])
    if WHOLE_IN.get(kind, example.kind.__name__) != example.kind.__name__:
        return
    for name in kind.model_fields:
        values = [getattr(part, name) for part in parts if name in part.model_fields_set]
        if not values:
            yield f"{kind.__name__}.{name}"
        if inner := list(_inner(values)):
            yield from _never_set(inner, example)


def _inner(values: Iterable[object]) -> Iterator[Contract]:
    for value in values:
        yield from (entry for entry in (value if isinstance(value, tuple) else (value,)) if isinstance(entry, Contract))


def _kinds(part: object) -> Iterator[type[Contract]]:
    if isinstance(part, Contract):
        yield type(part)
        for inner in _inner(getattr(part, name) for name in type(part).model_fields):
            yield from _kinds(inner)
