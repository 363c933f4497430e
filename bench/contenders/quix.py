"""Quix Streams, exactly once: a yardstick. What it does is in `quix_app`."""

import json
import re
from pathlib import Path

from bench import kafka_side
from bench.contenders import quix_venv
from bench.contenders.contender import Given
from bench.job import Outcome

NAME = "Quix Streams, exactly once"

# CUSTOMER|DAY; the other keys are CUSTOMER|EVENT-ID and CUSTOMER|sums.
_DAY = re.compile(rb"(?P<customer>.+)\|(?P<day>\d{4}-\d{2}-\d{2})")


def command(root: Path) -> list[str]:
    """Return what starts it; installs what is missing below `root`."""
    return [str(quix_venv.python(root)), "-m", "bench.contenders.quix_app"]


async def outcome(given: Given) -> Outcome:
    """Return what the changelog of its state and its topic of changes say."""
    state = await kafka_side.latest(given.kafka, f"changelog__{given.group}--{given.topic}--default")
    kept = {}
    for key, value in state.items():
        if found := _DAY.fullmatch(key):
            customer, day = found["customer"].decode(), found["day"].decode()
            for metric, (total, count) in json.loads(value).items():
                kept[customer, metric, day] = (total, count)
    return Outcome(kept, await kafka_side.told(given.kafka, given.told))
