"""Explains a customer's health at a moment, to people: reads what is kept, judges it, and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.health_scoring.cards_in_force import card_of
from services.health_scoring.domain.ending import Ending
from services.health_scoring.domain.feeds import Feeds, feeds
from services.health_scoring.domain.judgement import Judgement, judge
from services.health_scoring.domain.score import Contribution
from services.health_scoring.domain.scorecard import HORIZON_DAYS, Scorecard
from services.health_scoring.domain.trend import SPANS, Change, changes
from services.health_scoring.scorecards.reading import load as read_card
from services.health_scoring.store import cards, customers, endings, known, overrides
from services.health_scoring.store import feeds as stored_feeds
from services.health_scoring.store.customers import Entry
from services.health_scoring.store.near import nearest
from services.health_scoring.store.overrides import Override
from shared.database import Transaction

DAYS_READ = HORIZON_DAYS + 100  # a course and its midnights look back 94 days, each of them the horizon


class NotKnown(Exception):
    """There is nothing to explain; the text is a sentence for people."""


@dataclass(frozen=True)
class Then:
    """The score so many days before: what it was, and what has moved it since, summing exactly to the difference.

    hundredths: None where nothing was known of the customer then. is_known: whether it was enough for a band.
    """

    hundredths: int | None
    confidence: int
    is_known: bool
    moved: tuple[Change, ...]


@dataclass(frozen=True)
class Explanation:
    """A customer's health at a moment, under the card that was in force then.

    since: by days (7, 30, 90), against the very moment so long ago. is_past: what is judged is not the present; the
    master data are those of the present all the same, because former ones are not kept. ending: one that goes on.
    """

    entry: Entry
    card: Scorecard
    judgement: Judgement
    word: Override | None
    since: Mapping[int, Then]
    is_past: bool
    ending: Ending | None = None

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        """What each measure adds."""
        return self.judgement.contributions


async def explain(tx: Transaction, customer_id: str, at: datetime) -> Explanation:
    """Explain a customer's health at `at`, now or before, as it is known now; NotKnown says what is missing."""
    entry = await customers.entry(tx, customer_id)
    if entry is None:
        raise NotKnown(await _nobody(tx, customer_id))
    card = await _card(tx, entry.segment, at)
    began = await customers.known_since(tx, customer_id)
    if at < tx.now and (began is None or began > at):
        raise NotKnown(_not_yet(entry, at, began))
    first = at.date() - timedelta(days=DAYS_READ + max(SPANS))
    facts = (await known.load(tx, [customer_id], first, full=True))[customer_id]
    if facts.left_at is not None and facts.left_at <= at:
        raise NotKnown(f"{entry.name} ended the relationship on {facts.left_at:%-d %B %Y}: it is not scored any more.")
    judgement = judge(card, facts, await _feeds(tx, at), at)
    ending = (await endings.of(tx, [customer_id])).get(customer_id)
    if ending is not None and ending.ended_on is not None and ending.is_over_for(entry.started_on) and at >= tx.now:
        raise NotKnown(f"We ended the relationship with {entry.name} on {ending.ended_on:%-d %B %Y}: it is not scored.")
    since = {}
    for days in SPANS:
        then = at - timedelta(days=days)
        if began is None or began > then:
            since[days] = Then(None, 0, is_known=False, moved=())
            continue
        before = judge(await _card(tx, entry.segment, then), facts, await _feeds(tx, then), then)
        since[days] = Then(
            before.score.hundredths,
            before.score.confidence,
            is_known=before.score.is_known(before.card),
            moved=changes(before.contributions, judgement.contributions),
        )
    word = (await overrides.open_at(tx, [customer_id], at)).get(customer_id)
    return Explanation(entry, card, judgement, word, since, is_past=at < tx.now, ending=ending)


async def _feeds(tx: Transaction, at: datetime) -> Feeds:
    """Return the feeds as far back as they were looked at then."""
    return feeds(await stored_feeds.load(tx, at), at)


def _not_yet(entry: Entry, at: datetime, began: datetime | None) -> str:
    if at.date() < entry.started_on:
        return f"{entry.name} became a customer on {entry.started_on:%-d %B %Y}: there is nothing to explain before."
    first = f"the first event happened on {began:%-d %B %Y at %H:%M} UTC" if began else "no event is kept"
    return f"Nothing was known of {entry.name} by {at:%-d %B %Y at %H:%M} UTC: {first}."


async def _nobody(tx: Transaction, customer_id: str) -> str:
    first = await customers.known_since(tx, customer_id)
    if first is not None:
        return (
            f"{customer_id} was never announced (CustomerChanged on customers.v1): what happened since "
            f"{first:%-d %B %Y} is kept, and is scored once it is."
        )
    near = await nearest(tx, customer_id)
    if near is None and not await customers.any_announced(tx):
        return f"There is no customer {customer_id}. No customer was ever announced (customers.v1)."
    hint = f"Is it {near}?" if near else "`amicable health list` says who there is."
    return f"There is no customer {customer_id}. {hint}"


async def _card(tx: Transaction, segment: str, at: datetime) -> Scorecard:
    stored = [(name, version, await cards.body(tx, name, version)) for name, version in await cards.in_force(tx, at)]
    if not stored:
        raise NotKnown("No scorecard was in force then: health_scoring had not yet started.")
    return card_of([read_card(text or "", f"{name} version {version}") for name, version, text in stored], segment)
