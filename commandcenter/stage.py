"""One rendering for everybody who looks: of every process, at most twice a second.

A scene depends on its key, the screen's profile and the language, and on nobody who looks. So whoever needs it first
renders it and keeps it in Valkey, and the others take it from there. Whose turn it is to render is a key that Valkey
forgets after half a second, which is also what bounds the rate. Without Valkey every process renders for itself.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import redis
from django.utils import timezone

from commandcenter import rollups, scenes
from commandcenter.models import CanaryRun, Profile
from commandcenter.scenes import Frame
from commandcenter.sockets import in_thread
from mentions.live import Change, Hub, Truth, tell, valkey

log = logging.getLogger(__name__)

PERIOD_S = 0.5  # who looks at a wall sees no difference to more, and forty screens cost half as much
STREET_PERIOD_S = 2.0  # strangers need no more, and their figures are counted from the posts themselves
RETRY_S = 0.05  # where it is not known how long somebody else's turn lasts
FAILED_S = 2.0
SHARE = 0.4  # of the time, which the rendering of one scene may take
REFRESH_S = 10.0  # time alone changes a scene too; well below the 15 seconds after which a wall calls its data stale
KEPT_S = 60
WATCHED = "walls/watched"  # a key that lives while some process shows a scene to somebody
WATCHED_S = 15

_stage = ThreadPoolExecutor(max_workers=2, thread_name_prefix="stage")


@dataclass(frozen=True, slots=True)
class View:
    """What a screen shows: a scene, for whom, in which language; in which room, if it is not the same in all."""

    scene: str
    profile: Profile
    language: str
    room: int = 0

    @classmethod
    def of(cls, scene: str, profile: Profile, language: str, room: int) -> View:
        """What a screen of this room shows."""
        return cls(scene, profile, language, room if scenes.get(scene).in_room is not None else 0)

    def __str__(self) -> str:
        return f"{self.scene}.{self.profile}.{self.language}" + (f".{self.room}" if self.room else "")


def obtain(view: View, *, seq: int = 0, newer_than: datetime | None = None) -> Frame | None:
    """A frame that holds everything up to `seq` and is newer than the given one: kept by somebody, or rendered now.

    Of a slow scene it is the one that somebody rendered within its pace, which may hold less. None while somebody
    else renders it. Raises `UnknownScene`.
    """
    kept = _kept(view)
    if kept is not None and (newer_than is None or kept.as_of > newer_than) and (kept.seq >= seq or _young(view, kept)):
        return kept
    if not _our_turn(view):
        return None
    began = time.monotonic()
    frame = scenes.render(view.scene, view.profile, view.language, view.room)
    CanaryRun.objects.arrive(frame.counted)
    _rest(view, time.monotonic() - began)
    _keep(view, frame)
    return frame


def _kept(view: View) -> Frame | None:
    try:
        text = valkey().get(f"scene/{view}")
        return Frame.read(text) if isinstance(text, bytes) else None
    except (redis.RedisError, ValueError, KeyError):
        return None


def _our_turn(view: View) -> bool:
    try:
        return bool(valkey().set(f"scene/{view}/turn", 1, nx=True, px=int(_period(view) * 1000)))
    except redis.RedisError:
        return True


def _rest(view: View, took: float) -> None:
    """Lengthen the turn of what took long: in a storm a wall is a little later, and costs no more than a share."""
    if took / SHARE > _period(view):
        with suppress(redis.RedisError):
            valkey().set(f"scene/{view}/turn", 1, px=int(1000 * min(took / SHARE, REFRESH_S)))


def look(view: View, *, seq: int, newer_than: datetime | None) -> tuple[Frame | None, float]:
    """As `obtain`; where it gives None also for how long it is somebody else's turn, in seconds."""
    frame = obtain(view, seq=seq, newer_than=newer_than)
    if frame is not None:
        return frame, 0.0
    try:
        left = valkey().pttl(f"scene/{view}/turn")
    except redis.RedisError:
        return None, RETRY_S
    return None, max(RETRY_S, left / 1000 if isinstance(left, int) else 0.0)


def _period(view: View) -> float:
    period = STREET_PERIOD_S if view.profile == Profile.STREET else PERIOD_S
    return max(period, scenes.get(view.scene).pace_s)


def _young(view: View, frame: Frame) -> bool:
    """Whether a slow scene was rendered so lately that nobody will render it again yet, whatever has happened."""
    period = _period(view)
    return period > PERIOD_S and timezone.now() - frame.as_of < timedelta(seconds=period)


def _keep(view: View, frame: Frame) -> None:
    try:
        valkey().set(f"scene/{view}", frame.text, ex=KEPT_S)
    except redis.RedisError as error:
        log.warning("a scene cannot be shared: %s", type(error).__name__)
        return
    tell("scene", view=str(view), as_of=frame.as_of.isoformat())


def _note_watched() -> None:
    with suppress(redis.RedisError):
        valkey().set(WATCHED, 1, ex=WATCHED_S)


# --- The stage of one process ------------------------------------------------------------------------------------


class Screen(Protocol):
    """A socket that shows a view."""

    def show(self, frame: Frame) -> None:
        """This is how it looks now."""

    def beat(self, truth: Truth) -> None:
        """The database answers."""


@dataclass(eq=False)
class Show:
    """One view and the sockets of this process that look at it, rendered when needed and no more often.

    `oldest` is the time before which a frame that was kept is no longer worth showing. What a scene shows of counts
    is there once it has been counted up to `counted`; before that there is nothing to render.
    """

    view: View
    wanted: int
    oldest: datetime | None
    counted: int
    screens: dict[Screen, None] = field(default_factory=dict)
    frame: Frame | None = None
    _offered: datetime | None = None  # the time of a frame that somebody else keeps for us
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def want(self, seq: int) -> None:
        """Everything up to this position is to be seen."""
        self.wanted = max(self.wanted, seq)
        self._wake.set()

    def count(self, seq: int) -> None:
        """Everything up to this position has been counted."""
        self.counted = max(self.counted, seq)
        self._wake.set()

    def look(self, as_of: datetime) -> None:
        """Somebody rendered it as it was then."""
        self._offered = as_of
        self._wake.set()

    async def run(self) -> None:
        """Render and show for as long as anybody looks."""
        now = asyncio.get_running_loop().time
        period = _period(self.view)
        pause, reached = period, -1
        while True:
            began = now()
            try:
                old = self.frame.as_of if self.frame is not None else self.oldest
                # What another process shows is shown here too, even if it holds less than is wanted by now.
                seq, self._offered = 0 if self._is_offered else self.wanted, None
                frame, turn_s = await in_thread(_stage, look, self.view, seq=seq, newer_than=old)
            except Exception as error:  # no frame is the news: the screens see their data grow old, and say so
                log.warning("%s cannot be rendered: %s", self.view, type(error).__name__, exc_info=True)
                pause = FAILED_S
            else:
                if frame is None:  # whoever's turn it is announces what it rendered; if not, it is our turn after that
                    pause = turn_s
                else:
                    # Whatever keeps a frame from holding what it should, nobody gains by asking again and again.
                    pause = period if frame.seq > reached else min(2 * max(pause, period), REFRESH_S)
                    reached = frame.seq
                    self.frame = frame
                    for screen in list(self.screens):
                        screen.show(frame)
            await self._until(began + pause, began + REFRESH_S)

    async def _until(self, when_behind: float, at_last: float) -> None:
        """Wait for a reason to look again: news, and not too soon; a frame of somebody else; or the passing of time."""
        now = asyncio.get_running_loop().time
        while not self._is_offered:
            left = (when_behind if self._is_behind else at_last) - now()
            if left <= 0:
                return
            self._wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), left)

    @property
    def _is_behind(self) -> bool:
        if self.frame is None:
            return True
        due = min(self.wanted, self.counted) if scenes.counts(self.view.scene, self.view.profile) else self.wanted
        return self.frame.seq < due

    @property
    def _is_offered(self) -> bool:
        return self._offered is not None and (self.frame is None or self._offered > self.frame.as_of)


class Stage:
    """Everything that is shown to sockets of this process."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.shows: dict[View, Show] = {}
        self._counted = self._beaten = 0
        self._running: dict[View, asyncio.Task[None]] = {}
        self._noting: asyncio.Task[None] | None = None

    def enter(self, view: View, screen: Screen) -> None:
        """Show this view to the screen from now on, at once if it is known."""
        if not self.shows:
            self.hub.join(self)
        show = self.shows.get(view)
        if show is None:
            truth = self.hub.truth
            oldest = truth.at - timedelta(seconds=REFRESH_S) if truth is not None else None
            show = self.shows[view] = Show(view, self.hub.seq, oldest, self._counted)
            self._running[view] = asyncio.create_task(show.run())
        show.screens[screen] = None
        if show.frame is not None:
            screen.show(show.frame)

    def leave(self, view: View, screen: Screen) -> None:
        """The screen is gone; what nobody looks at is not rendered."""
        show = self.shows[view]
        del show.screens[screen]
        if not show.screens:
            del self.shows[view]
            self._running.pop(view).cancel()
        if not self.shows:
            self.hub.leave(self)

    def changed(self, change: Change) -> None:
        """Render what may look different now."""
        for view, show in self.shows.items():
            if change.conversations is None or scenes.get(view.scene).concerned(change.kinds):
                show.want(change.seq)

    def told(self, message: Mapping[str, Any]) -> None:
        """Take what another process rendered; render what has been counted meanwhile."""
        if message["topic"] == rollups.TOPIC:
            self._count(int(message["position"]))
        elif message["topic"] == "scene":
            for view, show in self.shows.items():
                if str(view) == message["view"]:
                    show.look(datetime.fromisoformat(message["as_of"]))

    def beat(self, truth: Truth) -> None:
        """Tell every screen that the database answers, and other processes that somebody looks."""
        self._noting = asyncio.create_task(in_thread(_stage, _note_watched))
        self._count(self._beaten)  # what was sealed a beat ago is counted by now, though nobody may have heard it
        self._beaten = truth.seq
        for show in self.shows.values():
            for screen in list(show.screens):
                screen.beat(truth)

    def _count(self, seq: int) -> None:
        self._counted = max(self._counted, seq)
        for show in self.shows.values():
            show.count(seq)
