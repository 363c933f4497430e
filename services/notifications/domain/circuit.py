"""A circuit to one destination: after failures in a row nobody knocks for a while, then one tries first."""

from dataclasses import dataclass, replace

OPENS_AFTER = 5
FIRST_REST = 5.0  # seconds
LONGEST_REST = 300.0


@dataclass(frozen=True)
class Circuit:
    """failures: in a row. open_until: by the monotonic clock, in seconds; trying: somebody knocks first."""

    failures: int = 0
    open_until: float = 0.0
    trying: bool = False

    @classmethod
    def resting(cls, until: float) -> "Circuit":
        """Return the circuit to somebody who has asked to be left in peace until then."""
        return cls(OPENS_AFTER, until)

    def rest(self, now: float) -> float:
        """Return for how many seconds nobody may knock; 0 where one may."""
        if self.failures < OPENS_AFTER:
            return 0.0
        if now < self.open_until:
            return self.open_until - now
        return FIRST_REST if self.trying else 0.0

    def knocking(self) -> "Circuit":
        """Return the circuit while somebody knocks; others wait for what comes of it once it was open."""
        return replace(self, trying=True) if self.failures >= OPENS_AFTER else self

    def failed(self, now: float) -> "Circuit":
        """Return the circuit after nobody answered: it rests twice as long each time, five minutes at most."""
        failures = self.failures + 1
        beyond = failures - OPENS_AFTER
        rest = min(LONGEST_REST, FIRST_REST * 2.0 ** min(beyond, 10)) if beyond >= 0 else 0.0
        return Circuit(failures, now + rest)
