"""What every page for people who work here says of the room: an incident, an exercise. Read only where it is shown."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest

from agents import access
from agents.models import User
from commandcenter import drills, incidents
from commandcenter.models import Drill, Incident


class Room:
    """The state of the room for one page."""

    def __init__(self, user: object) -> None:
        self._user = user

    @cached_property
    def incident(self) -> Incident | None:
        """The incident that takes over."""
        return incidents.active()

    @cached_property
    def exercise(self) -> Drill | None:
        """The exercise that runs."""
        return drills.running()

    @cached_property
    def may_run_incidents(self) -> bool:
        """Whether the person may declare one."""
        return isinstance(self._user, User) and access.may(self._user, "run incidents")


def room(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"room": Room(getattr(request, "user", None))}
