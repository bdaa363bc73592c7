"""Connected sources: their secrets, their accounts, their health, and asking them for what is new."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from mentions.models import Source
from mentions.networks import NetworkError
from mentions.sources.credentials import ready, refused
from mentions.sources.polling import poll, poll_due
from mentions.sources.sealing import UnreadableSecrets, account, seal, secrets_of

__all__ = [
    "UnreadableSecrets",
    "account",
    "heard",
    "ingest",
    "noticed",
    "poll",
    "poll_due",
    "ready",
    "seal",
    "secrets_of",
]

_HEARD_EVERY = timedelta(seconds=5)


def ingest() -> Source:
    """The source that posts without one of their own belong to."""
    source, _ = Source.objects.get_or_create(slug="ingest", defaults={"network": "ingest", "name": "Ingest"})
    return source


def heard(source_id: int, *, now: datetime, delivered: bool = False) -> None:
    """The source delivered: it sees. Written at most every few seconds, since every post says so.

    Of a source that is also asked by a timer, only the asking says whether it is blind. `delivered` is what came to our
    address, and not over a connection of ours.
    """
    stale = Source.objects.filter(pk=source_id).exclude(last_ok_at__gt=now - _HEARD_EVERY)
    if delivered:
        row = Source.objects.filter(pk=source_id).exclude(delivered_at__gt=now - _HEARD_EVERY)
        row.update(delivered_at=now)
    if not stale.filter(poll_every_s=None).update(last_ok_at=now, blind_since=None, late_since=None, last_error=""):
        stale.update(last_ok_at=now, late_since=None)


def noticed(source: Source, error: NetworkError, *, now: datetime) -> None:
    """Whoever acted for this source was refused: if its credentials ended, that is told at once."""
    if error.follow == "reauthorise":
        with transaction.atomic():
            refused(source, now=now)
