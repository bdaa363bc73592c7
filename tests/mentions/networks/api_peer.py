"""The other side of a network that speaks JSON: faults on demand, and what its users see."""

from __future__ import annotations

import contextlib
import itertools
import json
from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from mentions.networks import Account
from tests.mentions.networks.peers import Peer
from tests.mentions.networks.specs import Watch
from tests.mentions.wire import Line, wire


@dataclass(frozen=True)
class Request:
    """One call, taken apart."""

    method: str
    path: str
    queries: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in self.queries.items()}

    @property
    def json(self) -> dict[str, Any]:
        found = json.loads(self.body or b"{}")
        assert isinstance(found, dict)
        return found

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Said:
    """An answer: its body as JSON unless it is bytes already, its status line, its headers."""

    body: Any = field(default_factory=dict)
    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)


P = TypeVar("P", bound="ApiPeer")


def refusal(code: int, body: Any = None, **headers: str) -> Said:
    return Said(body if body is not None else {}, f"{code} Refused", headers)


class ApiPeer(Peer):
    """Answers calls in `answer`; a subclass is the network. One fault is used up by one call that it concerns."""

    limited: Said = refusal(429, retry_after="7")
    expired: Said = refusal(401)
    refused: Said = refusal(400)

    def __init__(self) -> None:
        self.account = Account("")
        self.heard: list[Request] = []
        self.watch = Watch(self)
        self._limited = self._expired = self._dropping = self._failing = False
        self._nonsense = self._refusing = False
        self._numbers = itertools.count(1)
        self.bend: Callable[[Any], Any] | None = None  # what becomes of the bodies of answers on their way

    @abstractmethod
    def account_at(self, url: str) -> Account:
        """The bank's account on the network that is served there."""

    @abstractmethod
    def answer(self, request: Request) -> Said:
        """What the network does and says."""

    def holds(self, request: Request, line: Line) -> bool:
        """Whether the request opened a stream, which was then held until its end."""
        return False

    def acts(self, request: Request) -> bool:
        """Whether a call publishes something, so that a lost answer matters."""
        return request.method == "POST"

    def number(self) -> int:
        return next(self._numbers)

    def limit(self) -> None:
        self._limited = True

    def expire(self) -> None:
        self._expired = True

    def refuse(self) -> None:
        """The next call is not allowed, for a reason of the network's own."""
        self._refusing = True

    def drop_an_answer(self) -> None:
        self._dropping = True

    def fail_once(self) -> None:
        self._failing = True

    def talk_nonsense(self) -> None:
        self._nonsense = True

    def talk(self, line: Line) -> None:
        while heard := line.hear():
            request = _taken_apart(heard)
            self.heard.append(request)
            kind = request.headers.get("content-type", "")
            self.watch.hear(request.method, request.path, request.queries, kind, request.body)
            if not self._limited and not self._expired and self.holds(request, line):
                return
            if self._limited:
                self._limited = False
                said = self.limited
            elif self._expired:
                self._expired = False
                said = self.expired
            elif self._refusing:
                self._refusing = False
                said = self.refused
            elif self._nonsense:
                said = Said(b"<p>maintenance</p>")
            elif self._failing and self.acts(request):
                self._failing = False
                said = refusal(503)
            else:
                said = self.answer(request)
                if self._dropping and self.acts(request):
                    self._dropping = False
                    line.reset()
                    return
            if self.bend is not None and not isinstance(said.body, bytes):
                said = replace(said, body=self.bend(said.body))
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            line.say(b"" if said.status.startswith("204") else body, said.status, **said.headers)


def _taken_apart(heard: bytes) -> Request:
    head, _, body = heard.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    method, target, _version = first.split(" ")
    parts = urlsplit(target)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    return Request(method, unquote(parts.path), parse_qs(parts.query), headers, body)


@contextlib.contextmanager
def served(peer: P) -> Iterator[P]:
    """The network, reachable."""
    with wire(peer.talk) as server:
        peer.account = peer.account_at(server.url)
        yield peer
    peer.watch.check()


def now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
