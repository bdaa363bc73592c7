"""What is over of the facts is stored, by hour and by bank day: counted from the rows, never added to.

All kinds are stored up to one mark, the start of the hour that runs. What an event may have changed of it is doubted,
an hour and kind at a time: a question counts doubted hours from their rows until `Keeper` has counted them again. So
whoever follows the events never waits for a day of very many rows, and no answer is ever of yesterday's truth.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from commandcenter import asof, earlier, periods
from commandcenter.facts import ranks
from commandcenter.facts.kinds import BY_PEOPLE, COUNTS, HOURLY, KINDS, NUMBERS, STATEMENTS, What
from commandcenter.models import Grain
from commandcenter.populations import oldest
from mentions.models import Consumer

TABLE = "commandcenter_keptfacts"
DOUBTS = "commandcenter_doubtedhour"
_MARK = "facts"
# The topics that stand for all: by place, of everything, and by queue or by network alone.
EVERY_PLACE, EVERYWHERE, BY_QUEUE, BY_NETWORK = "", "*", "*queue", "*network"
_ONE_HOUR, _ONE_DAY = timedelta(hours=1), timedelta(days=1)
# A step may take this share of the time at most.
_SHARE = 0.5


def hour_of(moment: datetime) -> datetime:
    """When the hour began that a moment lies in: full hours since the bank's midnight, whatever its clock did since."""
    midnight = periods.midnight(periods.bank_day(moment))
    return midnight + (moment - midnight) // _ONE_HOUR * _ONE_HOUR


def hour_after(start: datetime) -> datetime:
    """When the hour ends that begins at a moment: one may be shorter where a clock was moved by half an hour."""
    return min(start + _ONE_HOUR, midnight_after(start))


def midnight_after(moment: datetime) -> datetime:
    """When the bank day ends that a moment lies in."""
    return periods.midnight(periods.bank_day(moment) + _ONE_DAY)


def hours(start: datetime, stop: datetime) -> Iterable[datetime]:
    """The starts of the hours between two moments at which hours begin or end."""
    while start < stop:
        yield start
        start = hour_after(start)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored: everything before `until`, apart from the hours in doubt of each kind."""

    until: datetime
    doubted: Mapping[str, Collection[datetime]] = field(default_factory=dict)


def kept() -> Kept | None:
    """What may be read; None where nothing is stored, and of a past day, since what is stored is of now."""
    return None if asof.at() else asof.once("facts that are kept", _kept)


def _kept() -> Kept | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.position, d.what, d.start FROM mentions_consumer c "
            f"LEFT JOIN {DOUBTS} d ON d.start < to_timestamp(c.position) WHERE c.name = %s AND c.position > 0",
            [_mark()],
        )
        found = cursor.fetchall()
    if not found:
        return None
    doubted: dict[str, set[datetime]] = {}
    for _position, what, start in found:
        if what is not None:
            doubted.setdefault(what, set()).add(start)
    return Kept(datetime.fromtimestamp(found[0][0], UTC), doubted)


class Keeper:
    """The listener's loop: stores and counts again what is to be, a step at a time, and rests in between."""

    def __init__(self) -> None:
        self._rest_until = 0.0

    def tick(self) -> None:
        """One step, unless the last one was long."""
        began = time.monotonic()
        if began >= self._rest_until and keep():
            self._rest_until = began + (time.monotonic() - began) / _SHARE


def keep(*, now: datetime | None = None) -> bool:
    """One step: up to a day's hours that are over, or one kind's doubted hours of a day. False if there was none."""
    moment = now or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        until, running = _lock(cursor, moment), hour_of(moment)
        if until >= running:
            return _settle(cursor, until)
        stop = min(running, midnight_after(until))
        doubts = _doubts(cursor, KINDS, until, stop)
        # The day's last hours come with all of its others, which the day is counted from.
        begin = periods.midnight(periods.bank_day(until)) if stop == midnight_after(until) else until
        recount(cursor, list(hours(begin, stop)))
        _believe(cursor, doubts)
        Consumer.objects.filter(name=_mark()).update(position=int(stop.timestamp()), updated_at=timezone.now())
        return True


def forget() -> None:
    """Store everything anew, from the oldest row on."""
    Consumer.objects.filter(name=_mark()).delete()


def doubt_between(start: datetime, stop: datetime) -> None:
    """Have everything between two moments counted again."""
    with connection.cursor() as cursor:
        _doubt(cursor, KINDS, list(hours(hour_of(start), stop)))


def doubt(
    cursor: Any, *, mentions: Sequence[int], moved: Sequence[int], conversations: Sequence[int], now: datetime
) -> None:
    """Have counted again what may differ after something happened to these rows.

    `moved` are conversations whose mentions belong to another queue now, or that began earlier than known. What runs
    is not stored and not doubted; of what is over everything is, whether or not it is stored yet, since somebody may be
    storing it from older rows.
    """
    values = {
        "mentions": list(mentions),
        "moved": list(moved),
        "conversations": list(conversations),
        "before": hour_of(now),
    }
    for kinds, moments in _MOMENTS:
        cursor.execute(
            f"SELECT DISTINCT date_trunc('minute', moment) FROM ({moments}) moments WHERE moment < %(before)s", values
        )
        _doubt(cursor, kinds, sorted({hour_of(minute) for (minute,) in cursor.fetchall()}))


def recount(cursor: Any, starts: Sequence[datetime], kinds: Sequence[What] = KINDS) -> None:
    """Count hours of one bank day again from the rows, and with all of its hours the day."""
    if not starts:
        return
    midnight, stops = periods.midnight(periods.bank_day(starts[0])), [hour_after(start) for start in starts]
    whole = list(starts) == list(hours(midnight, midnight_after(midnight)))
    grains = [Grain.HOUR, Grain.DAY] if whole else [Grain.HOUR]
    cursor.execute(
        f"DELETE FROM {TABLE} WHERE grain = ANY(%s) AND what = ANY(%s) AND start = ANY(%s)",
        [grains, list(kinds), list(starts)],
    )
    columns = f"start, topic, person_id, network, queue_id, language, numbers, {', '.join(COUNTS)}, total"
    for what in kinds:
        told = " UNION ALL ".join(
            f"SELECT {int(grain)}, %(what)s, {MARKS}, {columns} FROM ({_told_apart(what, grain)}) c" for grain in grains
        )
        cursor.execute(
            "WITH spans AS MATERIALIZED (SELECT * FROM unnest(%(starts)s::timestamptz[], %(stops)s::timestamptz[]) "
            f"AS s(start, stop)), g AS MATERIALIZED ({STATEMENTS[what]}) "
            f"INSERT INTO {TABLE} (grain, what, marks, {columns}) {told}",
            {
                "starts": list(starts),
                "stops": stops,
                "midnight": midnight,
                "what": what,
                "zone": periods.bank_zone().key,
            },
        )


def _mark() -> str:
    """The name of the mark knows what is counted and the bank's zone: where either is changed, all is counted anew."""
    return earlier.mark(_MARK, periods.bank_zone().key, *STATEMENTS.values(), *_stored())


@cache
def _stored() -> tuple[str, ...]:
    """How what is counted is told apart and put down."""
    return MARKS, *(_told_apart(what, grain) for what in KINDS for grain in (Grain.HOUR, Grain.DAY))


def _lock(cursor: Any, now: datetime) -> datetime:
    """One stores at a time, whoever else thinks it leads. How far everything is stored; begins if need be."""
    cursor.execute(
        "INSERT INTO mentions_consumer (name, position, updated_at) VALUES (%s, 0, now()) ON CONFLICT DO NOTHING",
        [_mark()],
    )
    cursor.execute("SELECT position FROM mentions_consumer WHERE name = %s FOR UPDATE", [_mark()])
    if position := int(cursor.fetchone()[0]):
        return datetime.fromtimestamp(position, UTC)
    Consumer.objects.filter(name__startswith=f"{_MARK} ").exclude(name=_mark()).delete()
    cursor.execute(f"DELETE FROM {TABLE}")
    cursor.execute(f"DELETE FROM {DOUBTS}")
    begin = periods.midnight(periods.bank_day(min(oldest(cursor) or now, now)))
    Consumer.objects.filter(name=_mark()).update(position=int(begin.timestamp()), updated_at=timezone.now())
    return begin


def _settle(cursor: Any, until: datetime) -> bool:
    """Count one kind's doubted hours of a day again, of the newest first, and its day if that is over."""
    cursor.execute(
        f"SELECT what, start FROM {DOUBTS} WHERE start < %s ORDER BY start DESC, turn, what LIMIT 1", [until]
    )
    found = cursor.fetchone()
    if found is None:
        return False
    what, start = found
    midnight, end = periods.midnight(periods.bank_day(start)), midnight_after(start)
    doubts = _doubts(cursor, [what], midnight, min(end, until))
    counted = hours(midnight, end) if end <= until else sorted(one.start for one in doubts)
    recount(cursor, list(counted), [what])
    _believe(cursor, doubts)
    return True


class _Doubt(NamedTuple):
    id: int
    turn: int
    start: datetime


def _doubts(cursor: Any, kinds: Sequence[What], start: datetime, stop: datetime) -> list[_Doubt]:
    cursor.execute(
        f"SELECT id, turn, start FROM {DOUBTS} WHERE what = ANY(%s) AND start >= %s AND start < %s",
        [list(kinds), start, stop],
    )
    return [_Doubt(*row) for row in cursor.fetchall()]


def _believe(cursor: Any, doubts: Sequence[_Doubt]) -> None:
    """End doubts that were there before the counting, unless somebody has doubted again since, or is about to."""
    cursor.execute(
        f"DELETE FROM {DOUBTS} WHERE id IN (SELECT d.id FROM {DOUBTS} d "
        "JOIN unnest(%s::bigint[], %s::int[]) AS seen(id, turn) ON d.id = seen.id AND d.turn = seen.turn "
        "FOR UPDATE OF d SKIP LOCKED)",
        [[one.id for one in doubts], [one.turn for one in doubts]],
    )


def _doubt(cursor: Any, kinds: Sequence[What], starts: Sequence[datetime]) -> None:
    if starts:
        cursor.execute(
            f"INSERT INTO {DOUBTS} AS d (what, start, turn) SELECT what, start, 0 FROM unnest(%s::text[]) what "
            "CROSS JOIN unnest(%s::timestamptz[]) start ON CONFLICT (start, what) DO UPDATE SET turn = d.turn + 1",
            [list(kinds), list(starts)],
        )


# What began earlier than was known had begun with one of its mentions.
_BEGAN_BEFORE = "SELECT occurred_at FROM mentions_mention WHERE conversation_id = ANY(%(moved)s)"
# Where the moments stand that put a conversation's or a mention's facts on their hours, and the kinds they decide.
_MOMENTS: tuple[tuple[tuple[What, ...], str], ...] = (
    (
        ("hour", "lag", "author"),
        (
            "SELECT occurred_at AS moment FROM mentions_mention WHERE id = ANY(%(mentions)s) "
            "UNION ALL SELECT occurred_at FROM mentions_mention WHERE conversation_id = ANY(%(moved)s)"
        ),
    ),
    (
        ("first_response", "next_response", "first_response_hours", "next_response_hours", "late_hour"),
        (
            "SELECT started_at AS moment FROM mentions_stretch WHERE conversation_id = ANY(%(conversations)s) "
            f"UNION ALL {_BEGAN_BEFORE}"
        ),
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
        (
            "SELECT opened_at AS moment FROM mentions_conversation WHERE id = ANY(%(conversations)s) "
            f"UNION ALL {_BEGAN_BEFORE}"
        ),
    ),
    (
        ("resolution", "active", "handle", "transfer", "closing"),
        (
            "SELECT closed_at AS moment FROM mentions_conversation WHERE id = ANY(%(conversations)s) "
            # The day of an earlier close: a conversation that was opened again is no longer one of its day's.
            "UNION ALL SELECT at FROM mentions_event WHERE conversation_id = ANY(%(conversations)s) "
            "AND kind = 'conversation.closed'"
        ),
    ),
)


# Every so many numbers one, of those that are too many to be read for each question.
MARKS = (
    f"CASE WHEN octet_length(c.numbers) > {4 * ranks.LONG} THEN (SELECT string_agg(substring(c.numbers "
    f"FROM {4 * ranks.STRIDE} * i + 1 FOR 4), ''::bytea ORDER BY i) "
    f"FROM generate_series(0, octet_length(c.numbers) / 4 / {ranks.STRIDE}) i) ELSE ''::bytea END"
)
# Of each hour how many there are.
_BY_HOUR = " || ".join(f"int4send(count(*) FILTER (WHERE g.number = {hour})::int)" for hour in range(24))


def _told_apart(what: What, grain: Grain) -> str:
    """The facts of `g` for everything, each queue, network and topic; of days also for each place and each topic in it.

    Of deeds that tell people apart hours are told for everything alone.
    """
    queue = f"CASE WHEN t.placed OR t.topic = '{BY_QUEUE}' THEN g.queue_id END AS queue_id"
    network = f"CASE WHEN t.placed OR t.topic = '{BY_NETWORK}' THEN g.network ELSE '' END AS network"
    language = "CASE WHEN t.placed THEN g.language ELSE '' END AS language"
    person = "g.person_id" if what in BY_PEOPLE else "NULL::bigint"
    numbers = _BY_HOUR if what in HOURLY else NUMBERS.format(alias="g")
    counts = ", ".join(f"count(*) FILTER (WHERE g.{name}) AS {name}" for name in COUNTS)
    topics = f"VALUES ('{EVERYWHERE}'::varchar, false)"
    if grain == Grain.DAY or what not in BY_PEOPLE:
        topics += f", ('{BY_QUEUE}', false), ('{BY_NETWORK}', false) UNION ALL SELECT DISTINCT unnest(g.topics), false"
    if grain == Grain.DAY:
        topics += f" UNION ALL SELECT '{EVERY_PLACE}', true UNION ALL SELECT DISTINCT unnest(g.topics), true"
    start = "%(midnight)s::timestamptz" if grain == Grain.DAY else "g.start"
    return (
        f"SELECT {start} AS start, t.topic, {person} AS person_id, {network}, {queue}, {language}, "
        f"{numbers} AS numbers, {counts}, coalesce(sum(g.number), 0) AS total FROM g "
        f"CROSS JOIN LATERAL ({topics}) t(topic, placed) GROUP BY 1, 2, 3, 4, 5, 6"
    )
