"""What an incident did to the figures: the hours since before it began, beside the same hours of earlier weeks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from commandcenter import periods, rollups, usual
from commandcenter.models import Incident
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.sums import sums

LEAD = timedelta(hours=6)
LONGEST = timedelta(hours=72)
WIDTH, HEIGHT = 600, 144


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the bank's clock: mentions, and how many are usual then; None where no earlier week was heard."""

    start: datetime
    value: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The hours of an incident. `now`, `normal` and `since` are drawn in a box of 600 by 144."""

    hours: tuple[Hour, ...]
    top: int
    now: str
    normal: str
    since: float

    @property
    def peak(self) -> Hour | None:
        """The hour with the most mentions."""
        return max(self.hours, key=lambda hour: hour.value, default=None)


@dataclass(frozen=True, slots=True)
class During:
    """Figures of the incident's time beside the mean of the same time in earlier weeks (None: not heard then)."""

    mentions: int
    mentions_usual: float | None
    negative: int
    scored: int
    conversations: int
    actionable: int
    answered: int
    first_response_s: float | None
    first_response_n: int


def of(incident: Incident, now: datetime) -> Curve:
    """The curve from some hours before it began to now or its end, three days at most."""
    end = min(incident.closed_at or now, incident.since + LONGEST)
    first = periods.hour(incident.since - LEAD)
    count = max(1, int((periods.hour(end) - first) / timedelta(hours=1)) + 1)
    stop = min(first + timedelta(hours=count), periods.minute(end) + timedelta(minutes=1))
    filters = _filters(incident)
    span = (first, stop)
    values = {key: counts[0] for (_, key), counts in sums(rollups.MENTIONS, [span], filters, by="hour").items()}
    whole = (first, first + timedelta(hours=count))
    weeks, summed = usual.once_a_minute(f"incident {incident.pk}", whole, lambda span: _usual(span, count, filters))
    hours = tuple(
        Hour(start, values.get(start, 0), summed[n] / weeks if weeks else None)
        for n in range(count)
        for start in [first + timedelta(hours=n)]
    )
    top = max(1, *(hour.value for hour in hours), *(round(hour.usual or 0) for hour in hours))
    normal = _line([hour.usual for hour in hours if hour.usual is not None], top) if weeks else ""
    since = (incident.since - first) / timedelta(hours=max(count - 1, 1)) * WIDTH
    return Curve(hours, top, _line([hour.value for hour in hours], top), normal, round(min(since, WIDTH), 1))


def during(incident: Incident, now: datetime) -> During:
    """What came in and what was answered while it ran."""
    span = (periods.minute(incident.since), periods.minute(incident.closed_at or now) + timedelta(minutes=1))
    filters = _filters(incident)
    counted = sums(rollups.MENTIONS, [span], filters).get((0, None), (0,) * len(rollups.MENTIONS.counts))
    before = usual.earlier(span)
    heard = usual.heard_weeks(before)
    earlier = [counts[0] for (week, _), counts in sums(rollups.MENTIONS, before, filters).items() if week in heard]
    talks = sums(rollups.CONVERSATIONS, [span], filters).get((0, None), (0,) * 4)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds), count(s.seconds) FROM mentions_stretch s "
            "JOIN mentions_conversation c ON c.id = s.conversation_id WHERE s.origin = 'live' "
            "AND s.target = 'first_response' AND s.reply_id IS NOT NULL AND s.started_at >= %s AND s.started_at < %s "
            "AND (%s = '' OR c.topics @> ARRAY[%s]::varchar[])",
            [*span, incident.topic, incident.topic],
        )
        median, n = cursor.fetchone()
    return During(
        mentions=counted[0],
        mentions_usual=sum(earlier) / len(heard) if heard else None,
        negative=counted[5],
        scored=counted[3] + counted[4] + counted[5],
        conversations=talks[0],
        actionable=talks[1],
        answered=talks[3],
        first_response_s=median,
        first_response_n=n,
    )


def _usual(span: usual.Span, count: int, filters: Filters) -> tuple[int, list[int]]:
    """How many earlier weeks were heard, and what each hour of the stretch held in them together.

    Each hour is moved by itself: where a week's clock was put back or forward inside the stretch, the hours after it
    are still compared with their own.
    """
    heard = usual.heard_weeks(usual.earlier(span))
    starts = [span[0] + timedelta(hours=n) for n in range(count + 1)]
    hours = [
        (periods.moved(start, -7 * (week + 1)), periods.moved(stop, -7 * (week + 1)))
        for week in heard
        for start, stop in itertools.pairwise(starts)
    ]
    summed = [0] * count
    for (place, _), counts in sums(rollups.MENTIONS, hours, filters).items():
        summed[place % count] += counts[0]
    return len(heard), summed


def _filters(incident: Incident) -> Filters:
    return Filters(topic=incident.topic) if incident.topic else EVERYTHING


def _line(values: Sequence[float], top: int) -> str:
    step = WIDTH / max(len(values) - 1, 1)
    return " ".join(f"{n * step:.1f},{HEIGHT - 4 - value / top * (HEIGHT - 8):.1f}" for n, value in enumerate(values))
