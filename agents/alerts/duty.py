"""Who is on duty: rota rows and a moment in, people out."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from agents.models import Role, Rota, Team, User


def covers(row: Rota, moment: datetime) -> bool:
    """Whether the row's hours cover a moment; a duty that runs past midnight belongs to the day it began."""
    local = moment.astimezone(ZoneInfo(row.zone))
    minute, day = local.hour * 60 + local.minute, local.weekday()
    if row.start < row.stop:
        return day in row.days and row.start <= minute < row.stop
    return (day in row.days and minute >= row.start) or ((day - 1) % 7 in row.days and minute < row.stop)


def on_duty(moment: datetime, *, team: Team | None = None, rank: int | None = None) -> list[Rota]:
    """The rota rows that count now, for a team those of the team and those for every team."""
    rows = Rota.objects.filter(person__is_active=True).select_related("person", "team", "site").order_by("rank", "pk")
    if team is not None:
        rows = rows.filter(Q(team=team) | Q(team=None))
    if rank is not None:
        rows = rows.filter(rank=rank)
    return [row for row in rows if covers(row, moment)]


def to_tell(level: int, team: Team | None, moment: datetime) -> list[User]:
    """Whom an alert of this level goes to.

    Level 1 is the first rank on duty, level 2 the second, level 3 every manager. Where nobody is on duty the next
    level is told at once, so that an alert never goes to nobody; without any manager it is the administrators.
    """
    for rank in range(level, 3):
        people = {row.person_id: row.person for row in on_duty(moment, team=team, rank=rank)}
        if people:
            return list(people.values())
    active = User.objects.filter(is_active=True).order_by("pk")
    return list(active.filter(role=Role.MANAGER)) or list(active.filter(role=Role.ADMINISTRATOR))
