"""Names of hosts, asked of the system's resolver: one that hangs holds up nobody but those who wait for it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

Resolve = Callable[[str], Awaitable[Sequence[str]]]
THREADS = 16

_RESOLVERS = ThreadPoolExecutor(THREADS, thread_name_prefix="resolve")  # not those that the mail server's name needs


class Resolver:
    """Asks for a host's addresses, in threads of its own: for each name in one at a time, whose answer all get who ask
    meanwhile, so that it holds no more than that one.
    """

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._asked: dict[str, asyncio.Task[Sequence[str]]] = {}

    async def __call__(self, host: str) -> Sequence[str]:
        """Return the addresses. Raises OSError. Whoever stops waiting takes the answer from nobody else."""
        if (asked := self._asked.get(host)) is None:
            asked = self._asked[host] = asyncio.create_task(_ask(host))
            asked.add_done_callback(lambda _: self._asked.pop(host))
        return await asyncio.shield(asked)


async def _ask(host: str) -> Sequence[str]:
    ask = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, ask)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
