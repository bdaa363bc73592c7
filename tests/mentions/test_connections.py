"""Connections that stay open, where the other end is nobody's friend."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mentions import connections
from mentions.http import HttpFailure
from tests.mentions.wire import Line, wire

HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"


@contextmanager
def saying(*pieces: bytes) -> Iterator[str]:
    """The address of a stream that sends these pieces, each by itself, and ends."""

    def talk(line: Line) -> None:
        line.hear()
        line.sock.sendall(HEAD)
        for piece in pieces:
            line.sock.sendall(piece)

    with wire(talk) as server:
        yield server.url


def heard(url: str) -> list[bytes]:
    """Every line of a stream that ends."""
    found: list[bytes] = []

    def listen() -> None:
        for batch in connections.lines(url, local=True, silence_s=5):
            found.extend(batch)

    with pytest.raises(HttpFailure, match="ended the stream"):
        listen()
    return found


def test_lines_are_whole_however_they_were_torn() -> None:
    with saying(b"one", b" and the", b" rest\r\ntwo\n\r\n\nth", b"ree\n", b"never ended") as url:
        assert heard(url) == [b"one and the rest", b"two", b"three"]


def test_a_long_line_in_small_pieces_is_joined_once_and_one_without_an_end_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "LONGEST", 40_000)
    with saying(*[b"x" * 100] * 390, b"\n", b"y" * 39_999, b"\n") as url:
        assert [len(line) for line in heard(url)] == [39_000, 39_999]
    with saying(b"a\n", *[b"x" * 100] * 402) as url, pytest.raises(HttpFailure, match="without an end"):
        list(connections.lines(url, local=True, silence_s=5))


def test_a_websocket_follows_nobody_elsewhere() -> None:
    def elsewhere(line: Line) -> None:
        line.hear()
        line.say(status="302 Found", location=f"{inner.url.replace('http', 'ws')}/inner")

    with wire(lambda line: line.say()) as inner, wire(elsewhere) as outer:
        heard = connections.messages(
            outer.url.replace("http", "ws"), headers={"authorization": "Bearer key"}, local=True, silence_s=5
        )
        with pytest.raises(HttpFailure):
            next(heard)
        assert inner.connections == 0
