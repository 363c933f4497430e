"""`amicable send`: publishes upstream events from lines of JSON, each checked against its contract.

The lines are read and checked in this thread and published from another, so that neither waits for the other and
Ctrl-C is obeyed while standard input is silent.
"""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Event, Thread
from typing import Annotated, Any, TypeVar

import typer

from amicable import addresses
from amicable.ndjson import MAX_LINE, Line, Source, open_source
from amicable.output import AsJson
from amicable.problems import INTERRUPTED, OK, REFUSED, Problem
from amicable.send_report import Report
from shared.contracts.reading import Invalid
from shared.kafka_access import OPEN, Access
from shared.upstream_decoder import Upstream, decode
from shared.upstream_publisher import NotPublished, UpstreamPublisher

T = TypeVar("T")
TOO_LONG = Invalid("", f"is longer than {MAX_LINE:,} bytes")


def send(source: str, *, kafka: str | None, check: bool, as_json: bool, access: Access = OPEN) -> int:
    """Check every line of the source and publish the good ones in order; returns the exit code.

    `source`: a path, or `-`. `kafka`: bootstrap servers, None only to check. Raises Problem where it could not be done.
    """
    with open_source(source) as lines, Report(lines, as_json=as_json, check=check) as report:
        try:
            if check or kafka is None:
                for chunk in lines.chunks():
                    _good(chunk, report)
            else:
                _publish(lines, UpstreamPublisher(kafka, access), report)
        except KeyboardInterrupt:
            raise Problem(
                f"Interrupted after line {lines.lines_seen:,}; sending it all again is safe.", INTERRUPTED
            ) from None
        return REFUSED if report.bad else OK


def _good(chunk: Sequence[Line], report: Report) -> list[Upstream]:
    events = []
    for line in chunk:
        event = TOO_LONG if line.text is None else decode(line.text)
        if isinstance(event, Invalid):
            report.bad_line(line.number, event)
        else:
            events.append(event)
    report.read(len(chunk))
    return events


def _publish(lines: Source, publisher: UpstreamPublisher, report: Report) -> None:
    with _another_thread() as there:
        sending: Future[None] | None = None
        try:
            there.run(publisher.__aenter__()).result()
            for chunk in lines.chunks():
                events = _good(chunk, report)
                if sending:
                    sending.result()
                sending = there.run(publisher.send(events))
            if sending:
                sending.result()
            there.run(publisher.flush()).result()
        except NotPublished as error:
            raise Problem(str(error)) from None
        finally:
            if sending:
                sending.cancel()
            there.run(publisher.__aexit__(None, None, None)).result()
            report.published = publisher.published


class _Loop:
    """An event loop that runs in a thread of its own."""

    def __init__(self) -> None:
        self._runs = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        self._runs.wait()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._runs.set()
        await self._end.wait()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()


@contextmanager
def _another_thread() -> Iterator[_Loop]:
    loop = _Loop()
    try:
        yield loop
    finally:
        loop.close()


def send_command(
    source: Annotated[str, typer.Argument(metavar="FILE|-", help="Lines of JSON, also .gz; - is standard input.")],
    kafka: Annotated[
        str | None, typer.Option(envvar="AMICABLE_KAFKA", help="HOST:PORT; else of what runs here.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Only check the lines; needs no Kafka.")] = False,
    as_json: AsJson = False,
) -> None:
    """Publish upstream events, one JSON object a line, in order; bad lines are reported, good ones still go out.

    Sending the same file again changes nothing. Exit codes: 0 all good, 1 a line was bad or the file is cut off,
    2 the file cannot be read, 3 Kafka does not answer, 130 interrupted.
    """
    where, access = (None, OPEN) if check else addresses.kafka(kafka)
    raise typer.Exit(send(source, kafka=where, check=check, as_json=as_json, access=access))
