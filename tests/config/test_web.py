"""What the web process takes from a stranger, asked with bare sockets."""

import json
import re
import resource
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from config.programs import POOL
from tests.product import Product

pytestmark = pytest.mark.processes

KIB = 1024
MIB = 1024 * KIB
CANARY = b"5555 5555 5555 4444"


class Talk:
    """One connection to the product, byte by byte."""

    def __init__(self, product: Product) -> None:
        self.socket = socket.create_connection(("127.0.0.1", urlsplit(product.url).port), timeout=10)

    def send(self, data: bytes) -> bool:
        """True if all of it was taken."""
        try:
            self.socket.sendall(data)
        except OSError:
            return False
        return True

    def head(self, path: str, *headers: str, method: str = "POST") -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
        assert self.send("\r\n".join(lines).encode())

    def answer(self) -> tuple[int, str]:
        """Status and body of what comes until the other side is done."""
        received = b""
        try:
            while data := self.socket.recv(64 * KIB):
                received += data
        except ConnectionResetError:
            pass
        self.socket.close()
        head, _, body = received.partition(b"\r\n\r\n")
        found = re.match(rb"HTTP/1.1 (\d+)", head)
        return int(found[1]) if found else 0, body.decode()


@pytest.mark.parametrize("path", ["/nowhere", "/", "/admin/login/", "/healthz", "/static/none.css", "/hooks/x/y"])
def test_a_body_of_200_mb_is_refused_before_it_is_read(product, path):
    talk = Talk(product)
    talk.head(path, "Content-Length: 200000000")
    status, body = talk.answer()
    assert status == 413
    assert "1048576" in json.loads(body)["detail"]


def test_the_api_takes_more_but_not_everything(product):
    talk = Talk(product)
    talk.head("/api/v1/nothing", f"Content-Length: {4 * MIB + 1}")
    assert talk.answer()[0] == 413
    talk = Talk(product)
    talk.head("/api/v1/nothing", f"Content-Length: {4 * MIB}", "Connection: close")
    assert talk.send(b" " * 4 * MIB)
    assert talk.answer()[0] == 404


def test_whatever_is_asked_of_the_hooks_every_connection_to_the_database_is_given_back(product):
    """They have no thread of their own whose end would do it; a page waits five seconds for one that is lost."""
    odd = [
        ("GET", "/hooks/a/b/c"),
        ("POST", "/hooks/nobody/here"),
        ("GET", "/hooks/square"),
        ("PUT", "/hooks/"),
    ]
    with httpx.Client(base_url=product.url, timeout=30) as client:
        for number in range(POOL * 4):
            method, path = odd[number % len(odd)]
            assert client.request(method, f"{path}?hub.mode=subscribe&n={number}", content=b"{}").status_code < 500
        assert client.get("/sign-in/").status_code == 200


def test_a_form_is_read_by_who_answers_it_and_not_before(product):
    """Twisted would take it apart for every address, and refuse what it cannot read in its own words."""
    talk = Talk(product)
    talk.head("/hooks/nobody/here", "Content-Type: multipart/form-data", "Content-Length: 4", "Connection: close")
    assert talk.send(b"none")
    status, body = talk.answer()
    assert (status, "no such source" in body) == (404, True), body


def test_a_picture_may_be_larger_where_one_is_attached_and_nowhere_else(product):
    for path in ("/console/12/attach/", "/posts/write/"):
        talk = Talk(product)
        talk.head(path, "Cookie: glasshouse_session=x", f"Content-Length: {8 * MIB + 1}")
        assert talk.answer()[0] == 413
        talk = Talk(product)
        talk.head(path, f"Content-Length: {2 * MIB}")
        assert talk.answer()[0] == 413, "nobody is signed in"
        talk = Talk(product)
        talk.head(path, "Cookie: glasshouse_session=x", f"Content-Length: {2 * MIB}", "Connection: close")
        assert talk.send(b" " * 2 * MIB)
        assert talk.answer()[0] == 403
    for path in ("/console/12/reply/", "/console/x/attach/"):
        talk = Talk(product)
        talk.head(path, f"Content-Length: {MIB + 1}")
        assert talk.answer()[0] == 413


def test_a_body_of_untold_length_is_cut_at_the_limit(product):
    talk = Talk(product)
    talk.head("/nowhere", "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"x" * 64 * KIB + b"\r\n"
    sent = 0
    while talk.send(chunk) and sent < 200 * MIB:
        sent += 64 * KIB
    assert sent < 100 * MIB, "the body was swallowed"
    assert talk.answer()[0] == 413


def test_many_that_begin_and_do_not_end_keep_nobody_else_out(product):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    begun: list[Talk] = []
    try:
        for _ in range(2500):
            begun.append(Talk(product))
            begun[-1].head("/hooks/square", "Content-Length: 60000")
        for _ in range(6):
            asks = Talk(product)
            asks.head("/healthz", "Connection: close", method="GET")
            assert asks.answer()[0] == 200
        assert begun[0].answer() == (0, ""), "whoever has been sending longest made room"
    finally:
        for talk in begun:
            talk.socket.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_client_that_asks_first_is_told_before_it_sends(product):
    talk = Talk(product)
    talk.head("/nowhere", "Expect: 100-continue", "Content-Length: 5000000")
    assert talk.answer()[0] == 413


def test_a_client_in_the_middle_of_sending_can_still_read_the_answer(product):
    talk = Talk(product)
    talk.head("/nowhere", f"Content-Length: {5 * MIB}")
    assert talk.send(b"x" * 5 * MIB)
    assert talk.answer()[0] == 413


def test_nothing_of_a_refused_body_is_taken_for_a_request(product):
    talk = Talk(product)
    talk.head("/nowhere", f"Content-Length: {2 * MIB}")
    talk.send(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    status, body = talk.answer()
    assert status == 413
    assert "ok" not in body


def test_a_body_waits_in_memory_and_not_in_a_file(product):
    talk = Talk(product)
    talk.head("/admin/login/", f"Content-Length: {900 * KIB}", "Content-Type: text/plain", "Connection: close")
    talk.send(CANARY * 20000)
    opened = []
    for pid in product.run["pids"]["web"]:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("/") and not target.startswith(("/dev/", "/proc/", str(product.data_dir / "logs"))):
                opened.append(target)
    assert not opened
    rest = 900 * KIB - len(CANARY) * 20000
    assert talk.send(b"x" * rest)
    assert talk.answer()[0] == 403  # no CSRF token: it was read to its end, and refused


def test_broken_requests_get_a_clear_answer(product):
    for bytes_sent in (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ten\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"nonsense\r\n\r\n",
    ):
        talk = Talk(product)
        talk.send(bytes_sent)
        talk.socket.shutdown(socket.SHUT_WR)
        assert talk.answer()[0] == 400, bytes_sent
    assert product.get("healthz") == (200, "ok")


def socket_answer(product: Product, origin: str | None) -> int:
    talk = Talk(product)
    headers = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    headers += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    if origin:
        headers.append(f"Origin: {origin}")
    talk.head("/ws/console/", *headers, method="GET")
    talk.socket.settimeout(5)
    head = talk.socket.recv(4096)
    talk.socket.close()
    return int(head.split()[1])


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://bank.example", "http://127.0.0.1:1", "https://127.0.0.1", "http://127.0.0.1.example"],
)
def test_sockets_from_elsewhere_are_refused(product, origin):
    assert socket_answer(product, origin) == 403


@pytest.mark.parametrize("path", ["/admin/login/", "/hooks/nobody/", "/healthz"])
def test_every_answer_carries_the_headers_that_browsers_obey(product, path):
    talk = Talk(product)
    talk.head(path, "Connection: close", method="GET")
    received = b""
    while data := talk.socket.recv(64 * KIB):
        received += data
    head = received.partition(b"\r\n\r\n")[0].decode().lower()
    policy = re.search(r"content-security-policy: (.*)", head)
    assert policy
    directives = dict(part.strip().partition(" ")[::2] for part in policy[1].split(";"))
    assert directives["default-src"] == directives["base-uri"] == directives["frame-ancestors"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert "unsafe" not in policy[1]
    assert "x-content-type-options: nosniff" in head
    assert "referrer-policy: same-origin" in head
    assert "server:" not in head
