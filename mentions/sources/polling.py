"""Asking the networks for what is new, and what becomes of a source that cannot be asked."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from mentions import networks
from mentions.models import Gap, Source
from mentions.networks import Fetched, NetworkError
from mentions.sources import delivery, gaps, gate, quota, streams, subscriptions
from mentions.sources.credentials import ready, refused
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

_MAX_BACK_OFF: Final = timedelta(hours=1)
_AT_ONCE: Final = 10


def poll_due() -> int:
    """Ask each source whose time has come for what is new; returns how many were asked."""
    now = timezone.now()
    due = (
        Source.objects.filter(active=True, poll_every_s__isnull=False, search=None)
        .exclude(next_poll_at__gt=now)
        .order_by("next_poll_at")[:_AT_ONCE]
    )
    return sum(poll(source, now=now) for source in due)


def poll(source: Source, *, now: datetime) -> bool:
    """Ask one source and store what it gave together with its cursor; a failure backs off and is remembered."""
    assert source.poll_every_s is not None
    every = timedelta(seconds=source.poll_every_s)
    if (wait := gate.enter(source, "reads", now=now, kind="fetch")) is not None:
        Source.objects.filter(pk=source.pk).update(next_poll_at=wait.until)
        return False
    try:
        with gate.asking(source, "reads", now=now):
            fetched = _fetch(source, now)
    except (NetworkError, UnreadableSecrets, networks.UnknownNetwork) as error:
        _failed(source, error, every, now)
        return False
    gate.succeeded(source.pk)
    quota.note(source, fetched.quota, now=now)
    following = max(fetched.next_at or now + subscriptions.interval(source, every, now=now), now + timedelta(seconds=1))
    with transaction.atomic():
        found = gaps.missing(source, fetched, now=now)
        subscriptions.offered(source, fetched.offer, now=now)
        seen = {"last_ok_at": now, "blind_since": None, "last_error": fetched.trouble[:300], "late_since": None}
        seen["refused_at"] = None
        if found:
            seen["last_post_at"] = now
        Source.objects.filter(pk=source.pk).update(cursor=fetched.cursor, next_poll_at=following, **seen)
        if fetched.next_at is None:
            streams.let_rest(source, now=now)
        if source.blind_since is not None:
            gaps.end(source, now=now)
            tell("source.sees_again", source, now)
        if fetched.unfinished:
            gaps.count(source, found)
        else:
            gaps.caught_up(source, found=found, complete=fetched.complete, now=now)
    return True


def _fetch(source: Source, now: datetime) -> Fetched:
    network = networks.get(source.network)
    told = delivery.of(source)
    if network.one_or_the_other and told is not None and told.elsewhere:
        # There is nothing to ask for, and somebody else hears it.
        raise NetworkError(told.problem, "give_up")
    return network.fetch(ready(source, now=now), source.cursor)


def _failed(source: Source, error: Exception, every: timedelta, now: datetime) -> None:
    """It could not be asked. While its streams live and leave nothing out it sees all the same; else it is blind."""
    seeing = streams.hears_all(source, now=now)
    blind_since = source.blind_since or min(source.last_ok_at or now, now)
    wait = min(max(every, (now - (source.blind_since or now)) / 2), _MAX_BACK_OFF)
    follow = error.follow if isinstance(error, NetworkError) else "give_up"
    stop = follow in ("reauthorise", "give_up") and isinstance(error, NetworkError)
    held = gate.failed(source, error, now=now, kind="fetch") if isinstance(error, NetworkError) else None
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            blind_since=source.blind_since if seeing else blind_since,
            last_error=str(error)[:300],
            next_poll_at=max(held or now, now + (_MAX_BACK_OFF if stop else wait)),
        )
        if source.blind_since is None and not seeing:
            reason = Gap.Reason.REFUSED if follow == "reauthorise" else Gap.Reason.UNREACHABLE
            gaps.begin(source, reason, since=blind_since)
            tell("source.blind", source, now, follow=follow)
        if follow == "reauthorise":
            refused(source, now=now)
    log.warning("a source could not be asked", extra={"source": source.slug, "follow": follow})
