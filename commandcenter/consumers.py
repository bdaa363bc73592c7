"""The two sockets: the console's, which is told what changed, and the wall's, which is sent how it looks.

Neither carries deltas that a browser would have to add up. A console is told which queues and conversations are
different from what it saw last, however long that was, and fetches them through the ordinary views, where rights
are checked; a wall is sent the whole scene. So a slow socket skips frames, and a lost one resumes where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection

from commandcenter import presence, scenes
from commandcenter.models import Profile
from commandcenter.players import Players
from commandcenter.scenes import Frame
from commandcenter.sockets import NOT_ALLOWED, Door, PersonSocket, Visitor, frame, in_thread, release
from commandcenter.stage import Stage, View
from mentions import live
from mentions.live import Change, Hub, Truth
from mentions.models import Origin

log = logging.getLogger(__name__)

PERIOD_S = 0.25
# Beginnings of events that concern whoever is signed in, whatever they work on.
FOR_EVERYBODY = (
    *("sending.", "source.foreign", "incident.opened", "incident.closed"),
    *("drill.started", "drill.stopped", "drill.ended"),
)
REMEMBERED = 400  # steps of a quarter of a second and more: what a socket missed for longer is "everything"

_lookup = ThreadPoolExecutor(max_workers=1, thread_name_prefix="consoles")


class House:
    """What the sockets of one process share; `house()` gives the running loop's."""

    def __init__(self) -> None:
        self.hub = live.hub()
        self.door = Door(self.hub)
        self.consoles = Consoles(self.hub)
        self.stage = Stage(self.hub)
        self.players = Players(self.hub, self.stage)


_houses: WeakKeyDictionary[asyncio.AbstractEventLoop, House] = WeakKeyDictionary()


def house() -> House:
    """The house of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _houses.get(loop)
    if found is None:
        found = _houses[loop] = House()
    return found


# --- Consoles ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Touched:
    """A conversation that changed: where it stands, who holds it, its version and how many events it has.

    A console that shows just these has nothing to fetch: most of what it is told of is what it did itself.
    """

    id: int
    queue: int
    owner: int | None
    version: int
    events: int


@dataclass(frozen=True, slots=True)
class Step:
    """What became different behind position `since`, up to `seq`; `touched` is None when it is not known what.

    `house` says that it is something everybody has to know: a freeze, a post under our name, an incident.
    """

    since: int
    seq: int
    queues: Mapping[int, int]
    touched: tuple[Touched, ...] | None
    house: bool


@dataclass(eq=False)
class Consoles:
    """The console sockets of this process, told at most four times a second, each what its visitor may know."""

    hub: Hub
    sockets: dict[ConsoleSocket, None] = field(default_factory=dict)
    seq: int = 0
    _steps: deque[Step] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _pending: list[Change] = field(default_factory=list)
    _telling: asyncio.Task[None] | None = None
    _told_at: float = 0.0
    _kept_at: datetime | None = None
    _keeping: asyncio.Task[None] | None = None
    _frames: dict[Any, str | None] = field(default_factory=dict)

    def enter(self, socket: ConsoleSocket) -> None:
        """Tell this socket from now on. The hub is ready."""
        if not self.sockets:
            self.hub.join(self)
            self.seq = self.hub.seq
        self.sockets[socket] = None

    def leave(self, socket: ConsoleSocket) -> None:
        """It is gone; when nobody is left, so is what was remembered."""
        self.sockets.pop(socket, None)
        if not self.sockets:
            self.hub.leave(self)
            if self._telling is not None:
                self._telling.cancel()
            self._steps.clear()
            self._pending.clear()

    def changed(self, change: Change) -> None:
        """Something changed: told together with what else changes within the moment."""
        self._pending.append(change)
        if self._telling is None:
            self._telling = asyncio.create_task(self._tell())

    def told(self, message: Mapping[str, Any]) -> None:
        """Nothing for consoles."""

    def beat(self, truth: Truth) -> None:
        """The database answers: say so, and once a minute keep who has a console open."""
        if self.sockets and (self._kept_at is None or truth.at - self._kept_at >= presence.EVERY):
            self._kept_at = truth.at
            self._keeping = asyncio.create_task(self._keep_presence(truth.at))
        beat = frame("beat", seq=self.seq, at=truth.at.isoformat())
        for socket in list(self.sockets):
            if not socket.busy:
                socket.offer(beat)

    async def _keep_presence(self, now: datetime) -> None:
        people = {socket.visitor.user for socket in self.sockets if socket.visitor is not None}
        try:
            await in_thread(_lookup, presence.seen, people, now)
        except Exception as error:
            log.warning("who has a console open cannot be kept: %s", type(error).__name__)

    async def _tell(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            while self._pending:
                await asyncio.sleep(self._told_at + PERIOD_S - now())
                self._told_at = now()
                pending, self._pending = self._pending, []
                step = await self._step(pending)
                self._steps.append(step)
                self.seq = step.seq
                self._frames.clear()
                for socket in list(self.sockets):
                    self.catch_up(socket)
        finally:
            self._telling = None

    async def _step(self, changes: list[Change]) -> Step:
        queues: dict[int, int] = {}
        conversations: set[int] | None = set()
        for change in changes:
            queues.update(change.queues)
            if change.conversations is None or conversations is None:
                conversations = None
            else:
                conversations.update(change.conversations)
        touched = None
        if conversations is not None:
            try:
                touched = await in_thread(_lookup, _whereabouts, conversations)
            except Exception as error:
                log.warning("conversations cannot be looked up: %s", type(error).__name__)
        house = any(kind.startswith(FOR_EVERYBODY) for change in changes for kind in change.kinds)
        return Step(self.seq, max(self.seq, changes[-1].seq), queues, touched, house)

    def catch_up(self, socket: ConsoleSocket) -> None:
        """Tell a socket what is different from what it was told last, unless an earlier frame is still leaving."""
        visitor = socket.visitor
        if visitor is None or socket.busy or socket.seq >= self.seq:
            return
        text = self._frame(visitor, socket.seq)
        socket.seq = self.seq
        if text is not None:
            socket.offer(text)

    def _frame(self, visitor: Visitor, since: int) -> str | None:
        """What is new to this visitor; None if nothing. Rendered once for all who see the same."""
        steps = [step for step in self._steps if step.seq > since]
        known = bool(steps) and steps[0].since <= since and all(step.touched is not None for step in steps)
        if not known:
            queues = {queue: version for queue, version in self.hub.versions.items() if visitor.sees(queue)}
            return frame("changed", queues=queues, conversations=[], all=True, house=True, seq=self.seq)
        touched = [one for step in steps for one in step.touched or ()]
        held = frozenset(one.id for one in touched if one.owner == visitor.user and not visitor.sees(one.queue))
        key = (visitor.queues, held, since)
        if key not in self._frames:
            queues = {q: version for step in steps for q, version in step.queues.items() if visitor.sees(q)}
            seen = {one.id: one for one in touched if one.id in held or visitor.sees(one.queue)}
            conversations = [[one.id, one.version, one.events] for _id, one in sorted(seen.items())]
            news: dict[str, Any] = {"queues": queues, "conversations": conversations}
            if any(step.house for step in steps):
                news["house"] = True
            self._frames[key] = frame("changed", **news, seq=self.seq) if any(news.values()) else None
        return self._frames[key]


def _whereabouts(conversations: set[int]) -> tuple[Touched, ...]:
    """Where these conversations stand now; canaries are nobody's work and are left out."""
    if not conversations:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.queue_id, k.owner_id, c.version, "
            "(SELECT count(*) FROM mentions_event e WHERE e.conversation_id = c.id) FROM mentions_conversation c "
            "LEFT JOIN agents_case k ON k.conversation_id = c.id AND k.ended_at IS NULL "
            "WHERE c.id = ANY(%s) AND c.origin <> %s",
            [list(conversations), Origin.CANARY],
        )
        return tuple(Touched(*row) for row in cursor.fetchall())


class ConsoleSocket(PersonSocket):
    """`/ws/console/?after=SEQ`: what changed, by id and version, for one signed-in person."""

    action: ClassVar[str] = "see console"
    seq = 0

    def door(self) -> Door:
        return house().door

    async def entered(self, visitor: Visitor) -> None:
        consoles = house().consoles
        await consoles.hub.ready()
        if self.visitor is None:
            return
        consoles.enter(self)
        after = _number(_asked(self.scope, "after"))
        self.seq = consoles.seq if after is None else min(after, consoles.seq)
        queues = {queue: version for queue, version in consoles.hub.versions.items() if visitor.sees(queue)}
        self.offer(frame("hello", seq=self.seq, release=release(), queues=queues))

    def drained(self) -> None:
        house().consoles.catch_up(self)

    def left(self) -> None:
        house().consoles.leave(self)


# --- Walls -------------------------------------------------------------------------------------------------------


class WallSocket(PersonSocket):
    """`/ws/wall/?scene=KEY&profile=internal&language=en`: the whole scene whenever it looks different."""

    action: ClassVar[str] = "see walls"
    view: View | None = None
    shown: Frame | None = None

    def door(self) -> Door:
        return house().door

    async def entered(self, visitor: Visitor) -> None:
        view = _view(self.scope)
        if view is None:
            self.dismiss(NOT_ALLOWED)
            return
        stage = house().stage
        truth = await stage.hub.ready()
        if self.visitor is None:
            return
        self.offer(frame("hello", seq=truth.seq, at=truth.at.isoformat(), release=release()))
        self.view = view
        stage.enter(view, self)

    def show(self, frame: Frame) -> None:
        """Send this frame, or the newest there is as soon as the one before has left."""
        if not self.busy and self.visitor is not None:
            self.shown = frame
            self.offer(frame.text)

    def beat(self, truth: Truth) -> None:
        """Say that the database answers."""
        if not self.busy and self.visitor is not None:
            self.offer(frame("beat", seq=truth.seq, at=truth.at.isoformat()))

    def drained(self) -> None:
        show = house().stage.shows.get(self.view) if self.view is not None else None
        if show is not None and show.frame is not None and show.frame is not self.shown:
            self.show(show.frame)

    def left(self) -> None:
        if self.view is not None:
            house().stage.leave(self.view, self)


def _view(scope: Mapping[str, Any]) -> View | None:
    scene, profile = _asked(scope, "scene"), _asked(scope, "profile") or Profile.STREET
    language = _asked(scope, "language")
    if not scenes.exists(scene) or profile not in Profile.values:
        return None
    return View(scene, Profile(profile), language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)


def _asked(scope: Mapping[str, Any], name: str) -> str:
    query: bytes = scope.get("query_string", b"")
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
