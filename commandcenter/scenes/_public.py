"""What strangers may know: public posts and conversations alone, from queries that read no private row or field."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from commandcenter import periods
from commandcenter.figures import HourCount, MentionsToday, Rate, Waits
from commandcenter.periods import Period

_PUBLIC = (
    "m.origin = 'live' AND m.visibility = 'public' "
    "AND m.source_id NOT IN (SELECT id FROM mentions_source WHERE rival <> '')"
)


def mentions_today(now: datetime) -> MentionsToday:
    """As `metrics.mentions_today`, of public posts."""
    today = Period.today(now)
    spans = [today, today.back(1), today.back(7)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM mentions_mention m WHERE " + _PUBLIC + " AND m.occurred_at >= s.start "
            "AND m.occurred_at < s.stop) FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY "
            "AS s(start, stop, place) ORDER BY s.place",
            [[span.start for span in spans], [span.end for span in spans]],
        )
        value, yesterday, week_ago = (count for (count,) in cursor.fetchall())
    return MentionsToday(value, yesterday, week_ago, today.start)


def volume_by_hour(now: datetime) -> list[HourCount]:
    """As `metrics.volume_by_hour`, of public posts."""
    running = periods.hour(now)
    hours = [running - timedelta(hours=back) for back in range(23, -1, -1)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT date_bin('1 hour', m.occurred_at, %s), count(*) FROM mentions_mention m WHERE "
            + _PUBLIC
            + " AND m.occurred_at >= %s AND m.occurred_at <= %s GROUP BY 1",
            [hours[0], hours[0], now],
        )
        counted = dict(cursor.fetchall())
    return [HourCount(hour, counted.get(hour, 0), hour != running) for hour in hours]


def first_response(period: Period) -> Waits:
    """As `metrics.first_response`, of public conversations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY s.seconds), "
            "percentile_cont(0.9) WITHIN GROUP (ORDER BY s.seconds), count(*) FROM mentions_stretch s "
            "JOIN mentions_conversation c ON c.id = s.conversation_id WHERE s.origin = 'live' "
            "AND s.target = 'first_response' AND s.reply_id IS NOT NULL AND c.visibility = 'public' "
            "AND s.started_at >= %s AND s.started_at < %s",
            [period.start, period.end],
        )
        median, p90, n = cursor.fetchone()
        return Waits(median, p90, n, 0)


def response_rate(period: Period) -> Rate:
    """As `metrics.response_rate`, of public conversations."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE c.actionable AND c.first_replied_at IS NOT NULL), "
            "count(*) FILTER (WHERE c.actionable), count(*) FILTER (WHERE c.actionable IS NULL) "
            "FROM mentions_conversation c WHERE c.origin = 'live' AND c.visibility = 'public' "
            "AND c.opened_at >= %s AND c.opened_at < %s",
            [period.start, period.end],
        )
        return Rate(*cursor.fetchone())
