"""Answers from what is stored of the facts, as much of it as is needed; what is not stored is counted from its rows by
the very same statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

import psycopg
from django.db import connection

from commandcenter import asof, periods
from commandcenter.facts import keeping, ranks
from commandcenter.facts.keeping import BY_NETWORK, BY_QUEUE, EVERY_PLACE, EVERYWHERE, TABLE
from commandcenter.facts.kinds import BY_PEOPLE, COUNTS, NUMBERS, STATEMENTS, Hourly, What
from commandcenter.models import Grain
from commandcenter.populations import EVERYTHING, Filters

Axis = Literal["none", "day", "queue", "network", "language", "topic", "person"]

Span = tuple[datetime, datetime]

ONE_DAY = timedelta(days=1)
SHARES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found for one key: how many numbers with their median and 90th percentile, and how many facts were
    met, missed, dropped, done again or at once. Where only counts were asked for there are no percentiles."""

    n: int = 0
    met: int = 0
    missed: int = 0
    dropped: int = 0
    again: int = 0
    once: int = 0
    total: int = 0
    median: float | None = None
    p90: float | None = None


def read(
    what: What,
    start: datetime,
    stop: datetime,
    filters: Filters = EVERYTHING,
    *,
    by: Axis = "none",
    counts: bool = False,
    person: int | None = None,
    whole: bool = False,
    onto: Callable[[Any], Any] | None = None,
) -> dict[Any, Facts]:
    """The facts of [start, stop) for each value of the axis; what has none is absent.

    With `counts` the numbers stay where they are; `person` asks for one person's deeds alone. With `whole` all of it
    together stands under None; `onto` tells what a key (a day, a queue) belongs to, and leaves it out where that is
    None.
    """
    asked = _Asked(what, start, stop, filters, by, person)

    def gathered(*, entire: bool) -> dict[Any, list[_Row]]:
        piles: dict[Any, list[_Row]] = {}
        for row in _rows(asked, counts=counts, entire=entire):
            key = row.key if onto is None else onto(row.key)
            if onto is None or key is not None:
                piles.setdefault(key, []).append(row)
        if whole:
            piles[None] = [row for pile in piles.values() for row in pile]
        return piles

    piles = gathered(entire=False)
    if counts:
        return {key: _together(pile) for key, pile in piles.items()}
    wanted = _narrowed(piles)
    slices = _slices(ranks.missing(one for pair in wanted.values() for one in pair))
    if slices is None:  # a day was counted again in between
        piles = gathered(entire=True)
        wanted, slices = _narrowed(piles), {}
    return {
        key: _together(pile, *(one.value(slices) if one else None for one in wanted[key]))
        for key, pile in piles.items()
    }


def by_hour(what: Hourly, start: datetime, stop: datetime, filters: Filters = EVERYTHING) -> dict[date, list[int]]:
    """How many facts of an hourly kind there are in each hour of the bank's clock, for each bank day that has any."""
    import numpy as np

    asked = _Asked(what, start, stop, filters, "day")
    told: dict[date, list[int]] = {}
    # What is stored are counts; of the rest come the hours themselves.
    for key, counted, stored in _told(asked, "r.numbers, true", f"{NUMBERS.format(alias='r')}, false"):
        hours = told.setdefault(periods.bank_day(key), [0] * 24)
        found = ranks.numbers(counted)
        for hour, count in enumerate((found if stored else np.bincount(found, minlength=24)).tolist()):
            hours[hour] += count
    return told


def below(limit: int, what: What, start: datetime, stop: datetime, filters: Filters = EVERYTHING) -> dict[date, int]:
    """How many numbers are smaller than a limit, for each bank day that has facts."""
    asked = _Asked(what, start, stop, filters, "day", limit=limit)
    told: dict[date, int] = {}
    # Where the last number is below the limit, all are.
    stored = (
        f"{_N}, CASE WHEN substring(r.numbers FROM octet_length(r.numbers) - 3) >= int4send(%(limit)s::int) "
        "THEN r.numbers END"
    )
    for key, n, numbers in _told(asked, stored, "count(*) FILTER (WHERE r.number < %(limit)s::int)::int, NULL::bytea"):
        day = periods.bank_day(key)
        told[day] = told.get(day, 0) + (n if numbers is None else int((ranks.numbers(numbers) < limit).sum()))
    return told


def distinct(
    what: What,
    start: datetime,
    stop: datetime,
    filters: Filters = EVERYTHING,
    *,
    onto: Callable[[date], date] = lambda day: day,
) -> dict[date | None, int]:
    """How many different numbers there are on each bank day that has any, or in what it belongs `onto`, and under None
    in all of [start, stop)."""
    asked = _Asked(what, start, stop, filters, "day")
    piles: dict[date, list[ranks.Numbers]] = {}
    for key, stored in _told(asked, "r.numbers", NUMBERS.format(alias="r")):
        piles.setdefault(onto(periods.bank_day(key)), []).append(ranks.numbers(stored))
    told: dict[date | None, int] = {day: ranks.different(pile) for day, pile in piles.items()}
    return told | {None: ranks.different([run for pile in piles.values() for run in pile])}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the facts."""

    what: What
    start: datetime
    stop: datetime
    filters: Filters
    by: Axis
    person: int | None = None
    limit: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What the statements for stored rows and fresh ones name alike."""
        chosen = self.filters
        return {
            "topic": self.topic,
            "queues": None if chosen.queues is None else list(chosen.queues),
            "networks": None if chosen.networks is None else list(chosen.networks),
            "languages": None if chosen.languages is None else list(chosen.languages),
            "person": self.person,
            "limit": self.limit,
        }

    @property
    def told_apart(self) -> frozenset[str]:
        """What rows have to be told apart by: none, some or all of queue, network, language and topic."""
        chosen = {
            "queue": self.filters.queues,
            "network": self.filters.networks,
            "language": self.filters.languages,
            "topic": self.filters.topic,
        }
        return frozenset(name for name, some in chosen.items() if self.by == name or some is not None)

    @property
    def placed(self) -> bool:
        """Whether the rows of single places are needed, and not those that stand for all places."""
        return "language" in self.told_apart or len(self.told_apart) > 1

    @property
    def of_networks(self) -> bool:
        """Whether the rows to read are those that name a network."""
        return self.placed or "network" in self.told_apart

    @property
    def topic(self) -> str:
        """The stored rows to read: the fewest that tell apart what is asked for."""
        if self.filters.topic:
            return self.filters.topic
        if self.placed or self.by == "topic":
            return EVERY_PLACE
        if "queue" in self.told_apart:
            return BY_QUEUE
        return BY_NETWORK if "network" in self.told_apart else EVERYWHERE

    @property
    def by_hour(self) -> bool:
        """Whether single hours are stored of what is asked for."""
        return not self.placed and (self.what not in BY_PEOPLE or (self.topic == EVERYWHERE and self.by != "topic"))

    @property
    def places(self) -> str:
        """The conditions of the filters that are set, for stored rows and fresh ones alike."""
        conditions = [
            condition
            for value, condition in (
                (self.filters.queues, "r.queue_id = ANY(%(queues)s::bigint[])"),
                (self.filters.networks, "r.network = ANY(%(networks)s::text[])"),
                (self.filters.languages, "r.language = ANY(%(languages)s::text[])"),
                (self.person, "r.person_id = %(person)s::bigint"),
            )
            if value is not None
        ]
        return "".join(f" AND {condition}" for condition in conditions)


_N = "octet_length(r.numbers) / 4"
_COLUMNS: Mapping[Axis, str] = {
    "day": "start",
    "queue": "queue_id",
    "network": "network",
    "language": "language",
    "topic": "topic",
    "person": "person_id",
}
_FINEST = ("start", "queue_id", "network", "language", "topics")


@dataclass(frozen=True, slots=True)
class _Row:
    """What one stored row (`row`), or the rest of a period, has for a key; `counts` are n, `COUNTS` and the total."""

    key: Any
    counts: tuple[int, ...]
    row: int = 0
    marks: bytes = b""
    numbers: bytes | None = None


def _rows(asked: _Asked, *, counts: bool, entire: bool) -> list[_Row]:
    """Of a long row that has marks the numbers stay behind, unless all are wanted `entire`; with `counts` all do."""
    stored = f"{_N}, {', '.join(f'r.{name}' for name in COUNTS)}, r.total"
    fresh = ", ".join(["count(r.number)::int", *(f"count(*) FILTER (WHERE r.{name})::int" for name in COUNTS)])
    fresh += ", coalesce(sum(r.number), 0)::bigint"
    if not counts:
        stored += ", r.id, r.marks, " + ("r.numbers" if entire else "CASE WHEN r.marks = '' THEN r.numbers END")
        fresh += f", 0::bigint, ''::bytea, {NUMBERS.format(alias='r')}"
    width = len(COUNTS) + 2
    return [
        _Row(periods.bank_day(key) if asked.by == "day" else key, tuple(figures[:width]), *figures[width:])
        for key, *figures in _told(asked, stored, fresh)
    ]


def _told(asked: _Asked, stored: str, fresh: str) -> list[tuple[Any, ...]]:
    """The key and the `stored` columns of each row that is kept, and the key and the `fresh` ones of what lies at one
    place of the rest."""
    parts = _parts(asked)
    return [*_kept(asked, parts, stored), *_rest(asked, parts.rest, fresh)]


def _kept(asked: _Asked, parts: _Parts, stored: str) -> list[tuple[Any, ...]]:
    axis = f"r.{_COLUMNS[asked.by]}" if asked.by != "none" else "NULL"

    def kept(grain: Grain, when: str) -> str:
        each = asked.by == "topic" and not asked.filters.topic
        topics = _single_topics(grain) if each else "%(topic)s"
        return (
            f"SELECT {axis}, {stored} FROM {TABLE} r WHERE r.grain = {int(grain)} AND r.what = %(what)s "
            f"AND r.topic = {topics} AND r.network {'<>' if asked.of_networks else '='} ''{asked.places} AND {when}"
        )

    selects = []
    if parts.days:
        doubted = " AND r.start <> ALL(%(doubted)s::timestamptz[])" if parts.doubted else ""
        selects.append(kept(Grain.DAY, f"r.start >= %(days_from)s AND r.start < %(days_to)s{doubted}"))
    if parts.hours:
        selects.append(kept(Grain.HOUR, "r.start = ANY(%(hours)s::timestamptz[])"))
    if not selects:
        return []
    values = {
        "what": asked.what,
        "everything": [EVERY_PLACE, EVERYWHERE, BY_QUEUE, BY_NETWORK],
        "days_from": parts.days[0] if parts.days else None,
        "days_to": parts.days[1] if parts.days else None,
        "doubted": parts.doubted,
        "hours": parts.hours,
    }
    return _fetched(" UNION ALL ".join(selects), values | asked.values)


def _single_topics(grain: Grain) -> str:
    """Each topic that is kept, found one after the other in the index: with their names the rows of a few hours are
    there at once, where what is merely none of the others would be looked for in all hours."""
    following = f"SELECT k.topic FROM {TABLE} k WHERE k.grain = {int(grain)} AND k.what = %(what)s"
    return (
        f"ANY(ARRAY(WITH RECURSIVE t(topic) AS (({following} ORDER BY k.topic LIMIT 1) UNION ALL "
        f"SELECT ({following} AND k.topic > t.topic ORDER BY k.topic LIMIT 1) FROM t WHERE t.topic IS NOT NULL) "
        "SELECT t.topic FROM t WHERE t.topic <> ALL(%(everything)s::text[])))"
    )


def _rest(asked: _Asked, spans: Sequence[Span], fresh: str) -> list[tuple[Any, ...]]:
    """What nothing is stored of, counted once for all the axes by which a report asks: to plan its statement over the
    months of the events takes longer than to run it."""
    if not spans:
        return []
    same = (asked.what, asked.filters, asked.person, asked.limit, *spans, fresh)
    places = asof.once(same, lambda: _places(asked, spans, fresh))
    return [(key, *figures) for place, figures in places for key in _keys(asked, place)]


def _places(asked: _Asked, spans: Sequence[Span], fresh: str) -> list[tuple[Mapping[str, Any], tuple[Any, ...]]]:
    """What the rows of some spans say for each of the finest places that can be asked for."""
    names = [*_FINEST, *(["person_id"] if asked.what in BY_PEOPLE else [])]
    finest = ", ".join(f"r.{name}" for name in names)
    having = " AND r.topics @> ARRAY[%(topic)s]::varchar[]" if asked.filters.topic else ""
    found = _fetched(
        "WITH spans AS (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) AS s(start, stop)) "
        f"SELECT {finest}, {fresh} FROM ({STATEMENTS[asked.what]}) r WHERE true{having}{asked.places} "
        f"GROUP BY {finest}",
        {
            "starts": [span[0] for span in spans],
            "stops": [span[1] for span in spans],
            "zone": periods.bank_zone().key,
        }
        | asked.values,
    )
    return [(dict(zip(names, row, strict=False)), row[len(names) :]) for row in found]


def _keys(asked: _Asked, place: Mapping[str, Any]) -> Iterable[Any]:
    """What a place is counted under by the axis that is asked for."""
    if asked.by == "topic":
        return (asked.filters.topic,) if asked.filters.topic else set(place["topics"])
    return (place[_COLUMNS[asked.by]] if asked.by != "none" else None,)


@dataclass(frozen=True, slots=True)
class _Parts:
    """How a stretch of time is read: whole `days` between two midnights but for the `doubted` ones, single `hours`, and
    the `rest` from the rows, in spans that never cross the bank's midnight."""

    days: Span | None = None
    doubted: list[datetime] = field(default_factory=list)
    hours: list[datetime] = field(default_factory=list)
    rest: list[Span] = field(default_factory=list)


def _parts(asked: _Asked) -> _Parts:
    kept = keeping.kept()
    if kept is None:
        return _Parts(rest=list(_by_days(asked.start, asked.stop)))
    doubted = kept.doubted.get(asked.what, frozenset())
    first = periods.bank_day(asked.start)
    days_from = asked.start if asked.start == periods.midnight(first) else periods.midnight(first + ONE_DAY)
    days_to = periods.midnight(periods.bank_day(min(asked.stop, kept.until)))
    if days_from < days_to:
        unsure = [periods.midnight(day) for day in sorted({periods.bank_day(hour) for hour in doubted})]
        parts = _Parts((days_from, days_to), [midnight for midnight in unsure if days_from <= midnight < days_to])
        ends = [(asked.start, days_from), *_each_day(parts.doubted), (days_to, asked.stop)]
    else:
        parts, ends = _Parts(), [(asked.start, asked.stop)]
    for start, stop in ends:
        for begin, end in _by_days(start, stop):
            hours = _whole_hours(begin, min(end, kept.until)) if asked.by_hour else []
            good = [hour for hour in hours if hour not in doubted]
            parts.hours.extend(good)
            parts.rest.extend(_between(begin, end, good))
    return parts


def _each_day(midnights: Iterable[datetime]) -> list[Span]:
    return [(midnight, keeping.midnight_after(midnight)) for midnight in midnights]


def _whole_hours(start: datetime, stop: datetime) -> list[datetime]:
    """The hours that lie whole within a stretch of one day."""
    first = keeping.hour_of(start)
    begun = keeping.hours(first if first == start else keeping.hour_after(first), stop)
    return [hour for hour in begun if keeping.hour_after(hour) <= stop]


def _between(start: datetime, stop: datetime, hours: Sequence[datetime]) -> Iterator[Span]:
    """What some hours in a stretch leave over of it."""
    for hour in hours:
        if start < hour:
            yield start, hour
        start = keeping.hour_after(hour)
    if start < stop:
        yield start, stop


def _by_days(start: datetime, stop: datetime) -> Iterator[Span]:
    """The stretch cut at the bank's midnights."""
    while start < stop:
        end = min(keeping.midnight_after(start), stop)
        yield start, end
        start = end


def _slices(wanted: Sequence[ranks.Slice]) -> dict[ranks.Slice, Any] | None:
    """What these slices of stored numbers hold; None where a row is gone."""
    if not wanted:
        return {}
    rows, starts, stops = (list(column) for column in zip(*wanted, strict=True))
    found = _fetched(
        "SELECT w.place, r.numbers FROM unnest(%(rows)s::bigint[], %(starts)s::int[], %(stops)s::int[]) "
        "WITH ORDINALITY w(id, start, stop, place) CROSS JOIN LATERAL (SELECT substring(k.numbers "
        f"FROM 4 * w.start + 1 FOR 4 * (w.stop - w.start)) AS numbers FROM {TABLE} k WHERE k.id = w.id OFFSET 0) r",
        {"rows": rows, "starts": starts, "stops": stops},
    )
    if len(found) < len(wanted):
        return None
    return {wanted[place - 1]: ranks.numbers(stored) for place, stored in found}


def _fetched(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """In the binary protocol, in which numbers by the thousand need not be spelled out."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, binary=True).fetchall()


def _narrowed(piles: Mapping[Any, Sequence[_Row]]) -> dict[Any, list[ranks.Narrowed | None]]:
    """For each pile where its percentiles are to be looked for."""
    told = {}
    for key, pile in piles.items():
        runs = [ranks.Run(row.row, row.counts[0], ranks.numbers(row.marks)) for row in pile if row.numbers is None]
        pool = ranks.numbers(b"".join([row.numbers for row in pile if row.numbers is not None]))
        told[key] = ranks.narrow(runs, pool, SHARES)
    return told


def _together(pile: Sequence[_Row], median: float | None = None, p90: float | None = None) -> Facts:
    counts = Facts(*(sum(column) for column in zip(*(row.counts for row in pile), strict=True)))
    return replace(counts, median=median, p90=p90)
