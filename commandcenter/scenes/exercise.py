"""Exercise: what a drill has brought and what was done about it, apart from every real figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commandcenter import drills
from commandcenter.models import Profile
from commandcenter.scenes import Scene, _wording

MOST_ROWS = 6


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The exercise that runs: how far it is, and its own counts."""
    drill = drills.running()
    if drill is None:
        return {"drill": None}
    figures = drills.figures(drill)
    return {
        "drill": drill,
        "mark": _wording.exercise(),
        "posts": _wording.number(figures["posts"]),
        "total": _wording.number(drill.total),
        "percent": _wording.percent(100 * drill.played / drill.total if drill.total else None),
        "waiting": _wording.number(figures["waiting"]),
        "claimed": _wording.number(figures["claimed"]),
        "replies": _wording.number(figures["replies"]),
        "overdue": _wording.number(figures["overdue"]),
        "queues": [
            {"name": name, "n": _wording.number(n), "claimed": _wording.number(claimed)}
            for name, n, claimed in figures["queues"][:MOST_ROWS]
        ],
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether one runs."""
    return drills.running() is not None


SCENE = Scene(
    title=_("Exercise"),
    purpose=_("Those who practise see what has come in for them; everybody else sees that it is not real."),
    listens_to=("drill.", "mention.", "case.", "conversation.", "reply."),
    context=context,
    strangers=False,
    figures=("exercise",),
    has_input=has_input,
)
