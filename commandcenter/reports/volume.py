"""Volume: how much is said about us, where, in which language and about what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from commandcenter import metrics
from commandcenter.figures import SMALL_BASE, Change, Rate, Volume
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
    wording,
)
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of
from commandcenter.sums import Axis

CHARTED = 10
_LISTS = frozenset({"mentions", "private", "spam", "authors", "public", "begun", "actionable", "undecided"})
_NONE = Volume(0, 0, 0)


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    now = metrics.volume(ask.period, ask.filters)
    before = metrics.volume(ask.before, ask.filters) if ask.before else _NONE
    people = metrics.authors(ask.period, ask.filters)
    people_before = metrics.authors(ask.before, ask.filters)[None] if ask.before else 0
    needed = metrics.actionable_share(ask.period, ask.filters)
    needed_before = metrics.actionable_share(ask.before, ask.filters) if ask.before else Rate(0, 0)
    return Content(
        headlines=[
            _headline(ask, gettext_lazy("Mentions"), "mentions", now.total, before.total, now),
            _headline(ask, gettext_lazy("Private messages"), "private", now.private, before.private, now),
            _headline(ask, gettext_lazy("Spam"), "spam", now.spam, before.spam, now),
            building.headline(
                "authors",
                gettext_lazy("People"),
                Figure(people[None], "count", rows_of(ask, "authors")),
                change=wording.change(people[None], people_before, ask),
            ),
            building.headline(
                "reach",
                gettext_lazy("Reach"),
                Figure(now.reach, "sum", rows_of(ask, "public")),
                change=wording.change(now.reach, before.reach, ask),
            ),
            building.headline(
                "actionable_share",
                gettext_lazy("Needed an answer"),
                Figure(needed.percent, "percent", rows_of(ask, "begun")),
                building.n_of(needed.numerator, needed.n),
                wording.rate_change(needed, needed_before, ask, good="") if needed_before.n else "",
            ),
        ],
        sections=[
            _by_day(ask, now, before, people, people_before),
            _needed(ask, needed, needed_before),
            _ranked(ask, "topic", gettext_lazy("What is it about?"), gettext_lazy("Topic"), "volume_by_topic"),
            _ranked(ask, "network", gettext_lazy("Where is it said?"), gettext_lazy("Network")),
            _ranked(ask, "queue", gettext_lazy("Which queue does it come to?"), gettext_lazy("Queue")),
            _ranked(ask, "language", gettext_lazy("In which language?"), gettext_lazy("Language")),
        ],
    )


def _headline(ask: Ask, title: Promise, rows: str, value: int, base: int, of: Volume) -> Headline:
    return Headline(
        definition=define("volume"),
        title=str(title),
        figure=Figure(value, "count", rows_of(ask, rows)),
        n="" if rows == "mentions" else _("of %(n)s mentions") % {"n": wording.number(of.total)},
        change=wording.change(value, base, ask),
    )


def _by_day(ask: Ask, now: Volume, before: Volume, people: Mapping[Any, int], people_before: int) -> Section:
    days = metrics.volume_by_day(ask.period, ask.filters)
    earlier = metrics.volume_by_day(ask.before, ask.filters) if ask.before else []
    lines = []
    for place, (day, counted) in enumerate(days):
        figures = _day_figures(ask, counted, people.get(day.first, 0), day)
        if ask.before:
            then = earlier[place]
            figures.append(Figure(then[1].total, "count", rows_of(ask, "mentions", then[0])))
        lines.append(Line(day.first.isoformat(), wording.part(day), tuple(figures), so_far=not day.complete))
    total = _day_figures(ask, now, people[None])
    if ask.before:
        total.append(Figure(before.total, "count", rows_of(ask, "mentions", ask.before)))
    lines.append(Line("all", _("All days"), tuple(total), so_far=not ask.period.complete))
    if ask.before:
        then_all = (*_day_figures(ask, before, people_before, ask.before), Figure(None, "count"))
        lines.append(Line("before", wording.compared_with(ask).capitalize(), then_all))
    columns = [
        Column("mentions", gettext_lazy("Mentions")),
        Column("private", gettext_lazy("Private messages")),
        Column("spam", gettext_lazy("Spam")),
        Column("authors", gettext_lazy("People")),
        Column("reach", gettext_lazy("Reach")),
        *([Column("before", wording.compared_with(ask))] if ask.before else []),
    ]
    return Section(
        key="days",
        question=gettext_lazy("How much is said about us?"),
        answer=_day_answer(ask, days, now, before),
        definition=define("volume"),
        head=wording.grain(ask),
        columns=tuple(columns),
        lines=tuple(lines),
        chart=_day_chart(ask, days, earlier) if len(days) > 1 else None,
    )


def _day_figures(ask: Ask, counted: Volume, people: int, period: Period | None = None) -> list[Figure]:
    return [
        Figure(counted.total, "count", rows_of(ask, "mentions", period)),
        Figure(counted.private, "count", rows_of(ask, "private", period)),
        Figure(counted.spam, "count", rows_of(ask, "spam", period)),
        Figure(people, "count", rows_of(ask, "authors", period)),
        Figure(counted.reach, "sum", rows_of(ask, "public", period)),
    ]


_NEEDED = (
    Column("begun", gettext_lazy("Conversations")),
    Column("actionable", gettext_lazy("Needed an answer")),
    Column("share", gettext_lazy("Needed an answer, %")),
    Column("undecided", gettext_lazy("Undecided")),
)


def _needed_figures(ask: Ask, one: Rate, period: Period | None = None) -> tuple[Figure, ...]:
    begun = rows_of(ask, "begun", period)
    return (
        Figure(one.n, "count", begun),
        Figure(one.numerator, "count", rows_of(ask, "actionable", period)),
        Figure(one.percent, "percent", begun),
        Figure(one.undecided, "count", rows_of(ask, "undecided", period)),
    )


def _needed(ask: Ask, now: Rate, before: Rate) -> Section:
    days = metrics.actionable_share_by_day(ask.period, ask.filters)
    answer = _("No conversation began in this period.")
    if now.n:
        answer = _("%(part)s conversations needed an answer: %(share)s.") % {
            "part": building.n_of(now.numerator, now.n),
            "share": wording.percent(now.percent),
        }
    then = _needed_figures(ask, before, ask.before) if ask.before else None
    lines = [(day, _needed_figures(ask, one, day)) for day, one in days]
    return Section(
        key="needed",
        question=gettext_lazy("How much of it needs us?"),
        answer=answer,
        definition=define("actionable_share"),
        head=wording.grain(ask),
        columns=_NEEDED,
        lines=building.by_day(ask, lines, _needed_figures(ask, now), then),
        chart=building.percent_chart(days, _("Needed an answer"), _("Needed an answer, % of conversations")),
    )


def _day_answer(ask: Ask, days: list[tuple[metrics.Period, Volume]], now: Volume, before: Volume) -> str:
    if now.total == 0:
        return _("Nothing was said about us in this period.")
    words = [
        ngettext("%(n)s mention", "%(n)s mentions", now.total) % {"n": wording.number(now.total)}
        + (", " + wording.change(now.total, before.total, ask) if ask.before else "")
        + "."
    ]
    if len(days) > 1:
        day, busiest = max(days, key=lambda pair: pair[1].total)
        about = {"day": wording.part(day), "n": wording.number(busiest.total)}
        words.append(
            {
                "day": _("The busiest day was %(day)s with %(n)s."),
                "week": _("The busiest week was %(day)s with %(n)s."),
                "month": _("The busiest month was %(day)s with %(n)s."),
            }[ask.period.grain]
            % about
        )
    return " ".join(words)


def _day_chart(
    ask: Ask, days: list[tuple[metrics.Period, Volume]], earlier: list[tuple[metrics.Period, Volume]]
) -> Mapping[str, Any]:
    totals = [counted.total for _day, counted in days]
    return charts.columns(
        [wording.part(day) for day, _counted in days],
        charts.Series(str(_("Mentions")), totals, [wording.number(value) for value in totals]),
        beside=charts.Series(
            wording.compared_with(ask),
            [counted.total for _day, counted in earlier],
            [f"{wording.part(day)}: {wording.number(counted.total)}" for day, counted in earlier],
            role="mark",
            column="before",
        )
        if ask.before
        else None,
        unit={"day": _("Mentions a day"), "week": _("Mentions a week"), "month": _("Mentions a month")}[
            ask.period.grain
        ],
        open_end=not days[-1][0].complete,
    )


def _ranked(ask: Ask, axis: Axis, question: Any, head: Any, definition: str = "volume") -> Section:
    now = metrics.volume_by(axis, ask.period, ask.filters)
    before = metrics.volume_by(axis, ask.before, ask.filters) if ask.before else {}
    name = building.names(axis)
    order = sorted(now.keys() | before.keys(), key=lambda key: (-now.get(key, _NONE).total, str(key)))
    lines = []
    for key in order:
        called, narrowed = name(key)
        counted, then = now.get(key, _NONE), before.get(key, _NONE)
        figures = [
            Figure(counted.total, "count", rows_of(ask, "mentions", **narrowed)),
            Figure(counted.private, "count", rows_of(ask, "private", **narrowed)),
            Figure(counted.spam, "count", rows_of(ask, "spam", **narrowed)),
        ]
        if ask.before:
            figures.append(Figure(then.total, "count", rows_of(ask, "mentions", ask.before, **narrowed)))
        lines.append(Line(str(key), called, tuple(figures)))
    ranked = [(name(key)[0], now[key]) for key in order if key in now]
    return Section(
        key=f"{axis}s",
        question=question,
        answer=_ranked_answer(
            ask, ranked, [(name(key)[0], now.get(key, _NONE), before.get(key, _NONE)) for key in order]
        ),
        definition=define(definition),
        head=head,
        columns=(
            Column("mentions", gettext_lazy("Mentions")),
            Column("private", gettext_lazy("Private messages")),
            Column("spam", gettext_lazy("Spam")),
            *([Column("before", wording.compared_with(ask))] if ask.before else []),
        ),
        lines=tuple(lines),
        chart=_ranked_chart(ranked[:CHARTED]) if len(ranked) > 1 else None,
        note=_("The table has %(more)s more.") % {"more": len(ranked) - CHARTED} if len(ranked) > CHARTED else "",
    )


def _ranked_answer(ask: Ask, ranked: list[tuple[str, Volume]], changes: list[tuple[str, Volume, Volume]]) -> str:
    if not ranked:
        return _("Nothing in this period.")
    total = metrics.volume(ask.period, ask.filters).total
    first, counted = ranked[0]
    about = {"name": first, "n": wording.number(counted.total), "total": wording.number(total)}
    words = [_("%(name)s comes first, with %(n)s of %(total)s mentions.") % about]
    grown = [(Change(now.total, then.total), called) for called, now, then in changes]
    most = max(grown, key=lambda pair: pair[0].absolute, default=None)
    if ask.before and most and most[0].absolute >= SMALL_BASE:
        about = {"name": most[1], "change": wording.change(most[0].value, most[0].base, ask)}
        words.append(_("%(name)s grew most: %(change)s.") % about)
    return " ".join(words)


def _ranked_chart(ranked: list[tuple[str, Volume]]) -> Mapping[str, Any]:
    values = [counted.total for _name, counted in ranked]
    series = charts.Series(str(_("Mentions")), values, [wording.number(value) for value in values])
    return charts.bars([called for called, _counted in ranked], series, unit=_("Mentions"))


REPORT = Report(
    title=gettext_lazy("Volume"),
    question=gettext_lazy("How much is said about us, where, and about what?"),
    subject="talk",
    lists=_LISTS,
    content=content,
)
