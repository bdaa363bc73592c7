"""What a figure means: one definition each, used by walls, reports and exports alike.

Every function says what it counts; the sentences that people read are in `commandcenter.glossary`, one an
entry of the same name. Three rules hold for all of them: live rows only (neither canary nor drill), no
rivals' posts, and a figure belongs to the bank-zone day of its start event (a mention's network time, a
conversation's first mention, the moment a wait began). Our own posts are never stored as mentions.

Counts come from the rollups through `commandcenter.sums`; times, stocks and lists come from rows, whose
populations are in `commandcenter.populations`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext

from commandcenter import periods, populations, rollups
from commandcenter.figures import (
    SOON_MINUTES,
    Attainment,
    Change,
    HourCount,
    MentionsToday,
    NetSentiment,
    QueueBoard,
    QueueLine,
    Rate,
    Volume,
    Waits,
)
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.sums import Axis, sums
from mentions.models import Queue

__all__ = [
    "EVERYTHING",
    "Attainment",
    "Change",
    "Filters",
    "HourCount",
    "MentionsToday",
    "NetSentiment",
    "Period",
    "QueueBoard",
    "QueueLine",
    "Rate",
    "Volume",
    "Waits",
]

Target = Literal["first_response", "next_response"]


def mentions_today(now: datetime, filters: Filters = EVERYTHING) -> MentionsToday:
    """Mentions of the bank's day so far, beside yesterday and a week ago until this minute of the clock.

    Public and private, spam included, deletions still counted.
    """
    today = Period.today(now)
    spans = [(period.start, period.end) for period in (today, today.back(1), today.back(7))]
    counted = sums(rollups.MENTIONS, spans, filters)
    value, yesterday, week_ago = (counted[span, None][0] if (span, None) in counted else 0 for span in range(3))
    return MentionsToday(value, yesterday, week_ago, today.start)


def volume(period: Period, filters: Filters = EVERYTHING) -> Volume:
    """Mentions of the period by network time, counted as in `mentions_today`."""
    return _volume(_whole(rollups.MENTIONS, period, filters))


def volume_by_day(period: Period, filters: Filters = EVERYTHING) -> list[tuple[Period, Volume]]:
    """`volume` for each bank day of the period, days without any included."""
    counted = _split(rollups.MENTIONS, period, filters, "day")
    return [(day, _volume(counted.get(day.first))) for day in period.days()]


def volume_by(axis: Axis, period: Period, filters: Filters = EVERYTHING) -> dict[Any, Volume]:
    """`volume` by queue (id, None for what no queue took), network, language or topic.

    What has two topics counts in both and what has none in neither, so topics do not add up to the volume.
    """
    return {key: _volume(counts) for key, counts in _split(rollups.MENTIONS, period, filters, axis).items()}


def volume_by_hour(now: datetime, filters: Filters = EVERYTHING) -> list[HourCount]:
    """`volume` in each of the last 24 hours of the bank's clock, oldest first; the last is the running one."""
    running = periods.hour(now)
    hours = [running - timedelta(hours=back) for back in range(23, -1, -1)]
    stop = periods.minute(now) + timedelta(minutes=1)
    counted = sums(rollups.MENTIONS, [(hours[0], stop)], filters, by="hour")
    return [HourCount(hour, counted[0, hour][0] if (0, hour) in counted else 0, hour != running) for hour in hours]


def net_sentiment(period: Period, filters: Filters = EVERYTHING) -> NetSentiment:
    """(positive - negative) / all scored x 100 over the period's mentions, spam left out."""
    total, _private, spam, positive, neutral, negative = _whole(rollups.MENTIONS, period, filters) or (0,) * 6
    return NetSentiment(positive, neutral, negative, total - spam - positive - neutral - negative)


def response_rate(period: Period, filters: Filters = EVERYTHING, *, answered_by: datetime | None = None) -> Rate:
    """Actionable conversations opened in the period with a human reply / actionable conversations.

    With `answered_by`, only replies before that moment count: what the rate was then. It is counted from the
    conversations themselves, so it takes longer.
    """
    if answered_by is not None:
        return _rate_then(period, filters, answered_by)
    return _rate(_whole(rollups.CONVERSATIONS, period, filters))


def response_rate_by_day(period: Period, filters: Filters = EVERYTHING) -> list[tuple[Period, Rate]]:
    """`response_rate` of the conversations opened on each bank day of the period."""
    counted = _split(rollups.CONVERSATIONS, period, filters, "day")
    return [(day, _rate(counted.get(day.first))) for day in period.days()]


def response_rate_by(axis: Axis, period: Period, filters: Filters = EVERYTHING) -> dict[Any, Rate]:
    """`response_rate` by queue (id), network, language or topic."""
    return {key: _rate(counts) for key, counts in _split(rollups.CONVERSATIONS, period, filters, axis).items()}


def first_response(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """First inbound mention (network time) to the first human reply that the network confirmed."""
    return waits("first_response", period, filters)[None]


def next_response(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """First unanswered inbound mention after a reply to the next human reply."""
    return waits("next_response", period, filters)[None]


def time_to_claim(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """From the moment a conversation stood in its queue to the claim, for what was queued in the period."""
    return waits("time_to_claim", period, filters)[None]


def waits(
    what: Literal["first_response", "next_response", "time_to_claim"],
    period: Period,
    filters: Filters = EVERYTHING,
    *,
    by: Literal["day", "queue"] | None = None,
) -> dict[Any, Waits]:
    """The whole under None, and with `by` each bank day (a date) or queue (an id) that has any."""
    population = populations.waits(what, period, filters)
    axis = {"day": f"({population.start} AT TIME ZONE %(zone)s)::date", "queue": population.queue, None: "NULL"}[by]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT grouping(key), key, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), "
            "percentile_cont(0.9) WITHIN GROUP (ORDER BY seconds), count(seconds), "
            "count(*) FILTER (WHERE running), count(*) FILTER (WHERE seconds IS NULL AND NOT running) "
            f"FROM (SELECT {axis} AS key, {population.seconds} AS seconds, {population.running} AS running "
            f"{population.sql}) w GROUP BY GROUPING SETS ((), (key))",
            population.values | {"zone": periods.bank_zone().key},
        )
        found = {None if whole else key: Waits(*figures) for whole, key, *figures in cursor.fetchall() if whole or by}
    return {None: Waits(None, None, 0, 0)} | found


def attainment(
    period: Period, now: datetime, filters: Filters = EVERYTHING, *, target: Target = "first_response"
) -> Attainment:
    """Answers in time / all answers that came due, of the waits that began in the period."""
    kept = attainment_by_queue(period, now, filters, target=target).values()
    return Attainment(sum(a.met for a in kept), sum(a.missed for a in kept), sum(a.running for a in kept))


def attainment_by_queue(
    period: Period, now: datetime, filters: Filters = EVERYTHING, *, target: Target = "first_response"
) -> dict[int, Attainment]:
    """`attainment` for each queue (id) that has any."""
    population = populations.stretches(target, period, filters)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.queue_id, count(*) FILTER (WHERE s.met), count(*) FILTER (WHERE {populations.MISSED}), "
            f"count(*) FILTER (WHERE {populations.NOT_DUE_YET}) {population.sql} AND s.due_at IS NOT NULL GROUP BY 1",
            population.values | {"now": now},
        )
        return {queue: Attainment(met, missed, running) for queue, met, missed, running in cursor.fetchall()}


def queue_board(now: datetime, queues: tuple[int, ...] | None = None) -> QueueBoard:
    """Every queue (or these) as it stands now; see `QueueLine`."""
    rows = Queue.objects.all() if queues is None else Queue.objects.filter(pk__in=queues)
    filters = Filters(queues=queues)
    kept = attainment_by_queue(Period.today(now), now, filters)
    population = populations.open_conversations(filters)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.queue_id, count(*) FILTER (WHERE c.state = 'waiting'), "
            "min(coalesce(c.waiting_since, c.queued_at)) FILTER (WHERE c.state = 'waiting'), "
            "count(*) FILTER (WHERE c.state = 'claimed'), count(*) FILTER (WHERE c.due_at < %(now)s), "
            f"count(*) FILTER (WHERE c.due_at >= %(now)s AND c.due_at < %(soon)s) {population.sql} GROUP BY 1",
            population.values | {"now": now, "soon": now + timedelta(minutes=SOON_MINUTES)},
        )
        standing = {queue: figures for queue, *figures in cursor.fetchall()}
    lines = []
    for row in rows:
        waiting, oldest_since, claimed, overdue, soon = standing.get(row.pk, (0, None, 0, 0, 0))
        today = kept.get(row.pk, Attainment(0, 0, 0))
        lines.append(QueueLine(row.pk, row.slug, row.name, waiting, oldest_since, claimed, overdue, soon, today))
    return QueueBoard(now, tuple(lines), _all_queues(lines))


def _all_queues(lines: list[QueueLine]) -> QueueLine:
    return QueueLine(
        queue_id=None,
        slug="",
        name=gettext("All queues"),
        waiting=sum(line.waiting for line in lines),
        oldest_since=min((line.oldest_since for line in lines if line.oldest_since), default=None),
        claimed=sum(line.claimed for line in lines),
        overdue=sum(line.overdue for line in lines),
        soon=sum(line.soon for line in lines),
        today=Attainment(
            sum(line.today.met for line in lines),
            sum(line.today.missed for line in lines),
            sum(line.today.running for line in lines),
        ),
    )


def _whole(table: rollups.Table, period: Period, filters: Filters) -> tuple[int, ...] | None:
    return sums(table, [(period.start, period.end)], filters).get((0, None))


def _split(table: rollups.Table, period: Period, filters: Filters, axis: Axis) -> dict[Any, tuple[int, ...]]:
    counted = sums(table, [(period.start, period.end)], filters, by=axis)
    return {key: counts for (_span, key), counts in counted.items()}


def _volume(counts: tuple[int, ...] | None) -> Volume:
    return Volume(*counts[:3]) if counts else Volume(0, 0, 0)


def _rate(counts: tuple[int, ...] | None) -> Rate:
    _total, actionable, undecided, answered = counts or (0, 0, 0, 0)
    return Rate(answered, actionable, undecided)


def _rate_then(period: Period, filters: Filters, answered_by: datetime) -> Rate:
    population = populations.conversations(period, filters)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE c.actionable AND c.first_replied_at < %(by)s), "
            "count(*) FILTER (WHERE c.actionable), count(*) FILTER (WHERE c.actionable IS NULL) " + population.sql,
            population.values | {"by": answered_by},
        )
        return Rate(*cursor.fetchone())
