"""What just changed, told to every process that shows it: hints only, the database holds the truth.

`announce` publishes a sealed batch as ids and versions on Valkey. In each process that has sockets one `Hub` listens,
with one subscription for all of them, and calls its listeners in a plain loop. An announcement may be lost, doubled
or late: every few seconds the hub reads the truth (the time, the newest sealed position, the queues' versions) and
tells its listeners what it had missed. So the loss of Valkey costs freshness for seconds and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import connection
from redis.backoff import NoBackoff
from redis.retry import Retry

from mentions import events
from mentions.events import Sealed

log = logging.getLogger(__name__)

BEAT_S = 5.0
DEAF_BEAT_S = 1.0  # while Valkey is away the database is asked more often instead
SILENCE_S = 5.0  # without a word from Valkey it is asked whether it lives, and given up after as long again
TIMEOUT_S = 1.0
MUTE_S = 2.0  # after a failed announcement: a Valkey that does not answer must not hold up the sealing
LONGEST_PAUSE_S = 5.0
MOST_MISSED = 500


@dataclass(frozen=True, slots=True)
class Change:
    """What became different up to sealed position `seq`, by id and version.

    `conversations` is None when so much was missed that it is not known which: whoever shows any looks again.
    """

    seq: int
    queues: Mapping[int, int]
    conversations: tuple[int, ...] | None
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Truth:
    """What the database said at `at`, its own time: the newest sealed position and every queue's version."""

    seq: int
    at: datetime
    queues: Mapping[int, int]


class Listener(Protocol):
    """Who wants to know. Called in the event loop, so nothing here may wait."""

    def changed(self, change: Change) -> None:
        """Something changed."""

    def beat(self, truth: Truth) -> None:
        """The database was read, every few seconds; missing beats mean that it cannot be."""

    def told(self, message: Mapping[str, Any]) -> None:
        """Another process used `tell`."""


# --- Telling -----------------------------------------------------------------------------------------------------


def announce(sealed: Sealed) -> None:
    """Publish what a sealed batch touched. Never raises: a lost hint is made good by the hubs' own reading."""
    _publish(
        {
            "seq": sealed.position,
            "at": sealed.at.isoformat(),
            "queues": sealed.queues,
            "conversations": sealed.conversations,
            "kinds": sorted(sealed.kinds),
        }
    )


def tell(topic: str, **body: Any) -> None:
    """Pass a small message to every process with a hub; as lossy as an announcement, and never raises."""
    _publish({"topic": topic, **body})


def valkey() -> redis.Redis:
    """This process's connections to Valkey for hints and shared renderings; every call has a deadline."""
    return _client(settings.REDIS_URL)


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    once_more = Retry(NoBackoff(), 1)  # a kept connection may have been closed unnoticed
    return redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=once_more)


@dataclass
class _Mute:
    """Until when nothing is published, because the last attempt failed."""

    until: float = 0.0


_mute = _Mute()


def _publish(message: Mapping[str, Any]) -> None:
    if time.monotonic() < _mute.until:
        return
    try:
        valkey().publish(channel(), json.dumps(message, separators=(",", ":")))
    except redis.RedisError as error:
        _mute.until = time.monotonic() + MUTE_S
        log.warning("could not announce: %s", type(error).__name__)


def channel() -> str:
    """The channel of this installation: publishing ignores Valkey's numbered databases, so the name carries ours."""
    return f"live/{valkey().connection_pool.connection_kwargs.get('db', 0)}"


# --- Listening ---------------------------------------------------------------------------------------------------

_reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")


@dataclass
class Hub:
    """The one ear of a process. It listens while anybody does; `hub()` gives the running loop's."""

    listeners: dict[Listener, None] = field(default_factory=dict)
    truth: Truth | None = None
    hearing: bool = False
    _seq: int = 0
    _versions: dict[int, int] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _look: asyncio.Event = field(default_factory=asyncio.Event)
    _read_once: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def seq(self) -> int:
        """The newest position that this process knows of."""
        return self._seq

    @property
    def versions(self) -> Mapping[int, int]:
        """The newest version of every queue that this process knows of."""
        return self._versions

    def join(self, listener: Listener) -> None:
        """Call this listener from now on."""
        self.listeners[listener] = None
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]

    def leave(self, listener: Listener) -> None:
        """Stop calling it; the last to leave ends the subscription."""
        self.listeners.pop(listener, None)
        if not self.listeners:
            for task in self._tasks:
                task.cancel()
            self._tasks = []
            self.hearing = False
            self.truth = None
            self._read_once.clear()

    async def ready(self) -> Truth:
        """Wait until the database has been read once since somebody listens."""
        await self._read_once.wait()
        assert self.truth is not None
        return self.truth

    # --- Valkey says that something changed ---

    async def _listen(self) -> None:
        """Hold the subscription for ever; whatever breaks it, it is made again."""
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._subscribed()
            except (redis.RedisError, OSError, TimeoutError) as error:
                lived = asyncio.get_running_loop().time() - began
                failures = 1 if lived > LONGEST_PAUSE_S else failures + 1
                if failures == 1:
                    log.warning("not hearing announcements: %s", type(error).__name__)
            finally:
                self.hearing = False
            self._look.set()
            await asyncio.sleep(random.uniform(0.05, min(LONGEST_PAUSE_S, 0.1 * 2 ** min(failures, 10))))

    async def _subscribed(self) -> None:
        client = redis.asyncio.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=SILENCE_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),  # reconnecting unseen would hide that announcements were missed
        )
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(channel())
            self.hearing = True
            self._look.set()  # what was announced while nobody heard
            asked = False
            while True:
                message = await subscription.get_message(timeout=SILENCE_S)
                if message is None and asked:
                    raise TimeoutError("Valkey does not answer")
                asked = message is None
                if message is None:
                    await subscription.ping()
                elif message["type"] == "message":
                    self._take(message["data"])

    def _take(self, data: bytes) -> None:
        try:
            message = json.loads(data)
            if "topic" in message:
                self._each("told", message)
                return
            change = Change(
                int(message["seq"]),
                {int(queue): int(version) for queue, version in message["queues"].items()},
                tuple(map(int, message["conversations"])),
                frozenset(message["kinds"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("an announcement cannot be read")
            return
        if change.seq > self._seq:
            self._changed(change)

    # --- The database says how it is ---

    async def _watch(self) -> None:
        """Read the truth every few seconds, and at once when announcements may have been missed."""
        while True:
            self._look.clear()
            try:
                await self._read()
            except Exception as error:  # PostgreSQL away in any of its ways: no beat is the news
                log.warning("the database cannot be read: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._look.wait(), BEAT_S if self.hearing else DEAF_BEAT_S)
            except TimeoutError:
                continue
            await asyncio.sleep(0.05)  # many reasons to look within a moment are one

    async def _read(self) -> None:
        known = self._seq
        truth, missed = await _in_thread(_read_truth, known if self.truth is not None else None)
        first = self.truth is None
        self.truth = truth
        if first or truth.seq < known:  # the first word, or a database restored to an earlier day
            self._seq, self._versions = truth.seq, dict(truth.queues)
        elif truth.seq > self._seq:
            newer = {queue: v for queue, v in truth.queues.items() if v > self._versions.get(queue, -1)}
            self._changed(Change(truth.seq, newer, *missed))
        self._read_once.set()
        self._each("beat", truth)

    # --- Everybody hears ---

    def _changed(self, change: Change) -> None:
        self._seq = change.seq
        self._versions.update(change.queues)
        self._each("changed", change)

    def _each(self, method: str, said: object) -> None:
        for listener in list(self.listeners):
            try:
                getattr(listener, method)(said)
            except Exception:
                log.exception("a listener failed")


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop; a process has one."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def _in_thread(function: Any, *arguments: Any) -> Any:
    return await database_sync_to_async(function, thread_sensitive=False, executor=_reader)(*arguments)


def _read_truth(known: int | None) -> tuple[Truth, tuple[tuple[int, ...] | None, frozenset[str]]]:
    """How it is now, and which conversations and kinds lie behind the position `known`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement_timestamp(), coalesce((SELECT max(position) FROM mentions_seal), 0), "
            "(SELECT coalesce(jsonb_object_agg(id, version), '{}') FROM mentions_queue)"
        )
        at, seq, queues = cursor.fetchone()
    versions = json.loads(queues) if isinstance(queues, str) else queues
    truth = Truth(seq, at, {int(queue): int(version) for queue, version in versions.items()})
    if known is None or seq <= known:
        return truth, ((), frozenset())
    missed = events.after(known, limit=MOST_MISSED)
    kinds = frozenset(event.kind for event in missed)
    if len(missed) == MOST_MISSED:
        return truth, (None, kinds)
    return truth, (tuple({e.conversation_id for e in missed if e.conversation_id is not None}), kinds)
