"""When our sources did not see: shown wherever a figure lies in such a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from commandcenter import periods
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters
from mentions.models import Gap, Origin

ONE_DAY = timedelta(days=1)
Whose = Literal["ours", "others", "all"]


@dataclass(frozen=True, slots=True)
class Blind:
    """How long one source did not see within a period: from `since` up to `until`, in whole minutes.

    What it missed is here since if it was `filled`; it came late, but it is counted.
    """

    source: str
    network: str
    since: datetime
    until: datetime
    minutes: int
    filled: bool


def blind(period: Period, filters: Filters, now: datetime, whose: Whose = "ours") -> list[Blind]:
    """The times within the period in which a source that counts did not see, oldest first, as known at a moment.

    One declared lost or still open keeps the figures low; one that was filled from the network does not. A rival's
    sources count where rivals do: what they miss makes our share larger.
    """
    return _blind(period.start, period.end, filters, now, whose)


def touching(start: datetime, end: datetime, now: datetime, filters: Filters = EVERYTHING) -> list[Blind]:
    """Of these, what keeps a figure of [start, end) low: times that were not filled."""
    return [one for one in _blind(start, end, filters, now) if not one.filled]


def by_day(blinds: Iterable[Blind]) -> Mapping[date, int]:
    """For each bank day the minutes in which at least one source missed what was never filled."""
    spans = sorted((one.since, one.until) for one in blinds if not one.filled)
    apart: list[tuple[datetime, datetime]] = []
    for since, until in spans:
        if apart and since <= apart[-1][1]:
            apart[-1] = apart[-1][0], max(apart[-1][1], until)
        else:
            apart.append((since, until))
    told: dict[date, float] = {}
    for since, until in apart:
        while since < until:
            day = periods.bank_day(since)
            end = min(until, periods.midnight(day + ONE_DAY))
            told[day] = told.get(day, 0) + (end - since).total_seconds()
            since = end
    return {day: minutes for day, seconds in told.items() if (minutes := int(seconds // 60))}


def _blind(start: datetime, end: datetime, filters: Filters, now: datetime, whose: Whose = "ours") -> list[Blind]:
    found = (
        Gap.objects.filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=start),
            started_at__lt=min(end, now),
            source__origin=Origin.LIVE,
        )
        # What a search finds through an account is of the account's network.
        .annotate(network=Coalesce("source__via__network", "source__network"))
        .exclude(ended_at__lte=F("started_at"))
        .exclude(reason__in=(Gap.Reason.ASKED, Gap.Reason.BEFORE))
    )
    if whose != "all":
        found = found.filter(source__rival="") if whose == "ours" else found.exclude(source__rival="")
    if filters.networks is not None:
        found = found.filter(network__in=filters.networks)
    told = []
    rows = found.order_by("started_at", "pk").values_list(
        "source__name", "network", "started_at", "ended_at", "state", "closed_at"
    )
    for source, network, started_at, ended_at, state, closed_at in rows:
        since, until = max(started_at, start), min(ended_at or now, now, end)
        if (minutes := int((until - since).total_seconds() // 60)) > 0:
            filled = state == Gap.Status.FILLED and closed_at is not None and closed_at <= now
            told.append(Blind(source, network, since, until, minutes, filled))
    return told
