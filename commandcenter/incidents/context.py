"""What every page for people who work here says of the room: an incident, an exercise, whether one is away oneself.

Read only where it is shown.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from agents import access
from agents.models import User
from commandcenter import drills, incidents, presence
from commandcenter.models import Absence, Drill, Incident


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

    @cached_property
    def works(self) -> bool:
        """Whether the person works cases, and so is missed when they are away."""
        return isinstance(self._user, User) and access.may(self._user, "work cases")

    @cached_property
    def may_hand_over(self) -> bool:
        """Whether the person leaves a note for the next shift."""
        return isinstance(self._user, User) and access.may(self._user, "hand over")

    @cached_property
    def away(self) -> Absence | None:
        """Why the person is not at their desk, and since when; None if they are."""
        if not isinstance(self._user, User) or not self.works:
            return None
        return presence.absent(timezone.now()).filter(person=self._user).first()

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Why somebody can be away."""
        return [(reason.value, str(reason.label)) for reason in Absence.Reason]


def room(request: HttpRequest) -> dict[str, Any]:
    """The context processor."""
    return {"room": Room(getattr(request, "user", None))}
