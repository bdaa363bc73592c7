"""Stops everything that leaves by a timetable, while replies to customers go on.

An incident holds; whoever sends what was scheduled (a service notice, a campaign) asks `holds` before each
single post. For stopping replies as well there is `agents.freeze`.
"""

from __future__ import annotations

from datetime import datetime

from agents import access
from agents.cases import by_person
from agents.models import Hold, User
from mentions import events


def holds() -> bool:
    """Whether nothing that was scheduled may leave now. Asked anew before every single post."""
    return Hold.objects.filter(lifted_at=None).exists()


def of_incident(incident: int) -> Hold | None:
    """The hold that an incident keeps up now, with its person."""
    return Hold.objects.filter(incident=incident, lifted_at=None).select_related("started_by").first()


def start(incident: int, *, by: User, now: datetime) -> bool:
    """Hold for an incident, in the caller's transaction; False if it does already."""
    access.require(by, "run incidents")
    _hold, made = Hold.objects.get_or_create(
        incident=incident, lifted_at=None, defaults={"started_by": by, "started_at": now}
    )
    if made:
        events.record("schedule.held", at=now, by=by_person(by), data={"incident": incident})
    return made


def lift(incident: int, *, by: User, now: datetime) -> bool:
    """Let it go on as far as this incident is concerned, in the caller's transaction; False if it held nothing."""
    access.require(by, "run incidents")
    lifted = Hold.objects.filter(incident=incident, lifted_at=None).update(lifted_by=by, lifted_at=now)
    if lifted:
        events.record("schedule.released", at=now, by=by_person(by), data={"incident": incident})
    return bool(lifted)
