"""Records that are not messages of their topic: kept alone, with where and why, and without their values elsewhere."""

import json

import pytest

from shared import parking
from shared.contracts.topics import CUSTOMERS, USAGE
from tests.shared.desk import Desk
from tests.shared.records import altered, record, usage, used
from tests.stories import customer

BAD: list[tuple[bytes | None, str]] = [
    (None, "the message has no body"),
    (b"", "the message has no body"),
    (b"\xff\xfe", "the message is not JSON in UTF-8"),
    (b"{", "the message is not JSON in UTF-8"),
    (b"[]", "the message must be a JSON object"),
    (b"{}", "/type is required"),
    (b'{"type": "Nonsense"}', "/type must be a type of usage.v1: UsageRecorded"),
    (altered(usage("a"), quantity="many"), "/quantity must be a number"),
    (altered(usage("a"), **{"Jane Doe": 1}), "the message has a field that is not known"),
    (altered(usage("a"), metric="\x00"), "/metric must not contain control characters or line breaks"),
    (b"[" * 100_000, "the message is not JSON in UTF-8"),
    (b'{"type": "UsageRecorded", "metric": "' + b"x" * 1_000_000 + b'"}', "the message has 1,000,0"),
]


async def _reasons(desk: Desk) -> list[str]:
    return [row["reason"] for row in await desk.pool.fetch("SELECT reason FROM dead_letters ORDER BY id")]


@pytest.mark.parametrize(("body", "reason"), BAD, ids=[reason for _, reason in BAD])
async def test_bad_upstream_record_is_kept_alone(desk: Desk, body: bytes | None, reason: str) -> None:
    """Its neighbours in the batch are taken."""
    await desk.firehose.take([used(usage("acme")), used(body), used(usage("acme"))])
    (kept,) = await _reasons(desk)
    assert kept.startswith(reason)
    assert len(await desk.effects("acme")) == 2


async def test_bad_upstream_record_is_kept_alone_in_casework(desk: Desk) -> None:
    """A snapshot that breaks its contract holds up nothing, its customer's next one least of all."""
    body = customer("acme", "csm")
    await desk.take(record(json.dumps(body | {"tier": 7}).encode(), CUSTOMERS.name, key=b"acme"))
    await desk.take(record(json.dumps(body).encode(), CUSTOMERS.name))
    assert await desk.letters() == [("invalid", "acme", None)]
    assert await _reasons(desk) == ["/tier must be text"]
    assert len(await desk.effects("acme")) == 1


async def test_reason_holds_no_value(desk: Desk) -> None:
    """Every field of an event is given a value that breaks its rule; no reason repeats it."""
    good = json.loads(usage("acme").body())
    for name in good:
        await desk.firehose.take([used(json.dumps(good | {name: {"secret": "Jane Doe"}}).encode())])
    reasons = await _reasons(desk)
    assert len(reasons) == len(good)
    assert not [reason for reason in reasons if "Jane" in reason or "secret" in reason]


@pytest.mark.parametrize("key", [None, b"", b"\xff\x00"])
async def test_record_with_an_odd_key_is_kept(desk: Desk, key: bytes | None) -> None:
    """And can be replayed."""
    await desk.firehose.take([used(b"no json", key=key)])
    await desk.ask()
    await desk.replay()
    assert [kind for kind, *_ in await desk.letters()] == ["invalid"]


async def test_kept_record_comes_back_as_it_was(desk: Desk) -> None:
    """Body and headers, whatever bytes they are, and its place and time."""
    headers = [("ce_id", b"\xff\x00"), ("other", "é".encode())]
    bad = used(b"\x00\xff", headers=headers, partition=3, offset=9)
    await desk.firehose.take([bad])
    await desk.ask()
    (letter,) = await parking.asked_for(desk.pool)
    assert (letter.topic, letter.partition, letter.offset) == (USAGE.name, 3, 9)
    assert (letter.value, letter.timestamp) == (bad.value, bad.timestamp)
    assert dict(letter.headers)["other"] == "é".encode()


@pytest.mark.parametrize("timestamp", [-1, -(2**62), 2**62])
async def test_record_of_an_odd_time_is_kept_and_settled(desk: Desk, timestamp: int) -> None:
    """A sender may choose one beyond the calendar; it holds up nobody."""
    for lane in (desk.firehose, desk.lane):
        bad = used(b"no json")
        bad.timestamp = timestamp
        await lane.take([bad])
    assert [kind for kind, *_ in await desk.letters()] == ["invalid", "invalid"]
    await desk.pool.execute("UPDATE dead_letters SET body = $1", usage("acme").body())
    await desk.ask()
    for letter in await parking.asked_for(desk.pool):
        await desk.firehose.replay(letter)
    assert await desk.letters() == []


async def test_redelivered_bad_record_is_kept_once(desk: Desk) -> None:
    """A crash before the offset's commit brings it again."""
    bad = used(b"no json")
    await desk.firehose.take([bad])
    await desk.firehose.take([bad])
    assert len(await _reasons(desk)) == 1
