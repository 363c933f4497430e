"""docs/contracts/README.md names every topic and every type, and none that there is not."""

import re
from pathlib import Path

from shared.contracts.topics import TOPICS

PAGE = (Path(__file__).parents[2] / "docs/contracts/README.md").read_text()


def test_every_topic_and_type_is_on_the_page() -> None:
    wanted = set(TOPICS) | {name for topic in TOPICS.values() for name in topic.by_type}
    assert wanted - set(re.findall(r"`([^`]+)`", PAGE)) == set()


def test_the_page_names_no_topic_that_there_is_not() -> None:
    assert set(re.findall(r"`([a-z_.]+\.v1)`", PAGE)) - set(TOPICS) == set()
