"""The id that somebody may have meant: found by index alone, so that it takes no longer with a million customers."""

from difflib import get_close_matches

from shared.contracts.fields import MAX_ID
from shared.database import Transaction

AROUND = 1000  # ids that are looked at before it in order, and after it
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SIGNS = "0123456789-_."


async def nearest(tx: Transaction, typed: str) -> str | None:
    """Return the id of a customer that is written most like it, None where none is like it.

    Among any number of customers: one that differs by one slip, or by small and capital letters throughout. One that
    differs by more is found only among the thousand ids before it in order and the thousand after it.
    """
    if len(typed) > MAX_ID + 1:
        return None  # no id is as long, whatever is left out of it
    rows = await tx.fetch(
        """
        SELECT customer_id FROM customers WHERE customer_id = ANY($1::text[])
        UNION (SELECT customer_id FROM customers WHERE customer_id >= $2 ORDER BY customer_id LIMIT $3)
        UNION (SELECT customer_id FROM customers WHERE customer_id < $2 ORDER BY customer_id DESC LIMIT $3)
        """,
        sorted(_one_slip(typed) | {typed.lower(), typed.upper()}),
        typed,
        AROUND,
    )
    by_fold = {row["customer_id"].casefold(): row["customer_id"] for row in rows}
    near = get_close_matches(typed.casefold(), sorted(by_fold), n=1)
    return by_fold[near[0]] if near else None


def _one_slip(typed: str) -> set[str]:
    """Return every id that differs by a letter too few or too many, a wrong one, or two that changed places."""
    letters = {*_LETTERS, *_LETTERS.upper(), *_SIGNS, *typed}
    found = set()
    for index in range(len(typed) + 1):
        before, after = typed[:index], typed[index:]
        found |= {before + after[1:], before + after[1:2] + after[:1] + after[2:]}
        found |= {before + letter + rest for letter in letters for rest in (after, after[1:])}
    return found
