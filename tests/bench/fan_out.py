"""From a change to every screen: the bare hub against `websockets`' broadcast, and the whole road with real sockets."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import uvloop
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.bench.stand import PAIRS, figure, percentile
from tests.bench.webhook import _request

STAND = "product"
SOCKETS, RATE, SECONDS, BYTES = 200, 20, 5, 1000
SCREENS, CONSOLES, POSTS_A_SECOND, POSTING_S = 40, 100, 100, 15
CROWD, IDLE_S = 300, 60
BURST, BURST_S = 1200, 2.0

_SENT_AT = re.compile(r'"at": ?([0-9.]+)')
_SHOWN = re.compile(r'data-figure=\\"mentions\\">([0-9,]+)<')


def run(product: Any) -> Iterator[dict[str, Any]]:
    from agents.models import Role
    from tests.factories import make_person, make_queue, make_rule, make_source
    from tests.web import sign_in

    make_rule(make_queue(), actionable="true", reason="needs an answer")
    make_source("bench")
    cookie = sign_in(make_person("bench", role=Role.SUPERVISOR))
    ours, limit = [], []
    for _ in range(PAIRS):
        limit.append(_bare("raw"))
        ours.append(_bare("hub"))
    yield figure(
        "fan_out.p99",
        statistics.median(ours) * 1000,
        "ms",
        statistics.median(limit) * 1000,
        most=3,
        aim=2,
        sockets=SOCKETS,
        messages_a_second=RATE,
    )
    place = _Place(product.url, cookie)
    delays = uvloop.run(_posts_to_screens(place))
    yield figure("screen.p50", percentile(delays, 0.5) * 1000, "ms", screens=SCREENS, consoles=CONSOLES)
    yield figure(
        "screen.p99", percentile(delays, 0.99) * 1000, "ms", most=1500, aim=1000, posts_a_second=POSTS_A_SECOND
    )
    refused, dropped, joined_in = uvloop.run(_crowd(place))
    yield figure("crowd.refused", refused, "sockets", most=0, sockets=CROWD, seconds=round(joined_in, 2))
    yield figure("crowd.dropped", dropped, "sockets", most=0, idle_s=IDLE_S)
    yield figure("burst.settled", uvloop.run(_burst(place)), "s", most=10, aim=3, changes=BURST, sockets=SOCKETS)


class _Place:
    """Where the product is, and who we are there."""

    def __init__(self, url: str, cookie: str) -> None:
        self.netloc = urlsplit(url).netloc
        self.cookie = cookie

    def socket(self, path: str, **options: Any) -> connect:
        from django.conf import settings

        return connect(
            f"ws://{self.netloc}{path}",
            origin=f"http://{self.netloc}",
            additional_headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={self.cookie}"},
            proxy=None,
            compression=None,
            ping_interval=None,
            open_timeout=60,
            **options,
        )

    @asynccontextmanager
    async def sockets(self, path: str, count: int) -> AsyncIterator[list[ClientConnection]]:
        """That many, let in."""
        async with AsyncExitStack() as stack:
            made = await asyncio.gather(
                *(stack.enter_async_context(self.socket(path)) for _ in range(count)), return_exceptions=False
            )
            await asyncio.gather(*(one.recv() for one in made))
            yield made


# --- The bare hub ----------------------------------------------------------------------------------------------------


def _bare(kind: str) -> float:
    """Seconds from telling to hearing, 99th percentile over every message and socket."""
    with _server(kind) as port:
        return percentile(uvloop.run(_listen(port)), 0.99)


@contextmanager
def _server(kind: str) -> Iterator[int]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(2048)
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare", kind, str(bound.fileno())], pass_fds=(bound.fileno(),)
        )
        try:
            yield bound.getsockname()[1]
        finally:
            process.terminate()
            process.wait()


async def _listen(port: int) -> list[float]:
    from mentions import live

    heard: list[float] = []

    async def listen(connection: ClientConnection) -> None:
        async for text in connection:
            told = _SENT_AT.search(str(text))
            if told:
                heard.append(time.perf_counter() - float(told[1]))

    async with AsyncExitStack() as stack:
        connections = [
            await stack.enter_async_context(
                connect(f"ws://127.0.0.1:{port}/", proxy=None, compression=None, ping_interval=None, open_timeout=60)
            )
            for _ in range(SOCKETS)
        ]
        tasks = [asyncio.create_task(listen(connection)) for connection in connections]
        await asyncio.sleep(1)
        began = time.perf_counter()
        for number in range(RATE * SECONDS):
            await asyncio.sleep(began + number / RATE - time.perf_counter())
            await asyncio.to_thread(live.tell, "bench", at=time.perf_counter(), filling="x" * BYTES)
        await asyncio.sleep(1)
        for task in tasks:
            task.cancel()
    return heard


# --- The whole road --------------------------------------------------------------------------------------------------


async def _posts_to_screens(place: _Place) -> list[float]:
    """Seconds from the moment a post was due to each screen that shows a total with it, one by one."""
    total = POSTS_A_SECOND * POSTING_S
    due: list[float] = []
    shown: list[list[tuple[float, int]]] = [[] for _ in range(SCREENS)]

    async def look(screen: ClientConnection, seen: list[tuple[float, int]]) -> None:
        async for text in screen:
            found = _SHOWN.search(str(text))
            if found:
                seen.append((time.perf_counter(), int(found[1].replace(",", ""))))

    async with (
        place.sockets("/ws/console/", CONSOLES) as consoles,
        place.sockets("/ws/wall/?scene=pulse&profile=internal", SCREENS) as screens,
    ):
        tasks = [asyncio.create_task(_drain(console)) for console in consoles]
        tasks += [asyncio.create_task(look(screen, seen)) for screen, seen in zip(screens, shown, strict=True)]
        while not all(shown):
            await asyncio.sleep(0.05)
        base = max(seen[-1][1] for seen in shown)
        await post(place.netloc, due, total, rate=POSTS_A_SECOND)
        deadline = time.perf_counter() + 30
        while time.perf_counter() < deadline and any(seen[-1][1] < base + total for seen in shown):
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
    return [delay for seen in shown for delay in delays(seen, base, due)]


def delays(seen: Iterable[tuple[float, int]], base: int, due: Iterable[float]) -> Iterator[float]:
    """For each post, how long after it was due a total with as many posts was shown; never shown counts for ever."""
    frames = iter(seen)
    at, value = next(frames)
    for number, moment in enumerate(due, start=1):
        while value < base + number:
            at, value = next(frames, (float("inf"), sys.maxsize))
        yield at - moment


async def post(netloc: str, due: list[float], total: int, *, rate: float, first: int = 1_000_000) -> None:
    """Post so many a second whatever the answers are doing, numbered from `first`; `due` takes when each was due."""
    jobs: asyncio.Queue[int | None] = asyncio.Queue()
    host, _, port = netloc.partition(":")

    async def send() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        while (number := await jobs.get()) is not None:
            writer.write(_request(number, netloc))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), head
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await (reader.readexactly(int(length[1])) if length else reader.readuntil(b"\r\n0\r\n\r\n"))
        writer.close()

    senders = [asyncio.create_task(send()) for _ in range(8)]
    began = time.perf_counter()
    for number in range(total):
        at = began + number / rate
        if (wait := at - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        due.append(at)
        jobs.put_nowait(first + number)
    for _ in senders:
        jobs.put_nowait(None)
    await asyncio.gather(*senders)


async def _drain(connection: ClientConnection) -> None:
    async for _text in connection:
        pass


async def _crowd(place: _Place) -> tuple[int, int, float]:
    """How many of those who come at once are refused, how many of the rest are dropped while nothing happens."""
    inside: list[ClientConnection] = []
    refused = 0
    began = time.perf_counter()
    waiting = [asyncio.ensure_future(_join(place)) for _ in range(CROWD)]
    for one in waiting:
        try:
            inside.append(await one)
        except (OSError, WebSocketException, TimeoutError):
            refused += 1
    joined_in = time.perf_counter() - began
    readers = [asyncio.create_task(_drain(connection)) for connection in inside]
    await asyncio.sleep(IDLE_S)
    dropped = sum(connection.close_code is not None for connection in inside)
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*(connection.close() for connection in inside))
    return refused, dropped, joined_in


async def _join(place: _Place) -> ClientConnection:
    connection = await place.socket("/ws/console/")
    await asyncio.wait_for(connection.recv(), 60)
    return connection


async def _burst(place: _Place) -> float:
    """Seconds after the last of many changes until every socket knows of it."""
    last = [0] * SOCKETS

    async def follow(connection: ClientConnection, index: int) -> None:
        try:
            async for text in connection:
                last[index] = max(last[index], json.loads(text).get("seq", 0))
        except ConnectionClosed:
            last[index] = -1

    async with place.sockets("/ws/console/", SOCKETS) as connections:
        tasks = [asyncio.create_task(follow(connection, i)) for i, connection in enumerate(connections)]
        await asyncio.to_thread(_change_a_lot)
        ended = time.perf_counter()
        final = 0
        while True:
            final = await asyncio.to_thread(_sealed_everything) or final
            if final and all(seq >= final for seq in last):
                break
            if time.perf_counter() - ended > 60:
                return float("inf")
            await asyncio.sleep(0.02)
        for task in tasks:
            task.cancel()
    return time.perf_counter() - ended


def _change_a_lot() -> None:
    from mentions import intake
    from mentions.models import Source
    from tests.factories import post

    source = Source.objects.get(slug="bench")
    batches = 24
    began = time.perf_counter()
    for number in range(batches):
        intake.receive(source, [post() for _ in range(BURST // batches)])
        time.sleep(max(0.0, began + BURST_S * (number + 1) / batches - time.perf_counter()))


def _sealed_everything() -> int:
    """The newest position once nothing waits for its seal; 0 before."""
    from mentions import events

    return 0 if events.unsealed_for(0) else events.last_position()
