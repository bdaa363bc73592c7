"""Up to when a scene holds everything, where that is a while ago: a wall must not look live over figures that are not.

A database that answers proves little: what came may not be sealed, not be counted, or not arrive at all because nobody
asks the networks. So the oldest event that is not in the figures yet tells how old they are; where nothing is missing
because nobody listens, the last moment at which somebody counted does; and where no canary has made the whole way for
too long, the last one that did is the last proof of anything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from commandcenter import rollups
from commandcenter.models import CanaryRun

KEEPS_UP = timedelta(seconds=15)  # after as long a wall calls its data stale
PROVEN = timedelta(seconds=CanaryRun.STALE_S)
VOID = timedelta(minutes=10)
LOOK_S = 1.0


@dataclass(frozen=True, slots=True)
class Complete:
    """The moment up to which figures are known to hold everything; `void` where they are too old to be shown."""

    until: datetime
    void: bool


def look(now: datetime, *, position: int, sealed: int) -> Complete | None:
    """Up to when figures are complete that hold everything up to a sealed position; None while they keep up.

    `sealed` is the newest position that there is.
    """
    kept = _seldom()
    missing = min(filter(None, (kept.unsealed, _waits(position) if position < sealed else None)), default=None)
    told = ((missing, KEEPS_UP), (kept.counting, KEEPS_UP), (kept.proven, PROVEN))
    late = [moment for moment, bears in told if moment and now - moment > bears]
    return Complete(min(late), missing is not None and now - missing > VOID) if late else None


def _waits(position: int) -> datetime | None:
    """When the first of what is sealed behind this position was recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT recorded_at FROM mentions_seal WHERE position > %s ORDER BY position LIMIT 1", [position]
        )
        found = cursor.fetchone()
    recorded: datetime | None = found[0] if found else None
    return recorded


@dataclass
class _Kept:
    """What was asked last, and when."""

    at: float = float("-inf")
    unsealed: datetime | None = None
    proven: datetime | None = None
    counting: datetime | None = None


_kept = _Kept()


def _seldom() -> _Kept:
    """When the oldest unsealed event was recorded, the last canary to arrive was sent, and the counting was last there.

    Where none ever did, it is the first that was sent: a house that has never been proven is no calmer for it.

    Asked once a second in each process: what is late by many seconds is so a second later.
    """
    if time.monotonic() - _kept.at >= LOOK_S:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT e.recorded_at FROM mentions_event e WHERE e.id > "
                "coalesce((SELECT event_id FROM mentions_seal ORDER BY position DESC LIMIT 1), 0) "
                "AND NOT EXISTS (SELECT FROM mentions_seal s WHERE s.event_id = e.id) ORDER BY e.id LIMIT 1), "
                "(SELECT coalesce(max(sent_at) FILTER (WHERE rendered_at IS NOT NULL), min(sent_at)) "
                "FROM commandcenter_canaryrun), (SELECT updated_at FROM mentions_consumer WHERE name = %s)",
                [rollups.LOOP],
            )
            _kept.unsealed, _kept.proven, _kept.counting = cursor.fetchone()
        _kept.at = time.monotonic()
    return _kept
