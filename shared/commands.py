"""Commands: who asks is proved, and everybody gets an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid4, uuid5

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from shared import actors, inbox, outbox
from shared.contracts.answers import CommandAccepted, CommandRejected
from shared.contracts.event import Command, Contract, CustomerCommand, Problem
from shared.contracts.fields import Id
from shared.contracts.topics import Topic
from shared.database import Transaction
from shared.parking import Record

LOG_APPEND_TIME = 1  # Kafka's timestamp type: set by the broker, not by the sender
FORGOTTEN = Problem(
    code="answered",
    title="A command of this event_id was answered before, longer ago than answers are kept; nothing was done now.",
    unmet=("the command has an event_id of its own",),
)
FAILED = Problem(code="failed", title="The command could not be carried out; it is kept for a look.")

log = structlog.get_logger(__name__)


class Refused(Exception):
    """A command cannot be carried out now: why, and every condition that is not met."""

    def __init__(self, code: str, title: str, *unmet: str) -> None:
        """`code` is for programs, `title` one sentence for people, `unmet` what would have to be true."""
        super().__init__(title)
        self.problem = Problem(code=code, title=title, unmet=unmet)


@dataclass(frozen=True)
class Done:
    """What an accepted command made or changed."""

    subject_id: str
    revision: int


@dataclass(frozen=True)
class CommandIds:
    """What a command must show before it can be answered at all; customer_id None: it is about no customer."""

    command_id: str
    customer_id: str | None


class _Ids(Contract):
    event_id: Id
    customer_id: Id | None = None


def command_ids(body: bytes | None) -> CommandIds | None:
    """Return the ids of a command that is otherwise wrong; None if it does not show them."""
    try:
        seen = _Ids.model_validate_json(body or b"")
    except ValidationError:
        return None
    return CommandIds(seen.event_id, seen.customer_id)


def ids_of(command: Command) -> CommandIds:
    """Return the ids of a command."""
    return CommandIds(command.event_id, command.customer_id if isinstance(command, CustomerCommand) else None)


def prove(record: Record, command: Command, keys: Mapping[str, Ed25519PublicKey]) -> str:
    """Return the person who asks; NotProved says why that is not certain."""
    token = dict(record.headers).get(actors.HEADER)
    if token is None:
        raise actors.NotProved("the command carries no token of who asks")
    if record.timestamp_type != LOG_APPEND_TIME:
        raise actors.NotProved("its topic does not tell when it arrived: an operator must set LogAppendTime")
    return actors.verify(
        token.decode("utf-8", "replace"),
        keys,
        command_id=command.event_id,
        body=record.value or b"",
        appended_at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )


async def refuse(tx: Transaction, topic: Topic, record: Record, ids: CommandIds, why: Problem) -> None:
    """Answer a command that was not taken: once per record, since its id does not count as carried out."""
    if await inbox.take_place(tx, record):
        await answer(tx, topic, ids, why)


async def answer_again(tx: Transaction, topic: Topic, ids: CommandIds) -> None:
    """Answer a command that was taken before: as it was answered then."""
    if not await outbox.repeat(tx, _answers_of(topic), _answer_id(tx, ids)):
        await answer(tx, topic, ids, FORGOTTEN)


async def answer(
    tx: Transaction, topic: Topic, ids: CommandIds, result: Done | Problem, *, uses_the_id: bool = False
) -> None:
    """Tell what became of a command. uses_the_id: this is its answer for good, to be found when it comes again."""
    common = {
        "event_id": _answer_id(tx, ids) if uses_the_id else str(uuid4()),
        "customer_id": ids.customer_id,
        "command_id": ids.command_id,
        "source": tx.schema,
        "occurred_at": tx.now,
        "correlation_id": ids.command_id,
        "causation_id": ids.command_id,
    }
    answers = _answers_of(topic)
    if isinstance(result, Problem):
        log.info("command refused", code=result.code)
        await outbox.add(tx, answers, CommandRejected.model_validate({**common, "problem": result}))
    else:
        accepted = {**common, "subject_id": result.subject_id, "revision": result.revision}
        await outbox.add(tx, answers, CommandAccepted.model_validate(accepted))


def _answers_of(topic: Topic) -> str:
    return topic.name.replace(".commands.", ".answers.")


def _answer_id(tx: Transaction, ids: CommandIds) -> str:
    return str(uuid5(NAMESPACE_URL, f"amicable:answer:{tx.schema}:{ids.command_id}"))
