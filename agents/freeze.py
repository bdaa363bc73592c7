"""One button stops everything that leaves; two people let it go again."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.cases import Refused, by_person
from agents.models import Freeze, User
from mentions import events, scrub


def current() -> Freeze | None:
    """The freeze that holds now, with its people."""
    return Freeze.objects.filter(lifted_at=None).select_related("started_by", "first_lift_by").first()


def holds() -> bool:
    """Whether nothing may leave now. Asked anew before every single send."""
    return Freeze.objects.filter(lifted_at=None).exists()


def start(*, by: User, reason: str = "", now: datetime | None = None) -> Freeze:
    """Freeze all sending. Pressing twice is one freeze."""
    access.require(by, "freeze sending")
    moment = now or timezone.now()
    words = scrub.typed(reason, 200)
    try:
        with transaction.atomic():
            freeze = Freeze.objects.create(started_by=by, reason=words, started_at=moment)
            events.record("sending.frozen", at=moment, by=by_person(by), data={"freeze": freeze.pk})
    except IntegrityError:
        return Freeze.objects.get(lifted_at=None)
    return freeze


def lift(*, by: User, now: datetime | None = None) -> Freeze:
    """Say that sending may go on; it does when a second, different person has said so too."""
    access.require(by, "freeze sending")
    moment = now or timezone.now()
    with transaction.atomic():
        freeze = Freeze.objects.select_for_update().filter(lifted_at=None).first()
        if freeze is None:
            raise Refused(_("Sending is not frozen."))
        if freeze.first_lift_by_id == by.pk:
            raise Refused(_("A second person has to lift the freeze."))
        if freeze.first_lift_by_id is None:
            freeze.first_lift_by, freeze.first_lift_at = by, moment
            kind = "sending.lift_asked"
        else:
            freeze.lifted_by, freeze.lifted_at = by, moment
            kind = "sending.lifted"
        freeze.save()
        events.record(kind, at=moment, by=by_person(by), data={"freeze": freeze.pk})
    return freeze
