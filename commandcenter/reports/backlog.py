"""Backlog: what is open now, since when, and does it grow?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrPromise

from commandcenter import metrics, periods, stocks
from commandcenter.figures import Backlog
from commandcenter.glossary import define
from commandcenter.reports import (
    Column,
    Content,
    Figure,
    Headline,
    Line,
    Report,
    RowsOf,
    Section,
    building,
    charts,
    naming,
    wording,
)
from commandcenter.reports.asking import YEAR_DAYS, Ask, spelled
from commandcenter.reports.behind import rows_of
from commandcenter.reports.building import NOTHING_CLOSED

_EMPTY = Backlog(0, 0, 0, 0, 0, None, None, None, (0, 0, 0, 0, 0))


@dataclass(frozen=True, slots=True)
class Then:
    """What was open at an earlier midnight (`at`), by queue and under None in all; `known` if stock was taken then
    and `alike` if by the definition that what stands beside it is counted by."""

    at: datetime
    stock: Mapping[int | None, Backlog]
    known: bool
    alike: bool

    @property
    def compared(self) -> bool:
        """Whether a difference between the two means anything."""
        return self.known and self.alike

    @property
    def whole(self) -> Backlog:
        return self.stock.get(None, _EMPTY)


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    found, then = metrics.backlog(ask.now, ask.filters), _then(ask)
    whole = found.get(None, _EMPTY)
    of_all = _("of %(n)s open") % {"n": wording.number(whole.n)}
    beside = wording.stamp(then.at) if then else ""

    def count(title: StrPromise, name: str, value: int, base: int, n: str = "") -> Headline:
        change = wording.change(value, base, ask, beside=beside) if then and then.compared else _uncompared(then)
        return building.headline("backlog", title, Figure(value, "count", rows_of(ask, name)), n, change)

    old = then.whole if then else _EMPTY
    return Content(
        headlines=[
            count(gettext_lazy("Open now"), "open", whole.n, old.n),
            count(gettext_lazy("Waiting"), "waiting", whole.waiting, old.waiting, of_all),
            count(gettext_lazy("Overdue"), "overdue", whole.overdue, old.overdue, of_all),
            building.headline(
                "backlog",
                gettext_lazy("Oldest"),
                Figure(whole.oldest, "seconds", rows_of(ask, "open")),
                _("median %(median)s, n = %(n)s")
                % {"median": wording.spell(whole.median), "n": wording.number(whole.n)},
                wording.spell_change(whole.oldest, old.oldest, ask, beside=beside)
                if then and then.compared
                else _uncompared(then),
            ),
        ],
        sections=[_ages(ask, whole, then), _by_queue(ask, found, then), _flow(ask)],
    )


def _then(ask: Ask) -> Then | None:
    """The stock to stand beside: when the period began, or on the same weekday a year ago."""
    if ask.before is None:
        return None
    today = periods.bank_day(ask.now)
    at = periods.midnight(today - timedelta(days=YEAR_DAYS)) if ask.compare == "year" else ask.period.start
    stock = stocks.backlog_at(at, ask.filters)
    return Then(at, stock or {}, known=stock is not None, alike=stocks.alike(at, now=True))


def _uncompared(then: Then | None) -> str:
    if then is None:
        return ""
    if not then.known:
        return _("No stock was taken on %(at)s.") % {"at": wording.stamp(then.at)}
    return _("Stock of %(at)s was counted by another definition: not compared.") % {"at": wording.stamp(then.at)}


def _columns_then(then: Then | None) -> tuple[Column, ...]:
    return (Column("then", _("Open on %(at)s") % {"at": wording.stamp(then.at)}),) if then else ()


def _figures_then(ask: Ask, then: Then | None, value: int, **narrowed: str) -> tuple[Figure, ...]:
    """A count of the earlier stock, with its rows as of then."""
    if then is None:
        return ()
    day = periods.bank_day(then.at).isoformat()
    when = {"from": day, "to": day, "compare": "", "as_of": spelled(then.at), "now": then.at.isoformat()}
    return (Figure(value, "count", RowsOf("open", when | narrowed)) if then.known else Figure(None, "count"),)


def _ages(ask: Ask, whole: Backlog, then: Then | None) -> Section:
    old = then.whole if then else _EMPTY
    lines = tuple(
        Line(
            f"band-{place}",
            str(name),
            (
                Figure(count, "count", rows_of(ask, "open", band=str(place))),
                *_figures_then(ask, then, before, band=str(place)),
            ),
        )
        for place, (name, count, before) in enumerate(zip(naming.BANDS, whole.bands, old.bands, strict=True))
    )
    answer = _("Nothing is open.")
    if whole.n:
        answer = ngettext(
            "%(n)s conversation is open, for %(median)s.",
            "%(n)s conversations are open; half wait longer than %(median)s, one in ten longer than %(p90)s.",
            whole.n,
        ) % {"n": wording.number(whole.n), "median": wording.spell(whole.median), "p90": wording.spell(whole.p90)}
    total = Figure(whole.n, "count", rows_of(ask, "open"))
    return Section(
        key="ages",
        question=gettext_lazy("What is open now, and since when?"),
        answer=answer,
        definition=define("backlog"),
        head=gettext_lazy("Age"),
        columns=(Column("open", gettext_lazy("Open")), *_columns_then(then)),
        lines=(*lines, Line("all", _("All"), (total, *_figures_then(ask, then, old.n)))),
        chart=charts.columns(
            [str(name) for name in naming.BANDS],
            charts.Series(_("Open"), whole.bands, [wording.number(count) for count in whole.bands]),
            beside=charts.Series(
                wording.stamp(then.at),
                old.bands,
                [wording.number(count) for count in old.bands],
                role="mark",
                column="then",
            )
            if then and then.known
            else None,
            unit=_("Open conversations by age"),
        )
        if whole.n
        else None,
        note=_("A stock at this moment; dates only choose what stands beside it."),
    )


def _by_queue(ask: Ask, found: Mapping[int | None, Backlog], then: Then | None) -> Section:
    queues = naming.queues()
    stood = then.stock if then else {}
    order = sorted(
        (key for key in found.keys() | stood.keys() if key in queues),
        key=lambda key: (-found.get(key, _EMPTY).n, key or 0),
    )
    lines = []
    for key in order:
        assert key is not None
        one, queue = found.get(key, _EMPTY), queues[key]

        def rows(name: str, slug: str = queue.slug) -> Any:
            return rows_of(ask, name, queue=slug)

        lines.append(
            Line(
                queue.slug,
                queue.name,
                (
                    Figure(one.n, "count", rows("open")),
                    Figure(one.waiting, "count", rows("waiting")),
                    Figure(one.claimed, "count", rows("claimed")),
                    Figure(one.pending, "count", rows("pending")),
                    Figure(one.overdue, "count", rows("overdue")),
                    Figure(one.oldest, "seconds", rows("open")),
                    Figure(one.median, "seconds", rows("open")),
                    Figure(one.p90, "seconds", rows("open")),
                    *_figures_then(ask, then, stood.get(key, _EMPTY).n, queue=queue.slug),
                ),
            )
        )
    holding = [key for key in order if key in found]
    answer = _("Nothing is open.")
    if holding:
        oldest = max(holding, key=lambda key: found[key].oldest or 0)
        answer = _("%(most)s has most, %(n)s; the oldest waits in %(queue)s, for %(age)s.") % {
            "most": queues[holding[0]].name,
            "n": wording.number(found[holding[0]].n),
            "queue": queues[oldest].name,
            "age": wording.spell(found[oldest].oldest),
        }
    return Section(
        key="queues",
        question=gettext_lazy("Where does it pile up?"),
        answer=answer,
        definition=define("backlog"),
        head=gettext_lazy("Queue"),
        columns=(
            Column("open", gettext_lazy("Open")),
            Column("waiting", gettext_lazy("Waiting")),
            Column("claimed", gettext_lazy("Claimed")),
            Column("pending", gettext_lazy("Pending")),
            Column("overdue", gettext_lazy("Overdue")),
            Column("oldest", gettext_lazy("Oldest")),
            Column("median", gettext_lazy("Median")),
            Column("p90", gettext_lazy("90th percentile")),
            *_columns_then(then),
        ),
        lines=tuple(lines),
        chart=building.ranked_bars([(queues[key].name, found[key].n) for key in holding], _("Open")),
    )


def _flow(ask: Ask) -> Section:
    came = dict(metrics.response_rate_by_day(ask.period, ask.filters))
    closed = metrics.resolution(ask.period, ask.filters, by="day")
    days = []
    for day, rate in came.items():
        one = closed.get(day.first, NOTHING_CLOSED)
        days.append((day, rate.n + rate.undecided, one))
    figures = [
        (
            day,
            (
                Figure(n, "count", rows_of(ask, "came_in", day)),
                Figure(one.n, "count", rows_of(ask, "closed", day)),
                Figure(n - one.n, "change"),
            ),
        )
        for day, n, one in days
    ]
    total, done = sum(n for _day, n, _one in days), sum(one.n for _day, _n, one in days)
    whole = (
        Figure(total, "count", rows_of(ask, "came_in")),
        Figure(done, "count", rows_of(ask, "closed")),
        Figure(total - done, "change"),
    )
    then = _flow_before(ask)
    grown = _grown(ask)
    about = {"came": wording.number(total), "closed": wording.number(done), "net": wording.number(abs(grown or 0))}
    answer = (
        _("%(came)s came in, %(closed)s closed.") % about
        if grown is None
        else _("It grew by %(net)s: %(came)s came in, %(closed)s closed.") % about
        if grown > 0
        else _("It shrank by %(net)s: %(came)s came in, %(closed)s closed.") % about
        if grown < 0
        else _("It stands where it stood: %(came)s came in, %(closed)s closed.") % about
    )
    if then is not None:
        answer += " " + _("%(period)s: %(came)s came in, %(closed)s closed.") % {
            "period": wording.compared_with(ask).capitalize(),
            "came": wording.number(then[0].value or 0),
            "closed": wording.number(then[1].value or 0),
        }
    return Section(
        key="flow",
        question=gettext_lazy("Does it grow?"),
        answer=answer,
        definition=define("backlog"),
        head=wording.grain(ask),
        columns=(
            Column("came_in", gettext_lazy("Came in")),
            Column("closed", gettext_lazy("Closed")),
            Column("net", gettext_lazy("Net change")),
        ),
        lines=building.by_day(ask, figures, whole, then),
        chart=charts.lines(
            [wording.part(day) for day, _n, _one in days],
            [
                charts.Series(_("Came in"), [n for _day, n, _one in days], [wording.number(n) for _d, n, _o in days]),
                charts.Series(
                    _("Closed"),
                    [one.n for _day, _n, one in days],
                    [wording.number(one.n) for _day, _n, one in days],
                    "data-2",
                    column="closed",
                ),
            ],
            unit={
                "day": _("Conversations a day"),
                "week": _("Conversations a week"),
                "month": _("Conversations a month"),
            }[ask.period.grain],
            open_end=not days[-1][0].complete,
        )
        if len(days) > 1 and (total or done)
        else None,
        note=_(
            "Reopened conversations count where they were opened first and closed last, so that the days do not add up "
            "to what is open more or less."
        ),
    )


def _grown(ask: Ask) -> int | None:
    """How many more were open when the period ended, or now, than when it began; None where no stock was taken.

    What was opened again was closed before and came in before, so that the flow does not tell it.
    """
    period = ask.period
    began = stocks.backlog_at(period.start, ask.filters)
    ended = stocks.backlog_at(period.end, ask.filters) if period.complete else metrics.backlog(ask.now, ask.filters)
    alike = stocks.alike(period.start, period.end) if period.complete else stocks.alike(period.start, now=True)
    if not alike:
        return None
    return None if began is None or ended is None else ended.get(None, _EMPTY).n - began.get(None, _EMPTY).n


def _flow_before(ask: Ask) -> tuple[Figure, ...] | None:
    """What came in, was closed, and the difference, in the period before; None where none stands beside."""
    if ask.before is None:
        return None
    rate, done = metrics.response_rate(ask.before, ask.filters), metrics.resolution(ask.before, ask.filters)
    came, closed = rate.n + rate.undecided, done.get(None, NOTHING_CLOSED).n
    return (
        Figure(came, "count", rows_of(ask, "came_in", ask.before)),
        Figure(closed, "count", rows_of(ask, "closed", ask.before)),
        Figure(came - closed, "change"),
    )


REPORT = Report(
    title=gettext_lazy("Backlog"),
    question=gettext_lazy("What is open now, since when, and does it grow?"),
    subject="answers",
    lists=frozenset({"open", "waiting", "claimed", "pending", "overdue", "came_in", "closed"}),
    content=content,
)
