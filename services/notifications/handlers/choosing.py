"""What people ask of notifications: how they want to be told, what they take in hand, what is to be sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time

import holidays

from services.notifications.domain.choices import ADDRESSED, CHANNELS, EVERY_DAY, TIMINGS, Absence, Choices, QuietHours
from services.notifications.domain.hand import Hand
from services.notifications.domain.telling import LIVE, Telling
from services.notifications.domain.urgency import URGENCIES
from services.notifications.store import choosing, falling_back, packing, tellings
from shared import database, outbox, people
from shared.clock import real
from shared.commands import Done, Refused
from shared.contracts.choices import NotificationsChosen
from shared.contracts.notices import NoticeAcknowledged
from shared.contracts.notification_commands import (
    AcknowledgeNotice,
    BeAway,
    BeBack,
    ChooseNotifications,
    MuteCustomer,
    PersonsCommand,
    ResendMessage,
    RevokeLinks,
    TryChannel,
    UnmuteCustomer,
)
from shared.contracts.topics import CHOICES, NOTIFICATIONS
from shared.database import Row, Transaction

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_MUTED = 500
TRIAL = "trial"

Change = Callable[[Choices], Choices]
Wrong = Callable[[str, str], str | None]
"""Says what is wrong with an address of a channel, None where nothing is."""


async def choose(channels: frozenset[str], wrong: Wrong, asked: ChooseNotifications, tx: Transaction) -> Done:
    """Keep how the person wants to be told. channels: those that there are."""
    addressed = [one.channel for one in asked.addresses]
    named = {*addressed, *(name for one in asked.channels for name in one.channels)}
    if unknown := sorted(named - channels):
        raise Refused(
            "no_channel",
            f"There is no channel {unknown[0]} here.",
            f"channels are some of {', '.join(sorted(channels))}",
        )
    if lacking := sorted(named - ADDRESSED - set(addressed)):
        raise Refused(
            "no_address",
            f"{lacking[0]} needs an address of yours, or nothing would arrive.",
            "each channel that is chosen has its address, but mail and console, which know theirs",
        )
    if twice := sorted(name for name in set(addressed) if addressed.count(name) > 1):
        raise Refused("two_addresses", f"{twice[0]} is given two addresses.", "each channel has one address")
    for one in asked.addresses:
        if (why := wrong(one.channel, one.address)) is not None:
            raise Refused("wrong_address", f"Nothing can be sent to this address of {one.channel}.", why)
    if asked.country is not None and asked.country not in holidays.list_supported_countries():
        raise Refused(
            "no_country", f"The holidays of {asked.country} are not known.", "the country is one that is known"
        )
    before, _ = await choosing.of(tx, asked.person_id)
    done = await _change(tx, asked, lambda before: _chosen(asked, before))
    same = [one.channel for one in asked.addresses if before.addresses.get(one.channel) == one.address]
    await falling_back.changed(tx, asked.person_id, same)
    return done


def _chosen(asked: ChooseNotifications, before: Choices) -> Choices:
    quiet = asked.quiet
    return replace(
        before,
        channels={**CHANNELS, **{one.urgency: one.channels for one in asked.channels}},
        timings={**TIMINGS, **{one.urgency: one.timing for one in asked.timings}},
        addresses={one.channel: one.address for one in asked.addresses},
        quiet=QuietHours(time.fromisoformat(quiet.begins), time.fromisoformat(quiet.ends)) if quiet else None,
        working_days=frozenset(WEEKDAYS.index(one) for one in asked.working_days) or EVERY_DAY,
        country=asked.country,
        digest_at=time.fromisoformat(asked.digest_at),
        digest_day=WEEKDAYS.index(asked.digest_day),
    )


async def mute(asked: MuteCustomer, tx: Transaction) -> Done:
    """Say nothing of a customer to the person for a while."""

    def muted(before: Choices) -> Choices:
        still = {customer: until for customer, until in before.muted.items() if until > tx.now}
        if len(still) >= MOST_MUTED:
            raise Refused("too_many", f"{MOST_MUTED} customers are muted already.", "some are told of again")
        return replace(before, muted={**still, asked.customer: asked.until})

    return await _change(tx, asked, muted)


async def unmute(asked: UnmuteCustomer, tx: Transaction) -> Done:
    """Tell of the customer again."""

    def heard(before: Choices) -> Choices:
        return replace(before, muted={one: until for one, until in before.muted.items() if one != asked.customer})

    return await _change(tx, asked, heard)


async def be_away(asked: BeAway, tx: Transaction) -> Done:
    """Note that the person is away, and who stands in."""
    if asked.substitute is not None:
        if asked.substitute == asked.person_id:
            raise Refused("same_person", "Nobody stands in for themselves.", "the substitute is somebody else")
        found = await people.find(tx, asked.substitute)
        if found is None or not found.active:
            raise Refused(
                "unknown_person", f"{asked.substitute} is not an active person of ours.", "the substitute is one"
            )
    absence = Absence(asked.first_day, asked.last_day, asked.substitute)
    return await _change(tx, asked, lambda before: replace(before, absence=absence))


async def be_back(asked: BeBack, tx: Transaction) -> Done:
    """Note that the person is here."""
    return await _change(tx, asked, lambda before: replace(before, absence=None))


async def revoke_links(asked: RevokeLinks, tx: Transaction) -> Done:
    """Have all links in mails to the person do nothing any more; those of later mails do. Links have the real time."""
    return await _change(tx, asked, lambda before: replace(before, links_from=real()))


async def _change(tx: Transaction, asked: PersonsCommand, change: Change) -> Done:
    await _require_own(tx, asked.person_id)
    return await keep_changed(tx, asked.person_id, change, causation_id=asked.event_id)


async def keep_changed(tx: Transaction, person_id: str, change: Change, *, causation_id: str) -> Done:
    """Keep what a person chooses, and tell their page in the console; the person is locked."""
    before, _ = await choosing.of(tx, person_id)
    after = change(before)
    revision = await choosing.keep(tx, person_id, after)
    await outbox.add(tx, CHOICES.name, told_of(person_id, after, tx.now, causation_id))
    return Done(person_id, revision)


def told_of(person_id: str, chosen: Choices, at: datetime, causation_id: str) -> NotificationsChosen:
    """Return what the console is told of a person's choices: all of them."""
    quiet, absence = chosen.quiet, chosen.absence
    return NotificationsChosen.model_validate(
        {
            "person_id": person_id,
            "correlation_id": causation_id,
            "causation_id": causation_id,
            "occurred_at": at,
            "channels": [{"urgency": one, "channels": chosen.on(one)} for one in URGENCIES],
            "timings": [{"urgency": one, "timing": chosen.timing(one)} for one in URGENCIES if one != "critical"],
            "addresses": [{"channel": name, "address": address} for name, address in chosen.addresses.items()],
            "quiet": {"begins": f"{quiet.begins:%H:%M}", "ends": f"{quiet.ends:%H:%M}"} if quiet else None,
            "working_days": [WEEKDAYS[one] for one in sorted(chosen.working_days)],
            "country": chosen.country,
            "digest_at": f"{chosen.digest_at:%H:%M}",
            "digest_day": WEEKDAYS[chosen.digest_day],
            "muted": [{"customer": customer, "until": until} for customer, until in chosen.muted.items()],
            "absence": vars(absence) if absence else None,
        }
    )


async def _require_own(tx: Transaction, person_id: str) -> None:
    """Refuse unless the person asks for themselves, or an admin does."""
    asking = people.require_active(await people.find(tx, tx.actor or ""))
    if asking.person_id != person_id:
        people.require_admin(asking)


async def acknowledge(asked: AcknowledgeNotice, tx: Transaction) -> Done:
    """Take in hand what a notice asks for."""
    person = people.require_active(await people.find(tx, tx.actor or ""))
    if not await choosing.was_told(tx, asked.ask_id, person.person_id):
        people.require_admin(person)
    hand = await take_in_hand(tx, asked.ask_id, person.person_id, causation_id=asked.event_id)
    if hand.stand == "taken":
        raise Refused("taken", f"{hand.holder} has taken it in hand.", "nobody has taken it in hand yet")
    if hand.stand == "done":
        raise Refused("done", "What was asked for is done.", "it is still to be done")
    return Done(asked.ask_id, 1)


async def hand_of(tx: Transaction, ask_id: str, person_id: str) -> Hand:
    """Return how it stands with what is to be taken in hand, as the person sees it. Raises Refused."""
    return _hand(await _ask_of(tx, ask_id), person_id)


def _hand(ask: Row, person_id: str) -> Hand:
    if ask["acknowledged_by"] is not None:
        return Hand("own" if ask["acknowledged_by"] == person_id else "taken", ask["holder"])
    if ask["acknowledged_at"] is not None:
        return Hand("done")
    return Hand("open" if ask["escalated_at"] is None else "passed_on")


async def _ask_of(tx: Transaction, ask_id: str) -> Row:
    ask = await choosing.find_ask(tx, ask_id)
    if ask is None:
        raise Refused("no_ask", "Nothing of that name is to be taken in hand.", "the notice asks for it")
    return ask


async def take_in_hand(tx: Transaction, ask_id: str, person_id: str, *, causation_id: str) -> Hand:
    """Note who takes it in hand, and tell; whoever comes second, or when it is done, changes nothing.

    Returns how it stands then. Raises Refused.
    """
    ask = await _ask_of(tx, ask_id)
    if ask["acknowledged_at"] is None:
        await choosing.acknowledge(tx, ask_id, person_id)
        if ask["customer_id"] is not None:
            await database.lock_customer(tx, ask["customer_id"])
            told = {
                "customer_id": ask["customer_id"],
                "correlation_id": causation_id,
                "causation_id": causation_id,
                "occurred_at": tx.now,
                "ask_id": ask_id,
                "person_id": person_id,
                "fact_id": ask["fact_id"],
            }
            await outbox.add(tx, NOTIFICATIONS.name, NoticeAcknowledged.model_validate(told))
    return await hand_of(tx, ask_id, person_id)


async def resend(asked: ResendMessage, tx: Transaction) -> Done:
    """Send a message again, under its own key; or try again what stood aside before it was one."""
    people.require_admin(people.require_active(await people.find(tx, tx.actor or "")))
    if await tellings.try_again(tx, asked.message_id) or await packing.try_again(tx, asked.message_id):
        return Done(asked.message_id, 1)
    match await choosing.send_again(tx, asked.message_id):
        case None:
            raise Refused("no_message", "There is no such message.", "it is listed by `amicable notify list`")
        case "contact":
            raise Refused(
                "not_kept", "What was released to a contact is not kept after it was sent.", "it is released anew"
            )
        case "left":
            raise Refused("left", "Whoever it was for has left.", "what waited for them went to whoever follows")
        case "pending" | "expired" as state:
            raise Refused("not_over", f"The message is {state}.", "the message was sent, or has failed")
        case _:
            return Done(asked.message_id, 1)


async def try_channel(channels: frozenset[str], asked: TryChannel, tx: Transaction) -> Done:
    """Send the person a message that asks for nothing, on a channel, now."""
    await _require_own(tx, asked.person_id)
    if asked.channel not in channels:
        raise Refused(
            "no_channel", f"There is no channel {asked.channel} here.", f"it is one of {', '.join(sorted(channels))}"
        )
    people.require_active(await people.find(tx, asked.person_id))
    await _require_reachable(tx, asked)
    telling = Telling(
        rule=TRIAL,
        who="person",
        names=(asked.person_id,),
        audience=f"person {asked.channel}",
        once=asked.event_id,
        customer_id=None,
        fact_id=asked.event_id,
        fact_type=asked.type,
        by=None,
        urgency="critical",
        template=TRIAL,
        says={"channel": asked.channel},
    )
    await tellings.add_trial(tx, telling, asked.channel)
    return Done(asked.event_id, 1)


async def _require_reachable(tx: Transaction, asked: TryChannel) -> None:
    """Refuse a trial that could not arrive, whatever the channel does."""
    if asked.channel == LIVE:
        raise Refused("no_trial", "The console shows what is about a customer, and no trial.", "it is another channel")
    choices, _ = await choosing.of(tx, asked.person_id)
    if asked.channel not in {*ADDRESSED, *choices.addresses}:
        raise Refused(
            "no_address",
            f"{asked.person_id} has named no address for {asked.channel}.",
            "it is named first, with ChooseNotifications",
        )
