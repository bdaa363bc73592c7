"""What strangers may know: public posts and conversations alone, from queries that read no private row or field."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from commandcenter import periods
from commandcenter.figures import HourCount, MentionsToday, NetSentiment, Rate
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


def net_sentiment(period: Period) -> NetSentiment:
    """As `metrics.net_sentiment`, of public posts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE m.sentiment = 1), count(*) FILTER (WHERE m.sentiment = 0), "
            "count(*) FILTER (WHERE m.sentiment = -1), count(*) FILTER (WHERE m.sentiment IS NULL) "
            "FROM mentions_mention m WHERE "
            + _PUBLIC
            + " AND NOT m.spam AND m.occurred_at >= %s AND m.occurred_at < %s",
            [period.start, period.end],
        )
        return NetSentiment(*cursor.fetchone())


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
