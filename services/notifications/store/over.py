"""What is done, or taken in hand, is asked of nobody any more; what was told beside it still is."""

from collections.abc import Sequence

from shared.database import Transaction

DONE, TAKEN = "done meanwhile", "taken in hand"

# Of tellings: nobody needs to hear of it, since it says nothing but what is to be done, or that nobody has done it.
OVER = """
    EXISTS (SELECT FROM asks WHERE asks.ask_id = tellings.ask_id AND acknowledged_at IS NOT NULL
              AND (only_asks OR (tellings.turn = 1 AND NOT nobody)))
"""


async def withdraw(tx: Transaction, ask_ids: Sequence[str], why: str) -> None:
    """Have nobody hear of these asks any more who has not yet, by what is nothing but asking.

    Tellings first: what is being addressed at this moment is due afterwards.
    """
    await tx.execute(_TELLINGS, ask_ids, why)
    await tx.execute(_DELIVERIES, ask_ids, why)


_TELLINGS = f"""
    UPDATE tellings SET state = 'nobody', why = $2
    WHERE ask_id = ANY($1::text[]) AND state IN ('new', 'waiting') AND {OVER}
"""  # noqa: S608  # of constants
_DELIVERIES = f"""
    UPDATE deliveries SET state = 'moved', why = $2 FROM tellings
    WHERE tellings.id = telling_id AND tellings.ask_id = ANY($1::text[]) AND deliveries.state = 'due' AND {OVER}
"""  # noqa: S608  # of constants
