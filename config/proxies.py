"""Who is really at the other end, where proxies of ours stand in between.

Each proxy adds the address that it sees at the end of `X-Forwarded-For`. Only as many entries as there are proxies
of ours are to be believed, counted from the end: whatever stands before them the client may have written itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

HEADER = b"x-forwarded-for"


def client(seen: str, headers: Iterable[tuple[bytes, bytes]], proxies: int) -> str:
    """The address of the client: `seen` is who connected to us, which without proxies is the answer."""
    told = [part.strip() for name, value in headers if name.lower() == HEADER for part in value.split(b",")]
    if not proxies or len(told) < proxies:
        return seen
    try:
        return str(ipaddress.ip_address(told[-proxies].decode("latin-1")))
    except ValueError:
        return seen


def behind(scope: Mapping[str, Any], proxies: int) -> dict[str, Any]:
    """The same connection as it looks past the proxies; of IPv6 a household's whole network is one client."""
    seen = scope.get("client") or ("", 0)
    return {**scope, "client": [_household(client(str(seen[0]), scope["headers"], proxies)), seen[1]]}


def _household(address: str) -> str:
    """Where the address is of IPv6, the first of its /64: who has one has all of them (RFC 6177)."""
    try:
        found = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return address if found.is_loopback else str(ipaddress.IPv6Network((found, 64), strict=False).network_address)
