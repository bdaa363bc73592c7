"""Reading the rollups: sums over any stretch of time, from the coarsest rows that fit it.

Whole bank days that are over come from their day rows, the rest from quarters of an hour, an end within a
quarter from its minutes, and where these are no longer kept, from the mentions or conversations themselves.
The sum is the same whichever way it is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db import connection
from django.utils import timezone

from commandcenter import asof, periods, rollups
from commandcenter.models import Grain
from commandcenter.populations import EVERYTHING, Filters
from commandcenter.rollups import Table

Axis = Literal["none", "day", "hour", "queue", "network", "language", "topic", "source"]

Part = tuple[int, datetime, datetime]

ONE_DAY, ONE_HOUR = timedelta(days=1), timedelta(hours=1)
_FROM_ROWS = 0

_AXES: dict[Axis, str] = {
    "none": "NULL",
    "day": "(r.start AT TIME ZONE %(zone)s)::date",
    "hour": "date_bin('1 hour', r.start, %(hour)s::timestamptz)",
    "queue": "r.queue_id",
    "network": "r.network",
    "language": "r.language",
    "topic": "r.topic",
    "source": "r.source_id",
}
_PLACES = (
    "(r.source_id IN (SELECT id FROM mentions_source WHERE rival <> '')) = %(rivals)s "
    "AND (%(sources)s::bigint[] IS NULL OR r.source_id = ANY(%(sources)s)) "
    "AND (%(networks)s::text[] IS NULL OR r.network = ANY(%(networks)s)) "
    "AND (%(queues)s::bigint[] IS NULL OR r.queue_id = ANY(%(queues)s)) "
    "AND (%(of_networks)s::text[] IS NULL OR r.network = ANY(%(of_networks)s)) "
    "AND (%(languages)s::text[] IS NULL OR r.language = ANY(%(languages)s))"
)


def sums(
    table: Table,
    spans: Sequence[tuple[datetime, datetime]],
    filters: Filters = EVERYTHING,
    *,
    by: Axis = "none",
    rivals: bool = False,
    sources: Sequence[int] | None = None,
    networks: Sequence[str] | None = None,
) -> dict[tuple[int, Any], tuple[int, ...]]:
    """The table's counts for each span (start up to and without stop, to the minute): of the bank, or of `rivals`.

    `sources` narrows it to some (ids), `networks` to posts of some.

    The answer is keyed by (index of the span, value of the axis `by`); what counts nothing is absent.
    """
    closed = rollups.stored_until() if by != "hour" else None
    parts = [
        (span, *part)
        for span, (start, stop) in enumerate(spans)
        for part in _apart(_parts(start, stop, closed), by, spans[0][0])
    ]
    if not parts:
        return {}
    columns = ", ".join(f"t.{column}" for column in (*rollups.KEYS, *table.counts))
    by_source = networks is None and _by_source(filters, by)
    topic = "= %(topic)s" if by != "topic" or filters.topic else "<> ALL(%(everything)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH parts AS MATERIALIZED (SELECT * FROM unnest(%(spans)s::int[], %(grains)s::int[], "
            "%(starts)s::timestamptz[], %(stops)s::timestamptz[]) AS p(span, grain, start, stop)) "
            f"SELECT r.span, {_AXES[by]}, {', '.join(f'sum(r.{count})' for count in table.counts)} FROM ("
            f"SELECT p.span, {columns} FROM parts p JOIN {table.name} t ON t.grain = p.grain "
            f"AND t.topic {topic} AND t.start >= p.start AND t.start < p.stop "
            f"UNION ALL SELECT p.span, {columns} FROM parts p CROSS JOIN LATERAL "
            f"(WITH spans AS (SELECT p.start, p.stop) {table.rows}) t WHERE p.grain = {_FROM_ROWS} AND t.topic {topic}"
            f") r WHERE {_PLACES} GROUP BY 1, 2",
            {
                "spans": [span for span, _, _, _ in parts],
                "grains": [grain for _, grain, _, _ in parts],
                "starts": [start for _, _, start, _ in parts],
                "stops": [stop for _, _, _, stop in parts],
                "topic": filters.topic or (rollups.BY_SOURCE if by_source else rollups.BY_PLACE),
                "everything": [rollups.BY_PLACE, rollups.BY_SOURCE],
                "rivals": rivals,
                "sources": None if sources is None else list(sources),
                "networks": None if networks is None else list(networks),
                "queues": None if filters.queues is None else list(filters.queues),
                "of_networks": None if filters.networks is None else list(filters.networks),
                "languages": None if filters.languages is None else list(filters.languages),
                "zone": periods.bank_zone().key,
                "hour": spans[0][0],
            },
        )
        return {(row[0], row[1]): tuple(int(count) for count in row[2:]) for row in cursor.fetchall()}


def _by_source(filters: Filters, by: Axis) -> bool:
    return filters == EVERYTHING and by in ("none", "day", "hour", "source")


def _parts(start: datetime, stop: datetime, closed: date | None) -> Iterator[Part]:
    """The stretch cut into (grain, start, stop), coarsest where it can be: whole days up to the one `closed`."""
    if closed is not None:
        first = periods.bank_day(start)
        days_from = start if start == periods.midnight(first) else periods.midnight(first + ONE_DAY)
        days_to = periods.midnight(min(periods.bank_day(stop), closed + ONE_DAY))
        if days_from < days_to:
            yield from _within_a_day(start, days_from)
            yield Grain.DAY, days_from, days_to
            start = days_to
    yield from _within_a_day(start, stop)


def _apart(parts: Iterator[Part], by: Axis, anchor: datetime) -> Iterator[Part]:
    """The same parts; what is counted from rows is cut where the axis is, since its rows all begin with their part."""
    for grain, start, stop in parts:
        if grain != _FROM_ROWS or by not in ("hour", "day"):
            yield grain, start, stop
            continue
        while start < stop:
            if by == "day":
                end = periods.midnight(periods.bank_day(start) + ONE_DAY)
            else:
                end = anchor + ((start - anchor) // ONE_HOUR + 1) * ONE_HOUR
            yield grain, start, min(end, stop)
            start = end


def _within_a_day(start: datetime, stop: datetime) -> Iterator[Part]:
    if asof.at() is not None:
        yield _FROM_ROWS, start, stop
        return
    kept = rollups.fine_since(timezone.now())
    quarters_from, quarters_to = rollups.quarter(start, up=True), rollups.quarter(stop)
    if quarters_from >= quarters_to:
        quarters_from = quarters_to = stop
    for grain, begin, end in (
        (Grain.MINUTE, start, quarters_from),
        (Grain.QUARTER, quarters_from, quarters_to),
        (Grain.MINUTE, quarters_to, stop),
    ):
        if begin < end:
            yield _FROM_ROWS if begin < kept else grain, begin, end
