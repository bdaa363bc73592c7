"""Connections that go only where they may and last no longer than they may; `mentions.http` speaks over them.

A name is resolved once and the connection goes to the very address that was checked, so that neither a spelling nor a
changing DNS answer reaches an internal server.
"""

from __future__ import annotations

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Iterable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import httpcore
import httpx
from django.utils.translation import gettext as _

from mentions.destinations import is_allowed

# When the request that runs must have ended, by the monotonic clock.
deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """The means to encrypt, loaded once."""
    return httpx.create_ssl_context()


class Forbidden(Exception):
    """The name leads to an address that we do not go to."""


class Transport(httpx.HTTPTransport):
    """httpx over a pool whose connections pass the guard; httpx itself offers no way to pass a backend on."""

    def __init__(self, *, local: bool, plain: bool, keep: int) -> None:
        super().__init__(verify=tls())
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls(),
            max_connections=64,
            max_keepalive_connections=keep,
            keepalive_expiry=30.0,
            network_backend=Guard(local=local, plain=plain),
        )


class Guard(httpcore.NetworkBackend):
    """Resolves a name once, checks every address and connects to one that was checked."""

    def __init__(self, *, local: bool, plain: bool) -> None:
        self._local, self._plain = local, plain
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in _addresses(host, port, local=self._local, plain=self._plain):
            try:
                stream = self._sockets.connect_tcp(address, port, _left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Bounded(stream)
        raise failure


class _Bounded(httpcore.NetworkStream):
    """A stream that also keeps the request's own deadline: a byte every nine seconds is no progress."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, late: type[Exception] = httpcore.ConnectTimeout) -> float | None:
    left = deadline.get() - time.monotonic()
    if left <= 0:
        raise late("out of time")
    return left if timeout is None else min(timeout, left)


def _addresses(host: str, port: int, *, local: bool, plain: bool) -> list[str]:
    """The host's addresses. One forbidden address among them refuses the name: it is a trap or a mistake."""
    try:
        addresses = [str(ipaddress.ip_address(host))]
    except ValueError:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(type(error).__name__) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(is_allowed(address, local=local) for address in addresses):
        raise Forbidden(_("%(host)s leads to an address that is not on the public network") % {"host": host})
    if not all(is_allowed(address, local=local, plain=plain) for address in addresses):
        raise Forbidden(_("%(host)s is on the public network and would be asked in the clear") % {"host": host})
    return addresses
