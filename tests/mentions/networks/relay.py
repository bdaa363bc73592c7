"""The way between us and a network, which can be cut, or go dead without a word."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator


class Relay:
    """Passes bytes on both ways. `frozen` connections stay open and pass nothing any more."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.frozen = threading.Event()
        self.open: list[socket.socket] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def cut(self) -> None:
        """Every connection ends with a reset, as if a machine had crashed."""
        for sock in self.open:
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self.open.clear()

    def accept(self) -> None:
        while True:
            try:
                ours, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                theirs = socket.create_connection(self.target)
            except OSError:
                ours.close()
                continue
            self.open += [ours, theirs]
            for one, other in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(65_536):
                if self.frozen.is_set():
                    return
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def relaying(host: str, port: int) -> Iterator[Relay]:
    """A relay to a server on this machine."""
    relay = Relay(host, port)
    thread = threading.Thread(target=relay.accept, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        with contextlib.suppress(OSError):
            relay.listener.shutdown(socket.SHUT_RDWR)
        relay.listener.close()
        relay.cut()
        thread.join(5)
