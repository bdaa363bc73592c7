"""Queues with their counts, and the rows of a list, ordered as the house orders them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents import access, muting
from agents.desk import words
from agents.desk.reading import Reading
from agents.models import Case, Nudge, User
from mentions import naming
from mentions.models import Conversation, Mention, MentionContent, Origin, Queue, Source, State

PAGE = 50
AT_ONCE = 100
SNIPPET = 160


@dataclass(frozen=True, slots=True)
class View:
    """One entry of the navigation: a queue, a cut across the person's queues, or what a kept search (`query`) finds."""

    key: str
    title: str
    url: str
    kind: str
    queue_id: int | None = None
    version: int | None = None
    waiting: int | None = None
    late: int = 0
    oldest_at: datetime | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague in a row or a thread."""

    id: int
    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in a list."""

    id: int
    version: int
    number: str
    url: str
    author_name: str
    handle: str
    network: str
    network_title: str
    text: str
    visibility: str
    state: str
    state_words: str
    waiting_since: datetime | None
    due: words.Due | None
    tags: list[str]
    owner: Person | None
    messages: int
    returned: bool
    wrote_back: bool
    muted: bool
    priority: int
    tone: str
    tone_words: str
    rating: dict[str, str] | None
    redacted: bool
    exercise: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A state that a list can be narrowed to."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `place` is the query that finds it again beside an open conversation."""

    key: str
    title: str
    version: int | None
    as_of: datetime
    rows: list[Row]
    tabs: list[Tab] = field(default_factory=list)
    place: str = ""
    next_url: str | None = None
    total_words: str = ""


_COUNTS = """
SELECT queue_id, count(*) FILTER (WHERE state = 'waiting'),
       count(*) FILTER (WHERE due_at < %s), min(coalesce(waiting_since, queued_at)) FILTER (WHERE state = 'waiting')
FROM mentions_conversation
WHERE queue_id = ANY(%s) AND state <> 'closed' AND origin = 'live' AND actionable IS NOT FALSE
GROUP BY queue_id
"""

STATES = {
    "waiting": gettext_lazy("Waiting"),
    "claimed": gettext_lazy("Claimed"),
    "pending": gettext_lazy("Pending"),
    "unneeded": gettext_lazy("No answer needed"),
    "closed": gettext_lazy("Closed"),
    "all": gettext_lazy("All open"),
}
EXERCISE = "exercise"  # offered while one runs
NAMED = "named"  # where a colleague has named me in a note that I have not seen
CUTS = {
    "mine": gettext_lazy("Mine"),
    NAMED: gettext_lazy("Named me"),
    "unassigned": gettext_lazy("Unassigned"),
    "overdue": gettext_lazy("Overdue"),
    "pending": gettext_lazy("Pending"),
    EXERCISE: gettext_lazy("Exercise"),
}


def views(user: User, now: datetime | None = None) -> list[View]:
    """The navigation: cuts across all the person's queues, then each queue with what waits there."""
    moment = now or timezone.now()
    queues = list(access.queues_for(user).filter(retired_at=None))
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [moment, [queue.pk for queue in queues]])
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    mine = _cut(access.conversations_for(user).exclude(origin=Origin.DRILL), "mine", user, moment).count()
    waiting = sum(c[0] for c in counts.values())
    late = sum(c[1] for c in counts.values())
    oldest = min((c[2] for c in counts.values() if c[2]), default=None)
    cuts = [
        View("mine", str(CUTS["mine"]), _url("mine"), "view", waiting=mine),
        View(NAMED, str(CUTS[NAMED]), _url(NAMED), "view", waiting=_naming(user).count()),
        View("unassigned", str(CUTS["unassigned"]), _url("unassigned"), "view", waiting=waiting, oldest_at=oldest),
        View("overdue", str(CUTS["overdue"]), _url("overdue"), "view", late=late),
        View("pending", str(CUTS["pending"]), _url("pending"), "view"),
    ]
    if access.may(user, "mute authors") and (muted := muting.listed(user, moment).count()):
        cuts.append(View("muted", _("Muted authors"), reverse("agents:muted"), "page", waiting=muted))
    if exercise_runs():
        practising = access.conversations_for(user).filter(origin=Origin.DRILL, state=State.WAITING).count()
        cuts.append(View(EXERCISE, str(CUTS[EXERCISE]), _url(EXERCISE), "view", waiting=practising))
    none = (0, 0, None)
    saved = [
        View(f"saved-{kept.pk}", kept.name, search_url(kept.query), "saved", query=kept.query)
        for kept in access.saved_views(user)
    ]
    in_queues = [
        View(
            queue.slug,
            queue.name,
            _url(queue.slug),
            "queue",
            queue.pk,
            queue.version,
            *_ordered(counts.get(queue.pk, none)),
        )
        for queue in queues
    ]
    return cuts + saved + in_queues


def search_url(query: str) -> str:
    """The address of what a search finds."""
    return f"{reverse('agents:search')}?{urlencode({'q': query})}"


def exercise_runs() -> bool:
    """Whether an exercise is played into the house right now."""
    return Source.objects.filter(origin=Origin.DRILL, active=True).exists()


def _ordered(counts: tuple[int, int, datetime | None]) -> tuple[int, int, datetime | None]:
    waiting, late, oldest = counts
    return waiting, late, oldest


def listing(user: User, key: str, *, state: str = "", after: str = "", now: datetime | None = None) -> Listing:
    """One page of a view or queue. `state` narrows a queue; `after` is the cursor of the page before.

    Raises `Http404` for a queue the person does not see.
    """
    moment = now or timezone.now()
    queue = None if key in CUTS else access.queue_for(user, key)
    title = str(CUTS[key]) if queue is None else queue.name
    tabs: list[Tab] = []
    found = _listed(user, key, queue, state, moment)
    if queue is not None:
        state = state if state in STATES else "waiting"
        tabs = [
            Tab(str(name), f"{_url(key)}?state={value}" if value != "waiting" else _url(key), value == state)
            for value, name in STATES.items()
        ]
    newest_first = state == "closed"
    page = list(_page(found, after, newest_first=newest_first)[: PAGE + 1])
    shown = page[:PAGE]
    narrowed = {"state": state} if queue is not None and state != "waiting" else {}
    more = None
    if len(page) > PAGE:
        more = f"{_url(key)}?{urlencode({'after': _cursor(shown[-1], newest_first=newest_first)} | narrowed)}"
    return Listing(
        key=key,
        title=title,
        version=queue.version if queue else None,
        as_of=moment,
        rows=rows(shown, moment),
        tabs=tabs,
        place=urlencode({"view": key} | narrowed | ({"after": after} if after else {})),
        next_url=more,
        total_words=total(len(shown), more=more is not None, further=bool(after)),
    )


def _listed(user: User, key: str, queue: Queue | None, state: str, now: datetime) -> QuerySet[Conversation]:
    """All that a list has, on all its pages."""
    if queue is not None:
        live = Conversation.objects.filter(queue=queue, origin=Origin.LIVE)
        return _narrowed(live, state if state in STATES else "waiting")
    seen = access.conversations_for(user)
    open_here = seen.filter(origin=Origin.DRILL) if key == EXERCISE else seen.exclude(origin=Origin.DRILL)
    return _cut(open_here, key, user, now)


def among(user: User, key: str, ids: Sequence[int], *, state: str = "", now: datetime | None = None) -> set[int]:
    """Those of the conversations that a list has, whichever page they stand on; none for a list that is not there."""
    queue = None if key in CUTS else access.find_queue(user, key)
    if queue is None and key not in CUTS:
        return set()
    found = _listed(user, key, queue, state, now or timezone.now())
    return set(found.filter(pk__in=list(ids)[:AT_ONCE]).values_list("pk", flat=True))


def rows(conversations: Iterable[Conversation], now: datetime) -> list[Row]:
    """Conversations as rows, with three further reads for any number of them."""
    found = list(conversations)
    shown = Mention.objects.select_related("content").only(
        "external_id", "sentiment", "rating", "content__text", "content__redacted"
    )
    newest = shown.in_bulk([c.last_mention_id for c in found])
    owners = {
        case.conversation_id: case.owner
        for case in Case.objects.filter(conversation__in=[c.pk for c in found], ended_at=None).select_related("owner")
    }
    muted = muting.who_are((c.author_id for c in found), now)
    return [row(c, newest.get(c.last_mention_id), owners.get(c.pk), now, muted=c.author_id in muted) for c in found]


def row(conversation: Conversation, newest: Mention | None, owner: User | None, now: datetime, *, muted: bool) -> Row:
    """One conversation as a row, with its newest post."""
    content: MentionContent | None = getattr(newest, "content", None)
    text = (
        (content.text or _("A picture or a file, without words"))
        if content
        else naming.gone(newest.external_id if newest else "")
    )
    key, tone_words = words.TONES[newest.sentiment if newest else None]
    return Row(
        id=conversation.pk,
        version=conversation.version,
        number=conversation.number,
        url=reverse("agents:conversation", args=[conversation.pk]),
        author_name=conversation.author.name or conversation.author.handle or _("Unknown"),
        handle=conversation.author.handle,
        network=conversation.source.network,
        network_title=naming.network(conversation.source.network),
        text=text if len(text) <= SNIPPET else f"{text[: SNIPPET - 1]}…",
        visibility=conversation.visibility,
        state=conversation.state,
        state_words=str(State(conversation.state).label).capitalize(),
        waiting_since=conversation.waiting_since,
        due=words.due(conversation, now),
        tags=conversation.tags,
        owner=person(owner) if owner else None,
        messages=conversation.inbound_count,
        returned=conversation.returned,
        muted=muted,
        wrote_back=conversation.reply_count > 0 and conversation.waiting_since is not None,
        priority=conversation.priority,
        tone=key,
        tone_words=str(tone_words),
        rating=words.stars(newest.rating if newest else None),
        redacted=bool(content and content.redacted),
        exercise=conversation.origin == Origin.DRILL,
    )


def row_of(reading: Reading) -> Row:
    """The row of a conversation that is read already."""
    return row(reading.conversation, reading.newest, reading.owner, reading.now, muted=reading.mute is not None)


def person(user: User) -> Person:
    """A colleague as the templates show one."""
    return Person(user.pk, str(user), words.initials(user))


def by_ids(user: User, ids: Sequence[int], now: datetime | None = None) -> list[Row]:
    """The rows of these conversations as they are now; those the person does not see are left out."""
    found = access.conversations_for(user).select_related("author", "source").filter(pk__in=list(ids)[:AT_ONCE])
    return rows(found.order_by("pk"), now or timezone.now())


def _cut(seen: QuerySet[Conversation], key: str, user: User, now: datetime) -> QuerySet[Conversation]:
    if key == "mine":
        return seen.filter(cases__owner=user, cases__ended_at=None)
    if key == NAMED:
        return seen.filter(pk__in=_naming(user))
    if key == EXERCISE:
        return seen.exclude(state=State.CLOSED)
    if key == "unassigned":
        return seen.filter(state=State.WAITING, origin=Origin.LIVE).exclude(actionable=False)
    if key == "overdue":
        return seen.filter(due_at__lt=now, origin=Origin.LIVE).exclude(Q(state=State.CLOSED) | Q(actionable=False))
    return seen.filter(state__in=[State.PENDING_CUSTOMER, State.PENDING_BANK])


def _naming(user: User) -> QuerySet[Any]:
    """The conversations in which somebody has named this person, and they have not looked since."""
    return Nudge.objects.filter(person=user, seen_at=None).values("note__conversation").distinct()


def _narrowed(found: QuerySet[Conversation], state: str) -> QuerySet[Conversation]:
    if state == "pending":
        return found.filter(state__in=[State.PENDING_CUSTOMER, State.PENDING_BANK])
    if state == "all":
        return found.exclude(state=State.CLOSED)
    if state == "unneeded":
        return found.filter(state=State.WAITING, actionable=False)
    if state == "waiting":
        return found.filter(state=State.WAITING).exclude(actionable=False)
    return found.filter(state=state)


def _page(found: QuerySet[Conversation], after: str, *, newest_first: bool) -> QuerySet[Conversation]:
    """What comes behind the cursor, in order: no OFFSET, whose cost grows with every page."""
    found = found.select_related("author", "source")
    place = _read_cursor(after)
    if newest_first:
        if place and place["at"]:
            found = found.filter(Q(closed_at__lt=place["at"]) | Q(closed_at=place["at"], pk__lt=place["id"]))
        return found.order_by("-closed_at", "-pk")
    if place:
        returned, due_at, priority, pk = place["returned"], place["due"], place["priority"], place["id"]
        tie = Q(priority__gt=priority) | Q(priority=priority, pk__gt=pk)
        if due_at is None:
            behind = Q(due_at=None) & tie
        else:
            behind = Q(due_at__gt=due_at) | Q(due_at=None) | (Q(due_at=due_at) & tie)
        behind &= Q(returned=returned)
        found = found.filter(behind | Q(returned=False) if returned else behind)
    return found.order_by(*Conversation.objects.none().in_queue_order().query.order_by)


def _cursor(last: Conversation, *, newest_first: bool) -> str:
    place: dict[str, Any] = {"id": last.pk}
    if newest_first:
        place["at"] = last.closed_at.isoformat() if last.closed_at else None
    else:
        due = last.due_at.isoformat() if last.due_at else None
        place |= {"returned": last.returned, "due": due, "priority": last.priority}
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read_cursor(after: str) -> dict[str, Any] | None:
    """The place a cursor names; None for none, or one that nobody gave out."""
    try:
        place = json.loads(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
        return {
            "id": int(place["id"]),
            "at": _moment(place.get("at")),
            "returned": bool(place.get("returned")),
            "due": _moment(place.get("due")),
            "priority": int(place.get("priority", 3)),
        }
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _moment(told: str | None) -> datetime | None:
    moment = datetime.fromisoformat(told) if told else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError("a moment without its zone is none")
    return moment


def total(count: int, *, more: bool, further: bool) -> str:
    """How much is shown; only of a list that is shown whole is that how much there is."""
    if more or further:
        return _("%(n)d shown") % {"n": count}
    return ngettext("%(n)d conversation", "%(n)d conversations", count) % {"n": count}


def _url(key: str) -> str:
    return reverse("agents:view", args=[key])
