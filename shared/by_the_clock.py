"""What loops of a service have in common that do what is due by the clock."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from shared.database import is_transient

POLL_SECONDS = 0.5
SET_ASIDE_SECONDS = 60.0

log = structlog.get_logger(__name__)


async def again_and_again(look: Callable[[], Awaitable[int]], *, at_once: int) -> None:
    """Look until cancelled, at once again while there may be more. look: returns how many there were, at most at_once.

    Trouble of the surroundings is waited out.
    """
    while True:
        try:
            found = await look()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("sweep postponed", exc_info=error)
            found = 0
        if found < at_once:
            await asyncio.sleep(POLL_SECONDS)


class SetAside:
    """What fails by its own fault: left out for a minute, so that the others do not wait."""

    def __init__(self) -> None:
        """Nothing is set aside."""
        self._until: dict[str, float] = {}

    def add(self, id_: str) -> None:
        """Leave it out."""
        self._until[id_] = time.monotonic() + SET_ASIDE_SECONDS

    @property
    def ids(self) -> list[str]:
        """What is left out now."""
        self._until = {id_: until for id_, until in self._until.items() if until > time.monotonic()}
        return list(self._until)
