"""How far what was asked of screens has come: on how many of them it is really seen, and what keeps it from the others.

That a screen has heard of a press is not that it shows it: an incident, a blank screen or quiet hours go before it. So
what each screen has to show by its row is reckoned anew, and counts once the screen says that it has painted just that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from commandcenter import control, incidents, playlists, scenes
from commandcenter.models import Incident
from commandcenter.models.screens import Command, Profile, Screen
from commandcenter.playlists import Plan

Kind = Command.Kind

WAIT_S = 2.0
LOOK_AGAIN_S = 0.1

# What a screen shows in place of what was asked, by the reason of its plan.
_INSTEAD: Mapping[str, StrPromise] = {
    "blanked": gettext_lazy("Blank"),
    "waits for a second person": gettext_lazy("Waiting for a second person"),
    "incident": gettext_lazy("The incident goes before it"),
    "message": gettext_lazy("A message goes before it"),
    "test card": gettext_lazy("The test card goes before it"),
    "taken over": gettext_lazy("Another scene was asked for since"),
    "held": gettext_lazy("Held since"),
    "quiet hours": gettext_lazy("Quiet hours"),
    "fixed": gettext_lazy("Never turned"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a command has come: on how many screens it was meant for, and those that do not show it.

    `behind` have yet to paint it, `offline` cannot be reached, and `instead` says by reason which will not show it.
    """

    asked: int
    showing: int
    behind: tuple[str, ...] = ()
    offline: tuple[str, ...] = ()
    instead: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether every screen that can be reached and may show it does."""
        return not self.behind


def of(command: Command, now: datetime | None = None) -> Progress:
    """On how many of its screens the command is really seen."""
    moment = now or timezone.now()
    real, practised = incidents.running()
    offering = control.offering(command.scene, moment) if command.kind == Kind.SHOW else None
    found = Screen.objects.filter(pk__in=command.targets, revoked_at=None)
    showing, behind, offline = 0, [], []
    instead: dict[str, list[str]] = {}
    for screen in found.select_related("room__site", "playlist", "blanked", "takeover").prefetch_related(
        "schedules__playlist"
    ):
        profile = control.profile_of(screen)
        plan = playlists.decide(control.settings_of(screen), moment, available=(), incident=real, practised=practised)
        if not control.is_online(screen, moment):
            offline.append(screen.name)
        elif not _is_done_by(plan, command, screen):
            instead.setdefault(_told(plan, command, moment), []).append(screen.name)
        elif offering is not None and not {None, screen.room_id} & offering.get(profile, frozenset()):
            instead.setdefault(_void(command.scene, profile), []).append(screen.name)
        elif screen.acked >= command.pk and _is_painted(plan, command, screen):
            showing += 1
        else:
            behind.append(screen.name)
    told = tuple((words, tuple(names)) for words, names in sorted(instead.items()))
    return Progress(len(command.targets), showing, tuple(behind), tuple(offline), told)


def of_incident(incident: Incident, seconds: float = WAIT_S) -> str:
    """On how many screens an incident has been answered, in a sentence, as soon as all show it or after this long."""
    found = _settled(_shown_for_incident, seconds)
    about = {"name": incident.name, "n": found.showing, "of": found.asked}
    return _in_words(_("%(name)s: on %(n)d of %(of)d screens.") % about, found)


def of_end(incident: Incident, seconds: float = WAIT_S) -> str:
    """From how many screens a closed incident has gone, in a sentence, as soon as from all or after this long."""
    before = control.situation(Screen.objects.filter(revoked_at=None).values_list("pk", flat=True))
    found = _settled(partial(_gone_on, before), seconds)
    about = {"name": incident.name, "n": found.showing, "of": found.asked}
    return _in_words(_("%(name)s is closed: gone from %(n)d of %(of)d screens.") % about, found)


def _settled(look: Callable[[datetime], Progress], seconds: float) -> Progress:
    deadline = time.monotonic() + seconds
    while True:
        found = look(timezone.now())
        if found.everywhere or time.monotonic() >= deadline:
            return found
        time.sleep(LOOK_AGAIN_S)


def _in_words(counted: str, found: Progress) -> str:
    told = [counted]
    if found.offline:
        told.append(_("Offline: %(names)s.") % {"names": "; ".join(found.offline)})
    if found.behind:
        told.append(_("Not yet: %(names)s.") % {"names": "; ".join(found.behind)})
    told += [f"{words}: {'; '.join(names)}." for words, names in found.instead]
    return " ".join(told)


def _shown_for_incident(now: datetime) -> Progress:
    """How many of all paired screens show the incident that is on, or what strangers see meanwhile."""
    real, practised = incidents.running()
    showing, behind, offline = [], [], []
    instead: dict[str, list[str]] = {}
    paired = Screen.objects.filter(revoked_at=None).select_related("room__site", "playlist", "blanked", "takeover")
    for screen in paired.prefetch_related("schedules__playlist"):
        plan = playlists.decide(control.settings_of(screen), now, available=(), incident=real, practised=practised)
        if not control.is_online(screen, now):
            offline.append(screen.name)
        elif plan.why != "incident":
            words = str(_INSTEAD.get(plan.why, _("Its playlist goes on")))
            instead.setdefault(words, []).append(screen.name)
        elif _shows(screen, plan):
            showing.append(screen.name)
        else:
            behind.append(screen.name)
    return _all_of(showing, behind, offline, instead)


def _gone_on(before: control.Situation, now: datetime) -> Progress:
    """How many of all paired screens show what they have to show after an incident.

    `before` says what there is to show in their playlists, which is asked once and not at every look.
    """
    real, practised = incidents.running()
    showing, behind, offline = [], [], []
    instead: dict[str, list[str]] = {}
    for screen in Screen.objects.filter(pk__in=before.screens, revoked_at=None):
        row = before.screens[screen.pk]
        plan = playlists.decide(row.settings, now, available=before.seen(row), incident=real, practised=practised)
        if not control.is_online(screen, now):
            offline.append(screen.name)
        elif plan.why == "incident":
            instead.setdefault(_("Another incident is on"), []).append(screen.name)
        elif _shows(screen, plan):
            showing.append(screen.name)
        else:
            behind.append(screen.name)
    return _all_of(showing, behind, offline, instead)


def _shows(screen: Screen, plan: Plan) -> bool:
    """Whether the screen says that it shows just this plan."""
    shown = screen.shown if isinstance(screen.shown, dict) else {}
    return shown.get("kind") == plan.kind and set(shown.get("scenes", ())) - {""} == set(plan.scenes)


def _all_of(showing: list[str], behind: list[str], offline: list[str], instead: dict[str, list[str]]) -> Progress:
    told = tuple((words, tuple(names)) for words, names in sorted(instead.items()))
    asked = len(showing) + len(behind) + len(offline) + sum(len(names) for _words, names in told)
    return Progress(asked, len(showing), tuple(behind), tuple(offline), told)


def watched(command: Command, seconds: float = WAIT_S) -> Progress:
    """The command's progress as soon as every reachable screen shows it, or after this long."""
    return _settled(partial(of, command), seconds)


def _is_done_by(plan: Plan, command: Command, screen: Screen) -> bool:
    """Whether a screen that shows its plan does what was asked."""
    kind = command.kind
    if kind == Kind.IDENTIFY:
        return True
    if kind in (Kind.BLANK, Kind.LIFT):
        return (plan.why == "blanked") == (kind == Kind.BLANK)
    if kind == Kind.SHOW:
        return plan.why in ("taken over", "incident", "fixed") and set(plan.scenes) == {command.scene}
    if kind == Kind.HOLD and plan.why == "fixed":
        return True
    if kind in (Kind.MESSAGE, Kind.TEST, Kind.HOLD):
        return plan.why in ("message", "test card", "held") and screen.takeover_id == command.pk
    return plan.why in ("playlist", "schedule", "held" if kind == Kind.NEXT else "fixed")


def _is_painted(plan: Plan, command: Command, screen: Screen) -> bool:
    """Whether the screen says that it shows its plan, and where a scene was asked for, on all of its panels."""
    shown = screen.shown if isinstance(screen.shown, dict) else {}
    return shown.get("kind") == plan.kind and (command.kind != Kind.SHOW or set(shown["scenes"]) == {command.scene})


def _void(scene: str, profile: Profile) -> str:
    """Why a screen shows the scene that was asked for, and nothing is in it."""
    if profile is Profile.STREET and not scenes.get(scene).strangers:
        return _("Not for strangers: only the bank's name")
    return _("Nothing to show in it")


def _told(plan: Plan, command: Command, now: datetime) -> str:
    if command.until is not None and command.until <= now:
        return _("Over")
    words = _INSTEAD.get(plan.why)
    return str(words) if words is not None else _("Back to the playlist since")
