"""The listener: small loops that drive everything due within seconds, in one process of the whole installation.

One PostgreSQL advisory lock says who leads; every other listener stands by and takes over when the lock is free. The
lock is held by a connection of its own: where it breaks, the loops rest until this process leads again. What a loop
does must be safe if it is done twice; the lock keeps it from being done twice for nothing.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

from config.loops import Loop

LOCK = 0x676C6173  # "glas"
HEARTBEAT_KEY = "listener"
HEARTBEAT_SECONDS = 10
BEAT = 0.25
LONGEST_PAUSE = 10.0
MOST_AT_ONCE = 1000

logger = logging.getLogger(__name__)

Tick = Callable[[], object]


class Leadership:
    """The advisory lock, held by a connection of its own."""

    def __init__(self) -> None:
        self._connection: BaseDatabaseWrapper | None = None

    def hold(self) -> bool:
        """Take the lock, or make sure that it is still ours. False where another leads or PostgreSQL is away."""
        try:
            if self._connection is None:
                fresh = connections.create_connection("default")
                with fresh.cursor() as cursor:
                    cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
                    if not cursor.fetchone()[0]:
                        fresh.close()
                        return False
                self._connection = fresh
            else:
                with self._connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
        except DatabaseError:
            self.release()
            return False
        return True

    def release(self) -> None:
        """Let another listener lead."""
        if self._connection is not None:
            with suppress(DatabaseError):
                self._connection.close()
        self._connection = None


class Lead:
    """What the loops know of the leadership: whether we lead, and for which time."""

    def __init__(self) -> None:
        self.term = 0
        self._held = threading.Event()

    def take(self) -> None:
        if not self._held.is_set():
            self.term += 1
            self._held.set()

    def lose(self) -> None:
        self._held.clear()

    def lasts(self, term: int) -> bool:
        """True if we have led without a break since `term` began: state made then still holds."""
        return self._held.is_set() and self.term == term

    def wait(self, seconds: float) -> bool:
        return self._held.wait(seconds)


@dataclass
class Runner:
    """One loop in a thread of its own, so that a slow network does not hold up the sealing of events."""

    loop: Loop
    lead: Lead
    ending: threading.Event
    busy_since: float | None = None
    last_good: float = field(default_factory=time.monotonic)
    failures: int = 0

    def start(self) -> None:
        threading.Thread(target=self.run, name=self.loop.name, daemon=True).start()

    def run(self) -> None:
        """Tick while this process leads, until it ends. What fails is logged and tried again, less and less often."""
        tick: Tick | None = None
        term = 0
        while not self.ending.is_set():
            if not self.lead.wait(BEAT):
                continue
            pause = self.loop.every
            try:
                if tick is None or not self.lead.lasts(term):
                    term, tick = self.lead.term, tick_of(self.loop)
                self.tick_through(term, tick)
            except Exception:
                self.failures += 1
                pause = min(LONGEST_PAUSE, max(pause, 0.25) * 2 ** min(self.failures, 6))
                logger.exception("loop failed", extra={"loop": self.loop.name, "attempt": self.failures})
                connections.close_all()
            finally:
                self.busy_since = None
            self.ending.wait(pause)

    def tick_through(self, term: int, tick: Tick) -> None:
        """Tick once, and on as long as more is waiting and this term lasts."""
        for _ in range(MOST_AT_ONCE):
            self.busy_since = time.monotonic()
            if not tick() or self.ending.is_set() or not self.lead.lasts(term):
                break
        self.last_good = time.monotonic()
        self.failures = 0

    def hung(self) -> bool:
        """True if the tick under way has lasted too long."""
        since = self.busy_since
        return since is not None and time.monotonic() - since > self.loop.hung_after


def tick_of(loop: Loop) -> Tick:
    """The callable of a loop, with fresh state where it has any."""
    found = import_string(loop.run)
    if isinstance(found, type):
        tick: Tick = found().tick
        return tick
    plain: Tick = found
    return plain


def listen(loops: Sequence[Loop]) -> None:
    """Run the loops until SIGTERM. Ends with status 1 where one hangs, for the supervisor to start it again."""
    ending, lead, leadership = threading.Event(), Lead(), Leadership()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    runners = [Runner(loop, lead, ending) for loop in loops]
    for runner in runners:
        runner.start()
    while not ending.is_set():
        if leadership.hold():
            lead.take()
            _beat(runners)
        else:
            lead.lose()
        for runner in runners:
            if runner.hung():
                logger.error("loop hangs", extra={"loop": runner.loop.name})
                os._exit(1)
        ending.wait(BEAT)
    lead.lose()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and any(runner.busy_since for runner in runners):
        time.sleep(0.02)
    leadership.release()


def _beat(runners: Sequence[Runner]) -> None:
    now = time.monotonic()
    state = {runner.loop.name: {"good": now - runner.last_good, "failures": runner.failures} for runner in runners}
    try:
        cache.set(HEARTBEAT_KEY, {"at": time.time(), "pid": os.getpid(), "loops": state}, HEARTBEAT_SECONDS)
    except Exception as error:  # Valkey may be away: the work does not need it
        logger.warning("no heartbeat: %s", type(error).__name__)
