"""Connections that stay open: lines and server-sent events over HTTP, and websockets.

They pass the guard of `mentions.http`. Each gives what came since the last time as a list, and an empty one when
nothing came for a moment, so that whoever listens can look after other things meanwhile. What is not taken is not
read on: the other side is held up, and what is kept here stays small. Silence beyond what the network promises,
signs of life included, ends a connection: the other end of a dead one never says goodbye.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from typing import Final
from urllib.parse import urlencode

import httpx
from django.utils.translation import gettext as _
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from mentions import http
from mentions.http import HttpFailure, Response

# What ends a connection is raised here; the library would print it, too.
logging.getLogger("websockets").setLevel(logging.CRITICAL)

QUIET_S: Final = 0.5
GATHERED_S: Final = 0.1  # what comes so soon after each other is looked at together
AT_ONCE: Final = 500
LONGEST: Final = 2 * 1024 * 1024  # of one line, event or message, in bytes
REFUSAL: Final = 64 * 1024
_CHUNKS: Final = 8
_MESSAGES: Final = 64
_OPENING_S: Final = 10.0


class NotOpened(Exception):
    """The other side answered, but not with a stream."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"answered {answer.status}")
        self.answer = answer


def lines(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    local: bool = False,
    silence_s: float,
) -> Generator[list[bytes], None, None]:
    """The lines of an answer that does not end, empty ones left out. Raises `NotOpened` and `HttpFailure`."""
    with http.opened(url, headers=headers, params=params, local=local, silence_s=silence_s) as answer:
        if answer.status_code != 200:
            raise NotOpened(_refusal(answer, url))
        pump = _Pump(answer)
        try:
            yield from _split(pump, answer.url.host)
        finally:
            pump.stop()


def events(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    local: bool = False,
    silence_s: float,
) -> Generator[list[tuple[str, str]], None, None]:
    """Server-sent events: each its name and its data. Raises `NotOpened` and `HttpFailure`."""
    sent = {"accept": "text/event-stream"} | dict(headers or {})
    name = ""
    with contextlib.closing(lines(url, headers=sent, params=params, local=local, silence_s=silence_s)) as heard:
        for batch in heard:
            found = []
            # The networks put the data of an event into one line, so none has to be waited for.
            for line in batch:
                field, _, value = line.decode(errors="replace").partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    found.append((name or "message", value.strip()))
                    name = ""
            yield found


def messages(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: list[tuple[str, str]] | None = None,
    local: bool = False,
    silence_s: float,
) -> Generator[list[str | bytes], None, None]:
    """The messages of a websocket. Raises `NotOpened` and `HttpFailure`."""
    address = f"{url}?{urlencode(params)}" if params else url
    with _websocket(address, dict(headers or {}), local, silence_s) as (line, host):
        try:
            while True:
                found: list[str | bytes] = []
                with contextlib.suppress(TimeoutError):
                    found.append(line.recv(timeout=QUIET_S))
                    enough = time.monotonic() + GATHERED_S
                    while len(found) < AT_ONCE:
                        found.append(line.recv(timeout=max(0.0, enough - time.monotonic())))
                yield found
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else _("no word")
            raise HttpFailure(
                _("%(host)s ended the connection (%(why)s)") % {"host": host, "why": code}, sent=True
            ) from None


@contextlib.contextmanager
def _websocket(
    url: str, headers: dict[str, str], local: bool, silence_s: float
) -> Iterator[tuple[ClientConnection, str]]:
    sock, tls = http.dialled(url, local=local)
    host = httpx.URL(url).host
    with contextlib.ExitStack() as held:
        held.callback(sock.close)
        try:
            line = held.enter_context(
                connect(
                    url,
                    sock=sock,
                    ssl=tls,
                    server_hostname=host if tls is not None else None,
                    additional_headers=headers,
                    user_agent_header=http.USER_AGENT,
                    proxy=None,
                    open_timeout=_OPENING_S,
                    ping_interval=silence_s / 2,
                    ping_timeout=silence_s / 2,
                    close_timeout=1,
                    max_size=LONGEST,
                    max_queue=_MESSAGES,
                )
            )
        except InvalidStatus as refused:
            told = refused.response
            headers_told = httpx.Headers(list(told.headers.raw_items()))
            body = bytes(told.body or b"")[:REFUSAL]
            raise NotOpened(Response(told.status_code, headers_told, body, url)) from None
        except (WebSocketException, OSError, ValueError) as error:  # a redirect is a `ValueError`; none is followed
            why = _("%(host)s did not open a websocket (%(error)s)") % {"host": host, "error": type(error).__name__}
            raise HttpFailure(why, sent=True) from None
        yield line, host


class _Pump:
    """Reads an answer in a thread of its own, a few pieces ahead of whoever takes them."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self._pieces: queue.Queue[bytes | Exception | None] = queue.Queue(_CHUNKS)
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="stream", daemon=True).start()

    def take(self) -> bytes | None:
        """The next piece, nothing if none came for a moment. Raises what reading raised, `EOFError` at the end."""
        try:
            piece = self._pieces.get(timeout=QUIET_S)
        except queue.Empty:
            return b""
        if isinstance(piece, Exception):
            raise piece
        return piece

    def stop(self) -> None:
        """Ends the connection, and with it the thread that waits on it."""
        self._stopped.set()
        stream = self._answer.extensions.get("network_stream")
        sock = stream.get_extra_info("socket") if stream is not None else None
        if isinstance(sock, socket.socket):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        last: Exception | None = None
        try:
            for piece in self._answer.iter_raw():
                if not self._put(piece):
                    return
        except Exception as error:
            last = error
        self._put(last)

    def _put(self, piece: bytes | Exception | None) -> bool:
        while not self._stopped.is_set():
            with contextlib.suppress(queue.Full):
                self._pieces.put(piece, timeout=QUIET_S)
                return True
        return False


def _split(pump: _Pump, host: str) -> Iterator[list[bytes]]:
    torn: list[bytes] = []  # the pieces of a line whose end has not come: joined once, however many they are
    kept = 0
    while (piece := pump.take()) is not None:
        first, *others = piece.split(b"\n")
        torn.append(first)
        kept += len(first)
        whole: list[bytes] = []
        if others:
            whole = [b"".join(torn), *others[:-1]]
            torn, kept = [others[-1]], len(others[-1])
        if kept > LONGEST:
            raise HttpFailure(_("%(host)s sent a line without an end") % {"host": host}, sent=True)
        yield [line for each in whole if (line := each.strip(b"\r"))]
    raise HttpFailure(_("%(host)s ended the stream") % {"host": host}, sent=True)


def _refusal(answer: httpx.Response, url: str) -> Response:
    body = b""
    for piece in answer.iter_raw():
        body += piece
        if len(body) > REFUSAL:
            break
    return Response(answer.status_code, answer.headers, body[:REFUSAL], url)
