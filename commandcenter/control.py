"""What people ask of screens.

A command is a row, and so is what it changes on each screen; only then is it announced. A screen that hears of it
late, or of nothing at all, finds it there at the next reading. Each press that a screen has painted is acknowledged
by its number, so that a command can say how many screens show it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.cases import Refused
from agents.models import User
from commandcenter import announcing, incidents, playlists, scenes
from commandcenter.devices import TOPIC
from commandcenter.models.screens import Command, Playlist, Profile, Screen
from commandcenter.playlists import Entry, Hours, Settings, Takeover
from mentions import events, scrub
from mentions.events import Actor
from mentions.live import tell

log = logging.getLogger(__name__)

Kind = Command.Kind

MINUTES = 10  # a takeover's usual length
LONGEST = timedelta(hours=12)
PUT_FORWARD = timedelta(hours=1)  # by "Next"; then a screen is in step with its neighbours again
IDENTIFIED = timedelta(seconds=15)
ONLINE = timedelta(seconds=25)
EXERCISE = "exercise"  # the scene that every room shows in turn while one runs
USUAL = ("pulse", "queues", "topics", "river", "tone", "shift")  # what turns where no playlist was chosen
USUAL_FOR_STRANGERS = ("pulse", "river", "campaign", "notice")


# --- Asking --------------------------------------------------------------------------------------------------------


def give(
    kind: str,
    *,
    by: User,
    screens: Collection[int] | None = None,
    scene: str = "",
    text: str = "",
    minutes: int = MINUTES,
    now: datetime | None = None,
) -> Command:
    """Ask something of these screens, or of every one.

    A message is one person's word and for the staff: what strangers read is a notice, which the guard and a second
    person have looked at. Raises `Refused` for a street screen that was chosen for one, a scene that does not exist,
    a message without words, or no screen at all.
    """
    access.require(by, "manage screens")
    moment = now or timezone.now()
    text = scrub.typed_line(text, 80)
    if kind == Kind.SHOW and not scenes.exists(scene):
        raise Refused(_("There is no such scene."))
    if kind == Kind.MESSAGE and not text:
        raise Refused(_("Write the message that the screens shall show."))
    with transaction.atomic():
        chosen = list(_chosen(screens).select_related("room").select_for_update(of=("self",)).order_by("pk"))
        if kind == Kind.MESSAGE:
            inside = [screen for screen in chosen if profile_of(screen) is Profile.INTERNAL]
            if screens is not None and len(inside) < len(chosen):
                raise Refused(_("What strangers read is a notice: write one, and a second person confirms it."))
            chosen = inside
        if not chosen:
            raise Refused(_("There is no screen that could show it."))
        command = Command.objects.create(
            kind=Kind(kind),
            targets=[screen.pk for screen in chosen],
            scene=scene if kind == Kind.SHOW else "",
            text=text if kind == Kind.MESSAGE else "",
            until=_until(kind, minutes, moment),
            by=by,
            at=moment,
        )
        _apply(command, chosen, moment)
        events.record(
            f"screen.{command.kind}",
            at=moment,
            by=Actor.person(by.pk),
            data={"command": command.pk, "screens": command.targets, "scene": command.scene},
        )
    tell(TOPIC, look=command.targets)
    return command


def _chosen(screens: Collection[int] | None) -> QuerySet[Screen]:
    paired = Screen.objects.filter(revoked_at=None)
    return paired if screens is None else paired.filter(pk__in=screens)


def _until(kind: str, minutes: int, now: datetime) -> datetime | None:
    if kind == Kind.IDENTIFY:
        return now + IDENTIFIED
    if kind in (Kind.SHOW, Kind.MESSAGE, Kind.HOLD, Kind.TEST):
        return now + min(max(timedelta(minutes=minutes), timedelta(minutes=1)), LONGEST)
    return None


def _apply(command: Command, chosen: list[Screen], now: datetime) -> None:
    """Change the screens' rows as the command says."""
    rows = Screen.objects.filter(pk__in=command.targets)
    rows.update(asked=command.pk)
    if command.kind == Kind.BLANK:
        rows.update(blanked=command)
    elif command.kind == Kind.LIFT:
        rows.update(blanked=None)
    elif command.kind in (Kind.SHOW, Kind.MESSAGE, Kind.TEST):
        rows.update(takeover=command, held=[])
    elif command.kind == Kind.HOLD:
        standing = situation(command.targets)
        for screen in standing.screens.values():
            held = playlists.hold(screen.settings, now, standing.seen(screen))
            Screen.objects.filter(pk=screen.id).update(takeover=command, held=list(held))
    elif command.kind == Kind.PLAY:
        rows.update(takeover=None, held=[], shift_s=0, shift_until=None)
    elif command.kind == Kind.IDENTIFY:
        rows.update(identify_until=command.until)
    elif command.kind == Kind.NEXT:
        standing = situation(command.targets)
        for screen in standing.screens.values():
            Screen.objects.filter(pk=screen.id).update(**_moved_on(screen.settings, now, standing.seen(screen)))
        rows.filter(takeover__kind=Kind.SHOW).update(takeover=None)


def _moved_on(screen: Settings, now: datetime, available: tuple[str, ...]) -> dict[str, object]:
    """What "Next" changes in the row: the scene that is held, and let go where there is no other; else the clock."""
    taken = screen.takeover
    if taken is not None and taken.held and now < taken.until:
        held = playlists.next_held(taken.held, available)
        return {"held": list(held)} if held != taken.held else {"takeover": None, "held": []}
    moved = playlists.skip(screen, now, available).total_seconds()
    return {"shift_s": moved, "shift_until": now + PUT_FORWARD}


def is_online(screen: Screen, now: datetime) -> bool:
    """Whether the screen has said within the last moments what it shows."""
    return screen.connection is not None and screen.seen_at is not None and now - screen.seen_at < ONLINE


# --- Reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A paired screen as its row has it: what decides its plan, and what its page must know."""

    id: int
    name: str
    room: int
    settings: Settings
    asked: int
    connection: str
    rival_at: datetime | None
    identify_until: datetime | None
    inches: float
    distance_m: float
    city: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that decides what screens show, as it was read at one moment.

    `noticed` are the rooms that have a notice, None where every room has one.
    """

    screens: dict[int, Row] = field(default_factory=dict)
    available: dict[Profile, tuple[str, ...]] = field(default_factory=dict)
    noticed: dict[Profile, frozenset[int | None]] = field(default_factory=dict)
    incident: bool = False
    practised: bool = False

    def seen(self, row: Row) -> tuple[str, ...]:
        """The scenes that have something to show on this screen."""
        found = self.available.get(row.settings.profile, ())
        told = self.noticed.get(row.settings.profile, frozenset())
        return found if told & {None, row.room} else tuple(key for key in found if key != playlists.NOTICE)


def situation(screens: Collection[int]) -> Situation:
    """Read what decides about these screens; who is revoked is missing."""
    found = (
        Screen.objects.filter(pk__in=screens, revoked_at=None)
        .select_related("room__site", "playlist", "blanked", "takeover")
        .prefetch_related("schedules__playlist")
    )
    return Situation(
        {screen.pk: _row(screen) for screen in found},
        {profile: available(profile) for profile in Profile},
        {profile: announcing.rooms(profile, timezone.now()) for profile in Profile},
        *incidents.running(),
    )


def profile_of(screen: Screen) -> Profile:
    """Who can really see the screen: whatever was chosen, an open room is the street."""
    closed = screen.room.closed_at is not None
    return Profile.INTERNAL if screen.profile == Profile.INTERNAL and closed else Profile.STREET


def settings_of(screen: Screen) -> Settings:
    """The row as the values that decide its plan."""
    profile = profile_of(screen)
    return Settings(
        profile=profile,
        zone=screen.room.site.zone,
        confirmed=screen.confirmed_by_id is not None,
        cols=screen.cols,
        rows=screen.rows,
        place=screen.place,
        entries=entries_of(screen.playlist, profile),
        fixed=screen.fixed if scenes.exists(screen.fixed) else "",
        schedule=tuple(
            (Hours(one.starts, one.ends, frozenset(one.days)), entries_of(one.playlist, profile))
            for one in screen.schedules.all()
        ),
        quiet=Hours(screen.quiet_from, screen.quiet_until)
        if screen.quiet_from is not None and screen.quiet_until is not None
        else None,
        shift=timedelta(seconds=screen.shift_s),
        shift_until=screen.shift_until,
        blanked=screen.blanked.at if screen.blanked is not None else None,
        takeover=_takeover(screen.takeover, tuple(screen.held)),
    )


def entries_of(playlist: Playlist | None, profile: Profile) -> tuple[Entry, ...]:
    """The scenes of a playlist, or the usual ones for whoever sees the screen.

    A room's have the exercise at their end, which is passed over while none runs: nobody edits playlists for one.
    """
    if playlist is None:
        usual = USUAL_FOR_STRANGERS if profile is Profile.STREET else USUAL
        found = tuple(Entry(scene) for scene in usual if scenes.exists(scene))
    else:
        found = tuple(Entry(str(one["scene"]), int(one["seconds"])) for one in playlist.entries)
    if profile is Profile.STREET or any(entry.scene == EXERCISE for entry in found):
        return found
    return (*found, Entry(EXERCISE))


def available(profile: Profile, now: datetime | None = None) -> tuple[str, ...]:
    """The scenes that have something to show to whoever sees such a screen."""
    moment = now or timezone.now()
    return tuple(key for key in scenes.known() if _has_something(key, profile, moment))


def offering(key: str, now: datetime) -> dict[Profile, frozenset[int | None]]:
    """The rooms in which this scene has something to show, by who sees their screens; None is every room."""
    everywhere: frozenset[int | None] = frozenset({None})
    return {
        profile: announcing.rooms(profile, now) if key == playlists.NOTICE else everywhere
        for profile in Profile
        if _has_something(key, profile, now)
    }


def _has_something(key: str, profile: Profile, now: datetime) -> bool:
    scene = scenes.get(key)
    if profile is Profile.STREET and not scene.strangers:
        return False
    try:
        return scene.has_input(profile, now)
    except Exception as error:  # one scene that cannot be asked must not keep the others from their screens
        log.warning("%s cannot be asked for its input: %s", key, type(error).__name__, exc_info=True)
        return True


def _takeover(command: Command | None, held: tuple[str, ...]) -> Takeover | None:
    if command is None or command.until is None:
        return None
    return Takeover(command.kind, command.at, command.until, command.scene, command.text, held)


def _row(screen: Screen) -> Row:
    return Row(
        id=screen.pk,
        name=screen.name,
        room=screen.room_id,
        settings=settings_of(screen),
        asked=screen.asked,
        connection=str(screen.connection),
        rival_at=screen.rival_at,
        identify_until=screen.identify_until,
        inches=screen.inches,
        distance_m=screen.distance_m,
        city=scenes.city(screen.room.site.zone),
    )
