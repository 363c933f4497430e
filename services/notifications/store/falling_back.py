"""What a chat or webhook will never take goes by mail, once; an address that is gone is not used until it is mended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from services.notifications.domain.choices import USUAL, Choices
from services.notifications.domain.directory import Needed
from services.notifications.domain.telling import Delivery, Telling
from services.notifications.domain.telling_time import undisturbed
from services.notifications.store import choosing, copies, tellings
from shared.database import Row, Transaction

BROKEN = "channel_broken"


async def by_mail(tx: Transaction, message_ids: Sequence[str]) -> None:
    """Have what these messages told told by mail, as soon as it disturbs nobody; what goes by mail already, or went, is
    not told twice.
    """
    found = await tellings.in_messages(tx, message_ids)
    if not found:
        return
    recipients = frozenset(row["recipient"] for _, row in found)
    people, chosen = await copies.people(tx, Needed(recipients, frozenset(), frozenset()))
    choices = choosing.Kept(chosen)
    again = []
    for one, row in found:
        zone = people.by_id[row["recipient"]].time_zone
        due_at = undisturbed(choices.get(row["recipient"]) or Choices(), one.urgency, zone, tx.now)
        again.append((replace(one, ask_id=row["own_ask_id"]), [_by_mail(row, due_at)]))
    await tellings.note_addressed(tx, again)


def _by_mail(row: Row, due_at: datetime) -> Delivery:
    """Return the same for the same person, by mail."""
    return Delivery(
        row["recipient"],
        USUAL,
        due_at,
        digest=row["digest"],
        stands_for=row["stands_for"],
        instead=row["instead"],
    )


async def mark(tx: Transaction, gone: Mapping[str, str]) -> None:
    """Mark the channels of these messages as broken, and tell each person once, by mail. gone: the address of each
    message; one that the person has changed in the meantime is not meant.
    """
    rows = await tx.fetch(
        """
        INSERT INTO broken_channels (person_id, channel, since, answer)
        SELECT recipient, channel, $3, last_answer
        FROM unnest($1::text[], $2::text[]) AS told (message_id, address)
        JOIN messages USING (message_id)
        JOIN choices ON person_id = recipient AND choices -> 'addresses' ->> channel = address
        FOR SHARE OF choices
        ON CONFLICT DO NOTHING RETURNING *
        """,
        list(gone),
        list(gone.values()),
        tx.now,
    )
    for row in rows:
        await tellings.add_trial(tx, _told(row), USUAL)


def _told(row: Row) -> Telling:
    id_, channel = str(uuid4()), row["channel"]  # once, since its row is there once
    return Telling(
        rule=BROKEN,
        who="person",
        names=(row["person_id"],),
        audience=f"person {channel}",
        once=id_,
        customer_id=None,
        fact_id=id_,
        fact_type="ChannelBroken",
        by=None,
        urgency="high",
        template=BROKEN,
        says={"channel": channel, "answer": row["answer"]},
    )


async def arrived(tx: Transaction, message_ids: Sequence[str]) -> None:
    """Use the channels of these messages again: something arrived there."""
    await tx.execute(
        """
        DELETE FROM broken_channels USING messages
        WHERE message_id = ANY($1::text[]) AND person_id = recipient AND broken_channels.channel = messages.channel
        """,
        message_ids,
    )


async def changed(tx: Transaction, person_id: str, as_before: Sequence[str]) -> None:
    """Use a person's channels again, but those whose address is as it was before."""
    await tx.execute(
        "DELETE FROM broken_channels WHERE person_id = $1 AND channel <> ALL($2::text[])", person_id, as_before
    )
