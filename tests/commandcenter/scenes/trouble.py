"""The worst that an incident and an exercise may have to show."""

from __future__ import annotations

import uuid

from agents import freeze
from agents.models import Role
from commandcenter import drills, incidents
from commandcenter.models import Incident
from tests.commandcenter.history import ago
from tests.commandcenter.scenes.worst import COMPOUND, LONG_NAME
from tests.factories import make_person


def trouble() -> None:
    """The longest incident that may be declared, its statement, an exercise beside it, and nothing may leave."""
    mary = make_person("mary", role=Role.MANAGER, last_name=LONG_NAME[:60])
    incident = incidents.open_(key=uuid.uuid4(), name=f"{LONG_NAME} {COMPOUND}"[:120], by=mary, since=ago(hours=7))
    freeze.start(by=mary)
    statement = f"Wir wissen davon, arbeiten daran und melden uns um 15 Uhr wieder. {COMPOUND}. "
    Incident.objects.filter(pk=incident.pk).update(holding=(statement * 4)[:500], next_update_at=ago(minutes=5))
    recording = list(drills.recorded(ago(hours=1), ago(minutes=1)))
    drills.start(name=LONG_NAME * 2, recording=recording, speed=3600, by=mary)
    for second in range(1, 4):
        drills.advance(now=ago(minutes=-second))
