"""How often somebody may do something: counted in this process's memory, which is bounded whoever asks."""

import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KEYS = 10_000  # whoever was counted longest ago is forgotten first


class Rate:
    """At most `most` times in `seconds` for each key, from the first time on."""

    def __init__(self, most: int, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody has done anything yet."""
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str) -> bool:
        """Count one more, and tell whether it was within the rate."""
        since, count = self._of(key)
        self._counted[key] = since, count + 1
        self._counted.move_to_end(key)
        if len(self._counted) > MOST_KEYS:
            self._counted.popitem(last=False)
        return count < self._most

    def is_spent(self, key: str) -> bool:
        """Tell whether one more would be too many; counts nothing."""
        return self._of(key)[1] >= self._most

    def _of(self, key: str) -> tuple[float, int]:
        now = self._clock()
        since, count = self._counted.get(key, (now, 0))
        return (since, count) if now - since < self._seconds else (now, 0)

    def __len__(self) -> int:
        """How many keys are counted."""
        return len(self._counted)


class Rates:
    """How often a client's address, and a link, may do what; in one process."""

    def __init__(self) -> None:
        """Nobody was here yet."""
        self.asking = Rate(240, 60)  # of an address: anything
        self.missing = Rate(20, 600)  # of an address: links that open nothing
        self.reading = Rate(60, 60)  # of a link
        self.acting = Rate(20, 60)  # of a link
