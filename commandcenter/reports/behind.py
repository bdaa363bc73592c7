"""The rows behind every figure: lists that are exactly as long as the figure that leads to them.

A list shares its population with the figure (`commandcenter.populations`) and adds one condition. Pages go by key,
newest first, so that the millionth row is as near as the first.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from commandcenter import periods, populations
from commandcenter.glossary import Definition, define
from commandcenter.periods import Period
from commandcenter.populations import Filters, Population
from commandcenter.reports import RowsOf
from commandcenter.reports.asking import Ask, Unclear, moment, spelled

PAGE = 50
ALSO = ("list", "until", "by", "after")


@dataclass(frozen=True, slots=True)
class List:
    """One kind of list. `what` says which rows it holds: mentions, conversations, waits or claims."""

    title: StrPromise
    what: str
    condition: str
    definition: Definition


_VOLUME, _RATE = define("volume"), define("response_rate")
_ANSWERED = (
    "c.actionable AND c.first_replied_at IS NOT NULL AND (%(by)s::timestamptz IS NULL OR c.first_replied_at < %(by)s)"
)
_UNANSWERED = "c.actionable AND (c.first_replied_at IS NULL OR c.first_replied_at >= %(by)s)"


def _waits(target: str, title: StrPromise, running: StrPromise, dropped: StrPromise) -> dict[str, List]:
    definition = define(target)
    return {
        target: List(title, target, "s.reply_id IS NOT NULL", definition),
        f"{target}_running": List(running, target, populations.RUNNING, definition),
        f"{target}_dropped": List(dropped, target, populations.DROPPED, definition),
    }


LISTS: Mapping[str, List] = {
    "mentions": List(gettext_lazy("Mentions"), "mentions", "true", _VOLUME),
    "private": List(gettext_lazy("Private messages"), "mentions", "m.visibility = 'private'", _VOLUME),
    "spam": List(gettext_lazy("Spam"), "mentions", "m.spam", _VOLUME),
    "actionable": List(gettext_lazy("Conversations that needed an answer"), "conversations", "c.actionable", _RATE),
    "answered": List(gettext_lazy("Answered conversations"), "conversations", _ANSWERED, _RATE),
    "unanswered": List(gettext_lazy("Conversations without an answer"), "conversations", _UNANSWERED, _RATE),
    "undecided": List(gettext_lazy("Undecided conversations"), "conversations", "c.actionable IS NULL", _RATE),
    **_waits(
        "first_response",
        gettext_lazy("First answers"),
        gettext_lazy("Customers who wait for a first answer"),
        gettext_lazy("First waits that ended without an answer"),
    ),
    **_waits(
        "next_response",
        gettext_lazy("Next answers"),
        gettext_lazy("Customers who wait for a next answer"),
        gettext_lazy("Next waits that ended without an answer"),
    ),
    "time_to_claim": List(gettext_lazy("Claims"), "time_to_claim", "k.claimed_at IS NOT NULL", define("time_to_claim")),
    "time_to_claim_running": List(
        gettext_lazy("Conversations that stand in a queue"),
        "time_to_claim",
        "k.claimed_at IS NULL",
        define("time_to_claim"),
    ),
}
# Of each kind: where a row's place in time and its key are.
_ORDER = {
    "mentions": ("m.occurred_at", "m.id", "m.conversation_id"),
    "conversations": ("c.opened_at", "c.id", "c.id"),
    "first_response": ("s.started_at", "s.id", "s.conversation_id"),
    "next_response": ("s.started_at", "s.id", "s.conversation_id"),
    "time_to_claim": ("k.queued_at", "k.conversation_id", "k.conversation_id"),
}


def rows_of(ask: Ask, name: str, period: Period | None = None, /, **narrowed: str) -> RowsOf:
    """Where the rows of a figure are: the ask's own, of another period, or narrowed to a queue, a network, ..."""
    asked = period or ask.period
    where = {"from": asked.first.isoformat(), "to": asked.last.isoformat(), "compare": ""}
    if not asked.complete:
        where["until"] = spelled(asked.end)
    return RowsOf(name, where | narrowed)


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows: a list, the period and filters, and where the page begins."""

    name: str
    period: Period
    filters: Filters
    by: datetime | None
    after: tuple[datetime, int] | None

    @property
    def list(self) -> List:
        return LISTS[self.name]


@dataclass(frozen=True, slots=True)
class Found:
    """A row's key, when it began, and its conversation if it has one; for waits and claims how long it took."""

    key: int
    at: datetime
    conversation: int | None
    seconds: float | None


def question(ask: Ask, given: Mapping[str, str], lists: frozenset[str]) -> Question:
    """What an address of a list asks beyond the report's own parameters. Raises `Unclear`."""
    name = given.get("list", "")
    if name not in lists or name not in LISTS:
        raise Unclear([_("“list” is one of %(names)s.") % {"names": ", ".join(sorted(lists))}])
    period = ask.period
    if until := given.get("until"):
        end = moment(until, "until")
        if not period.start <= end <= periods.midnight(period.last + timedelta(days=1)):
            raise Unclear([_("“until” lies outside the period.")])
        period = Period(period.first, period.last, period.start, end, complete=False)
    by = moment(given["by"], "by") if given.get("by") else None
    return Question(name, period, ask.filters, by, _cursor(given.get("after", "")))


def read(asked: Question, *, limit: int | None = None) -> tuple[list[Found], str]:
    """A page of rows, newest first, and the cursor of the next one, empty at the end."""
    limit = limit or PAGE
    at, key, conversation = _ORDER[asked.list.what]
    population = _population(asked)
    values = dict(population.values)
    page = ""
    if asked.after is not None:
        page = f" AND ({at}, {key}) < (%(after_at)s, %(after_key)s)"
        values |= {"after_at": asked.after[0], "after_key": asked.after[1]}
    seconds = getattr(population, "seconds", "NULL")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {at}, {conversation}, {seconds} {population.sql}{page} "
            f"ORDER BY {at} DESC, {key} DESC LIMIT %(limit)s",
            values | {"limit": limit + 1},
        )
        found = [Found(*row) for row in cursor.fetchall()]
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], _spell_cursor(last)


def going_on(asked: Question, after: str) -> Question:
    """The question of the next page."""
    return replace(asked, after=_cursor(after))


def count(asked: Question) -> int:
    """How many rows the list has."""
    population = _population(asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {population.sql}", population.values)
        return int(cursor.fetchone()[0])


def _population(asked: Question) -> Population:
    what = asked.list.what
    if what == "mentions":
        population: Population = populations.mentions(asked.period, asked.filters)
    elif what == "conversations":
        population = populations.conversations(asked.period, asked.filters)
    else:
        population = populations.waits(what, asked.period, asked.filters)  # type: ignore[arg-type]
    return replace(
        population, sql=f"{population.sql} AND ({asked.list.condition})", values=population.values | {"by": asked.by}
    )


def _cursor(spelled_out: str) -> tuple[datetime, int] | None:
    if not spelled_out:
        return None
    try:
        at, _separator, key = base64.urlsafe_b64decode(spelled_out.encode()).decode().partition(" ")
        found = datetime.fromisoformat(at), int(key)
    except (ValueError, binascii.Error):
        raise Unclear([_("“after” is not a place in this list.")]) from None
    if found[0].tzinfo is None or not 0 <= found[1] < 2**63:
        raise Unclear([_("“after” is not a place in this list.")])
    return found


def _spell_cursor(last: Found) -> str:
    return base64.urlsafe_b64encode(f"{last.at.isoformat()} {last.key}".encode()).decode()
