"""Facts whose every number counts: how long waits were, at which hour of the day, when answers came.

A median of a quarter cannot be made from medians of its days, so the numbers themselves are kept: for each bank day
that is over one row a kind, topic and place (`DayFacts`), and read back whole. What is not over, and the odd ends of
a period that begins within a day, is counted from the rows by the very same statement, so both are always equal.

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

Numbers are whole: a part of a second is no part of a wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from django.db import connection

from commandcenter import periods
from commandcenter.populations import EVERYTHING, GIVEN_BACK, IN_FOCUS, NOT_A_RIVAL, TO_REPLY, Filters

if TYPE_CHECKING:
    import numpy as np

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
Axis = Literal["none", "day", "queue", "network", "language", "topic", "person"]
Span = tuple[datetime, datetime]

ONE_DAY = timedelta(days=1)
TABLE = "commandcenter_dayfacts"
COUNTS = ("met", "missed", "dropped", "again", "once")
EVERY_PLACE, EVERYWHERE = "", "*"  # the topics that stand for all: by place, and of everything

_NO = "false AS met, false AS missed, false AS dropped, false AS again, false AS once"


def _within(table: str, alias: str, moment: str) -> str:
    """The rows of each span, looked up by time: a plain join of inequalities is planned as a ninth of the table."""
    return (
        f"FROM spans s CROSS JOIN LATERAL (SELECT * FROM {table} t WHERE t.{moment} >= s.start AND t.{moment} < s.stop "
        f"OFFSET 0) {alias}"
    )


def _stretches(target: str, number: str, more: str = "") -> str:
    """Waits that have stopped; those that run are too few to be kept and change by themselves."""
    return (
        "SELECT s.start, w.network, w.queue_id, w.language, "
        "(SELECT c.topics FROM mentions_conversation c WHERE c.id = w.conversation_id) AS topics, "
        f"{number} AS number, w.met IS TRUE AS met, w.met IS FALSE AS missed, w.reply_id IS NULL AS dropped, "
        "false AS again, false AS once "
        f"{_within('mentions_stretch', 'w', 'started_at')} "
        f"WHERE w.origin = 'live' AND w.target = '{target}' AND w.stopped_at IS NOT NULL{more}"
    )


def _conversations(moment: str, number: str, counts: str, where: str) -> str:
    return (
        "SELECT s.start, (SELECT a.network FROM mentions_author a WHERE a.id = c.author_id) AS network, c.queue_id, "
        f"c.language, c.topics, {number} AS number, {counts} "
        f"{_within('mentions_conversation', 'c', moment)} "
        f"WHERE c.origin = 'live' AND {where}"
    )


_SECONDS = "CASE WHEN w.reply_id IS NOT NULL THEN floor(w.seconds)::int END"
_HOUR = "extract(hour FROM {moment} AT TIME ZONE %(zone)s)::int"
_OF_MENTIONS = (
    "SELECT s.start, m.network, (SELECT c.queue_id FROM mentions_conversation c WHERE c.id = m.conversation_id) "
    f"AS queue_id, m.language, m.topics, {{number}} AS number, {_NO} "
    f"{_within('mentions_mention', 'm', 'occurred_at')} "
    f"WHERE m.origin = 'live' AND m.{NOT_A_RIVAL}"
)
BY_PEOPLE = ("claim", "focus", "reply")
_OF_CASES = (
    "SELECT s.start, a.network, k.queue_id, c.language, c.topics, k.owner_id AS person_id, {number} AS number, "
    "{counts} " + _within("agents_case", "k", "claimed_at") + " "
    "JOIN mentions_conversation c ON c.id = k.conversation_id JOIN mentions_author a ON a.id = c.author_id "
    "WHERE c.origin = 'live'{more}"
)
_ONE = "false AS met, false AS missed, false AS dropped, {again} AS again, true AS once"
STATEMENTS: Mapping[What, str] = {
    "claim": _OF_CASES.format(number=TO_REPLY, counts=_ONE.format(again=GIVEN_BACK), more=""),
    "focus": _OF_CASES.format(number="floor(k.focus_s)::int", counts=_NO, more=f" AND {IN_FOCUS}"),
    "reply": (
        "SELECT s.start, a.network, c.queue_id, c.language, c.topics, r.author_id AS person_id, NULL::int AS number, "
        f"{_ONE.format(again='false')} {_within('agents_reply', 'r', 'sent_at')} "
        "JOIN mentions_conversation c ON c.id = r.conversation_id JOIN mentions_author a ON a.id = c.author_id "
        "WHERE c.origin = 'live'"
    ),
    "first_response": _stretches("first_response", _SECONDS),
    "next_response": _stretches("next_response", _SECONDS),
    "late_hour": _stretches("first_response", _HOUR.format(moment="w.started_at"), " AND w.met IS FALSE"),
    "time_to_claim": (
        "SELECT s.start, a.network, k.queue_id, c.language, c.topics, "
        f"floor(extract(epoch FROM k.claimed_at - k.queued_at))::int AS number, {_NO} FROM spans s CROSS JOIN LATERAL "
        "(SELECT conversation_id, min(queue_id) AS queue_id, queued_at, min(claimed_at) AS claimed_at FROM agents_case "
        "WHERE queued_at >= s.start AND queued_at < s.stop GROUP BY conversation_id, queued_at) k "
        "JOIN mentions_conversation c ON c.id = k.conversation_id JOIN mentions_author a ON a.id = c.author_id "
        "WHERE c.origin = 'live'"
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


@dataclass(frozen=True, eq=False)
class Facts:
    """What was found for one key: every number, and how many were met, missed, dropped, reopened or done at once.

    `n` is how many have a number; where only counts were asked for, `numbers` is empty beside it.
    """

    numbers: np.ndarray[Any, np.dtype[np.int32]]
    n: int = 0
    met: int = 0
    missed: int = 0
    dropped: int = 0
    again: int = 0
    once: int = 0

    @cached_property
    def median(self) -> float | None:
        return self.percentile(0.5)

    @cached_property
    def p90(self) -> float | None:
        return self.percentile(0.9)

    @cached_property
    def ordered(self) -> np.ndarray[Any, np.dtype[np.int32]]:
        """The numbers in ascending order; days come ordered, so that little is left to do."""
        import numpy as np

        return np.sort(self.numbers, kind="stable")

    def percentile(self, share: float) -> float | None:
        """The exact percentile, between two numbers as PostgreSQL's `percentile_cont` tells it; None of nothing."""
        if not self.n:
            return None
        place = share * (self.n - 1)
        below = int(place)
        above = min(below + 1, self.n - 1) if place > below else below
        low, high = float(self.ordered[below]), float(self.ordered[above])
        return low + (place - below) * (high - low)

    def below(self, limit: int) -> int:
        """How many numbers are smaller."""
        return int((self.numbers < limit).sum())

    def by_number(self, count: int) -> list[int]:
        """How often each of the numbers 0 to count - 1 is there."""
        import numpy as np

        return [int(times) for times in np.bincount(self.numbers, minlength=count)[:count]]


def together(some: Iterable[Facts]) -> Facts:
    """Several as one; of none, facts of nothing."""
    import numpy as np

    pile = list(some)
    numbers = [one.numbers for one in pile]
    return Facts(
        np.concatenate(numbers) if numbers else np.empty(0, dtype=np.int32),
        *(sum(getattr(one, name) for one in pile) for name in ("n", *COUNTS)),
    )


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
) -> dict[Any, Facts]:
    """The facts of [start, stop) for each value of the axis; what has none is absent.

    `closed` is the last bank day that is stored: days up to it that lie whole within come from their rows. With
    `counts` the numbers stay where they are; `person` asks for one person's deeds alone.
    """
    days, ends = _parts(start, stop, closed)
    topic = filters.topic or (EVERYWHERE if filters == EVERYTHING and by in ("none", "day", "person") else EVERY_PLACE)
    topics = "r.topic = %(topic)s" if by != "topic" or filters.topic else "r.topic <> ALL(%(everything)s::text[])"
    columns = f"start, topic, person_id, network, queue_id, language, numbers, {', '.join(COUNTS)}"
    parts = []
    if days is not None:
        parts.append(
            f"SELECT {columns} FROM {TABLE} r WHERE r.what = %(what)s AND {topics} "
            "AND r.start >= %(days_from)s AND r.start < %(days_to)s"
        )
    if ends:
        parts.append(
            "SELECT * FROM (WITH spans AS (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) "
            f"AS s(start, stop)) {_told_apart(what)}) r WHERE {topics}"
        )
    if not parts:
        return {}
    values = {
        "what": what,
        "topic": topic,
        "everything": [EVERY_PLACE, EVERYWHERE],
        "days_from": days[0] if days else None,
        "days_to": days[1] if days else None,
        "starts": [span[0] for span in ends],
        "stops": [span[1] for span in ends],
        "queues": None if filters.queues is None else list(filters.queues),
        "network": filters.network,
        "language": filters.language,
        "zone": periods.bank_zone().key,
        "person": person,
    }
    axis = {"none": "NULL", "day": "r.start", "queue": "r.queue_id", "person": "r.person_id"}.get(by, f"r.{by}")
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            f"SELECT {axis}, {'NULL' if counts else 'r.numbers'}, octet_length(r.numbers) / 4, "
            f"{', '.join(f'r.{name}' for name in COUNTS)} "
            f"FROM ({' UNION ALL '.join(parts)}) r WHERE {_PLACES}",
            values,
            binary=True,
        )
        return _gathered(cursor.fetchall(), by)


def recount(cursor: Any, days: Iterable[date], kinds: Sequence[What] = KINDS) -> None:
    """Count whole bank days again from the rows."""
    starts = [periods.midnight(day) for day in sorted(days)]
    if not starts:
        return
    stops = [periods.midnight(periods.bank_day(start) + ONE_DAY) for start in starts]
    cursor.execute(f"DELETE FROM {TABLE} WHERE what = ANY(%s) AND start = ANY(%s)", [list(kinds), starts])
    for what in kinds:
        cursor.execute(
            "WITH spans AS MATERIALIZED (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) "
            f"AS s(start, stop)) INSERT INTO {TABLE} (what, start, topic, person_id, network, queue_id, language, "
            f"numbers, {', '.join(COUNTS)}) SELECT %(what)s, start, topic, person_id, network, queue_id, language, "
            f"numbers, {', '.join(COUNTS)} FROM ({_told_apart(what)}) counted",
            {"what": what, "starts": starts, "stops": stops, "zone": periods.bank_zone().key},
        )


# Where the moments stand that put a conversation's or a mention's facts on their days, and the kinds they decide.
_MOMENTS: tuple[tuple[tuple[What, ...], str], ...] = (
    (
        ("hour", "lag"),
        (
            "SELECT occurred_at AS moment FROM mentions_mention WHERE id = ANY(%(mentions)s) "
            "UNION ALL SELECT occurred_at FROM mentions_mention WHERE conversation_id = ANY(%(moved)s)"
        ),
    ),
    (
        ("first_response", "next_response", "late_hour"),
        "SELECT started_at AS moment FROM mentions_stretch WHERE conversation_id = ANY(%(conversations)s)",
    ),
    (
        ("time_to_claim",),
        "SELECT queued_at AS moment FROM agents_case WHERE conversation_id = ANY(%(conversations)s)",
    ),
    (
        ("claim", "focus"),
        "SELECT claimed_at AS moment FROM agents_case WHERE conversation_id = ANY(%(conversations)s)",
    ),
    (
        ("reply",),
        "SELECT sent_at AS moment FROM agents_reply WHERE conversation_id = ANY(%(conversations)s)",
    ),
    (
        ("promise", "answer"),
        "SELECT opened_at AS moment FROM mentions_conversation WHERE id = ANY(%(conversations)s)",
    ),
    (
        ("resolution",),
        (
            "SELECT closed_at AS moment FROM mentions_conversation WHERE id = ANY(%(conversations)s) "
            # The day of an earlier close: a conversation that was opened again is no longer one of its day's.
            "UNION ALL SELECT at FROM mentions_event WHERE conversation_id = ANY(%(conversations)s) "
            "AND kind = 'conversation.closed'"
        ),
    ),
)


def touched(
    cursor: Any, *, mentions: Sequence[int], moved: Sequence[int], conversations: Sequence[int], before: datetime
) -> list[tuple[tuple[What, ...], set[date]]]:
    """Kinds and their bank days before a moment that may differ after something happened to these rows.

    `moved` are conversations whose mentions belong to another queue now.
    """
    values = {
        "zone": periods.bank_zone().key,
        "mentions": list(mentions),
        "moved": list(moved),
        "conversations": list(conversations),
        "before": before,
    }
    found = []
    for kinds, moments in _MOMENTS:
        cursor.execute(
            f"SELECT DISTINCT (moment AT TIME ZONE %(zone)s)::date FROM ({moments}) moments WHERE moment < %(before)s",
            values,
        )
        if days := {day for (day,) in cursor.fetchall()}:
            found.append((kinds, days))
    return found


def _told_apart(what: What) -> str:
    """The facts of a statement by day, topic and place: of everything, of each place, and of each topic."""
    place = ", ".join(
        f"CASE WHEN t.topic = '{EVERYWHERE}' THEN {blank} ELSE g.{key} END AS {key}"
        for key, blank in (("network", "''"), ("queue_id", "NULL"), ("language", "''"))
    )
    person = "g.person_id" if what in BY_PEOPLE else "NULL::bigint"
    counts = ", ".join(f"count(*) FILTER (WHERE g.{name}) AS {name}" for name in COUNTS)
    return (
        f"SELECT g.start, t.topic, {person} AS person_id, {place}, "
        "coalesce(string_agg(int4send(g.number), ''::bytea ORDER BY g.number) FILTER (WHERE g.number IS NOT NULL), "
        f"''::bytea) AS numbers, {counts} FROM ({STATEMENTS[what]}) g CROSS JOIN LATERAL "
        f"(SELECT '{EVERYWHERE}'::varchar UNION ALL SELECT '{EVERY_PLACE}' UNION ALL SELECT DISTINCT unnest(g.topics)) "
        "t(topic) GROUP BY 1, 2, 3, 4, 5, 6"
    )


_PLACES = (
    "(%(queues)s::bigint[] IS NULL OR r.queue_id = ANY(%(queues)s::bigint[])) "
    "AND (%(network)s::text IS NULL OR r.network = %(network)s) "
    "AND (%(language)s::text IS NULL OR r.language = %(language)s) "
    "AND (%(person)s::bigint IS NULL OR r.person_id = %(person)s::bigint)"
)


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


def _gathered(rows: Iterable[tuple[Any, ...]], by: Axis) -> dict[Any, Facts]:
    import numpy as np

    piles: dict[Any, list[tuple[Any, ...]]] = {}
    for key, *figures in rows:
        piles.setdefault(periods.bank_day(key) if by == "day" else key, []).append(tuple(figures))
    return {
        key: Facts(
            np.frombuffer(b"".join(numbers or b"" for numbers, *_counts in pile), dtype=">i4").astype(np.int32),
            *(sum(one[place] for one in pile) for place in range(1, len(COUNTS) + 2)),
        )
        for key, pile in piles.items()
    }
