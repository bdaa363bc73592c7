"""River: what people write. Strangers see posts that a person approved; a room sees the newest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from commandcenter import displays
from commandcenter.displays import Post
from commandcenter.models import Profile
from commandcenter.populations import NOT_A_RIVAL
from commandcenter.scenes import Scene, _posts, _practised, _wording
from mentions.models import Origin, Source

NEWEST = 24
LOOKED_AT = 240  # posts among which the newest different ones are found: many accounts may write the same words
TURN_S = 30  # so long the same approved posts stay, before the next ones come
RECENT = timedelta(days=1)


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """Cards in two columns; for strangers only approved posts, and where to write to the bank.

    While an exercise runs, its newest posts have the second column, each under its mark.
    """
    if profile == Profile.STREET:
        cards = _turn(displays.public(now), now)
        return {**_columns(cards), "invitations": _invitations(), "skipped": "", "again": ""}
    posts, looked_at = _newest(now)
    practised = _posts.cards([post for post in _practised.posts(now) if _is_whole(post)], now, columns=(1,), mark=True)
    columns = (0,) if practised else range(_posts.COLUMNS)
    cards = [*_posts.cards([post for post in posts if _is_whole(post)], now, columns=columns), *practised]
    oldest = min((card.post.at for card in cards if card.mark is None), default=now - RECENT)
    skipped = sum(not _is_whole(post) and post.at >= oldest for post in posts)
    return {
        **_columns(cards),
        "invitations": (),
        "skipped": _wording.number(skipped) if skipped else "",
        "again": _wording.number(looked_at - len(posts)) if looked_at > len(posts) else "",
        "looked_at": _wording.number(looked_at),
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there is a post to show."""
    if profile == Profile.STREET:
        return bool(displays.public(now))
    return any(map(_is_whole, [*_newest(now)[0], *_practised.posts(now)]))


def _columns(cards: Sequence[_posts.Card]) -> dict[str, Any]:
    return {
        "cards": cards,
        "columns": [[card for card in cards if card.column == column] for column in range(_posts.COLUMNS)],
        "lead": next((card for card in cards if card.in_room), None),
    }


def _turn(posts: Sequence[Post], now: datetime) -> list[_posts.Card]:
    """Where more are approved than fit, all have their turn by the clock, so that neighbours show the same."""
    shown = [post for post in posts if _posts.fits(post.text)]
    first = _posts.cards(shown, now, lines_of_each=_posts.LINES_INVITED)
    if len(first) in (0, len(shown)):
        return first
    turn = int(now.timestamp() // TURN_S) * len(first) % len(shown)
    return _posts.cards([*shown[turn:], *shown[:turn]], now, lines_of_each=_posts.LINES_INVITED)


def _is_whole(post: Post) -> bool:
    """Whether a screen holds all of it: its words have room, and it has no picture, which no screen shows."""
    return _posts.fits(post.text) and not post.has_media


def _newest(now: datetime) -> tuple[list[Post], int]:
    """The newest public posts about the bank, spam, deleted and hidden ones left out; of the same words the newest.

    Also how many posts were looked at, so that one text that very many accounts post takes one card and is told.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {displays.COLUMNS} "
            "FROM mentions_mention m JOIN mentions_mentioncontent c ON c.mention_id = m.id "
            "WHERE m.occurred_at > %s AND m.occurred_at <= %s AND m.origin = 'live' AND m.visibility = 'public' "
            f"AND NOT m.spam AND m.deleted_at IS NULL AND m.hidden_at IS NULL AND c.text <> '' AND m.{NOT_A_RIVAL} "
            "AND coalesce(array_length(c.redacted, 1), 0) = 0 "  # what we masked is not what its author wrote
            "ORDER BY m.occurred_at DESC, m.id DESC LIMIT %s",
            [now - RECENT, now, LOOKED_AT],
        )
        found = [Post(*row) for row in cursor.fetchall()]
    different: dict[str, Post] = {}
    looked_at = 0
    for post in found:
        looked_at += 1
        different.setdefault(" ".join(post.text.casefold().split()), post)
        if len(different) == NEWEST:
            break
    return list(different.values()), looked_at


def _invitations() -> list[dict[str, str]]:
    """The bank's own accounts that answer, one a network."""
    own = Source.objects.filter(origin=Origin.LIVE, rival="", active=True, sending=True).exclude(handle="")
    found = {source.network: source.handle.lstrip("@") for source in own.order_by("-pk")}
    return [{"handle": handle, "title": str(_posts.network_title(network))} for network, handle in found.items()][:3]


SCENE = Scene(
    title=_("River"),
    purpose=_("The supervisor who reads the same trouble twice looks for its cause; strangers learn where to write."),
    listens_to=("mention.", "display."),
    context=context,
    strangers=True,
    has_input=has_input,
    pace_s=2.0,
)
