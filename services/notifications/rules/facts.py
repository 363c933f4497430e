"""The facts that rules can be about, as their contracts have them: their types, and which fields there are."""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

from services.notifications.domain import paths
from shared.contracts.event import Message
from shared.contracts.topics import FEEDS, HEALTH, PARKED, PLANS, TRANSITIONS, Topic

TOPICS: tuple[Topic, ...] = (HEALTH, FEEDS, PARKED, PLANS, TRANSITIONS)


@cache
def kinds() -> Mapping[str, type[Message]]:
    """Return every type of fact that is heard of, with its contract."""
    return MappingProxyType({name: kind for topic in TOPICS for name, kind in topic.by_type.items()})


def lacks(kind: type[Message], path: str) -> str | None:
    """Return the first part of the path that facts of this type do not have; None where it leads somewhere."""
    at: set[type[BaseModel]] = {kind}
    for step in paths.steps(path):
        if step.name is None:
            continue
        found = [one.model_fields[step.name].annotation for one in at if step.name in one.model_fields]
        if not found:
            return step.name
        at = {model for annotation in found for model in _models(annotation)}
        if step.field is not None and not any(step.field in one.model_fields for one in at):
            return step.field
        if step.of is not None and step.of not in kind.model_fields:
            return step.of
    return None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Return the models within an annotation such as `Annotated[tuple[Reason, ...], …] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
