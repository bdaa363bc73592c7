"""One button stops everything that leaves; two people let it go again, both knowing the same.

A first word for lifting it holds for a quarter of an hour and as long as its person may say so. Whoever freezes again
meanwhile knows something new: then nobody has said anything yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart
from agents.cases import Refused
from agents.models import Freeze, User
from mentions import events, scrub
from mentions.events import Actor

_WORD_HOLDS: Final = timedelta(minutes=15)


def current() -> Freeze | None:
    """The freeze that holds now, with its people."""
    return Freeze.objects.filter(lifted_at=None).select_related("started_by", "first_lift_by").first()


def holds() -> bool:
    """Whether nothing may leave now. Asked anew before every single send."""
    return Freeze.objects.filter(lifted_at=None).exists()


def wants_it_lifted(freeze: Freeze, *, now: datetime | None = None) -> User | None:
    """The first person who said that sending may go on, if that still counts."""
    who, at = freeze.first_lift_by, freeze.first_lift_at
    counts = who is not None and at is not None and (now or timezone.now()) - at <= _WORD_HOLDS
    return who if who is not None and counts and access.may(who, "freeze sending") else None


def start(*, by: User, reason: str = "", now: datetime | None = None) -> Freeze:
    """Freeze all sending. Pressing twice is one freeze, and takes back what was said for lifting it."""
    access.require(by, "freeze sending")
    moment = now or timezone.now()
    words = scrub.typed(reason, 200)
    try:
        with transaction.atomic():
            freeze = Freeze.objects.create(started_by=by, reason=words, started_at=moment)
            events.record("sending.frozen", at=moment, by=Actor.person(by.pk), data={"freeze": freeze.pk})
    except IntegrityError:
        return _again(by, words, moment) or start(by=by, reason=reason, now=now)
    return freeze


def _again(by: User, reason: str, now: datetime) -> Freeze | None:
    with transaction.atomic():
        freeze = Freeze.objects.select_for_update().filter(lifted_at=None).first()
        if freeze is None:
            return None  # lifted in between
        if freeze.first_lift_by_id is not None or reason:
            freeze.first_lift_by = freeze.first_lift_at = None
            freeze.reason = reason or freeze.reason
            freeze.save()
            events.record("sending.kept_frozen", at=now, by=Actor.person(by.pk), data={"freeze": freeze.pk})
    return freeze


def lift(*, by: User, now: datetime | None = None) -> Freeze:
    """Say that sending may go on; it does when a second, different person has said so too."""
    access.require(by, "freeze sending")
    moment = now or timezone.now()
    with transaction.atomic():
        freeze = Freeze.objects.select_for_update().filter(lifted_at=None).first()
        if freeze is None:
            raise Refused(_("Sending is not frozen."))
        first = wants_it_lifted(freeze, now=moment)
        if first == by:
            raise Refused(_("A second person has to lift the freeze."))
        if first is not None and (one := apart.why_not(by, first, now=moment)) is not None:
            raise Refused(one)
        if first is None:
            freeze.first_lift_by, freeze.first_lift_at = by, moment
            kind = "sending.lift_asked"
        else:
            freeze.lifted_by, freeze.lifted_at = by, moment
            kind = "sending.lifted"
        freeze.save()
        events.record(kind, at=moment, by=Actor.person(by.pk), data={"freeze": freeze.pk})
    return freeze
