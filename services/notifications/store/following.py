"""What waits follows the people: whoever leaves, goes away or gives a customer away is told no more of it, and others
are.

What is due is withdrawn first, and messages after that: what was packed meanwhile is one by then. One statement each: a
statement that changes two tables cannot look again at a row that somebody else has changed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.notifications.store.over import OVER
from shared.database import Row, Transaction

LATELY = timedelta(minutes=10)
LEFT = "the recipient has left"
OTHER_CSM = "the customer has another CSM"
AWAY = "whoever it is for is away, or is back"
DAY = timedelta(days=1)


async def leave(tx: Transaction) -> bool:
    """Withdraw what waits for people who have left lately; returns whether anything did.

    It is looked for again and again: somebody may leave while others write down that they are to be told. No
    transaction is open as long as LATELY.
    """
    left = [row["person_id"] for row in await tx.fetch(_LEFT_LATELY, LATELY)]
    if not left:
        return False
    due = await _moved(tx, _DUE_TO_THE_LEFT, LEFT, left)
    given_up = [row["message_id"] for row in await tx.fetch(_MESSAGES_TO_THE_LEFT, LEFT, left)]
    return await _withdraw(tx, due, given_up, LEFT)


async def change_hands(tx: Transaction, customer_id: str) -> None:
    """Withdraw what waits for whoever looked after the customer. What somebody has in hand goes out."""
    due = await _moved(tx, _DUE_TO_THE_FORMER, OTHER_CSM, customer_id)
    given_up = [row["message_id"] for row in await tx.fetch(_MESSAGES_TO_THE_FORMER, OTHER_CSM, customer_id)]
    await _withdraw(tx, due, given_up, OTHER_CSM)


async def absences(tx: Transaction) -> bool:
    """Withdraw what waits for people who are away since the last look, and what waits for others in the place of those
    who are back; returns whether anything did.
    """
    rows = await tx.fetch(_MAY_BE_AWAY, (tx.now - DAY).date().isoformat())
    seen = [(row["person_id"], away) for row in rows if (away := _away(row, tx.now)) != row["away"]]
    if not seen:
        return False
    noticed = await tx.fetch(_NOTICE, [person_id for person_id, _ in seen], [away for _, away in seen])
    moved = await _moved(tx, _DUE_TO_THE_ABSENT, AWAY, [row["person_id"] for row in noticed])
    return await _withdraw(tx, moved, (), AWAY)


def _away(row: Row, now: datetime) -> str | None:
    """Return the absence as it is kept, where the person is away by their own calendar."""
    if row["first_day"] is None:
        return None
    today = now.astimezone(ZoneInfo(row["time_zone"])).date().isoformat()
    return str(row["absence"]) if row["first_day"] <= today <= row["last_day"] else None


async def _withdraw(tx: Transaction, moved: list[int], given_up: Sequence[str], why: str) -> bool:
    """Have what these messages hold, and what was due, addressed anew: to whoever is meant by now."""
    if given_up:
        moved += await _moved(tx, _PACKED, why, given_up)
    if moved:
        await tx.execute(_ANEW, moved)
    return bool(moved)


async def _moved(tx: Transaction, sql: str, *args: object) -> list[int]:
    return [row["telling_id"] for row in await tx.fetch(sql, *args)]


_ANEW = f"UPDATE tellings SET state = 'new' WHERE id = ANY($1::bigint[]) AND NOT {OVER}"  # noqa: S608  # of constants
_LEFT_LATELY = "SELECT person_id FROM people WHERE left_at > clock_timestamp() - $1::interval"
_DUE_TO_THE_LEFT = """
    UPDATE deliveries SET state = 'moved', why = $1
    WHERE state = 'due' AND recipient = ANY($2::text[])
      AND NOT EXISTS (SELECT FROM tellings WHERE id = telling_id AND contact_id IS NOT NULL)
    RETURNING telling_id
"""
_MESSAGES_TO_THE_LEFT = """
    UPDATE messages SET state = 'expired', last_answer = $1
    WHERE state = 'pending' AND NOT to_contact AND recipient = ANY($2::text[])
    RETURNING message_id
"""
_MAY_BE_AWAY = """
    SELECT person_id, away, time_zone, choices ->> 'absence' AS absence,
           choices -> 'absence' ->> 'first_day' AS first_day, choices -> 'absence' ->> 'last_day' AS last_day
    FROM choices JOIN people USING (person_id)
    WHERE away IS NOT NULL OR choices -> 'absence' ->> 'last_day' >= $1
"""
_NOTICE = """
    UPDATE choices SET away = seen.away FROM unnest($1::text[], $2::text[]) AS seen (person_id, away)
    WHERE choices.person_id = seen.person_id AND choices.away IS DISTINCT FROM seen.away
    RETURNING choices.person_id
"""
# Who was told in the place of somebody unknown is told for good.
_DUE_TO_THE_ABSENT = """
    UPDATE deliveries SET state = 'moved', why = $1
    WHERE state = 'due' AND NOT alone AND instead IS DISTINCT FROM 'unknown'
      AND (recipient = ANY($2::text[]) OR stands_for = ANY($2::text[]))
    RETURNING telling_id
"""
_DUE_TO_THE_FORMER = """
    UPDATE deliveries SET state = 'moved', why = $1
    WHERE state = 'due' AND customer_id = $2
      AND telling_id IN (SELECT id FROM tellings WHERE audience IN ('csm', 'csm_manager', 'next: csm_manager'))
    RETURNING telling_id
"""
_MESSAGES_TO_THE_FORMER = """
    UPDATE messages SET state = 'expired', last_answer = $1
    WHERE state = 'pending' AND in_hand_by IS NULL AND message_id IN (
        SELECT message_id FROM deliveries JOIN tellings ON tellings.id = telling_id
        WHERE deliveries.state = 'packed' AND deliveries.customer_id = $2
          AND audience IN ('csm', 'csm_manager', 'next: csm_manager'))
    RETURNING message_id
"""
_PACKED = """
    UPDATE deliveries SET state = 'moved', why = $1 WHERE state = 'packed' AND message_id = ANY($2::text[])
    RETURNING telling_id
"""
