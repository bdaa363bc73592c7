"""What an incident did to the figures: the hours since before it began, beside the same hours of earlier weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from commandcenter import periods, rollups, usual
from commandcenter.incidents import practice
from commandcenter.models import Incident
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.sums import sums

LEAD = timedelta(hours=6)
LONGEST = timedelta(hours=72)  # of one that still runs: what is further back tells nobody what to do now
WHOLE = timedelta(days=7)  # of one that is over
HOUR = timedelta(hours=1)
WIDTH, HEIGHT = 600, 144


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the bank's clock: mentions, and how many are usual then; None where no earlier week was heard.

    Of the running hour both are those up to now.
    """

    start: datetime
    value: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """The hours of an incident, and the same as they are drawn: the last point is then the last sixty minutes.

    An hour that has just begun would be drawn as a fall to the floor, and a room would read that it is over. `now`,
    `normal` and `since` are drawn in a box of 600 by 144; `since` is None where it began further back.
    """

    hours: tuple[Hour, ...]
    points: tuple[Hour, ...]
    top: int
    now: str
    normal: str
    since: float | None

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
    """The curve up to now or its end: the last three days while it runs, and then its first week, from hours before."""
    runs = incident.closed_at is None
    first, end = periods.hour(incident.since - LEAD), now
    if runs:
        first = max(first, periods.hour(now - LONGEST))
    else:
        end = min(incident.closed_at or now, incident.since + WHOLE)
    count = max(1, int((periods.hour(end) - first) / HOUR) + 1)
    stop = min(first + count * HOUR, periods.minute(now) + timedelta(minutes=1))
    spans = [(first + n * HOUR, min(first + (n + 1) * HOUR, stop)) for n in range(count)]
    if runs:
        spans.append((stop - HOUR, stop))
    if incident.drill is not None:
        values, weeks, summed = practice.hours(incident, spans), 0, [0] * len(spans)
    else:
        filters = _filters(incident)
        values = [0] * len(spans)
        for (place, _), counts in sums(rollups.MENTIONS, spans, filters).items():
            values[place] = counts[0]
        weeks, summed = usual.once_a_minute(
            f"incident {incident.pk} {len(spans)}", (first, stop), lambda _span: _usual(spans, incident.since, filters)
        )
    found = [
        Hour(start, value, total / weeks if weeks else None)
        for (start, _stop), value, total in zip(spans, values, summed, strict=True)
    ]
    hours, points = tuple(found[:count]), (*found[: count - 1], found[-1])
    top = max(1, *(point.value for point in points), *(round(point.usual or 0) for point in points))
    since = (incident.since - first) / HOUR / max(count - 1, 1) * WIDTH
    return Curve(
        hours=hours,
        points=points,
        top=top,
        now=_line([point.value for point in points], top),
        normal=_line([point.usual for point in points if point.usual is not None], top) if weeks else "",
        since=round(min(since, WIDTH), 1) if since >= 0 else None,
    )


def during(incident: Incident, now: datetime) -> During:
    """What came in and what was answered while it ran; of an exercise, what came in it."""
    if incident.drill is not None:
        return During(**practice.during(incident, now))
    span = (periods.minute(incident.since), periods.minute(incident.closed_at or now) + timedelta(minutes=1))
    filters = _filters(incident)
    counted = sums(rollups.MENTIONS, [span], filters).get((0, None), (0,) * len(rollups.MENTIONS.counts))
    before = usual.earlier(span)
    heard = _quiet_weeks(span, incident.since)
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


def _usual(spans: Sequence[usual.Span], since: datetime, filters: Filters) -> tuple[int, list[int]]:
    """How many earlier weeks tell what is usual, and what each of these stretches held in them together.

    Each is moved by itself: where a week's clock was put back or forward in between, the hours after it are still
    compared with their own.
    """
    heard = _quiet_weeks((spans[0][0], spans[-1][1]), since)
    moved = [
        (periods.moved(start, -7 * (week + 1)), periods.moved(stop, -7 * (week + 1)))
        for week in heard
        for start, stop in spans
    ]
    summed = [0] * len(spans)
    for (place, _), counts in sums(rollups.MENTIONS, moved, filters).items():
        summed[place % len(spans)] += counts[0]
    return len(heard), summed


def _quiet_weeks(span: usual.Span, since: datetime) -> list[int]:
    """The weeks in which anything was heard and the incident had not begun: one that lasts is not usual for it."""
    before = usual.earlier(span)
    return [week for week in sorted(usual.heard_weeks(before)) if before[week][1] <= since]


def _filters(incident: Incident) -> Filters:
    return Filters(topic=incident.topic) if incident.topic else EVERYTHING


def _line(values: Sequence[float], top: int) -> str:
    step = WIDTH / max(len(values) - 1, 1)
    return " ".join(f"{n * step:.1f},{HEIGHT - 4 - value / top * (HEIGHT - 8):.1f}" for n, value in enumerate(values))
