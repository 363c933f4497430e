"""Commands: who asks is proved, each is carried out once, and everybody gets an answer."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from aiokafka import ConsumerRecord
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared import actors, casework
from shared.casework import Refused
from shared.contracts.plans.commands import OpenCase
from shared.contracts.reading import Invalid
from shared.contracts.topics import ACTION_PLANS_COMMANDS
from shared.database import Transaction
from tests.shared.desk import KEY, Desk, Poison
from tests.shared.records import record

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TOPIC = ACTION_PLANS_COMMANDS.name


def command(customer: str = "acme", **changes: Any) -> OpenCase:
    """Return a command with an id of its own."""
    fields = {"customer_id": customer, "event_id": str(uuid4()), "occurred_at": NOW, "reason": "A hunch."}
    return OpenCase.model_validate(fields | changes)


def token(asked: OpenCase, **changes: Any) -> str:
    """Return a good token for the command, or one with something else in it."""
    about: dict[str, Any] = {"person": "ana", "command_id": asked.event_id, "body": asked.body(), "at": NOW}
    key = changes.pop("key", KEY)
    return actors.sign(key, changes.pop("key_id", "tests"), **(about | changes))


def asked(what: OpenCase, proof: str | bytes | None = None, **about: Any) -> ConsumerRecord[Any, Any]:
    """Return the command's record, signed by ana unless another proof is given."""
    header = proof if proof is not None else token(what)
    value = header.encode() if isinstance(header, str) else header
    return record(what, TOPIC, headers=[(actors.HEADER, value)], **({"at": NOW} | about))


async def answers(desk: Desk) -> list[tuple[str, str]]:
    """Return type and code (or subject) of the answers, in order."""
    rows = await desk.pool.fetch("SELECT body FROM outbox WHERE topic = 'action_plans.answers.v1' ORDER BY id")
    bodies = [json.loads(row["body"]) for row in rows]
    return [(body["type"], body.get("subject_id") or body["problem"]["code"]) for body in bodies]


async def test_command_is_carried_out_for_whom_it_was_signed(desk: Desk) -> None:
    """The actor is the token's person."""
    await desk.take(asked(command()))
    assert await answers(desk) == [("CommandAccepted", "by ana")]
    assert len(await desk.effects()) == 1


async def test_command_sent_twice_is_carried_out_once(desk: Desk) -> None:
    """Whenever its sender says that it was given."""
    once = command()
    await desk.take(asked(once), asked(once.model_copy(update={"occurred_at": NOW + timedelta(days=1), "source": "x"})))
    assert len(await desk.effects()) == 1


async def test_command_sent_twice_is_answered_twice_by_the_same_answer(desk: Desk) -> None:
    """Nobody waits in vain; what forged ones of its id were told meanwhile is no answer to it."""
    twice = command()
    await desk.take(asked(twice), asked(twice, "nonsense"), asked(twice))
    rows = await desk.pool.fetch("SELECT key, topic, headers, body FROM outbox ORDER BY id")
    assert await answers(desk) == [
        ("CommandAccepted", "by ana"),
        ("CommandRejected", "not_proved"),
        ("CommandAccepted", "by ana"),
    ]
    assert tuple(rows[0]) == tuple(rows[2])


async def test_refused_command_sent_again_hears_the_refusal_again(desk: Desk) -> None:
    async def refuse(_: Any, tx: Transaction) -> None:
        raise Refused("not_yet", "Not yet.", "a conversation was held")

    desk.before = refuse
    wanted = command()
    await desk.take(asked(wanted), asked(wanted))
    assert await answers(desk) == [("CommandRejected", "not_yet")] * 2


async def test_command_whose_answer_is_not_kept_any_more_hears_that_nothing_was_done(desk: Desk) -> None:
    wanted = command()
    await desk.take(asked(wanted))
    await desk.pool.execute("DELETE FROM outbox")
    await desk.take(asked(wanted))
    assert await answers(desk) == [("CommandRejected", "answered")]
    assert len(await desk.effects()) == 1


def _raw(asked_for: OpenCase, **claims: Any) -> str:
    good = {"sub": "ana", "jti": asked_for.event_id, "body": hashlib.sha256(asked_for.body()).hexdigest()}
    at = int(NOW.timestamp())
    return jwt.encode(good | {"iat": at, "exp": at + 300} | claims, KEY, algorithm="EdDSA", headers={"kid": "tests"})


def _long_lived(asked_for: OpenCase) -> str:
    return _raw(asked_for, exp=int(NOW.timestamp()) + 3600)


def _unsigned(asked_for: OpenCase) -> str:
    claims = jwt.decode(token(asked_for), options={"verify_signature": False})
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "tests"})


UNPROVED: dict[str, Any] = {
    "forged: signed with another key": lambda c: token(c, key=Ed25519PrivateKey.generate()),
    "of an unknown key": lambda c: token(c, key_id="nobody"),
    "for another body": lambda c: token(c, body=b"{}"),
    "for another command": lambda c: token(c, command_id="another"),
    "expired": lambda c: token(c, at=NOW - timedelta(minutes=6)),
    "of the future": lambda c: token(c, at=NOW + timedelta(minutes=1)),
    "not a token": lambda c: "nonsense",
    "not even text": lambda c: b"\xff\x00",
    "unsigned": _unsigned,
    "that lives for an hour": _long_lived,
    "with times that are none": lambda c: _raw(c, iat="soon", exp="later"),
    "with times beyond the calendar": lambda c: _raw(c, iat=10**20, exp=10**20),
}


@pytest.mark.parametrize("proof", UNPROVED.values(), ids=UNPROVED)
async def test_command_with_a_token_that_proves_nothing_is_refused(desk: Desk, proof: Any) -> None:
    """It has no effect, is answered, and does not use up the command's id."""
    wanted = command()
    await desk.take(asked(wanted, proof(wanted)))
    assert await desk.effects() == []
    assert await desk.letters() == []
    assert await answers(desk) == [("CommandRejected", "not_proved")]
    await desk.take(asked(wanted))
    assert (await answers(desk))[1:] == [("CommandAccepted", "by ana")]


async def test_command_without_a_token_is_refused(desk: Desk) -> None:
    """Nobody asks."""
    await desk.take(record(command(), TOPIC, at=NOW))
    assert await answers(desk) == [("CommandRejected", "not_proved")]


async def test_token_is_judged_at_the_time_of_arrival_in_kafka(desk: Desk) -> None:
    """A command that waited in the topic for months is good; one that arrived late is not, whenever it is read."""
    await desk.take(asked(command(), at=NOW + timedelta(minutes=4)))
    await desk.take(asked(command(), at=NOW + timedelta(minutes=6)))
    assert [kind for kind, _ in await answers(desk)] == ["CommandAccepted", "CommandRejected"]


async def test_time_that_the_sender_chose_proves_nothing(desk: Desk) -> None:
    """Where the topic takes the sender's timestamp, a stolen token would be good for ever."""
    await desk.take(asked(command(), timestamp_type=0))
    assert await answers(desk) == [("CommandRejected", "not_proved")]


async def test_forged_command_delivered_twice_is_answered_once(desk: Desk) -> None:
    """A crash before the offset's commit brings it again."""
    forged = asked(command(), "nonsense")
    await desk.take(forged, forged)
    assert len(await answers(desk)) == 1


async def test_refused_command_leaves_nothing_behind(desk: Desk) -> None:
    """But its answer; asked again it is not carried out either."""

    async def refuse(_: Any, tx: Transaction) -> None:
        raise Refused("not_yet", "Not yet.", "a conversation was held")

    desk.after = refuse
    wanted = command()
    await desk.take(asked(wanted), asked(wanted))
    assert await desk.effects() == []
    assert set(await answers(desk)) == {("CommandRejected", "not_yet")}


async def test_command_that_is_none_is_answered_if_it_shows_its_ids(desk: Desk) -> None:
    """It is kept with the reason; answered once, however often it comes."""
    body = json.dumps(json.loads(command().body()) | {"reason": 7}).encode()
    bad = record(body, TOPIC, at=NOW)
    await desk.take(bad, bad, record(b'{"type": "OpenCase"}', TOPIC))
    assert await answers(desk) == [("CommandRejected", "invalid")]
    assert [kind for kind, *_ in await desk.letters()] == ["invalid", "invalid"]


async def test_command_that_fails_is_kept_answered_and_can_be_replayed(desk: Desk) -> None:
    """The asker hears that it failed, and hears again when it was carried out after all."""

    async def fail(_: Any, tx: Transaction) -> None:
        raise Poison

    desk.before = fail
    failing = asked(command())
    await desk.take(failing, failing)
    assert await answers(desk) == [("CommandRejected", "failed")]

    async def work(_: Any, tx: Transaction) -> None:
        return None

    desk.before = work
    await desk.ask()
    await desk.replay()
    assert (await answers(desk))[1:] == [("CommandAccepted", "by ana")]
    assert await desk.letters() == []


@pytest.mark.parametrize(("timestamp_type", "carried_out"), [(1, 1), (0, 0), (None, 0)])
async def test_time_that_the_sender_chose_proves_nothing_by_being_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, timestamp_type: Any, carried_out: int
) -> None:
    """A command that this version cannot read is kept unproved; a later version reads it, and judges its token then."""
    monkeypatch.setattr(casework, "read", lambda *_: Invalid("/reason", "is not known yet"))
    await desk.take(asked(command(), timestamp_type=timestamp_type))
    monkeypatch.undo()
    await desk.ask()
    await desk.replay()
    assert len(await desk.effects()) == carried_out
    assert await answers(desk) == [("CommandRejected", "invalid")] + [("CommandAccepted", "by ana")] * carried_out


async def test_answer_names_the_command(desk: Desk) -> None:
    """As correlation and cause, with the customer as key."""
    wanted = command()
    await desk.take(asked(wanted))
    (row,) = await desk.pool.fetch("SELECT key, headers, body FROM outbox")
    body = json.loads(row["body"])
    assert row["key"] == "acme"
    assert {body["command_id"], body["correlation_id"], body["causation_id"]} == {wanted.event_id}
    assert json.loads(row["headers"])["ce_correlationid"] == wanted.event_id
