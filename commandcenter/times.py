"""How long things took and whether promises were kept: medians, percentiles and shares, exact whatever is asked.

What has ended is read from `commandcenter.facts`; what still runs is little and is counted from its rows. Re-exported
by `commandcenter.metrics`, which says what holds for every figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from django.db import connection

from commandcenter import asof, facts, periods, populations
from commandcenter.earlier import counted
from commandcenter.facts import Facts
from commandcenter.figures import Attainment, Rate, Resolution, Waits
from commandcenter.periods import Period
from commandcenter.populations import EVERYTHING, Filters, OpenWait

Wait = Literal["first_response", "next_response", "time_to_claim"]
Target = Literal["first_response", "next_response", "resolution"]
Axis = Literal["none", "day", "queue", "team", "network", "language", "topic"]


@counted
def waits(what: Wait, period: Period, filters: Filters = EVERYTHING, *, by: Axis | None = None) -> dict[Any, Waits]:
    """The whole under None, and with `by` each part of the period (`day`, by its first date), queue, team, ... that has
    any."""
    axis: Axis = by or "none"
    # What has no topic or no team is in none of theirs.
    once = by in ("day", "queue", "network", "language")
    ended, going = _ended(what, period, filters, axis, whole=once), _open(what, period, filters, axis)
    if once:
        going[None] = _all_of(going)
    nothing, still = Facts(), (0, 0, 0, 0)
    told = {}
    for key in ended.keys() | going.keys():
        found, (running, dropped, *_due) = ended.get(key, nothing), going.get(key, still)
        told[key] = Waits(found.median, found.p90, found.n, running, dropped + found.dropped)
    if by is not None and not once:
        told[None] = waits(what, period, filters)[None]
    return {None: Waits(None, None, 0, 0)} | told


@counted
def in_hours(
    what: Literal["first_response", "next_response"],
    period: Period,
    filters: Filters = EVERYTHING,
    *,
    by: Axis = "none",
) -> dict[Any, Waits]:
    """Of the answers that `waits` tells, how much of each wait lay within the business hours of its promise.

    Beside parts of the period (`day`) the whole stands under None.
    """
    return _lengths("first_response_hours" if what == "first_response" else "next_response_hours", period, filters, by)


@counted
def attainment(
    period: Period, now: datetime, filters: Filters = EVERYTHING, *, target: Target = "first_response"
) -> Attainment:
    """Answers in time / all answers that came due, of the waits that began in the period."""
    return attainment_by("none", period, now, filters, target=target).get(None, Attainment(0, 0, 0))


def attainment_by_queue(
    period: Period, now: datetime, filters: Filters = EVERYTHING, *, target: Target = "first_response"
) -> dict[int, Attainment]:
    """`attainment` for each queue (id) that has any."""
    return attainment_by("queue", period, now, filters, target=target)


@counted
def attainment_by(
    axis: Axis, period: Period, now: datetime, filters: Filters = EVERYTHING, *, target: Target = "first_response"
) -> dict[Any, Attainment]:
    """`attainment` for each part of the period (`day`), queue, team, network, language or topic that has any."""
    ended = _ended("promise" if target == "resolution" else target, period, filters, axis, counts=True)
    going = _open(target, period, filters, axis, now)
    told = {}
    for key in ended.keys() | going.keys():
        found, (_running, _dropped, overdue, not_due) = ended.get(key), going.get(key, (0, 0, 0, 0))
        met, missed = (found.met, found.missed) if found else (0, 0)
        if met or missed or overdue or not_due:
            told[key] = Attainment(met, missed + overdue, not_due)
    return told


@counted
def resolution(period: Period, filters: Filters = EVERYTHING, *, by: Axis = "none") -> dict[Any, Resolution]:
    """Conversations closed in the period, by their last close: how long from the first mention.

    Beside parts of the period (`day`), here and in what follows, the whole stands under None.
    """
    return {
        key: Resolution(found.median, found.p90, found.n, found.once, found.again)
        for key, found in _ended("resolution", period, filters, by, whole=by == "day").items()
    }


@counted
def active_time(period: Period, filters: Filters = EVERYTHING, *, by: Axis = "none") -> dict[Any, Waits]:
    """Of what `resolution` tells, how long it was open: without what it lay closed before it was opened again."""
    return _lengths("active", period, filters, by)


@counted
def handle_time(period: Period, filters: Filters = EVERYTHING, *, by: Axis = "none") -> dict[Any, Waits]:
    """Of conversations closed in the period, how long they were in focus, of all spells of work on each."""
    return _lengths("handle", period, filters, by)


@counted
def transfers(period: Period, filters: Filters = EVERYTHING, *, by: Axis = "none") -> dict[Any, int]:
    """How often conversations closed in the period were handed on, all together."""
    return {
        key: found.total
        for key, found in _ended("transfer", period, filters, by, counts=True, whole=by == "day").items()
    }


@counted
def reopen_rate(period: Period, filters: Filters = EVERYTHING, *, by: Axis = "none") -> dict[Any, Rate]:
    """Closings of the period after which it was opened again within seven days / closings."""
    ended = _ended("closing", period, filters, by, counts=True, whole=by == "day")
    return {key: Rate(found.again, found.once) for key, found in ended.items()}


def answered_before(period: Period, filters: Filters, moment: datetime) -> int:
    """How many actionable conversations opened in the period had their first answer before a moment, to the minute."""
    return sum(answered_before_by_day(period, filters, moment).values())


def answered_before_by_day(period: Period, filters: Filters, moment: datetime) -> dict[date, int]:
    """`answered_before` by the bank day on which they were opened."""
    minute = int(moment.timestamp() // 60)
    return facts.below(minute, "answer", period.start, period.end, filters)


@counted
def by_hour(
    what: Literal["hour", "late_hour"], period: Period, now: datetime, filters: Filters = EVERYTHING
) -> dict[tuple[int, int], int]:
    """How many mentions, or first answers that are too late, for each (weekday, hour) of the bank's clock."""
    told: dict[tuple[int, int], int] = {}
    for (day, hour), count in by_day_and_hour(what, period, now, filters).items():
        told[day.weekday(), hour] = told.get((day.weekday(), hour), 0) + count
    return told


def by_day_and_hour(
    what: Literal["hour", "late_hour"], period: Period, now: datetime, filters: Filters = EVERYTHING
) -> dict[tuple[date, int], int]:
    """`by_hour` for each (bank day, hour) that has any."""
    told = {
        (day, hour): count
        for day, hours in facts.by_hour(what, period.start, period.end, filters).items()
        for hour, count in enumerate(hours)
        if count
    }
    if what == "late_hour":
        population = populations.stretches("first_response", period, filters)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT (s.started_at AT TIME ZONE %(zone)s)::date, "
                "extract(hour FROM s.started_at AT TIME ZONE %(zone)s)::int, count(*) "
                f"{population.sql} AND s.stopped_at IS NULL AND ({populations.MISSED}) GROUP BY 1, 2",
                population.values | {"now": now, "zone": periods.bank_zone().key},
            )
            for day, hour, count in cursor.fetchall():
                told[day, hour] = told.get((day, hour), 0) + count
    return told


def unended(what: Wait, period: Period, filters: Filters = EVERYTHING) -> dict[date, tuple[int, int]]:
    """For each bank day how many waits that began on it run, and how many nobody has to end (see `Waits`)."""
    going = _open(what, period, filters, "day")
    told = {day: (running, dropped) for day, (running, dropped, *_due) in going.items()}
    for day, found in _ended(what, period, filters, "day", counts=True).items():
        running, dropped = told.get(day, (0, 0))
        told[day] = running, dropped + found.dropped
    return told


@counted
def lag(period: Period, filters: Filters = EVERYTHING) -> dict[str | None, Waits]:
    """From the network's time of a mention to our own: the difference of the two clocks, in no wait of ours.

    The whole under None, and each network that has any, unless a filter by another place is set: then the numbers are
    not kept by network.
    """
    apart = replace(filters, networks=None) == EVERYTHING
    found = _ended("lag", period, filters, "network" if apart else "none", whole=True)
    told = {key: Waits(one.median, one.p90, one.n, 0) for key, one in found.items() if one.n}
    return {None: Waits(None, None, 0, 0)} | told


def _lengths(what: facts.What, period: Period, filters: Filters, by: Axis) -> dict[Any, Waits]:
    found = _ended(what, period, filters, by, whole=by == "day")
    return {key: Waits(one.median, one.p90, one.n, 0) for key, one in found.items()}


def teams_of_queues() -> Mapping[int, int]:
    """For each queue (id) its home team (id), as of the moment that figures are asked of."""
    return asof.once("home teams", lambda: asof.home_teams(asof.at()))


def _ended(
    what: facts.What, period: Period, filters: Filters, by: Axis, *, counts: bool = False, whole: bool = False
) -> dict[Any, Facts]:
    onto: Callable[[Any], Any] | None = None
    if by == "team":
        onto = teams_of_queues().get
    elif by == "day" and period.grain != "day":
        onto = period.part_of
    axis = "queue" if by == "team" else by
    return facts.read(what, period.start, period.end, filters, by=axis, counts=counts, whole=whole, onto=onto)


def _all_of(going: Mapping[Any, tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    running, dropped, overdue, not_due = (sum(one[place] for one in going.values()) for place in range(4))
    return running, dropped, overdue, not_due


def _open(
    what: OpenWait, period: Period, filters: Filters, by: Axis, now: datetime | None = None
) -> dict[Any, tuple[int, int, int, int]]:
    """For each key: how many run, how many nobody has to end, and at a moment what is overdue or not due yet."""
    # Of a claim and of a solution the author knows the network, whom few ask.
    networks = by == "network" or what in ("first_response", "next_response")

    def read() -> list[tuple[Any, ...]]:
        """By day, queue, network, language and topics: a report asks once for all its axes."""
        waits = populations.open_waits(what, period, filters, now, networks=networks)
        parts = ", ".join(f"count(*) FILTER (WHERE w.{part})" for part in ("running", "dropped", "overdue", "not_due"))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (w.start AT TIME ZONE %(zone)s)::date, w.queue_id, w.network, w.language, w.topics, {parts} "
                f"{waits.sql} GROUP BY 1, 2, 3, 4, 5",
                waits.values | {"zone": periods.bank_zone().key},
            )
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    return _by(by, period, filters, asof.once(("open waits", what, period, filters, now, networks), read))


def _by(
    by: Axis, period: Period, filters: Filters, found: list[tuple[Any, ...]]
) -> dict[Any, tuple[int, int, int, int]]:
    teams = teams_of_queues() if by == "team" else {}
    columns: Mapping[Axis, int] = {"queue": 1, "network": 2, "language": 3}
    told: dict[Any, tuple[int, int, int, int]] = {}
    for *place, topics, running, dropped, overdue, not_due in found:
        keys: Iterable[Any] = (place[columns[by]] if by in columns else None,)
        if by == "topic":
            keys = (filters.topic,) if filters.topic else set(topics)
        elif by == "day":
            keys = (period.part_of(place[0]),)
        elif by == "team":
            keys = (teams[place[1]],) if place[1] in teams else ()
        for key in keys:
            known = told.get(key, (0, 0, 0, 0))
            told[key] = known[0] + running, known[1] + dropped, known[2] + overdue, known[3] + not_due
    return told
