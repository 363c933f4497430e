"""Which hosts and addresses a message may go to: public ones, and those that an administrator has named."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's special-purpose registry, multicast, and what is reserved: nobody's host on the Internet.
_NOT_PUBLIC = tuple(
    IPv4Network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# Of IPv6 only what is given out is public; in it, what wraps IPv4 (Teredo, 6to4) or is for documents is not.
# IPv4-mapped, NAT64, link-local, unique-local and multicast addresses are outside of it.
_GIVEN_OUT = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(IPv6Network(one) for one in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
# Machines ask their cloud for its keys here: a name that an administrator trusts does not open it, a network does.
_NEVER_BY_NAME = tuple(ip_network(one) for one in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"))


@dataclass(frozen=True, order=True)
class Origin:
    """Scheme, host and port."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True)
class Allowed:
    """What an administrator has named: origins, which may be anything but link-local, and networks."""

    origins: frozenset[Origin] = frozenset()
    networks: tuple[Network, ...] = ()

    def names(self, origin: Origin) -> bool:
        """Tell whether an administrator has named this very origin, or a network that this very address is in."""
        if origin in self.origins:
            return True
        try:
            address = ip_address(origin.host)
        except ValueError:
            return False
        return any(address in network for network in self.networks if network.version == address.version)

    def reaches(self, address: Address, origin: Origin) -> bool:
        """Tell whether a message to this origin may go to this address, which its name has resolved to."""
        if any(address in network for network in self.networks if network.version == address.version):
            return True
        if origin in self.origins:
            return not any(address in network for network in _NEVER_BY_NAME if network.version == address.version)
        return is_public(address)


def is_public(address: Address) -> bool:
    """Tell whether it is an address of the Internet, and of nothing else."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    return address in _GIVEN_OUT and not any(address in network for network in _NOT_PUBLIC_6)


def read_address(text: str) -> Address:
    """Read an address as a resolver gives it; an IPv4-mapped one is that IPv4 address. Raises ValueError."""
    address = ip_address(text)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
