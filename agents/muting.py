"""Muting an author: a supervisor's word that what they write in public waits for nobody for a while, and its end.

What muting does to a post is decided where posts come in (`mentions.intake.muted`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.cases import Refused
from agents.models import User
from mentions import events, scrub
from mentions.events import Actor
from mentions.models import Author, Conversation, Mute, Origin

DAYS: Final = (1, 7, 30, 90)


def running(author_id: int, now: datetime | None = None) -> Mute | None:
    """The mute of an author that holds now."""
    return Mute.objects.filter(author=author_id, ended_at=None, until__gt=now or timezone.now()).order_by("-pk").first()


def who_are(authors: Iterable[int], now: datetime) -> set[int]:
    """Those of the authors who are muted now."""
    found = Mute.objects.filter(author__in=set(authors), ended_at=None, until__gt=now)
    return set(found.values_list("author", flat=True))


def mute(conversation: Conversation, *, reason: str, until: datetime, by: User, now: datetime | None = None) -> Mute:
    """Let nobody wait for what its author writes in public until then. Raises `Refused`, also if they are muted."""
    access.require(by, "mute authors")
    if conversation.origin != Origin.LIVE:
        raise Refused(_("An exercise is kept apart from real customers."))
    moment, why = now or timezone.now(), scrub.typed(reason, 200)
    if not why:
        raise Refused(_("Say why."))
    if not moment < until <= moment + timedelta(days=DAYS[-1]):
        raise Refused(_("Choose an end within %(n)d days.") % {"n": DAYS[-1]})
    with transaction.atomic():
        # Whoever stores posts of theirs holds the same row: each post is either before this or after it.
        author = Author.objects.select_for_update(no_key=True).get(pk=conversation.author_id)
        if running(author.pk, moment) is not None:
            raise Refused(_("This author is muted already."))
        row = Mute.objects.create(author=author, reason=why, by=by.pk, muted_at=moment, until=until)
        _tell("author.muted", row, by, moment, conversation, until=until.isoformat())
    return row


def unmute(mute_id: int, *, by: User, conversation: Conversation | None = None, now: datetime | None = None) -> Mute:
    """Hear them again from now on; `conversation` is where somebody said so, if it was in one."""
    access.require(by, "mute authors")
    moment = now or timezone.now()
    with transaction.atomic():
        row = Mute.objects.select_for_update(of=("self",)).select_related("author").filter(pk=mute_id).first()
        if row is None or row.ended_at is not None or row.until <= moment:
            raise Refused(_("This author is not muted any more."))
        row.ended_at, row.ended_by = moment, by.pk
        row.save(update_fields=["ended_at", "ended_by"])
        _tell("author.unmuted", row, by, moment, conversation)
    return row


def listed(user: User, now: datetime | None = None) -> QuerySet[Mute]:
    """The muted authors of whom the person sees anything, the soonest end first; `written` is how many posts of theirs
    came in public since.
    """
    muted = access.mutes_for(user).filter(ended_at=None, until__gt=now or timezone.now()).select_related("author")
    since = Q(author__mentions__visibility="public", author__mentions__received_at__gte=F("muted_at"))
    return muted.annotate(written=Count("author__mentions", filter=since)).order_by("until", "pk")


def _tell(kind: str, row: Mute, by: User, now: datetime, place: Conversation | None, **data: Any) -> None:
    about = {"conversation_id": place.pk, "queue_id": place.queue_id} if place is not None else {}
    events.record(kind, at=now, by=Actor.person(by.pk), data={"mute": row.pk, "author": row.author_id} | data, **about)
