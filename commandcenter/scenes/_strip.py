"""The strip that every scene carries: how our own work stands, so that no scene ever hides that something is late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from agents import freeze
from commandcenter import drills, gaps, incidents, metrics
from commandcenter.models import Profile
from commandcenter.periods import Period
from commandcenter.scenes import _wording

LISTENS_TO = ("mention.", "conversation.", "case.", "reply.", "sending.", "drill.")


TURN_S = 12


@dataclass(frozen=True, slots=True)
class Note:
    """What is not as always: `kind` (frozen, drilling or blind), how bad, its icon, and its words.

    A picture that has room for one alone shows that whose turn it is, so that none is ever kept from the room for long.
    """

    kind: str
    state: str
    icon: str
    words: str
    has_turn: bool


def context(profile: Profile, now: datetime, key: str) -> Mapping[str, Any]:
    """How many are overdue or nearly so, how many wait, and for how long; nothing of it for strangers.

    `notes` say that nothing leaves, that not everything is real, and for how long of today a source did not see what is
    missing in every figure of today; none of what the scene itself (`key`) is about.
    """
    if profile == Profile.STREET:
        return {}
    total = metrics.standing(now)
    notes = list(_notes(now, key))
    turn = int(now.timestamp() // TURN_S) % max(1, len(notes))
    return {
        "notes": [Note(*note, has_turn=place == turn) for place, note in enumerate(notes)],
        "strip": {
            "status": _wording.standing(total),
            "waiting": _wording.number(total.waiting),
            "oldest": _wording.since(total.oldest_since, now),
        },
    }


def _notes(now: datetime, key: str) -> Iterator[tuple[str, str, str, str]]:
    if freeze.holds():
        yield "frozen", "late", "snowflake", _("Sending is frozen")
    if drills.running() is not None and not _is_of_exercise(key):
        yield "drilling", "risk", "shape-risk", _("Exercise running")
    if key != "shift" and (blind := _blind(now)):
        yield "blind", "risk", "shape-none", blind


def _is_of_exercise(key: str) -> bool:
    """Whether the scene says by itself, and in larger letters, that it is not real."""
    if key != "incident":
        return key == "exercise"
    incident = incidents.active()
    return incident is not None and incident.drill_id is not None


def _blind(now: datetime) -> str:
    minutes = sum(gaps.by_day(gaps.touching(Period.today(now).start, now, now)).values())
    if not minutes:
        return ""
    spell = " ".join(f"{number} {unit}" for number, unit in _wording.duration(timedelta(minutes=minutes)))
    return _("Blind today: %(spell)s") % {"spell": spell}
