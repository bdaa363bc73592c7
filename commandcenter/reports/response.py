"""Response: are we answering, and how long do people wait?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrPromise

from commandcenter import metrics, periods
from commandcenter.figures import SMALL_BASE, Rate, Waits
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import (
    Column,
    Content,
    Figure,
    Headline,
    Line,
    Report,
    Section,
    building,
    charts,
    naming,
    wording,
)
from commandcenter.reports.asking import Ask, spelled
from commandcenter.reports.behind import rows_of

Wait = Literal["first_response", "next_response", "time_to_claim"]
WAITS: tuple[Wait, Wait, Wait] = ("first_response", "next_response", "time_to_claim")

_NOBODY = Waits(None, None, 0, 0)
_LISTS = frozenset(
    {
        *("actionable", "answered", "unanswered", "undecided"),
        *("first_response", "first_response_hours", "first_response_running", "first_response_dropped"),
        *("next_response", "next_response_hours", "next_response_running", "next_response_dropped"),
        *("time_to_claim", "time_to_claim_running"),
    }
)


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    rate, rate_before = metrics.response_rate(ask.period, ask.filters), _rate_before(ask)
    first, again, claims = (_spell(ask, what) for what in WAITS)
    return Content(
        headlines=[
            _rate_headline(ask, rate, rate_before),
            _wait_headline(ask, first, gettext_lazy("First response, median"), "median"),
            _wait_headline(ask, first, gettext_lazy("First response, 90th percentile"), "p90"),
            _wait_headline(ask, claims, gettext_lazy("Time to claim, median"), "median"),
        ],
        sections=[
            _rate_by_day(ask, rate, rate_before),
            _waits_by_day(ask, first, gettext_lazy("How long do people wait for a first answer?")),
            _by_queue(ask),
            _waits_by_day(ask, again, gettext_lazy("And when they write again?")),
            _waits_by_day(ask, claims, gettext_lazy("How long does it stand in a queue?")),
        ],
    )


# --- Do we answer? -----------------------------------------------------------------------------------------------


def _rate_before(ask: Ask) -> Rate:
    """The rate of the period before, as it was when that lay as far back: whoever waits overnight counts in both."""
    if ask.before is None:
        return Rate(0, 0)
    by = periods.as_far(ask.now, ask.period, ask.before)
    return metrics.response_rate(ask.before, ask.filters, answered_by=by)


def _rate_headline(ask: Ask, rate: Rate, before: Rate) -> Headline:
    return Headline(
        definition=define("response_rate"),
        title=gettext_lazy("Response rate"),
        figure=Figure(rate.percent, "percent", rows_of(ask, "actionable")),
        n=_n_of(rate),
        change=wording.rate_change(rate, before, ask),
    )


def _n_of(rate: Rate) -> str:
    return _("%(answered)s of %(n)s") % {"answered": wording.number(rate.numerator), "n": wording.number(rate.n)}


def _rate_figures(ask: Ask, rate: Rate, period: Period | None = None, **narrowed: str) -> tuple[Figure, ...]:
    def behind(name: str, value: int) -> Figure:
        return Figure(value, "count", rows_of(ask, name, period, **narrowed))

    return (
        behind("actionable", rate.n),
        behind("answered", rate.numerator),
        behind("unanswered", rate.n - rate.numerator),
        Figure(rate.percent, "percent", rows_of(ask, "actionable", period, **narrowed)),
        behind("undecided", rate.undecided),
    )


_RATE_COLUMNS = (
    Column("actionable", gettext_lazy("Needed an answer")),
    Column("answered", gettext_lazy("Answered")),
    Column("unanswered", gettext_lazy("Not answered")),
    Column("rate", gettext_lazy("Response rate")),
    Column("undecided", gettext_lazy("Undecided")),
)


def _rate_by_day(ask: Ask, rate: Rate, before: Rate) -> Section:
    days = metrics.response_rate_by_day(ask.period, ask.filters)
    lines = [
        Line(day.first.isoformat(), wording.part(day), _rate_figures(ask, one, day), so_far=not day.complete)
        for day, one in days
    ]
    lines.append(Line("all", _("All days"), _rate_figures(ask, rate), so_far=not ask.period.complete))
    if ask.before is not None:
        figures = _rate_figures(ask, before, ask.before, by=spelled(periods.as_far(ask.now, ask.period, ask.before)))
        lines.append(Line("before", wording.compared_with(ask).capitalize(), figures))
    return Section(
        key="rate",
        question=gettext_lazy("Do we answer?"),
        answer=_rate_answer(ask, rate, before),
        definition=define("response_rate"),
        head=wording.grain(ask),
        columns=_RATE_COLUMNS,
        lines=tuple(lines),
        chart=_rate_chart(days) if len(days) > 1 else None,
        note=_("What stands beside had as long to be answered: later answers are not in it.") if ask.before else "",
    )


def _rate_answer(ask: Ask, rate: Rate, before: Rate) -> str:
    if rate.n == 0:
        return _("Nothing that needed an answer came in this period.")
    words = [
        ngettext(
            "%(answered)s of %(n)s conversation that needed an answer got one: %(rate)s",
            "%(answered)s of %(n)s conversations that needed an answer got one: %(rate)s",
            rate.n,
        )
        % {
            "answered": wording.number(rate.numerator),
            "n": wording.number(rate.n),
            "rate": wording.percent(rate.percent),
        }
        + (", " + wording.rate_change(rate, before, ask) if ask.before and before.n else "")
        + "."
    ]
    if rate.undecided:
        told = ngettext("%(n)s more is undecided.", "%(n)s more are undecided.", rate.undecided)
        words.append(told % {"n": wording.number(rate.undecided)})
    return " ".join(words)


def _rate_chart(days: list[tuple[Period, Rate]]) -> Mapping[str, Any]:
    return charts.lines(
        [wording.part(day) for day, _rate in days],
        [
            charts.Series(
                str(_("Answered")),
                [one.percent for _day, one in days],
                [building.n_said(one.percent, one.n) for _day, one in days],
                column="rate",
            )
        ],
        unit=_("Answered, % of what needed it"),
        top=105,
        open_end=not days[-1][0].complete,
    )


# --- How long do people wait? ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spell:
    """One kind of wait: of each part of the period, of all (under None), and of the period before; `hours` are the same
    on the clock of business hours, which a claim has none of."""

    what: Wait
    days: Mapping[date | None, Waits]
    before: Waits
    hours: Mapping[date | None, Waits] | None
    hours_before: Waits

    @property
    def all(self) -> Waits:
        return self.days[None]


def _spell(ask: Ask, what: Wait) -> Spell:
    before = metrics.waits(what, ask.before, ask.filters)[None] if ask.before else _NOBODY
    days = metrics.waits(what, ask.period, ask.filters, by="day")
    if what == "time_to_claim":
        return Spell(what, days, before, None, _NOBODY)
    hours = metrics.in_hours(what, ask.period, ask.filters, by="day")
    then = metrics.in_hours(what, ask.before, ask.filters).get(None, _NOBODY) if ask.before else _NOBODY
    return Spell(what, days, before, hours, then)


def _wait_headline(ask: Ask, spell: Spell, title: StrPromise, part: Literal["median", "p90"]) -> Headline:
    value = getattr(spell.all, part)
    return Headline(
        definition=define(spell.what),
        title=title,
        figure=Figure(value, "seconds", rows_of(ask, spell.what)),
        n=_("n = %(n)s") % {"n": wording.number(spell.all.n)},
        change=wording.spell_change(
            value,
            getattr(spell.before, part),
            ask,
            of=(spell.all.n, spell.before.n),
            alike=building.waited_out(ask, spell.all),
        ),
    )


def _wait_figures(
    ask: Ask, what: Wait, one: Waits, period: Period | None = None, **narrowed: str
) -> tuple[Figure, ...]:
    answered = rows_of(ask, what, period, **narrowed)
    figures = (
        Figure(one.n, "count", answered),
        Figure(one.median, "seconds", answered),
        Figure(one.p90, "seconds", answered),
        Figure(one.running, "count", rows_of(ask, f"{what}_running", period, **narrowed)),
    )
    if what == "time_to_claim":
        return figures
    return (*figures, Figure(one.dropped, "count", rows_of(ask, f"{what}_dropped", period, **narrowed)))


def _wait_columns(what: Wait) -> tuple[Column, ...]:
    claims = what == "time_to_claim"
    columns = (
        Column("n", gettext_lazy("Claims") if claims else gettext_lazy("Answers")),
        Column("median", gettext_lazy("Median")),
        Column("p90", gettext_lazy("90th percentile")),
        Column("running", gettext_lazy("Still waiting")),
    )
    return columns if claims else (*columns, Column("dropped", gettext_lazy("No answer given")))


def _waits_by_day(ask: Ask, spell: Spell, question: StrPromise) -> Section:
    what = spell.what
    days = [(day, spell.days.get(day.first, _NOBODY)) for day in ask.period.parts()]

    def figures(one: Waits, worked: Waits, period: Period | None = None) -> tuple[Figure, ...]:
        if what == "time_to_claim":
            return _wait_figures(ask, what, one, period)
        return *_wait_figures(ask, what, one, period), *building.hours_figures(ask, what, worked, period)

    hours = spell.hours or {}
    lines = building.by_day(
        ask,
        [(day, figures(one, hours.get(day.first, _NOBODY), day)) for day, one in days],
        figures(spell.all, hours.get(None, _NOBODY)),
        figures(spell.before, spell.hours_before, ask.before) if ask.before else None,
    )
    return Section(
        key=what.replace("_", "-"),
        question=question,
        answer=_wait_answer(ask, spell),
        definition=define(what),
        head=wording.grain(ask),
        columns=(*_wait_columns(what), *(building.HOURS_COLUMNS if spell.hours is not None else ())),
        lines=lines,
        note=building.hours_note(ask) if spell.hours is not None else "",
        chart=_wait_chart(days) if sum(one.n > 0 for _day, one in days) > 1 else None,
    )


def _wait_answer(ask: Ask, spell: Spell) -> str:
    now, before = spell.all, spell.before
    if now.n == 0 and now.running == 0:
        return _("Nobody waited in this period.")
    words = []
    if now.n:
        about = {"median": wording.spell(now.median), "p90": wording.spell(now.p90)}
        words.append(_("Half within %(median)s, nine in ten within %(p90)s.") % about)
        if before.n and building.waited_out(ask, now):
            change = wording.spell_change(now.median, before.median, ask, of=(now.n, before.n))
            words.append(_("Median: %(change)s.") % {"change": change})
    if now.n and spell.hours is not None and (worked := spell.hours.get(None, _NOBODY)).n:
        about = {"median": wording.spell(worked.median), "p90": wording.spell(worked.p90)}
        words.append(_("In business hours: half within %(median)s, nine in ten within %(p90)s.") % about)
    if now.running:
        told = ngettext("%(n)s still waits.", "%(n)s still wait.", now.running)
        words.append(told % {"n": wording.number(now.running)})
    return " ".join(words)


def _wait_chart(days: list[tuple[Period, Waits]]) -> Mapping[str, Any]:
    longest = max((one.p90 or 0 for _day, one in days), default=0)
    size, unit = (3600, _("Hours")) if longest > 7200 else (60, _("Minutes"))

    def series(name: str, part: Literal["median", "p90"], role: str) -> charts.Series:
        values = [getattr(one, part) for _day, one in days]
        return charts.Series(
            name,
            [None if value is None else round(value / size, 2) for value in values],
            [wording.spell(value) for value in values],
            role,
        )

    return charts.lines(
        [wording.part(day) for day, _one in days],
        [series(str(_("Median")), "median", "data-1"), series(str(_("90th percentile")), "p90", "data-2")],
        unit=str(unit),
        open_end=not days[-1][0].complete,
    )


# --- Where? ------------------------------------------------------------------------------------------------------


def _by_queue(ask: Ask) -> Section:
    rates = metrics.response_rate_by("queue", ask.period, ask.filters)
    waits = metrics.waits("first_response", ask.period, ask.filters, by="queue")
    before = metrics.waits("first_response", ask.before, ask.filters, by="queue") if ask.before else {}
    queues = naming.queues()
    asked = [queue for pk, queue in queues.items() if rates.get(pk, Rate(0, 0)).n or waits.get(pk, _NOBODY).n]
    lines = []
    for queue in asked:
        rate, wait = rates.get(queue.pk, Rate(0, 0)), waits.get(queue.pk, _NOBODY)
        needed, answered, _open, share, _undecided = _rate_figures(ask, rate, queue=queue.slug)
        figures = (needed, answered, share, *_wait_figures(ask, "first_response", wait, queue=queue.slug)[:3])
        if ask.before:
            rows = rows_of(ask, "first_response", ask.before, queue=queue.slug)
            figures += (Figure(before.get(queue.pk, _NOBODY).median, "seconds", rows),)
        lines.append(Line(queue.slug, queue.name, figures))
    beside = (Column("median_before", _("Median, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key="queues",
        question=gettext_lazy("Which queue keeps people waiting?"),
        answer=_queue_answer(
            [(queue.name, rates.get(queue.pk, Rate(0, 0)), waits.get(queue.pk, _NOBODY)) for queue in asked]
        ),
        definition=define("first_response"),
        head=gettext_lazy("Queue"),
        columns=(
            *_RATE_COLUMNS[:2],
            _RATE_COLUMNS[3],
            *_wait_columns("first_response")[:3],
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=_queue_chart([(queue.name, waits[queue.pk]) for queue in asked if waits.get(queue.pk, _NOBODY).n]),
    )


def _queue_answer(queues: list[tuple[str, Rate, Waits]]) -> str:
    slow = [(wait.median, name, wait.n) for name, _rate, wait in queues if wait.median is not None]
    if not slow:
        return _("No first answers in this period.")
    seconds, name, n = max(slow)
    about = {"queue": name, "median": wording.spell(seconds), "n": wording.number(n)}
    words = [_("%(queue)s answers slowest: half of %(n)s within %(median)s.") % about]
    low = [
        (rate.percent, called, rate.n)
        for called, rate, _wait in queues
        if rate.percent is not None and rate.n >= SMALL_BASE
    ]
    if low:
        share, called, n = min(low)
        about = {"queue": called, "rate": wording.percent(share), "n": wording.number(n)}
        words.append(_("%(queue)s answers least: %(rate)s of %(n)s.") % about)
    return " ".join(words)


def _queue_chart(queues: list[tuple[str, Waits]]) -> Mapping[str, Any] | None:
    ranked = sorted(queues, key=lambda pair: -(pair[1].median or 0))
    measured = [(name, wait.median, wait.n) for name, wait in ranked]
    return building.measured_bars(measured, "seconds", _("Median wait"), column="median")


REPORT = Report(
    title=gettext_lazy("Response"),
    question=gettext_lazy("Are we answering, and how long do people wait?"),
    subject="answers",
    lists=_LISTS,
    content=content,
)
