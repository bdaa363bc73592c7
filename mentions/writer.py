"""Requests that arrive together are committed together.

Each web process has one writer: a thread with its own database connection. A view hands it a batch and
awaits the outcome, which comes after the commit; while one transaction is under way, the next gathers.

Most of a transaction's cost is the same for one post as for ten. So whoever comes alone is stored at once, but
when several have just come together, the writer waits a moment for the next ones.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection
from django.utils import timezone

from mentions import intake, sources
from mentions.intake import Batch, Outcome

P = ParamSpec("P")
R = TypeVar("R")

POSTS_AT_ONCE = 500
WAITING_AT_MOST = 5000
GATHERING_S = 0.005  # few senders, each with one request under way, must not wait longer than a commit takes
_HEARD_EVERY_S = 10.0


class Overloaded(Exception):
    """More is waiting than can be stored soon; the sender should come back later."""


async def look_up(read: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Read something from the database before `Writer.store`, and give the connection back at once.

    A request keeps its connection until it is answered; enough of them that wait for the writer would hold all
    there are, and the writer could never begin.
    """

    def then_release() -> R:
        try:
            return read(*args, **kwargs)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    return await sync_to_async(then_release)()


@dataclass(slots=True)
class _Job:
    batch: Batch
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Outcome]


class Writer:
    """The group commit of one process."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._heard: dict[int, float] = {}

    async def store(self, batch: Batch) -> Outcome:
        """The outcome of a batch, once it is committed.

        Raises `Overloaded` without taking it, and `django.db.Error` if it could not be stored.
        """
        if self._jobs.qsize() > WAITING_AT_MOST:
            raise Overloaded
        self._start()
        loop = asyncio.get_running_loop()
        job = _Job(batch, loop, loop.create_future())
        self._jobs.put(job)
        return await job.done

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        together = False
        while True:
            jobs = [self._jobs.get()]
            if together:
                time.sleep(GATHERING_S)
            posts = len(jobs[0].batch.items)
            while posts < POSTS_AT_ONCE:
                try:
                    jobs.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
                posts += len(jobs[-1].batch.items)
            together = len(jobs) > 1
            try:
                self._store(jobs)
            except Exception as error:
                # Otherwise it is kept: one that is given back may be somebody else's when the next batch waits.
                connection.close()
                if len(jobs) == 1:
                    _tell(jobs[0], error)
                else:
                    self._store_apart(jobs)

    def _store(self, jobs: list[_Job]) -> None:
        outcomes = intake.receive_all([job.batch for job in jobs])
        for job, outcome in zip(jobs, outcomes, strict=True):
            _tell(job, outcome)
        now = time.monotonic()
        named = {job.batch.source.pk for job in jobs if job.batch.delivery is not None}
        for source in {job.batch.source.pk for job in jobs}:
            if now - self._heard.get(source, -_HEARD_EVERY_S) >= _HEARD_EVERY_S:
                self._heard[source] = now
                sources.heard(source, now=timezone.now(), delivered=source in named)

    def _store_apart(self, jobs: list[_Job]) -> None:
        """One at a time, so that one request's failure is not its neighbours'."""
        for job in jobs:
            if job.done.done():
                continue
            try:
                _tell(job, intake.receive_all([job.batch])[0])
            except Exception as error:
                connection.close()
                _tell(job, error)


def _tell(job: _Job, outcome: Outcome | Exception) -> None:
    def settle() -> None:
        if job.done.done():
            return
        if isinstance(outcome, Exception):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)

    with suppress(RuntimeError):  # whoever asked is gone with their loop; the others still wait
        job.loop.call_soon_threadsafe(settle)


writer = Writer()
