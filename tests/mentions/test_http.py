"""The client that goes out: what it refuses to reach, what it survives, what may have happened."""

from __future__ import annotations

import _socket
import gzip
import logging
import socket
import threading
from typing import Any

import httpcore
import pytest

from mentions import http
from mentions.destinations import is_allowed
from mentions.http import HttpFailure, request, within
from tests.mentions.wire import Line, always, wire


def failure(*args: Any, **kwargs: Any) -> HttpFailure:
    with pytest.raises(HttpFailure) as caught:
        request(*args, **kwargs)
    return caught.value


class TestDestinations:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001:0:4136:e378:8000:63bf:80ff:fffe",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
        ],
    )
    def test_inner_addresses_are_refused(self, address: str) -> None:
        assert not is_allowed(address)

    @pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
    def test_public_addresses_are_allowed(self, address: str) -> None:
        assert is_allowed(address)
        assert is_allowed(address, local=True)
        assert not is_allowed(address, local=True, plain=True)

    def test_a_local_source_reaches_this_machine_but_never_the_cloud_s_metadata(self) -> None:
        for plain in (False, True):
            inside = ("127.0.0.1", "::1", "10.0.0.5", "fd00::1", "::ffff:10.0.0.5")
            assert all(is_allowed(ip, local=True, plain=plain) for ip in inside)
        assert not any(
            is_allowed(ip, local=True) for ip in ("169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1", "240.0.0.1")
        )

    @pytest.mark.parametrize(
        "spelling",
        [
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "127.0.0.1.",
        ],
    )
    def test_no_spelling_of_loopback_is_connected_to(self, spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # The suite lets nobody ask for names; these are numbers in disguise, which need no asking.
        def numbers_only(host: str, port: int, **_: Any) -> list[Any]:
            if host == "localhost":
                host = "127.0.0.1"
            return _socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)

        monkeypatch.setattr(socket, "getaddrinfo", numbers_only)
        with wire(always(b"secret")) as server:
            caught = failure("GET", f"http://{spelling}:{server.port}/")
            assert server.connections == 0
        assert not caught.sent

    def test_a_name_with_one_inner_address_is_refused_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def answers(host: str, port: int, **_: Any) -> list[Any]:
            return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", answers)
        caught = failure("GET", "http://rebind.example/")
        assert caught.permanent
        assert "not on the public network" in str(caught)

    def test_keys_go_to_nobody_in_public_in_the_clear_though_the_source_is_local(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A private name that begins to lead outside would take the bank's token along."""
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, **_: [(2, 1, 6, "", ("93.184.216.34", port))])
        caught = failure("POST", "http://gateway.example/", payload={}, local=True)
        assert (caught.permanent, caught.sent) == (True, False)
        assert "in the clear" in str(caught)
        with pytest.raises(HttpFailure, match="in the clear"):
            http.dialled("ws://gateway.example/", local=True)
        dialled: list[str] = []

        def connect(_backend: Any, host: str, *_rest: Any) -> None:
            dialled.append(host)
            raise httpcore.ConnectError

        monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
        failure("GET", "http://gateway.example/feed", keys=False, repeatable=False)
        failure("GET", "https://gateway.example/", repeatable=False)
        assert len(dialled) == 2 * http.TRIES

    def test_a_redirect_passes_the_same_guard(self) -> None:
        with wire(always(status="302 Found", location="http://169.254.169.254/latest/meta-data/")) as server:
            caught = failure("GET", server.url, local=True, redirects=3)
        assert caught.permanent
        assert "not on the public network" in str(caught)

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "gopher://x.example/",
            "ftp://x.example/",
            "//x.example/",
            "nonsense",
            "http://",
        ],
    )
    def test_only_web_addresses_are_fetched(self, url: str) -> None:
        caught = failure("GET", url)
        assert caught.permanent
        assert not caught.sent

    def test_a_password_in_an_address_is_refused_and_not_repeated(self) -> None:
        assert "hunter2" not in str(failure("GET", "http://bank:hunter2@x.example/"))


class TestTries:
    def test_a_kept_connection_that_was_reset_is_survived(self) -> None:
        reset = threading.Event()

        def talk(line: Line) -> None:
            line.hear()
            line.say(b"first" if line.number == 1 else b"second")
            if line.number == 1:
                line.hear()  # the second request arrives on the kept connection and dies with it
                line.reset()
                reset.set()

        with wire(talk) as server:
            assert request("GET", server.url, local=True).body == b"first"
            assert request("GET", server.url, local=True).body == b"second"
            assert reset.is_set()
            assert server.connections == 2

    def test_a_connection_closed_while_idle_is_survived(self) -> None:
        def talk(line: Line) -> None:
            line.hear()
            line.say(b"ok")

        with wire(talk) as server:
            assert [request("GET", server.url, local=True).body for _ in range(3)] == [b"ok"] * 3

    def test_a_post_is_never_sent_twice(self) -> None:
        def talk(line: Line) -> None:
            line.hear()
            line.reset()

        with wire(talk) as server:
            caught = failure("POST", server.url, payload={"text": "hello"}, local=True)
            assert len(server.heard) == 1
        assert caught.sent

    def test_a_repeatable_post_is_tried_again(self) -> None:
        def talk(line: Line) -> None:
            line.hear()
            if line.number < 3:
                line.reset()
            else:
                line.say(b"stored")

        with wire(talk) as server:
            answer = request("POST", server.url, payload={"é": 1}, repeatable=True, local=True)
        assert answer.body == b"stored"
        assert server.heard[-1].endswith('{"é": 1}'.encode())

    def test_who_cannot_be_reached_was_sent_nothing(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        caught = failure("POST", f"http://127.0.0.1:{port}/", payload={}, local=True)
        assert not caught.sent
        assert not caught.permanent

    def test_an_error_status_is_an_answer(self) -> None:
        with wire(always(b"{}", "429 Too Many Requests", retry_after="7")) as server:
            answer = request("GET", server.url, local=True)
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert len(server.heard) == 1


class TestBounds:
    def test_an_answer_past_the_limit_is_cut_off(self) -> None:
        with wire(always(b"x" * 5000)) as server:
            assert failure("GET", server.url, local=True, max_bytes=4999).permanent
            assert len(request("GET", server.url, local=True, max_bytes=5000).body) == 5000

    def test_a_packed_bomb_is_not_unpacked(self) -> None:
        with wire(always(gzip.compress(b"0" * 50_000_000), content_encoding="gzip")) as server:
            assert failure("GET", server.url, local=True, max_bytes=1_000_000).permanent

    def test_packed_answers_are_read(self) -> None:
        with wire(always(gzip.compress(b"hello" * 100), content_encoding="gzip")) as server:
            assert request("GET", server.url, local=True).body == b"hello" * 100

    @pytest.mark.parametrize("coding", ["gzip", "br"])
    def test_a_false_packing_is_a_failure(self, coding: str) -> None:
        with wire(always(b"plain", content_encoding=coding)) as server:
            assert failure("GET", server.url, local=True).sent

    def test_a_server_that_drips_does_not_hold_us(self) -> None:
        def talk(line: Line) -> None:
            line.hear()
            while True:
                line.sock.sendall(b"H")
                threading.Event().wait(0.05)

        with wire(talk) as server:
            caught = failure("POST", server.url, local=True, total_s=0.3)
            assert caught.sent
            with within(0.3):  # whatever each would be given by itself
                assert failure("POST", server.url, local=True).sent
                assert not failure("GET", server.url, local=True).sent, "there is no time left to ask in"

    def test_redirects_are_bounded(self) -> None:
        with wire(always(status="302 Found", location="/again")) as server:
            assert "circles" in str(failure("GET", server.url, local=True, redirects=3))
            assert len(server.heard) == 4

    def test_a_lasting_move_is_reported_and_a_passing_one_is_not(self) -> None:
        def talk(line: Line) -> None:
            while heard := line.hear():
                path = heard.split()[1]
                if path == b"/new":
                    line.say(b"here")
                else:
                    line.say(status="301 Moved" if path == b"/old" else "302 Found", location="/new")

        with wire(talk) as server:
            old = request("GET", f"{server.url}/old", local=True, redirects=2)
            passing = request("GET", f"{server.url}/passing", local=True, redirects=2)
        assert (old.body, old.moved, old.url) == (b"here", True, f"{server.url}/new")
        assert (passing.body, passing.moved) == (b"here", False)

    def test_credentials_do_not_follow_to_another_host(self) -> None:
        with wire(always(b"theirs")) as other, wire(always(status="302 Found", location=other.url)) as server:
            request("GET", server.url, local=True, redirects=1, headers={"Authorization": "Bearer t0ken"})
        assert b"t0ken" in server.heard[0]
        assert b"t0ken" not in other.heard[0]


class TestSecrets:
    def test_neither_logs_nor_errors_hold_a_token(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        logging.getLogger("mentions.http").setLevel(logging.DEBUG)

        def talk(line: Line) -> None:
            line.hear()
            line.reset()

        with wire(always(b"ok")) as good, wire(talk) as bad:
            headers = {"Authorization": "Bearer t0ken"}
            request("GET", good.url, params={"access_token": "t0ken"}, headers=headers, local=True)
            caught = failure("GET", f"{bad.url}/me?access_token=t0ken", headers=headers, local=True)
        assert "t0ken" not in caplog.text + str(caught) + repr(caught)
        assert "GET http://127.0.0.1/me failed" in caplog.text

    def test_a_forked_process_gets_connections_of_its_own(self) -> None:
        assert http._pooled(1, True, True) is not http._pooled(2, True, True)

    def test_a_form_is_sent_as_one_fills_it_in(self) -> None:
        with wire(always()) as server:
            request("POST", server.url, form={"name": "a b", "more": "é&="}, local=True)
        head, _, body = server.heard[0].partition(b"\r\n\r\n")
        assert b"content-type: application/x-www-form-urlencoded" in head.lower()
        assert body == b"name=a+b&more=%C3%A9%26%3D"

    def test_an_address_that_holds_the_token_is_not_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        with wire(always()) as server:
            request("GET", f"{server.url}/bot123:token/getMe", local=True, secret_path=True)
            request("GET", f"{server.url}/plain", local=True)
        assert "token" not in caplog.text
        assert "/plain" in caplog.text
