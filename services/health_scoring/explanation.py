"""Explains a customer's health at a moment, to people: reads what is kept, judges it, and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.health_scoring.cards_in_force import card_of
from services.health_scoring.domain.feeds import feeds
from services.health_scoring.domain.judgement import Judgement, judge
from services.health_scoring.domain.score import Contribution
from services.health_scoring.domain.scorecard import HORIZON_DAYS, Scorecard
from services.health_scoring.domain.trend import SPANS, Change, changes
from services.health_scoring.scorecards.reading import load as read_card
from services.health_scoring.store import cards, customers, knowledge, overrides
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store.customers import Entry
from services.health_scoring.store.overrides import Override
from shared.database import Transaction

DAYS_READ = HORIZON_DAYS + 100  # a course and its midnights look back 94 days, each of them the horizon


class NotKnown(Exception):
    """There is nothing to explain; the text is a sentence for people."""


@dataclass(frozen=True)
class Then:
    """The score so many days before: what it was, and what has moved it since, summing exactly to the difference."""

    hundredths: int | None
    moved: tuple[Change, ...]


@dataclass(frozen=True)
class Explanation:
    """A customer's health at a moment, under the card that was in force then.

    since: by days (7, 30, 90), against the very moment so long ago.
    """

    entry: Entry
    card: Scorecard
    judgement: Judgement
    word: Override | None
    since: Mapping[int, Then]

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each measure adds."""
        return self.judgement.contributions


async def explain(tx: Transaction, customer_id: str, at: datetime) -> Explanation:
    """Explain a customer's health at `at`, as it is known now; NotKnown says what is missing."""
    entry = await customers.entry(tx, customer_id)
    if entry is None:
        raise NotKnown(await _nobody(tx, customer_id))
    card = await _card(tx, entry.segment, at)
    first = at.date() - timedelta(days=DAYS_READ + max(SPANS))
    facts = (await knowledge.load(tx, [customer_id], first, full=True))[customer_id]
    if facts.left_at is not None and facts.left_at <= at:
        raise NotKnown(f"{entry.name} ended the relationship on {facts.left_at:%-d %B %Y}: it is not scored any more.")
    known = feeds(await stored_feeds.load(tx), at)
    judgement = judge(card, facts, known, at)
    since = {}
    for days in SPANS:
        then = at - timedelta(days=days)
        before = judge(await _card(tx, entry.segment, then), facts, known, then)
        since[days] = Then(before.score.hundredths, changes(before.contributions, judgement.contributions))
    word = (await overrides.open_at(tx, [customer_id], at)).get(customer_id)
    return Explanation(entry, card, judgement, word, since)


async def _nobody(tx: Transaction, customer_id: str) -> str:
    near = await customers.nearest(tx, customer_id)
    if near is None and not await customers.any_announced(tx):
        return f"There is no customer {customer_id}. No customer was ever announced (customers.v1)."
    hint = f"Is it {near}?" if near else "`amicable health list` says who there is."
    return f"There is no customer {customer_id}. {hint}"


async def _card(tx: Transaction, segment: str, at: datetime) -> Scorecard:
    stored = [(name, version, await cards.body(tx, name, version)) for name, version in await cards.in_force(tx, at)]
    if not stored:
        raise NotKnown("No scorecard was in force then: health_scoring had not yet started.")
    return card_of([read_card(text or "", f"{name} version {version}") for name, version, text in stored], segment)
