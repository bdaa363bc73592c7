"""Facts whose every number counts: how long waits were, at which hour of the day, when answers came.

A median of a quarter cannot be made from medians of its days, so the numbers themselves are kept: for each bank day
that is over one row a kind, topic and place (`DayFacts`, stored by `commandcenter.dayfacts`), of which as much is read
back as `commandcenter.ranks` needs. What is not over, and the odd ends of a period that begins within a day, is counted
from the rows by the very same statement, so both are always equal.

The kinds, with the moment that puts a fact on its day and what its number is:

    first_response, next_response   the wait's first mention    seconds until the answer
    time_to_claim                   entering the queue          seconds until the claim
    resolution                      the last close              seconds since the first mention
    promise                         the first mention           none; met or missed its resolution target
    answer                          the first mention           minutes since 1970 of the first human reply
    hour                            the mention                 hour of the bank's clock, 0 to 23
    lag                             the mention                 seconds until it was stored here
    late_hour                       the wait's first mention    its hour, of first answers that came too late
    claim                           the claim                   seconds until the first reply of that spell of work
    focus                           the claim                   seconds in focus, of spells that ended
    reply                           the network's confirmation  none; how many, each `once`

Numbers are whole: a part of a second is no part of a wait. Of hours is kept how often there is each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

import psycopg
from django.db import connection

from commandcenter import periods, ranks
from commandcenter.populations import EVERYTHING, GIVEN_BACK, IN_FOCUS, NOT_A_RIVAL, TO_REPLY, Filters, within

What = Literal[
    "first_response",
    "next_response",
    "time_to_claim",
    "resolution",
    "promise",
    "answer",
    "hour",
    "lag",
    "late_hour",
    "claim",
    "focus",
    "reply",
]
Hourly = Literal["hour", "late_hour"]
Axis = Literal["none", "day", "queue", "network", "language", "topic", "person"]
Span = tuple[datetime, datetime]

ONE_DAY = timedelta(days=1)
TABLE = "commandcenter_dayfacts"
COUNTS = ("met", "missed", "dropped", "again", "once")
# The topics that stand for all: by place, of everything, and by queue alone.
EVERY_PLACE, EVERYWHERE, BY_QUEUE = "", "*", "*queue"
SHARES = (0.5, 0.9)

_NO = "false AS met, false AS missed, false AS dropped, false AS again, false AS once"


# Looked up a row, and only by who asks for it.
_NETWORK = "(SELECT a.network FROM mentions_author a WHERE a.id = c.author_id) AS network"


def _stretches(target: str, number: str, more: str = "") -> str:
    """Waits that have stopped; those that run are too few to be kept and change by themselves."""
    return (
        "SELECT s.start, w.network, w.queue_id, w.language, "
        "(SELECT c.topics FROM mentions_conversation c WHERE c.id = w.conversation_id) AS topics, "
        f"{number} AS number, w.met IS TRUE AS met, w.met IS FALSE AS missed, w.reply_id IS NULL AS dropped, "
        "false AS again, false AS once "
        f"{within('mentions_stretch', 'w', 'started_at')} "
        f"WHERE w.origin = 'live' AND w.target = '{target}' AND w.stopped_at IS NOT NULL{more}"
    )


def _conversations(moment: str, number: str, counts: str, where: str) -> str:
    return (
        f"SELECT s.start, {_NETWORK}, c.queue_id, "
        f"c.language, c.topics, {number} AS number, {counts} "
        f"{within('mentions_conversation', 'c', moment)} "
        f"WHERE c.origin = 'live' AND {where}"
    )


_SECONDS = "CASE WHEN w.reply_id IS NOT NULL THEN floor(w.seconds)::int END"
_HOUR = "extract(hour FROM {moment} AT TIME ZONE %(zone)s)::int"
_OF_MENTIONS = (
    "SELECT s.start, m.network, (SELECT c.queue_id FROM mentions_conversation c WHERE c.id = m.conversation_id) "
    f"AS queue_id, m.language, m.topics, {{number}} AS number, {_NO} "
    f"{within('mentions_mention', 'm', 'occurred_at')} "
    f"WHERE m.origin = 'live' AND m.{NOT_A_RIVAL}"
)
BY_PEOPLE = ("claim", "focus", "reply")
_OF_CASES = (
    f"SELECT s.start, {_NETWORK}, k.queue_id, c.language, c.topics, k.owner_id AS person_id, {{number}} AS number, "
    "{counts} " + within("agents_case", "k", "claimed_at") + " "
    "JOIN mentions_conversation c ON c.id = k.conversation_id WHERE c.origin = 'live'{more}"
)
_ONE = "false AS met, false AS missed, false AS dropped, {again} AS again, true AS once"
STATEMENTS: Mapping[What, str] = {
    "claim": _OF_CASES.format(number=TO_REPLY, counts=_ONE.format(again=GIVEN_BACK), more=""),
    "focus": _OF_CASES.format(number="floor(k.focus_s)::int", counts=_NO, more=f" AND {IN_FOCUS}"),
    "reply": (
        f"SELECT s.start, {_NETWORK}, c.queue_id, c.language, c.topics, r.author_id AS person_id, NULL::int AS number, "
        f"{_ONE.format(again='false')} {within('agents_reply', 'r', 'sent_at')} "
        "JOIN mentions_conversation c ON c.id = r.conversation_id WHERE c.origin = 'live'"
    ),
    "first_response": _stretches("first_response", _SECONDS),
    "next_response": _stretches("next_response", _SECONDS),
    "late_hour": _stretches("first_response", _HOUR.format(moment="w.started_at"), " AND w.met IS FALSE"),
    "time_to_claim": (
        f"SELECT s.start, {_NETWORK}, k.queue_id, c.language, c.topics, "
        f"floor(extract(epoch FROM k.claimed_at - k.queued_at))::int AS number, {_NO} FROM spans s CROSS JOIN LATERAL "
        "(SELECT conversation_id, min(queue_id) AS queue_id, queued_at, min(claimed_at) AS claimed_at FROM agents_case "
        "WHERE queued_at >= s.start AND queued_at < s.stop GROUP BY conversation_id, queued_at) k "
        "JOIN mentions_conversation c ON c.id = k.conversation_id WHERE c.origin = 'live'"
    ),
    "resolution": _conversations(
        "closed_at",
        "floor(extract(epoch FROM c.closed_at - c.opened_at))::int",
        "false AS met, false AS missed, false AS dropped, c.reopened_count > 0 AS again, c.reply_count = 1 AS once",
        "c.actionable IS NOT FALSE",
    ),
    "promise": _conversations(
        "opened_at",
        "NULL::int",
        "c.closed_at <= c.resolution_due_at AS met, c.closed_at > c.resolution_due_at AS missed, "
        "false AS dropped, false AS again, false AS once",
        "c.actionable IS NOT FALSE AND c.state = 'closed' AND c.resolution_due_at IS NOT NULL",
    ),
    "answer": _conversations(
        "opened_at",
        "floor(extract(epoch FROM c.first_replied_at) / 60)::int",
        _NO,
        "c.actionable AND c.first_replied_at IS NOT NULL",
    ),
    "hour": _OF_MENTIONS.format(number=_HOUR.format(moment="m.occurred_at")),
    "lag": _OF_MENTIONS.format(number="floor(extract(epoch FROM m.received_at - m.occurred_at))::int"),
}
KINDS = tuple(STATEMENTS)
HOURLY: tuple[Hourly, ...] = ("hour", "late_hour")
# A fact's numbers in one piece, sorted.
NUMBERS = (
    "coalesce(string_agg(int4send({alias}.number), ''::bytea ORDER BY {alias}.number) "
    "FILTER (WHERE {alias}.number IS NOT NULL), ''::bytea)"
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found for one key: how many numbers with their median and 90th percentile, and how many facts were
    met, missed, dropped, reopened or done at once. Where only counts were asked for there are no percentiles."""

    n: int = 0
    met: int = 0
    missed: int = 0
    dropped: int = 0
    again: int = 0
    once: int = 0
    median: float | None = None
    p90: float | None = None


def read(
    what: What,
    start: datetime,
    stop: datetime,
    filters: Filters = EVERYTHING,
    *,
    by: Axis = "none",
    closed: date | None,
    counts: bool = False,
    person: int | None = None,
    whole: bool = False,
    homes: Mapping[int, int] | None = None,
) -> dict[Any, Facts]:
    """The facts of [start, stop) for each value of the axis; what has none is absent.

    `closed` is the last bank day that is stored: days up to it that lie whole within come from their rows. With
    `counts` the numbers stay where they are; `person` asks for one person's deeds alone. With `whole` all of it
    together stands under None; `homes` tells queues by their team, and leaves out those that have none.
    """
    asked = _Asked(what, _parts(start, stop, closed), filters, by, person)

    def gathered(*, entire: bool) -> dict[Any, list[_Row]]:
        piles: dict[Any, list[_Row]] = {}
        for row in _rows(asked, counts=counts, entire=entire):
            key = row.key if homes is None else homes.get(row.key)
            if homes is None or key is not None:
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


def by_hour(
    what: Hourly, start: datetime, stop: datetime, filters: Filters = EVERYTHING, *, closed: date | None
) -> dict[date, list[int]]:
    """How many facts of an hourly kind there are in each hour of the bank's clock, for each bank day that has any."""
    import numpy as np

    asked = _Asked(what, _parts(start, stop, closed), filters, "day")
    told: dict[date, list[int]] = {}
    # What is stored are counts; of the rest come the hours themselves.
    for key, counted, stored in _told(asked, "r.numbers, true", f"{NUMBERS.format(alias='r')}, false"):
        hours = told.setdefault(periods.bank_day(key), [0] * 24)
        found = ranks.numbers(counted)
        for hour, count in enumerate((found if stored else np.bincount(found, minlength=24)).tolist()):
            hours[hour] += count
    return told


def below(
    limit: int, what: What, start: datetime, stop: datetime, filters: Filters = EVERYTHING, *, closed: date | None
) -> dict[date, int]:
    """How many numbers are smaller than a limit, for each bank day that has facts."""
    asked = _Asked(what, _parts(start, stop, closed), filters, "day", values={"limit": limit})
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the facts: of the stored days and of the rows of the rest."""

    what: What
    parts: tuple[Span | None, list[Span]]
    filters: Filters
    by: Axis
    person: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """The stored rows to read: the fewest that tell apart what is asked for."""
        if self.filters.topic:
            return self.filters.topic
        places = {
            name for name in ("network", "language") if self.by == name or getattr(self.filters, name) is not None
        }
        if places or self.by == "topic":
            return EVERY_PLACE
        return BY_QUEUE if self.by == "queue" or self.filters.queues is not None else EVERYWHERE

    @property
    def places(self) -> str:
        """The conditions of the filters that are set, for stored rows and fresh ones alike."""
        conditions = [
            condition
            for value, condition in (
                (self.filters.queues, "r.queue_id = ANY(%(queues)s::bigint[])"),
                (self.filters.network, "r.network = %(network)s"),
                (self.filters.language, "r.language = %(language)s"),
                (self.person, "r.person_id = %(person)s::bigint"),
            )
            if value is not None
        ]
        return "".join(f" AND {condition}" for condition in conditions)


_N = "octet_length(r.numbers) / 4"
_AXES: Mapping[Axis, str] = {"none": "NULL", "day": "r.start", "queue": "r.queue_id", "person": "r.person_id"}


@dataclass(frozen=True, slots=True)
class _Row:
    """What one stored row (`row`), or the rest of a period, has for a key; `counts` are n and `COUNTS`."""

    key: Any
    counts: tuple[int, ...]
    row: int = 0
    marks: bytes = b""
    numbers: bytes | None = None


def _rows(asked: _Asked, *, counts: bool, entire: bool) -> list[_Row]:
    """Of a long row that has marks the numbers stay behind, unless all are wanted `entire`; with `counts` all do."""
    stored = f"{_N}, {', '.join(f'r.{name}' for name in COUNTS)}"
    fresh = ", ".join(["count(r.number)::int", *(f"count(*) FILTER (WHERE r.{name})::int" for name in COUNTS)])
    if not counts:
        stored += ", r.id, r.marks, " + ("r.numbers" if entire else "CASE WHEN r.marks = '' THEN r.numbers END")
        fresh += f", 0::bigint, ''::bytea, {NUMBERS.format(alias='r')}"
    width = len(COUNTS) + 1
    return [
        _Row(periods.bank_day(key) if asked.by == "day" else key, tuple(figures[:width]), *figures[width:])
        for key, *figures in _told(asked, stored, fresh)
    ]


def _told(asked: _Asked, stored: str, fresh: str) -> list[tuple[Any, ...]]:
    """The key and the `stored` columns of each row of the stored days, and the `fresh` ones of the rest by key."""
    (days, ends), filters, by = asked.parts, asked.filters, asked.by
    axis = _AXES.get(by, f"r.{by}")
    parts = []
    if days is not None:
        topics = "= %(topic)s" if by != "topic" or filters.topic else "<> ALL(%(everything)s::text[])"
        parts.append(
            f"SELECT {axis}, {stored} FROM {TABLE} r WHERE r.what = %(what)s AND r.topic {topics} "
            f"AND r.start >= %(days_from)s AND r.start < %(days_to)s{asked.places}"
        )
    if ends:
        each = ""
        if by == "topic":
            axis = "%(topic)s::text" if filters.topic else "t.topic"
            each = "" if filters.topic else " CROSS JOIN LATERAL (SELECT DISTINCT unnest(r.topics) AS topic) t"
        having = " AND r.topics @> ARRAY[%(topic)s]::varchar[]" if filters.topic else ""
        parts.append(
            "SELECT * FROM (WITH spans AS (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) "
            f"AS s(start, stop)) SELECT {axis} AS key, {fresh} FROM ({STATEMENTS[asked.what]}) r{each} "
            f"WHERE true{having}{asked.places} GROUP BY 1) f"
        )
    if not parts:
        return []
    values = {
        "what": asked.what,
        "topic": asked.topic,
        "everything": [EVERY_PLACE, EVERYWHERE, BY_QUEUE],
        "days_from": days[0] if days else None,
        "days_to": days[1] if days else None,
        "starts": [span[0] for span in ends],
        "stops": [span[1] for span in ends],
        "queues": None if filters.queues is None else list(filters.queues),
        "network": filters.network,
        "language": filters.language,
        "zone": periods.bank_zone().key,
        "person": asked.person,
        **asked.values,
    }
    return _fetched(" UNION ALL ".join(parts), values)


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


def _parts(start: datetime, stop: datetime, closed: date | None) -> tuple[Span | None, list[Span]]:
    """The whole days that are stored, and the rest as spans that never cross the bank's midnight."""
    days: Span | None = None
    if closed is not None:
        first = periods.bank_day(start)
        days_from = start if start == periods.midnight(first) else periods.midnight(first + ONE_DAY)
        days_to = periods.midnight(min(periods.bank_day(stop), closed + ONE_DAY))
        if days_from < days_to:
            days = days_from, days_to
    rest = [(start, stop)] if days is None else [(start, days[0]), (days[1], stop)]
    ends = []
    for begin, end in rest:
        while begin < end:
            midnight = periods.midnight(periods.bank_day(begin) + ONE_DAY)
            ends.append((begin, min(midnight, end)))
            begin = midnight
    return days, ends
