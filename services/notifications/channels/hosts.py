"""Which hosts people may have themselves told at: those that an administrator has named, and no others.

Whoever may choose a URL could else have our internal facts sent to any host of the Internet.
"""

import re
from dataclasses import dataclass

ANY = "*"
USUAL = "hooks.slack.com, *.webhook.office.com, *.logic.azure.com, *.api.powerplatform.com"  # Slack's, and Teams'
_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True)
class Hosts:
    """names: hosts; below: what the names of others end with, beginning with a dot; every: any host at all."""

    names: frozenset[str] = frozenset()
    below: tuple[str, ...] = ()
    every: bool = False

    def admit(self, host: str) -> bool:
        """Tell whether people may have something sent to this host (in small letters)."""
        return self.every or host in self.names or host.endswith(self.below)


def read_hosts(text: str) -> Hosts:
    """Read hosts with commas: `hooks.slack.com`, `*.example.com` for all below it, `*` for any.

    Raises ValueError with a sentence.
    """
    entries = [one.strip().lower() for one in text.split(",") if one.strip()]
    for one in entries:
        if one != ANY and not _HOST.fullmatch(one):
            raise ValueError(f"{one} is no host: write hooks.example.com, *.example.com for all below it, or * for any")
    return Hosts(
        frozenset(one for one in entries if not one.startswith(ANY)),
        tuple(one.removeprefix(ANY) for one in entries if one.startswith("*.")),
        ANY in entries,
    )
