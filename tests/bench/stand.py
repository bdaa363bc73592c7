"""The test stand: engines as in production (every commit on the disk), a migrated database, and how figures look."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGQUIT, SIGTERM
from typing import Any

PAIRS = 5


@contextlib.contextmanager
def engines() -> Iterator[None]:
    """A private PostgreSQL and Valkey with production's settings, Django set up on them, gone afterwards."""
    from config import embedded, installation

    folder = Path(tempfile.mkdtemp(prefix="glasshouse-bench-"))
    os.environ.update(DATA_DIR=str(folder), DEMO="1", PORT="8000", DJANGO_SETTINGS_MODULE="config.settings")
    os.environ.update(BANK_TIME_ZONE="America/New_York", LOG_LEVEL="ERROR")
    for name in ("DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS"):
        os.environ.pop(name, None)
    installation.prepare(os.environ)
    started = embedded.Engines.of_installation(os.environ)
    started.prepare()
    postgres = started.run_postgres((folder / "postgres.log").open("ab"))
    started.ensure_roles()
    valkey = started.run_valkey((folder / "valkey.log").open("ab"))
    try:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", database="admin", verbosity=0)
        yield
    finally:
        from django.db import connections

        connections.close_all()
        embedded.stop(valkey, SIGTERM, seconds=5)
        embedded.stop(postgres, SIGQUIT, seconds=5)
        for path in (started.home, started.sockets, folder):
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def product(**told: str) -> Iterator[Any]:
    """The whole product as a process of its own, and Django in this process on the product's own database.

    `BENCH_DATA_DIR` names a folder that is kept, with what was filled in, for the next run.
    """
    from tests.product import Product

    kept = os.environ.get("BENCH_DATA_DIR")
    folder = Path(kept or tempfile.mkdtemp(prefix="glasshouse-bench-"))
    running = Product(folder, LOG_LEVEL="ERROR", WEB_PROCESSES="2", **told).start()
    try:
        from config import installation

        os.environ.update(
            DATA_DIR=str(folder), DEMO=running.environ["DEMO"], PORT=running.url.rsplit(":", 1)[1].strip("/")
        )
        os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="ERROR")
        for name in ("DATABASE_URL", "ADMIN_DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "ALLOWED_HOSTS"):
            os.environ.pop(name, None)
        installation.prepare(os.environ)
        import django

        django.setup()
        yield running
    finally:
        running.stop()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def demonstration() -> Iterator[Any]:
    """The product with the demonstration bank in it."""
    with product(DEMO="1") as running:
        yield running


@contextlib.contextmanager
def nothing() -> Iterator[None]:
    """Django's settings and no engine."""
    from django.conf import settings

    settings.configure(USE_I18N=False)
    yield


STANDS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    "nothing": nothing,
    "engines": engines,
    "product": product,
    "demonstration": demonstration,
}


def figure(bench: str, value: float, unit: str, baseline: float | None = None, **more: Any) -> dict[str, Any]:
    """One line of output; `ratio` is value over baseline."""
    ratio = round(value / baseline, 4) if baseline else None
    return {
        "bench": bench,
        "value": round(value, 3),
        "unit": unit,
        "baseline": round(baseline, 3) if baseline is not None else None,
        "ratio": ratio,
        **more,
    }


def pairs(ours: Callable[[], float], limit: Callable[[], float], count: int = PAIRS) -> tuple[float, float]:
    """The medians of alternating runs of ours and of the limit."""
    mine, theirs = [], []
    for _ in range(count):
        theirs.append(limit())
        mine.append(ours())
    return statistics.median(mine), statistics.median(theirs)


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
