"""What an administrator does with a source that is connected: pause it, price it, rotate what signs its deliveries.

Each verb is one event. Its account and its keys are `mentions.sources.connecting`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from mentions import networks
from mentions.events import Actor
from mentions.models import Gap, Source
from mentions.sources import gaps, holding, webhooks
from mentions.sources.connecting import generated
from mentions.sources.telling import tell
from mentions.storable import clean_text

# What a bank pays its network for, and below what number each stands.
PRICES: Final = {"price_per_call": 1000.0, "price_per_post": 1000.0, "price_per_message": 1000.0, "posts_a_month": 1e9}
ROTATION: Final = timedelta(hours=48)


def set_price(source: Source, prices: Mapping[str, float | None], *, currency: str, by: int) -> None:
    """What the bank's contract says: what a call, a post and a message cost, and how many posts a month are paid for.

    By the names in `PRICES`; None forgets one.
    """
    with transaction.atomic():
        fresh = Source.objects.select_for_update().get(pk=source.pk)
        told = {k: v for k, v in fresh.settings.items() if k not in (*PRICES, "currency")}
        kept = {name: prices[name] for name in PRICES if prices.get(name) is not None}
        if kept:
            told |= kept | {"currency": clean_text(currency)[:3].upper()}
        fresh.settings = told
        fresh.save(update_fields=["settings"])
        tell("source.priced", fresh, timezone.now(), Actor.person(by))


def pause(source: Source, *, by: int, now: datetime | None = None) -> None:
    """Neither listen nor send until it is resumed; the time is a gap like any other."""
    moment = now or timezone.now()
    with transaction.atomic():
        if not Source.objects.filter(pk=source.pk, active=True).update(active=False):
            return
        gaps.begin(source, Gap.Reason.PAUSED, since=moment, by=by)
        webhooks.told_anew(source, now=moment)
        tell("source.paused", source, moment, Actor.person(by))


def resume(source: Source, *, by: int, now: datetime | None = None) -> None:
    """Listen again, and ask for what came meanwhile."""
    moment = now or timezone.now()
    with transaction.atomic():
        stopped = Source.objects.filter(pk=source.pk, active=False, disconnected_at=None)
        if not stopped.update(active=True, blind_since=None, late_since=None, next_poll_at=moment, last_error=""):
            return
        gaps.end(source, now=moment)
        webhooks.soon(source, now=moment)
        tell("source.resumed", source, moment, Actor.person(by))


def rotate(source: Source, *, by: int, now: datetime | None = None) -> dict[str, str]:
    """A second set of the secrets that we make, returned once in the clear; both hold until `end_rotation`."""
    moment = now or timezone.now()
    fresh = generated(networks.get(source.network))
    with transaction.atomic():
        with holding.changing(source) as (row, kept):
            kept |= {f"{name}_previous": kept[name] for name in fresh if kept.get(name)} | fresh
            row.rotated_at = moment
        tell("source.rotated", row, moment, Actor.person(by))
        webhooks.soon(row, now=moment)
    return fresh


def end_rotation(source: Source, *, by: int | None, now: datetime | None = None) -> None:
    """From now on only the newer secret holds."""
    moment = now or timezone.now()
    with transaction.atomic():
        with holding.changing(source) as (row, kept):
            if row.rotated_at is None:
                return
            for name in [name for name in kept if name.endswith("_previous")]:
                del kept[name]
            row.rotated_at = None
        tell("source.rotation_ended", row, moment, Actor.person(by))


def end_rotations() -> int:
    """End the rotations that have lasted two days, so that no old secret is forgotten; returns how many."""
    over = list(Source.objects.filter(rotated_at__lte=timezone.now() - ROTATION))
    for source in over:
        end_rotation(source, by=None)
    return len(over)
