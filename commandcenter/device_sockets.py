"""A screen's socket: let in by proof, told what to show, and asked for what it really shows.

It lives for as long as the screen does: its credential is renewed, and its right to be there is judged again, without
a break.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from commandcenter import devices, legibility, scenes
from commandcenter.consumers import house
from commandcenter.control import Row
from commandcenter.devices import Admission, Outcome, Report
from commandcenter.models.screens import Screen
from commandcenter.players import Players, pool, quietly
from commandcenter.playlists import Kind, Plan
from commandcenter.scenes import Frame
from commandcenter.sockets import NOT_SIGNED_IN, TRY_LATER, Socket, frame, in_thread, release
from commandcenter.stage import View
from mentions import scrub
from mentions.live import Truth

log = logging.getLogger(__name__)

PROOF_S = 10.0
PATIENCE_S = 3.0  # for a screen that seems to be there, and is asked whether it is
LOOK_S = 0.2
GRACE = timedelta(seconds=10)  # for a device that is no longer the one that is in, to say that it exists
STEP_S = 300.0
MOST_UNTAKEN = 2  # steps that a screen was handed and never wrote down: a page of ours does so at once
ENDING = (Kind.MESSAGE, Kind.TEST)  # covers that a person asked for, for a time
_WORD = re.compile(r"[\w.-]{1,40}", re.ASCII)  # anything that a page says of itself


class DeviceSocket(Socket):
    """`/ws/wall/?as=screen`: a paired screen. `scene=KEY` has it show that one in place of its playlist."""

    screen = 0
    connection: UUID
    asked_at: datetime
    _cookie = ""
    _challenge = ""
    _pinned = ""
    _judging: asyncio.Task[None] | None = None
    _stepped = 0.0
    _untaken = 0
    _directed = ""
    _cut_off_at: datetime | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connection = uuid4()
        self.asked_at = datetime.min.replace(tzinfo=UTC)
        self.views: dict[View, None] = {}
        self._pending: dict[str, str] = {}

    def players(self) -> Players:
        """The directed screens of this process."""
        return house().players

    # --- Coming in ---

    async def connect(self) -> None:
        await self.accept()
        self._cookie = self.scope.get("cookies", {}).get(devices.COOKIE, "")
        asked = parse_qs(self.scope.get("query_string", b"").decode("latin-1")).get("scene", [""])[0]
        self._pinned = asked if scenes.exists(asked) else ""
        if not self._cookie:
            await self.close(NOT_SIGNED_IN)
            return
        self._challenge = devices.challenge()
        await self.send(frame("prove", challenge=self._challenge))
        self._judging = asyncio.create_task(self._nobody_came())

    async def _nobody_came(self) -> None:
        """Silence is no verdict: a device whose line is bad comes again, and keeps what it proves itself with."""
        await asyncio.sleep(PROOF_S)
        await self.close(TRY_LATER)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        try:
            said = json.loads(message.get("text") or "")
            kind = said["type"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return
        if kind == "proof" and self._challenge and not self.inside:
            challenge, self._challenge = self._challenge, ""
            if self._judging is not None:
                self._judging.cancel()
            self._judging = asyncio.create_task(self._judge(challenge, said))
        elif not self.inside:
            return
        elif kind == "took":
            self._untaken = 0
            self.players().start(quietly(in_thread(pool, devices.took_step, self.screen, self.connection)))
        elif kind == "here":
            self.players().start(quietly(in_thread(pool, devices.still_here, self.screen, self.connection)))
        elif kind == "showing":
            self.players().hear(_report(self.screen, self.connection, said))

    async def _judge(self, challenge: str, proof: Mapping[str, Any]) -> None:
        try:
            found = await in_thread(pool, devices.admit, self._cookie, challenge, proof, self.connection)
            found = await self._waited(found)
        except Exception as error:
            log.warning("a screen cannot be judged: %s", type(error).__name__)
            await self.close(TRY_LATER)
            return
        if found.outcome is not Outcome.IN:
            await self.close(NOT_SIGNED_IN)
            return
        self.screen, self.inside = found.screen, True
        self._stepped = asyncio.get_running_loop().time()
        self._untaken = 1
        self._put("step", frame("step", token=found.token))
        players = self.players()
        players.enter(self)
        truth = await players.hub.ready()
        if self.inside:
            self._put("hello", frame("hello", seq=truth.seq, at=truth.at.isoformat(), release=release()))

    async def _waited(self, found: Admission) -> Admission:
        now = asyncio.get_running_loop().time
        began = now()
        while found.outcome is Outcome.WAIT:
            await asyncio.sleep(LOOK_S)
            over = now() - began > PATIENCE_S
            found = await in_thread(pool, devices.admit_after_wait, found.screen, self.connection, patience_over=over)
        return found

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        if self._judging is not None and not self._judging.done():
            self._judging.cancel()
            self.players().start(quietly(in_thread(pool, _forget_connection, self.connection)))
        await super().websocket_disconnect(message)

    def left(self) -> None:
        stage = self.players().stage
        for view in self.views:
            stage.leave(view, self)
        self.views.clear()
        self._pending.clear()
        self.players().leave(self)

    # --- What it is told ---

    def direct(self, plan: Plan, row: Row, now: datetime) -> None:
        """This is what the screen shows from now on."""
        self._cut_off_at = None
        profile = row.settings.profile
        if self._pinned and plan.why in ("playlist", "schedule", "fixed"):
            plan = Plan(Kind.SCENES, "pinned", (self._pinned,) * row.settings.panels)
        named = row.identify_until if row.identify_until is not None and now < row.identify_until else None
        text = _told(plan, row, named_until=named)
        if text == self._directed:
            return
        self._directed = text
        wanted = dict.fromkeys(View.of(scene, profile, settings.LANGUAGE_CODE, row.room) for scene in plan.scenes)
        stage = self.players().stage
        for view in [view for view in self.views if view not in wanted]:
            del self.views[view]
            self._pending.pop(f"scene {view}", None)
            stage.leave(view, self)
        self._put("plan", text)
        for view in wanted:
            if view not in self.views:
                self.views[view] = None
                stage.enter(view, self)

    def show(self, frame: Frame) -> None:
        """A scene looks like this now."""
        for view in self.views:
            if view.scene == frame.scene:
                self._put(f"scene {view}", frame.text)

    def beat(self, truth: Truth) -> None:
        """The stage's beat; a screen is told by its players, whatever it shows."""

    def say_beat(self, truth: Truth) -> None:
        """The database answers."""
        self._put("beat", frame("beat", seq=truth.seq, at=truth.at.isoformat()))

    def cut_off(self, now: datetime) -> None:
        """Another device is in by this credential: nothing more is shown here, and it goes unless that was a mistake.

        Asked first, because its answer tells a copy from a line that is dead.
        """
        self.ask()
        self._directed = ""
        for view in self.views:
            self.players().stage.leave(view, self)
        self.views.clear()
        self._pending = {kind: text for kind, text in self._pending.items() if not kind.startswith("scene ")}
        if self._cut_off_at is None:
            self._cut_off_at = now
        elif now - self._cut_off_at > GRACE:
            self.dismiss(NOT_SIGNED_IN)

    def ask(self) -> None:
        """Another device came with the same credential: does this one still exist?"""
        self._put("there", frame("there"))

    def renew(self) -> None:
        """Give the screen its next step when the last one has been in use for some minutes.

        One that never takes any is revoked: so behaves a copy that does not want to use up what it has in common.
        """
        now = asyncio.get_running_loop().time()
        if now - self._stepped > STEP_S:
            self._stepped = now
            if self._untaken >= MOST_UNTAKEN:
                self.players().start(quietly(in_thread(pool, devices.end_silent, self.screen, self.connection)))
            else:
                self._untaken += 1
                self.players().start(self._renew())

    async def _renew(self) -> None:
        try:
            token = await in_thread(pool, devices.next_step, self.screen, self.connection)
        except Exception as error:
            log.warning("a screen cannot be given its next step: %s", type(error).__name__)
            return
        if token is not None and self.inside:
            self._put("step", frame("step", token=token))

    def _put(self, key: str, text: str) -> None:
        """Send this now, or as soon as what is leaving has left; of one kind only the newest is worth sending."""
        if not self.inside:
            return
        if self.busy:
            self._pending[key] = text
        else:
            self.offer(text)

    def drained(self) -> None:
        if self._pending:
            self.offer(self._pending.pop(next(iter(self._pending))))


def _told(plan: Plan, row: Row, *, named_until: datetime | None) -> str:
    """A plan as a page reads it: why it is so is our affair. What has an end, the page ends though nobody tells it."""
    screen = row.settings
    reach = legibility.reach(legibility.width_m(row.inches), row.distance_m)
    whole = screen.place is None
    return frame(
        "plan",
        n=row.asked,
        kind=plan.kind,
        scenes=plan.scenes,
        cover="" if plan.scenes else _cover(plan, row),
        until=plan.until.isoformat() if plan.until is not None and plan.kind in ENDING else None,
        name=row.name if named_until is not None else "",
        name_until=named_until.isoformat() if named_until is not None else None,
        profile=screen.profile,
        cols=screen.cols if whole else 1,
        rows=screen.rows if whole else 1,
        reach=reach.layout,
        scale=reach.scale,
        zone=screen.zone,
        city=row.city,
    )


def _cover(plan: Plan, row: Row) -> str:
    """What fills a screen in place of a scene."""
    with translation.override(settings.LANGUAGE_CODE):
        return render_to_string(
            "commandcenter/screens/cover.html",
            {
                "kind": str(plan.kind),
                "text": plan.text,
                "until": plan.until,
                "name": row.name,
                "since": row.settings.blanked,
                "profile": row.settings.profile,
                "zone": row.settings.zone,
                "bank": settings.BANK_NAME,
                "distance": row.distance_m,
                "inches": row.inches,
            },
        )


def _report(screen: int, connection: UUID, said: Mapping[str, Any]) -> Report:
    """What a page says of itself, and no more of it than there is room for."""
    number = said.get("n")
    listed = said.get("scenes")
    shown = {
        "kind": _word(said.get("kind")),
        "state": _word(said.get("state")),
        "release": _word(said.get("release")),
        "scenes": [_word(scene) for scene in listed[:64]] if isinstance(listed, list) else [],
    }
    acked = number if isinstance(number, int) and 0 <= number < 2**62 else 0
    return Report(screen, connection, acked, json.dumps(shown))


def _word(said: object) -> str:
    """A key or a name as our pages say them; anything else would be in the way of what other screens say."""
    return said if isinstance(said, str) and _WORD.fullmatch(said) and not scrub.scrub(said).found else ""


def _forget_connection(connection: UUID) -> None:
    """A device that went while it was judged may have been let in at that very moment."""
    Screen.objects.filter(connection=connection).update(connection=None)
