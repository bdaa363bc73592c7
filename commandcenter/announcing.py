"""Notices and campaigns, which strangers read on the bank's screens: asked for by one person, confirmed by another.

What is asked for is never altered afterwards, so that what was confirmed is what is read: whoever wants other words
asks again. Anybody who may ask for one ends any with one press.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart
from agents.cases import Refused
from agents.models import User
from commandcenter import devices, incidents, periods
from commandcenter.models import Campaign, Incident, Notice, Profile, Room
from mentions import events, scrub
from mentions.events import Actor
from mentions.live import tell

ACTION: Final = "write notices"

Announcement = Notice | Campaign


@dataclass(frozen=True, slots=True)
class Wanted:
    """A notice as it was written. `rooms` empty is every screen."""

    title: str
    text: str
    starts_at: datetime
    ends_at: datetime
    rooms: Collection[Room] = ()
    incident: Incident | None = None


def notice(wanted: Wanted, *, by: User, now: datetime | None = None) -> Notice:
    """Ask for a notice. Raises `Refused` for one that the guard blocks, has ended already, or is of an exercise."""
    access.require(by, ACTION)
    moment = now or timezone.now()
    title, text = scrub.typed_line(wanted.title, 60), scrub.typed(wanted.text, 160)
    if not title:
        raise Refused(_("Write what everybody shall read."))
    if wanted.ends_at <= max(wanted.starts_at, moment):
        raise Refused(_("Its end lies before its beginning, or has passed."))
    _pass_guard(f"{title}\n{text}", by)
    if wanted.incident is not None and wanted.incident.drill_id is not None:
        raise Refused(_("Strangers are told nothing of an exercise."))
    with transaction.atomic():
        if wanted.incident is not None:
            incidents.tell_strangers(wanted.incident, _("Notice asked for: %(words)s") % {"words": title}, by=by)
        made = Notice.objects.create(
            title=title,
            text=text,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            incident=wanted.incident,
            asked_by=by,
            asked_at=moment,
        )
        made.rooms.set(wanted.rooms)
        _record("asked", made, by, moment)
    tell(devices.TOPIC, look=[])
    return made


def campaign(
    *,
    name: str,
    hashtag: str,
    first_day: date,
    last_day: date,
    target: int | None,
    public: bool,
    by: User,
    now: datetime | None = None,
) -> Campaign:
    """Ask for a campaign; staff see at once how it goes, strangers only one that is public and confirmed.

    Raises `Refused` for a public one that the guard blocks.
    """
    access.require(by, ACTION)
    moment = now or timezone.now()
    name = scrub.typed_line(name, 80)
    if public:
        _pass_guard(f"{name}\n{hashtag}", by)
    with transaction.atomic():
        made = Campaign.objects.create(
            name=name,
            hashtag=hashtag,
            first_day=first_day,
            last_day=last_day,
            target=target,
            public=public,
            asked_by=by,
            asked_at=moment,
        )
        _record("asked", made, by, moment)
    tell(devices.TOPIC, look=[])
    return made


def confirm(found: Announcement, *, by: User, now: datetime | None = None) -> None:
    """A second person says that strangers may read it. Raises `Refused` to the first, and for what has ended."""
    access.require(by, ACTION)
    moment = now or timezone.now()
    with transaction.atomic():
        locked = _locked(found)
        if locked.ended_at is not None:
            raise Refused(_("It has been ended."))
        if _over(locked, moment):
            raise Refused(_("It is over, so nobody would read it."))
        if locked.asked_by_id == by.pk:
            raise Refused(_("A second person confirms it: you asked for it yourself."))
        if (one := apart.why_not(by, locked.asked_by, now=moment)) is not None:
            raise Refused(one)
        if locked.confirmed_by_id is not None:
            return
        locked.confirmed_by, locked.confirmed_at = by, moment
        locked.save(update_fields=["confirmed_by", "confirmed_at"])
        _say(locked, _("Notice confirmed: %(words)s"), by)
        _record("confirmed", locked, by, moment)
    tell(devices.TOPIC, look=[])


def end(found: Announcement, *, by: User, now: datetime | None = None) -> None:
    """Take it from every screen, or back before it was on any. Pressing twice is one end."""
    access.require(by, ACTION)
    moment = now or timezone.now()
    with transaction.atomic():
        locked = _locked(found)
        if locked.ended_at is not None:
            return
        locked.ended_by, locked.ended_at = by, moment
        locked.save(update_fields=["ended_by", "ended_at"])
        _say(locked, _("Notice ended: %(words)s"), by)
        _record("ended", locked, by, moment)
    tell(devices.TOPIC, look=[])


def standing(now: datetime) -> QuerySet[Notice]:
    """Notices that are not over: shown, planned, or waiting for a second person."""
    return Notice.objects.filter(_unended(), ends_at__gt=now)


def waiting_for(user: User, now: datetime) -> int:
    """How many notices and public campaigns wait for this person to confirm them; they asked for none of these."""
    if not access.may(user, ACTION):
        return 0
    campaigns = Campaign.objects.filter(public=True, ended_at=None, last_day__gte=periods.bank_day(now))
    return (
        standing(now).filter(confirmed_by=None).exclude(asked_by=user).count()
        + campaigns.filter(confirmed_by=None).exclude(asked_by=user).count()
    )


def holding(profile: Profile, now: datetime) -> QuerySet[Notice]:
    """The notices that such screens may show now, the first first: an incident's own, then what began last."""
    found = standing(now).filter(starts_at__lte=now)
    if profile == Profile.STREET:
        found = found.filter(confirmed_by__isnull=False)
    return found.order_by(F("incident").asc(nulls_last=True), "-starts_at", "-pk")


def of_room(room: int, profile: Profile, now: datetime) -> Notice | None:
    """What the screens of a room show."""
    return holding(profile, now).filter(Q(rooms=None) | Q(rooms=room)).first()


def rooms(profile: Profile, now: datetime) -> frozenset[int | None]:
    """The rooms that have a notice now; None among them where there is one for every room."""
    return frozenset(holding(profile, now).order_by().values_list("rooms", flat=True))


def _unended() -> Q:
    return Q(ended_at=None) & (Q(incident=None) | Q(incident__closed_at=None))


def _pass_guard(words: str, by: User) -> None:
    verdict = incidents.checked(words, by=by)
    if verdict.outcome == "block":
        raise Refused(_("The guard blocks it: %(why)s") % {"why": " ".join(one.message for one in verdict.findings)})


def _over(found: Announcement, now: datetime) -> bool:
    if isinstance(found, Campaign):
        return found.last_day < periods.bank_day(now)
    return not standing(now).filter(pk=found.pk).exists()


def _locked(found: Announcement) -> Announcement:
    return type(found).objects.select_for_update(of=("self",)).get(pk=found.pk)


def _say(found: Announcement, words: str, by: User) -> None:
    """A line of the incident that it belongs to, if that still runs."""
    if isinstance(found, Notice) and found.incident is not None and found.incident.closed_at is None:
        incidents.tell_strangers(found.incident, words % {"words": found.title}, by=by)


def _record(what: str, found: Announcement, by: User, at: datetime) -> None:
    kind = "notice" if isinstance(found, Notice) else "campaign"
    events.record(f"{kind}.{what}", at=at, by=Actor.person(by.pk), data={kind: found.pk})
