"""What contenders are compared with: the reference does the job, and whatever differs from it is said."""

import json
from collections import Counter
from datetime import date

from bench import job

DAY = date(2026, 1, 31)
KEY = ("acme", "exports", "2026-01-31")


def _event(event_id: str, quantity: float, metric: str = "exports") -> bytes:
    return json.dumps({
        "event_id": event_id, "customer_id": "acme", "metric": metric, "quantity": quantity,
        "occurred_at": "2026-01-31T09:00:00Z",
    }).encode()  # fmt: skip


def test_reference_counts_an_id_once() -> None:
    """The second of equal ids adds nothing."""
    outcome = job.reference({0: [_event("1", 2.0), _event("2", 3.0), _event("1", 2.0)]})
    assert outcome.kept == {KEY: (5, 2)}


def test_reference_tells_each_change_of_band_in_order() -> None:
    """A metric gives 45 at most: four make yellow, six make green; that nothing is known is told by nobody."""
    bodies = [_event(str(number), 60.0, f"metric-{number}") for number in range(8)]
    assert job.reference({0: bodies}).told == {"acme": ["yellow", "green"]}
    assert job.reference({0: bodies}, {0: 4}).told == {"acme": ["yellow"]}
    assert job.reference({0: bodies}, {0: 3}).told == {}


def test_whatever_differs_is_said() -> None:
    """A sum that is wrong, a key that is missing or too much, a change that was swallowed or told twice."""
    right = job.Outcome({KEY: (5, 2)}, {"acme": ["yellow", "green"]})
    assert job.differences(right, right) == []
    for wrong in (
        job.Outcome({KEY: (7, 2)}, right.told),
        job.Outcome({KEY: (5, 3)}, right.told),
        job.Outcome({}, right.told),
        job.Outcome({**right.kept, ("other", "exports", "2026-01-31"): (1, 1)}, right.told),
        job.Outcome(right.kept, {"acme": ["green"]}),
        job.Outcome(right.kept, {"acme": ["yellow", "yellow", "green"]}),
        job.Outcome(right.kept, {}),
    ):
        assert len(job.differences(wrong, right)) == 1


def test_job_is_the_one_that_is_described() -> None:
    """One event in a hundred comes twice, about the same customer; a body has some 250 bytes; all is of one day."""
    sent = list(job.events(DAY, 20_000, customers=500))
    ids = Counter(json.loads(body)["event_id"] for _, body in sent)
    assert 100 < len(sent) - len(ids) < 300
    assert all(json.loads(body)["customer_id"] == key for key, body in sent[:100])
    assert 200 < sum(len(body) for _, body in sent) / len(sent) < 300
    assert {json.loads(body)["occurred_at"][:10] for _, body in sent} == {"2026-01-31"}
    assert list(job.events(DAY, 1000)) == list(job.events(DAY, 1000))
