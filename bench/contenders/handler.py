"""A handler with one transaction per message, as tutorials write it: a yardstick. What it does is in `handler_app`."""

import sys
from pathlib import Path

from bench.contenders import reduced
from bench.contenders.contender import Given
from bench.job import Outcome


class Handler:
    """With its offset committed after the transaction, or (`ack_first`) before it, which loses events in a crash."""

    def __init__(self, *, ack_first: bool) -> None:
        """Choose when the offset is committed."""
        self._ack_first = ack_first

    def command(self, root: Path) -> list[str]:  # noqa: ARG002  # nothing to install
        """Return what starts it."""
        return [sys.executable, "-m", "bench.contenders.handler_app", *(["--ack-first"] if self._ack_first else [])]

    async def outcome(self, given: Given) -> Outcome:
        """Return what it kept and told."""
        return await reduced.outcome(given)
