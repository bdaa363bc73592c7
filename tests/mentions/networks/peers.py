"""The other side of each network, for the questions that every network is asked.

A peer is the network as its own users and administrators know it: somebody writes, it refuses, it is slow. A new
network brings a peer and is then asked everything in `test_contract`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone

from mentions import sandbox
from mentions.networks import Account
from mentions.networks.townsquare import signed
from mentions.sandbox import delivery, faults, square
from mentions.sandbox.models import Event, Photo, Post, Settings
from mentions.sandbox.sealing import unseal
from tests.mentions.wire import Line, wire

SECRET = "whsec-square"


class Peer(ABC):
    """One network's other side. Identifiers are those that the connector gives."""

    account: Account

    @abstractmethod
    def write(self, text: str) -> str:
        """Somebody writes about the bank; the identifier."""

    def confide(self, text: str, who: int) -> dict[str, Any]:
        """One of two customers (0, 1) writes in private; whom the connector is told to answer, as in `Outgoing`."""
        raise AssertionError("nobody writes in private here")

    def edit(self, external_id: str, text: str) -> None:
        """They change it, where that can be done and is told."""
        raise AssertionError("nobody edits here")

    @abstractmethod
    def limit(self) -> None:
        """The next call is one too many."""

    @abstractmethod
    def expire(self) -> None:
        """The credentials end."""

    @abstractmethod
    def talk_nonsense(self) -> None:
        """From now on answers cannot be read."""


class TownSquarePeer(Peer):
    """The real Town Square behind a real server."""

    def __init__(self, url: str) -> None:
        sandbox.configure(f"{url}/hooks/townsquare/square", SECRET, "meridian", "token-of-the-bank")
        self.account = Account(f"{url}/sandbox", "meridian", secrets={"token": "token-of-the-bank"}, local=True)

    def write(self, text: str) -> str:
        return f"ts:{square.write('customer42', text).key}"

    def confide(self, text: str, who: int) -> dict[str, Any]:
        message = square.write(f"customer{who}", text, private=True)
        return {"in_reply_to": f"ts:{message.key}"}

    def edit(self, external_id: str, text: str) -> None:
        square.edit(self._post(external_id), text)

    def delete(self, external_id: str) -> None:
        square.delete(self._post(external_id))

    def limit(self) -> None:
        faults.set_faults(limited=1)

    def expire(self) -> None:
        faults.set_faults(expired=1)

    def drop_an_answer(self) -> None:
        faults.set_faults(dropping=1)

    def fail_once(self) -> None:
        faults.set_faults(failing=1)

    def talk_nonsense(self) -> None:
        Event.objects.update(sealed="")

    def answers_to(self, external_id: str) -> list[str]:
        """What the bank is seen to have said there, in public."""
        replies = Post.objects.public().filter(in_reply_to__key=external_id.removeprefix("ts:"))
        return [reply.text for reply in replies.order_by("id")]

    def messages(self) -> list[str]:
        """What the bank is seen to have said in private."""
        sent = Post.objects.standing().filter(private=True, author__folded="meridian")
        return [message.text for message in sent.order_by("id")]

    def shown(self) -> list[tuple[bytes, str]]:
        """The pictures that the bank is seen to have shown, with what they show."""
        photos = Photo.objects.filter(post__isnull=False).order_by("pk")
        return [(base64.b64decode(unseal(photo.sealed)), photo.alt) for photo in photos]

    def refuse_pictures(self) -> None:
        faults.set_faults(refusing=1)

    def delivery(self) -> tuple[dict[str, str], bytes]:
        """Headers and body of one delivery of everything that is due."""
        batch = delivery._lease(timezone.now())
        body = delivery._body(batch, Settings.current())
        return signed(SECRET, delivery._name(batch), body), body

    def strange_delivery(self) -> bytes:
        """A body of the kind that a later version of the network may send."""
        return json.dumps({"account": "meridian", "events": [{"id": "e1", "type": "post.liked", "post": {}}]}).encode()

    def _post(self, external_id: str) -> Post:
        return Post.objects.get(key=external_id.removeprefix("ts:"))


class FeedsPeer(Peer):
    """A blog whose owner edits it between two polls."""

    def __init__(self, url: str) -> None:
        self.account = Account(f"{url}/feed.xml", local=True)
        self.entries: dict[str, str] = {}
        self.status = "200 OK"
        self.nonsense = False

    def write(self, text: str) -> str:
        guid = f"entry-{len(self.entries)}"
        self.entries[guid] = text
        return f"127.0.0.1/feed.xml#{guid}"

    def edit(self, external_id: str, text: str) -> None:
        self.entries[external_id.partition("#")[2]] = text

    def limit(self) -> None:
        self.status = "429 Too Many Requests"

    def expire(self) -> None:
        self.status = "403 Forbidden"

    def talk_nonsense(self) -> None:
        self.nonsense = True

    def talk(self, line: Line) -> None:
        while line.hear():
            body = b"<p>maintenance</p>" if self.nonsense else self._feed()
            line.say(body, self.status, retry_after="7")

    def _feed(self) -> bytes:
        now = format_datetime(timezone.now())
        items = "".join(
            f"<item><guid>{guid}</guid><pubDate>{now}</pubDate><description>{escape(text)}</description></item>"
            for guid, text in self.entries.items()
        )
        return f"<rss version='2.0'><channel><title>Blog</title>{items}</channel></rss>".encode()


@contextlib.contextmanager
def feeds_peer() -> Iterator[FeedsPeer]:
    """The blog, served."""
    peer = FeedsPeer("")
    with wire(peer.talk) as server:
        peer.account = Account(f"{server.url}/feed.xml", local=True)
        yield peer


@contextlib.contextmanager
def resetting(account: Account, *, at: int) -> Iterator[Account]:
    """The account behind a relay that passes requests on, but resets each connection at its `at`-th request."""
    origin = account.base_url.split("/")[2]
    host, _, port = origin.partition(":")

    def talk(line: Line) -> None:
        passed = 0
        while request := line.hear():
            passed += 1
            if passed == at:
                line.reset()
                return
            with socket.create_connection((host, int(port))) as target:
                target.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                target.shutdown(socket.SHUT_WR)
                answer = b"".join(iter(lambda sock=target: sock.recv(65_536), b""))
            line.sock.sendall(answer.replace(b"Connection: close\r\n", b""))

    with wire(talk) as relay:
        moved = account.base_url.replace(origin, f"127.0.0.1:{relay.port}")
        yield Account(moved, account.handle, account.account_id, account.secrets, account.settings, local=True)
