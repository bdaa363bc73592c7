"""Storing the facts of bank days that are over (see `commandcenter.facts`): counted from the rows, never added to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from commandcenter import periods, ranks
from commandcenter.facts import (
    BY_PEOPLE,
    BY_QUEUE,
    COUNTS,
    EVERY_PLACE,
    EVERYWHERE,
    HOURLY,
    KINDS,
    NUMBERS,
    ONE_DAY,
    STATEMENTS,
    TABLE,
    What,
)


def recount(cursor: Any, days: Iterable[date], kinds: Sequence[What] = KINDS) -> None:
    """Count whole bank days again from the rows."""
    starts = [periods.midnight(day) for day in sorted(days)]
    if not starts:
        return
    stops = [periods.midnight(periods.bank_day(start) + ONE_DAY) for start in starts]
    cursor.execute(f"DELETE FROM {TABLE} WHERE what = ANY(%s) AND start = ANY(%s)", [list(kinds), starts])
    for what in kinds:
        columns = f"start, topic, person_id, network, queue_id, language, numbers, {', '.join(COUNTS)}"
        cursor.execute(
            "WITH spans AS MATERIALIZED (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) "
            f"AS s(start, stop)) INSERT INTO {TABLE} (what, marks, {columns}) "
            f"SELECT %(what)s, {MARKS}, {columns} FROM ({_told_apart(what)}) c",
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


# Every so many numbers one, of those that are too many to be read for each question.
MARKS = (
    f"CASE WHEN octet_length(c.numbers) > {4 * ranks.LONG} THEN (SELECT string_agg(substring(c.numbers "
    f"FROM {4 * ranks.STRIDE} * i + 1 FOR 4), ''::bytea ORDER BY i) "
    f"FROM generate_series(0, octet_length(c.numbers) / 4 / {ranks.STRIDE}) i) ELSE ''::bytea END"
)
# Of each hour how many there are.
_BY_HOUR = " || ".join(f"int4send(count(*) FILTER (WHERE g.number = {hour})::int)" for hour in range(24))


def _told_apart(what: What) -> str:
    """The facts of a statement by day, topic and place: of everything, of each queue and place, and of each topic."""
    queue = f"CASE WHEN t.topic = '{EVERYWHERE}' THEN NULL ELSE g.queue_id END AS queue_id"
    network, language = (
        f"CASE WHEN t.topic IN ('{EVERYWHERE}', '{BY_QUEUE}') THEN '' ELSE g.{key} END AS {key}"
        for key in ("network", "language")
    )
    person = "g.person_id" if what in BY_PEOPLE else "NULL::bigint"
    numbers = _BY_HOUR if what in HOURLY else NUMBERS.format(alias="g")
    counts = ", ".join(f"count(*) FILTER (WHERE g.{name}) AS {name}" for name in COUNTS)
    return (
        f"SELECT g.start, t.topic, {person} AS person_id, {network}, {queue}, {language}, {numbers} AS numbers, "
        f"{counts} FROM ({STATEMENTS[what]} OFFSET 0) g CROSS JOIN LATERAL (VALUES ('{EVERYWHERE}'::varchar), "
        f"('{BY_QUEUE}'), ('{EVERY_PLACE}') UNION ALL SELECT DISTINCT unnest(g.topics)) t(topic) "
        "GROUP BY 1, 2, 3, 4, 5, 6"
    )
