"""The scorecards in force, each version read once, and which of them a segment is judged by."""

from collections.abc import Iterable
from datetime import datetime

from services.health_scoring.domain.scorecard import ANY_SEGMENT, Scorecard
from services.health_scoring.scorecards.reading import load as read_card
from services.health_scoring.scorecards.shipped import default_cards, text_of
from services.health_scoring.store import cards
from services.health_scoring.store.cards import Stored
from shared.database import Transaction


class Cards:
    """The scorecards in force; each version is read once."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._read: dict[tuple[str, int], Scorecard] = {}
        self._stored = False

    async def in_force(self, tx: Transaction, at: datetime) -> tuple[Scorecard, ...]:
        """Return the cards in force at the moment; the shipped ones are, where nobody put others into force."""
        if not self._stored:
            shipped = [Stored(card.name, card.version, text_of(card.name)) for card in default_cards()]
            self._stored = await cards.require(tx, shipped)
        return tuple([await self._card(tx, name, version) for name, version in await cards.in_force(tx, at)])

    async def _card(self, tx: Transaction, name: str, version: int) -> Scorecard:
        if (name, version) not in self._read:
            text = await cards.body(tx, name, version)
            self._read[name, version] = read_card(text or "", f"{name} version {version}")
        return self._read[name, version]


def card_of(in_force: Iterable[Scorecard], segment: str) -> Scorecard:
    """Return the card of a segment: one that names it, else the one for all others."""
    known = list(in_force)
    return next((card for wanted in (segment, ANY_SEGMENT) for card in known if wanted in card.segments), known[-1])
