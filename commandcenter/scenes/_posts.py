"""Posts on a wall: whole and as their networks ask, or not at all; as many as a picture holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from commandcenter import displays
from commandcenter.displays import Post
from commandcenter.scenes import _wording
from mentions import networks

COLUMNS = 2
ACROSS = 43  # small letters in a line of a column, near; and in the whole width where a room looks
LINES, LINES_INVITED = 18, 16.5  # of a column; of one above an invitation to write
ACROSS_ROOM, LINES_ROOM = 50, 8
HEAD = 3.5  # lines that the author and the space around a card take
LONGEST = 12


@dataclass(frozen=True, slots=True)
class Card:
    """A post as it is read: `column` where it stands, `in_room` whether it is shown where people stand far away.

    `face` is its author's picture as `displays.faces` gives it; where there is none, `initial` stands for it. `mark` is
    what stands on a post of an exercise; None on a real one.
    """

    post: Post
    initial: str
    title: str | Promise
    logo: bool
    ago: tuple[tuple[str, str], ...]
    column: int
    in_room: bool
    mark: _wording.Status | None = None
    face: str = ""


def fits(text: str) -> bool:
    """Whether a text can be shown whole."""
    return _wording.lines(text, ACROSS) <= LONGEST


def cards(
    posts: Sequence[Post],
    now: datetime,
    *,
    columns: Sequence[int] = range(COLUMNS),
    lines_of_each: float = LINES,
    mark: bool = False,
) -> list[Card]:
    """The first posts that fit beside each other, in these columns. Those with a mark are not read from far away."""
    room = dict.fromkeys(columns, lines_of_each)
    room_left: float = 0 if mark else LINES_ROOM
    found = []
    for post in posts:
        lines = _wording.lines(post.text, ACROSS) + HEAD + mark
        column = next((place for place, left in room.items() if lines <= left), None)
        if column is None:
            continue
        room[column] -= lines
        far = _wording.lines(post.text, ACROSS_ROOM) + (HEAD if room_left < LINES_ROOM else 1)
        in_room = far <= room_left
        room_left -= far if in_room else 0
        found.append(
            Card(
                post,
                _initial(post),
                network_title(post.network),
                post.network in _logos(),
                _age(post, now),
                column,
                in_room,
                _wording.exercise() if mark else None,
            )
        )
    faces = displays.faces(card.post for card in found)
    return [replace(card, face=faces.get(card.post.face, "")) for card in found]


def network_title(key: str) -> str | Promise:
    """What people call the network; one that is not connected here by its key."""
    return networks.get(key).title if key in networks.keys() else key[:1].upper() + key[1:]  # noqa: SIM118


@cache
def _logos() -> frozenset[str]:
    """The networks whose logo we have."""
    sprite = (Path(settings.BASE_DIR) / "static" / "icons.svg").read_text()
    return frozenset(re.findall(r'<symbol id="net-([^"]+)"', sprite))


def _initial(post: Post) -> str:
    return next((letter for letter in post.name + post.handle if letter.isalnum()), "?").upper()


def _age(post: Post, now: datetime) -> tuple[tuple[str, str], ...]:
    length = now - post.at
    return _wording.duration(length) if length.total_seconds() >= 60 else (("", _("just now")),)
