"""Circuits: after failures in a row nobody knocks for a while, then one tries first.

A host that is not reached rests as a whole. What answers for one address alone (an error, a wish for fewer messages)
rests that address alone: one webhook of a host that thousands share says nothing of the others.
"""

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
        """Return the circuit after nobody answered: it rests twice as long each time, five minutes at most.

        What was on its way already when it opened says nothing new, however much that was.
        """
        if self.failures >= OPENS_AFTER and not self.trying:
            return self
        failures = self.failures + 1
        beyond = failures - OPENS_AFTER
        rest = min(LONGEST_REST, FIRST_REST * 2.0 ** min(beyond, 10)) if beyond >= 0 else 0.0
        return Circuit(failures, now + rest)

    def undecided(self) -> "Circuit":
        """Return the circuit after somebody knocked and nothing was learnt of it."""
        return replace(self, trying=False)


class Circuits:
    """The circuits of a channel: one for each host, and one for each address there."""

    def __init__(self) -> None:
        """Nobody has failed."""
        self._hosts: dict[str, Circuit] = {}
        self._addresses: dict[str, Circuit] = {}

    def resting(self, now: float) -> int:
        """Return how many hosts and addresses are left in peace."""
        every = (*self._hosts.values(), *self._addresses.values())
        return sum(1 for one in every if one.rest(now))

    def rest(self, host: str, address: str, now: float) -> float:
        """Return for how many seconds nobody may knock there; 0 where one may."""
        return max(self._hosts.get(host, Circuit()).rest(now), self._addresses.get(address, Circuit()).rest(now))

    def knocking(self, host: str, address: str) -> None:
        """Note that somebody knocks: whoever comes meanwhile waits for what comes of it, once it was open."""
        for circuits, place in ((self._hosts, host), (self._addresses, address)):
            if place in circuits:
                circuits[place] = circuits[place].knocking()

    def answered(self, host: str, address: str) -> None:
        """Note that both are as they should be."""
        self._hosts.pop(host, None)
        self._addresses.pop(address, None)

    def asked_for_rest(self, host: str, address: str, until: float) -> None:
        """Note that it wants fewer messages for this address, and none until then."""
        self.answered(host, address)
        self._addresses[address] = Circuit.resting(until)

    def failed(self, host: str, address: str, now: float) -> None:
        """Note that the host answers, and that something is wrong for this address."""
        self._hosts.pop(host, None)
        self._addresses[address] = self._addresses.get(address, Circuit()).failed(now)

    def unreachable(self, host: str, address: str, now: float) -> None:
        """Note that nobody answered at the host: of the address nothing was learnt."""
        self._hosts[host] = self._hosts.get(host, Circuit()).failed(now)
        if address in self._addresses:
            self._addresses[address] = self._addresses[address].undecided()
