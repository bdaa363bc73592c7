"""What else happened meanwhile: incidents and campaigns, marked where a figure stands on their days.

A mark explains and is counted nowhere. An exercise leaves none: no figure moved for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import periods
from commandcenter.models import Campaign, Incident
from commandcenter.periods import Period
from commandcenter.reports import Section, charts, wording

LEGEND = gettext_lazy("Marked above the picture: %(marks)s.")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that went on from one bank day to another. `title` says what it is and its name."""

    title: str
    first: date
    last: date

    @property
    def words(self) -> str:
        """What it is, and when."""
        days = wording.day(self.first)
        return f"{self.title} ({days if self.first == self.last else f'{days} – {wording.day(self.last)}'})"


def found(period: Period, now: datetime) -> list[Mark]:
    """What went on in a period as was known at a moment, in order of its beginning; what goes on still ends with the
    period."""
    told = [*_incidents(period, now), *_campaigns(period, now)]
    return sorted(told, key=lambda one: (one.first, one.title))


def _incidents(period: Period, now: datetime) -> list[Mark]:
    still = Q(closed_at__gte=period.start) | Q(closed_at=None)
    rows = Incident.objects.filter(still, since__lt=period.end, opened_at__lt=now, drill=None)
    return [
        _mark(_("Incident: %(name)s"), one.name, period, *_days(one.since, one.closed_at, now))
        for one in rows.only("name", "since", "closed_at")
    ]


def _campaigns(period: Period, now: datetime) -> list[Mark]:
    rows = Campaign.objects.filter(confirmed_at__lt=now, first_day__lte=period.last, last_day__gte=period.first)
    told = []
    for one in rows:
        last = min(one.last_day, periods.bank_day(one.ended_at)) if one.ended_at else one.last_day
        if last >= max(one.first_day, period.first):
            told.append(_mark(_("Campaign: %(name)s"), one.name, period, one.first_day, last))
    return told


def _days(start: datetime, end: datetime | None, now: datetime) -> tuple[date, date]:
    return periods.bank_day(start), periods.bank_day(now if end is None or end > now else end)


def _mark(title: str, name: str, period: Period, first: date, last: date) -> Mark:
    return Mark(title % {"name": name}, max(first, period.first), min(last, period.last))


def by_part(marks: Sequence[Mark], period: Period) -> Mapping[date, list[str]]:
    """What is said of each part (by its first day) in which something began or ended."""
    told: dict[date, list[str]] = {}
    for one in marks:
        first, last = period.part_of(one.first), period.part_of(one.last)
        if first == last:
            told.setdefault(first, []).append(one.title)
            continue
        told.setdefault(first, []).append(_("%(mark)s begins") % {"mark": one.title})
        told.setdefault(last, []).append(_("%(mark)s ends") % {"mark": one.title})
    return told


def drawn(
    chart: Mapping[str, Any], section: Section, marks: Sequence[Mark], period: Period
) -> Mapping[str, Any] | None:
    """The section's chart with a line above the parts of each mark; None where it does not go by the period's parts."""
    names = {line.key: line.title for line in section.lines}
    spans = []
    for one in marks:
        parts = sorted(
            {period.part_of(one.first + number * ONE_DAY) for number in range((one.last - one.first).days + 1)}
        )
        spans.append([names[part.isoformat()] for part in parts if part.isoformat() in names])
    return charts.marked(chart, spans) if any(spans) else None
