"""SLA: are we keeping our promises?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrPromise

from commandcenter import metrics
from commandcenter.figures import Attainment, Rate
from commandcenter.glossary import define
from commandcenter.reports import Column, Content, Figure, Line, Report, Section, building, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of
from commandcenter.reports.building import KEPT_COLUMNS, NO_PROMISE, kept_figures
from commandcenter.times import Axis

TARGETS: dict[metrics.Target, StrPromise] = {
    "first_response": gettext_lazy("First answer"),
    "next_response": gettext_lazy("Next answer"),
    "resolution": gettext_lazy("Solution"),
}
_PARTS = ("due", "met", "missed", "not_due")


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    now = {target: metrics.attainment(ask.period, ask.now, ask.filters, target=target) for target in TARGETS}
    before = {
        target: metrics.attainment(ask.before, ask.now, ask.filters, target=target) if ask.before else NO_PROMISE
        for target in TARGETS
    }
    return Content(
        headlines=[
            building.headline(
                "attainment",
                _("%(target)s in time") % {"target": title},
                Figure(now[target].percent, "percent", rows_of(ask, f"{target}_due")),
                building.n_of(now[target].met, now[target].n),
                _change(ask, now[target], before[target]),
            )
            for target, title in TARGETS.items()
        ],
        sections=[
            _by_day(ask, now["first_response"], before["first_response"]),
            _by_target(ask, now, before),
            _ranked(ask, "queue", gettext_lazy("Which queue breaks its promise?"), gettext_lazy("Queue")),
            _ranked(ask, "network", gettext_lazy("On which network?"), gettext_lazy("Network")),
            _ranked(ask, "topic", gettext_lazy("About what?"), gettext_lazy("Topic")),
        ],
    )


def _change(ask: Ask, now: Attainment, before: Attainment) -> str:
    return wording.rate_change(Rate(now.met, now.n), Rate(before.met, before.n), ask) if before.n else ""


def _by_day(ask: Ask, now: Attainment, before: Attainment) -> Section:
    found = metrics.attainment_by("day", ask.period, ask.now, ask.filters)
    days = [(day, found.get(day.first, NO_PROMISE)) for day in ask.period.parts()]
    target: metrics.Target = "first_response"
    return Section(
        key="days",
        question=gettext_lazy("Are we keeping our promise of a first answer?"),
        answer=building.share_answer(now, _change(ask, now, before)),
        definition=define("attainment"),
        head=wording.grain(ask),
        columns=KEPT_COLUMNS,
        lines=building.by_day(
            ask,
            [(day, kept_figures(ask, target, kept, day)) for day, kept in days],
            kept_figures(ask, target, now),
            kept_figures(ask, target, before, ask.before) if ask.before else None,
        ),
        chart=building.percent_chart(days, _("In time"), _("First answers in time, % of those that came due")),
    )


_CLOCKS = (
    Column("median", gettext_lazy("Median")),
    Column("p90", gettext_lazy("90th percentile")),
    *building.HOURS_COLUMNS,
)


def _both_clocks(ask: Ask, target: metrics.Target) -> tuple[Figure, ...]:
    """How long it took by the calendar, and of answers within business hours too."""
    if target == "resolution":
        took = metrics.resolution(ask.period, ask.filters).get(None, building.NOTHING_CLOSED)
        rows = rows_of(ask, "closed")
        no_clock = Figure(None, "seconds")
        return Figure(took.median, "seconds", rows), Figure(took.p90, "seconds", rows), no_clock, no_clock
    whole = metrics.waits(target, ask.period, ask.filters)[None]
    worked = metrics.in_hours(target, ask.period, ask.filters).get(None, building.NOBODY)
    return *building.wait_figures(ask, target, whole)[1:], *building.hours_figures(ask, target, worked)


def _by_target(ask: Ask, now: dict[metrics.Target, Attainment], before: dict[metrics.Target, Attainment]) -> Section:
    earlier = (Column("before", wording.compared_with(ask)),) if ask.before else ()
    lines = []
    for target, title in TARGETS.items():
        figures = (*kept_figures(ask, target, now[target]), *_both_clocks(ask, target))
        if ask.before:
            then = before[target].percent
            figures = (*figures, Figure(then, "percent", rows_of(ask, f"{target}_due", ask.before)))
        lines.append(Line(target, str(title), figures))
    asked = [(now[target].percent, str(title), now[target].n) for target, title in TARGETS.items() if now[target].n]
    answer = _("No promise came due in this period.")
    if asked:
        worst, name, n = min(asked, key=lambda one: one[0] or 0)
        about = {"name": name, "share": wording.percent(worst), "n": wording.number(n)}
        answer = _("%(name)s is kept least: %(share)s of %(n)s in time.") % about
    return Section(
        key="targets",
        question=gettext_lazy("Which of our promises do we break?"),
        answer=answer,
        definition=define("attainment"),
        head=gettext_lazy("Promise"),
        columns=(*KEPT_COLUMNS, *_CLOCKS, *earlier),
        note=building.hours_note(ask),
        lines=tuple(lines),
        chart=building.measured_bars(
            [(name, share, n) for share, name, n in asked], "percent", _("In time, %"), column="share"
        ),
    )


def _ranked(ask: Ask, axis: Axis, question: Any, head: Any) -> Section:
    found = metrics.attainment_by(axis, ask.period, ask.now, ask.filters)
    before = metrics.attainment_by(axis, ask.before, ask.now, ask.filters) if ask.before else {}
    name = building.names(axis)
    order = sorted(found, key=lambda key: (-found[key].missed, str(key)))
    lines = []
    for key in order:
        called, narrowed = name(key)
        figures = kept_figures(ask, "first_response", found[key], **narrowed)
        figures += building.kept_before(ask, before.get(key, NO_PROMISE), **narrowed)
        lines.append(Line(str(key), called, figures))
    answer = _("No promise came due in this period.")
    if any(one.n for one in found.values()):
        most = order[0]
        about = {"name": name(most)[0], "n": building.n_of(found[most].missed, found[most].n)}
        answer = (
            _("Most first answers came too late in %(name)s: %(n)s that came due.") % about
            if found[most].missed
            else _("No first answer came too late.")
        )
    return Section(
        key=f"{axis}s",
        question=question,
        answer=answer,
        definition=define("attainment"),
        head=head,
        columns=(*KEPT_COLUMNS, *building.kept_before_columns(ask)),
        lines=tuple(lines),
        chart=building.ranked_bars(
            [(name(key)[0], found[key].missed) for key in order],
            _("Too late, of what came due"),
            column="missed",
            of={name(key)[0]: found[key].n for key in order},
        ),
    )


REPORT = Report(
    title=gettext_lazy("SLA"),
    question=gettext_lazy("Are we keeping our promises?"),
    subject="answers",
    lists=frozenset(f"{target}_{part}" for target in TARGETS for part in _PARTS)
    | {"first_response", "first_response_hours", "next_response", "next_response_hours", "closed"},
    content=content,
)
