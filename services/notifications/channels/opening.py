"""Opens the channels that there are."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from services.notifications.channels.apprise import Apprise
from services.notifications.channels.channel import Channel
from services.notifications.channels.console import Console
from services.notifications.channels.guarded_http import GuardedHttp
from services.notifications.channels.hosts import USUAL, read_hosts
from services.notifications.channels.slack import Slack
from services.notifications.channels.smtp import Smtp
from services.notifications.channels.teams import Teams
from services.notifications.channels.urls import read_allowed
from services.notifications.channels.webhook import Webhook, read_keys
from shared.database import Pool


def opened(
    mail: Smtp,
    pool: Pool,
    clock: Callable[[], datetime],
    *,
    webhook_keys: str | None = None,
    hosts: str = USUAL,
    allowed: str = "",
    ca: Path | None = None,
) -> Mapping[str, Channel]:
    """Return the channels by name; nothing is connected yet. There is no webhook without a key that signs it.

    webhook_keys: see webhook.read_keys. hosts: see hosts.read_hosts. allowed: see urls.read_allowed. ca: whom to trust
    besides the system's authorities. Raises ValueError with a sentence.
    """
    named = read_hosts(hosts)
    http = GuardedHttp(read_allowed(allowed), hosts=named, ca=ca)
    channels: list[Channel] = [mail, Slack(http), Teams(http), Apprise(named), Console(pool, clock)]
    if webhook_keys is not None:
        channels.append(Webhook(http, read_keys(webhook_keys)))
    return {one.name: one for one in channels}
