"""What peers that speak JSON over HTTP have in common: reading a request, answering it, and the faults on demand."""

from __future__ import annotations

import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from mentions.networks import Account
from tests.mentions.networks.specs import Watch
from tests.mentions.wire import Line, wire

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass
class Asked:
    """One request, taken apart."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    raw: bytes = b""

    def one(self, name: str) -> str | None:
        """The first value of a name in the query."""
        return self.query.get(name, [None])[0]


@dataclass
class Said:
    """One answer: a status, a body that becomes JSON, headers."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def taken_apart(raw: bytes) -> Asked:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    method, target, _version = first.split(" ")
    parts = urlsplit(target)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    told = json.loads(body) if body and headers.get("content-type", "application/json").endswith("json") else None
    return Asked(method, unquote(parts.path), parse_qs(parts.query), headers, told, body)


class Speaking(ABC):
    """A peer that answers HTTP. Faults hold for the next call, or the next that changes something."""

    account: Account

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.watch = Watch(self)
        self.limited = self.dropping = self.failing = 0
        self.expired = self.nonsense = False

    @abstractmethod
    def connect(self, url: str) -> Account:
        """Our account there, once it is known where the peer listens."""

    @abstractmethod
    def answer(self, asked: Asked) -> Said:
        """What the network says."""

    @abstractmethod
    def changes(self, asked: Asked) -> bool:
        """Whether a request changes something, so that losing its answer matters."""

    @abstractmethod
    def too_many(self) -> Said:
        """The refusal of one call too many."""

    @abstractmethod
    def ended(self) -> Said:
        """The refusal of credentials that ended."""

    @abstractmethod
    def gibberish(self, asked: Asked) -> Said:
        """An answer that makes no sense."""

    def holds(self, asked: Asked, line: Line) -> bool:
        """Whether the request opened a stream, which was then held until its end."""
        return False

    def limit(self) -> None:
        self.limited += 1

    def expire(self) -> None:
        self.expired = True

    def drop_an_answer(self) -> None:
        self.dropping += 1

    def fail_once(self) -> None:
        self.failing += 1

    def talk_nonsense(self) -> None:
        self.nonsense = True

    @contextlib.contextmanager
    def served(self) -> Iterator[Self]:
        """This peer, listening."""
        with wire(self._talk) as server:
            self.account = self.connect(server.url)
            yield self
        self.watch.check()

    def _talk(self, line: Line) -> None:
        while raw := line.hear():
            asked = taken_apart(raw)
            self.asked.append(asked)
            self.watch.hear(asked.method, asked.path, asked.query, asked.headers.get("content-type", ""), asked.raw)
            if not self.expired and self.holds(asked, line):
                return
            said = self._said(asked)
            if self.changes(asked) and self.dropping and said.status == 200:
                self.dropping -= 1
                return
            body = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            line.say(body, f"{said.status} {REASONS.get(said.status, 'Whatever')}", **said.headers)

    def _said(self, asked: Asked) -> Said:
        if self.limited:
            self.limited -= 1
            return self.too_many()
        if self.expired:
            return self.ended()
        if self.failing and self.changes(asked):
            self.failing -= 1
            return Said(b"<h1>Bad gateway</h1>", 503)
        return self.gibberish(asked) if self.nonsense else self.answer(asked)


def now() -> str:
    """A moment as these networks write it: a whole millisecond, after all that has happened and before what follows."""
    moment = datetime.now(UTC) + timedelta(milliseconds=1)
    moment -= timedelta(microseconds=moment.microsecond % 1000)
    while datetime.now(UTC) < moment + timedelta(milliseconds=1):
        pass
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
