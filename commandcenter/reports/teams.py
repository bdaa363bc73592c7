"""Teams: how does each team do with what comes to its queues?"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics, times
from commandcenter.figures import SMALL_BASE, Rate
from commandcenter.glossary import define
from commandcenter.reports import Column, Content, Figure, Line, Report, Section, building, naming, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of
from commandcenter.reports.building import (
    KEPT_COLUMNS,
    NEVER_CLOSED,
    NO_PROMISE,
    NOBODY,
    NOTHING_CLOSED,
    WAIT_COLUMNS,
    kept_figures,
    wait_figures,
)


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    return Content(headlines=[], sections=[_answers(ask), _promises(ask), _solved(ask)])


def _rates(ask: Ask) -> dict[int, Rate]:
    """Response rates by team: those of its home queues together."""
    home = times.teams_of_queues()
    piles: dict[int, list[Rate]] = {}
    for queue, rate in metrics.response_rate_by("queue", ask.period, ask.filters).items():
        if queue in home:
            piles.setdefault(home[queue], []).append(rate)
    return {
        team: Rate(sum(r.numerator for r in rates), sum(r.n for r in rates), sum(r.undecided for r in rates))
        for team, rates in piles.items()
    }


def _named(keys: Any) -> list[tuple[int, str, str]]:
    """Teams that still exist, by name: id, name, slug."""
    teams = naming.teams()
    return sorted(((key, teams[key].name, teams[key].slug) for key in keys if key in teams), key=lambda one: one[1])


def _answers(ask: Ask) -> Section:
    rates = _rates(ask)
    waits = metrics.waits("first_response", ask.period, ask.filters, by="team")
    before = metrics.waits("first_response", ask.before, ask.filters, by="team") if ask.before else {}
    lines, told, slowest = [], [], []
    for key, name, slug in _named(rates.keys() | {key for key in waits if key}):
        rate, wait = rates.get(key, Rate(0, 0)), waits.get(key, NOBODY)
        figures = [
            Figure(rate.n, "count", rows_of(ask, "actionable", team=slug)),
            Figure(rate.numerator, "count", rows_of(ask, "answered", team=slug)),
            Figure(rate.percent, "percent", rows_of(ask, "actionable", team=slug)),
            *wait_figures(ask, "first_response", wait, team=slug),
        ]
        if ask.before:
            then = before.get(key, NOBODY)
            figures.append(Figure(then.median, "seconds", rows_of(ask, "first_response", ask.before, team=slug)))
        lines.append(Line(slug, name, tuple(figures)))
        slowest.append((name, wait.median, wait.n))
        if wait.n >= SMALL_BASE:
            told.append((wait.median or 0, name, wait.n))
    answer = _("Too few answers to tell the teams apart.")
    if told:
        fast, slow = min(told), max(told)
        answer = _("%(slow)s answers slowest, half of %(slow_n)s within %(long)s.") % {
            "slow": slow[1],
            "long": wording.spell(slow[0]),
            "slow_n": wording.number(slow[2]),
        }
        if fast != slow:
            answer += " " + _("%(fast)s answers fastest, half of %(fast_n)s within %(short)s.") % {
                "fast": fast[1],
                "short": wording.spell(fast[0]),
                "fast_n": wording.number(fast[2]),
            }
    beside = (Column("before", _("Median, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key="answers",
        question=gettext_lazy("Does each team answer, and how soon?"),
        answer=answer,
        definition=define("first_response"),
        head=gettext_lazy("Team"),
        columns=(
            Column("actionable", gettext_lazy("Needed an answer")),
            Column("answered", gettext_lazy("Answered")),
            Column("rate", gettext_lazy("Response rate")),
            *WAIT_COLUMNS,
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.measured_bars(
            sorted(slowest, key=lambda one: -(one[1] or 0)),
            "seconds",
            _("Median wait for a first answer"),
            column="median",
        ),
    )


def _promises(ask: Ask) -> Section:
    found = metrics.attainment_by("team", ask.period, ask.now, ask.filters)
    before = metrics.attainment_by("team", ask.before, ask.now, ask.filters) if ask.before else {}
    named = _named(found)
    lines = []
    for key, name, slug in named:
        figures = kept_figures(ask, "first_response", found.get(key, NO_PROMISE), team=slug)
        figures += building.kept_before(ask, before.get(key, NO_PROMISE), team=slug)
        lines.append(Line(slug, name, figures))
    told = [(found[key].percent or 0, name, found[key].n) for key, name, _slug in named if found[key].n >= SMALL_BASE]
    answer = _("Too few promises came due to tell the teams apart.")
    if told:
        share, name, n = min(told)
        about = {"name": name, "share": wording.percent(share), "n": wording.number(n)}
        answer = _("%(name)s keeps fewest: %(share)s of %(n)s in time.") % about
    return Section(
        key="promises",
        question=gettext_lazy("Does each team keep its promise?"),
        answer=answer,
        definition=define("attainment"),
        head=gettext_lazy("Team"),
        columns=(*KEPT_COLUMNS, *building.kept_before_columns(ask)),
        lines=tuple(lines),
        chart=building.measured_bars(
            sorted(
                ((name, found[key].percent, found[key].n) for key, name, _slug in named), key=lambda one: one[1] or 0
            ),
            "percent",
            _("First answers in time, %"),
            column="share",
        ),
    )


def _solved(ask: Ask) -> Section:
    found = metrics.resolution(ask.period, ask.filters, by="team")
    before = metrics.resolution(ask.before, ask.filters, by="team") if ask.before else {}
    stays = metrics.reopen_rate(ask.period, ask.filters, by="team")
    lines, told = [], []
    for key, name, slug in _named(found.keys() | stays.keys()):
        one, again = found.get(key, NOTHING_CLOSED), stays.get(key, NEVER_CLOSED)
        closed = rows_of(ask, "closed", team=slug)
        figures = [
            Figure(one.n, "count", closed),
            Figure(one.median, "seconds", closed),
            Figure(one.p90, "seconds", closed),
            Figure(one.once, "count", rows_of(ask, "once", team=slug)),
            Figure(100 * one.once / one.n if one.n else None, "percent", closed),
            Figure(again.n, "count", rows_of(ask, "closings", team=slug)),
            Figure(again.numerator, "count", rows_of(ask, "reopened", team=slug)),
            Figure(again.percent, "percent", rows_of(ask, "closings", team=slug)),
        ]
        if ask.before:
            then, rows = before.get(key, NOTHING_CLOSED), rows_of(ask, "closed", ask.before, team=slug)
            figures += [Figure(then.n, "count", rows), Figure(then.median, "seconds", rows)]
        lines.append(Line(slug, name, tuple(figures)))
        told.append((one.n, name))
    about = {"period": wording.compared_with(ask)}
    beside = (
        Column("closed_before", _("Closed, %(period)s") % about),
        Column("median_before", _("Median, %(period)s") % about),
    )
    answer = _("Nothing was closed in this period.")
    if told:
        n, name = max(told)
        answer = _("%(name)s closed most: %(n)s conversations.") % {"name": name, "n": wording.number(n)}
    return Section(
        key="solved",
        question=gettext_lazy("How long until it is solved, and does it stay solved?"),
        answer=answer,
        definition=define("resolution"),
        head=gettext_lazy("Team"),
        columns=(
            Column("closed", gettext_lazy("Closed")),
            Column("median", gettext_lazy("Median")),
            Column("p90", gettext_lazy("90th percentile")),
            Column("once", gettext_lazy("With one reply")),
            Column("once_share", gettext_lazy("With one reply, %")),
            Column("closings", gettext_lazy("Closings")),
            Column("reopened", gettext_lazy("Reopened within seven days")),
            Column("reopened_share", gettext_lazy("Reopened, %")),
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.ranked_bars([(name, n) for n, name in sorted(told, key=lambda one: -one[0])], _("Closed")),
    )


REPORT = Report(
    title=gettext_lazy("Teams"),
    question=gettext_lazy("How does each team do with what comes to its queues?"),
    subject="people",
    lists=frozenset(
        {"actionable", "answered", "first_response", "closed", "once", "closings", "reopened"}
        | {f"first_response_{part}" for part in ("due", "met", "missed", "not_due")}
    ),
    content=content,
    without=frozenset({"grain"}),
)
