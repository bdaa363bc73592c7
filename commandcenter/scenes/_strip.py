"""The strip that every scene carries: how our own work stands, so that no scene ever hides that something is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from commandcenter import drills, metrics
from commandcenter.models import Profile
from commandcenter.scenes import _wording

LISTENS_TO = ("mention.", "conversation.", "case.", "reply.", "sending.", "drill.")


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """How many are overdue or nearly so, how many wait, and for how long; nothing of it for strangers."""
    if profile == Profile.STREET:
        return {}
    total = metrics.standing(now)
    return {
        "drilling": drills.running() is not None,
        "strip": {
            "status": _wording.standing(total),
            "waiting": _wording.number(total.waiting),
            "oldest": _wording.since(total.oldest_since, now),
        },
    }
