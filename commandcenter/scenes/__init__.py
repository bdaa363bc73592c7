"""What a wall can show: the scene contract, discovery by file name, and the one way a scene is rendered.

A scene is one file in this package, `commandcenter/scenes/<key>.py`, that ends in `SCENE = Scene(...)`, and one
template, `templates/commandcenter/scenes/<key>.html`. Nothing is registered anywhere.

A wall is always sent the whole scene, rendered here, and never a difference: whoever missed something is right again
with the next one. `commandcenter.stage` shares what was rendered among everybody who looks.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property, partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import translation
from django_stubs_ext import StrPromise

from commandcenter import glossary, periods, playlists, rollups
from commandcenter.glossary import Definition
from commandcenter.models import Profile
from commandcenter.scenes import _complete, _strip
from mentions import events


def always(profile: Profile, now: datetime) -> bool:
    """What a scene answers that has something to say at any time, were it that there is nothing."""
    return True


@dataclass(frozen=True)
class Scene:
    """One full-screen layout.

    `purpose` says who acts on it and what they do then; a scene that nobody acts on is not shown.
    `listens_to` are the beginnings of the event kinds after which it may look different. `context` reads its
    figures, for strangers by a query of their own that has no private field in it; `strangers` says whether
    there is anything for them at all. `has_input` tells cheaply whether there is anything to show now: a
    playlist passes over a scene without, and whoever opens it all the same reads that there is nothing. `counted`
    says that a room reads figures on it that are counted in a second step, a moment after the posts are sealed.
    `figures` are the keys of `commandcenter.glossary` that define what it shows. `pace_s` is how soon after news it
    is rendered again at the earliest: what nobody acts on within a second need not be at every turn of `stage`.
    `in_room` is as `context`, of a room by its key, for a scene that is not the same in all of them.
    """

    title: StrPromise
    purpose: StrPromise
    listens_to: tuple[str, ...]
    context: Callable[[Profile, datetime], Mapping[str, Any]]
    strangers: bool
    figures: tuple[str, ...] = ()
    has_input: Callable[[Profile, datetime], bool] = always
    counted: bool = False
    pace_s: float = 0.0
    in_room: Callable[[int, Profile, datetime], Mapping[str, Any]] | None = None

    @property
    def definitions(self) -> list[Definition]:
        """What its figures mean, in words."""
        return [glossary.define(key) for key in self.figures]

    def concerned(self, kinds: Iterable[str]) -> bool:
        """Whether events of these kinds may have changed what it shows."""
        return any(kind.startswith((*self.listens_to, *_strip.LISTENS_TO)) for kind in kinds)


@dataclass(frozen=True)
class Frame:
    """A rendered scene: everything up to position `seq` is in it, and the database was read at `as_of`, its time.

    `counted` is the position up to which everything had been counted then; whoever is only shown it need not know.
    """

    scene: str
    html: str
    as_of: datetime
    seq: int
    counted: int = field(default=0, compare=False)

    @cached_property
    def text(self) -> str:
        """The frame as sockets carry it and the cache keeps it; every socket of a process is sent the same."""
        body = {"scene": self.scene, "html": self.html, "as_of": self.as_of.isoformat(), "seq": self.seq}
        return json.dumps({"type": "scene", **body}, separators=(",", ":"))

    @classmethod
    def read(cls, text: str | bytes) -> Frame:
        """The frame of such a text. Raises `ValueError` or `KeyError` for anything else."""
        body = json.loads(text)
        return cls(body["scene"], body["html"], datetime.fromisoformat(body["as_of"]), int(body["seq"]))


@dataclass(frozen=True, slots=True)
class Moment:
    """When figures are read, by the database's clock, with the newest sealed position and the newest counted one."""

    now: datetime
    sealed: int
    counted: int


class UnknownScene(LookupError):
    """There is no scene of this key."""


def get(key: str) -> Scene:
    """The scene of this key. Raises `UnknownScene`."""
    try:
        return _all()[key]
    except KeyError:
        raise UnknownScene(key) from None


def exists(key: str) -> bool:
    """Whether there is a scene of this key."""
    return key in _all()


def counts(key: str, profile: Profile) -> bool:
    """Whether the scene waits for figures to be counted. What strangers see is counted from the posts themselves."""
    return get(key).counted and profile is Profile.INTERNAL


def known() -> tuple[str, ...]:
    """Every scene, in alphabetical order."""
    return tuple(_all())


def render(key: str, profile: Profile, language: str, room: int = 0) -> Frame:
    """Read the scene's figures at one moment and render them. Raises `UnknownScene`."""
    with _one_moment() as moment:
        return draw(key, profile, language, moment, room)


def draw(key: str, profile: Profile, language: str, moment: Moment, room: int = 0) -> Frame:
    """The scene as it stands at a moment, in a room by its key or in none. Raises `UnknownScene`."""
    scene, now = get(key), moment.now
    slate = profile is Profile.STREET and not scene.strangers
    seq = moment.counted if counts(key, profile) else moment.sealed
    with translation.override(language):
        complete = _complete.look(now, position=seq, sealed=moment.sealed)
        void = complete is not None and complete.void and key != playlists.INCIDENT
        read = partial(scene.in_room, room) if room and scene.in_room is not None else scene.context
        figures = {} if slate or void else {**_strip.context(profile, now, key), **read(profile, now)}
        name = "slate" if slate else "uncounted" if void else key
        about = {"key": key, "scene": scene, "profile": profile, "as_of": now, "complete": complete, "seq": seq}
        html = render_to_string(f"commandcenter/scenes/{name}.html", {**figures, **about, **_house()})
    return Frame(key, html, now, seq, moment.counted)


def city(zone: str) -> str:
    """The city that a time zone is named after."""
    return zone.rpartition("/")[2].replace("_", " ")


def _house() -> dict[str, Any]:
    """What is the same on every screen: whose wall it is, the zone that its days are of, and the zone's city."""
    return {"bank": settings.BANK_NAME, "zone": periods.bank_zone(), "city": city(settings.BANK_TIME_ZONE)}


@contextmanager
def _one_moment() -> Iterator[Moment]:
    """All reads inside see the database as it was at one moment, so that a scene's figures agree with each other.

    What is counted comes a moment after the seal.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT statement_timestamp()")
        (now,) = cursor.fetchone()
        sealed = events.last_position()
        yield Moment(now, sealed, min(sealed, rollups.reached()))


@cache
def _all() -> dict[str, Scene]:
    found = {}
    for module in pkgutil.iter_modules(__path__):
        scene = getattr(importlib.import_module(f"{__name__}.{module.name}"), "SCENE", None)
        if isinstance(scene, Scene):
            found[module.name] = scene
    return found
