"""The only client that goes out to other people's servers: bounded in time, size, tries and destinations.

`request` answers a `Response` whatever its status, or raises `HttpFailure`, which says the one thing a
sender must know: whether the request may have been carried out. Addresses inside our own network are refused
after the name was resolved, and the connection goes to the very address that was checked, so neither a
spelling nor a changing DNS answer reaches an internal server. A source marked local may use loopback and
private addresses. Only these are asked without encryption, unless nothing in the question is secret.

Nothing here logs or raises a query string, a header or a body: that is where tokens and customers' words are.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import random
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import urlencode

import httpcore
import httpx
from django.utils.translation import gettext as _

from mentions.dialling import Forbidden, Guard, Transport, deadline, tls

log = logging.getLogger(__name__)

# Both log whole addresses, tokens in the query included, at the level that people switch on to find faults.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

USER_AGENT: Final = "Glasshouse (social media command center)"
SAFE: Final = frozenset({"GET", "PUT", "DELETE"})  # doing it twice is doing it once
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
TRIES: Final = 3
CONNECT_S: Final = 5.0
SILENCE_S: Final = 10.0
TOTAL_S: Final = 30.0
MAX_BYTES: Final = 4 * 1024 * 1024

_patience: ContextVar[float] = ContextVar("patience", default=math.inf)
_host_only: ContextVar[bool] = ContextVar("host_only", default=False)
_counted: ContextVar[Calls | None] = ContextVar("counted", default=None)
_stops: ContextVar[Callable[[], bool] | None] = ContextVar("stops", default=None)


class Calls(list[tuple[str, str]]):
    """Requests, by method and address without its query; `posts` and `messages` are what of them is billed."""

    posts: int = 0
    messages: int = 0


class HttpFailure(Exception):
    """No answer. `sent` says whether the request may have been carried out all the same.

    `permanent` means that trying again cannot help: a forbidden address, an answer past the size limit.
    """

    def __init__(self, message: str, *, sent: bool, permanent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.permanent = permanent


class Stopped(Exception):
    """What was just to be asked for is not wanted any more (`unless`), and was not asked for."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read whole. `url` is where it came from in the end, `moved` that each step is lasting."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    url: str
    moved: bool = False

    def json(self) -> Any:
        """The decoded body. Raises `ValueError` if it is not JSON."""
        try:
            return json.loads(self.body)
        except RecursionError:
            raise ValueError("nested too deep") from None


def request(
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    signs: Callable[[], Mapping[str, str]] | None = None,
    params: Mapping[str, str] | None = None,
    payload: object = None,
    form: Mapping[str, str] | None = None,
    file: tuple[str, bytes] | None = None,
    parts: Mapping[str, tuple[str, bytes, str]] | None = None,
    repeatable: bool | None = None,
    local: bool = False,
    keys: bool = True,
    secret_path: bool = False,
    redirects: int = 0,
    hosts: Callable[[str], bool] | None = None,
    max_bytes: int = MAX_BYTES,
    total_s: float = TOTAL_S,
) -> Response:
    """Sends one request and reads the whole answer.

    `signs` makes headers that are good for one try only, and is asked at each.
    `payload` is sent as JSON, `form` as a filled-in form, `file` as it is under its media type, `parts` (by field: file
    name, bytes, media type) as a form that holds files, beside what is in `form`. `repeatable` says that
    sending twice does no harm, which is assumed of GET, PUT and DELETE and never of POST; only then is a broken
    connection tried again. What is not repeatable goes out on a connection of its own: one kept from before may have
    been closed at the other end unnoticed.
    Without `keys` there is nothing in it that others must not read, and public servers are also asked by plain http.
    `secret_path` keeps the path out of logs, for a network whose addresses hold the token.
    `redirects` bounds how many a GET follows, each through the same guard. `hosts` says of a host whether it may be
    asked at all; where a redirect leads is asked of it too.
    """
    if repeatable is None:
        repeatable = method in SAFE
    sent_headers = {"user-agent": USER_AGENT, "accept-encoding": "gzip"} | dict(headers or {})
    content = None
    if payload is not None:
        content = json.dumps(payload, ensure_ascii=False).encode()
        sent_headers["content-type"] = "application/json"
    elif parts is not None:
        multipart = httpx.Request("POST", url, data=dict(form or {}), files=dict(parts))
        sent_headers["content-type"], content = multipart.headers["content-type"], multipart.read()
    elif form is not None:
        content = urlencode(form).encode()
        sent_headers["content-type"] = "application/x-www-form-urlencoded"
    elif file is not None:
        sent_headers["content-type"], content = file
    token = deadline.set(min(time.monotonic() + total_s, _patience.get()))
    unnamed = _host_only.set(secret_path)
    if (counted := _counted.get()) is not None:
        counted.append((method, url))
    try:
        if _stopped(method):
            raise Stopped
        target = _of_hosts(_target(url, params), hosts)
        moved = True
        for hop in range(redirects + 1):
            answer = _with_tries(method, target, sent_headers, signs, content, repeatable, local, keys, max_bytes)
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location or not redirects or method != "GET":
                return Response(answer.status, answer.headers, answer.body, str(target), moved=moved and hop > 0)
            moved = moved and answer.status in {301, 308}
            following = _of_hosts(_target(str(target.join(location)), None), hosts)
            if (following.scheme, following.host, following.port) != (
                target.scheme,
                target.host,
                target.port,
            ):
                sent_headers = {k: v for k, v in sent_headers.items() if k.lower() != "authorization"}
            target = following
        raise HttpFailure(_("%(address)s redirects in circles") % {"address": _name(target)}, sent=True, permanent=True)
    finally:
        _host_only.reset(unnamed)
        deadline.reset(token)


def among(patterns: Collection[str]) -> Callable[[str], bool]:
    """Whether a host is one of these; "*.example" stands for any below it."""
    return lambda host: any(fnmatchcase(host.lower().rstrip("."), pattern) for pattern in patterns)


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """All requests in here together take no longer: for whoever has a person waiting."""
    token = _patience.set(min(time.monotonic() + seconds, _patience.get()))
    try:
        yield
    finally:
        _patience.reset(token)


@contextlib.contextmanager
def unless(stops: Callable[[], bool]) -> Iterator[None]:
    """Nothing that could change something is asked for in here once `stops` says so: that raises `Stopped` instead.

    Asked before each such request, for what is asked for takes several at some networks.
    """
    token = _stops.set(stops)
    try:
        yield
    finally:
        _stops.reset(token)


def _stopped(method: str) -> bool:
    stops = _stops.get()
    return method != "GET" and stops is not None and stops()


@contextlib.contextmanager
def counting() -> Iterator[Calls]:
    """The requests that are made in here: for whoever keeps a budget."""
    calls = Calls()
    token = _counted.set(calls)
    try:
        yield calls
    finally:
        _counted.reset(token)


def billed(posts: int = 0, messages: int = 0) -> None:
    """An answer brought so many posts or private messages, and its network bills each: for whoever keeps the budget."""
    if (counted := _counted.get()) is not None:
        counted.posts += posts
        counted.messages += messages


def patience() -> float:
    """How many seconds are left of the time that all requests here may take together; `inf` if nobody waits."""
    return max(0.0, _patience.get() - time.monotonic())


@contextlib.contextmanager
def opened(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    local: bool = False,
    silence_s: float,
) -> Iterator[httpx.Response]:
    """An answer that goes on for as long as both sides like: for `mentions.connections`, which reads it.

    Only silence ends it, of more than `silence_s` seconds. Raises `HttpFailure`, never twice the same call.
    """
    target = _target(url, params)
    sent = {"user-agent": USER_AGENT, "accept-encoding": "identity"} | dict(headers or {})
    client = _client(local, target.scheme == "http", fresh=True)
    client.timeout = httpx.Timeout(silence_s, connect=CONNECT_S)
    with client, _failures(target.host), client.stream("GET", target, headers=sent) as answer:
        log.info("GET %s is open: %s", _name(target), answer.status_code)
        yield answer


def dialled(url: str, *, local: bool = False) -> tuple[socket.socket, ssl.SSLContext | None]:
    """A connected socket to the host of a websocket's address, and the means to encrypt it where it is to be.

    Raises `HttpFailure`.
    """
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, TypeError):
        raise HttpFailure(_("that is not an address"), sent=False, permanent=True) from None
    if target.scheme not in {"ws", "wss"} or not target.host or target.userinfo:
        raise HttpFailure(_("only ws and wss addresses are listened to"), sent=False, permanent=True)
    secure = target.scheme == "wss"
    try:
        guard = Guard(local=local, plain=not secure)
        stream = guard.connect_tcp(target.host, target.port or (443 if secure else 80), CONNECT_S)
    except Forbidden as forbidden:
        raise HttpFailure(str(forbidden), sent=False, permanent=True) from None
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise HttpFailure(_unreached(target.host, error), sent=False) from None
    sock: socket.socket = stream.get_extra_info("socket")
    return sock, tls() if secure else None


def _target(url: str, params: Mapping[str, str] | None) -> httpx.URL:
    try:
        target = httpx.URL(url)
        if params:
            target = target.copy_merge_params(params)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise HttpFailure(_("that is not an address"), sent=False, permanent=True) from None
    if target.scheme not in {"http", "https"} or not target.host:
        raise HttpFailure(_("only http and https addresses are fetched"), sent=False, permanent=True)
    if target.userinfo:
        raise HttpFailure(_("an address must not carry a password"), sent=False, permanent=True)
    return target


def _of_hosts(target: httpx.URL, hosts: Callable[[str], bool] | None) -> httpx.URL:
    if hosts is not None and not hosts(target.host):
        reason = _("%(host)s is none of the hosts that may be asked") % {"host": target.host[:60]}
        raise HttpFailure(reason, sent=False, permanent=True)
    return target


def _name(target: httpx.URL) -> str:
    """What of an address may be logged."""
    return f"{target.scheme}://{target.host}{'' if _host_only.get() else target.path}"


def _with_tries(
    method: str,
    target: httpx.URL,
    headers: Mapping[str, str],
    signs: Callable[[], Mapping[str, str]] | None,
    content: bytes | None,
    repeatable: bool,
    local: bool,
    keys: bool,
    max_bytes: int,
) -> Response:
    plain = keys and target.scheme == "http"
    for attempt in range(1, TRIES + 1):
        # Only the first try may use a kept connection: when that was dead, the others in the pool may be too.
        fresh = not repeatable or attempt > 1
        client = _client(local, plain, fresh=True) if fresh else _pooled(os.getpid(), local, plain)
        started = time.monotonic()
        try:
            signed = {**headers, **signs()} if signs else headers
            answer = _once(client, method, target, signed, content, max_bytes)
        except HttpFailure as failure:
            log.info("%s %s failed: %s", method, _name(target), failure)
            again = not failure.permanent and (repeatable or not failure.sent) and not _stopped(method)
            if not again or attempt == TRIES or time.monotonic() >= deadline.get():
                raise
            time.sleep(random.uniform(0.5, 1.0) * 0.2 * 3 ** (attempt - 1))
        else:
            spent = (time.monotonic() - started) * 1000
            log.info("%s %s answered %s in %.0f ms", method, _name(target), answer.status, spent)
            return answer
        finally:
            if fresh:
                client.close()
    raise AssertionError("the last try returns or raises")


def _once(
    client: httpx.Client,
    method: str,
    target: httpx.URL,
    headers: Mapping[str, str],
    content: bytes | None,
    max_bytes: int,
) -> Response:
    with _failures(target.host), client.stream(method, target, headers=dict(headers), content=content) as answer:
        body = _read(answer, target.host, max_bytes)
        return Response(answer.status_code, answer.headers, body, str(target))


def _unreached(host: str, error: Exception) -> str:
    return _("%(host)s cannot be reached (%(error)s)") % {"host": host, "error": type(error).__name__}


@contextlib.contextmanager
def _failures(host: str) -> Iterator[None]:
    """Whatever httpx raises, as an `HttpFailure`."""
    try:
        yield
    except Forbidden as forbidden:
        raise HttpFailure(str(forbidden), sent=False, permanent=True) from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise HttpFailure(_unreached(host, error), sent=False) from None
    except UnicodeEncodeError:  # whose own words would show a part of the key
        reason = _("%(host)s was not asked: a key has only letters, digits and signs of an English keyboard") % {
            "host": host
        }
        raise HttpFailure(reason, sent=False, permanent=True) from None
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        reason = _("%(host)s cannot be asked (%(error)s)") % {"host": host, "error": type(error).__name__}
        raise HttpFailure(reason, sent=False, permanent=True) from None
    except httpx.HTTPError as error:
        reason = _("%(host)s broke off (%(error)s)") % {"host": host, "error": type(error).__name__}
        raise HttpFailure(reason, sent=True) from None


def _read(answer: httpx.Response, host: str, max_bytes: int) -> bytes:
    """The body up to the limit; unpacked here, so that a small packed answer cannot become a huge one."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip", ""}:
        raise HttpFailure(_("%(host)s answered in an unknown coding") % {"host": host}, sent=True, permanent=True)
    unpack = zlib.decompressobj(wbits=31) if coding.endswith("gzip") else None
    parts: list[bytes] = []
    size = 0
    for chunk in answer.iter_raw(65_536):
        if unpack is not None:
            try:
                chunk = unpack.decompress(chunk, max_bytes - size + 1)
            except zlib.error:
                raise HttpFailure(_("%(host)s answered with a broken packing") % {"host": host}, sent=True) from None
        size += len(chunk)
        if size > max_bytes:
            reason = _("%(host)s answered with more than %(n)d bytes") % {"host": host, "n": max_bytes}
            raise HttpFailure(reason, sent=True, permanent=True)
        parts.append(chunk)
    return b"".join(parts)


@lru_cache(maxsize=4)
def _pooled(process: int, local: bool, plain: bool) -> httpx.Client:
    """One pool a process: sockets that a forked child shares with its parent would mix their answers."""
    return _client(local, plain, fresh=False)


def _client(local: bool, plain: bool, *, fresh: bool) -> httpx.Client:
    return httpx.Client(
        transport=Transport(local=local, plain=plain, keep=0 if fresh else 16),
        timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
        follow_redirects=False,
        trust_env=False,
    )
