"""Posts that strangers may see: a person approves each, whole and unaltered, and takes it down again.

An approval is of exactly what was seen: the words, the author's name, handle and picture. Whoever shows posts to
strangers asks `public` at every rendering, so a post that was edited, deleted, found to be spam or taken down leaves
with the next frame, as does one whose author has another picture since, and one whose words are younger than a quarter
of an hour waits.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.guard import links
from agents.guard.reading import undressed
from agents.models import User
from commandcenter.models import Display
from commandcenter.populations import NOT_A_RIVAL
from mentions import events, rulebook, scrub
from mentions.events import Actor
from mentions.models import Mention, Picture, Source

OLD_ENOUGH: Final = timedelta(minutes=15)
SHOWN_FOR: Final = timedelta(days=7)
OFFERED_FOR: Final = timedelta(days=3)
OFFERED: Final = 60
# Topics that point at somebody's trouble, or at how the bank protects itself.
NEVER: Final = (
    *("phishing", "fraud", "lost-card", "login", "dispute", "privacy"),
    *("complaint", "legal", "closing-account", "hardship"),
)
_HANDLE: Final = re.compile(r"@[\w.:-]*\w")
# A capital inside a sentence: a name, or something that only a person can tell from one.
_NAME: Final = re.compile(r"(?<=[^\W\d_][\s-])([A-Z\u00c0-\u00de]\w*[a-z\u00df-\u00ff]\w*)")
_LONG_NUMBER: Final = re.compile(r"(?:\d[\s.()-]*){5,}")

_DISPLAYABLE = (
    "m.origin = 'live' AND m.visibility = 'public' AND m.deleted_at IS NULL AND m.hidden_at IS NULL "
    "AND NOT m.spam AND NOT m.phishing "
    f"AND coalesce(array_length(c.redacted, 1), 0) = 0 AND NOT m.topics && %(never)s::varchar[] AND m.{NOT_A_RIVAL}"
)
_OF_QUEUES = "SELECT k.id FROM mentions_conversation k WHERE k.queue_id = ANY(%(queues)s)"
COLUMNS: Final = (  # of a post `m` and its content `c`, as `Post` has them
    "m.id, m.network, c.text, c.author_name, c.author_handle, m.occurred_at, m.edited_at, "
    "EXISTS (SELECT FROM mentions_media x WHERE x.mention_id = m.id), "
    "coalesce((SELECT a.avatar_id FROM mentions_author a WHERE a.id = m.author_id), '')"
)


class Refused(Exception):
    """It may not be shown to strangers; `str()` is the reason as a sentence."""


@dataclass(frozen=True, slots=True)
class Post:
    """A public post as it is shown: nothing of ours beside what its author wrote and its network says of it.

    `face` is the digest of our copy of its author's picture, empty where there is none.
    """

    id: int
    network: str
    text: str
    name: str
    handle: str
    at: datetime
    edited_at: datetime | None
    has_media: bool
    face: str

    @property
    def digest(self) -> str:
        """What an approval is bound to."""
        return hashlib.sha256(f"{self.text}\0{self.name}\0{self.handle}\0{self.face}".encode()).hexdigest()


def public(now: datetime) -> list[Post]:
    """The posts that strangers may see at this moment, newest first."""
    posts = _read(
        "JOIN commandcenter_display d ON d.mention_id = m.id "
        f"WHERE d.taken_down_at IS NULL AND {_DISPLAYABLE} "
        "AND coalesce(m.edited_at, m.occurred_at) <= %(until)s AND d.approved_at > %(since)s "
        "ORDER BY m.occurred_at DESC, m.id DESC LIMIT 200",
        until=now - OLD_ENOUGH,
        since=now - SHOWN_FOR,
    )
    approved = dict(
        Display.objects.filter(mention__in=[post.id for post in posts], taken_down_at=None).values_list(
            "mention_id", "digest"
        )
    )
    return [post for post in posts if approved.get(post.id) == post.digest and not post.has_media]


def candidates(user: User, now: datetime) -> list[Post]:
    """Posts of this person's queues that they might approve: praise and calm words that name nobody."""
    queues = None if access.sees_all(user) else list(access.queues_for(user).values_list("pk", flat=True))
    posts = _read(
        f"WHERE {_DISPLAYABLE} AND m.sentiment >= 0 AND m.urgency = 0 AND m.occurred_at > %(since)s AND NOT EXISTS "
        "(SELECT FROM commandcenter_display d WHERE d.mention_id = m.id) "
        f"{'' if queues is None else 'AND m.conversation_id IN (' + _OF_QUEUES + ')'} "
        "ORDER BY m.sentiment DESC, m.id DESC LIMIT 400",
        since=now - OFFERED_FOR,
        queues=queues,
    )
    staff = staff_names()
    own = own_handles()
    return [post for post in posts if why_not(post, staff, own) is None][:OFFERED]


def faces(posts: Iterable[Post]) -> dict[str, str]:
    """The pictures of these posts' authors by their digest, each as an address that holds all of it.

    So a picture comes with its post and goes with it: no screen asks for it by an address or keeps a copy.
    """
    kept = Picture.objects.filter(digest__in={post.face for post in posts if post.face})
    return {one.digest: f"data:{one.type};base64,{base64.b64encode(one.body).decode()}" for one in kept}


def standing() -> list[dict[str, Any]]:
    """What is approved now, shown or not, newest first: {id, digest, by, at, post}; `post` is None where it is gone."""
    rows = Display.objects.filter(taken_down_at=None).select_related("approved_by").order_by("-approved_at")[:OFFERED]
    now_read = {post.id: post for post in _read(f"WHERE m.id = ANY(%(ids)s) AND {_DISPLAYABLE}", ids=_ids(rows))}
    return [
        {
            "id": row.mention_id,
            "digest": row.digest,
            "by": str(row.approved_by),
            "at": row.approved_at,
            "post": now_read.get(row.mention_id),
        }
        for row in rows
    ]


def _ids(rows: Iterable[Display]) -> list[int]:
    return [row.mention_id for row in rows]


def why_not(post: Post, staff: frozenset[str], own: frozenset[str]) -> str | None:
    """The reason why a post cannot be shown whole to strangers; None if it can.

    Its author's name stands on the screen like its words, and is anybody's to choose, so it is read as closely. A
    handle is given by the network; on some it is a host, and says who writes.
    """
    if post.has_media:
        return _("It has a picture or a video that is not shown here, so it would not be whole.")
    if not post.name and not post.handle:
        return _("Its author has no name to show.")
    if _leads_away(post.text):
        return _("It holds an address, or what reads like one.")
    if _leads_away(post.name) or _HANDLE.search(post.name):
        return _("Its author's name holds an address.")
    if any(_LONG_NUMBER.search(said) for said in (post.text, post.name)):
        return _("It holds a number that may be private.")
    if any(scrub.scrub(said).found for said in (post.text, post.name, post.handle)):
        return _("It holds a number that may be private.")
    if len(set(re.findall(r"\w+", post.name.lower())) & staff) > 1:
        return _("Its author may be a colleague.")
    if any(handle[1:].lower() not in own for handle in _HANDLE.findall(post.text)):
        return _("It names somebody else.")
    if set(re.findall(r"\w+", post.text.lower())) & staff:
        return _("It may name a colleague.")
    if any(word.lower() not in own for word in _NAME.findall(post.text)):
        return _("It may name somebody.")
    return None


def _leads_away(text: str) -> bool:
    """Whether words send their reader to a host, a mailbox or a code to scan, however that is written."""
    plain, places = undressed(text)

    def as_written(start: int, end: int) -> str:
        return text[places[start] : places[end - 1] + 1]

    nowhere: frozenset[str] = frozenset()
    return bool(
        links.find(plain, nowhere, as_written=as_written)
        or links.emails(plain, nowhere, as_written=as_written)
        or links.mentions_qr(plain)
    )


def staff_names() -> frozenset[str]:
    """First and last names of everybody here, in lower case, as words of a text would hold them."""
    names: set[str] = set()
    for row in User.objects.values_list("first_name", "last_name"):
        names |= {part for name in row for part in re.findall(r"\w{3,}", name.lower())}
    return frozenset(names)


def own_handles() -> frozenset[str]:
    """The bank's own accounts and names, which a post may address."""
    handles = Source.objects.filter(rival="").exclude(handle="").values_list("handle", flat=True)
    names = {word for name in rulebook.current().brand.names for word in re.findall(r"\w+", name.lower())}
    return frozenset(handle.lstrip("@").lower() for handle in handles) | names


def approve(mention_id: int, *, digest: str, by: User, now: datetime | None = None) -> Display:
    """Let strangers see this post as the person read it. Pressing twice is one approval.

    Raises:
        Refused: it was changed since it was read, or may not be shown.
    """
    access.require(by, "approve posts")
    at = now or timezone.now()
    with transaction.atomic():
        Mention.objects.select_for_update(of=("self",)).filter(pk=mention_id).first()
        found = _read(f"WHERE m.id = %(id)s AND {_DISPLAYABLE}", id=mention_id)
        if not found:
            raise Refused(_("This post may not be shown to strangers any more."))
        (post,) = found
        if post.digest != digest:
            raise Refused(_("The post was changed after you read it. Read it again."))
        reason = why_not(post, staff_names(), own_handles())
        if reason is not None:
            raise Refused(reason)
        display, made = Display.objects.get_or_create(
            mention_id=post.id, taken_down_at=None, defaults={"digest": digest, "approved_by": by, "approved_at": at}
        )
        if not made and display.digest != digest:
            Display.objects.filter(pk=display.pk).update(digest=digest, approved_by=by, approved_at=at)
        if made or display.digest != digest:
            _record("display.approved", post.id, by, at)
    return display


def take_down(mention_id: int, *, by: User, now: datetime | None = None) -> bool:
    """Take a post from every street screen; False if it was down already."""
    access.require(by, "approve posts")
    at = now or timezone.now()
    with transaction.atomic():
        down = Display.objects.filter(mention_id=mention_id, taken_down_at=None).update(
            taken_down_at=at, taken_down_by=by
        )
        if down:
            _record("display.taken_down", mention_id, by, at)
    return bool(down)


def _record(kind: str, mention_id: int, by: User, at: datetime) -> None:
    mention = Mention.objects.get(pk=mention_id)
    events.record(
        kind,
        at=at,
        by=Actor.person(by.pk),
        origin=mention.origin,
        mention_id=mention.pk,
        conversation_id=mention.conversation_id,
        source_id=mention.source_id,
    )


def _read(where: str, **values: Any) -> list[Post]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM mentions_mention m JOIN mentions_mentioncontent c ON c.mention_id = m.id {where}",
            {"never": list(NEVER), **values},
        )
        return [Post(*row) for row in cursor.fetchall()]
