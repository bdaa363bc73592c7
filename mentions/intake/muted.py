"""Authors whom a person has muted: what they write in public is stored, counted and found, and waits for nobody.

What cannot wait goes where it belongs all the same: posts of the highest urgency (danger to life is among them), what
threatens others by deception, and what a rule calls urgent. Private messages are between two, and are heard.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from mentions.models import Visibility
from mentions.reasons import kept
from mentions.routing import HIGHEST_URGENCY, Decision, Facts

MUTED: Final = "muted"
_URGENT: Final = 1


def among(cursor: Any, authors: Collection[int], now: datetime) -> dict[int, int]:
    """Those of the authors who are muted now, with the mute's key."""
    if not authors:
        return {}
    cursor.execute(
        "SELECT author_id, max(id) FROM mentions_mute WHERE ended_at IS NULL AND until > %s AND author_id = ANY(%s) "
        "GROUP BY 1",
        [now, sorted(authors)],
    )
    return dict(cursor.fetchall())


def heed(decision: Decision, facts: Facts, mute: int | None) -> Decision:
    """What becomes of a post whose author has this `mute`, if any."""
    if mute is None or facts.visibility != Visibility.PUBLIC or decision.actionable is False:
        return decision
    if facts.urgency >= HIGHEST_URGENCY or facts.phishing or decision.priority == _URGENT:
        return decision
    return replace(decision, actionable=False, actionable_reason=MUTED, why=kept("muted", mute))
