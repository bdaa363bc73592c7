"""What a source has delivered instead of being asked for it: offered, asked for, confirmed, renewed, given up.

A lease ends. It is asked for again when a third of it is left; while it lives the source is asked less often, and
when it ends without another the source is asked as often as before. What is kept is in `Source.push`: the hub and the
topic, a key that only the hub is told, until when the lease holds, and whether we are leaving.
"""

from __future__ import annotations

import hmac
import logging
import secrets as random_secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mentions import networks
from mentions.models import Source
from mentions.networks import NetworkError, Offer
from mentions.sources.credentials import ready
from mentions.sources.holding import changing
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

ANSWERS_WITHIN: Final = timedelta(hours=1)  # a hub may take its time to ask back
ASKED_AGAIN: Final = timedelta(minutes=15)
REFUSED_FOR: Final = timedelta(days=1)
SHORTEST_LEASE: Final = timedelta(minutes=5)
LONGEST_LEASE: Final = timedelta(days=30)
SLOWER: Final = 8
SLOWEST: Final = timedelta(hours=1)
_TRIES: Final = 3
_AT_ONCE: Final = 5


def live(source: Source, *, now: datetime) -> datetime | None:
    """Until when the source is delivered; None if it is not."""
    until = _moment(source.push.get("until"))
    return until if until is not None and until > now else None


def interval(source: Source, every: timedelta, *, now: datetime) -> timedelta:
    """How long to wait before the source is asked again."""
    return max(every, min(every * SLOWER, SLOWEST)) if live(source, now=now) else every


def offered(source: Source, offer: Offer | None, *, now: datetime) -> None:
    """The source offers to be delivered, or no longer does; what is new about that is acted on by `tick`."""
    push = source.push
    if offer is None:
        # A document may forget its hub now and then; a lease that lives is kept, and runs out.
        return
    if (push.get("hub"), push.get("topic")) == (offer.hub, offer.topic) and not push.get("leaving"):
        return
    with suppress(UnreadableSecrets), changing(source) as (fresh, kept):
        if fresh.disconnected_at is None:
            # A secret of its own for each subscription: what the hub before this one still delivers is not taken.
            kept["webhook"] = random_secrets.token_urlsafe(32)
            fresh.push = {"hub": offer.hub, "topic": offer.topic, "key": random_secrets.token_urlsafe(16)}
            fresh.push_at = now


def tick() -> bool:
    """Ask the hubs whose turn it is; True if more are waiting."""
    now = timezone.now()
    due = list(Source.objects.filter(push_at__lte=now).order_by("push_at")[:_AT_ONCE])
    for source in due:
        ask(source, now=now)
    return len(due) == _AT_ONCE


def ask(source: Source, *, now: datetime) -> None:
    """Ask a source's hub for another lease, or to stop. It answers by asking back (`answer`)."""
    leaving = bool(source.push.get("leaving"))
    if not leaving and not source.active:
        Source.objects.filter(pk=source.pk).update(push_at=now + ASKED_AGAIN)
        return
    tries = int(source.push.get("tries", 0)) + 1
    if leaving and tries > _TRIES:
        forget(source)
        return
    again = now + min(ASKED_AGAIN * 2 ** (tries - 1), REFUSED_FOR)
    _note(source, push_at=again, tries=tries, asked_at=now.isoformat())
    offer = Offer(source.push["hub"], source.push["topic"])
    try:
        network = networks.get(source.network)
        network.subscribe(ready(source, now=now), offer, callback(source), wanted=not leaving)
    except (NetworkError, UnreadableSecrets, networks.UnknownNetwork) as error:
        log.info("a hub did not take a request", extra={"source": source.slug, "reason": str(error)[:200]})
        if isinstance(error, NetworkError) and error.follow in ("give_up", "reauthorise"):
            _note(source, push_at=now + REFUSED_FOR)


def answer(slug: str, query: Mapping[str, str], *, now: datetime | None = None) -> str | None:
    """What a hub that asks back is answered: its challenge, if it is what we asked for; else None.

    Raises nothing for whatever a stranger may write there.
    """
    moment = now or timezone.now()
    source = Source.objects.filter(slug=slug).first()
    push = source.push if source is not None else {}
    fits = hmac.compare_digest(str(push.get("key", "")).encode(), query.get("key", "").encode())
    if source is None or not push or not fits or query.get("hub.topic") != push.get("topic"):
        return None
    asked_at, mode = _moment(push.get("asked_at")), query.get("hub.mode")
    if asked_at is None or moment - asked_at > ANSWERS_WITHIN:
        return None
    if mode == "denied":
        _note(source, push_at=moment + REFUSED_FOR, until=None)
        return None
    if mode != ("unsubscribe" if push.get("leaving") else "subscribe") or not query.get("hub.challenge"):
        return None
    if mode == "unsubscribe":
        forget(source)
        return query["hub.challenge"]
    lease = _lease(query.get("hub.lease_seconds", ""))
    with transaction.atomic():
        if live(source, now=moment) is None:
            tell("source.subscribed", source, moment)
        _note(source, push_at=moment + lease * 2 / 3, until=(moment + lease).isoformat(), tries=0)
        heard(source, now=moment)  # what came before the hub began is still to be asked for
    return query["hub.challenge"]


def leave(source: Source, *, now: datetime) -> None:
    """The source is let go: its hub is asked to stop. In the caller's transaction."""
    if source.push:
        _note(source, push_at=now, leaving=True, tries=0, until=None)


def forget(source: Source) -> None:
    """Nothing is delivered any more, and nothing is asked for."""
    Source.objects.filter(pk=source.pk).update(push={}, push_at=None)


def heard(source: Source, *, now: datetime) -> None:
    """A delivery came: the source is asked at once, since a delivery may hold less than there is."""
    Source.objects.filter(pk=source.pk, poll_every_s__isnull=False).update(next_poll_at=now)


def callback(source: Source) -> str:
    """Where a hub delivers, and asks back."""
    key = urlencode({"key": source.push["key"]})
    return f"{settings.PUBLIC_URL.rstrip('/')}/hooks/{source.network}/{source.slug}?{key}"


def _note(source: Source, *, push_at: datetime, **told: Any) -> None:
    """Change what is kept, unless it was given up meanwhile."""
    with transaction.atomic():
        fresh = Source.objects.select_for_update().get(pk=source.pk)
        if fresh.push.get("key") == source.push.get("key"):
            fresh.push, fresh.push_at = fresh.push | told, push_at
            fresh.save(update_fields=["push", "push_at"])


def _lease(told: str) -> timedelta:
    """How long the hub delivers, kept within bounds; the hub's own word, which need not be what was asked for."""
    seconds = int(told) if told.isascii() and told.isdigit() and len(told) < 10 else 24 * 3600
    return min(max(timedelta(seconds=seconds), SHORTEST_LEASE), LONGEST_LEASE)


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
