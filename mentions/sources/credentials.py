"""Credentials: renewed before they end, probed on a timer, and told of when they are about to end or are refused."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from mentions import http, networks, rulebook
from mentions.models import Gap, Source
from mentions.networks import Account, NetworkError, Probe
from mentions.sources import gate, quota
from mentions.sources.holding import LETS_IN, RENEWAL_S, alone, changing, give_back, lets_in
from mentions.sources.sealing import UnreadableSecrets, account, secrets_of
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

PROBE_EVERY: Final = timedelta(minutes=15)
WARN_BEFORE: Final = timedelta(days=7)
WARN_AGAIN: Final = timedelta(days=1)
LATEST_LEAD: Final = timedelta(minutes=10)
EARLIEST_LEAD: Final = timedelta(days=1)
_ALMOST_OVER: Final = timedelta(seconds=60)
_AT_ONCE: Final = 5
_RENEWED_AT_ONCE: Final = 5


def secret_names() -> frozenset[str]:
    """The names of the fields into which some network's keys are typed."""
    return frozenset(each.name for key in networks.keys() for each in networks.get(key).fields if each.secret)  # noqa: SIM118


def awaits_sign_in(source: Source) -> bool:
    """Whether nobody has let us act for the account yet: it was made here and is to be signed in at its network."""
    if source.active or source.disconnected_at is not None:
        return False
    try:
        return networks.get(source.network).capabilities.authorise and not lets_in(source)
    except networks.UnknownNetwork:
        return False


def stored(source: Source) -> frozenset[str]:
    """The names of its secrets; none of those that cannot be read any more."""
    try:
        return frozenset(secrets_of(source))
    except UnreadableSecrets:
        return frozenset()


def ready(source: Source, *, now: datetime) -> Account:
    """The account for one call, with credentials that hold: what is almost over is renewed first.

    Raises `NetworkError` if they ended and could not be renewed, and `UnreadableSecrets`.
    """
    if source.expires_at is not None and source.expires_at - now < _ALMOST_OVER and renews(source):
        source = renew(source, now=now)
    return account(source)


def renew(source: Source, *, now: datetime, lead: timedelta = _ALMOST_OVER) -> Source:
    """New credentials, committed before anybody uses them; by one process at a time.

    Many networks forget the old credentials in the moment in which they give new ones, so whoever comes second
    waits and finds them renewed. Where they were changed or erased meanwhile, what the network gave is given back and
    what somebody wanted is left. Raises `NetworkError`.
    """
    with transaction.atomic():
        alone(source)
        spent = Source.objects.get(pk=source.pk)
        if spent.expires_at is None or spent.expires_at - now >= lead:
            return spent
        before = secrets_of(spent)
        with http.within(RENEWAL_S):
            given = networks.get(spent.network).refresh(account(spent))
        with changing(spent) as (fresh, kept):
            concerned = LETS_IN | given.secrets.keys()
            as_it_was = all(kept.get(name) == before.get(name) for name in concerned)
            if as_it_was:
                kept |= given.secrets
                fresh.expires_at, fresh.refreshed_at = given.expires_at, now
                fresh.warned_at = fresh.refused_at = None
        if as_it_was:
            tell("source.renewed", fresh, now)
    if not as_it_was:
        give_back(spent, before | dict(given.secrets))
    if fresh.disconnected_at is not None:
        raise NetworkError(_("the account was let go meanwhile"), "retry")
    return fresh


def tick() -> bool:
    """Renew what ends soon, warn of what cannot be renewed, probe whose turn it is; True if more is waiting."""
    renew_due()
    return probe_due() == _AT_ONCE


def renew_due() -> None:
    """Renew what ends soon, and warn of what cannot be renewed."""
    now = timezone.now()
    ending = list(
        Source.objects.filter(active=True, refused_at=None, expires_at__lte=now + WARN_BEFORE).order_by("expires_at")[
            :50
        ]
    )
    for source in ending:
        if not renews(source):
            _warn(source, now)
    due = [source for source in ending if renews(source) and _left(source, now) < lead_of(source)]
    if len(due) < 2:
        for source in due:
            _renew_or_tell(source, lead_of(source), now)
        return
    # One server that hangs takes its whole time; meanwhile the others are not to run out.
    with ThreadPoolExecutor(max_workers=_RENEWED_AT_ONCE) as pool:
        list(pool.map(lambda source: _renew_apart(source, now), due))


def _renew_apart(source: Source, now: datetime) -> None:
    try:
        _renew_or_tell(source, lead_of(source), now)
    except Exception:
        log.exception("credentials were not renewed", extra={"source": source.slug})
    finally:
        connection.close()


def _left(source: Source, now: datetime) -> timedelta:
    assert source.expires_at is not None
    return source.expires_at - now


def lead_of(source: Source) -> timedelta:
    """How long before their end credentials are renewed: a third of their life, ten minutes at least and at most a day.

    Never more than half of it: what lives for minutes would be renewed all the time.
    """
    assert source.expires_at is not None
    life = source.expires_at - (source.refreshed_at or source.created_at)
    return min(max(life / 3, LATEST_LEAD), EARLIEST_LEAD, life / 2)


def probe_due() -> int:
    """Ask a few networks who we are there; returns how many were asked."""
    now = timezone.now()
    due = (
        Source.objects.filter(Q(probed_at=None) | Q(probed_at__lte=now - PROBE_EVERY), active=True)
        .exclude(secrets="")
        .filter(network__in=networks.keys())
        .order_by(F("probed_at").asc(nulls_first=True))[:_AT_ONCE]
    )
    found = list(due)
    for source in found:
        probe(source, now=now)
    return len(found)


def probe(source: Source, *, now: datetime) -> bool:
    """Whether the credentials hold, as far as the network can be asked; what it tells is written down."""
    Source.objects.filter(pk=source.pk).update(probed_at=now)
    if gate.enter(source, "reads", now=now, kind="probe") is not None:
        return False
    try:
        told = networks.get(source.network).probe(ready(source, now=now))
    except NetworkError as error:
        gate.failed(source, error, now=now, kind="probe")
        if error.follow == "reauthorise":
            with transaction.atomic():
                Source.objects.filter(pk=source.pk).update(last_error=error.message[:300])
                refused(source, now=now)
        return False
    except UnreadableSecrets as error:
        Source.objects.filter(pk=source.pk).update(last_error=str(error)[:300])
        return False
    gate.succeeded(source.pk)
    quota.note(source, told.quota, now=now)
    return _told(source, told, now)


def refused(source: Source, *, now: datetime, asked_at: datetime | None = None) -> None:
    """The network does not take the credentials any more: said once, until they are mended.

    `asked_at` is when the call began, if not now: what somebody has let us in by since was not what was refused.
    """
    asked_with = Source.objects.filter(pk=source.pk, disconnected_at=None).exclude(refreshed_at__gt=asked_at or now)
    if asked_with.filter(refused_at=None).update(refused_at=now):
        tell("source.reauthorise", source, now)


def mended(source: Source, *, now: datetime) -> None:
    """The credentials hold again: sending may go on, and what was missed is asked for at once."""
    if Source.objects.filter(pk=source.pk, refused_at__isnull=False).update(refused_at=None, last_error=""):
        tell("source.authorised", source, now)
        Source.objects.filter(pk=source.pk, poll_every_s__isnull=False).update(next_poll_at=now)
        Gap.objects.filter(source=source, closed_at=None, next_at__isnull=False).update(next_at=now)


def _told(source: Source, told: Probe, now: datetime) -> bool:
    if source.account_id and told.account_id and told.account_id != source.account_id:
        # Keys of another account would make its posts ours, and ours foreign.
        Source.objects.filter(pk=source.pk).update(last_error=_("the credentials act as another account than before"))
        with transaction.atomic():
            refused(source, now=now)
        return False
    fields = {"handle": told.handle or source.handle, "settings": source.settings | dict(told.settings)}
    if told.expires_at is not None:
        fields["expires_at"] = told.expires_at
    if not source.account_id:
        fields["account_id"] = told.account_id
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**fields)
        mended(source, now=now)
    if not source.account_id and told.account_id:
        rulebook.forget()
    return True


def _renew_or_tell(source: Source, lead: timedelta, now: datetime) -> None:
    if gate.enter(source, "reads", now=now) is not None:
        return  # whoever needs them sooner renews them first (`ready`)
    try:
        renew(source, now=now, lead=lead)
    except (NetworkError, UnreadableSecrets) as error:
        if isinstance(error, NetworkError):
            gate.failed(source, error, now=now)
        log.warning("credentials were not renewed", extra={"source": source.slug})
        assert source.expires_at is not None
        Source.objects.filter(pk=source.pk).update(last_error=str(error)[:300])
        with transaction.atomic():
            if isinstance(error, NetworkError) and error.follow in ("reauthorise", "give_up"):
                refused(source, now=now)
        if source.expires_at - now < lead / 2:
            _warn(source, now)
    else:
        gate.succeeded(source.pk)


def _warn(source: Source, now: datetime) -> None:
    assert source.expires_at is not None
    again = source.expires_at - WARN_AGAIN
    if source.warned_at is not None and not (source.warned_at < again <= now):
        return
    with transaction.atomic():
        Source.objects.filter(pk=source.pk).update(warned_at=now)
        tell("source.expiring", source, now, at=source.expires_at.isoformat())


def renews(source: Source) -> bool:
    """Whether its credentials are renewed without anybody's doing."""
    try:
        return networks.get(source.network).capabilities.refresh
    except networks.UnknownNetwork:
        return False
