"""docs/contracts/README.md names every topic, type and command's field, and none that there is not."""

import re
from pathlib import Path

import pytest

from shared.contracts.endings.commands import TransitionCommand
from shared.contracts.endings.facts import TransitionFact
from shared.contracts.event import Command, CustomerCommand, DomainEvent, Message
from shared.contracts.plans.commands import CaseCommand
from shared.contracts.plans.facts import CaseFact
from shared.contracts.topics import ACTION_PLANS_COMMANDS, PLANS, TOPICS, TRANSITION_REVIEW_COMMANDS, TRANSITIONS

PAGE = (Path(__file__).parents[2] / "docs/contracts/README.md").read_text()
BASES = (
    CaseFact,
    TransitionFact,
    DomainEvent,
    CaseCommand,
    TransitionCommand,
    CustomerCommand,
    Command,
)  # the page says once what each of them has


def test_every_topic_and_type_is_on_the_page() -> None:
    wanted = set(TOPICS) | {name for topic in TOPICS.values() for name in topic.by_type}
    assert wanted - set(re.findall(r"`([^`]+)`", PAGE)) == set()


def test_the_page_names_no_topic_that_there_is_not() -> None:
    assert set(re.findall(r"`([a-z_.]+\.v1)`", PAGE)) - set(TOPICS) == set()


WITH_ROWS = (PLANS, ACTION_PLANS_COMMANDS, TRANSITIONS, TRANSITION_REVIEW_COMMANDS)


@pytest.mark.parametrize("kind", [kind for topic in WITH_ROWS for kind in topic.types], ids=lambda kind: kind.__name__)
def test_a_row_says_which_fields_the_type_has_besides_those_of_its_kind(kind: type[Message]) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("|") and f"`{kind.__name__}`" in line]
    said = dict(re.findall(r"`(\w+)`(\??)", re.sub(r"\([^)]*\)", "", row.split("|")[3])))
    common = next(base for base in kind.__mro__[1:] if base in BASES).model_fields.keys() | {"type"}
    assert said == {
        name: "" if field.is_required() else "?" for name, field in kind.model_fields.items() if name not in common
    }
