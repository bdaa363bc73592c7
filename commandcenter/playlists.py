"""What a screen shows at a moment: pure, from values alone, so that every process and every neighbour says the same.

A playlist is turned by the clock: the place in it is the time since the epoch, modulo its length. So nothing is
remembered, screens with the same playlist are in step, and one that was away lands on the right scene.

What wins, in this order: blank; nothing, while a second person is awaited; an incident; a takeover with an end;
quiet hours; the schedule; the playlist.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from commandcenter.models.screens import Profile

SECONDS = 30
LEAST_SECONDS = 15
MOST_SCENES = 6
MOST_LOOP_S = 180  # so that no figure is out of sight for longer
INCIDENT = "incident"
NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Entry:
    """One scene of a playlist, and for how long."""

    scene: str
    seconds: int = SECONDS


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a playlist stands: the scenes from here on, and when it goes on."""

    scenes: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of certain weekdays; one that ends before it starts runs over midnight, into the next day."""

    starts: time
    ends: time
    days: frozenset[int] = frozenset(range(7))

    def holds(self, local: datetime) -> bool:
        """Whether the local time lies in it."""
        at, today = local.time(), local.weekday()
        if self.starts < self.ends:
            return today in self.days and self.starts <= at < self.ends
        late = today in self.days and at >= self.starts
        return late or ((today - 1) % 7 in self.days and at < self.ends)


@dataclass(frozen=True, slots=True)
class Takeover:
    """What a command shows in place of the playlist: kind is show, message, hold or test.

    `held` are the scenes that stood there when it was held, in their order.
    """

    kind: str
    at: datetime
    until: datetime
    scene: str = ""
    text: str = ""
    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What is known of a screen, as values. `entries` empty is every scene; `fixed` is a scene it never leaves.

    `profile` is who can really see it: internal only while its room is closed to strangers.
    """

    profile: Profile
    zone: str
    confirmed: bool = True
    cols: int = 1
    rows: int = 1
    place: int | None = None
    entries: tuple[Entry, ...] = ()
    fixed: str = ""
    schedule: tuple[tuple[Hours, tuple[Entry, ...]], ...] = ()
    quiet: Hours | None = None
    shift: timedelta = timedelta()
    shift_until: datetime | None = None
    blanked: datetime | None = None
    takeover: Takeover | None = None

    def ahead(self, now: datetime) -> timedelta:
        """How far its playlist is put forward at `now`."""
        return self.shift if self.shift_until is None or now < self.shift_until else timedelta()

    @property
    def panels(self) -> int:
        """How many scenes this device shows at once."""
        return self.cols * self.rows if self.place is None else 1


class Kind(StrEnum):
    """What the whole of a screen is taken by."""

    SCENES = "scenes"
    BLANK = "blank"
    WAITING = "waiting"
    QUIET = "quiet"
    MESSAGE = "message"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a screen shows now, why, and when this may be different without anybody's doing.

    `scenes` has one scene for each of its panels, in the order of the wall, and is empty for anything but scenes.
    """

    kind: Kind
    why: str
    scenes: tuple[str, ...] = ()
    until: datetime | None = None
    text: str = ""


def decide(
    screen: Settings, now: datetime, *, available: Sequence[str], incident: bool = False, practised: bool = False
) -> Plan:
    """What the screen shows at `now`.

    `available` are the scenes that have something to show to whoever sees the screen; of a playlist, the others
    are passed over. An incident that is `practised` is for the staff, and what somebody shows goes before it.
    """
    if screen.blanked is not None:
        return Plan(Kind.BLANK, "blanked")
    if screen.profile is Profile.STREET and not screen.confirmed:
        return Plan(Kind.WAITING, "waits for a second person")
    if incident:
        return Plan(Kind.SCENES, "incident", (_in_an_incident(screen),) * screen.panels)
    taken = screen.takeover
    if taken is not None and now < taken.until:
        if taken.kind == "message" and screen.profile is Profile.INTERNAL:  # its room may have been opened since
            return Plan(Kind.MESSAGE, "message", until=taken.until, text=taken.text)
        if taken.kind == "test":
            return Plan(Kind.TEST, "test card", until=taken.until)
        if taken.kind == "show":
            return Plan(Kind.SCENES, "taken over", (taken.scene,) * screen.panels, taken.until)
    if practised and screen.profile is Profile.INTERNAL:
        return Plan(Kind.SCENES, "incident", (INCIDENT,) * screen.panels)
    local = now.astimezone(ZoneInfo(screen.zone))
    if screen.quiet is not None and screen.quiet.holds(local):
        return Plan(Kind.QUIET, "quiet hours", until=_next_minute(now))
    if screen.fixed:
        return Plan(Kind.SCENES, "fixed", (screen.fixed,) * screen.panels, _next_minute(now))
    if taken is not None and taken.held and now < taken.until:  # a screen that is dark or never turns stays as it is
        return Plan(Kind.SCENES, "held", _panels(screen, taken.held), min(taken.until, _next_minute(now)))
    ahead = screen.ahead(now)
    now_on = turn(_entries(screen, now), now + ahead, available)
    until = None if now_on.until is None else now_on.until - ahead
    why = "schedule" if _scheduled(screen, now) is not None else "playlist"
    return Plan(Kind.SCENES, why, _panels(screen, now_on.scenes), min(filter(None, (until, _next_minute(now)))))


def turn(entries: Sequence[Entry], now: datetime, available: Collection[str]) -> Turn:
    """Where the playlist stands at `now`. Where none of its scenes has anything to show, its first one says so."""
    left = [entry for entry in entries if entry.scene in available] or list(entries[:1])
    if len(left) < 2:
        return Turn(tuple(entry.scene for entry in left), None)
    length = sum(entry.seconds for entry in left)
    into = now.timestamp() % length
    for number, entry in enumerate(left):
        if into < entry.seconds:
            until = datetime.fromtimestamp(now.timestamp() - into + entry.seconds, UTC)
            return Turn(tuple(one.scene for one in (*left[number:], *left[:number])), until)
        into -= entry.seconds
    raise AssertionError("a remainder is smaller than what it is a remainder of")


def skip(screen: Settings, now: datetime, available: Sequence[str]) -> timedelta:
    """How far ahead the screen's clock has to be, in all, for the next scene to come now."""
    until = turn(_entries(screen, now), now + screen.ahead(now), available).until
    return screen.ahead(now) if until is None else until - now


def hold(screen: Settings, now: datetime, available: Sequence[str]) -> tuple[str, ...]:
    """The scenes on which the screen stays, in their order, when it is held now.

    They are remembered: which scenes have something to show may be different a minute later, and with it the place
    of every other one. What stands already, held or asked for, goes on standing.
    """
    taken = screen.takeover
    if taken is not None and now < taken.until and (taken.held or taken.kind == "show"):
        return taken.held or (taken.scene,)
    return turn(_entries(screen, now), now + screen.ahead(now), available).scenes


def next_held(held: tuple[str, ...], available: Collection[str]) -> tuple[str, ...]:
    """What a held screen goes on to: the same scenes from the next one on that has something to show."""
    place = next((place for place, scene in enumerate(held) if place and scene in available), 0)
    return held[place:] + held[:place]


def faults(entries: Sequence[Entry], known: Collection[str]) -> list[str]:
    """What is wrong with a playlist, in sentences; empty if nothing is."""
    found = []
    if not entries:
        found.append(_("A playlist needs at least one scene."))
    if len(entries) > MOST_SCENES:
        found.append(_("A playlist has six scenes at most, so that each comes round soon."))
    if any(entry.seconds < LEAST_SECONDS for entry in entries):
        found.append(_("A scene stays for fifteen seconds at least."))
    if sum(entry.seconds for entry in entries) > MOST_LOOP_S and len(entries) > 1:
        found.append(_("A round takes three minutes at most, so that no figure is out of sight for longer."))
    if any(entry.scene not in known for entry in entries):
        found.append(_("There is no such scene."))
    return found


def _in_an_incident(screen: Settings) -> str:
    """Strangers read the notice meanwhile, or only whose screen it is: nothing cheerful, and not that there is one."""
    return NOTICE if screen.profile is Profile.STREET else INCIDENT


def _scheduled(screen: Settings, now: datetime) -> tuple[Entry, ...] | None:
    local = now.astimezone(ZoneInfo(screen.zone))
    return next((entries for hours, entries in screen.schedule if hours.holds(local)), None)


def _entries(screen: Settings, now: datetime) -> tuple[Entry, ...]:
    return _scheduled(screen, now) or screen.entries


def _panels(screen: Settings, scenes: Sequence[str]) -> tuple[str, ...]:
    """Every panel of a wall shows a whole scene, each the one after its neighbour's, so that no seam cuts a word."""
    if not scenes:
        return ()
    first = 0 if screen.place is None else screen.place - 1
    return tuple(scenes[(first + number) % len(scenes)] for number in range(screen.panels))


def _next_minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
