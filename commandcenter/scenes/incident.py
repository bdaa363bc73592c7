"""Incident: takes over when there is one. Everybody in the room knows what it is, who has it, and what may be said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import freeze, hold
from commandcenter import incidents
from commandcenter.incidents import curve
from commandcenter.models import Incident, Profile, Severity
from commandcenter.reports import naming
from commandcenter.scenes import Scene, _chart, _wording
from commandcenter.scenes._wording import Status

LONG = 220  # a statement of more letters is set smaller
_STATES = {Severity.CRITICAL: "late", Severity.MAJOR: "late", Severity.MINOR: "risk"}


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The worst open incident: name, since, owner, curve against normal, statement, what is held, next update."""
    incident = incidents.active()
    if incident is None:
        return {"incident": None}
    line = curve.of(incident, now)
    during = curve.during(incident, now)
    top = _chart.round_up(line.top)
    return {
        "incident": incident,
        "size": "longer" if len(incident.name) > 60 else "long" if len(incident.name) > 24 else "",
        "exercise": incident.drill_id is not None,
        "status": Status(_STATES[Severity(incident.severity)], incident.get_severity_display().capitalize()),
        "lasts": _wording.since(incident.since, now),
        "owner": str(incident.owner),
        "about": naming.topic(incident.topic) if incident.topic else "",
        "mentions": _wording.number(during.mentions),
        "usual": _wording.number(round(during.mentions_usual)) if during.mentions_usual is not None else None,
        "statement": incident.holding,
        "long": len(incident.holding) > LONG,
        "held": _held(incident),
        "update": _update(incident, now),
        "now_path": _chart.line([hour.value for hour in line.hours], low=0, high=top),
        "usual_path": _chart.line([hour.usual for hour in line.hours], low=0, high=top),
        "top": _wording.number(top),
        "times": [_wording.clock(line.hours[place].start) for place in (0, len(line.hours) // 2, len(line.hours) - 1)],
        "width": _chart.WIDTH,
        "height": _chart.HEIGHT,
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there is one."""
    return incidents.active() is not None


def _held(incident: Incident) -> str:
    if freeze.holds():
        return _("All sending is frozen")
    return _("Scheduled posts are held") if hold.of_incident(incident.pk) else _("Nothing is held")


def _update(incident: Incident, now: datetime) -> Status:
    """When the room hears more, and whether that promise is kept."""
    at = incident.next_update_at
    if at is None:
        return Status("risk", _("No update is promised"))
    said = _wording.clock(at)
    return Status("late", _("Update was due at %(at)s") % {"at": said}) if at < now else Status("ok", said)


SCENE = Scene(
    title=gettext_lazy("Incident"),
    purpose=gettext_lazy("Everybody answers with the statement; the owner gives the next update in time."),
    listens_to=("incident.", "mention.", "sending.", "schedule."),
    context=context,
    strangers=False,
    has_input=has_input,
)
