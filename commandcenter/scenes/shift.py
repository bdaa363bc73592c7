"""Shift: who is on at which site, what the last shift left, and which site opens next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.alerts import duty
from agents.models import Site, User
from commandcenter import presence, scenes
from commandcenter.models import HandOver, Profile
from commandcenter.scenes import Scene, _wording
from commandcenter.scenes._wording import Status
from mentions import rulebook, sla

MOST_SITES = 3
MOST_NAMES = 5
AT_WORK = timedelta(minutes=30)  # whoever worked a case or sent a reply since then is on
CLAIMED = timedelta(hours=12)
NOTE_FOR = timedelta(hours=16)
LOOKED_AHEAD_DAYS = 8


@dataclass
class Turn:
    """A site as it stands: open until `changes_at` or closed until then, and who is on."""

    site: Site
    open: bool
    changes_at: datetime | None
    people: list[str] = field(default_factory=list)


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The sites that are open, then those that open next, each with its people, clock and hand-over note."""
    turns = _turns(now)
    notes = _notes([turn.site.pk for turn in turns[:MOST_SITES]], now)
    opening = next((turn for turn in turns if not turn.open and turn.changes_at is not None), None)
    total = sum(len(turn.people) for turn in turns)
    return {
        "total": _wording.number(total),
        "sites": [_column(turn, notes.get(turn.site.pk), now) for turn in turns[:MOST_SITES]],
        "more": _wording.number(len(turns) - MOST_SITES) if len(turns) > MOST_SITES else "",
        "opening": _opening(opening, now) if opening is not None else None,
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there is a site at all."""
    return Site.objects.exists()


def _turns(now: datetime) -> list[Turn]:
    """The sites, open ones first, then by when they open."""
    people = _people(now)
    turns = []
    for site in Site.objects.select_related("calendar").order_by("name"):
        is_open, changes_at = _hours(rulebook.calendar(site.calendar), now)
        turns.append(Turn(site, is_open, changes_at, sorted(people.get(site.pk, ()))))
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(turns, key=lambda turn: (not turn.open, turn.changes_at or far, turn.site.name))


def _hours(calendar: sla.Calendar, now: datetime) -> tuple[bool, datetime | None]:
    """Whether it is open, and when that changes next; None when it does not within a week."""
    if calendar.always:
        return True, None
    today, at = int(now.timestamp() // sla.SECONDS_A_DAY), now.timestamp()
    is_open, closes = False, 0
    for day in range(today - 1, today + LOOKED_AHEAD_DAYS):
        for window in calendar.windows(day):
            if window.start <= at < window.stop or (is_open and window.start == closes):
                is_open, closes = True, window.stop
            elif is_open:
                return True, datetime.fromtimestamp(closes, UTC)
            elif window.start > at:
                return False, datetime.fromtimestamp(window.start, UTC)
    return is_open, datetime.fromtimestamp(closes, UTC) if is_open and closes else None


def _people(now: datetime) -> dict[int, set[str]]:
    """Who is on, by site: those whom the rota names, and those who worked within the last half hour; nobody away."""
    away = set(presence.absent(now).values_list("person_id", flat=True))
    found: dict[int, set[str]] = defaultdict(set)
    for row in duty.on_duty(now):
        site = row.site_id or row.person.site_id
        if site is not None and row.person_id not in away:
            found[site].add(str(row.person))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT owner_id FROM agents_case WHERE claimed_at > %(claimed)s "
            "AND (ended_at IS NULL OR ended_at > %(since)s) UNION "
            "SELECT author_id FROM agents_reply WHERE sent_at > %(since)s",
            {"claimed": now - CLAIMED, "since": now - AT_WORK},
        )
        at_work = [pk for (pk,) in cursor.fetchall()]
    for person in User.objects.filter(pk__in=set(at_work) - away, is_active=True, site__isnull=False):
        assert person.site_id is not None
        found[person.site_id].add(str(person))
    return found


def _notes(sites: list[int], now: datetime) -> dict[int, HandOver]:
    """The newest note of each site, while it is from the shift before."""
    rows = HandOver.objects.filter(site__in=sites, at__gt=now - NOTE_FOR, at__lte=now).select_related("author")
    return {row.site_id: row for row in rows.order_by("at", "pk")}


def _column(turn: Turn, note: HandOver | None, now: datetime) -> dict[str, Any]:
    zone = ZoneInfo(turn.site.zone)
    more = len(turn.people) - MOST_NAMES
    return {
        "name": turn.site.name,
        "size": _wording.size(turn.site.name),
        "city": scenes.city(turn.site.zone),
        "clock": _wording.clock(now, zone),
        "status": Status("ok", _("Open")) if turn.open else Status("none", _("Closed")),
        "until": _until(turn, zone),
        "n": _wording.number(len(turn.people)),
        "people": turn.people[:MOST_NAMES],
        "more": _wording.number(more) if more > 0 else "",
        "note": note.text if note else "",
        "by": str(note.author) if note else "",
        "at": _wording.clock(note.at, zone) if note else "",
    }


def _until(turn: Turn, zone: ZoneInfo) -> str:
    if turn.changes_at is None:
        return _("round the clock") if turn.open else ""
    words = _("until %(at)s") if turn.open else _("opens %(at)s")
    return words % {"at": _wording.clock(turn.changes_at, zone)}


def _opening(turn: Turn, now: datetime) -> dict[str, Any]:
    assert turn.changes_at is not None
    return {"name": turn.site.name, "within": _wording.duration(turn.changes_at - now)}


SCENE = Scene(
    title=gettext_lazy("Shift"),
    purpose=gettext_lazy("The supervisor hands open work to the site that is on, and reads what the last shift left."),
    listens_to=("case.", "reply.sent", "shift.", "setup."),
    context=context,
    strangers=False,
    figures=("on_shift",),
    has_input=has_input,
    pace_s=10.0,
)
