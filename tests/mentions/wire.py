"""A server that does exactly what a test says, down to the byte: the faults of real networks on demand."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Talk = Callable[["Line"], None]


class Line:
    """One accepted connection, as the test's script sees it."""

    def __init__(self, sock: socket.socket, number: int, heard: list[bytes]) -> None:
        self.sock = sock
        self.number = number
        self._heard = heard

    def hear(self) -> bytes:
        """One whole request, or nothing when the other side closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = self.sock.recv(65_536)
            if not chunk:
                return b""
            data += chunk
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")),
            0,
        )
        while len(body) < length:
            body += self.sock.recv(65_536)
        whole = head + b"\r\n\r\n" + body
        self._heard.append(whole)
        return whole

    def say(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """One answer with its length."""
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def reset(self) -> None:
        """Ends the connection with RST, as a crashed or impatient server does."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Wire:
    """Where the scripted server listens and what it heard."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port
        self.heard: list[bytes] = []
        self.connections = 0


@contextlib.contextmanager
def wire(talk: Talk) -> Iterator[Wire]:
    """Listens on loopback and lets `talk` hold every conversation, each in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Wire(listener.getsockname()[1])
    open_lines: list[socket.socket] = []

    def hold(sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), sock:
            talk(Line(sock, number, server.heard))

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            server.connections += 1
            open_lines.append(sock)
            threading.Thread(target=hold, args=(sock, server.connections), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        # Closing alone does not wake a thread that waits in accept.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in open_lines:
            with contextlib.suppress(OSError):
                sock.close()
        thread.join(timeout=5)


def always(body: bytes = b"", status: str = "200 OK", **headers: str) -> Talk:
    """A script that gives every request the same answer."""

    def talk(line: Line) -> None:
        while line.hear():
            line.say(body, status, **headers)

    return talk
