"""How many rows a list has on each day, from what is stored: so that its number and its first page come at once.

Only lists whose figure is stored by day; the others are counted row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from commandcenter import asof, facts, metrics, rivals, rollups, sums, times
from commandcenter.periods import Period
from commandcenter.populations import Filters

Days = dict[date, int]

# Of the counts that `rollups` keeps, in their order: what makes each list.
_MENTIONS: Mapping[str, Callable[..., int]] = {
    "mentions": lambda total, *rest: total,
    "private": lambda total, private, *rest: private,
    "spam": lambda total, private, spam, *rest: spam,
    "public": lambda *counts: counts[metrics.HEARD],
    "written": lambda total, private, spam, *rest: total - spam,
    "positive": lambda total, private, spam, positive, *rest: positive,
    "neutral": lambda total, private, spam, positive, neutral, *rest: neutral,
    "negative": lambda total, private, spam, positive, neutral, negative, *rest: negative,
    "scored": lambda total, private, spam, positive, neutral, negative, *rest: positive + neutral + negative,
    "unscored": lambda total, private, spam, *tones: total - spam - sum(tones[:3]),
}
_CONVERSATIONS: Mapping[str, Callable[..., int]] = {
    "begun": lambda total, *rest: total,
    "actionable": lambda total, actionable, undecided, answered: actionable,
    "answered": lambda total, actionable, undecided, answered: answered,
    "unanswered": lambda total, actionable, undecided, answered: actionable - answered,
    "undecided": lambda total, actionable, undecided, answered: undecided,
    "came_in": lambda total, actionable, undecided, answered: actionable + undecided,
}
_FACTS: Mapping[str, tuple[facts.What, str]] = {
    "first_response": ("first_response", "n"),
    "first_response_met": ("first_response", "met"),
    "next_response": ("next_response", "n"),
    "first_response_hours": ("first_response_hours", "n"),
    "next_response_hours": ("next_response_hours", "n"),
    "next_response_met": ("next_response", "met"),
    "resolution_met": ("promise", "met"),
    "time_to_claim": ("time_to_claim", "n"),
    "closed": ("resolution", "n"),
    "once": ("resolution", "once"),
    "handed_on": ("resolution", "again"),
    "active": ("active", "n"),
    "handled": ("handle", "n"),
    "closings": ("closing", "once"),
    "reopened": ("closing", "again"),
    "claims": ("claim", "once"),
    "given_back": ("claim", "again"),
    "replied": ("claim", "n"),
    "in_focus": ("focus", "n"),
    "replies": ("reply", "once"),
}
_TARGETS: Mapping[str, metrics.Target] = {
    "first_response": "first_response",
    "next_response": "next_response",
    "resolution": "resolution",
}
_WAITS: Mapping[str, tuple[times.Wait, int]] = {
    f"{what}_{part}": (what, place)
    for what in ("first_response", "next_response", "time_to_claim")
    for place, part in enumerate(("running", "dropped"))
}
_HOURS: Mapping[str, Literal["hour", "late_hour"]] = {"written": "hour", "first_response_missed": "late_hour"}


def by_day(
    name: str,
    period: Period,
    filters: Filters,
    now: datetime,
    *,
    answered_by: datetime | None = None,
    narrowed: Mapping[str, int | str] = {},
) -> Days | None:
    """Each bank day of the period with the number of its rows, days without any left out; None if nobody keeps it.

    `answered_by` asks what was answered before a moment; `narrowed` is the list's own (see `behind.Question`).
    """
    if asof.at() or asof.once("behind", rollups.behind):
        return None
    if name in ("heard", "rivals", "industry"):
        return None if narrowed.keys() - {"rival"} else _heard(name, period, filters, narrowed.get("rival"))
    if narrowed.keys() & {"weekday", "hour"}:
        return _in_hours(name, period, filters, now, narrowed)
    if answered_by is not None and name in ("answered", "unanswered"):
        return None if narrowed or answered_by.second else _answered(name, period, filters, answered_by)
    person = narrowed.get("person")
    if narrowed.keys() - {"person"} or (person is not None and not _told_by_people(name)):
        return None
    if name in _MENTIONS:
        return _summed(rollups.MENTIONS, _MENTIONS[name], period, filters)
    if name in _CONVERSATIONS:
        return _summed(rollups.CONVERSATIONS, _CONVERSATIONS[name], period, filters)
    if name in _FACTS:
        what, part = _FACTS[name]
        one = None if person is None else int(person)
        read = facts.read(what, period.start, period.end, filters, by="day", counts=True, person=one)
        return {day: getattr(one, part) for day, one in read.items()}
    if name in _WAITS:
        wait, place = _WAITS[name]
        return {day: pair[place] for day, pair in times.unended(wait, period, filters).items()}
    return _promises(name, period, filters, now)


def whole(name: str, period: Period, filters: Filters, narrowed: Mapping[str, int | str]) -> int | None:
    """How many rows a list has whose days do not add up, from what is stored; None of any other."""
    if name != "authors" or narrowed or asof.at() or asof.once("behind", rollups.behind):
        return None
    return metrics.authors(period, filters)[None]


def _told_by_people(name: str) -> bool:
    return name in _FACTS and _FACTS[name][0] in facts.BY_PEOPLE


def _summed(
    table: rollups.Table,
    kept: Callable[..., int],
    period: Period,
    filters: Filters,
    *,
    sources: Sequence[int] | None = None,
    networks: Sequence[str] | None = None,
) -> Days:
    others = sources is not None
    spans = [(period.start, period.end)]
    found = sums.sums(table, spans, filters, by="day", rivals=others, sources=sources, networks=networks)
    return {day: kept(*counts) for (_span, day), counts in found.items()}


def _heard(name: str, period: Period, filters: Filters, of: int | str | None) -> Days | None:
    """What share of voice is made of: ours, one rival's or all, or topics of the industry."""
    others, everywhere = rivals.listened(), replace(filters, queues=None)

    def heard(*counts: int) -> int:
        return counts[metrics.HEARD]

    if name == "heard":
        return None if of else _summed(rollups.MENTIONS, heard, period, everywhere, networks=others.networks)
    listening = others.rivals if name == "rivals" else others.industry
    sources = [pk for pk, about in listening.items() if of in (None, about)]
    return _summed(rollups.MENTIONS, heard, period, everywhere, sources=sources) if sources else {}


def _in_hours(
    name: str, period: Period, filters: Filters, now: datetime, narrowed: Mapping[str, int | str]
) -> Days | None:
    if name not in _HOURS or narrowed.keys() - {"weekday", "hour"}:
        return None
    told: Days = {}
    for (day, hour), count in times.by_day_and_hour(_HOURS[name], period, now, filters).items():
        if narrowed.get("weekday", day.weekday()) == day.weekday() and narrowed.get("hour", hour) == hour:
            told[day] = told.get(day, 0) + count
    return told


def _answered(name: str, period: Period, filters: Filters, answered_by: datetime) -> Days:
    answered = times.answered_before_by_day(period, filters, answered_by)
    if name == "answered":
        return answered
    needed = _summed(rollups.CONVERSATIONS, _CONVERSATIONS["actionable"], period, filters)
    return {day: count - answered.get(day, 0) for day, count in needed.items()}


def _promises(name: str, period: Period, filters: Filters, now: datetime) -> Days | None:
    for part in ("missed", "not_due", "due"):
        target = name.removesuffix(f"_{part}")
        if target != name and target in _TARGETS:
            promises = metrics.attainment_by("day", period, now, filters, target=_TARGETS[target])
            of = {"missed": "missed", "not_due": "running", "due": "n"}[part]
            return {day: getattr(one, of) for day, one in promises.items()}
    return None
