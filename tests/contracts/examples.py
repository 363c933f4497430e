"""The golden examples, which every later version must read: `<Type>.json` has all fields, `.minimal` the fewest; others
(`<Type>.<case>.json`) show a case that whoever reads them must get right.

What stands apart because many messages carry it whole, such as a case, has all its fields in one of them (`WHOLE_IN`).
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts.endings.transition import TransitionSnapshot
from shared.contracts.event import Contract, Message
from shared.contracts.plans.case import CaseSnapshot
from shared.contracts.topics import TOPICS, Topic

GOLDEN = Path(__file__).parent / "golden"
WHOLE_IN: dict[type[Contract], str] = {CaseSnapshot: "CaseUpdated", TransitionSnapshot: "TransitionAnnounced"}


@dataclass(frozen=True)
class Example:
    """One golden file."""

    topic: Topic
    kind: type[Message]
    path: Path

    def __str__(self) -> str:
        return f"{self.topic.name}/{self.path.stem}"

    @property
    def body(self) -> bytes:
        return self.path.read_bytes()

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content


def _examples(suffix: str) -> list[Example]:
    return [
        Example(topic, kind, GOLDEN / topic.name / f"{kind.__name__}{suffix}.json")
        for topic in TOPICS.values()
        for kind in topic.types
    ]


FULL, MINIMAL = _examples(""), _examples(".minimal")
CASES = [
    Example(one.topic, one.kind, path)
    for one in FULL
    for path in sorted(one.path.parent.glob(f"{one.kind.__name__}.*.json"))
    if path.stem != f"{one.kind.__name__}.minimal"
]
BY_TYPE = {example.kind.__name__: example for example in FULL}


def without(content: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the content less these fields."""
    return {name: value for name, value in content.items() if name not in names}


def body(content: object) -> bytes:
    """Return the content as a body."""
    return json.dumps(content).encode()
