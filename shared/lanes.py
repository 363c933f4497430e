"""Both lanes behind one subscriber: the firehose for many small facts, casework for what people ask."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from aiokafka import ConsumerRecord

from shared import parking
from shared.casework import Lane
from shared.firehose import Firehose
from shared.messaging import HANDLER_SECONDS, TryAgain


class Lanes:
    """Hands each record to the lane of its topic: what happened first, then what people ask."""

    def __init__(self, firehose: Firehose, casework: Lane) -> None:
        """Topics that casework has handlers for are its own; all others are the firehose's."""
        self._firehose = firehose
        self._casework = casework
        casework.unknown = firehose.unknown  # one count for whoever watches

    @property
    def unknown(self) -> Counter[str]:
        """How many records were passed over, by type, because it is not known here."""
        return self._firehose.unknown

    async def take(self, records: Sequence[ConsumerRecord]) -> None:
        """Take records; TryAgain if the surroundings failed, or if it took too long."""
        deadline = asyncio.get_running_loop().time() + HANDLER_SECONDS
        asked = [record for record in records if record.topic in self._casework.topics]
        if len(asked) < len(records):
            await self._firehose.take([record for record in records if record.topic not in self._casework.topics])
        for record in asked:
            if asyncio.get_running_loop().time() > deadline:
                raise TryAgain  # what was taken is known, and quickly passed over the next time
            await self._casework.take([record])

    async def replay(self, letter: parking.Letter) -> None:
        """Take a kept record again; TryAgain if the surroundings failed."""
        if letter.topic in self._casework.topics:
            await self._casework.replay(letter)
        else:
            await self._firehose.replay(letter)
