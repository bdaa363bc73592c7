"""Who is at the other end of a socket: admitted by session, asked again every few seconds for as long as it lives.

A socket is accepted before it is judged, because a browser cannot tell a refused handshake from a broken network
and would retry for ever; whom we do not know is closed with 4401, whom we know and may not let in with 4403.
All sockets of a process are judged together, in a handful of queries.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from agents import access
from agents.models import TeamQueue, User
from mentions.live import Change, Hub, Truth

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
COME_BACK = 1012
TRY_LATER = 1013

LIFE_S = 12 * 3600
ADMISSION_S = 0.01  # those who come within a moment are judged together
ACTIONS = ("see console", "see walls")

_door = ThreadPoolExecutor(max_workers=1, thread_name_prefix="door")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in person: what the role allows, and the queues that they see (None: all of them)."""

    user: int
    may: frozenset[str]
    queues: frozenset[int] | None

    def sees(self, queue: int) -> bool:
        """Whether the queue's existence may be told to them."""
        return self.queues is None or queue in self.queues


def visitors(session_keys: Collection[str]) -> dict[str, Visitor]:
    """The people behind these session cookies, by cookie; who is not signed in (any more) is missing.

    Asks what signing in asks: an unexpired session of a configured backend, an active person, and a password
    that has not been changed since.
    """
    sessions = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    claims = {key: SessionStore().decode(data) for key, data in sessions.values_list("session_key", "session_data")}
    claims = {key: claim for key, claim in claims.items() if _says_who(claim)}
    people = User.objects.in_bulk({int(claim[SESSION_KEY]) for claim in claims.values()})
    seen = _queues_of([person for person in people.values() if person.is_active])
    found = {}
    for key, claim in claims.items():
        person = people.get(int(claim[SESSION_KEY]))
        if person is not None and person.is_active and _still_holds(claim, person):
            allowed = frozenset(action for action in ACTIONS if access.may(person, action))
            found[key] = Visitor(person.pk, allowed, seen[person.pk])
    return found


def _says_who(claim: Mapping[str, Any]) -> bool:
    return (
        str(claim.get(SESSION_KEY, "")).isdecimal()
        and claim.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    )


def _still_holds(claim: Mapping[str, Any], person: User) -> bool:
    given = str(claim.get(HASH_SESSION_KEY, ""))
    known = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    return any(constant_time_compare(given, digest) for digest in known)


def _queues_of(people: Collection[User]) -> dict[int, frozenset[int] | None]:
    """The queues that each person sees, as `access.queues_for` has it, in one query for all of them."""
    bound = [person.pk for person in people if not access.sees_all(person)]
    seen: dict[int, set[int]] = {person: set() for person in bound}
    pairs = TeamQueue.objects.filter(team__people__in=bound).values_list("team__people", "queue")
    for person, queue in pairs:
        if person in seen:
            seen[person].add(queue)
    return {person.pk: frozenset(seen[person.pk]) if person.pk in seen else None for person in people}


async def in_thread(executor: ThreadPoolExecutor, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a function that uses the database away from the event loop."""
    result: R = await database_sync_to_async(function, thread_sensitive=False, executor=executor)(*args, **kwargs)
    return result


class Door:
    """Admits sockets and, at every beat, sends away those who may no longer stay. One a process."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.inside: dict[PersonSocket, None] = {}
        self._waiting: dict[str, asyncio.Future[Visitor | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._reviewing = False

    async def admit(self, session_key: str) -> Visitor | None:
        """Who comes with this cookie; None for a stranger. Raises what the database raises."""
        if not session_key:
            return None
        answer = self._waiting.get(session_key)
        if answer is None:
            answer = self._waiting[session_key] = asyncio.get_running_loop().create_future()
            if len(self._waiting) == 1:
                self._start(self._answer())
        return await asyncio.shield(answer)

    async def _answer(self) -> None:
        await asyncio.sleep(ADMISSION_S)
        asked, self._waiting = self._waiting, {}
        try:
            known = await in_thread(_door, visitors, list(asked))
        except Exception as error:
            for answer in asked.values():
                answer.set_exception(error)
                answer.exception()  # whoever asked may be gone, and nobody else need hear of it
        else:
            for key, answer in asked.items():
                answer.set_result(known.get(key))

    def enter(self, socket: PersonSocket) -> None:
        """This socket is judged again from now on."""
        if not self.inside:
            self.hub.join(self)
        self.inside[socket] = None

    def leave(self, socket: PersonSocket) -> None:
        """It is gone."""
        if self.inside.pop(socket, self) is None and not self.inside:
            self.hub.leave(self)

    def changed(self, change: Change) -> None:
        """Nothing to do: rights are read at every beat."""

    def told(self, message: Mapping[str, Any]) -> None:
        """Nothing to do."""

    def beat(self, truth: Truth) -> None:
        """Judge everybody again."""
        if not self._reviewing:
            self._reviewing = True
            self._start(self._review())

    async def _review(self) -> None:
        asked = list(self.inside)  # whoever enters meanwhile has just been judged
        try:
            known = await in_thread(_door, visitors, {socket.session_key for socket in asked})
        except Exception as error:  # nothing is sent while the database is away, so nobody learns anything either
            log.warning("sockets cannot be judged: %s", type(error).__name__)
            return
        finally:
            self._reviewing = False
        now = asyncio.get_running_loop().time()
        for socket in asked:
            visitor = known.get(socket.session_key)
            if socket not in self.inside:
                continue
            if visitor is None:
                socket.dismiss(NOT_SIGNED_IN)
            elif socket.action not in visitor.may:
                socket.dismiss(NOT_ALLOWED)
            elif now > socket.until:
                socket.dismiss(COME_BACK)
            else:
                socket.visitor = visitor

    def _start(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Socket(AsyncWebsocketConsumer):
    """One browser that listens, and is sent states. A subclass lets it in and implements `left`."""

    channel_layer_alias = "none"  # the hub brings the news; a layer would hold a connection to Valkey for each socket
    inside = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sending: asyncio.Task[None] | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Channels' own closes database connections in a thread before every message; no handler here has any."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    @abstractmethod
    def left(self) -> None:
        """The socket is gone, after it was let in."""

    def drained(self) -> None:
        """What was offered has left; a chance to offer what came meanwhile."""

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        """Whoever listens has nothing to say here: writes are HTTP, where every right is checked."""

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._depart()
        raise StopConsumer

    def _depart(self) -> None:
        if self.inside:
            self.inside = False
            self.left()

    @property
    def busy(self) -> bool:
        """Whether an earlier frame has not left yet: a slow reader skips what comes meanwhile."""
        return self._sending is not None

    def offer(self, text: str) -> None:
        """Send a frame without waiting for it. Only when not `busy`."""
        self._sending = asyncio.create_task(self._send(text))

    async def _send(self, text: str) -> None:
        try:
            await self.base_send({"type": "websocket.send", "text": text})
        finally:
            self._sending = None
        if self.inside:
            self.drained()

    def dismiss(self, code: int) -> None:
        """Close it from our side; from this moment on it is sent nothing."""
        self._depart()
        if self._sending is not None:
            self._sending.cancel()
        self._sending = asyncio.create_task(self.close(code))


class PersonSocket(Socket):
    """The socket of a signed-in person. What it sends is not read.

    A subclass names the `action` that its visitor's role must allow, and implements `entered` and `left`.
    """

    action: ClassVar[str]
    visitor: Visitor | None = None
    session_key = ""
    until = 0.0

    @abstractmethod
    def door(self) -> Door:
        """The door of this process."""

    @abstractmethod
    async def entered(self, visitor: Visitor) -> None:
        """The visitor was let in."""

    async def connect(self) -> None:
        await self.accept()
        self.session_key = self.scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME, "")
        try:
            visitor = await self.door().admit(self.session_key)
        except Exception as error:
            log.warning("a socket cannot be judged: %s", type(error).__name__)
            await self.close(TRY_LATER)
            return
        if visitor is None:
            await self.close(NOT_SIGNED_IN)
        elif self.action not in visitor.may:
            await self.close(NOT_ALLOWED)
        else:
            self.visitor, self.inside = visitor, True
            self.until = asyncio.get_running_loop().time() + LIFE_S * random.uniform(0.9, 1.1)
            self.door().enter(self)
            await self.entered(visitor)

    def _depart(self) -> None:
        if self.inside:
            self.visitor = None
            self.door().leave(self)
        super()._depart()


def release() -> str:
    """The version of what browsers were served: changes with any static file."""
    return str(settings.RELEASE)


def frame(kind: str, /, **body: Any) -> str:
    """A frame as browsers read it."""
    return json.dumps({"type": kind, **body}, separators=(",", ":"))
