"""The rows behind every figure: lists that are exactly as long as the figure that leads to them.

A list shares its population with the figure (`commandcenter.populations`) and adds conditions: its own, and what the
address narrows it to. Pages go by key, newest first, so that the millionth row is as near as the first.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from commandcenter import periods, populations
from commandcenter.metrics import BANDS
from commandcenter.periods import Period
from commandcenter.populations import Filters, Population
from commandcenter.reports import RowsOf
from commandcenter.reports.asking import Ask, Unclear, moment, spelled
from commandcenter.reports.counted import Days
from commandcenter.reports.counted import by_day as counted_by_day
from commandcenter.reports.counted import whole as counted_whole
from commandcenter.reports.lists import LISTS, List, find

PAGE = 50
# Beside the report's own: which list, where it ends, when it was counted, what it is narrowed to, where a page begins.
ALSO = ("list", "until", "by", "now", "weekday", "hour", "band", "person", "rival", "after")
_NUMBERS = {"weekday": 7, "hour": 24, "band": len(BANDS) + 1, "person": 2**31}


@dataclass(frozen=True, slots=True)
class _Place:
    """Of one kind of rows: their moment, key and conversation, how long they took, and whose they are."""

    at: str
    key: str
    conversation: str
    seconds: str = "NULL::int"
    person: str = ""


_PLACES: Mapping[str, _Place] = {
    "mentions": _Place("m.occurred_at", "m.id", "m.conversation_id"),
    "rivals": _Place("m.occurred_at", "m.id", "m.conversation_id"),
    "authors": _Place("m.occurred_at", "m.id", "m.conversation_id"),
    "conversations": _Place("c.opened_at", "c.id", "c.id"),
    "closed": _Place("c.closed_at", "c.id", "c.id", "floor(extract(epoch FROM c.closed_at - c.opened_at))::int"),
    "closings": _Place("e.at", "e.id", "e.conversation_id"),
    "open": _Place("coalesce(c.waiting_since, c.queued_at)", "c.id", "c.id", populations.AGE),
    "first_response": _Place(
        "s.started_at", "s.id", "s.conversation_id", "CASE WHEN s.reply_id IS NOT NULL THEN floor(s.seconds)::int END"
    ),
    "next_response": _Place(
        "s.started_at", "s.id", "s.conversation_id", "CASE WHEN s.reply_id IS NOT NULL THEN floor(s.seconds)::int END"
    ),
    "time_to_claim": _Place(
        "k.queued_at",
        "k.conversation_id",
        "k.conversation_id",
        "floor(extract(epoch FROM k.claimed_at - k.queued_at))::int",
    ),
    "cases": _Place("k.claimed_at", "k.id", "k.conversation_id", populations.TO_REPLY, "k.owner_id"),
    "available": _Place("k.start", "k.person_id", "NULL::bigint", "k.seconds", "k.person_id"),
    "away": _Place("k.start", "k.person_id", "NULL::bigint", "k.seconds", "k.person_id"),
    "replies": _Place("r.sent_at", "r.id", "r.conversation_id", person="r.author_id"),
}


def rows_of(ask: Ask, name: str, period: Period | None = None, /, **narrowed: str) -> RowsOf:
    """Where the rows of a figure are: the ask's own, of another period, or narrowed to a queue, a network, ...

    What is asked of now carries the moment along: the list is read later, and can be read as it was then.
    """
    asked = period or ask.period
    where = {"from": asked.first.isoformat(), "to": asked.last.isoformat(), "compare": ""}
    if not asked.complete:
        where["until"] = spelled(asked.end)
    if LISTS[name].moving or ask.as_of is None:
        where["now"] = ask.now.isoformat()
    return RowsOf(name, where | narrowed)


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows: a list, the period and filters, what it is narrowed to, and where the page begins."""

    name: str
    list: List
    period: Period
    filters: Filters
    by: datetime | None
    after: tuple[datetime, int] | None
    now: datetime
    narrowed: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A row's key, when it began, and its conversation if it has one; for waits and the like how long it took."""

    key: int
    at: datetime
    conversation: int | None
    seconds: float | None


def question(ask: Ask, given: Mapping[str, str], lists: frozenset[str]) -> Question:
    """What an address of a list asks beyond the report's own parameters. Raises `Unclear`."""
    name = given.get("list", "")
    if name not in lists or name not in LISTS:
        raise Unclear([_("“list” is one of %(names)s.") % {"names": ", ".join(sorted(lists))}])
    period = replace(ask.period, grain="day")
    if until := given.get("until"):
        end = moment(until, "until")
        if not period.start <= end <= periods.midnight(period.last + timedelta(days=1)):
            raise Unclear([_("“until” lies outside the period.")])
        period = Period(period.first, period.last, period.start, end, complete=False)
    by = moment(given["by"], "by") if given.get("by") else None
    now = moment(given["now"], "now") if given.get("now") else ask.now
    found = find(name, ask.as_of)
    return Question(name, found, period, ask.filters, by, _cursor(given.get("after", "")), now, _narrowed(given))


def read(asked: Question, *, limit: int | None = None, days: Days | None = None) -> tuple[list[Found], str]:
    """A page of rows, newest first, and the cursor of the next one, empty at the end.

    With `days`, how many rows each day has, only the days that the page reaches to are looked through.
    """
    limit = limit or PAGE
    place = _PLACES[asked.list.what]
    population = _population(asked if days is None else replace(asked, period=_reached(asked, days, limit)))
    values = dict(population.values)
    page = ""
    if asked.after is not None:
        page = f" AND ({place.at}, {place.key}) < (%(after_at)s, %(after_key)s)"
        values |= {"after_at": asked.after[0], "after_key": asked.after[1]}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {place.key}, {place.at}, {place.conversation}, {asked.list.seconds or place.seconds} "
            f"{population.sql}{page} "
            f"ORDER BY {place.at} DESC, {place.key} DESC LIMIT %(limit)s",
            values | {"limit": limit + 1},
        )
        found = [Found(*row) for row in cursor.fetchall()]
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], _spell_cursor(last)


def _reached(asked: Question, days: Days, limit: int) -> Period:
    """As much of the period as the page needs: from its place back over as many days as hold a page and one more.

    Days at either end that have no row are left out, so that a list of few or none is not looked for in all of them.
    """
    period = asked.period
    newest = periods.bank_day(asked.after[0]) if asked.after else period.last
    held = sorted((day for day, count in days.items() if count and day <= newest), reverse=True)
    if not held:
        return Period(period.first, period.last, period.start, period.start, period.complete)
    gathered, oldest = 0, held[-1]
    for day in held:
        # The day that a cursor stands in may be used up.
        gathered += 0 if asked.after and day == newest else days[day]
        if gathered > limit:
            oldest = day
            break
    start = max(period.start, periods.midnight(oldest))
    end = min(period.end, periods.midnight(held[0] + timedelta(days=1)))
    return Period(period.first, period.last, start, end, period.complete)


def going_on(asked: Question, after: str) -> Question:
    """The question of the next page."""
    return replace(asked, after=_cursor(after))


def counted(asked: Question) -> Days | None:
    """How many rows each day has, where that is stored."""
    return counted_by_day(
        asked.name, asked.period, asked.filters, asked.now, answered_by=asked.by, narrowed=asked.narrowed
    )


def size(asked: Question) -> int:
    """How many rows the list has, the quickest way there is."""
    days = counted(asked)
    if days is None and (known := counted_whole(asked.name, asked.period, asked.filters, asked.narrowed)) is not None:
        return known
    return count(asked) if days is None else sum(days.values())


def count(asked: Question) -> int:
    """How many rows the list has, counted one by one."""
    population = _population(asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {population.sql}", population.values)
        return int(cursor.fetchone()[0])


def _population(asked: Question) -> Population:
    what, filters = asked.list.what, asked.filters
    if what == "rivals":
        filters = replace(filters, queues=None)
    made = {
        "mentions": populations.mentions,
        "rivals": populations.rivals,
        "conversations": populations.conversations,
        "authors": populations.authors,
        "closed": populations.closed_conversations,
        "closings": populations.closings,
        "time_to_claim": populations.claims,
        "cases": populations.cases,
        "replies": populations.replies,
    }
    if what == "open":
        population: Population = populations.open_conversations(filters)
    elif what in ("available", "away"):
        population = populations.spells(what == "away", asked.period, filters, asked.now)
    elif asked.name == "time_to_claim_running":
        population = populations.claims(asked.period, filters, running=True)
    elif what in made:
        population = made[what](asked.period, filters)
    else:
        population = populations.stretches(what, asked.period, filters)  # type: ignore[arg-type]
    conditions, values = _conditions(asked)
    sql = " AND ".join([population.sql, *(f"({condition})" for condition in conditions)])
    return replace(population, sql=sql, values=population.values | values)


def _conditions(asked: Question) -> tuple[list[str], dict[str, Any]]:
    place = _PLACES[asked.list.what]
    conditions = [asked.list.condition]
    values: dict[str, Any] = {"by": asked.by, "now": asked.now, "zone": periods.bank_zone().key}
    local = f"{place.at} AT TIME ZONE %(zone)s"
    for name, value in asked.narrowed.items():
        values[name] = value
        if name == "weekday":
            conditions.append(f"extract(isodow FROM {local}) - 1 = %(weekday)s")
        elif name == "hour":
            conditions.append(f"extract(hour FROM {local}) = %(hour)s")
        elif name == "band":
            limits = [0, *BANDS, 2**31 - 1]
            values |= {"band_from": limits[int(value)], "band_to": limits[int(value) + 1]}
            conditions.append(f"{populations.AGE} >= %(band_from)s AND {populations.AGE} < %(band_to)s")
        elif name == "person":
            conditions.append(f"{place.person} = %(person)s" if place.person else "false")
        else:
            conditions.append("o.rival = %(rival)s" if asked.list.what == "rivals" else "false")
    return conditions, values


def _narrowed(given: Mapping[str, str]) -> dict[str, int | str]:
    told: dict[str, int | str] = {}
    for name, most in _NUMBERS.items():
        if spelled_out := given.get(name):
            if not spelled_out.isascii() or not spelled_out.isdigit() or int(spelled_out[:12]) >= most:
                raise Unclear([_("“%(name)s” is not a number that means something here.") % {"name": name}])
            told[name] = int(spelled_out)
    if rival := given.get("rival"):
        if "\0" in rival or len(rival) > 80:
            raise Unclear([_("“%(value)s” is not a %(name)s.") % {"value": rival[:40], "name": "rival"}])
        told["rival"] = rival
    return told


def _cursor(spelled_out: str) -> tuple[datetime, int] | None:
    if not spelled_out:
        return None
    try:
        at, _separator, key = base64.urlsafe_b64decode(spelled_out.encode()).decode().partition(" ")
        found = datetime.fromisoformat(at), int(key)
    except (ValueError, binascii.Error):
        raise Unclear([_("“after” is not a place in this list.")]) from None
    # At either end of the calendar there is no bank's day.
    if found[0].tzinfo is None or not 1970 <= found[0].year < 9000 or not 0 <= found[1] < 2**63:
        raise Unclear([_("“after” is not a place in this list.")])
    return found


def _spell_cursor(last: Found) -> str:
    return base64.urlsafe_b64encode(f"{last.at.isoformat()} {last.key}".encode()).decode()
