"""What becomes of a post that its network took and answered oddly: asked of every network that can be written to."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from mentions.networks import Account, Network, NetworkError
from tests.mentions.networks.api_peer import ApiPeer
from tests.mentions.networks.asking import ANSWERING, reply_to, seen
from tests.mentions.wire import Line, wire

pytestmark = pytest.mark.urls("tests.mentions.sandbox.urls")

RESET: Final = b""
PAGE: Final = b"<!doctype html><p>We are down for maintenance</p>"


def said(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


# After the network did it.
TAKEN: Final = {
    "nothing": said("200 OK"),
    "page": said("200 OK", PAGE, "content-type: text/html"),
    "torn": said("200 OK", b'{"id": "12'),
    "null": said("200 OK", b"null"),
    "list": said("200 OK", b"[]"),
    "number": said("200 OK", b"7"),
    "empty": said("200 OK", b"{}"),
    "wrong kinds": said("200 OK", b'{"id": {}, "data": 5, "result": [], "json": 1, "messages": [null], "uri": [3]}'),
    "no content": said("204 No Content"),
    "elsewhere": said("303 See Other", PAGE, "location: /login"),
    "gateway": said("502 Bad Gateway", PAGE, "content-type: text/html"),
    "late": said("504 Gateway Timeout"),
    "reset": RESET,
}
# Instead of doing it.
LEFT: Final = {
    "too many": said("429 Too Many Requests", PAGE),
    "moved": said("307 Temporary Redirect", b"", "location: /"),
}


@contextlib.contextmanager
def answering(account: Account, at: int, answer: bytes, *, done: bool) -> Iterator[tuple[Account, list[bytes]]]:
    """The account behind a relay that answers the `at`-th request by itself, and what that one was."""
    origin = account.base_url.split("/")[2]
    host, _, port = origin.partition(":")
    asked: list[bytes] = []

    def talk(line: Line) -> None:
        while request := line.hear():
            asked.append(request)
            ours = len(asked) == at
            if not ours or done:
                with socket.create_connection((host, int(port))) as target:
                    target.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                    target.shutdown(socket.SHUT_WR)
                    told = b"".join(iter(lambda sock=target: sock.recv(65_536), b""))
            if ours and answer == RESET:
                line.reset()
                return
            line.sock.sendall(answer if ours else told.replace(b"Connection: close\r\n", b""))

    with wire(talk) as relay:
        moved = account.base_url.replace(origin, f"127.0.0.1:{relay.port}")
        yield replace(account, base_url=moved), asked


@pytest.mark.parametrize("key", ANSWERING)
def test_it_is_sent_or_failed_or_unknown_and_never_there_twice(network: Network, peer: Any) -> None:
    odd = [(name, answer, True) for name, answer in TAKEN.items()] + [(n, a, False) for n, a in LEFT.items()]
    wrong: list[str] = []
    for name, answer, done in odd:
        at = 0
        while True:
            at += 1
            wanted, words = peer.write(f"hello {name} {at}"), f"We look into it, {name}, {at}."
            reply = reply_to(network, wanted, words, client_key=f"key-{name.replace(' ', '-')}-{at}")
            with answering(peer.account, at, answer, done=done) as (account, asked):
                try:
                    follow = "sent" if network.publish(account, reply).external_id else "nothing"
                except NetworkError as error:
                    follow = error.follow if str(error) else "no sentence"
                except Exception as error:
                    follow = repr(error)
            there = seen(network, peer, wanted).count(words)
            if len(asked) < at:
                break
            # What is there may be called "unknown", or be sent anew where the network knows our key; never failed.
            fine = {"sent", "unknown"} if there else {"retry", "reauthorise", "give_up", "poison", "unknown"}
            if there and network.capabilities.resend == "key":
                fine |= {"retry"}
            if follow not in fine or there > 1:
                wrong.append(f"{name} at {at} ({asked[at - 1][:50]!r}): {follow}, {there} there")
    assert not wrong


@pytest.mark.parametrize("key", ANSWERING)
def test_an_answer_without_a_list_says_neither_that_posts_are_gone_nor_that_a_reply_is_not_there(
    network: Network, peer: Any
) -> None:
    if not isinstance(peer, ApiPeer):
        return
    wanted = peer.write("hello")
    reply = reply_to(network, wanted, attempted_at=datetime.now(UTC) - timedelta(minutes=9))
    network.publish(peer.account, reply)
    odd: dict[str, Any]
    for odd in ({}, {"data": {}}, {"data": None}, {"items": None}):
        peer.bend = lambda body, odd=odd: odd
        if network.capabilities.lookup:
            with contextlib.suppress(NetworkError):
                assert network.lookup(peer.account, [wanted]).get(wanted, odd) is not None
        # Where our key is known, or the one response replaced, sending again doubles nothing.
        if network.capabilities.resend != "key":
            with contextlib.suppress(NetworkError):
                assert network.reconcile(peer.account, reply.client_key, reply) is not None
    peer.bend = None
    peer.watch.faults.clear()
