"""Search: a number, a pasted address, a handle, words, and signs that narrow (`is:late from:dana tag:fees`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from redis import RedisError

from agents import access, zones
from agents.desk import lists, pasted
from agents.desk.lists import Row, View
from agents.models import Case, Note, Reply, ReplyState, User
from mentions import search
from mentions.models import Conversation, Origin, State

AT_MOST: Final = 100
LONGEST: Final = 400
COUNTED: Final = 1000  # how many of a kept search are counted at most; the page says "999+" then
_COUNT_KEPT_S: Final = 30
_NUMBER = re.compile(r"\s*(?:gh-?)?(\d{1,18})\s*", re.IGNORECASE)
_SIGN = re.compile(r"""(?<!\S)(-?)([a-z]+):("[^"]*"|[^\s"]+)""", re.IGNORECASE)
_CURSOR = re.compile(r"[0-9]{1,18}")
_PENDING = (State.PENDING_CUSTOMER, State.PENDING_BANK)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, in the words in which it was asked, and the kept view that asks the same.

    `place` is the query that finds this page of it again beside an open conversation.
    """

    q: str
    rows: list[Row]
    note: str = ""
    saved_id: int | None = None
    total_words: str = ""
    place: str = ""
    next_url: str | None = None

    @property
    def key(self) -> str:
        """The list that it stands in place of."""
        return f"saved-{self.saved_id}" if self.saved_id is not None else "unassigned"


def find(user: User, query: str, *, after: str = "", now: datetime | None = None) -> Found:
    """One page of the conversations that the person sees, newest first; `after` is the number that ended the page
    before.
    """
    moment = now or timezone.now()
    asked = query.replace("\0", "").strip()[:LONGEST]
    seen = access.conversations_for(user).select_related("author", "source")
    if not asked:
        return Found("", [], _("Type a handle, words of a post, a number or an address."))
    if number := _NUMBER.fullmatch(asked):
        exact = list(seen.filter(pk=int(number[1])))
        if exact:
            return _page(user, asked, exact, "", _("By its number."), moment)
    matches, note = _matching(seen, asked, user, moment)
    if _CURSOR.fullmatch(after):
        matches = matches.filter(pk__lt=int(after))
    return _page(user, asked, list(matches.distinct().order_by("-pk")[: AT_MOST + 1]), after, note, moment)


def counted(views: Iterable[View], user: User, now: datetime | None = None) -> list[View]:
    """The navigation with how many conversations each kept search finds, as of less than a minute ago."""
    moment = now or timezone.now()
    return [replace(view, waiting=_count(view.query, user, moment)) if view.query else view for view in views]


def _count(query: str, user: User, now: datetime) -> int:
    kept = f"found:{user.pk}:{sha256(query.encode()).hexdigest()}"
    with suppress(RedisError):  # a cache that is away costs time and not the page
        if (known := cache.get(kept)) is not None:
            return int(known)
    number, seen = _NUMBER.fullmatch(query), access.conversations_for(user)
    matches = seen.filter(pk=int(number[1])) if number else _matching(seen, query, user, now)[0]
    found = matches.order_by().values("pk").distinct()[:COUNTED].count()
    with suppress(RedisError):
        cache.set(kept, found, _COUNT_KEPT_S)
    return found


def _matching(
    seen: QuerySet[Conversation], asked: str, user: User, now: datetime
) -> tuple[QuerySet[Conversation], str]:
    """Those of the conversations that fit what was asked, and how it was understood."""
    if asked.startswith(("http://", "https://")):
        return seen.filter(pasted.standing_at(asked)), _("By the address of a post.")
    note, matches, unknown = "", seen, []
    signs = _SIGN.findall(asked)
    for but, name, value in signs:
        condition = _condition(name.lower(), value.strip('"'), user, now)
        if condition is None:
            unknown.append(f"{name}:{value}")
        else:
            matches = matches.exclude(condition) if but else matches.filter(condition)
    words = _SIGN.sub(" ", asked).strip()
    if words.startswith("@") and " " not in words:
        matches = matches.filter(author__handle__iexact=words[1:])
        note = _("By the author's handle.")
    elif words:
        matches = matches.filter(_saying(words, user) | Q(author__handle__iexact=words))
    if unknown:
        note = _("Nothing here is called %(signs)s; it was left out.") % {"signs": ", ".join(unknown)}
    if not words and len(unknown) == len(signs):
        matches = matches.none()
    return matches, note


def _saying(words: str, user: User) -> Q:
    """Where a post, a reply of ours or a note holds the words; what somebody is writing, only they themselves find."""
    unsent = Q(state=ReplyState.DRAFT) | Q(state=ReplyState.WITHDRAWN)
    ours = search.holding(Reply.objects.exclude(unsent & ~Q(author=user)), words)
    notes = search.holding(Note.objects.all(), words)
    by_words = search.matching(words, private=access.may(user, "see private"))
    return (
        Q(mentions__in=by_words)
        | Q(pk__in=ours.filter(conversation__isnull=False).values("conversation"))
        | Q(pk__in=notes.values("conversation"))
    )


def _page(user: User, asked: str, found: Sequence[Conversation], after: str, note: str, now: datetime) -> Found:
    """A page of at most `AT_MOST`; one more among the `found` says that there is another."""
    shown, more = found[:AT_MOST], len(found) > AT_MOST
    here = {"q": asked} | ({"after": after} if after else {})
    further = {"q": asked, "after": shown[-1].pk} if more else None
    return Found(
        asked,
        lists.rows(shown, now),
        note,
        access.saved_views(user).filter(query=asked).values_list("pk", flat=True).first(),
        lists.total(len(shown), more=more, further=bool(after)),
        urlencode(here),
        f"{reverse('agents:search')}?{urlencode(further)}" if further else None,
    )


def _condition(name: str, value: str, user: User, now: datetime) -> Q | None:
    """What a sign means; None if it means nothing."""
    if name == "is":
        return _states(user, now).get(value.lower())
    if name == "owner":
        if value.lower() in ("me", "none"):
            return _held(owner=user) if value.lower() == "me" else ~_held()
        return _held(owner__username__iexact=value)
    if name in ("before", "after"):
        day = _day(value, user)
        if day is None:
            return None
        return Q(last_inbound_at__lt=day) if name == "before" else Q(last_inbound_at__gte=day)
    plain = _PLAIN.get(name)
    return plain(value) if plain is not None else None


_PLAIN: dict[str, Callable[[str], Q]] = {
    "from": lambda value: Q(author__handle__iexact=value.removeprefix("@")) | Q(author__name__icontains=value),
    "network": lambda value: Q(source__network__iexact=value),
    "queue": lambda value: Q(queue__slug__iexact=value) | Q(queue__name__iexact=value),
    "tag": lambda value: Q(tags__contains=[value]),
    "topic": lambda value: Q(topics__contains=[value.lower()]),
    "lang": lambda value: Q(language__iexact=value),
}


def _states(user: User, now: datetime) -> dict[str, Q]:
    is_open = ~Q(state=State.CLOSED)
    return {
        "open": is_open,
        "closed": Q(state=State.CLOSED),
        "waiting": Q(state=State.WAITING),
        "claimed": Q(state=State.CLAIMED),
        "pending": Q(state__in=_PENDING),
        "mine": _held(owner=user),
        "late": is_open & Q(due_at__lt=now) & ~Q(actionable=False),
        "returned": is_open & Q(returned=True),
        "back": is_open & Q(reply_count__gt=0, waiting_since__isnull=False),
        "urgent": is_open & Q(priority=1),
        "private": Q(visibility="private"),
        "public": Q(visibility="public"),
        "unanswered": is_open & Q(reply_count=0) & ~Q(actionable=False),
        "undecided": is_open & Q(actionable=None),
        "exercise": Q(origin=Origin.DRILL),
    }


def _held(**by: Any) -> Q:
    return Q(pk__in=Case.objects.filter(ended_at=None, **by).values("conversation"))


def _day(value: str, user: User) -> datetime | None:
    """The beginning of a day in the person's zone; "7d" is seven days ago."""
    here = timezone.now().astimezone(zones.of(user))
    try:
        if value.lower().endswith("d"):
            here -= timedelta(days=int(value[:-1]))
        else:
            here = datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=here.tzinfo)
        return here.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
