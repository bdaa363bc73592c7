"""Sockets and the stop of a web process, by way of a small application behind the same server."""

import asyncio
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect

from config.embedded import launched
from config.installation import BASE_DIR

pytestmark = pytest.mark.processes


class Echo:
    """The running application."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            launched([sys.executable, "-m", "tests.config.echo"], death=signal.SIGKILL),
            cwd=BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port = int(self.process.stdout.readline())

    def socket(self, **options):
        return connect(f"ws://127.0.0.1:{self.port}/", open_timeout=20, ping_interval=None, **options)


@pytest.fixture
def echo() -> Iterator[Echo]:
    running = Echo()
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
