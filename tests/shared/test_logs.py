"""Logs: every line of a record says which, and none holds customer data, whatever fails however."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared import logs
from shared.contracts.upstream import CustomerChanged
from shared.database import Transaction
from tests.shared.desk import Desk, Poison
from tests.shared.records import altered, record, risk, usage, used
from tests.stories import customer

SENTINEL = "Zaphod.Beeblebrox"


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch, quiet: None) -> Iterator[io.StringIO]:
    """What a service prints, to both outputs."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    printed = io.StringIO()
    monkeypatch.setattr(sys, "stdout", printed)
    monkeypatch.setattr(sys, "stderr", printed)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    logs.configure("action_plans", format_="json", level="debug")
    yield printed
    root.handlers[:] = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def _lines(output: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.getvalue().splitlines() if line.startswith("{")]


def _everywhere() -> dict[str, Any]:
    """A CustomerChanged with the sentinel in every text."""

    def plant(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plant(each) for key, each in value.items()}
        if isinstance(value, list):
            return [plant(each) for each in value]
        return SENTINEL if isinstance(value, str) else value

    good = customer("acme", "csm")
    return {**plant(good), **{name: good[name] for name in ("type", "event_id", "occurred_at")}}


async def _constraint(_: Any, tx: Transaction) -> None:
    await tx.execute("INSERT INTO health VALUES ($1, $1)", SENTINEL)


async def _argument(_: Any, tx: Transaction) -> None:
    await tx.execute("SELECT $1::date", SENTINEL)


async def _conversion(_: Any, tx: Transaction) -> None:
    await tx.execute("SELECT $1::text::int", SENTINEL)


async def _validation(_: Any, tx: Transaction) -> None:
    CustomerChanged.model_validate(_everywhere())


async def _handler(_: Any, tx: Transaction) -> None:
    raise Poison(SENTINEL) from KeyError(SENTINEL)


@pytest.mark.parametrize("fail", [_constraint, _argument, _conversion, _validation, _handler])
async def test_no_line_holds_customer_data_when_a_record_fails(desk: Desk, output: io.StringIO, fail: Any) -> None:
    """Postgres and pydantic print values; their messages are not logged."""
    good = {**customer("acme", "csm"), "name": SENTINEL, "contacts": [{"contact_id": "c", "name": SENTINEL}]}
    desk.before = fail
    await desk.take(record(json.dumps(good).encode(), "customers.v1"))
    await desk.firehose.take([used(usage("acme", metric=SENTINEL))])
    assert len(await desk.letters()) == 2
    said = output.getvalue()
    assert "record parked" in said
    assert SENTINEL not in said
    (reasons,) = await desk.pool.fetch("SELECT string_agg(reason, ' ') AS every FROM dead_letters")
    assert SENTINEL not in reasons["every"]


async def test_no_line_holds_customer_data_when_a_record_is_invalid(desk: Desk, output: io.StringIO) -> None:
    """Each field of a fact in turn holds what it may not, under a name that it may not have."""
    body = _everywhere()
    for name in body:
        await desk.take(record(json.dumps(body | {name: {SENTINEL: SENTINEL}}).encode(), "customers.v1"))
    await desk.take(record(json.dumps(body | {SENTINEL: 1}).encode(), "customers.v1"))
    await desk.take(record(altered(risk("acme", 1), reasons=[SENTINEL]), headers=[("ce_id", SENTINEL.encode())]))
    said = output.getvalue()
    assert said.count("not a message of its topic") == len(body) + 2
    assert SENTINEL not in said


async def test_no_line_holds_customer_data_when_libraries_complain(output: io.StringIO) -> None:
    """asyncio prints the exception of a task that nobody asked; uvicorn prints tracebacks."""

    async def forgotten() -> None:
        raise Poison(SENTINEL)

    task = asyncio.create_task(forgotten())
    await asyncio.wait([task])
    asyncio.get_running_loop().call_exception_handler(
        {"message": "Task exception was never retrieved", "exception": task.exception(), "task": task}
    )
    logging.getLogger("uvicorn.error").error("Traceback:\n  %s", SENTINEL)
    logging.getLogger("aiokafka").warning("Fetch of %s failed", SENTINEL)
    sys.excepthook(Poison, Poison(SENTINEL), None)
    assert len(_lines(output)) == 4
    assert SENTINEL not in output.getvalue()


@pytest.mark.parametrize(
    ("words", "filled_in", "said"),
    [
        ("Fetch of %s failed", (SENTINEL,), "Fetch of … failed"),
        ("%r: %-10.3f%% of %s, %03d", (SENTINEL, 1.5, SENTINEL, 7), "…: …% of …, …"),
        ("%(who)s is late", ({"who": SENTINEL},), "… is late"),
        ("100%% or %s", (), "100%% or %s"),
        ("three\n%s", (SENTINEL,), "three"),
    ],
)
async def test_what_libraries_fill_in_is_left_out(
    output: io.StringIO, words: str, filled_in: tuple[Any, ...], said: str
) -> None:
    """A reader sees where something was, and not what."""
    logging.getLogger("library").warning(words, *filled_in)
    (line,) = _lines(output)
    assert line["event"] == said
    assert "positional_args" not in line
    assert SENTINEL not in output.getvalue()


async def test_key_that_is_not_on_the_list_is_scrubbed(output: io.StringIO) -> None:
    """Whoever adds a key must think about it."""
    structlog.get_logger("x").info("said", customer=SENTINEL, count=1)
    (line,) = _lines(output)
    assert (line["customer"], line["count"]) == ("(scrubbed)", 1)


async def test_every_line_of_a_record_names_it(desk: Desk, output: io.StringIO) -> None:
    """Topic, partition, offset, correlation id and service; also those that handlers and libraries write."""

    async def speak(_: Any, tx: Transaction) -> None:
        structlog.get_logger("handler").info("handled")
        logging.getLogger("library").warning("a library says so")

    desk.before = speak
    await desk.take(record(risk("acme", 1), partition=3, offset=70))
    handled = _lines(output)
    assert len(handled) == 2
    desk.before = _handler
    await desk.take(record(risk("acme", 2), partition=3, offset=71), record(b"no json", partition=3, offset=72))
    for line in _lines(output):
        assert line["service"] == "action_plans"
        assert (line["topic"], line["partition"]) == ("health.v1", 3)
        assert line["correlation_id"] == {70: "began-acme", 71: "began-acme", 72: "health.v1/3/72"}[line["offset"]]


async def test_what_was_bound_ends_with_the_record(desk: Desk, output: io.StringIO) -> None:
    """The next line is about nothing."""
    await desk.take(record(risk("acme", 1)))
    structlog.get_logger("x").info("afterwards")
    (line,) = _lines(output)
    assert not {"topic", "partition", "offset", "correlation_id", "event_type"} & line.keys()


async def test_failure_says_what_and_where(desk: Desk, output: io.StringIO) -> None:
    """The type, our own file and line, Postgres' code."""
    desk.before = _constraint
    await desk.take(record(risk("acme", 1)))
    failed = [line for line in _lines(output) if line["event"] == "record not taken"]
    assert {line["error"] for line in failed} == {"CheckViolationError"}
    assert {line["sqlstate"] for line in failed} == {"23514"}
    assert all(line["where"].startswith("main/shared/") or "/shared/" in line["where"] for line in failed)
