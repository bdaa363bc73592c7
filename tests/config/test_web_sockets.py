"""Sockets and the stop of a web process, by way of a small application behind the same server."""

import asyncio
import select
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from socket import create_connection

import pytest
from websockets.asyncio.client import connect

from config.embedded import launched
from config.installation import BASE_DIR

pytestmark = pytest.mark.processes


class Echo:
    """The running application."""

    def __init__(self, *patience: str) -> None:
        self.process = subprocess.Popen(
            launched([sys.executable, "-m", "tests.config.echo", *patience], death=signal.SIGKILL),
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def talk(self, head: str, body: bytes = b""):
        """A connection on which this was sent."""
        talking = create_connection(("127.0.0.1", self.port), timeout=10)
        talking.sendall(f"POST /api/ HTTP/1.1\r\nHost: x\r\n{head}".encode() + body)
        return talking

    def socket(self, **options):
        return connect(f"ws://127.0.0.1:{self.port}/", open_timeout=20, ping_interval=None, **options)


@pytest.fixture
def echo() -> Iterator[Echo]:
    running = Echo()
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def impatient() -> Iterator[Echo]:
    running = Echo("1.5")
    yield running
    running.process.kill()
    running.process.wait()


async def code_of(socket) -> int | None:
    """The code with which the other side closes."""
    await asyncio.wait_for(socket.wait_closed(), 10)
    return socket.close_code


async def test_a_crowd_that_joins_at_once_is_let_in_and_sent_away_to_come_back(echo):
    crowd = await asyncio.gather(*(echo.socket() for _ in range(300)))
    for socket in crowd:
        await socket.send("here")
    assert set(await asyncio.gather(*(socket.recv() for socket in crowd))) == {"here"}
    echo.process.send_signal(signal.SIGTERM)
    assert set(await asyncio.gather(*map(code_of, crowd))) == {1012}
    assert echo.process.wait(10) == 0


@pytest.mark.parametrize("code", [1000, 1012, 1013, 4401, 4403])
async def test_an_application_may_close_with_every_code_that_browsers_are_told(echo, code):
    async with echo.socket() as socket:
        await socket.send(f"close {code}")
        assert await code_of(socket) == code


async def test_a_frame_past_4_kib_is_refused_with_its_code(echo):
    async with echo.socket() as socket:
        await socket.send("x" * 4096)
        assert await socket.recv() == "x" * 4096
        await socket.send("x" * 4097)
        assert await code_of(socket) == 1009


def test_a_request_under_way_is_finished_before_the_end(echo):
    answers = []

    def ask() -> None:
        with urllib.request.urlopen(f"http://127.0.0.1:{echo.port}/", timeout=10) as response:
            answers.append(response.read())

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join(0.2)
    echo.process.send_signal(signal.SIGTERM)
    asking.join(10)
    assert answers == [b"done"]
    assert echo.process.wait(10) == 0


def test_half_a_request_ends_after_a_time_however_often_a_byte_of_it_comes(impatient):
    half = [impatient.talk("X-Slow: "), impatient.talk("Content-Length: 500\r\n\r\n", b"x")]
    began, ended = time.monotonic(), set()
    while len(ended) < 2 and time.monotonic() - began < 10:
        select.select(set(half) - ended, [], [], 0.2)
        for one in set(half) - ended:
            try:
                one.send(b"x")
            except OSError:
                ended.add(one)
    assert len(ended) == 2
    whole = impatient.talk("Content-Length: 1\r\nConnection: close\r\n\r\n", b"x")
    assert b" 200 " in whole.recv(4096)


def test_large_bodies_take_so_much_together_and_shut_out_no_small_one(impatient):
    large = [impatient.talk("Content-Length: 800000\r\n\r\n", b"x" * 700_000) for _ in range(2)]
    told = next(one.recv(4096) for one in select.select(large, [], [], 5)[0])
    assert b" 503 " in told
    assert b"Retry-After" in told
    small = impatient.talk("Content-Length: 9\r\n\r\n", b"x" * 9)
    assert b" 200 " in small.recv(4096)
    for one in large:  # what was half sent is let go
        with suppress(ConnectionResetError):
            while one.recv(4096):
                pass
    again = impatient.talk("Content-Length: 800000\r\n\r\n", b"x" * 800_000)
    assert b" 200 " in again.recv(4096)
