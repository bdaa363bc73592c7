"""A Jetstream by its published description: all that was written as JSON, live and again from a cursor.

It is told what happens by whoever stands for the network: a peer, or the firehose of the real one.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve


class Jetstream:
    """`log` are the events with their times in microseconds, none twice the same."""

    def __init__(self) -> None:
        self.log: list[tuple[int, str]] = []
        self.news = threading.Condition()
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    def tell(self, did: str, kind: str, **told: Any) -> None:
        """Something happened: an event of this kind, with what belongs under that name."""
        with self.news:
            at = self._time()
            event = {"did": did, "time_us": at, "kind": kind, kind: told}
            self._put(at, json.dumps(event))

    def say(self, raw: str) -> None:
        """Exactly this, whatever it is."""
        with self.news:
            self._put(self._time(), raw)

    def _time(self) -> int:
        return max(time.time_ns() // 1000, self.log[-1][0] + 1 if self.log else 0)

    def _put(self, at: int, raw: str) -> None:
        self.log.append((at, raw))
        self.news.notify_all()

    def talk(self, line: ServerConnection) -> None:
        assert line.request is not None
        asked = parse_qs(urlsplit(line.request.path).query)
        self.asked.append(asked)
        with self.news:
            since = int(asked["cursor"][0]) if "cursor" in asked else self._time()
            place = next((n for n, (at, _raw) in enumerate(self.log) if at >= since), len(self.log))
        with contextlib.suppress(ConnectionClosed):
            while True:
                with self.news:
                    if len(self.log) == place:
                        self.news.wait(timeout=0.2)
                    fresh = self.log[place:]
                for _at, raw in fresh:
                    if self._wants(asked, raw):
                        line.send(raw)
                place += len(fresh)
                if not fresh and line.state.name != "OPEN":
                    return

    def _wants(self, asked: dict[str, list[str]], raw: str) -> bool:
        with contextlib.suppress(ValueError, AttributeError):
            collection = json.loads(raw).get("commit", {}).get("collection")
            return collection is None or collection in asked.get("wantedCollections", [collection])
        return True


@contextlib.contextmanager
def listening(jetstream: Jetstream) -> Iterator[Jetstream]:
    """The server, on loopback."""
    with serve(jetstream.talk, "127.0.0.1", 0) as server:
        jetstream.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/subscribe"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield jetstream
        server.shutdown()
