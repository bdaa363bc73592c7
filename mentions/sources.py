"""Connected sources: their secrets, their accounts, their health, and asking them for what is new."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mentions import events, intake, networks
from mentions.events import SYSTEM
from mentions.models import Source
from mentions.networks import Account, NetworkError

log = logging.getLogger(__name__)

_MAX_BACK_OFF = timedelta(hours=1)


class UnreadableSecrets(Exception):
    """The key that a source's secrets were sealed with is not in the key ring."""


def seal(secrets: Mapping[str, str]) -> str:
    """Secrets as they are stored: the identifier of the newest key, and ciphertext under it."""
    key_id, key = settings.SOURCE_KEYS[0]
    return f"{key_id}:{Fernet(key).encrypt(json.dumps(dict(secrets)).encode()).decode()}"


def secrets_of(source: Source) -> dict[str, str]:
    """A source's secrets in the clear, for one use. Raises `UnreadableSecrets`."""
    if not source.secrets:
        return {}
    key_id, _, sealed = source.secrets.partition(":")
    key = dict(settings.SOURCE_KEYS).get(key_id)
    if key is None:
        raise UnreadableSecrets(f"key {key_id} is not in SOURCE_KEYS; add it again or connect {source.slug} anew")
    try:
        return {str(k): str(v) for k, v in json.loads(Fernet(key).decrypt(sealed.encode())).items()}
    except InvalidToken as broken:
        raise UnreadableSecrets(f"the secrets of {source.slug} do not open with key {key_id}") from broken


def account(source: Source) -> Account:
    """The source as its network's connector needs it."""
    return Account(
        base_url=source.base_url,
        handle=source.handle,
        account_id=source.account_id,
        secrets=secrets_of(source),
        settings=source.settings,
        local=source.local,
    )


def ingest() -> Source:
    """The source that posts without one of their own belong to."""
    source, _ = Source.objects.get_or_create(slug="ingest", defaults={"network": "ingest", "name": "Ingest"})
    return source


def heard(source_id: int, *, now: datetime) -> None:
    """The source answered or delivered: it sees. Written at most every few seconds, since every post says so."""
    Source.objects.filter(pk=source_id).exclude(last_ok_at__gt=now - timedelta(seconds=5)).update(
        last_ok_at=now, blind_since=None, last_error=""
    )


def poll_due() -> int:
    """Ask each source whose time has come for what is new; returns how many were asked."""
    now = timezone.now()
    due = (
        Source.objects.filter(active=True, poll_every_s__isnull=False)
        .exclude(next_poll_at__gt=now)
        .order_by("next_poll_at")[:10]
    )
    return sum(poll(source, now=now) for source in due)


def poll(source: Source, *, now: datetime) -> bool:
    """Ask one source and store what it gave together with its cursor; a failure backs off and is remembered."""
    assert source.poll_every_s is not None
    every = timedelta(seconds=source.poll_every_s)
    try:
        fetched = networks.get(source.network).fetch(account(source), source.cursor)
    except (NetworkError, UnreadableSecrets, networks.UnknownNetwork) as error:
        _failed(source, error, every, now)
        return False
    with transaction.atomic():
        if fetched.items:
            intake.receive(source, fetched.items, now=now)
        recovered = source.blind_since is not None
        Source.objects.filter(pk=source.pk).update(
            cursor=fetched.cursor,
            last_ok_at=now,
            blind_since=None,
            last_error="",
            next_poll_at=max(fetched.next_at or now + every, now + timedelta(seconds=1)),
        )
        if recovered:
            _tell("source.sees_again", source, now)
    return True


def _failed(source: Source, error: Exception, every: timedelta, now: datetime) -> None:
    blind_since = source.blind_since or now
    wait = min(max(every, (now - blind_since) / 2), _MAX_BACK_OFF)
    retry_at = error.retry_at if isinstance(error, NetworkError) else None
    follow = error.follow if isinstance(error, NetworkError) else "give_up"
    stop = follow in ("reauthorise", "give_up") and isinstance(error, NetworkError)
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(
            blind_since=blind_since,
            last_error=str(error)[:300],
            next_poll_at=max(retry_at or now + wait, now + (_MAX_BACK_OFF if stop else wait)),
        )
        if source.blind_since is None:
            _tell("source.blind", source, now, follow=follow)
    log.warning("source went blind", extra={"source": source.slug, "follow": follow})


def _tell(kind: str, source: Source, now: datetime, **data: str) -> None:
    events.record(kind, at=now, by=SYSTEM, origin=source.origin, source_id=source.pk, data=data)
