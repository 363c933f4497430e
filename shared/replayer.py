"""Takes kept records again when their replay was asked for, by a person or by the event that closed their gap."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared import parking
from shared.database import Pool, is_transient
from shared.leases import Leases
from shared.messaging import TryAgain
from shared.outbox import bucket_of

POLL_SECONDS = 0.5

log = structlog.get_logger(__name__)
Replay = Callable[[parking.Letter], Awaitable[None]]


async def run(pool: Pool, leases: Leases, replay: Replay) -> None:
    """Replay what is asked for, until cancelled; a customer's records are taken by the holder of its bucket."""
    while True:
        taken = False
        try:
            for letter in await parking.asked_for(pool, leases.buckets):
                if bucket_of((letter.key or b"").decode()) in leases.buckets:  # they may have been lost meanwhile
                    taken |= await _try(replay, letter)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("replay not possible now, will try again", exc_info=error)
        await asyncio.sleep(0 if taken else POLL_SECONDS)  # each record that is taken calls the one parked behind it


async def _try(replay: Replay, letter: parking.Letter) -> bool:
    """Replay one record, and tell whether it went; one that cannot be taken now does not hold up other customers'."""
    try:
        await replay(letter)
    except TryAgain as error:
        log.warning("replay not possible now, will try again", exc_info=error, letter=letter.id)
        return False
    return True
