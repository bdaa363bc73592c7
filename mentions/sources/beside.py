"""What stands beside our mentions: the posts that they answer and that nobody sent us.

A step behind the sealed events: which answered post is not here is noted, then its network is asked for it. It is
shown beside what answers it, is never in a queue and counts in no figure. What a delivery named without its words is
asked for in the same way (`wish`), and then taken in like everything else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from mentions import events, intake, networks
from mentions.intake import store
from mentions.intake.prepare import Clean, Refused, prepare
from mentions.models import Beside, Consumer, Mention, Source
from mentions.networks import NetworkError
from mentions.posts import MAX_ID
from mentions.sources import gate
from mentions.sources.credentials import ready
from mentions.sources.sealing import UnreadableSecrets

log = logging.getLogger(__name__)

_NAME: Final = "beside"
_BATCH: Final = 1000
_TRIES: Final = 5
_AGAIN: Final = timedelta(minutes=5)
_APART: Final = timedelta(seconds=10)
NEVER_READ: Final = "the network named this post and did not let us read it, several times; look for it there"


def tick() -> bool:
    """One step of both; True if more is waiting."""
    return note_new() | fetch_wanted()


def note_new() -> bool:
    """Note what the newest mentions answer and when each source was last written to; True if more is waiting."""
    consumer, _ = Consumer.objects.get_or_create(name=_NAME)
    fresh = events.after(consumer.position, limit=_BATCH)
    if not fresh:
        return False
    received = [event for event in fresh if event.kind == "mention.received" and event.mention_id]
    latest: dict[int, datetime] = {}
    for event in received:
        if event.source_id is not None:
            latest[event.source_id] = max(event.recorded_at, latest.get(event.source_id, event.recorded_at))
    with transaction.atomic(), connection.cursor() as cursor:
        for source, at in sorted(latest.items()):
            Source.objects.filter(pk=source).exclude(last_post_at__gte=at).update(last_post_at=at)
        cursor.execute(
            "INSERT INTO mentions_beside (source_id, network, external_id, state, author_id, author_handle, "
            "author_name, text, visibility, url, next_at, tries, addressed) "
            "SELECT DISTINCT ON (m.network, m.in_reply_to) m.source_id, m.network, m.in_reply_to, 'wanted', '', '', "
            "'', '', m.visibility, '', now(), 0, false FROM mentions_mention m "
            "WHERE m.id = ANY(%s) AND m.in_reply_to <> '' "
            "AND m.origin = 'live' AND m.network = ANY(%s) "
            "AND NOT EXISTS (SELECT 1 FROM mentions_mention p WHERE p.network = m.network "
            "AND p.external_id = m.in_reply_to AND p.drill IS NULL) "
            "AND NOT EXISTS (SELECT 1 FROM mentions_ownpost o WHERE o.network = m.network "
            "AND o.external_id = m.in_reply_to) "
            "ORDER BY m.network, m.in_reply_to, m.id ON CONFLICT (network, external_id) DO NOTHING",
            [[event.mention_id for event in received], _looking()],
        )
        Consumer.objects.filter(pk=_NAME).update(position=fresh[-1].position, updated_at=timezone.now())
    return len(fresh) == _BATCH


def fetch_wanted() -> bool:
    """Ask the networks for what is wanted; True if it is worth asking again at once."""
    now = timezone.now()
    first = (
        Beside.objects.filter(state=Beside.Status.WANTED, next_at__lte=now, source__active=True)
        .select_related("source")
        .order_by("next_at")
        .first()
    )
    if first is None:
        return False
    source, network = first.source, networks.get(first.network)
    wanted = Beside.objects.filter(state=Beside.Status.WANTED, next_at__lte=now, source=source).order_by("next_at")
    ids = list(wanted.values_list("external_id", flat=True)[: network.lookup_at_once])
    rows = Beside.objects.filter(network=network.key, external_id__in=ids)
    if (wait := gate.enter(source, "reads", now=now, kind="lookup")) is not None:
        rows.update(next_at=wait.until)
        return False
    try:
        with gate.asking(source, "reads", now=now):
            found = network.lookup(ready(source, now=now), ids)
    except (NetworkError, UnreadableSecrets) as error:
        until = gate.failed(source, error, now=now, kind="lookup") if isinstance(error, NetworkError) else None
        if isinstance(error, NetworkError) and error.follow in gate.FOR_GOOD and len(ids) > 1:
            # One that is refused keeps no other back: the first half is asked for by itself, the rest right after it.
            rows.filter(external_id__in=ids[len(ids) // 2 :]).update(next_at=now + _APART)
            return True
        _later(rows, max(until or now, now + _AGAIN), now)
        return False
    gate.succeeded(source.pk)
    _take_in(source, ids, found, now)
    _keep(network.key, ids, found, now)
    return True


def wish(source: Source, external_ids: Sequence[str]) -> None:
    """A delivery named these and did not bring their words: they are asked for, and become mentions of their own."""
    known = set(
        Mention.objects.filter(network=source.network, external_id__in=external_ids, drill=None).values_list(
            "external_id", flat=True
        )
    )
    rows = [
        Beside(source=source, network=source.network, external_id=own, addressed=True, next_at=timezone.now())
        for own in dict.fromkeys(external_ids)
        if own not in known and len(own) <= MAX_ID
    ]
    Beside.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["network", "external_id"],
        update_fields=["addressed", "state", "next_at", "tries"],
    )


def of(network: str, external_ids: Sequence[str]) -> dict[str, Beside]:
    """What is kept of these posts, by their identifiers; for whoever shows what answers them."""
    kept = Beside.objects.filter(network=network, external_id__in=external_ids, state=Beside.Status.KEPT)
    return {row.external_id: row for row in kept}


def _take_in(source: Source, ids: Sequence[str], found: Mapping[str, dict[str, Any] | None], now: datetime) -> None:
    """What was named by a delivery is a mention, stored with the end of its row."""
    asked = Beside.objects.filter(network=source.network, external_id__in=ids, addressed=True)
    brought = [row.external_id for row in asked if found.get(row.external_id) is not None]
    if brought:
        with transaction.atomic():
            intake.receive(source, [found[own] for own in brought], now=now)
            asked.filter(external_id__in=brought).delete()


def _keep(network: str, ids: Sequence[str], found: Mapping[str, dict[str, Any] | None], now: datetime) -> None:
    wanted = Beside.objects.filter(network=network, external_id__in=ids, state=Beside.Status.WANTED)
    for row in wanted:
        told: dict[str, Any] = {"asked_at": now, "next_at": None}
        post = found.get(row.external_id)
        read = prepare(post) if post is not None else None
        if isinstance(read, Clean):
            it = read.post
            told |= {"state": Beside.Status.KEPT, "text": it.text, "url": it.url or "", "visibility": it.visibility}
            told |= {"author_id": it.author.id, "author_handle": it.author.handle, "author_name": it.author.name}
            told |= {"network_at": it.created_at}
        elif row.external_id in found or row.tries + 1 >= _TRIES:
            told["state"] = Beside.Status.GONE
        else:
            told |= {"tries": row.tries + 1, "next_at": now + _AGAIN}
        # Its deletion may have been told since, which takes its words for good.
        if wanted.filter(pk=row.pk).update(**told) and row.external_id not in found:
            _set_aside(row, told.get("state"), now)


def _later(rows: QuerySet[Beside], until: datetime, now: datetime) -> None:
    wanted = rows.filter(state=Beside.Status.WANTED)
    for row in wanted:
        given_up = row.tries + 1 >= _TRIES
        state = Beside.Status.GONE if given_up else Beside.Status.WANTED
        told = {"tries": row.tries + 1, "asked_at": now, "next_at": None if given_up else until, "state": state}
        if wanted.filter(pk=row.pk).update(**told):
            _set_aside(row, state, now)


def _set_aside(row: Beside, state: str | None, now: datetime) -> None:
    """What was addressed to us and is asked for no more is kept as a reject: else nobody would know of it."""
    if row.addressed and state == Beside.Status.GONE:
        named = {"network": row.network, "external_id": row.external_id}
        with connection.cursor() as cursor:
            store.rejects(cursor, [(row.source, Refused(row.external_id, named, NEVER_READ))], now)


def _looking() -> list[str]:
    return [network.key for network in map(networks.get, networks.keys()) if network.capabilities.lookup]
