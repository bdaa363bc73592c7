"""Resolution: is it solved, does it stay solved, and how much work does it take?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from commandcenter import metrics
from commandcenter.figures import SMALL_BASE, Rate, Resolution, Waits
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import Column, Content, Figure, Headline, Line, Report, Section, building, charts, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of
from commandcenter.reports.building import NEVER_CLOSED, NOBODY, NOTHING_CLOSED
from commandcenter.times import Axis


@dataclass(frozen=True, slots=True)
class Solved:
    """What is told of the conversations closed in a stretch of time or in one place."""

    took: Resolution = NOTHING_CLOSED
    active: Waits = NOBODY
    handled: Waits = NOBODY
    transfers: int = 0
    stays: Rate = NEVER_CLOSED

    @property
    def each(self) -> float | None:
        """Hand-overs for each closed conversation."""
        return self.transfers / self.took.n if self.took.n else None

    @property
    def at_once(self) -> float | None:
        """What share was solved with one reply."""
        return 100 * self.took.once / self.took.n if self.took.n else None


_NOTHING = Solved()
WEEK = timedelta(days=7)


def _solved(ask: Ask, period: Period, by: Axis, *, effort: bool = True) -> dict[Any, Solved]:
    """For each key of the axis; beside days the whole is under None. Without `effort` no work is told."""
    took = metrics.resolution(period, ask.filters, by=by)
    active = metrics.active_time(period, ask.filters, by=by)
    handled = metrics.handle_time(period, ask.filters, by=by) if effort else {}
    handed = metrics.transfers(period, ask.filters, by=by) if effort else {}
    stays = metrics.reopen_rate(period, ask.filters, by=by)
    return {
        key: Solved(
            took.get(key, NOTHING_CLOSED),
            active.get(key, NOBODY),
            handled.get(key, NOBODY),
            handed.get(key, 0),
            stays.get(key, NEVER_CLOSED),
        )
        for key in took.keys() | stays.keys()
    }


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    before = _solved(ask, ask.before, "none").get(None, _NOTHING) if ask.before else _NOTHING
    by_day = _solved(ask, ask.period, "day")
    whole = by_day.get(None, _NOTHING)
    days = [(day, by_day.get(day.first, _NOTHING)) for day in ask.period.parts()]
    return Content(
        headlines=list(_headlines(ask, whole, before)),
        sections=[
            _how_long(ask, days, whole, before),
            _stays(ask, days, whole, before),
            _effort(ask, days, whole, before),
            _ranked(ask, "queue", gettext_lazy("Where does it take longest?"), gettext_lazy("Queue")),
            _ranked(ask, "network", gettext_lazy("On which network?"), gettext_lazy("Network")),
            _ranked(ask, "topic", gettext_lazy("About what?"), gettext_lazy("Topic")),
        ],
    )


Days = Sequence[tuple[Period, Solved]]


def _headlines(ask: Ask, now: Solved, then: Solved) -> Iterator[Headline]:
    def spell(key: str, title: StrPromise, rows: str, now: Any, then: Any, part: str) -> Headline:
        value = getattr(now, part)
        change = wording.spell_change(now.median, then.median, ask, of=(now.n, then.n))
        return building.headline(key, title, Figure(value, "seconds", rows_of(ask, rows)), _n(now.n), change)

    yield spell("resolution", gettext_lazy("Resolution time, median"), "closed", now.took, then.took, "median")
    yield spell("active_time", gettext_lazy("Active time, median"), "active", now.active, then.active, "median")
    yield spell("handle_time", gettext_lazy("Handle time, median"), "handled", now.handled, then.handled, "median")
    at_once, at_once_then = (Rate(one.took.once, one.took.n) for one in (now, then))
    yield building.headline(
        "resolution",
        gettext_lazy("Solved with one reply"),
        Figure(now.at_once, "percent", rows_of(ask, "closed")),
        building.n_of(at_once.numerator, at_once.n),
        wording.rate_change(at_once, at_once_then, ask) if at_once_then.n else "",
    )
    yield building.headline(
        "reopen_rate",
        gettext_lazy("Reopened within seven days"),
        Figure(now.stays.percent, "percent", rows_of(ask, "closings")),
        building.n_of(now.stays.numerator, now.stays.n),
        _stays_change(ask, now.stays, then.stays),
    )
    each = Figure(now.each, "each", rows_of(ask, "closed"))
    beside = f"{wording.compared_with(ask)}: {wording.figure(Figure(then.each, 'each'))}" if ask.before else ""
    yield building.headline("transfers", gettext_lazy("Transfers per conversation"), each, _n(now.took.n), beside)


def _n(n: int) -> str:
    return _("n = %(n)s") % {"n": wording.number(n)}


# --- How long? ---------------------------------------------------------------------------------------------------

_LONG = (
    Column("closed", gettext_lazy("Closed")),
    Column("median", gettext_lazy("Median")),
    Column("p90", gettext_lazy("90th percentile")),
    Column("active_median", gettext_lazy("Active, median")),
    Column("active_p90", gettext_lazy("Active, 90th percentile")),
)


def _long_figures(ask: Ask, one: Solved, period: Period | None = None, /, **narrowed: str) -> tuple[Figure, ...]:
    closed, active = (rows_of(ask, rows, period, **narrowed) for rows in ("closed", "active"))
    return (
        Figure(one.took.n, "count", closed),
        Figure(one.took.median, "seconds", closed),
        Figure(one.took.p90, "seconds", closed),
        Figure(one.active.median, "seconds", active),
        Figure(one.active.p90, "seconds", active),
    )


def _how_long(ask: Ask, days: Days, whole: Solved, before: Solved) -> Section:
    answer = _("Nothing was closed in this period.")
    if whole.took.n:
        answer = _("%(n)s closed: half within %(median)s, nine in ten within %(p90)s.") % {
            "n": wording.number(whole.took.n),
            "median": wording.spell(whole.took.median),
            "p90": wording.spell(whole.took.p90),
        }
        if before.took.n:
            took, then = whole.took, before.took
            change = wording.spell_change(took.median, then.median, ask, of=(took.n, then.n))
            answer += " " + _("Median: %(change)s.") % {"change": change}
    return Section(
        key="days",
        question=gettext_lazy("How long until it is solved?"),
        answer=answer,
        definition=define("resolution"),
        head=wording.grain(ask),
        columns=_LONG,
        lines=_lines(ask, days, whole, before, _long_figures),
        chart=_length_chart(days),
    )


def _lines(ask: Ask, days: Days, whole: Solved, before: Solved, told: Any) -> tuple[Line, ...]:
    then = told(ask, before, ask.before) if ask.before else None
    return building.by_day(ask, [(day, told(ask, one, day)) for day, one in days], told(ask, whole), then)


def _length_chart(days: Days) -> Mapping[str, Any] | None:
    return _spells(
        days,
        (_("Resolution, median"), [one.took.median for _day, one in days], "median"),
        (_("Active, median"), [one.active.median for _day, one in days], "active_median"),
    )


def _spells(days: Days, *told: tuple[str, Sequence[float | None], str]) -> Mapping[str, Any] | None:
    """Lines of lengths of time by day: of each its name, its values, and the column of its figures."""
    if sum(value is not None for value in told[0][1]) < 2:
        return None
    longest = max(value or 0 for value in told[0][1])
    units = ((86400, _("Days")), (3600, _("Hours")), (60, _("Minutes")))
    size, unit = next(one for one in units if longest > 2 * one[0] or one is units[-1])

    def series(name: str, values: Sequence[float | None], role: str, column: str) -> charts.Series:
        scaled = [None if value is None else round(value / size, 2) for value in values]
        return charts.Series(name, scaled, [wording.spell(value) for value in values], role, column)

    return charts.lines(
        [wording.part(day) for day, _one in days],
        [series(name, values, f"data-{place}", column) for place, (name, values, column) in enumerate(told, start=1)],
        unit=unit,
        open_end=not days[-1][0].complete,
    )


# --- Does it stay solved? ----------------------------------------------------------------------------------------

_STAYS = (
    Column("closings", gettext_lazy("Closings")),
    Column("reopened", gettext_lazy("Reopened")),
    Column("reopened_share", gettext_lazy("Reopened, %")),
    Column("once", gettext_lazy("With one reply")),
    Column("once_share", gettext_lazy("With one reply, %")),
)


def _stays_figures(ask: Ask, one: Solved, period: Period | None = None, /, **narrowed: str) -> tuple[Figure, ...]:
    closings, closed = (rows_of(ask, rows, period, **narrowed) for rows in ("closings", "closed"))
    return (
        Figure(one.stays.n, "count", closings),
        Figure(one.stays.numerator, "count", rows_of(ask, "reopened", period, **narrowed)),
        Figure(one.stays.percent, "percent", closings),
        Figure(one.took.once, "count", rows_of(ask, "once", period, **narrowed)),
        Figure(one.at_once, "percent", closed),
    )


def _stays_change(ask: Ask, now: Rate, then: Rate) -> str:
    """What was closed within the last week has had less time to be opened again than what stands beside it."""
    settled = ask.period.end <= ask.now - WEEK
    return wording.rate_change(now, then, ask, good="less", alike=settled) if then.n else ""


def _stays(ask: Ask, days: Days, whole: Solved, before: Solved) -> Section:
    rate = whole.stays
    answer = _("Nothing was closed in this period.")
    if rate.n:
        answer = _("%(reopened)s of %(n)s closings were opened again within seven days: %(share)s.") % {
            "reopened": wording.number(rate.numerator),
            "n": wording.number(rate.n),
            "share": wording.percent(rate.percent),
        }
        if change := _stays_change(ask, rate, before.stays):
            answer = f"{answer[:-1]}, {change}."
    return Section(
        key="stays",
        question=gettext_lazy("Does it stay solved?"),
        answer=answer,
        definition=define("reopen_rate"),
        head=wording.grain(ask),
        columns=_STAYS,
        lines=_lines(ask, days, whole, before, _stays_figures),
        chart=_stays_chart(days),
        note=_("What was closed less than seven days ago may yet be opened again."),
    )


def _stays_chart(days: Days) -> Mapping[str, Any] | None:
    rates = (
        (_("Reopened"), [one.stays for _day, one in days], "reopened_share"),
        (_("With one reply"), [Rate(one.took.once, one.took.n) for _day, one in days], "once_share"),
    )
    if sum(rate.n > 0 for rate in rates[0][1]) < 2:
        return None
    return charts.lines(
        [wording.part(day) for day, _one in days],
        [
            charts.Series(
                name,
                [rate.percent for rate in told],
                [building.n_said(rate.percent, rate.n) for rate in told],
                f"data-{place}",
                column,
            )
            for place, (name, told, column) in enumerate(rates, start=1)
        ],
        unit=_("% of what was closed"),
        top=105,
        open_end=not days[-1][0].complete,
    )


# --- How much work? ----------------------------------------------------------------------------------------------

_EFFORT = (
    Column("handled", gettext_lazy("With time in focus")),
    Column("handle_median", gettext_lazy("Handle time, median")),
    Column("handle_p90", gettext_lazy("Handle time, 90th percentile")),
    Column("handed_on", gettext_lazy("Handed on")),
    Column("transfers", gettext_lazy("Transfers per conversation")),
)


def _effort_figures(ask: Ask, one: Solved, period: Period | None = None, /, **narrowed: str) -> tuple[Figure, ...]:
    handled = rows_of(ask, "handled", period, **narrowed)
    return (
        Figure(one.handled.n, "count", handled),
        Figure(one.handled.median, "seconds", handled),
        Figure(one.handled.p90, "seconds", handled),
        Figure(one.took.handed_on, "count", rows_of(ask, "handed_on", period, **narrowed)),
        Figure(one.each, "each", rows_of(ask, "closed", period, **narrowed)),
    )


def _effort(ask: Ask, days: Days, whole: Solved, before: Solved) -> Section:
    answer = _("Nobody had anything in focus that was closed in this period.")
    if whole.handled.n:
        answer = _("Half were in focus for %(median)s or less, nine in ten for %(p90)s or less.") % {
            "median": wording.spell(whole.handled.median),
            "p90": wording.spell(whole.handled.p90),
        }
    if whole.took.n:
        answer += " " + _("%(part)s were handed on before they were solved.") % {
            "part": building.n_of(whole.took.handed_on, whole.took.n)
        }
    return Section(
        key="effort",
        question=gettext_lazy("How much work does it take?"),
        answer=answer,
        definition=define("handle_time"),
        head=wording.grain(ask),
        columns=_EFFORT,
        lines=_lines(ask, days, whole, before, _effort_figures),
        chart=_spells(
            days,
            (_("90th percentile"), [one.handled.p90 for _day, one in days], "handle_p90"),
            (_("Handle time, median"), [one.handled.median for _day, one in days], "handle_median"),
        ),
    )


# --- Where? ------------------------------------------------------------------------------------------------------

_PLACED = (*_LONG[:4], *_STAYS[:3], _STAYS[4])


def _placed_figures(ask: Ask, one: Solved, effort: bool, /, **narrowed: str) -> tuple[Figure, ...]:
    long, stays = _long_figures(ask, one, **narrowed), _stays_figures(ask, one, **narrowed)
    work = _effort_figures(ask, one, **narrowed) if effort else ()
    return (*long[:4], *stays[:3], stays[4], *work[1:2], *work[4:])


def _ranked(ask: Ask, axis: Axis, question: StrPromise, head: StrPromise) -> Section:
    effort = axis == "queue"
    found, called = _solved(ask, ask.period, axis, effort=effort), building.names(axis)
    before = metrics.resolution(ask.before, ask.filters, by=axis) if ask.before else {}
    order = sorted(found, key=lambda key: (-(found[key].took.median or 0), str(key)))
    lines, measured, told = [], [], []
    for key in order:
        one, (name, narrowed) = found[key], called(key)
        figures = _placed_figures(ask, one, effort, **narrowed)
        if ask.before:
            then = before.get(key, NOTHING_CLOSED)
            figures += (Figure(then.median, "seconds", rows_of(ask, "closed", ask.before, **narrowed)),)
        lines.append(Line(narrowed[axis], name, figures))
        measured.append((name, one.took.median, one.took.n))
        if one.stays.n >= SMALL_BASE:
            told.append((one.stays.percent or 0, name, one.stays))
    answer = _("Nothing was closed in this period.")
    if measured and measured[0][1] is not None:
        name, median, n = measured[0]
        about = {"name": name, "median": wording.spell(median), "n": wording.number(n)}
        answer = _("%(name)s takes longest: half of %(n)s within %(median)s.") % about
    if told:
        _share, name, rate = max(told, key=lambda one: one[0])
        about = {"name": name, "share": building.n_of(rate.numerator, rate.n)}
        answer += " " + _("%(name)s is opened again most: %(share)s.") % about
    beside = (Column("median_before", _("Median, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key=f"{axis}s",
        question=question,
        answer=answer,
        definition=define("resolution"),
        head=head,
        columns=(*_PLACED, *((_EFFORT[1], _EFFORT[4]) if effort else ()), *(beside if ask.before else ())),
        lines=tuple(lines),
        chart=building.measured_bars(measured, "seconds", _("Median until it is solved"), column="median"),
    )


REPORT = Report(
    title=gettext_lazy("Resolution"),
    question=gettext_lazy("Is it solved, does it stay solved, and how much work does it take?"),
    subject="answers",
    lists=frozenset({"closed", "active", "once", "handled", "handed_on", "closings", "reopened"}),
    content=content,
)
