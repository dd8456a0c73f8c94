"""Addresses of callers, and the networks they belong to."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

WIDTH = {4: 24, 6: 48}
"""How much of an address names its network: what a provider gives to one customer, more or less."""
MOST = 50


@lru_cache(1024)
def plain(address: str) -> str:
    """Return the address as it is kept, an IPv4 one in IPv6 clothes as what it is; blank for what is none."""
    found = _parsed(address)
    return str(found) if found else ""


def network_of(address: str) -> str:
    """Return the network an address belongs to; blank for what is no address."""
    found = _parsed(address)
    return str(ip_network((found, WIDTH[found.version]), strict=False)) if found else ""


def networks(lines: Iterable[str]) -> list[str]:
    """Return addresses and networks in their plain spelling, each once. Raises ValueError naming what is neither."""
    found: list[str] = []
    for line in lines:
        try:
            network = str(ip_network(line, strict=False))
        except ValueError:
            raise ValueError(line) from None
        if network not in found:
            found.append(network)
    return found


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
