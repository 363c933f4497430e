"""Waiting for what other processes do."""

import asyncio
import time
from collections.abc import Callable

import psutil

PATIENCE = 60.0


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Returns once the condition holds; fails the test after a minute without it."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


async def eventually(condition: Callable[[], object], what: str) -> None:
    """As `wait_until`, without holding up the event loop."""
    await asyncio.to_thread(wait_until, condition, what)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and that nobody asked about does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
