"""The parts that a run is put together from: servers, steps of setting up, services."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import MappingProxyType

import httpx

from amicable.runtime import kafka, ports, postgres
from amicable.runtime.home import Home
from amicable.runtime.processes import Child, running
from amicable.runtime.running import Running, listening

Addresses = Mapping[str, str]
"""What is up, by name: of each part its address, and whatever else it offers under names of its own."""

_DRAINING = 30.0


@dataclass(frozen=True)
class Part:
    """Something that runs, or is done once, as soon as the parts it comes after are up.

    Attributes:
        name: unique in a run; also the name of its log.
        start: given what is up, runs the part; it is up once the context is entered, and stops when that is left.
        after: the parts that must be up before it starts, and that stop only after it.
    """

    name: str
    start: Callable[[Addresses], AbstractAsyncContextManager[Running]]
    after: Sequence[str] = ()


def kafka_part(home: Home, wanted_port: int | None = kafka.WANTED_PORT) -> Part:
    """Kafka. Its address is the bootstrap server, `kafka`."""
    return Part("kafka", lambda _: kafka.running_kafka(home, wanted_port))


def postgres_part(home: Home, wanted_port: int | None = postgres.WANTED_PORT, *, durable: bool = True) -> Part:
    """PostgreSQL. Its address, `postgres`, is the administrator's DSN."""
    return Part("postgres", lambda _: postgres.running_postgres(home, wanted_port, durable=durable))


def mail_part(home: Home, smtp_port: int | None = 1025, http_port: int | None = 8025) -> Part:
    """The mail catcher. Its address, `mail`, is its web page's and API's URL; `smtp` is where it takes mails."""

    @asynccontextmanager
    async def start(_: Addresses) -> AsyncIterator[Running]:
        smtp = 0

        def run(port: int) -> AbstractAsyncContextManager[Child]:
            nonlocal smtp
            smtp = ports.choose(smtp_port)
            options = [f"--smtp-port={smtp}", f"--http-port={port}", f"--store={home.mail}"]
            return running(home, "mail", [sys.executable, "-m", "amicable.runtime.mail_catcher", *options])

        async with listening(http_port, run, _is_ready) as (child, port):
            url = f"http://127.0.0.1:{port}"
            yield Running(url, f"{url} (SMTP on {smtp})", child, {"smtp": f"127.0.0.1:{smtp}"})

    return Part("mail", start)


def step(name: str, action: Callable[[Addresses], Awaitable[str]], after: Sequence[str]) -> Part:
    """Something done once, such as migrations; `action` is given what is up and says in a few words what it did."""

    @asynccontextmanager
    async def start(addresses: Addresses) -> AsyncIterator[Running]:
        done = await action(addresses)
        yield Running(address="", shown=done)

    return Part(name, start, after)


def service(
    home: Home,
    name: str,
    environment: Callable[[Addresses, int], Mapping[str, str]],
    after: Sequence[str],
    wanted_port: int | None = None,
    also: Mapping[str, int] = MappingProxyType({}),
) -> Part:
    """One of Amicable's services, as a process of its own: `amicable run NAME`.

    It is up when `GET /readyz` answers 200, and has half a minute to drain when it is stopped. Its address is its URL.

    Args:
        home: where its log is.
        name: the service's.
        environment: its settings, given what is up and the port that it shall listen on.
        after: the parts it needs.
        wanted_port: the port it has where that is free.
        also: what else it serves, by name, with the ports wanted; `environment` finds their URLs among what is up.
    """

    @asynccontextmanager
    async def start(addresses: Addresses) -> AsyncIterator[Running]:
        urls: dict[str, str] = {}

        def run(port: int) -> AbstractAsyncContextManager[Child]:
            urls.update({other: f"http://127.0.0.1:{ports.choose(wanted)}" for other, wanted in also.items()})
            command = [sys.executable, "-m", "amicable", "run", name]
            settings = environment({**addresses, **urls}, port)
            return running(home, name, command, environment=settings, patience=_DRAINING)

        async with listening(wanted_port, run, _is_ready) as (child, port):
            url = f"http://127.0.0.1:{port}"
            shown = ", ".join([url, *(f"{other} {there}" for other, there in urls.items())])
            yield Running(url, shown, child, urls)

    return Part(name, start, after)


async def _is_ready(child: Child, port: int) -> bool:
    return child.listens_on(port) and await _answers(f"http://127.0.0.1:{port}/readyz")


async def _answers(url: str) -> bool:
    # A proxy set for the internet would be asked for our own machine's addresses too.
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
