"""Other services through Apprise: only those whose host is fixed, and it answers yes or no, so no more is claimed.

Apprise opens its connections itself: they are not pinned, and a proxy in the environment is taken. What a person may
choose is which of the listed services, with which token; never a host, and never an option.
"""

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import apprise

from services.notifications.channels.channel import Gone, Transient, Unreachable
from services.notifications.channels.hosts import Hosts
from services.notifications.domain.parcel import Parcel
from services.notifications.domain.plain import one_line, readable

SECONDS = 20.0
AT_ONCE = 4
HOSTS = MappingProxyType(
    {
        "discord": "discord.com",
        "flock": "api.flock.com",
        "gchat": "chat.googleapis.com",
        "line": "api.line.me",
        "opsgenie": "api.opsgenie.com",
        "pagerduty": "events.pagerduty.com",
        "pbul": "api.pushbullet.com",
        "pover": "api.pushover.net",
        "tgram": "api.telegram.org",
        "twilio": "api.twilio.com",
        "webex": "webexapis.com",
    }
)
_URL = re.compile(r"(?P<schema>[a-z]+)://[A-Za-z0-9._~:@/+=-]{1,500}")
_MENTION = re.compile(r"(?<=[@<])(?=\S)")


class Apprise:
    """Hands over to Apprise, in threads of its own: a service that hangs holds up nobody but them."""

    name = "apprise"

    def __init__(self, hosts: Hosts | None = None, *, seconds: float = SECONDS) -> None:
        """Nothing is connected before the first message. hosts: of services that people may name; without it, none.
        seconds: how long a message may take, from when a thread is free for it.
        """
        self._hosts = hosts or Hosts()
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="apprise")
        self._turns = asyncio.Semaphore(AT_ONCE)
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it logs what services answer, and tokens

    def destination(self, parcel: Parcel) -> str:
        """Return the service's host."""
        return HOSTS.get(parcel.address.partition("://")[0], "nowhere")

    def wrong(self, address: str) -> str | None:
        """Say why this is none of a service that is listed."""
        match = _URL.fullmatch(address)
        if match is None or match["schema"] not in HOSTS:
            return f"the address is none of a service that we know: {', '.join(HOSTS)}, without options"
        if not self._hosts.admit(HOSTS[match["schema"]]):
            return f"{HOSTS[match['schema']]} is none that an administrator has named (NOTIFICATIONS_OUTBOUND_HOSTS)"
        return None

    async def send(self, parcel: Parcel) -> None:
        """Hand the message over. Raises Gone for an address that is none, Transient for a no."""
        if (why := self.wrong(parcel.address)) is not None:
            raise Gone(why)
        await self._turns.acquire()
        asked = asyncio.get_running_loop().run_in_executor(self._threads, _notify, parcel)
        asked.add_done_callback(self._free)
        try:
            taken = await asyncio.wait_for(asyncio.shield(asked), self._seconds)
        except TimeoutError:
            raise Unreachable(f"the service did not answer within {self._seconds:g} s") from None
        if not taken:
            raise Transient("the service did not take it; Apprise does not say why")

    def _free(self, asked: asyncio.Future[bool]) -> None:
        """A thread is free, not before: what one that hangs holds is no other message's."""
        self._turns.release()
        if not asked.cancelled():
            asked.exception()  # nobody may wait for it any more

    async def close(self) -> None:
        """Take no more messages."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _service(address: str) -> apprise.NotifyBase:
    service = apprise.Apprise.instantiate(address)
    if not isinstance(service, apprise.NotifyBase):
        raise Gone(f"the address is none of {address.partition('://')[0]}")
    service.redirects = False
    service.overflow_mode = apprise.OverflowMode.TRUNCATE  # else a long one is refused for ever
    return service


def _notify(parcel: Parcel) -> bool:
    told = apprise.Apprise()
    told.add(_service(parcel.address))
    return bool(
        told.notify(
            title=_unaddressed(one_line(parcel.subject)),
            body=(f"{parcel.link}\n\n" if parcel.link else "") + _unaddressed(readable(parcel.text)),
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
    )


def _unaddressed(text: str) -> str:
    """Return the text with mentions of people and rooms broken: an invisible character follows each @ and <."""
    return _MENTION.sub("\u200b", text)
