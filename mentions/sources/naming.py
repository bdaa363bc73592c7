"""Names of people whose messages came without one: asked for in the background, out of the account's budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from mentions import networks, scrub
from mentions.models import Author, Mention, Origin, Source
from mentions.networks import NetworkError
from mentions.posts import MAX_HANDLE, MAX_NAME, PostAuthor
from mentions.sources import gate
from mentions.sources.credentials import ready
from mentions.sources.sealing import UnreadableSecrets

TRIES: Final = 5
_AGAIN: Final = timedelta(minutes=10)  # and then doubled
_LATER: Final = timedelta(hours=1)
_MUCH_LATER: Final = timedelta(days=1)
_AT_ONCE: Final = 10


def tick() -> bool:
    """Ask for some of the names that are missing, those of the newest people first; True if more are due."""
    now = timezone.now()
    some = list(_nameless(now).order_by("-pk")[:_AT_ONCE])
    for author in some:
        _ask(author, now)
    return len(some) == _AT_ONCE


def _nameless(now: datetime) -> QuerySet[Author]:
    asked = [network.key for network in map(networks.get, networks.keys()) if network.capabilities.names]
    found = Author.objects.filter(network__in=asked, name="", handle="", name_tries__lt=TRIES)
    return found.filter(Q(name_next_at=None) | Q(name_next_at__lte=now))


def _ask(author: Author, now: datetime) -> None:
    row = Author.objects.filter(pk=author.pk, name="", handle="")
    source = _heard_through(author)
    if source is None or not source.active or source.refused_at is not None:
        row.update(name_next_at=now + (_LATER if source else _MUCH_LATER))
        return
    if (wait := gate.enter(source, "reads", now=now, kind="person")) is not None:
        row.update(name_next_at=wait.until)
        return
    try:
        with gate.asking(source, "reads", now=now) as calls:
            told = networks.get(author.network).person(ready(source, now=now), author.external_id)
    except (NetworkError, UnreadableSecrets) as error:
        until = None
        if isinstance(error, NetworkError):
            until = gate.failed(source, error, now=now, kind="person", called=bool(calls))
        again = now + _AGAIN * 2**author.name_tries
        row.update(name_tries=author.name_tries + 1, name_next_at=max(until or now, again))
        return
    if calls:
        gate.succeeded(source.pk)
    # What the network keeps to itself today it will not tell in an hour.
    row.update(**({"name_tries": TRIES} if told is None else _known(told)))


def _heard_through(author: Author) -> Source | None:
    said = Mention.objects.filter(author=author, origin=Origin.LIVE, deleted_at=None).select_related("source")
    latest = said.order_by("-pk").first()
    return latest.source if latest is not None else None


def _known(told: PostAuthor) -> dict[str, object]:
    counted = {"followers": told.followers, "verified": told.verified}
    return {
        "name": scrub.typed_line(told.name, MAX_NAME),
        "handle": scrub.typed_line(told.handle, MAX_HANDLE),
        "avatar_url": told.avatar_url or "",
        "name_tries": TRIES,
    } | {name: value for name, value in counted.items() if value is not None}
