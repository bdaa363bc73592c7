"""The events of sources, by which others hear of their state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mentions import events
from mentions.events import SYSTEM, Actor
from mentions.models import Source


def tell(kind: str, source: Source, now: datetime, by: Actor = SYSTEM, **data: Any) -> None:
    """One event about a source, in the caller's transaction."""
    events.record(kind, at=now, by=by, origin=source.origin, source_id=source.pk, data=data)
