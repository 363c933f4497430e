"""What the parts have in common: what they say once they are up, and how a start is tried and waited for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from amicable.runtime import ports
from amicable.runtime.processes import Child

_ATTEMPTS = 5
_PATIENCE = 60.0


@dataclass(frozen=True)
class Running:
    """A part that is up.

    Attributes:
        address: what others connect to; may hold a password.
        shown: what people see of it.
        child: the process that must stay alive, or None where there is none.
        others: further addresses by name.
        require_sound: raises RuntimeProblem where others cannot go by it any more, and end of that.
    """

    address: str
    shown: str
    child: Child | None = None
    others: Mapping[str, str] = field(default_factory=dict)
    require_sound: Callable[[], None] = lambda: None


@asynccontextmanager
async def listening(
    wanted_port: int | None,
    start: Callable[[int], AbstractAsyncContextManager[Child]],
    answers: Callable[[Child, int], Awaitable[bool]],
) -> AsyncIterator[tuple[Child, int]]:
    """Runs a server on the wanted port of 127.0.0.1, or on another one where that is taken.

    Args:
        wanted_port: the port it has where that is free.
        start: runs the server on a port.
        answers: whether this very child (not somebody else on its port) serves requests on it.

    Raises:
        RuntimeProblem: it ended, or did not answer within a minute; with the end of its log.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        port = ports.choose(wanted_port)
        async with start(port) as child:
            await _until(child, port, answers)
            if child.found_port_taken and attempt < _ATTEMPTS:
                continue
            if child.has_ended:
                raise child.problem(f"ended at its start with exit code {await child.wait()}")
            yield child, port
            return


async def _until(child: Child, port: int, answers: Callable[[Child, int], Awaitable[bool]]) -> None:
    """Returns when the child answers or has ended."""
    try:
        async with asyncio.timeout(_PATIENCE):
            # Nothing tells when a server is ready; it must be asked.
            while not child.has_ended and not await answers(child, port):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise child.problem(f"did not answer within {_PATIENCE:.0f} seconds") from None
