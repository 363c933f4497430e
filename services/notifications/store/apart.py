"""What cannot be done keeps nothing else from being done."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from shared.database import Transaction, is_transient

T = TypeVar("T")


async def one_apart(
    tx: Transaction, some: Sequence[T], do: Callable[[Sequence[T]], Awaitable[None]]
) -> list[tuple[T, Exception]]:
    """Do something with all of them at once; where that fails, with each half, down to those that it fails with alone.

    Returns these, each with what it raised; nothing of them is left behind. Raises what waiting may mend.
    """
    if not some:
        return []
    try:
        async with tx.savepoint():
            await do(some)
    except Exception as error:
        if is_transient(error):
            raise
        if len(some) == 1:
            return [(some[0], error)]
    else:
        return []
    half = len(some) // 2
    return [*await one_apart(tx, some[:half], do), *await one_apart(tx, some[half:], do)]
