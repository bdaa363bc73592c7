"""Stops everything that leaves by a timetable, while replies to customers go on.

An incident holds, or a person with one button; whoever sends what was scheduled (a service notice, a campaign) asks
`stops` before each single post. What was written for an incident passes that incident's own hold: its holding
statement is what the hold makes room for. For stopping replies as well there is `agents.freeze`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from agents import access
from agents.models import Hold, User
from mentions import events
from mentions.events import Actor

_LOCK = 7_116_045


def holds() -> bool:
    """Whether anything holds what was scheduled."""
    return Hold.objects.filter(lifted_at=None).exists()


def stops(incident: int | None = None) -> bool:
    """Whether a post may not leave now; `incident` is the one that it was written for.

    Asked in the transaction that lets the post go. Whoever sets a hold waits for such transactions to end, so once
    `start` is committed nothing leaves that had not left before.
    """
    _turn("pg_advisory_xact_lock_shared")
    active = Hold.objects.filter(lifted_at=None)
    return (active.exclude(incident=incident) if incident is not None else active).exists()


def passing() -> Q:
    """Which posts of our own no hold stops, for a query over `Reply`; `stops` has the last word on each."""
    incidents = set(Hold.objects.filter(lifted_at=None).values_list("incident", flat=True))
    if not incidents:
        return Q()
    own = incidents.pop()
    return Q(original__incident=own) if own is not None and not incidents else Q(pk__in=())


def active() -> Sequence[Hold]:
    """The holds that stand now, with their people, the oldest first."""
    return list(Hold.objects.filter(lifted_at=None).select_related("started_by").order_by("pk"))


def of_incident(incident: int) -> Hold | None:
    """The hold that an incident keeps up now, with its person."""
    return Hold.objects.filter(incident=incident, lifted_at=None).select_related("started_by").first()


@transaction.atomic
def start(incident: int | None, *, by: User, now: datetime | None = None) -> bool:
    """Hold for an incident or, with None, for a person's own reasons.

    False if that holds already.
    """
    access.require(by, "run incidents")
    now = now or timezone.now()
    _turn("pg_advisory_xact_lock")
    _hold, made = Hold.objects.get_or_create(
        incident=incident, lifted_at=None, defaults={"started_by": by, "started_at": now}
    )
    if made:
        events.record("schedule.held", at=now, by=Actor.person(by.pk), data={"incident": incident})
    return made


@transaction.atomic
def lift(incident: int | None, *, by: User, now: datetime | None = None) -> bool:
    """Let it go on as far as this incident is concerned; False if it held nothing."""
    access.require(by, "run incidents")
    now = now or timezone.now()
    lifted = Hold.objects.filter(incident=incident, lifted_at=None).update(lifted_by=by, lifted_at=now)
    if lifted:
        events.record("schedule.released", at=now, by=Actor.person(by.pk), data={"incident": incident})
    return bool(lifted)


def _turn(lock: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s)", [_LOCK])
