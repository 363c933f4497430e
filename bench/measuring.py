"""Runs a contender and measures it from outside: from the moment its group has its share to its last commit.

What was taken before that moment does not count."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import psutil
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from bench import kafka_side
from bench.contenders.contender import Given
from bench.job import Outcome, differences, reference
from bench.surroundings import Surroundings

POLL_SECONDS = 0.02
SAMPLE_SECONDS = 0.2
PATIENCE_SECONDS = 900.0
START_SECONDS = 120.0
STOP_SECONDS = 60.0


class Wrong(Exception):
    """A contender did not do the job; the text says what is wrong, and where it wrote about it."""


class Contender(Protocol):
    """What a contender's module offers."""

    def command(self, root: Path) -> list[str]:
        """Install what is missing under `root`, and return how it is started."""
        ...

    async def outcome(self, given: Given) -> Outcome:
        """Return what it kept and told, once it has stopped."""
        ...


@dataclass(frozen=True)
class Measured:
    """One run. seconds: from the share to the last commit. megabytes: resident, the most of all its processes."""

    events: int
    seconds: float
    megabytes: float
    warm: float  # events a second in the second half
    cpu: float  # seconds of its own

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


@dataclass
class _Watch:
    most: float = 0.0

    async def sample(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        while True:
            self.most = max([self.most, *(megabytes(process.pid) for process in processes)])
            await asyncio.sleep(SAMPLE_SECONDS)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def megabytes(pid: int) -> float:
    """Return what a process and its children have resident."""
    total = 0.0
    for one in _family(pid):
        try:
            total += one.memory_info().rss / 1e6
        except psutil.Error:
            continue
    return total


def _cpu(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    total = 0.0
    for process in processes:
        for one in _family(process.pid):
            try:
                times = one.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
    return total


def _start(command: Sequence[str], environment: Mapping[str, str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=log, stderr=log, stdin=subprocess.DEVNULL
    )


@asynccontextmanager
async def started(
    command: Sequence[str], given: Given, *, processes: int = 1, more: dict[str, str] | None = None
) -> AsyncIterator[list[subprocess.Popen[bytes]]]:
    """Start a program so many times; on leaving, ask each to end, and end it when it does not."""
    with (given.folder / "log").open("wb") as log:
        running = [_start(command, {**given.environment(), **(more or {})}, log) for _ in range(processes)]
        try:
            yield running
        finally:
            for process in running:
                process.terminate()
            for process in running:
                try:
                    await asyncio.to_thread(process.wait, STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


async def measure(
    name: str,
    contender: Contender,
    around: Surroundings,
    *,
    slice_seconds: float | None = None,
    processes: int = 1,
    aged: bool = False,
    root: Path,
) -> Measured:
    """Have a contender do the job, and compare what it kept and told with the reference; raises Wrong.

    slice_seconds: stop it after so long, for those who would take very long; then only what it took is compared.
    aged: its database has a past.
    """
    command = contender.command(root)
    sent = {partition: len(bodies) for partition, bodies in around.sent.items()}
    async with around.given(name, aged=aged) as given:
        async with kafka_side.connected(around.kafka) as admin:
            group = kafka_side.Watched(admin, given.group, given.topic)
            async with started(command, given, processes=processes) as running:
                watch = _Watch()
                sampling = asyncio.create_task(watch.sample(running))
                try:
                    measured = await _watched(admin, group, given, running, sent, slice_seconds)
                finally:
                    sampling.cancel()
            upto = await group.committed()
        expected = reference(around.sent, upto)
        wrong = differences(await contender.outcome(given), expected)
        if wrong:
            raise Wrong(f"{name}: {'; '.join(wrong)}. Its log: {given.folder / 'log'}.")
        events, seconds, warm, cpu = measured
        return Measured(events, seconds, watch.most, warm, cpu)


async def _watched(
    admin: AIOKafkaAdminClient,
    group: kafka_side.Watched,
    given: Given,
    running: Sequence[subprocess.Popen[bytes]],
    sent: dict[int, int],
    slice_seconds: float | None,
) -> tuple[int, float, float, float]:
    """Return how many events were taken, in what time, how many a second in the second half, and the CPU time."""
    await _has_share(admin, given, running)
    already = sum((await group.committed()).values())  # by the first process, before the second had its share
    began, cpu = time.monotonic(), _cpu(running)
    total = sum(sent.values())
    halfway = (began, already)
    while True:
        taken = sum((await group.committed()).values())
        now = time.monotonic()
        if taken < total / 2:
            halfway = (now, taken)
        if taken >= total or (slice_seconds is not None and now - began > slice_seconds):
            warm = (taken - halfway[1]) / max(now - halfway[0], POLL_SECONDS)
            return taken - already, now - began, warm, _cpu(running) - cpu
        _require_alive(running, given)
        if now - began > PATIENCE_SECONDS:
            raise Wrong(f"{given.group} took {taken} of {total} events in {now - began:.0f} s. {given.folder / 'log'}")
        await asyncio.sleep(POLL_SECONDS)


async def _has_share(admin: AIOKafkaAdminClient, given: Given, running: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until the group has shared out the partitions among all processes."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            (described,) = await admin.describe_consumer_groups([given.group])
            _, _, state, _, _, members, *_ = described.groups[0]
            if state == "Stable" and len(members) >= len(running):
                return
        except GroupCoordinatorNotAvailableError:  # the first group of all makes the coordinator's topic
            pass
        _require_alive(running, given)
        await asyncio.sleep(POLL_SECONDS)
    raise Wrong(f"{given.group} does not take part after {START_SECONDS:.0f} s. Its log: {given.folder / 'log'}.")


def _require_alive(running: Sequence[subprocess.Popen[bytes]], given: Given) -> None:
    for process in running:
        if process.poll() is not None:
            end = (given.folder / "log").read_text(errors="replace")[-2000:]
            raise Wrong(f"{given.group} ended with {process.returncode}:\n{end}")
