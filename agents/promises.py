"""What is promised and when it is worked, as people change it; and what that does to those who wait already.

A change holds for what comes from then on. What waits keeps the promise that it was given, with the hours of that
time, unless the administrator says that it is to be reckoned anew; a promise that is broken already stays broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, stretches
from agents.models import User
from mentions import editions, events, rulebook, scrub, sla
from mentions.editions import NotSaved
from mentions.events import Actor, Fact
from mentions.models import Calendar, Conversation, SlaPolicy, State, Stretch

POLICY: Final = "policy"
CALENDAR: Final = "calendar"
LONGEST_S: Final = 366 * 86_400
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class PolicyWanted:
    """A policy as a person wants it: targets in seconds or None, `factors` by priority."""

    name: str
    calendar_id: int
    first_response_s: int | None = None
    next_response_s: int | None = None
    resolution_s: int | None = None
    factors: Mapping[int, float] = field(default_factory=dict)
    pause_when_pending: bool = True


@dataclass(frozen=True, slots=True)
class CalendarWanted:
    """A calendar as a person wants it: see `mentions.sla.Calendar`; no blocks at all means round the clock."""

    name: str
    zone: str
    blocks: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A day on which the zone's clock is changed: how long it is worked then, and on the same weekday usually."""

    day: date
    forward: bool
    seconds: float
    usually: float


def calendar_value(wanted: CalendarWanted) -> sla.Calendar:
    """The hours to reckon with. Raises `NotSaved` with a sentence for what cannot be."""
    try:
        value = sla.Calendar(wanted.zone, dict(wanted.blocks), frozenset(wanted.holidays), wanted.name)
        sla.add_business(timezone.now(), 60, value)
    except (ValueError, TypeError) as wrong:
        raise NotSaved(str(wrong)) from wrong
    return value


def policy_value(wanted: PolicyWanted, hours: sla.Calendar) -> sla.Policy:
    """The promise to reckon with. Raises `NotSaved`."""
    for seconds in (wanted.first_response_s, wanted.next_response_s, wanted.resolution_s):
        if seconds is not None and not 0 < seconds <= LONGEST_S:
            raise NotSaved(_("A promise is a minute at least and a year at most; leave it empty to promise nothing."))
    for factor in wanted.factors.values():
        if not 0.01 <= factor <= 100:
            raise NotSaved(_("A factor lies between 0.01 and 100."))
    return sla.Policy(
        name=wanted.name,
        first_response_s=wanted.first_response_s,
        next_response_s=wanted.next_response_s,
        resolution_s=wanted.resolution_s,
        by_priority=dict(wanted.factors),
        pause_when_pending=wanted.pause_when_pending,
        calendar=hours,
    )


def save_policy(
    wanted: PolicyWanted,
    *,
    by: User,
    policy: SlaPolicy | None = None,
    seen: int | None = None,
    anew: bool = False,
    now: datetime | None = None,
) -> tuple[SlaPolicy, int]:
    """Keep a policy; with `anew` what waits under it is reckoned anew. Returns it and how many waits changed.

    Raises `NotSaved`, and `Stale` if others changed it since.
    """
    access.require(by, "set up")
    moment = now or timezone.now()
    name = scrub.typed(wanted.name, 80)
    hours = Calendar.objects.filter(pk=wanted.calendar_id).first()
    if not name or hours is None:
        raise NotSaved(_("Give it a name, and a calendar."))
    policy_value(wanted, rulebook.calendar(hours))
    with transaction.atomic():
        editions.lock(POLICY, policy.pk if policy else 0, seen=seen)
        row = SlaPolicy.objects.select_for_update().get(pk=policy.pk) if policy else SlaPolicy()
        if SlaPolicy.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
            raise NotSaved(_("There is a policy of this name already."))
        before = rulebook.policy_state(row) if policy else None
        row.name, row.calendar = name, hours
        row.first_response_s, row.next_response_s = wanted.first_response_s, wanted.next_response_s
        row.resolution_s, row.pause_when_pending = wanted.resolution_s, wanted.pause_when_pending
        row.by_priority = {str(priority): factor for priority, factor in sorted(wanted.factors.items())}
        row.save()
        changed = _reckon([row], by, moment) if anew and policy else 0
        after = rulebook.policy_state(row)
        what = "changed" if policy else "made"
        editions.keep(
            POLICY, row.pk, before=before, after=after, what=what, by=by.pk, now=moment, anew=anew, waits=changed
        )
    return row, changed


def save_calendar(
    wanted: CalendarWanted,
    *,
    by: User,
    calendar: Calendar | None = None,
    seen: int | None = None,
    anew: bool = False,
    now: datetime | None = None,
) -> tuple[Calendar, int]:
    """Keep a calendar, and a new edition of each policy that reckons with it; `anew` as in `save_policy`."""
    access.require(by, "set up")
    moment = now or timezone.now()
    name = scrub.typed(wanted.name, 80)
    if not name:
        raise NotSaved(_("Give it a name."))
    calendar_value(wanted)
    with transaction.atomic():
        editions.lock(CALENDAR, calendar.pk if calendar else 0, seen=seen)
        row = Calendar.objects.select_for_update().get(pk=calendar.pk) if calendar else Calendar()
        if Calendar.objects.filter(name__iexact=name).exclude(pk=row.pk).exists():
            raise NotSaved(_("There is a calendar of this name already."))
        policies = list(row.policies.select_for_update().order_by("pk")) if calendar else []
        promised = {policy.pk: rulebook.policy_state(policy) for policy in policies}
        before = rulebook.calendar_state(row) if calendar else None
        row.name, row.zone = name, wanted.zone
        row.blocks = {str(day): [list(block) for block in blocks] for day, blocks in sorted(wanted.blocks.items())}
        row.holidays = [day.isoformat() for day in sorted(set(wanted.holidays))]
        row.save()
        after = rulebook.calendar_state(row)
        changed = 0
        for policy in policies:
            policy.calendar = row
        if anew and before != after:
            changed = _reckon(policies, by, moment)
        what = "changed" if calendar else "made"
        editions.keep(
            CALENDAR, row.pk, before=before, after=after, what=what, by=by.pk, now=moment, anew=anew, waits=changed
        )
        for policy in policies:
            editions.keep(
                POLICY,
                policy.pk,
                before=promised[policy.pk],
                after=rulebook.policy_state(policy),
                what="changed",
                by=by.pk,
                now=moment,
                calendar=row.pk,
            )
    return row, changed


def waits(policies: Iterable[SlaPolicy], now: datetime) -> tuple[int, int]:
    """How many conversations wait under these policies, and how many of them are late already."""
    running = Stretch.objects.filter(policy__in=list(policies), stopped_at=None, due_at__isnull=False)
    return running.count(), running.filter(due_at__lte=now).count()


def clock_changes(hours: sla.Calendar, after: datetime) -> list[ClockChange]:
    """The changes of the zone's clock within a year that change how long is worked on their day."""
    zone = ZoneInfo(hours.zone)
    day = after.astimezone(zone).date()
    found = []
    for _n in range(370):
        start, stop = (datetime(d.year, d.month, d.day, tzinfo=zone) for d in (day, day + timedelta(days=1)))
        moved = (stop.utcoffset() or timedelta()) - (start.utcoffset() or timedelta())
        if moved:
            week = timedelta(days=7)
            usual = sla.business_seconds(start - week, stop - week, hours)
            worked = sla.business_seconds(start, stop, hours)
            found.append(ClockChange(day, moved > timedelta(), worked, usual))
        day += timedelta(days=1)
    return found[:2]


def _reckon(policies: Iterable[SlaPolicy], by: User, now: datetime) -> int:
    """Give what waits under these policies the due times that they promise now. Returns how many got another."""
    kinds = {policy.pk: rulebook.policy_of(rulebook.policy_state(policy)) for policy in policies}
    changed, last = 0, 0
    waiting = Stretch.objects.filter(policy__in=kinds, stopped_at=None)
    while True:
        further = waiting.filter(conversation__gt=last).order_by("conversation")
        ids = list(further.values_list("conversation", flat=True)[:_AT_ONCE])
        if not ids:
            return changed
        last = ids[-1]
        # In the order in which everybody locks: conversations by their numbers, and each before its wait.
        found = Conversation.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        places = {place.pk: place for place in found}
        running = list(waiting.select_for_update(of=("self",)).filter(conversation__in=ids).order_by("pk"))
        facts = []
        for stretch in running:
            place = places[stretch.conversation_id]
            broken = stretch.due_at is not None and stretch.due_at <= now
            if broken or place.actionable is False or place.state == State.CLOSED:
                continue
            before, solved = stretch.due_at, place.resolution_due_at
            stretches.promise(stretch, place, kinds[stretch.policy_id], now)
            stretch.terms_at = now
            if stretch.due_at != before:
                place.version += 1
                facts.append(_fact(place, before, solved, by, now))
        changed += len(facts)
        Stretch.objects.bulk_update(running, ["due_at", "terms_at"])
        fields = ["due_at", "due_target", "due_why", "resolution_due_at", "resolution_why", "version"]
        Conversation.objects.bulk_update(places.values(), fields)
        events.record_many(facts)


def _fact(place: Conversation, before: datetime | None, solved: datetime | None, by: User, now: datetime) -> Fact:
    return Fact(
        "conversation.promised_anew",
        now,
        Actor.person(by.pk),
        origin=place.origin,
        conversation_id=place.pk,
        queue_id=place.queue_id,
        source_id=place.source_id,
        data={
            "due_before": before.isoformat() if before else None,
            "resolution_before": solved.isoformat() if solved else None,
            "version": place.version,
        },
    )
