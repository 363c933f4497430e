"""The job that every contender does: a day of use of 5,000 customers, and what it must end in.

From a topic of 6 partitions, 300,000 usage events of some 250 bytes, 1 % of them twice: count each event id once, keep
sum and count for each customer, metric and day, score the customer after each event, and tell each change of its band,
in order. The score is a reduced one, the same for all: each metric gives its sum, 45 at most; the customer is red below
144 points, green from 252 on, and yellow between. A customer of whom nothing is known is red, and this is not told.
"""

import json
import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

EVENTS = 300_000
CUSTOMERS = 5_000
METRICS = 8
PARTITIONS = 6
DUPLICATES = 0.01
TOPIC = "usage.v1"

MOST_OF_A_METRIC = 45
YELLOW_FROM = 144
GREEN_FROM = 252

Key = tuple[str, str, str]  # customer, metric, day as YYYY-MM-DD
Kept = dict[Key, tuple[int, int]]  # sum and count
Told = dict[str, list[str]]  # the bands that each customer got into, in order


def band(points: int) -> str:
    """Return the band of a score."""
    return "red" if points < YELLOW_FROM else "yellow" if points < GREEN_FROM else "green"


def events(day: date, count: int = EVENTS, *, customers: int = CUSTOMERS, seed: int = 7) -> Iterator[tuple[str, bytes]]:
    """Yield key and body of each event, by rising time; each hundredth is an earlier one of the same key again."""
    chance = random.Random(seed)  # noqa: S311  # the same job every time
    began = datetime.combine(day, time(), UTC)
    sent: dict[str, bytes] = {}
    for index in range(count):
        customer = f"customer-{chance.randrange(customers):06d}"
        if customer in sent and chance.random() < DUPLICATES:
            yield customer, sent[customer]
            continue
        happened = began + timedelta(seconds=86_399 * index / count)
        body = json.dumps({
            "type": "UsageRecorded",
            "event_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "source": "product",
            "occurred_at": happened.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "customer_id": customer,
            "metric": f"metric-{chance.randrange(METRICS)}",
            "quantity": float(chance.randint(1, 9)),
            "user_id": f"user-{chance.randrange(20):04d}",
        }).encode()  # fmt: skip
        sent[customer] = body
        yield customer, body


@dataclass
class Outcome:
    """What doing the job ends in."""

    kept: Kept = field(default_factory=dict)
    told: Told = field(default_factory=dict)


class Reference:
    """The job done plainly, event by event: what every contender is compared with."""

    def __init__(self) -> None:
        """Nothing was taken yet."""
        self._seen: set[str] = set()
        self._sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._outcome = Outcome()

    def take(self, body: bytes) -> None:
        """Take one event."""
        event: Mapping[str, Any] = json.loads(body)
        if event["event_id"] in self._seen:
            return
        self._seen.add(event["event_id"])
        customer, metric, quantity = event["customer_id"], event["metric"], int(event["quantity"])
        key = (customer, metric, event["occurred_at"][:10])
        total, count = self._outcome.kept.get(key, (0, 0))
        self._outcome.kept[key] = (total + quantity, count + 1)
        sums = self._sums[customer]
        before = band(_points(sums.values()))
        sums[metric] += quantity
        after = band(_points(sums.values()))
        if after != before:
            self._outcome.told.setdefault(customer, []).append(after)

    def outcome(self) -> Outcome:
        """Return what it has come to."""
        return self._outcome


def _points(sums: Iterable[int]) -> int:
    return sum(min(total, MOST_OF_A_METRIC) for total in sums)


def reference(partitions: Mapping[int, Sequence[bytes]], upto: Mapping[int, int] | None = None) -> Outcome:
    """Do the job over what each partition holds, in its order; `upto`: only the first so many of each."""
    doing = Reference()
    for partition, bodies in partitions.items():
        for body in bodies[: upto.get(partition, 0) if upto is not None else None]:
            doing.take(body)
    return doing.outcome()


def differences(outcome: Outcome, expected: Outcome) -> list[str]:
    """Say in sentences in what an outcome differs from the reference; none if it does not."""
    found = []
    compared: list[tuple[str, Mapping[Any, Any], Mapping[Any, Any]]]
    compared = [("kept", outcome.kept, expected.kept), ("told", outcome.told, expected.told)]
    for what, ours, theirs in compared:
        wrong = sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))
        if wrong:
            first = wrong[0]
            found.append(
                f"{len(wrong)} of {len(theirs)} {what} differ, the first is {first}:"
                f" {ours.get(first)} instead of {theirs.get(first)}"
            )
    return found
