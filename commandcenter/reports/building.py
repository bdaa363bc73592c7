"""What most reports have in common: lines by day, totals, the period before, and tables that are ranked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from commandcenter import metrics, sums, times
from commandcenter.figures import Attainment, Rate, Resolution, Waits
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import Column, Figure, Headline, Line, charts, naming, wording
from commandcenter.reports.asking import UNKNOWN, Ask
from commandcenter.reports.behind import rows_of
from commandcenter.times import Wait
from mentions.models import Queue

Named = Callable[[Any], tuple[str, dict[str, str]]]

NOBODY = Waits(None, None, 0, 0)
NO_PROMISE = Attainment(0, 0, 0)
NOTHING_CLOSED = Resolution(None, None, 0, 0, 0)
NEVER_CLOSED = Rate(0, 0)
CHARTED = 10


def names(axis: times.Axis | sums.Axis) -> Named:
    """How a key of this axis is called, and which parameters narrow a list to it."""
    if axis == "queue":
        queues = naming.queues()
        return lambda key: (queues[key].name, {"queue": queues[key].slug})
    if axis == "team":
        teams = naming.teams()
        return lambda key: (teams[key].name, {"team": teams[key].slug})
    name = {"topic": naming.topic, "network": naming.network, "language": naming.language}[axis]
    return lambda key: (name(key), {axis: key or UNKNOWN})


def by_day(
    ask: Ask,
    days: Sequence[tuple[Period, tuple[Figure, ...]]],
    whole: tuple[Figure, ...] | None,
    before: tuple[Figure, ...] | None = None,
) -> tuple[Line, ...]:
    """A line a day, one of all days, and one of the period before."""
    lines = [Line(day.first.isoformat(), wording.part(day), figures, so_far=not day.complete) for day, figures in days]
    if whole is not None:
        lines.append(Line("all", _("All days"), whole, so_far=not ask.period.complete))
    if before is not None and ask.before is not None:
        lines.append(Line("before", wording.compared_with(ask).capitalize(), before))
    return tuple(lines)


def share_answer(kept: Attainment, change: str) -> str:
    """A share of promises in words."""
    if kept.n == 0:
        return _("No promise came due in this period.")
    about = {
        "share": wording.percent(kept.percent),
        "met": wording.number(kept.met),
        "n": wording.number(kept.n),
        "change": change,
    }
    if change:
        return _("%(share)s in time: %(met)s of %(n)s, %(change)s.") % about
    return _("%(share)s in time: %(met)s of %(n)s.") % about


KEPT_COLUMNS = (
    Column("due", gettext_lazy("Came due")),
    Column("met", gettext_lazy("In time")),
    Column("missed", gettext_lazy("Too late")),
    Column("share", gettext_lazy("In time, %")),
    Column("not_due", gettext_lazy("Not due yet")),
)


def kept_figures(
    ask: Ask, target: metrics.Target, kept: Attainment, period: Period | None = None, /, **narrowed: str
) -> tuple[Figure, ...]:
    """The figures of `KEPT_COLUMNS`."""

    def rows(part: str) -> Any:
        return rows_of(ask, f"{target}_{part}", period, **narrowed)

    return (
        Figure(kept.n, "count", rows("due")),
        Figure(kept.met, "count", rows("met")),
        Figure(kept.missed, "count", rows("missed")),
        Figure(kept.percent, "percent", rows("due")),
        Figure(kept.running, "count", rows("not_due")),
    )


def kept_before_columns(ask: Ask) -> tuple[Column, ...]:
    """The column of `kept_before`; none where no period stands beside."""
    if ask.before is None:
        return ()
    return (Column("share_before", _("In time, %%, %(period)s") % {"period": wording.compared_with(ask)}),)


def kept_before(ask: Ask, then: Attainment, /, **narrowed: str) -> tuple[Figure, ...]:
    """What share of first answers was in time in the period before; nothing where none stands beside."""
    if ask.before is None:
        return ()
    return (Figure(then.percent, "percent", rows_of(ask, "first_response_due", ask.before, **narrowed)),)


def waited_out(ask: Ask, waits: Waits) -> bool:
    """Whether the period's waits can be called shorter or longer than others: it is over, and of a hundred at most one
    still runs, so that neither the median nor the 90th percentile is one of those that were soon answered."""
    return ask.period.complete and 100 * waits.running <= waits.n


WAIT_COLUMNS = (
    Column("n", gettext_lazy("Answers")),
    Column("median", gettext_lazy("Median")),
    Column("p90", gettext_lazy("90th percentile")),
)


HOURS_COLUMNS = (
    Column("hours_median", gettext_lazy("In business hours, median")),
    Column("hours_p90", gettext_lazy("In business hours, 90th percentile")),
)


def hours_figures(
    ask: Ask,
    what: Literal["first_response", "next_response"],
    one: Waits,
    period: Period | None = None,
    /,
    **narrowed: str,
) -> tuple[Figure, ...]:
    """The figures of `HOURS_COLUMNS`."""
    rows = rows_of(ask, f"{what}_hours", period, **narrowed)
    return Figure(one.median, "seconds", rows), Figure(one.p90, "seconds", rows)


def hours_note(ask: Ask) -> str:
    """Whose hours business hours are: the calendars of the promises that hold in the queues that are asked for."""
    found = Queue.objects.filter(retired_at=None)
    if ask.filters.queues is not None:
        found = found.filter(pk__in=ask.filters.queues)
    names = ", ".join(sorted(set(found.values_list("policy__calendar__name", flat=True))))
    return _("Business hours are those of the promise's calendar: %(names)s.") % {"names": names} if names else ""


def wait_figures(
    ask: Ask, what: Wait, one: Waits, period: Period | None = None, /, **narrowed: str
) -> tuple[Figure, ...]:
    """The figures of `WAIT_COLUMNS`."""
    rows = rows_of(ask, what, period, **narrowed)
    return Figure(one.n, "count", rows), Figure(one.median, "seconds", rows), Figure(one.p90, "seconds", rows)


def headline(key: str, title: StrPromise | str, figure: Figure, n: str = "", change: str = "") -> Headline:
    """A key figure with its definition from the glossary."""
    return Headline(definition=define(key), title=title, figure=figure, n=n, change=change)


def n_of(part: int, n: int) -> str:
    """What a share is made of."""
    return _("%(part)s of %(n)s") % {"part": wording.number(part), "n": wording.number(n)}


def percent_chart(days: Sequence[tuple[Period, Attainment | Rate]], name: str, unit: str) -> Mapping[str, Any] | None:
    """A line of shares by day."""
    if len(days) < 2:
        return None
    return charts.lines(
        [wording.part(day) for day, _rate in days],
        [
            charts.Series(
                name,
                [rate.percent for _day, rate in days],
                [n_said(rate.percent, rate.n) for _day, rate in days],
                column="share",
            )
        ],
        unit=unit,
        top=105,
        open_end=not days[-1][0].complete,
    )


def n_said(share: float | None, n: int) -> str:
    """A share with its n, as a mark says it."""
    return _("%(rate)s of %(n)s") % {"rate": wording.percent(share), "n": wording.number(n)}


def ranked_bars(
    counts: Sequence[tuple[str, int]], words: str, *, column: str = "", of: Mapping[str, int] | None = None
) -> Mapping[str, Any] | None:
    """Lying bars of counts in the order given, at most ten of them. `of` is what each is a part of, by name."""
    known = counts[:CHARTED]
    if len(known) < 2:
        return None
    said = [n_of(count, of[name]) if of else wording.number(count) for name, count in known]
    series = charts.Series(words, [count for _name, count in known], said, column=column)
    return charts.bars([name for name, _count in known], series, unit=words)


def measured_bars(
    measured: Sequence[tuple[str, float | None, int]], unit: Literal["percent", "seconds"], words: str, *, column: str
) -> Mapping[str, Any] | None:
    """Lying bars of shares or lengths of time in the order given, at most ten of them, each with its n."""
    known = [(name, value, n) for name, value, n in measured if value is not None][:CHARTED]
    if len(known) < 2:
        return None
    said = [
        _("%(value)s, n = %(n)s") % {"value": wording.figure(Figure(value, unit)), "n": wording.number(n)}
        for _name, value, n in known
    ]
    series = charts.Series(words, [value for _name, value, _n in known], said, column=column)
    return charts.bars([name for name, _value, _n in known], series, unit=words)


def dots(pairs: Sequence[tuple[str, int]], words: str, *, column: str) -> Mapping[str, Any] | None:
    """A dot a person on one line of numbers."""
    if len(pairs) < 2:
        return None
    return charts.dots(
        [name for name, _value in pairs],
        charts.Series(
            words,
            [value for _name, value in pairs],
            [wording.number(value) for _name, value in pairs],
            column=column,
        ),
        unit=words,
    )
