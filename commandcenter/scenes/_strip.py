"""The strip that every scene carries: how our own work stands, so that no scene ever hides that something is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from agents import freeze
from commandcenter import drills, gaps, metrics
from commandcenter.models import Profile
from commandcenter.periods import Period
from commandcenter.scenes import _wording

LISTENS_TO = ("mention.", "conversation.", "case.", "reply.", "sending.", "drill.")


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """How many are overdue or nearly so, how many wait, and for how long; nothing of it for strangers.

    `frozen` and `drilling` say that nothing leaves and that not everything is real; `blind` tells for how long of today
    a source did not see what is missing in every figure of today.
    """
    if profile == Profile.STREET:
        return {}
    total = metrics.standing(now)
    return {
        "frozen": freeze.holds(),
        "drilling": drills.running() is not None,
        "blind": _blind(now),
        "strip": {
            "status": _wording.standing(total),
            "waiting": _wording.number(total.waiting),
            "oldest": _wording.since(total.oldest_since, now),
        },
    }


def _blind(now: datetime) -> str:
    minutes = sum(gaps.by_day(gaps.touching(Period.today(now).start, now, now)).values())
    if not minutes:
        return ""
    spell = " ".join(f"{number} {unit}" for number, unit in _wording.duration(timedelta(minutes=minutes)))
    return _("Blind today: %(spell)s") % {"spell": spell}
