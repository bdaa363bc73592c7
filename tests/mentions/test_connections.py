"""Connections that stay open, where the other end is nobody's friend."""

import pytest

from mentions import connections
from mentions.http import HttpFailure
from tests.mentions.wire import Line, wire


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
