"""What a figure means: one definition each, used by walls, reports and exports alike.

Every function says what it counts; the sentences that people read are in `commandcenter.glossary`, one an
entry of the same name. Three rules hold for all of them: live rows only (neither canary nor drill), no
rivals' posts, and a figure belongs to the bank-zone day of its start event (a mention's network time, a
conversation's first mention, the moment a wait began). Our own posts are never stored as mentions.

Counts come from the rollups through `commandcenter.sums`; times, stocks and lists come from rows, whose
populations are in `commandcenter.populations`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from operator import add
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from commandcenter import facts, periods, populations, rivals, rollups, times
from commandcenter.earlier import counted
from commandcenter.figures import (
    BANDS,
    SOON_MINUTES,
    Attainment,
    Backlog,
    Change,
    HourCount,
    MentionsToday,
    NetSentiment,
    QueueBoard,
    QueueLine,
    Rate,
    Resolution,
    Voice,
    Volume,
    Waits,
)
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.sums import Axis, sums
from commandcenter.times import (
    Target,
    active_time,
    attainment,
    attainment_by,
    attainment_by_queue,
    by_hour,
    handle_time,
    in_hours,
    reopen_rate,
    resolution,
    transfers,
    waits,
)
from mentions.models import Origin, Queue, Source

__all__ = [
    "BANDS",
    "EVERYTHING",
    "Attainment",
    "Backlog",
    "Change",
    "Filters",
    "HourCount",
    "MentionsToday",
    "NetSentiment",
    "Period",
    "QueueBoard",
    "QueueLine",
    "Rate",
    "Resolution",
    "Target",
    "Voice",
    "Volume",
    "Waits",
    "active_time",
    "attainment",
    "attainment_by",
    "attainment_by_queue",
    "by_hour",
    "handle_time",
    "in_hours",
    "reopen_rate",
    "resolution",
    "transfers",
    "waits",
]

ONE_DAY = timedelta(days=1)
HEARD, _REACH = (rollups.MENTIONS.counts.index(name) for name in ("heard", "reach"))


def mentions_today(now: datetime, filters: Filters = EVERYTHING) -> MentionsToday:
    """Mentions of the bank's day so far, beside yesterday and a week ago until this minute of the clock.

    Public and private, spam included, deletions still counted.
    """
    today = Period.today(now)
    spans = [(period.start, period.end) for period in (today, today.back(1), today.back(7))]
    counted = sums(rollups.MENTIONS, spans, filters)
    value, yesterday, week_ago = (counted[span, None][0] if (span, None) in counted else 0 for span in range(3))
    return MentionsToday(value, yesterday, week_ago, today.start)


@counted
def volume(period: Period, filters: Filters = EVERYTHING) -> Volume:
    """Mentions of the period by network time, counted as in `mentions_today`."""
    return _volume(_whole(rollups.MENTIONS, period, filters))


@counted
def volume_by_day(period: Period, filters: Filters = EVERYTHING) -> list[tuple[Period, Volume]]:
    """`volume` for each part of the period, those without any included."""
    counted = _split(rollups.MENTIONS, period, filters, "day")
    return [(day, _volume(counted.get(day.first))) for day in period.parts()]


@counted
def volume_by(axis: Axis, period: Period, filters: Filters = EVERYTHING) -> dict[Any, Volume]:
    """`volume` by queue (id, None for what no queue took), network, language or topic.

    What has two topics counts in both and what has none in neither, so topics do not add up to the volume.
    """
    return {key: _volume(counts) for key, counts in _split(rollups.MENTIONS, period, filters, axis).items()}


@counted
def authors(period: Period, filters: Filters = EVERYTHING) -> dict[date | None, int]:
    """How many different people wrote: in each part that has any, and under None in the whole period."""
    return facts.distinct("author", period.start, period.end, filters, onto=period.part_of)


@counted
def actionable_share(period: Period, filters: Filters = EVERYTHING) -> Rate:
    """Conversations opened in the period that need an answer / all of them, spam, praise and news included."""
    return _needed(_whole(rollups.CONVERSATIONS, period, filters))


@counted
def actionable_share_by_day(period: Period, filters: Filters = EVERYTHING) -> list[tuple[Period, Rate]]:
    """`actionable_share` of the conversations opened in each part of the period."""
    counted = _split(rollups.CONVERSATIONS, period, filters, "day")
    return [(day, _needed(counted.get(day.first))) for day in period.parts()]


def volume_by_hour(now: datetime, filters: Filters = EVERYTHING) -> list[HourCount]:
    """`volume` in each of the last 24 hours of the bank's clock, oldest first; the last is the running one."""
    running = periods.hour(now)
    hours = [running - timedelta(hours=back) for back in range(23, -1, -1)]
    stop = periods.minute(now) + timedelta(minutes=1)
    counted = sums(rollups.MENTIONS, [(hours[0], stop)], filters, by="hour")
    return [HourCount(hour, counted[0, hour][0] if (0, hour) in counted else 0, hour != running) for hour in hours]


@counted
def net_sentiment_by(axis: Axis, period: Period, filters: Filters = EVERYTHING) -> dict[Any, NetSentiment]:
    """`net_sentiment` by part of the period (`day`), queue, network, language or topic."""
    return {key: _tones(counts) for key, counts in _split(rollups.MENTIONS, period, filters, axis).items()}


@counted
def net_sentiment(period: Period, filters: Filters = EVERYTHING) -> NetSentiment:
    """(positive - negative) / all scored x 100 over the period's mentions, spam left out."""
    return _tones(_whole(rollups.MENTIONS, period, filters))


@counted
def corrected_tones(period: Period, filters: Filters = EVERYTHING) -> int:
    """How many of the period's mentions have a tone that a person gave."""
    population = populations.mentions(period, filters)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {population.sql} AND {populations.TONE_CORRECTED}", population.values)
        return int(cursor.fetchone()[0])


@counted
def share_of_voice(period: Period, filters: Filters = EVERYTHING) -> list[Voice]:
    """What is said in public about the bank, first, and about each named rival, where rivals are listened to.

    Without spam; nobody's queues matter.
    """
    others, counted = rivals.listened(), _heard_by_source(period, filters)
    own = sums(rollups.MENTIONS, [(period.start, period.end)], _anywhere(filters), networks=others.networks)
    ours = Source.objects.filter(rival="", origin=Origin.LIVE)
    heard = ours.filter(Q(network__in=others.networks) | Q(via__network__in=others.networks))
    told = [Voice("", sum(counts[HEARD] for counts in own.values()), *_searches(heard if others.names else ours))]
    for name in others.names:
        listening = Source.objects.filter(pk__in=[pk for pk in others.of(name) if pk in others.rivals])
        count = sum(counted.get(pk, 0) for pk, of in others.rivals.items() if of == name)
        told.append(Voice(name, count, *_searches(listening)))
    return told


@counted
def share_of_voice_by_topic(period: Period, filters: Filters = EVERYTHING) -> dict[str, tuple[int, int]]:
    """For each topic what is said about us and about all rivals, counted as in `share_of_voice`."""
    others = rivals.listened()
    spans, everywhere = [(period.start, period.end)], _anywhere(filters)
    own = sums(rollups.MENTIONS, spans, everywhere, by="topic", networks=others.networks)
    theirs = sums(rollups.MENTIONS, spans, everywhere, by="topic", rivals=True, sources=list(others.rivals))
    ours, rest = ({topic: counts[HEARD] for (_span, topic), counts in one.items()} for one in (own, theirs))
    told = {topic: (ours.get(topic, 0), rest.get(topic, 0)) for topic in ours.keys() | rest.keys()}
    return {topic: pair for topic, pair in told.items() if any(pair)}


@counted
def industry_voices(period: Period, filters: Filters = EVERYTHING) -> list[Voice]:
    """What is said in public about each topic of the industry that is listened to; it is nobody's voice."""
    others, counted = rivals.listened(), _heard_by_source(period, filters)
    told = []
    for name in sorted(set(others.industry.values())):
        listening = [pk for pk, of in others.industry.items() if of == name]
        count = sum(counted.get(pk, 0) for pk in listening)
        told.append(Voice(name, count, *_searches(Source.objects.filter(pk__in=listening))))
    return told


def _heard_by_source(period: Period, filters: Filters) -> dict[int, int]:
    """Of each source that listens to others, what is public and no spam."""
    spans = [(period.start, period.end)]
    found = sums(rollups.MENTIONS, spans, _anywhere(filters), by="source", rivals=True)
    return {source: counts[HEARD] for (_span, source), counts in found.items()}


def _anywhere(filters: Filters) -> Filters:
    return replace(filters, queues=None)


@counted
def response_rate(period: Period, filters: Filters = EVERYTHING, *, answered_by: datetime | None = None) -> Rate:
    """Actionable conversations opened in the period with a human reply / actionable conversations.

    With `answered_by`, only replies before that moment (to the minute) count: what the rate was then.
    """
    rate = _rate(_whole(rollups.CONVERSATIONS, period, filters))
    if answered_by is None:
        return rate
    return Rate(times.answered_before(period, filters, answered_by), rate.n, rate.undecided)


@counted
def response_rate_by_day(period: Period, filters: Filters = EVERYTHING) -> list[tuple[Period, Rate]]:
    """`response_rate` of the conversations opened in each part of the period."""
    counted = _split(rollups.CONVERSATIONS, period, filters, "day")
    return [(day, _rate(counted.get(day.first))) for day in period.parts()]


@counted
def response_rate_by(axis: Axis, period: Period, filters: Filters = EVERYTHING) -> dict[Any, Rate]:
    """`response_rate` by queue (id), network, language or topic."""
    return {key: _rate(counts) for key, counts in _split(rollups.CONVERSATIONS, period, filters, axis).items()}


@counted
def first_response(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """First inbound mention (network time) to the first human reply that the network confirmed."""
    return waits("first_response", period, filters)[None]


@counted
def next_response(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """First unanswered inbound mention after a reply to the next human reply."""
    return waits("next_response", period, filters)[None]


@counted
def time_to_claim(period: Period, filters: Filters = EVERYTHING) -> Waits:
    """From the moment a conversation stood in its queue to the claim, for what was queued in the period."""
    return waits("time_to_claim", period, filters)[None]


def queue_board(now: datetime, queues: tuple[int, ...] | None = None) -> QueueBoard:
    """Every queue (or these) as it stands now; see `QueueLine`."""
    rows = Queue.objects.all() if queues is None else Queue.objects.filter(pk__in=queues)
    filters = Filters(queues=queues)
    kept = attainment_by_queue(Period.today(now), now, filters)
    standing = _standing(now, filters)
    lines = []
    for row in rows:
        waiting, oldest_since, claimed, overdue, soon = standing.get(row.pk, (0, None, 0, 0, 0))
        today = kept.get(row.pk, Attainment(0, 0, 0))
        lines.append(QueueLine(row.pk, row.slug, row.name, waiting, oldest_since, claimed, overdue, soon, today))
    return QueueBoard(now, tuple(lines), _all_queues(lines))


def standing(now: datetime) -> QueueLine:
    """All queues together as they stand now, as in `queue_board`, without the promises of the day."""
    return _all_queues(
        [QueueLine(0, "", "", *line, Attainment(0, 0, 0)) for line in _standing(now, EVERYTHING).values()]
    )


def _standing(now: datetime, filters: Filters) -> dict[int, tuple[int, datetime | None, int, int, int]]:
    """Of each queue that has any open conversation: waiting, the oldest of these since, claimed, overdue, due soon."""
    population = populations.open_conversations(filters)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.queue_id, count(*) FILTER (WHERE c.state = 'waiting'), "
            "min(coalesce(c.waiting_since, c.queued_at)) FILTER (WHERE c.state = 'waiting'), "
            "count(*) FILTER (WHERE c.state = 'claimed'), count(*) FILTER (WHERE c.due_at < %(now)s), "
            f"count(*) FILTER (WHERE c.due_at >= %(now)s AND c.due_at < %(soon)s) {population.sql} GROUP BY 1",
            population.values | {"now": now, "soon": now + timedelta(minutes=SOON_MINUTES)},
        )
        return {queue: (waiting, oldest, claimed, late, soon) for queue, waiting, oldest, claimed, late, soon in cursor}


@counted
def backlog(now: datetime, filters: Filters = EVERYTHING) -> dict[int | None, Backlog]:
    """Open conversations that need an answer or a decision now: all under None, and each queue (id) that has any.

    Their age is how long the customer has waited, or where nobody waits, how long since it came to its queue.
    """
    population = populations.open_conversations(filters)
    limits = [0, *BANDS, None]
    bands = ", ".join(
        f"count(*) FILTER (WHERE age >= {low}{'' if high is None else f' AND age < {high}'})"
        for low, high in pairwise(limits)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grouping(queue_id), queue_id, count(*), count(*) FILTER (WHERE state = 'waiting'), "
            "count(*) FILTER (WHERE state = 'claimed'), count(*) FILTER (WHERE state LIKE 'pending%%'), "
            "count(*) FILTER (WHERE due_at < %(now)s), max(age), percentile_cont(0.5) WITHIN GROUP (ORDER BY age), "
            f"percentile_cont(0.9) WITHIN GROUP (ORDER BY age), {bands} FROM (SELECT c.queue_id, c.state, c.due_at, "
            f"{populations.AGE} AS age {population.sql}) g GROUP BY GROUPING SETS ((), (queue_id))",
            population.values | {"now": now},
        )
        return {
            None if whole else queue: _stock(*figures) for whole, queue, *figures in cursor.fetchall() if figures[0]
        }


def _stock(*figures: Any) -> Backlog:
    n, waiting, claimed, pending, overdue, oldest, median, p90, *bands = figures
    return Backlog(n, waiting, claimed, pending, overdue, oldest, median, p90, (*bands,))


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
    """By axis; where that is `day`, by the parts of the period."""
    told: dict[Any, tuple[int, ...]] = {}
    for (_span, key), counts in sums(table, [(period.start, period.end)], filters, by=axis).items():
        place = period.part_of(key) if axis == "day" else key
        known = told.get(place)
        told[place] = counts if known is None else tuple(map(add, known, counts))
    return told


def _tones(counts: tuple[int, ...] | None) -> NetSentiment:
    total, _private, spam, positive, neutral, negative, *_public = counts or (0,) * 8
    return NetSentiment(positive, neutral, negative, total - spam - positive - neutral - negative)


def _searches(sources: QuerySet[Source]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is listened to as the set-up names it, and the words of what is searched for."""
    rows = sources.filter(active=True).order_by("name").values_list("name", "search__query")
    return tuple(name for name, _query in rows), tuple(dict.fromkeys(query for _name, query in rows if query))


def _volume(counts: tuple[int, ...] | None) -> Volume:
    return Volume(counts[0], counts[1], counts[2], counts[_REACH]) if counts else Volume(0, 0, 0)


def _needed(counts: tuple[int, ...] | None) -> Rate:
    total, actionable, undecided, _answered = counts or (0, 0, 0, 0)
    return Rate(actionable, total, undecided)


def _rate(counts: tuple[int, ...] | None) -> Rate:
    _total, actionable, undecided, answered = counts or (0, 0, 0, 0)
    return Rate(answered, actionable, undecided)
