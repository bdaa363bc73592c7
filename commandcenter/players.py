"""What the screens of one process show: read from their rows at every beat and at every press, and told to all of them.

What a screen shows follows from its row alone; nothing that its page asks for widens what it is sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from commandcenter import control, devices, playlists
from commandcenter.clock import Clock
from commandcenter.control import Situation
from commandcenter.devices import Report
from commandcenter.sockets import NOT_SIGNED_IN, in_thread
from commandcenter.stage import Stage
from mentions.live import Change, Hub, Truth

if TYPE_CHECKING:
    from commandcenter.device_sockets import DeviceSocket

log = logging.getLogger(__name__)

LEAST_SLEEP_S = 0.02
WRITE_S = 0.2

pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="screens")


@dataclass(eq=False)
class Players:
    """The screens' sockets of one process, directed together."""

    hub: Hub
    stage: Stage
    sockets: dict[DeviceSocket, None] = field(default_factory=dict)
    situation: Situation = field(default_factory=Situation)
    _read_for: frozenset[int] = frozenset()
    _stale: bool = True
    _clock: Clock = field(default_factory=Clock)
    _reports: dict[int, Report] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def enter(self, socket: DeviceSocket) -> None:
        """Direct this socket from now on."""
        if not self.sockets:
            self.hub.join(self)
            self._running = asyncio.create_task(self._run())
        self.sockets[socket] = None
        self._read_for -= {socket.screen}  # what was read before it came says nothing of it
        self._look()

    def leave(self, socket: DeviceSocket) -> None:
        """It is gone; whoever comes next for its screen need not wait."""
        self.sockets.pop(socket, None)
        self._reports.pop(socket.screen, None)
        self.start(quietly(in_thread(pool, devices.left, socket.screen, socket.connection)))
        if not self.sockets:
            self.hub.leave(self)
            if self._running is not None:
                self._running.cancel()

    def start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run something that belongs to no socket."""
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- What the hub says ---

    def changed(self, change: Change) -> None:
        """An incident that begins or ends is on every wall at once."""
        if any(kind.startswith("incident.") for kind in change.kinds):
            self._look()

    def told(self, message: Mapping[str, Any]) -> None:
        """Somebody pressed something, or a device wants to be a screen that seems to be here."""
        if message["topic"] != devices.TOPIC:
            return
        for socket in list(self.sockets):
            if socket.screen == message.get("ask"):
                socket.ask()
        self._look()

    def beat(self, truth: Truth) -> None:
        """Read again what screens are to show, and let them know that the database answers."""
        self._clock.hear(truth.at, asyncio.get_running_loop().time())
        for socket in list(self.sockets):
            socket.say_beat(truth)
            socket.renew()
        self._look()

    def now(self) -> datetime:
        """The time by the database's clock, which all processes have in common."""
        return self._clock.now(asyncio.get_running_loop().time())

    def _look(self) -> None:
        self._stale = True
        self._wake.set()

    # --- Directing ---

    async def _run(self) -> None:
        truth = await self.hub.ready()
        self._clock.hear(truth.at, asyncio.get_running_loop().time())
        while True:
            self._wake.clear()
            if self._stale:
                await self._read()
            pause = self._direct(self.now())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    async def _read(self) -> None:
        asked = frozenset(socket.screen for socket in self.sockets)
        self._stale = False
        try:
            self.situation = await in_thread(pool, control.situation, asked)
        except Exception as error:  # what was read last stays in force, and the screens see their data grow old
            log.warning("screens cannot be read: %s", type(error).__name__)
            return
        self._read_for = asked

    def _direct(self, now: datetime) -> float:
        """Tell every socket what to show. Gives the seconds until that may be different by the clock alone."""
        soonest = now + timedelta(seconds=60)
        for socket in list(self.sockets):
            row = self.situation.screens.get(socket.screen)
            if row is None:
                if socket.screen in self._read_for:
                    socket.dismiss(NOT_SIGNED_IN)
                continue
            if row.connection != str(socket.connection):
                socket.cut_off(now)
                continue
            seen = self.situation.seen(row)
            plan = playlists.decide(
                row.settings, now, available=seen, incident=self.situation.incident, practised=self.situation.practised
            )
            socket.direct(plan, row, now)
            if row.rival_at is not None and socket.asked_at < row.rival_at:
                socket.asked_at = row.rival_at
                socket.ask()
            for moment in (plan.until, row.identify_until):
                if moment is not None and now < moment:
                    soonest = min(soonest, moment)
        return max(LEAST_SLEEP_S, (soonest - now).total_seconds())

    # --- What screens say ---

    def hear(self, report: Report) -> None:
        """Note what a screen says that it shows; written with what others say within the moment."""
        if not self._reports:
            self.start(self._write())
        self._reports[report.screen] = report

    async def _write(self) -> None:
        await asyncio.sleep(WRITE_S)
        reports, self._reports = list(self._reports.values()), {}
        await quietly(in_thread(pool, devices.heard, reports))


async def quietly(work: Coroutine[Any, Any, Any]) -> None:
    """A word about a screen that cannot be written down now will be said again."""
    try:
        await work
    except Exception as error:
        log.warning("a screen cannot be noted: %s", type(error).__name__)
