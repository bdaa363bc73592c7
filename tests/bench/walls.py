"""What a house full of walls costs, how soon a post is painted on one, and whether a page stays as small as it began.

The cost is the processor time of all our processes, databases included, with forty screens on and with none, in turns
while the same posts come in. Paint and memory are Chromium's, on a screen that was paired as televisions are.
`BENCH_WALL_MINUTES` says for how long the page is watched: three minutes give a slope and how sure it is, thirty the
whole of what was promised.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import CDPSession, Page, async_playwright, expect

from tests.bench.fan_out import delays, post
from tests.bench.stand import PAIRS, figure, percentile
from tests.chromium import BROWSERS, QUIET

STAND = "demonstration"
SCENES = (
    *("pulse", "queues", "river", "topics", "map", "tone"),
    *("share", "campaign", "shift", "brief", "incident", "system"),
)
FOR_STRANGERS = ("pulse", "river", "campaign", "notice")
SCREENS = 40
SETTLE_S = 90  # until the demonstration has caught up with the hours before it began
POSTS_A_SECOND, SECONDS = 20, 12
PAINT_S = 30
CHANGES_A_SECOND = 50
MINUTES = float(os.environ.get("BENCH_WALL_MINUTES", "3"))
LOOK_S, WARM_S = 5, 30
PROMISED_MINUTES = 30
SURE = 1.96  # standard errors to each side: 95 in 100
TICKS = os.sysconf("SC_CLK_TCK")
_CODE = re.compile(r"[A-Z]{8}")

# Notes the moment at which each new total has been painted.
_WATCH = """
window.painted = [];
let last = "";
window.watch = new MutationObserver(() => {
  const words = document.querySelector("[data-figure=mentions]")?.textContent ?? "";
  if (words === last) return;
  last = words;
  requestAnimationFrame(() => {
    const frame = new MessageChannel();
    frame.port1.onmessage = () => window.painted.push([Date.now() / 1000, Number(words.replace(/\\D/g, ""))]);
    frame.port2.postMessage(null);
  });
});
window.watch.observe(document, { subtree: true, childList: true, characterData: true });
"""


def run(product: Any) -> Iterator[dict[str, Any]]:
    from tests.factories import make_source

    make_source("bench")
    house = _House(product)
    time.sleep(SETTLE_S)
    costs, alone = asyncio.run(house.costs())
    yield figure(
        "walls.cost",
        statistics.median(costs),
        "cores",
        most=0.2,
        screens=SCREENS,
        scenes=len(SCENES),
        posts_a_second=POSTS_A_SECOND,
        without=round(statistics.median(alone), 3),
    )
    painted, heap, nodes = asyncio.run(house.page())
    yield figure("walls.paint.p50", percentile(painted, 0.5) * 1000, "ms", posts_a_second=POSTS_A_SECOND)
    yield figure("walls.paint.p99", percentile(painted, 0.99) * 1000, "ms", most=1500, posts_a_second=POSTS_A_SECOND)
    yield _growth("walls.heap", heap, "MB")
    yield _growth("walls.nodes", nodes, "nodes")


def _growth(name: str, samples: Sequence[tuple[float, float]], unit: str) -> dict[str, Any]:
    """What half an hour adds at the slope that was seen, against what was there; `at_most` is its upper bound."""
    minutes, values = zip(*samples, strict=True)
    slope, start = statistics.linear_regression(minutes, values)
    left = [value - (start + slope * minute) for minute, value in samples]
    spread = sum((minute - statistics.fmean(minutes)) ** 2 for minute in minutes)
    error = (sum(one * one for one in left) / (len(left) - 2) / spread) ** 0.5
    grown, unsure = slope * PROMISED_MINUTES, SURE * error * PROMISED_MINUTES
    return figure(
        name,
        grown,
        unit,
        start,
        most=0.2,
        at_least=round(grown - unsure, 2),
        at_most=round(grown + unsure, 2),
        minutes=round(minutes[-1], 1),
        changes_a_second=CHANGES_A_SECOND,
    )


class _House:
    """The product, its screens, and whoever writes to the bank meanwhile."""

    def __init__(self, product: Any) -> None:
        from tests.commandcenter.device import make_screen

        self.product = product
        self.netloc = urlsplit(product.url).netloc
        self.web = SimpleNamespace(port=urlsplit(product.url).port, url=f"http://{self.netloc}")
        self.posts = 0
        internal = [SCENES[number % len(SCENES)] for number in range(SCREENS - len(FOR_STRANGERS))]
        shown = [("internal", scene) for scene in internal] + [("street", scene) for scene in FOR_STRANGERS]
        self.devices = [
            make_screen(f"Bench {number}", profile=profile, fixed=scene)
            for number, (profile, scene) in enumerate(shown)
        ]

    # --- What they cost ---

    async def costs(self) -> tuple[list[float], list[float]]:
        """Cores that the screens take, and those that the same posts take without any, one of each a pair."""
        more, alone = [], []
        for _ in range(PAIRS):
            alone.append(await self._busy())
            async with self._screens():
                more.append(await self._busy() - alone[-1])
        return more, alone

    async def _busy(self) -> float:
        """Seconds of processor time that all our processes take in a second while posts come in."""
        began, before = time.perf_counter(), self._processor_s()
        await self._write(POSTS_A_SECOND, SECONDS)
        return (self._processor_s() - before) / (time.perf_counter() - began)

    def _processor_s(self) -> float:
        return sum(map(_processor_s, [self.product.process.pid, *self.product.family()]))

    async def _write(self, rate: int, seconds: float) -> list[float]:
        """Post so many; when each was due, on the clock of this process."""
        due: list[float] = []
        total = int(rate * seconds)
        await post(self.netloc, due, total, rate=rate, first=1_000_000 + self.posts)
        self.posts += total
        return due

    @asynccontextmanager
    async def _screens(self) -> AsyncIterator[None]:
        """All of them on, each with its scene."""
        async with AsyncExitStack() as stack:
            for device in self.devices:
                await stack.enter_async_context(_screen(self.web, device))
            await asyncio.sleep(2)
            yield

    # --- What is painted ---

    async def page(self) -> tuple[list[float], list[tuple[float, float]], list[tuple[float, float]]]:
        """Seconds from due to paint of each post; megabytes and nodes of a page by the minute that it is open."""
        program = next(filter(None, map(shutil.which, BROWSERS)))
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=QUIET)
            television = await browser.new_page(viewport={"width": 1920, "height": 1080})
            await television.add_init_script(_WATCH)
            await television.goto(f"{self.product.url}wall/")
            code = television.locator("[data-part=code]")
            await expect(code).to_have_text(_CODE, timeout=10_000)
            screen = await asyncio.to_thread(_connect, str(await code.text_content()))
            await television.wait_for_selector("[data-figure=mentions]")
            async with self._screens():
                painted = await self._painted(television)
            await television.evaluate("watch.disconnect(); painted.length = 0")  # what measures must not grow
            await asyncio.to_thread(_make_a_wall, screen)
            await television.wait_for_selector("#scene-3[data-scene]")
            heap, nodes = await self._grown(await television.context.new_cdp_session(television))
            await browser.close()
        return painted, heap, nodes

    async def _painted(self, television: Page) -> list[float]:
        await asyncio.sleep(2)
        (_, base) = (await television.evaluate("painted"))[-1]
        to_epoch = time.time() - time.perf_counter()
        due = await self._write(POSTS_A_SECOND, PAINT_S)
        await asyncio.sleep(5)
        seen = [(float(at), int(value)) for at, value in await television.evaluate("painted")]
        others = seen[-1][1] - base - len(due)  # the demonstration's own customers write too: counted against us
        return list(delays(seen, base + max(0, others), [at + to_epoch for at in due]))

    async def _grown(self, session: CDPSession) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
        heap, nodes = [], []
        writing = asyncio.create_task(self._write(CHANGES_A_SECOND, WARM_S + 60 * MINUTES + 2 * LOOK_S))
        await asyncio.sleep(WARM_S)
        began = time.perf_counter()
        while (passed := (time.perf_counter() - began) / 60) <= MINUTES:
            await session.send("HeapProfiler.collectGarbage")
            heap.append((passed, (await session.send("Runtime.getHeapUsage"))["usedSize"] / 2**20))
            nodes.append((passed, float((await session.send("Memory.getDOMCounters"))["nodes"])))
            await asyncio.sleep(LOOK_S)
        writing.cancel()
        return heap, nodes


def _processor_s(pid: int) -> float:
    """Seconds of processor time of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / TICKS


def _connect(code: str) -> int:
    """Make whatever shows this code a screen in a closed room, and give its number."""
    from commandcenter import pairing
    from commandcenter.models import Profile
    from commandcenter.models.screens import Screen
    from tests.commandcenter.device import make_room, supervisors

    first, _second = supervisors()
    found = pairing.find(code, by=first, address="127.0.0.1")
    screen = Screen(name="Bench", profile=Profile.INTERNAL, room=make_room(), fixed="pulse")
    return int(pairing.approve(found, screen, by=first).pk)


def _make_a_wall(screen: int) -> None:
    """Four panels that turn through the usual scenes."""
    from commandcenter.devices import TOPIC
    from commandcenter.models.screens import Screen
    from mentions.live import tell

    Screen.objects.filter(pk=screen).update(fixed="", cols=2, rows=2)
    tell(TOPIC, look=[screen])


@asynccontextmanager
async def _screen(web: Any, device: Any) -> AsyncIterator[None]:
    """A screen that is on: it proves itself, takes its steps, and says what it shows, at once and now and then."""
    from tests.commandcenter.device import player_socket

    shown: set[str] = set()
    plan: dict[str, Any] = {}
    ready = asyncio.Event()

    async def say(**message: Any) -> None:
        await connection.send(json.dumps(message))

    async def report() -> None:
        await say(type="showing", n=plan["n"], kind=plan["kind"], scenes=plan["scenes"], state="live", release="")

    async def listen() -> None:
        async for text in connection:
            message = json.loads(text)
            match message["type"]:
                case "prove":
                    await say(**device.sign(message["challenge"]))
                case "step":
                    device.token = message["token"]
                    await say(type="took")
                case "there":
                    await say(type="here")
                case "plan":
                    plan.update(message)
                case "scene" if message["scene"] not in shown:
                    shown.add(message["scene"])
                    ready.set()
                    await report()

    async def repeat() -> None:
        while True:
            await asyncio.sleep(10)
            await report()

    async with player_socket(web, device) as connection:
        tasks = [asyncio.create_task(listen()), asyncio.create_task(repeat())]
        try:
            await asyncio.wait_for(ready.wait(), 30)
            yield
        finally:
            for task in tasks:
                task.cancel()
