"""Incident: takes over when there is one. Everybody in the room knows what it is, who has it, and what may be said.

Near, everything stands side by side. Where a picture does not hold the whole statement at the size that its furthest
viewer reads, the statement is shown in pieces that take turns by the clock, whole words each; further away still, the
rest takes turns with them, and only the name never leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import freeze, hold
from commandcenter import incidents, periods
from commandcenter.incidents import curve
from commandcenter.models import Incident, Profile, Severity
from commandcenter.reports import naming
from commandcenter.scenes import Scene, _chart, _wording
from commandcenter.scenes._strip import TURN_S
from commandcenter.scenes._wording import Status

LONG = 300  # a statement of more letters is set smaller where people stand near
BRIEF = 80  # one of as many at most is set larger in a room
# Small letters in a line, and lines, that a picture has for the statement.
PIECES = {"room": (38, 4), "far": (38, 4), "street": (28, 2)}
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
        "since": _moment(incident.since, now),
        "lasts": _wording.since(incident.since, now),
        "owner": str(incident.owner),
        "about": naming.topic(incident.topic) if incident.topic else "",
        "mentions": _wording.number(during.mentions),
        "usual": _wording.number(round(during.mentions_usual)) if during.mentions_usual is not None else None,
        "statement": incident.holding or _("No statement yet. Answer nothing about it until there is one."),
        "say": "long" if len(incident.holding) > LONG else "brief" if len(incident.holding) <= BRIEF else "",
        "turns": {reach: _turn(incident.holding, reach, now) for reach in PIECES},
        "held": _held(),
        "update": _update(incident, now),
        "now_path": _chart.line([point.value for point in line.points], low=0, high=top),
        "usual_path": _chart.line([point.usual for point in line.points], low=0, high=top),
        "top": _wording.number(top),
        "times": [*(_moment(line.hours[place].start, now) for place in (0, len(line.hours) // 2)), _wording.clock(now)],
        "width": _chart.WIDTH,
        "height": _chart.HEIGHT,
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there is one."""
    return incidents.active() is not None


def _moment(at: datetime, now: datetime) -> str:
    """The time of the day, with the day where it is not today's."""
    if periods.bank_day(at) == periods.bank_day(now):
        return _wording.clock(at)
    return f"{date_format(at.astimezone(periods.bank_zone()), 'D')} {_wording.clock(at)}"


def _turn(statement: str, reach: str, now: datetime) -> dict[str, Any]:
    """What has its turn at this distance: `shows` is name, facts, say or curve, and `piece` belongs to say."""
    pieces = _pieces(statement, *PIECES[reach])
    turn = int(now.timestamp() // TURN_S)
    if reach == "room":  # beside everything else
        return {"shows": "say", **_piece(pieces, turn % len(pieces))}
    turn %= len(pieces) + 3
    if turn < 2:
        return {"shows": ("name", "facts")[turn], **_piece(pieces, 0)}
    place = min(turn - 2, len(pieces) - 1)
    return {"shows": "say" if turn - 2 == place else "curve", **_piece(pieces, place)}


def _piece(pieces: Sequence[str], place: int) -> dict[str, Any]:
    several = len(pieces) > 1
    return {"piece": pieces[place], "place": f"{place + 1}/{len(pieces)}" if several else ""}


def _pieces(statement: str, across: int, most: int) -> list[str]:
    """A text in pieces of whole words, each of so many lines at most."""
    pieces = [""]
    for word in (statement or _("No statement yet. Answer nothing about it until there is one.")).split():
        longer = f"{pieces[-1]} {word}".strip()
        if pieces[-1] and _wording.lines(longer, across) > most:
            pieces.append(word)
        else:
            pieces[-1] = longer
    return pieces


def _held() -> str:
    """What is paused, whoever has paused it: this incident, another one, or a person."""
    if freeze.holds():
        return _("All sending")
    return _("Scheduled posts") if hold.holds() else _("Nothing")


def _update(incident: Incident, now: datetime) -> Status:
    """When the room hears more, and whether that promise is kept."""
    at = incident.next_update_at
    if at is None:
        return Status("risk", _("None promised"))
    said = _moment(at, now)
    return Status("late", _("Was due %(at)s") % {"at": said}) if at < now else Status("ok", said)


SCENE = Scene(
    title=gettext_lazy("Incident"),
    purpose=gettext_lazy("Everybody answers with the statement; the owner gives the next update in time."),
    listens_to=("incident.", "mention.", "sending.", "schedule."),
    context=context,
    strangers=False,
    figures=("incident_curve",),
    has_input=has_input,
    counted=True,
    pace_s=2.0,
)
