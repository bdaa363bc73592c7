"""Connections to the test's database held or cut at a chosen moment: while they wait for a lock."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from config.embedded import SUPERUSER
from tests.engines import of_session

PATIENCE_S = 20.0


def superuser() -> "psycopg.Connection[Any]":
    """A connection past every rule to the database of this test worker."""
    name = connections["default"].settings_dict["NAME"]
    return psycopg.connect(of_session().url(SUPERUSER, name), autocommit=True)


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Nobody else writes to the table meanwhile; whoever tries waits inside their transaction."""
    with superuser() as holder, holder.transaction():
        holder.execute(sql.SQL("LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield


def until_waiting(count: int) -> None:
    """Returns when so many connections wait for a lock."""
    deadline = time.monotonic() + PATIENCE_S
    with superuser() as looker:
        while True:
            (waiting,) = looker.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone() or (0,)
            if waiting >= count:
                return
            assert time.monotonic() < deadline, "nobody waits for the lock"
            threading.Event().wait(0.01)


def cut_whoever_waits(for_whom: threading.Thread) -> bool:
    """End the backend that waits for a lock, as a crash would; False if the thread ended before anybody waited."""
    deadline = time.monotonic() + PATIENCE_S
    with superuser() as cutter:
        while for_whom.is_alive():
            assert time.monotonic() < deadline, "nobody waits for the lock"
            cut = cutter.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'"
            ).fetchall()
            if cut:
                return True
            threading.Event().wait(0.01)
    return False
