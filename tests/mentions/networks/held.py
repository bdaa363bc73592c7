"""Streams over plain HTTP as peers hold them: whoever listens hears what is said from then on, and signs of life."""

from __future__ import annotations

import contextlib
import queue
import threading

from tests.mentions.wire import Line

HEAD = "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n"


class Held:
    """Connections by the name of what they listen to. `alive` is sent while there is nothing to say."""

    def __init__(self, kind: str, alive: bytes) -> None:
        self.kind = kind
        self.alive = alive
        self.ears: dict[str, list[queue.Queue[bytes | None]]] = {}
        self.lock = threading.Lock()

    def hold(self, name: str, line: Line) -> None:
        """Keep a connection until somebody ends it."""
        ear: queue.Queue[bytes | None] = queue.Queue()
        with self.lock:
            line.sock.sendall(HEAD.format(kind=self.kind).encode() + self.alive)
            self.ears.setdefault(name, []).append(ear)
        with contextlib.suppress(OSError):
            while True:
                try:
                    said = ear.get(timeout=0.2)
                except queue.Empty:
                    said = self.alive
                if said is None:
                    break
                line.sock.sendall(said)
        with self.lock:
            self.ears[name].remove(ear)

    def say(self, name: str, said: bytes) -> None:
        """To everybody who listens to this."""
        with self.lock:
            for ear in self.ears.get(name, []):
                ear.put(said)

    def end(self) -> None:
        """Every connection ends in good order."""
        with self.lock:
            for ears in self.ears.values():
                for ear in ears:
                    ear.put(None)
