"""Whether the networks deliver to us: told where to as soon as an account is connected, asked ever after, let go again.

What the network says of it is a `Delivery`. One that cannot reach us is told again every few minutes; one that can be
either asked or delivered by is asked meanwhile. That it does not want to be asked about it just now, or cannot answer,
holds nothing but the next question about it: what is posted and read meanwhile has nothing to do with that. What is
delivered to somebody else is taken over at a person's word alone: two
installations that take it from each other by the clock, as one and a copy of its database would, lose half of it each
and neither would know.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from mentions import networks
from mentions.models import Gap, Source
from mentions.networks import NetworkError, Registration
from mentions.sources import delivery, gaps, gate
from mentions.sources.credentials import ready
from mentions.sources.delivery import Delivery
from mentions.sources.sealing import UnreadableSecrets, account
from mentions.sources.telling import tell

log = logging.getLogger(__name__)

ASKED_EVERY: Final = timedelta(minutes=15)
AGAIN: Final = timedelta(minutes=5)
LEFT_FOR: Final = timedelta(hours=6)
TRIES: Final = 3
SOONEST: Final = timedelta(minutes=1)
_AT_ONCE: Final = 5


@dataclass(frozen=True, slots=True)
class Told:
    """Whether a network delivers, in words for people: since when, how much it holds back, and when it was asked."""

    state: Literal["delivers", "problem", "left", "soon", "unreachable", "by hand"]
    words: str
    since: datetime | None = None
    waiting: int | None = None
    asked_at: datetime | None = None


def callback(source: Source) -> str:
    """The address to which the network delivers what concerns a source."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/hooks/{source.network}/{source.slug}"


def beside(source: Source) -> list[str]:
    """The addresses at which other sources of the same network are delivered to."""
    others = Source.objects.filter(network=source.network, active=True, search=None).exclude(pk=source.pk)
    return [callback(other) for other in others.order_by("pk")]


def reachable(source: Source) -> bool:
    """Whether a network may be given our address: none delivers without TLS, but one on this machine."""
    return source.local or urlsplit(settings.PUBLIC_URL).scheme == "https"


def registers(source: Source) -> bool:
    """Whether the network can be told where to deliver for this source, as it is connected now."""
    if source.disconnected_at is not None or source.search_id is not None or not reachable(source):
        return False
    try:
        network = networks.get(source.network)
        return network.capabilities.register and network.registers(account(source))
    except (networks.UnknownNetwork, UnreadableSecrets):
        return False


def soon(source: Source, *, now: datetime) -> None:
    """The source was connected, mended or given another secret: its network is told at the next moment."""
    if registers(source):
        Source.objects.filter(pk=source.pk).update(hook_at=now, hook={})


def tick() -> bool:
    """Ask the networks whose turn it is; True if more are waiting."""
    now = timezone.now()
    due = list(Source.objects.filter(active=True, hook_at__lte=now).order_by("hook_at")[:_AT_ONCE])
    for source in due:
        keep(source, now=now)
    return len(due) == _AT_ONCE


def keep(source: Source, *, now: datetime, asked_for: bool = False) -> None:
    """Ask whether the network delivers; if it does not, tell it to, and write down what became of it.

    `asked_for` says that a person wants it here now, whoever has it.
    """
    if not source.active:
        return
    if not registers(source):
        Source.objects.filter(pk=source.pk).update(hook={}, hook_at=None)
        return
    if (wait := gate.enter(source, "reads", now=now)) is not None:
        Source.objects.filter(pk=source.pk).update(hook_at=wait.until)
        return
    network, there, others = networks.get(source.network), callback(source), beside(source)
    try:
        acting = ready(source, now=now)
        found = network.registered(acting, there, others) if source.hook else Registration(_("not told yet"))
        if found.problem and (asked_for or not found.elsewhere):
            network.register(acting, there, others)
            found = network.registered(acting, there, others)
    except (NetworkError, UnreadableSecrets) as error:
        if isinstance(error, NetworkError) and error.retry_at is not None:
            later = max(error.retry_at, now + SOONEST)
            Source.objects.filter(pk=source.pk, hook=source.hook).update(hook_at=later)
            return
        found = Registration(str(error))
    else:
        gate.succeeded(source.pk)
    _write_down(source, found, now)


def told(source: Source) -> Told | None:
    """What the network says of delivering; None for one that delivers nothing, or was let go."""
    try:
        can = networks.get(source.network).capabilities
    except networks.UnknownNetwork:
        return None
    if not can.webhook or source.disconnected_at is not None:
        return None
    if not can.register:
        return Told("by hand", _("as set up there, to the address below"))
    if not reachable(source):
        if source.poll_every_s is not None and can.fetch:
            return Told("unreachable", _("asked by the clock: this installation has no https address to deliver to"))
        return Told("unreachable", _("not asked for: this installation has no https address to deliver to"))
    if not registers(source):
        return Told("by hand", _("as set up at the network's own pages; with the optional keys below it is done here"))
    kept = delivery.of(source)
    if kept is None:
        return Told("soon", _("the network is told in a moment"))
    if kept.delivers:
        return Told("delivers", _("the network delivers here"), kept.since, kept.waiting, kept.at)
    return Told("left" if kept.left else "problem", kept.problem, kept.since, kept.waiting, kept.at)


def undelivered_since(source: Source) -> datetime | None:
    """Since when the network has failed to deliver more than once in a row; None if it delivers, or was not told to."""
    kept = delivery.of(source)
    return kept.since if kept is not None and kept.tries > 1 else None


def missed_since(source: Source) -> datetime | None:
    """Since when something may be missed because the network does not deliver, and nobody asks for it instead."""
    kept = delivery.of(source)
    return kept.since if kept is not None and kept.tries >= TRIES and not kept.left else None


def let_go(source: Source, *, now: datetime) -> bool:
    """Ask the network to deliver no more, as far as it can be asked; whether it was done."""
    if not registers(source):
        return False
    try:
        networks.get(source.network).unregister(ready(source, now=now), callback(source), beside(source))
    except (NetworkError, UnreadableSecrets) as error:
        log.warning("a network was not told to stop: %s", error, extra={"source": source.slug})
        return False
    return True


def told_anew(source: Source, *, now: datetime) -> None:
    """This source is delivered to no more: what served others of the same app or page as well may be gone with it."""
    Source.objects.filter(active=True, hook_at__isnull=False).exclude(pk=source.pk).update(hook_at=now)


def _write_down(source: Source, found: Registration, now: datetime) -> None:
    before = delivery.of(source)
    told = delivery.following(before, found, now=now)
    again = now + (ASKED_EVERY if told.delivers else AGAIN)
    if told.tries >= TRIES and networks.get(source.network).one_or_the_other and not told.elsewhere:
        told = replace(told, left=let_go(source, now=now))
        again = now + LEFT_FOR
    with transaction.atomic():
        unchanged = Source.objects.filter(pk=source.pk, active=True, hook=source.hook)
        if not unchanged.update(hook=told.stored(), hook_at=again):
            return  # let go meanwhile, or given another secret, of which the network is told at the next moment
        if told.tries == TRIES:
            tell("source.undelivered", source, now)
            _blind(source, told, now)
        elif before is not None and not before.delivers and told.delivers:
            tell("source.delivered", source, now)
            _sees(source, now)


def _blind(source: Source, told: Delivery, now: datetime) -> None:
    """What is only ever delivered is not seen while it is not: a gap like any other."""
    if source.poll_every_s is None and source.blind_since is None:
        Source.objects.filter(pk=source.pk).update(blind_since=told.since, last_error=told.problem)
        gaps.begin(source, Gap.Reason.DEAF, since=told.since)
        tell("source.blind", source, now)


def _sees(source: Source, now: datetime) -> None:
    if source.poll_every_s is not None:
        Source.objects.filter(pk=source.pk, blind_since__isnull=False).update(next_poll_at=now)
    elif source.blind_since is not None:
        Source.objects.filter(pk=source.pk).update(blind_since=None, last_error="")
        gaps.end(source, now=now)
        tell("source.sees_again", source, now)
