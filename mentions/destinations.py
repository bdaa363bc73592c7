"""Which addresses the product may connect to: none inside the bank, unless a source is marked local."""

from __future__ import annotations

import ipaddress
from typing import Final

_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
# Not for the public, though some releases of Python call them global.
_ASSIGNED: Final = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24")))


def is_allowed(address: str, *, local: bool = False, plain: bool = False) -> bool:
    """Whether we may connect to this IP address. `local` adds loopback and private networks, no more.

    `plain` says that all may read what is sent on the way, which nobody may in public.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            ip = inner
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local:
        return False
    if local and (ip.is_loopback or (ip.is_private and not ip.is_reserved)):
        return True
    return not plain and ip.is_global and not ip.is_reserved and not any(ip in block for block in _ASSIGNED)


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for (mapped, 6to4, Teredo, NAT64)."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _TRANSLATED:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None
