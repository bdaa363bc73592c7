"""Requests that arrive together are committed together.

Each web process has one writer: a thread with its own database connection. A view hands it a batch and
awaits the outcome, which comes after the commit; while one transaction is under way, the next gathers.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from dataclasses import dataclass

from django.db import close_old_connections, connection
from django.utils import timezone

from mentions import intake, sources
from mentions.intake import Batch, Outcome

POSTS_AT_ONCE = 500
WAITING_AT_MOST = 5000
_HEARD_EVERY_S = 10.0


class Overloaded(Exception):
    """More is waiting than can be stored soon; the sender should come back later."""


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

        Raises `Overloaded` without taking it, and `DatabaseError` if it could not be stored.
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
        while True:
            jobs = [self._jobs.get()]
            posts = len(jobs[0].batch.items)
            while posts < POSTS_AT_ONCE:
                try:
                    jobs.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
                posts += len(jobs[-1].batch.items)
            try:
                self._store(jobs)
            except Exception as error:
                if len(jobs) == 1:
                    _tell(jobs[0], error)
                else:
                    self._store_apart(jobs)
            finally:
                close_old_connections()

    def _store(self, jobs: list[_Job]) -> None:
        outcomes = intake.receive_all([job.batch for job in jobs])
        for job, outcome in zip(jobs, outcomes, strict=True):
            _tell(job, outcome)
        now = time.monotonic()
        for source in {job.batch.source.pk for job in jobs}:
            if now - self._heard.get(source, -_HEARD_EVERY_S) >= _HEARD_EVERY_S:
                self._heard[source] = now
                sources.heard(source, now=timezone.now())

    def _store_apart(self, jobs: list[_Job]) -> None:
        """One at a time, so that one request's failure is not its neighbours'."""
        for job in jobs:
            if job.done.done():
                continue
            connection.close_if_unusable_or_obsolete()
            try:
                _tell(job, intake.receive_all([job.batch])[0])
            except Exception as error:
                _tell(job, error)


def _tell(job: _Job, outcome: Outcome | Exception) -> None:
    def settle() -> None:
        if job.done.done():
            return
        if isinstance(outcome, Exception):
            job.done.set_exception(outcome)
        else:
            job.done.set_result(outcome)

    job.loop.call_soon_threadsafe(settle)


writer = Writer()
