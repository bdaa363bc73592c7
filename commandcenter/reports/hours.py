"""Hours: when do people write, and when are we short of people?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics, periods
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import Cell, Column, Content, Figure, HeatMap, Line, Report, Section, building, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of

Grid = Mapping[tuple[int, int], int]
HOURS, DAYS = range(24), range(7)
CELL_W, CELL_H, LEFT, TOP = 46, 34, 56, 26
APART = 2  # between two cells
LEVELS = 5


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    mentions, heard = (_grid(ask, "hour", period) for period in (ask.period, ask.before))
    late, late_before = (_grid(ask, "late_hour", period) for period in (ask.period, ask.before))
    came_due = metrics.attainment(ask.period, ask.now, ask.filters)
    return Content(
        headlines=[
            building.headline(
                "busy_hours",
                gettext_lazy("Mentions without spam"),
                Figure(sum(mentions.values()), "count", rows_of(ask, "written")),
                change=wording.change(sum(mentions.values()), sum(heard.values()), ask),
            ),
            building.headline(
                "busy_hours",
                gettext_lazy("First answers too late"),
                Figure(sum(late.values()), "count", rows_of(ask, "first_response_missed")),
                n=_("of %(n)s that came due") % {"n": wording.number(came_due.n)},
                change=wording.change(sum(late.values()), sum(late_before.values()), ask),
            ),
        ],
        sections=[
            _section(
                ask, "late", gettext_lazy("When are we short of people?"), late, late_before, "first_response_missed"
            ),
            _section(ask, "mentions", gettext_lazy("When do people write to us?"), mentions, heard, "written"),
        ],
    )


def _grid(ask: Ask, what: Literal["hour", "late_hour"], period: Period | None) -> Grid:
    return metrics.by_hour(what, period, ask.now, ask.filters) if period else {}


def _section(ask: Ask, key: str, question: Any, grid: Grid, before: Grid, rows: str) -> Section:
    been = _been(ask.period)
    lines = []
    for hour in HOURS:
        figures = [_figure(ask, grid, been, rows, weekday, hour) for weekday in DAYS]
        total = sum(grid.get((weekday, hour), 0) for weekday in DAYS)
        figures.append(Figure(total, "count", rows_of(ask, rows, hour=str(hour))))
        if ask.before:
            then = sum(before.get((weekday, hour), 0) for weekday in DAYS)
            figures.append(Figure(then, "count", rows_of(ask, rows, ask.before, hour=str(hour))))
        lines.append(Line(f"{hour:02}", _hour(hour), tuple(figures)))
    whole = (
        *(
            Figure(
                sum(grid.get((weekday, hour), 0) for hour in HOURS),
                "count",
                rows_of(ask, rows, weekday=str(weekday)),
            )
            for weekday in DAYS
        ),
        Figure(sum(grid.values()), "count", rows_of(ask, rows)),
        *([Figure(sum(before.values()), "count", rows_of(ask, rows, ask.before))] if ask.before else ()),
    )
    return Section(
        key=key,
        question=question,
        answer=_answer(grid, late=rows != "written"),
        definition=define("busy_hours"),
        head=gettext_lazy("Hour"),
        columns=(
            *(Column(f"day_{weekday}", str(WEEKDAYS[weekday])) for weekday in DAYS),
            Column("all", gettext_lazy("All days")),
            *([Column("before", wording.compared_with(ask))] if ask.before else ()),
        ),
        lines=(*lines, Line("all", _("All hours"), whole, so_far=not ask.period.complete)),
        map=_map(ask, grid, been, rows) if grid else None,
        note=_note(ask, been),
    )


def _been(period: Period) -> Mapping[tuple[int, int], int]:
    """How often each (weekday, hour) of the bank's clock has been in the period: never in a week that is not over, or
    where a night skips it; one that comes twice a night counts once."""
    zone, days = periods.bank_zone(), list(period.days())
    been: Counter[tuple[int, int]] = Counter()
    for day in days:
        whole = day.complete and (day.end - day.start) == metrics.ONE_DAY
        hours = set(HOURS)
        if not whole:
            moments = range(int((day.end - day.start).total_seconds() + 3599) // 3600)
            hours = {(day.start + timedelta(hours=passed)).astimezone(zone).hour for passed in moments}
        been.update((day.first.weekday(), hour) for hour in hours)
    return been


def _note(ask: Ask, been: Mapping[tuple[int, int], int]) -> str:
    """Which days these are, and whether a weekday is there more often than another: a sum would mislead."""
    told = [_("%(period)s on the bank's clock.") % {"period": wording.period(ask.period)}]
    often = [max(been.get((weekday, hour), 0) for hour in HOURS) for weekday in DAYS]
    if len(set(often)) > 1 and min(often):
        more = ", ".join(str(WEEKDAYS[weekday]) for weekday in DAYS if often[weekday] == max(often))
        about = {"days": more, "most": max(often), "least": min(often)}
        told.append(_("%(days)s: the sum of %(most)s days; other weekdays: of %(least)s.") % about)
    return " ".join(told)


def _figure(ask: Ask, grid: Grid, been: Mapping[tuple[int, int], int], rows: str, weekday: int, hour: int) -> Figure:
    """What an hour of a weekday holds; nothing, and not none, where the period has no such hour yet."""
    if (weekday, hour) not in been and (weekday, hour) not in grid:
        return Figure(None, "count")
    count = grid.get((weekday, hour), 0)
    return Figure(count, "count", rows_of(ask, rows, weekday=str(weekday), hour=str(hour)))


def _hour(hour: int) -> str:
    return f"{hour:02}:00"


def _answer(grid: Grid, *, late: bool) -> str:
    if not grid:
        return _("No first answer came too late.") if late else _("Nobody wrote in this period.")
    (weekday, hour), most = max(grid.items(), key=lambda pair: (pair[1], pair[0]))
    about = {"day": WEEKDAYS[weekday], "hour": _hour(hour), "n": wording.number(most)}
    if late:
        return _("Most answers came too late to what was written on %(day)s from %(hour)s: %(n)s.") % about
    return _("The busiest hour is %(day)s from %(hour)s: %(n)s mentions.") % about


def _map(ask: Ask, grid: Grid, been: Mapping[tuple[int, int], int], rows: str) -> HeatMap:
    top = max(grid.values())
    cells = []
    for weekday in DAYS:
        for hour in HOURS:
            figure = _figure(ask, grid, been, rows, weekday, hour)
            value = int(figure.value or 0)
            words = _("%(day)s %(hour)s: %(n)s") % {
                "day": WEEKDAYS[weekday],
                "hour": _hour(hour),
                "n": wording.figure(figure),
            }
            cells.append(
                Cell(LEFT + hour * CELL_W, TOP + weekday * CELL_H, -(-value * LEVELS // top), figure, str(words))
            )
    return HeatMap(
        width=LEFT + 24 * CELL_W,
        height=TOP + 7 * CELL_H,
        cell=(CELL_W - APART, CELL_H - APART),
        cells=tuple(cells),
        rows=tuple((TOP + weekday * CELL_H + CELL_H // 2, str(WEEKDAYS_ABBR[weekday])) for weekday in DAYS),
        columns=tuple((LEFT + hour * CELL_W + CELL_W // 2, f"{hour:02}") for hour in HOURS),
    )


REPORT = Report(
    title=gettext_lazy("Hours"),
    question=gettext_lazy("When do people write, and when are we short of people?"),
    subject="people",
    lists=frozenset({"written", "first_response_missed"}),
    content=content,
    without=frozenset({"grain"}),
)
