"""Whether the sources are still heard: silence that is longer than usual, and the time in which nobody listened.

A silent source is late. If its network can be asked, it is, and then either there was nothing or the network did
not deliver, which is a gap like any other. How long a silence is usual is learned from the last days.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from mentions import networks
from mentions.models import Consumer, Gap, Origin, Source
from mentions.networks import Fetched, NetworkError
from mentions.posts import BadPost, Post, parse
from mentions.sources import gaps, gate, quota
from mentions.sources.credentials import ready
from mentions.sources.sealing import UnreadableSecrets
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

STOPPED_AFTER: Final = timedelta(seconds=60)
SHORTEST_RHYTHM: Final = timedelta(minutes=5)
LEARNED_FROM: Final = timedelta(days=7)
LEAST_POSTS: Final = 20
LEARN_EVERY: Final = timedelta(minutes=10)
RECONCILE_EVERY: Final = timedelta(hours=1)
RECONCILED: Final = timedelta(hours=3)
SETTLED: Final = timedelta(seconds=90)
_MOST_PAGES: Final = 25
_NAME: Final = "source watch"


class Watch:
    """One look at all sources every few seconds, by whoever leads."""

    def __init__(self) -> None:
        self._learned: datetime | None = None

    def tick(self) -> bool:
        """Note a standstill, learn rhythms now and then, tell who is late."""
        now = timezone.now()
        note_standstill(now)
        if self._learned is None or now - self._learned > LEARN_EVERY:
            learn_rhythms(now)
            self._learned = now
        note_late(now)
        return False


def _listening() -> QuerySet[Source]:
    """The sources that hear somebody: an exercise's stand-in is never asked, late or blind."""
    return Source.objects.filter(active=True).exclude(origin=Origin.DRILL)


def note_standstill(now: datetime) -> int:
    """If nobody has looked for a minute, nobody listened: a gap for each source; returns how many."""
    last = Consumer.objects.filter(name=_NAME).values_list("updated_at", flat=True).first()
    Consumer.objects.update_or_create(name=_NAME)
    if last is None or now - last < STOPPED_AFTER:
        return 0
    noted = 0
    listened_to = Q(network__in=networks.keys()) | Q(search__isnull=False)
    for source in _listening().filter(listened_to, blind_since=None):
        by_polling = gaps.polled(source)
        since = max(source.last_ok_at or last, source.created_at) if by_polling else max(last, source.created_at)
        if not by_polling and source.last_ok_at is not None and source.last_ok_at > last:
            continue  # only the listener was away; what the network delivered was taken
        if now - since < STOPPED_AFTER:
            continue
        with transaction.atomic():
            gaps.record(source, Gap.Reason.STOPPED, since=since, until=now)
            Source.objects.filter(pk=source.pk, poll_every_s__isnull=False).update(next_poll_at=now)
            tell("source.gap", source, now, since=since.isoformat(), reason="stopped")
        noted += 1
    return noted


def learn_rhythms(now: datetime) -> None:
    """The longest usual silence of each source that is not polled: a quarter more than the longest of the last days.

    Silences in which it is known to have been blind say nothing about it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH heard AS (SELECT source_id, received_at, lag(received_at) OVER w AS before FROM mentions_mention "
            "WHERE occurred_at > %(since)s AND received_at > %(since)s AND origin = 'live' "
            "WINDOW w AS (PARTITION BY source_id ORDER BY received_at)) "
            "UPDATE mentions_source s SET rhythm_s = q.seconds FROM (SELECT h.source_id, greatest(%(least)s, "
            "extract(epoch FROM max(h.received_at - h.before)) * 1.25)::int AS seconds, count(*) AS posts FROM heard h "
            "WHERE NOT EXISTS (SELECT 1 FROM mentions_gap g WHERE g.source_id = h.source_id "
            "AND g.started_at < h.received_at AND coalesce(g.ended_at, 'infinity') > h.before) "
            "GROUP BY h.source_id) q WHERE s.id = q.source_id AND s.poll_every_s IS NULL AND q.posts >= %(posts)s "
            "AND s.rhythm_s IS DISTINCT FROM q.seconds",
            {
                "since": now - LEARNED_FROM,
                "least": int(SHORTEST_RHYTHM.total_seconds()),
                "posts": LEAST_POSTS,
            },
        )


def note_late(now: datetime) -> int:
    """Tell of sources that are silent for longer than usual, and ask their networks; returns how many."""
    quiet = (
        _listening()
        .filter(late_since=None, last_ok_at__isnull=False)
        .filter(Q(rhythm_s__isnull=False, poll_every_s=None) | Q(poll_every_s__isnull=False, blind_since=None))
    )
    told = 0
    for source in quiet:
        assert source.last_ok_at is not None
        usual = timedelta(seconds=(source.poll_every_s or 0) * 3 + 60) if source.poll_every_s else _usual(source)
        if now - source.last_ok_at <= usual or (source.next_poll_at is not None and source.next_poll_at > now):
            continue
        with transaction.atomic():
            Source.objects.filter(pk=source.pk).update(late_since=source.last_ok_at + usual, reconciled_at=None)
            tell("source.late", source, now, since=source.last_ok_at.isoformat())
        told += 1
    return told


def make_good() -> bool:
    """Fill what is missing, then look for what is missing unnoticed; True if more is waiting."""
    return bool(gaps.fill_due() or reconcile_due())


def reconcile_due() -> int:
    """Compare a few sources with the truth of their networks; returns how many."""
    now = timezone.now()
    due = (
        _listening()
        .filter(network__in=networks.keys(), blind_since=None)
        .filter(Q(reconciled_at=None) | Q(reconciled_at__lte=now - RECONCILE_EVERY))
        .order_by("reconciled_at")[:3]
    )
    found = list(due)
    for source in found:
        Source.objects.filter(pk=source.pk).update(reconciled_at=now)
        reconcile(source, now=now)
    return len(found)


def reconcile(source: Source, *, now: datetime) -> int | None:
    """Ask again for the last hours and store what had been missed; how many posts, None if it cannot be asked.

    What came within the last moments may still be on its way here, and is nobody's fault.
    """
    capabilities = networks.get(source.network).capabilities
    since, until = max(now - RECONCILED, source.created_at), now - SETTLED
    if until <= since or not (capabilities.history or capabilities.fetch):
        return None
    missed = 0
    cursor: dict[str, Any] = {}
    for _page in range(_MOST_PAGES):
        if gate.enter(source, "reads", now=now, kind="history") is not None:
            break
        try:
            network = networks.get(source.network)
            acting = ready(source, now=now)
            with gate.asking(source, "reads", now=now):
                if capabilities.history:
                    page = network.history(acting, since, until, cursor)
                else:
                    page = network.fetch(acting, {})
        except (NetworkError, UnreadableSecrets) as error:
            if isinstance(error, NetworkError):
                gate.failed(source, error, now=now, kind="history")
            return None
        gate.succeeded(source.pk)
        quota.note(source, page.quota, now=now)
        # What is asked for by times is of these times; what is newest may be still on its way here.
        kept = page.items if capabilities.history else [item for item in page.items if _between(item, since, until)]
        with transaction.atomic():
            missed += gaps.missing(source, Fetched(tuple(kept), {}), now=now)
        cursor = page.cursor
        if not capabilities.history or page.next_at is None:
            break
    _write_down(source, missed, now)
    return missed


def _write_down(source: Source, missed: int, now: datetime) -> None:
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(missed=missed)
        if missed:
            tell("source.missed", source, now, found=missed)
        if missed and source.late_since is not None and source.last_ok_at is not None:
            gap = gaps.record(source, Gap.Reason.DEAF, since=source.last_ok_at, until=now)
            Gap.objects.filter(pk=gap.pk).update(
                found=missed, state=Gap.Status.FILLED, closed_at=now, next_at=None, error=""
            )
    if missed:
        log.warning("posts had been missed", extra={"source": source.slug, "posts": missed})


def _between(item: dict[str, object], since: datetime, until: datetime) -> bool:
    if "op" in item:
        return True
    try:
        post = parse(item)
    except BadPost:
        return False
    return isinstance(post, Post) and since <= post.created_at <= until


def _usual(source: Source) -> timedelta:
    assert source.rhythm_s is not None
    return timedelta(seconds=source.rhythm_s)
