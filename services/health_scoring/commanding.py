"""What people ask of health_scoring: another band for a while, a new judgement, another scorecard.

What is said is kept and told here; the sweep judges afterwards, so that scores have one writer.
"""

from datetime import timedelta
from uuid import uuid4

from services.health_scoring.announcing import as_contract
from services.health_scoring.domain.scorecard import ANY_SEGMENT, Scorecard
from services.health_scoring.scorecards.reading import load as read_card
from services.health_scoring.store import cards, customers, health, overrides
from services.health_scoring.store.cards import Stored
from services.health_scoring.store.health import COMMAND, Due
from services.health_scoring.store.overrides import Override
from shared import outbox, people
from shared.casework import Casework, Done, Refused
from shared.contracts.event import CustomerCommand
from shared.contracts.health import HealthOverridden, OverrideEnded
from shared.contracts.health_commands import ActivateScorecard, ClearOverride, OverrideHealth, RescoreCustomer
from shared.contracts.topics import HEALTH, HEALTH_SCORING_COMMANDS, PEOPLE
from shared.contracts.upstream import PersonChanged
from shared.database import Transaction
from shared.yaml_files.problems import WrongFile

LONGEST = timedelta(days=30)
MOST_UNMET = 20  # problems of a card that are told in an answer
LONGEST_LINE = 500

casework = Casework("health_scoring")


@casework.on(PEOPLE, PersonChanged)
async def keep_person_when_person_changes(event: PersonChanged, tx: Transaction) -> None:
    """Roles are taken from here, never from a command."""
    await people.keep(tx, event)


@casework.on(HEALTH_SCORING_COMMANDS, OverrideHealth)
async def override_health(command: OverrideHealth, tx: Transaction) -> Done:
    """Keep a person's word beside the score. Another one of the same customer is replaced by it."""
    owner = await _require_customer(command, tx)
    if not command.reason.strip():
        raise Refused("no_reason", "An override needs a reason.", "the reason says why")
    if command.expires_at <= tx.now:
        raise Refused(
            "expiry", f"The override would be over already: it is {_at(tx)}.", f"expires_at is after {_at(tx)}"
        )
    if command.expires_at > tx.now + LONGEST:
        latest = (tx.now + LONGEST).isoformat(timespec="seconds")
        raise Refused("expiry", "An override lasts 30 days at most.", f"expires_at is no later than {latest}")
    word = Override(
        str(uuid4()), command.customer_id, command.band, command.reason, tx.actor or "", tx.now, command.expires_at
    )
    await _end_what_is_open(command, tx, owner, "replaced")
    await overrides.add(tx, word)
    judged = (await health.load(tx, [command.customer_id])).get(command.customer_id)
    computed = judged.band if judged else "unknown"
    said = HealthOverridden.follow(
        command,
        at=tx.now,
        override=as_contract(word),
        reason=word.reason,
        computed=computed,
    )
    await outbox.add(tx, HEALTH.name, said)
    return Done(word.id, await overrides.revision(tx, command.customer_id))


@casework.on(HEALTH_SCORING_COMMANDS, ClearOverride)
async def clear_override(command: ClearOverride, tx: Transaction) -> Done:
    """Let the computed band alone count again."""
    owner = await _require_customer(command, tx)
    ended = await _end_what_is_open(command, tx, owner, "cleared")
    if ended is None:
        raise Refused("no_override", "The customer has no open override.", "an override is open")
    return Done(ended.id, await overrides.revision(tx, command.customer_id))


@casework.on(HEALTH_SCORING_COMMANDS, RescoreCustomer)
async def rescore_customer(command: RescoreCustomer, tx: Transaction) -> Done:
    """Have the customer judged anew from all that is known, and its score published in any case."""
    owner = await _require_customer(command, tx)
    await health.mark_due(tx, [Due(command.customer_id, owner, None, f"{COMMAND}{command.event_id}")])
    return Done(command.customer_id, await overrides.revision(tx, command.customer_id))


@casework.on(HEALTH_SCORING_COMMANDS, ActivateScorecard)
async def activate_scorecard(command: ActivateScorecard, tx: Transaction) -> Done:
    """Store a card's version and put it into force now; whoever is judged by it, or was, is judged anew."""
    people.require_admin(await people.find(tx, tx.actor or ""))
    card = _read(command)
    if not await cards.keep(tx, Stored(card.name, card.version, command.text)):
        raise Refused(
            "version_taken",
            f"Version {card.version} of {card.name} is stored with another text, and is never changed.",
            "the version is one that was not used yet",
        )
    before = dict(await cards.in_force(tx, tx.now)).get(card.name)
    if before != card.version:
        old = await cards.body(tx, card.name, before) if before is not None else None
        await cards.activate(tx, card.name, card.version, since=tx.now, by=tx.actor or "")
        segments = {*card.segments, *(read_card(old, card.name).segments if old else ())}
        everybody = ANY_SEGMENT in segments
        await health.mark_segments_due(tx, None if everybody else sorted(segments), f"{COMMAND}{command.event_id}")
    return Done(card.name, card.version)


def _read(command: ActivateScorecard) -> Scorecard:
    try:
        card = read_card(command.text, command.card)
    except WrongFile as wrong:
        told = [problem[:LONGEST_LINE] for problem in wrong.problems[:MOST_UNMET]]
        raise Refused("wrong_card", "The scorecard cannot be used.", *told) from None
    if card.name != command.card:
        raise Refused("wrong_card", f"The text is of the card {card.name}.", f"the command names {card.name}")
    return card


async def _require_customer(command: CustomerCommand, tx: Transaction) -> int:
    """Refuse what cannot be asked of this customer; else lock its partition, and return that."""
    entry = await customers.entry(tx, command.customer_id)
    people.require_customers_own(await people.find(tx, tx.actor or ""), csm=entry.csm if entry else None)
    if entry is None:
        raise Refused("no_customer", "No customer of that id was ever announced.", "the customer is announced")
    owner = await health.owner_of(tx, command.customer_id)
    if owner is None:
        raise Refused("not_scored", "The customer is not scored: it has left.", "the customer is scored")
    await health.require_partitions(tx, [owner])
    known = await overrides.revision(tx, command.customer_id)
    if command.expected_revision not in (None, known):
        raise Refused(
            "conflict", f"Somebody else spoke meanwhile: it is at revision {known}.", f"expected_revision is {known}"
        )
    return owner


async def _end_what_is_open(
    command: CustomerCommand, tx: Transaction, owner: int, how: overrides.Ending
) -> Override | None:
    """End the open override, if there is one, and have the customer judged in any case."""
    await health.mark_due(tx, [Due(command.customer_id, owner, tx.now, f"{COMMAND}{command.event_id}")])
    word = (await overrides.open_at(tx, [command.customer_id], tx.now)).get(command.customer_id)
    if word is not None:
        await overrides.end(tx, word.id, how, tx.actor or "")
        ended = OverrideEnded.follow(command, at=tx.now, override_id=word.id, how=how, by=tx.actor)
        await outbox.add(tx, HEALTH.name, ended)
    return word


def _at(tx: Transaction) -> str:
    return tx.now.isoformat(timespec="seconds")
