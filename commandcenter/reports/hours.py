"""Hours: when do people write, and when are we short of people?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics
from commandcenter.glossary import define
from commandcenter.reports import Cell, Column, Content, Figure, HeatMap, Line, Report, Section, building, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of

Grid = Mapping[tuple[int, int], int]
HOURS, DAYS = range(24), range(7)
CELL_W, CELL_H, LEFT, TOP = 46, 34, 56, 26
LEVELS = 5


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    mentions = metrics.by_hour("hour", ask.period, ask.now, ask.filters)
    late = metrics.by_hour("late_hour", ask.period, ask.now, ask.filters)
    return Content(
        headlines=[
            building.headline(
                "busy_hours",
                gettext_lazy("Mentions"),
                Figure(sum(mentions.values()), "count", rows_of(ask, "mentions")),
            ),
            building.headline(
                "busy_hours",
                gettext_lazy("First answers too late"),
                Figure(sum(late.values()), "count", rows_of(ask, "first_response_missed")),
            ),
        ],
        sections=[
            _section(ask, "late", gettext_lazy("When are we short of people?"), late, "first_response_missed"),
            _section(ask, "mentions", gettext_lazy("When do people write to us?"), mentions, "mentions"),
        ],
    )


def _section(ask: Ask, key: str, question: Any, grid: Grid, rows: str) -> Section:
    lines = tuple(
        Line(
            f"{hour:02}",
            _hour(hour),
            (
                *(_figure(ask, grid, rows, weekday, hour) for weekday in DAYS),
                Figure(
                    sum(grid.get((weekday, hour), 0) for weekday in DAYS), "count", rows_of(ask, rows, hour=str(hour))
                ),
            ),
        )
        for hour in HOURS
    )
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
    )
    return Section(
        key=key,
        question=question,
        answer=_answer(grid, late=rows != "mentions"),
        definition=define("busy_hours"),
        head=gettext_lazy("Hour"),
        columns=(
            *(Column(f"day_{weekday}", str(WEEKDAYS[weekday])) for weekday in DAYS),
            Column("all", gettext_lazy("All days")),
        ),
        lines=(*lines, Line("all", _("All hours"), whole, so_far=not ask.period.complete)),
        map=_map(ask, grid, rows) if grid else None,
        note=_("%(period)s on the bank's clock.") % {"period": wording.period(ask.period)},
    )


def _figure(ask: Ask, grid: Grid, rows: str, weekday: int, hour: int) -> Figure:
    return Figure(grid.get((weekday, hour), 0), "count", rows_of(ask, rows, weekday=str(weekday), hour=str(hour)))


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


def _map(ask: Ask, grid: Grid, rows: str) -> HeatMap:
    top = max(grid.values())
    cells = []
    for weekday in DAYS:
        for hour in HOURS:
            figure = _figure(ask, grid, rows, weekday, hour)
            value = int(figure.value or 0)
            words = _("%(day)s %(hour)s: %(n)s") % {
                "day": WEEKDAYS[weekday],
                "hour": _hour(hour),
                "n": wording.number(value),
            }
            cells.append(
                Cell(LEFT + hour * CELL_W, TOP + weekday * CELL_H, -(-value * LEVELS // top), figure, str(words))
            )
    return HeatMap(
        width=LEFT + 24 * CELL_W,
        height=TOP + 7 * CELL_H,
        cells=tuple(cells),
        rows=tuple((TOP + weekday * CELL_H + CELL_H // 2, str(WEEKDAYS_ABBR[weekday])) for weekday in DAYS),
        columns=tuple((LEFT + hour * CELL_W + CELL_W // 2, f"{hour:02}") for hour in HOURS),
    )


REPORT = Report(
    title=gettext_lazy("Hours"),
    question=gettext_lazy("When do people write, and when are we short of people?"),
    lists=frozenset({"mentions", "first_response_missed"}),
    content=content,
)
