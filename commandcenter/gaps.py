"""When our sources did not see: shown wherever a figure lies in such a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from commandcenter.periods import Period
from commandcenter.populations import Filters
from mentions.models import Gap, Origin


@dataclass(frozen=True, slots=True)
class Blind:
    """How long one source did not see within a period, in whole minutes, and whether it was filled since."""

    source: str
    network: str
    since: datetime
    minutes: int
    filled: bool


def blind(period: Period, filters: Filters, now: datetime) -> list[Blind]:
    """The times within the period in which a source that counts did not see, oldest first.

    One declared lost or still open keeps the figures low; one that was filled from the network does not.
    """
    found = Gap.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=period.start),
        started_at__lt=period.end,
        source__origin=Origin.LIVE,
        source__rival="",
    ).exclude(ended_at__lte=F("started_at"))
    if filters.network is not None:
        found = found.filter(source__network=filters.network)
    told = []
    for gap in found.exclude(reason=Gap.Reason.ASKED).select_related("source").order_by("started_at", "pk"):
        start, end = max(gap.started_at, period.start), min(gap.ended_at or now, period.end)
        if minutes := int((end - start).total_seconds() // 60):
            told.append(Blind(gap.source.name, gap.source.network, start, minutes, gap.state == Gap.Status.FILLED))
    return told
