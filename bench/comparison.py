"""Ours and the yardsticks in one run: rounds in which each does the job, compared with the reference; the ratios.

Rounds follow each other with every contender in each, so that what the machine does meanwhile falls on all of them.
"""

import asyncio
import json
import statistics
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import job, kafka_side
from bench.contenders import kafka_streams, librdkafka, quix, reduced
from bench.contenders.handler import Handler
from bench.measuring import Contender, Measured, Wrong, measure, started
from bench.surroundings import Surroundings, surroundings

ROOT = Path(__file__).parents[1]
SLICE_SECONDS = 60.0
OURS, TWO, AGED = "ours", "ours, two processes", "ours, 10 million events kept"
DURABLE, ACK_FIRST = "handler per message, durable", "handler per message, ACK_FIRST"
QUIX, STREAMS, RAW = quix.NAME, kafka_streams.NAME, librdkafka.NAME
CONTENDERS = (OURS, TWO, AGED, QUIX, STREAMS, RAW, DURABLE, ACK_FIRST)
GOALS = (  # of performance.md: ours against it, at least
    (DURABLE, 400.0),
    (ACK_FIRST, 100.0),
    (QUIX, 2.5),
    (STREAMS, 2.0),
    (RAW, 0.11),
)
TWO_GOAL = 1.1
WARM_GOAL = 1.5
AGED_GOAL = 0.9


async def one(name: str, around: Surroundings) -> Measured:
    """Have one contender do the job once."""
    slice_seconds = SLICE_SECONDS if name in {DURABLE, ACK_FIRST} else None
    contenders: dict[str, Contender] = {
        OURS: reduced,
        TWO: reduced,
        AGED: reduced,
        DURABLE: Handler(ack_first=False),
        ACK_FIRST: Handler(ack_first=True),
        QUIX: quix,
        STREAMS: kafka_streams,
    }
    return await measure(
        "".join(letter if letter.isalnum() else "-" for letter in name.lower()),
        contenders[name],
        around,
        slice_seconds=slice_seconds,
        processes=2 if name == TWO else 1,
        aged=name == AGED,
        root=ROOT,
    )


def _line_in(log: Path) -> str:
    deadline = time.monotonic() + 120
    while not (text := log.read_text()).endswith("}\n"):
        if time.monotonic() > deadline:
            raise Wrong(f"librdkafka says nothing: {text[-500:]}")
        time.sleep(0.1)
    return text.splitlines()[-1]


async def raw(around: Surroundings) -> float:
    """Return how many events a second librdkafka reads, by its own clock: it needs less than a second."""
    async with around.given("librdkafka") as given:
        log = given.folder / "log"
        async with started(librdkafka.command(ROOT), given):
            said = json.loads(await asyncio.to_thread(_line_in, log))
    if said["events"] != sum(len(bodies) for bodies in around.sent.values()):
        raise Wrong(f"librdkafka read {said['events']} events")
    return float(said["events"] / said["seconds"])


async def compare(console: Console, folder: Path, names: list[str], rounds: int, events: int) -> None:
    """Run all rounds, and print figures and ratios."""
    rates: dict[str, list[float]] = defaultdict(list)
    warm: dict[str, list[float]] = defaultdict(list)
    megabytes: dict[str, list[float]] = defaultdict(list)
    async with surroundings(folder) as around:
        await kafka_side.make_topics(around.kafka, [job.TOPIC])
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        await kafka_side.fill(around.kafka, job.TOPIC, job.events(yesterday, events))
        around.sent = await kafka_side.read(around.kafka, job.TOPIC)
        if AGED in names:
            await around.age()
        for turn in range(1, rounds + 1):
            for contender in names:
                if contender == RAW:
                    rates[RAW].append(await raw(around))
                    warm[RAW], megabytes[RAW] = rates[RAW], [0.0]
                else:
                    measured = await one(contender, around)
                    rates[contender].append(measured.rate)
                    warm[contender].append(measured.warm)
                    megabytes[contender].append(measured.megabytes)
                console.print(f"{turn}/{rounds}  {contender:34} {rates[contender][-1]:>11,.0f} events/s")
    console.print(_figures(rates, warm, megabytes), _ratios(rates, warm))


def _figures(rates: dict[str, list[float]], warm: dict[str, list[float]], megabytes: dict[str, list[float]]) -> Table:
    table = Table(title="Events a second, of the job done right")
    for column in ("contender", "median", "least", "most", "second half", "MB"):
        table.add_column(column, justify="left" if column == "contender" else "right")
    for name, found in rates.items():
        figures = [statistics.median(found), min(found), max(found), statistics.median(warm[name])]
        table.add_row(name, *(f"{figure:,.0f}" for figure in figures), f"{max(megabytes[name]):,.0f}")
    return table


def _ratios(rates: dict[str, list[float]], warm: dict[str, list[float]]) -> Table:
    table = Table(title="Ours against it, round by round")
    for column in ("against", "median", "least", "most", "goal", ""):
        table.add_column(column, justify="left" if column == "against" else "right")

    def add(against: str, over: list[float], under: list[float], goal: float) -> None:
        ratios = [ours / theirs for ours, theirs in zip(over, under, strict=True)]
        median = statistics.median(ratios)
        said = "reached" if median >= goal else "falls short"
        table.add_row(against, *(f"{one:,.2f}" for one in (median, min(ratios), max(ratios), goal)), said)

    if OURS not in rates:
        return table
    for name, goal in GOALS:
        if name in rates:
            add(name, rates[OURS], rates[name], goal)
    if STREAMS in rates:
        add(f"{STREAMS}, its second half", rates[OURS], warm[STREAMS], WARM_GOAL)
    if TWO in rates:
        add("two processes against one", rates[TWO], rates[OURS], TWO_GOAL)
    if AGED in rates:
        add("10 million events kept against none", rates[AGED], rates[OURS], AGED_GOAL)
    return table
