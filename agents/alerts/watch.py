"""What raises alerts, and what ends them: sealed events for what happens, the rows themselves for what is so.

Incidents and suggestions, which live in the layer above, raise theirs with `alerts.raise_` in their own
transaction. Only the real thing counts: canaries and exercises alert nobody.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Min
from django.utils import timezone

from agents import access, alerts
from agents.models import Alert, AlertKind, Team
from mentions import events
from mentions.events import Event
from mentions.models import Consumer, Gap, Origin, OwnPost, Source
from mentions.sources import credentials, webhooks

LOOK_EVERY_S = 5.0
BLIND_FOR = timedelta(seconds=60)  # a single failed question is not worth waking anybody
ENDS_WITHIN = timedelta(days=3)
# An account that is in strange hands may write by the hundred: so many call by themselves, the rest is counted.
FOREIGN_AT_ONCE = 5
_CONSUMER = "alerts"
_BATCH = 1000
_STANDING = (AlertKind.BLIND, AlertKind.TOKEN, AlertKind.OVERDUE)


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that is so right now and should alert."""

    kind: str
    subject: str
    about: dict[str, Any] = field(default_factory=dict)
    team: Team | None = None


class Watch:
    """The listener's loop: hears events at once, looks at what is so every few seconds, and escalates."""

    def __init__(self) -> None:
        self._look_at = 0.0

    def tick(self) -> bool:
        """One step; true if more events are waiting."""
        heard = hear()
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            look()
            alerts.escalate_due()
        return heard >= _BATCH


def hear() -> int:
    """Raise and end what the next sealed events say; returns how many were read. The cursor goes with the rows."""
    with transaction.atomic():
        position = _position()
        fresh = events.after(position, limit=_BATCH)
        for event in fresh:
            if event.origin == Origin.LIVE:
                _heed(event)
        if fresh:
            Consumer.objects.filter(name=_CONSUMER).update(position=fresh[-1].position, updated_at=timezone.now())
    return len(fresh)


def look(*, now: datetime | None = None) -> None:
    """Raise what is so and was not, end what was so and is not."""
    moment = now or timezone.now()
    found = list(standing(moment))
    for it in found:
        alerts.raise_(it.kind, it.subject, it.about, team=it.team, again=False, now=moment)
    still = {(str(it.kind), it.subject) for it in found}
    for kind, subject in Alert.objects.filter(kind__in=_STANDING, over_at=None).values_list("kind", "subject"):
        if (kind, subject) not in still:
            alerts.over(kind, subject, now=moment)
    for alert in Alert.objects.filter(kind=AlertKind.FOREIGN_POST, over_at=None):
        if not _unexplained(alert):
            alerts.over(AlertKind.FOREIGN_POST, alert.subject, now=moment)


def standing(now: datetime) -> Iterator[Standing]:
    """Sources that are blind or not delivered to, keys that end or were refused, and queues with overdue work."""
    for source in Source.objects.filter(origin=Origin.LIVE, active=True):
        about = {"source": source.name, "path": "/setup/"}
        if source.blind_since is not None and source.blind_since <= now - BLIND_FOR:
            yield Standing(AlertKind.BLIND, f"source:{source.pk}", about | {"since": source.blind_since.isoformat()})
        elif (missed := webhooks.missed_since(source)) is not None:
            unheard = {"since": missed.isoformat(), "undelivered": True}
            yield Standing(AlertKind.BLIND, f"source:{source.pk}", about | unheard)
        if source.refused_at is not None:
            yield Standing(AlertKind.TOKEN, f"source:{source.pk}", about | {"refused": source.refused_at.isoformat()})
        elif source.expires_at is not None and source.expires_at <= now + ENDS_WITHIN and _ends(source):
            yield Standing(AlertKind.TOKEN, f"source:{source.pk}", about | {"ends": source.expires_at.isoformat()})
    out = Gap.objects.filter(ended_at=None, source__origin=Origin.LIVE, source__active=True).exclude(place="")
    told = out.values("source", "source__name").annotate(places=Count("pk"), since=Min("started_at"))
    for row in told.order_by("source"):
        # What a group is called is its owner's to choose, so it is in no mail.
        about = {"source": row["source__name"], "places": row["places"], "since": row["since"].isoformat()}
        yield Standing(AlertKind.BLIND, f"places:{row['source']}", about | {"path": "/setup/"})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT q.id, q.slug, q.name, count(*) FROM mentions_conversation c "
            "JOIN mentions_queue q ON q.id = c.queue_id "
            "WHERE c.origin = 'live' AND c.state <> 'closed' AND c.actionable IS NOT FALSE AND c.due_at < %s "
            "GROUP BY q.id, q.slug, q.name HAVING count(*) >= %s",
            [now, alerts.rule_for(AlertKind.OVERDUE).threshold],
        )
        rows = cursor.fetchall()
    for queue, slug, name, late in rows:
        yield Standing(
            AlertKind.OVERDUE,
            f"queue:{queue}",
            {"queue": name, "late": late, "path": f"/console/view/{slug}/"},
            access.home_team(queue),
        )


def _ends(source: Source) -> bool:
    """Whether its keys end indeed: those of many networks live for an hour and are renewed by themselves."""
    return source.warned_at is not None or not credentials.renews(source)


def _heed(event: Event) -> None:
    if event.kind == "source.foreign_post" and event.source_id is not None:
        source = Source.objects.filter(pk=event.source_id).first()
        about = {"source": source.name if source else "", "source_id": event.source_id, "path": "/freeze/"}
        alerts.raise_(AlertKind.FOREIGN_POST, _foreign_subject(event), about, now=event.at)


def _foreign_subject(event: Event) -> str:
    """The post itself; of a flood under one account, what calls for the newest that has an alert of its own."""
    own = f"own_post:{event.data['own_post']}"
    of_account = Alert.objects.filter(
        kind=AlertKind.FOREIGN_POST, over_at=None, about__source_id=event.source_id
    ).order_by("-pk")
    known = list(of_account.values_list("subject", flat=True))
    return known[0] if len(known) >= FOREIGN_AT_ONCE and own not in known else own


def _unexplained(alert: Alert) -> bool:
    """Whether its post is still nobody's, or being compared anew; where it stands for others, whether any is."""
    open_ones = OwnPost.objects.filter(verdict__in=(OwnPost.Verdict.FOREIGN, OwnPost.Verdict.NEW))
    if open_ones.filter(pk=int(alert.subject.partition(":")[2])).exists():
        return True
    foreign = OwnPost.objects.filter(verdict=OwnPost.Verdict.FOREIGN, source_id=alert.about.get("source_id"))
    return alert.count > 1 and foreign.exists()


def _position() -> int:
    """Where the reading goes on, locked; a first reading begins now, so that the past alerts nobody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mentions_consumer (name, position, updated_at) "
            "VALUES (%s, (SELECT coalesce(max(position), 0) FROM mentions_seal), now()) ON CONFLICT DO NOTHING",
            [_CONSUMER],
        )
        cursor.execute("SELECT position FROM mentions_consumer WHERE name = %s FOR UPDATE", [_CONSUMER])
        return int(cursor.fetchone()[0])
