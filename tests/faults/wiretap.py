"""A listener on the line to Town Square: who was called, and whether a post was brought that stood there already."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

from tests.faults.stream import until

PASSED_ON = ("authorization", "idempotency-key", "content-type", "user-agent")


@dataclass
class Wiretap:
    """Every call in the order of its answer, as (method, client key, status); and how many have no answer yet."""

    url: str = ""
    calls: list[tuple[str, str, int]] = field(default_factory=list)
    open: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def brought(self, client_key: object) -> list[int]:
        """The statuses of the attempts to publish under a key: 201 where it was new, 200 where it stood there."""
        self.settle()
        return [status for method, key, status in self.calls if method == "POST" and key == str(client_key)]

    def settle(self) -> None:
        """Wait until the network has answered everything, also those who no longer listen."""
        assert until(lambda: self.open == 0, 10, every=0.01)


@contextmanager
def wiretap(to: str) -> Iterator[Wiretap]:
    """A server that passes every call on to Town Square at `to`, and finishes it even if the caller has died."""
    tap = Wiretap()

    class Line(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.pass_on()

        do_POST = do_DELETE = do_GET

        def pass_on(self) -> None:
            with tap.lock:
                tap.open += 1
            try:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
                answer = httpx.request(
                    self.command, f"{to}{self.path}", content=body, headers=headers, timeout=30, trust_env=False
                )
                tap.calls.append((self.command, self.headers.get("idempotency-key", ""), answer.status_code))
            finally:
                with tap.lock:
                    tap.open -= 1
            with suppress(OSError):
                self.send_response(answer.status_code)
                self.send_header("content-type", answer.headers.get("content-type", "text/plain"))
                self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

        def log_message(self, *about: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Line)
    tap.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tap
    server.shutdown()
    server.server_close()
