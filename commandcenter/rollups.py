"""Counts kept beside the rows: exact, cheap to read, and never added to.

A consumer of the sealed events. `roll` finds the minutes whose rows an event touched and counts each of them
again, whole, from the rows; quarters are summed from their minutes and days from their quarters. A late post,
an edit, a correction, a transfer, a first reply finds its minute by the row's own time, so the order of events
does not matter and a doubled one does no harm. In a burst only the running minute is counted again and again,
not the quarter of an hour it lies in, which is what keeps a pass short at 500 posts a second.

Minutes and quarters older than `FINE_KEPT` are dropped; what still changes there is counted into its day from
the rows directly.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from commandcenter import asof, earlier, facts, periods, populations
from commandcenter.models import Grain
from mentions import events
from mentions.live import tell
from mentions.models import Consumer, Origin

TOPIC = "counted"  # told with the position up to which everything has been counted
FINE_KEPT = timedelta(days=9)  # a week ago at this time, and room for a long weekend without a listener
ONE_DAY = timedelta(days=1)
_MARK, _DAYS_MARK = "counts", "days"
LOOP = "rollups loop"  # whose row says when the loop was last there, also where there is nothing to count
_BEAT_S = 5.0
_BATCH = 10_000
# A history loaded at once has so many events that counting its rows anew is quicker than following them.
_HISTORY = 30_000
_NOTICED = 1000
_QUARTER_S = 15 * 60
_DAYS_AT_ONCE = 7
# A pass may take this share of the time at most: after a long one the next waits, and takes more events at once.
_SHARE = 0.25
# Events after which no rolled-up figure of their conversation can differ. Kinds not named here are looked after.
_UNCOUNTED = frozenset(
    {
        *("case.claimed", "case.released", "case.assigned", "case.expired", "note.added"),
        *("conversation.pending", "conversation.woken", "conversation.overdue"),
        *("reply.submitted", "reply.approved", "reply.returned", "reply.undone", "reply.refused", "reply.retracted"),
        *("reply.sending", "reply.failed", "reply.delayed"),
    }
)
_MOVED = frozenset({"from_queue", "opened_before", "began_before"})
# Spells of work are no count, but they are facts: who claimed, how long it had stood, and whether it was given back.
_NO_FACT = _UNCOUNTED - {"case.claimed", "case.assigned", "case.released", "case.expired"}


@dataclass(frozen=True, slots=True)
class Table:
    """One rollup table: its counts, and the statement that makes them from rows.

    `rows` reads the stretches of time from `spans(start, stop)` and yields `KEYS` and then `counts`, to be summed:
    a key may come several times.
    """

    name: str
    counts: tuple[str, ...]
    rows: str


# Beside a topic of its own, a row may stand for every topic: by place, or only by source, where nothing is filtered.
BY_PLACE = ""
BY_SOURCE = "*"
KEYS = ("start", "topic", "source_id", "network", "queue_id", "language")


def _told_apart(counts: Sequence[str], inner: str) -> str:
    """Counts by place and combination of topics, told for the sources, for the places, and for each topic."""
    place = ", ".join(
        f"CASE WHEN t.topic = '{BY_SOURCE}' THEN {blank} ELSE g.{key} END AS {key}"
        for key, blank in (("network", "''"), ("queue_id", "NULL"), ("language", "''"))
    )
    return (
        f"SELECT g.start, t.topic, g.source_id, {place}, {', '.join(counts)} FROM ({inner}) g CROSS JOIN LATERAL "
        f"(SELECT '{BY_SOURCE}'::varchar UNION ALL SELECT '{BY_PLACE}' UNION ALL SELECT DISTINCT unnest(g.topics)) "
        "t(topic)"
    )


_MENTION_COUNTS = ("total", "private", "spam", "positive", "neutral", "negative", "heard", "reach")
_CONVERSATION_COUNTS = ("total", "actionable", "undecided", "answered")

MENTIONS = Table(
    "commandcenter_mentionrollup",
    _MENTION_COUNTS,
    _told_apart(
        _MENTION_COUNTS,
        "SELECT s.start, m.source_id, m.network, m.language, m.topics, "
        # A look-up a row, where a join would sometimes be planned as a pass over every conversation there is.
        "(SELECT c.queue_id FROM mentions_conversation c WHERE c.id = m.conversation_id) AS queue_id, "
        "count(*) AS total, "
        "count(*) FILTER (WHERE m.visibility = 'private') AS private, count(*) FILTER (WHERE m.spam) AS spam, "
        "count(*) FILTER (WHERE m.sentiment = 1 AND NOT m.spam) AS positive, "
        "count(*) FILTER (WHERE m.sentiment = 0 AND NOT m.spam) AS neutral, "
        "count(*) FILTER (WHERE m.sentiment = -1 AND NOT m.spam) AS negative, "
        f"count(*) FILTER (WHERE {populations.HEARD}) AS heard, "
        f"coalesce(sum(m.reach) FILTER (WHERE {populations.HEARD}), 0) AS reach "
        f"{populations.within('mentions_mention', 'm', 'occurred_at')} "
        "WHERE m.origin = 'live' GROUP BY 1, 2, 3, 4, 5, 6",
    ),
)
CONVERSATIONS = Table(
    "commandcenter_conversationrollup",
    _CONVERSATION_COUNTS,
    _told_apart(
        _CONVERSATION_COUNTS,
        "SELECT s.start, c.source_id, c.queue_id, c.language, c.topics, "
        "(SELECT a.network FROM mentions_author a WHERE a.id = c.author_id) AS network, count(*) AS total, "
        "count(*) FILTER (WHERE c.actionable) AS actionable, "
        "count(*) FILTER (WHERE c.actionable IS NULL) AS undecided, "
        "count(*) FILTER (WHERE c.actionable AND c.first_replied_at IS NOT NULL) AS answered "
        f"{populations.within('mentions_conversation', 'c', 'opened_at')} "
        "WHERE c.origin = 'live' GROUP BY 1, 2, 3, 4, 5, 6",
    ),
)
TABLES = (MENTIONS, CONVERSATIONS)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a pass did: how far in the sealed events it came, how many it read, and how many minutes it counted."""

    position: int
    events: int
    minutes: int


class Roller:
    """The listener's loop: passes as often as asked, unless they have become long."""

    def __init__(self) -> None:
        self._rest_until = self._beat_at = 0.0

    def tick(self) -> bool:
        """Bring the rollups up to date with the sealed events. True if more is waiting."""
        began = time.monotonic()
        if began >= self._beat_at:
            self._beat_at = began + _BEAT_S
            _beat()
        if began < self._rest_until:
            return False
        rolled = roll()
        took = time.monotonic() - began
        more = rolled is not None and rolled.events >= _BATCH
        self._rest_until = 0.0 if more else began + took / _SHARE
        return more


def _beat() -> None:
    """Let walls know, by the database's clock, that somebody counts: silence may be calm, or nobody listening."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mentions_consumer (name, position, updated_at) VALUES (%s, 0, statement_timestamp()) "
            "ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at",
            [LOOP],
        )


def roll(*, now: datetime | None = None) -> Rolled | None:
    """Take the next sealed events and count again what they touched; None if there was nothing to do."""
    moment = now or timezone.now()
    if not _pending(moment):
        return None
    if reached() == 0 and behind() > _HISTORY:
        start_over(now=moment)
    with transaction.atomic(), connection.cursor() as cursor:
        position = _lock(cursor)
        fresh = events.after(position, limit=_BATCH)
        minutes = 0
        for table, touched in _touched(cursor, fresh):
            minutes += len(touched)
            _recount(cursor, table, touched, moment)
        _doubt_facts(cursor, fresh, moment)
        _close_days(cursor, moment)
        if fresh:
            position = fresh[-1].position
            Consumer.objects.filter(name=_mark()).update(position=position, updated_at=timezone.now())
    if fresh:
        tell(TOPIC, position=position)
    return Rolled(position, len(fresh), minutes)


def rebuild(start: datetime, stop: datetime, *, now: datetime | None = None) -> None:
    """Count everything between two moments again from the rows, widened to whole bank days; a day a transaction."""
    moment = now or timezone.now()
    first, last = periods.bank_day(start), periods.bank_day(stop)
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        begin, end = periods.midnight(day), min(periods.midnight(day + ONE_DAY), quarter(moment, up=True))
        with transaction.atomic(), connection.cursor() as cursor:
            _lock(cursor)
            for table in TABLES:
                _recount(cursor, table, set(_steps(begin, end, 60)), moment)
            _close_days(cursor, moment)
    facts.doubt_between(periods.midnight(first), min(periods.midnight(last + ONE_DAY), moment))


def start_over(*, now: datetime | None = None) -> None:
    """Count every row anew, and go on with the events that are sealed from here on."""
    moment = now or timezone.now()
    position = events.last_position()
    facts.forget()
    with connection.cursor() as cursor:
        oldest = populations.oldest(cursor)
    if oldest is not None:
        rebuild(oldest, moment, now=moment)
    with transaction.atomic(), connection.cursor() as cursor:
        if _lock(cursor) < position:
            Consumer.objects.filter(name=_mark()).update(position=position, updated_at=timezone.now())


def behind() -> int:
    """How many sealed events the rollups have not seen yet."""
    return max(events.last_position() - reached(), 0)


def noticeably_behind() -> int:
    """`behind` where figures can be seen to lack something; a burst is counted within seconds and tells nobody."""
    return events_to_go if (events_to_go := behind()) > _NOTICED else 0


def closed_until() -> date | None:
    """The last bank day that is stored as a whole; None before the first."""
    ordinal = Consumer.objects.filter(name=_days_mark()).values_list("position", flat=True).first()
    return date.fromordinal(ordinal) if ordinal else None


def stored_until() -> date | None:
    """`closed_until` for whoever reads: what is stored tells of now, and nothing of what was known before."""
    return None if asof.at() else asof.once("closed until", closed_until)


def fine_since(now: datetime) -> datetime:
    """The moment from which on minutes and quarters are kept: always the start of a quarter."""
    return quarter(now - FINE_KEPT)


def quarter(moment: datetime, *, up: bool = False) -> datetime:
    """The quarter of an hour that a moment lies in, by its start; with `up`, the next one unless it starts now."""
    seconds = moment.timestamp()
    whole = -(-seconds // _QUARTER_S) if up else seconds // _QUARTER_S
    return datetime.fromtimestamp(whole * _QUARTER_S, UTC)


def reached() -> int:
    """The sealed position up to which everything has been counted."""
    return Consumer.objects.filter(name=_mark()).values_list("position", flat=True).first() or 0


def _pending(now: datetime) -> bool:
    closed = closed_until()
    return behind() > 0 or closed is None or closed < periods.bank_day(now) - ONE_DAY


def _lock(cursor: Any) -> int:
    """One counts at a time, whoever else thinks it leads."""
    cursor.execute(
        "INSERT INTO mentions_consumer (name, position, updated_at) VALUES (%s, 0, now()) ON CONFLICT DO NOTHING",
        [_mark()],
    )
    cursor.execute("SELECT position FROM mentions_consumer WHERE name = %s FOR UPDATE", [_mark()])
    position = int(cursor.fetchone()[0])
    if position == 0:
        _forget_others(_MARK, _mark())
    return position


@dataclass(frozen=True)
class _About:
    """The rows (ids) that events are about; of `moved` conversations the mentions belong to another queue now, or they
    began earlier than was known, as their mentions still tell.
    """

    mentions: list[int]
    conversations: list[int]
    moved: list[int]


def _about(fresh: Iterable[events.Event], without: Collection[str]) -> _About:
    told = [event for event in fresh if event.origin == Origin.LIVE and event.kind not in without]
    held = [(event.conversation_id, event) for event in told if event.conversation_id is not None]
    return _About(
        list({event.mention_id for event in told if event.mention_id is not None}),
        list({conversation for conversation, _event in held}),
        list({conversation for conversation, event in held if _MOVED & event.data.keys()}),
    )


def _touched(cursor: Any, fresh: Iterable[events.Event]) -> list[tuple[Table, set[datetime]]]:
    """The minutes in which these events may have changed a count."""
    about = _about(fresh, _UNCOUNTED)
    cursor.execute(
        "SELECT date_trunc('minute', occurred_at) FROM mentions_mention WHERE id = ANY(%s) UNION "
        "SELECT date_trunc('minute', occurred_at) FROM mentions_mention WHERE conversation_id = ANY(%s)",
        [about.mentions, about.moved],
    )
    of_mentions = {start for (start,) in cursor.fetchall()}
    cursor.execute(
        "SELECT date_trunc('minute', opened_at) FROM mentions_conversation WHERE id = ANY(%s) UNION "
        "SELECT date_trunc('minute', occurred_at) FROM mentions_mention WHERE conversation_id = ANY(%s)",
        [about.conversations, about.moved],
    )
    return [(MENTIONS, of_mentions), (CONVERSATIONS, {start for (start,) in cursor.fetchall()})]


def _doubt_facts(cursor: Any, fresh: Iterable[events.Event], now: datetime) -> None:
    """Have those facts counted again that these events may have changed."""
    about = _about(fresh, _NO_FACT)
    facts.doubt(cursor, mentions=about.mentions, moved=about.moved, conversations=about.conversations, now=now)


def _recount(cursor: Any, table: Table, minutes: Collection[datetime], now: datetime) -> None:
    """Count these minutes again, and every quarter and stored day above them."""
    since, closed = fine_since(now), closed_until()
    recent = [start for start in minutes if start >= since]
    _replace(cursor, table, Grain.MINUTE, _spans(recent, 60), table.rows)
    quarters = {quarter(start) for start in recent}
    _replace(cursor, table, Grain.QUARTER, _spans(quarters, _QUARTER_S), _sum(table, Grain.MINUTE))
    days = {periods.bank_day(quarter(start)) for start in minutes}
    if closed is not None:
        _recount_days(cursor, table, (day for day in days if day <= closed), now)


def _recount_days(cursor: Any, table: Table, days: Iterable[date], now: datetime) -> None:
    """Count whole days again: from their quarters where all are kept, else from the rows."""
    since = fine_since(now)
    spans = [(periods.midnight(day), periods.midnight(day + ONE_DAY)) for day in sorted(days)]
    _replace(cursor, table, Grain.DAY, [span for span in spans if span[0] >= since], _sum(table, Grain.QUARTER))
    _replace(cursor, table, Grain.DAY, [span for span in spans if span[0] < since], table.rows)


def _close_days(cursor: Any, now: datetime) -> None:
    """Store the days that are over since the last time, oldest first, and drop what was kept for them.

    The mark of the last stored day carries the bank's zone and what is counted in its name: where either is changed,
    the days of the old one go and all are counted anew.
    """
    yesterday, closed = periods.bank_day(now) - ONE_DAY, closed_until()
    if closed is not None and closed >= yesterday:
        return
    if closed is None:
        _forget_others(_DAYS_MARK, _days_mark())
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table.name} WHERE grain = %s", [Grain.DAY])
        oldest = populations.oldest(cursor)
        closed = (yesterday if oldest is None else min(periods.bank_day(oldest), yesterday + ONE_DAY)) - ONE_DAY
    days = [closed + timedelta(days=ahead) for ahead in range(1, min((yesterday - closed).days, _DAYS_AT_ONCE) + 1)]
    for table in TABLES:
        _recount_days(cursor, table, days, now)
        cursor.execute(
            f"DELETE FROM {table.name} WHERE grain = ANY(%s) AND start < %s",
            [[Grain.MINUTE, Grain.QUARTER], fine_since(now)],
        )
    stored = days[-1] if days else yesterday
    Consumer.objects.update_or_create(name=_days_mark(), defaults={"position": stored.toordinal()})


def _replace(cursor: Any, table: Table, grain: Grain, spans: Sequence[Span], counted: str) -> None:
    """Make the stored rows of these spans equal to what `counted` says, writing only what differs.

    A stored row that is no longer counted becomes a zero and is deleted: telling it by an anti-join instead is
    at times planned as a comparison of all with all.
    """
    if not spans:
        return
    keys, counts = ", ".join(KEYS), ", ".join(table.counts)
    starts = [start for start, _ in spans]
    cursor.execute(
        "WITH spans AS MATERIALIZED (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) "
        f"AS s(start, stop)), written AS (INSERT INTO {table.name} AS r (grain, {keys}, {counts}) "
        f"SELECT %(grain)s, {keys}, {', '.join(f'sum({count})' for count in table.counts)} FROM ({counted} "
        f"UNION ALL SELECT {keys}, {', '.join('0' for _ in table.counts)} FROM {table.name} "
        f"WHERE grain = %(grain)s AND start = ANY(%(starts)s)) c GROUP BY {keys} "
        f"ON CONFLICT (grain, {keys}) DO UPDATE SET "
        + ", ".join(f"{count} = EXCLUDED.{count}" for count in table.counts)
        + f" WHERE ({', '.join(f'r.{count}' for count in table.counts)}) IS DISTINCT FROM "
        f"({', '.join(f'EXCLUDED.{count}' for count in table.counts)}) RETURNING r.total) "
        "SELECT count(*) FILTER (WHERE total = 0) FROM written",
        {"starts": starts, "stops": [stop for _, stop in spans], "grain": grain},
    )
    if cursor.fetchone()[0]:
        cursor.execute(f"DELETE FROM {table.name} WHERE grain = %s AND start = ANY(%s) AND total = 0", [grain, starts])


def _sum(table: Table, grain: Grain) -> str:
    """The statement that sums the rows of a finer grain, in the place of `table.rows`."""
    keys = ", ".join(f"r.{key}" for key in KEYS if key != "start")
    return (
        f"SELECT s.start, {keys}, {', '.join(f'r.{count}' for count in table.counts)} FROM spans s "
        f"CROSS JOIN LATERAL (SELECT * FROM {table.name} f WHERE f.grain = {int(grain)} "
        "AND f.start >= s.start AND f.start < s.stop OFFSET 0) r"
    )


def _spans(starts: Iterable[datetime], seconds: int) -> list[Span]:
    return [(start, start + timedelta(seconds=seconds)) for start in sorted(starts)]


def _steps(start: datetime, stop: datetime, seconds: int) -> Iterable[datetime]:
    while start < stop:
        yield start
        start += timedelta(seconds=seconds)


def _mark() -> str:
    """The name of the mark in the sealed events knows what is counted: where that is changed, all is counted anew."""
    return earlier.mark(_MARK, *(table.rows for table in TABLES))


def _days_mark() -> str:
    return earlier.mark(_DAYS_MARK, periods.bank_zone().key, *(table.rows for table in TABLES))


def _forget_others(name: str, mark: str) -> None:
    """What was counted by other statements, or in another zone, goes with its mark and does not come back with it."""
    Consumer.objects.filter(name__startswith=f"{name} ").exclude(name=mark).delete()
