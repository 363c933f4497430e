"""URLs that people gave us, read so strictly that no two programs can take one of them for different hosts."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network

from services.notifications.channels.addresses import Allowed, Network, Origin

LONGEST = 2_000
_PORTS = {"https": 443, "http": 80}
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[A-Za-z0-9._-]+)(:(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>[/?][A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?"
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")


class Refused(ValueError):
    """We send nothing there; the text says why, without the URL, which is often a secret."""


def read_target(url: str, allowed: Allowed) -> tuple[Origin, str]:
    """Read where a message goes: the origin, and the path with its query. Raises Refused.

    https on port 443, unless an administrator has allowed that very origin.
    """
    if len(url) > LONGEST or not (match := _URL.fullmatch(url)):
        raise Refused(
            "the URL is not one that we send to: https://HOST/PATH, the host in ASCII letters, without user, "
            "password, fragment, spaces or an empty port"
        )
    origin = Origin(match["scheme"], _host(match["host"]), int(match["port"] or _PORTS[match["scheme"]]))
    if origin not in allowed.origins and (origin.scheme, origin.port) != ("https", 443):
        raise Refused("we send to https on port 443 alone; an administrator can allow another origin")
    path = match["path"] or "/"
    return origin, path if path.startswith("/") else f"/{path}"


def _host(text: str) -> str:
    """Return the host; a name must not look like a number, nor a number be written in another way than the usual."""
    text = text.lower()
    if text.startswith("["):
        return _literal(text[1:-1], IPv6Address)
    last = text.rpartition(".")[2]
    if last[:1].isdigit():  # no top-level domain begins with a digit: 127.1, 0x7f.1, 2130706433, 017700000001
        return _literal(text, IPv4Address)
    if len(text) > 253 or not all(_LABEL.fullmatch(label) for label in text.split(".")):
        raise Refused("the host is no name that DNS has")
    return text


def _literal(text: str, kind: type[IPv4Address | IPv6Address]) -> str:
    try:
        address = kind(text)
    except AddressValueError:
        raise Refused("the host is neither a name nor an address in its usual form") from None
    if str(address) != text:
        raise Refused("the host is neither a name nor an address in its usual form")
    return text


def read_allowed(text: str) -> Allowed:
    """Read what an administrator allows: origins such as http://hooks.internal:8080, and networks, with commas.

    Raises ValueError with a sentence.
    """
    origins, networks = set(), list[Network]()
    for entry in filter(None, (one.strip() for one in text.split(","))):
        if "://" in entry:
            origins.add(_origin(entry))
            continue
        try:
            networks.append(ip_network(entry))
        except ValueError:
            raise ValueError(f"{entry} is neither an origin such as https://HOST:PORT nor a network") from None
    return Allowed(frozenset(origins), tuple(networks))


def _origin(entry: str) -> Origin:
    match = _URL.fullmatch(entry)
    if match is None or match["path"]:
        raise ValueError(f"{entry} is no origin: write http://HOST:PORT or https://HOST:PORT, without a path")
    try:
        return Origin(match["scheme"], _host(match["host"]), int(match["port"] or _PORTS[match["scheme"]]))
    except Refused as refused:
        raise ValueError(f"{entry}: {refused}") from None
