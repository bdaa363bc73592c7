"""Topics: what drives the mentions, and what is getting worse?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics, periods
from commandcenter.figures import SMALL_BASE, Change, NetSentiment, Rate, Volume
from commandcenter.glossary import define
from commandcenter.reports import Column, Content, Figure, Line, Report, Section, building, charts, naming, wording
from commandcenter.reports.asking import Ask, spelled
from commandcenter.reports.behind import rows_of
from commandcenter.reports.building import NOBODY, WAIT_COLUMNS, wait_figures

_NONE, _NO_TONE, _NO_RATE = Volume(0, 0, 0), NetSentiment(0, 0, 0, 0), Rate(0, 0)
_LISTS = frozenset(
    {"mentions", "scored", "negative", "actionable", "answered", "first_response"},
)


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    now = metrics.volume_by("topic", ask.period, ask.filters)
    before = metrics.volume_by("topic", ask.before, ask.filters) if ask.before else {}
    return Content(headlines=[], sections=[_drivers(ask, now, before), _worse(ask), _answered(ask)])


def _drivers(ask: Ask, now: dict[Any, Volume], before: dict[Any, Volume]) -> Section:
    order = sorted(now.keys() | before.keys(), key=lambda key: (-now.get(key, _NONE).total, str(key)))
    lines = []
    for key in order:
        value, base = now.get(key, _NONE).total, before.get(key, _NONE).total
        figures = [Figure(value, "count", rows_of(ask, "mentions", topic=key))]
        if ask.before:
            change = Change(value, base)
            figures += [
                Figure(base, "count", rows_of(ask, "mentions", ask.before, topic=key)),
                Figure(change.absolute, "change"),
                Figure(change.percent, "percent"),
            ]
        lines.append(Line(key, naming.topic(key), tuple(figures)))
    beside = (
        Column("before", wording.compared_with(ask)),
        Column("change", gettext_lazy("Change")),
        Column("percent", gettext_lazy("Change, %")),
    )
    ranked = [(naming.topic(key), now[key].total) for key in order if key in now][: building.CHARTED]
    return Section(
        key="drivers",
        question=gettext_lazy("What drives the mentions?"),
        answer=_drivers_answer(ask, order, now, before),
        definition=define("volume_by_topic"),
        head=gettext_lazy("Topic"),
        columns=(Column("mentions", gettext_lazy("Mentions")), *(beside if ask.before else ())),
        lines=tuple(lines),
        chart=charts.bars(
            [name for name, _value in ranked],
            charts.Series(_("Mentions"), [value for _name, value in ranked], _said(order, now, before, ask)),
            unit=_("Mentions"),
        )
        if len(ranked) > 1
        else None,
    )


def _said(order: list[Any], now: dict[Any, Volume], before: dict[Any, Volume], ask: Ask) -> list[str]:
    told = []
    for key in [key for key in order if key in now][: building.CHARTED]:
        value, change = now[key].total, Change(now[key].total, before.get(key, _NONE).total)
        more = f" ({wording.plus(change.absolute)})" if ask.before else ""
        told.append(f"{wording.number(value)}{more}")
    return told


def _drivers_answer(ask: Ask, order: list[Any], now: dict[Any, Volume], before: dict[Any, Volume]) -> str:
    if not now:
        return _("No mention of this period has a topic.")
    most = order[0]
    words = [
        _("%(name)s drives most: %(n)s mentions.") % {"name": naming.topic(most), "n": wording.number(now[most].total)}
    ]
    changes = {key: Change(now.get(key, _NONE).total, before.get(key, _NONE).total) for key in order}
    grown = max(order, key=lambda key: changes[key].absolute)
    if ask.before and changes[grown].absolute >= SMALL_BASE:
        change = wording.change(changes[grown].value, changes[grown].base, ask)
        words.append(_("%(name)s grew most: %(change)s.") % {"name": naming.topic(grown), "change": change})
    return " ".join(words)


def _worse(ask: Ask) -> Section:
    now = metrics.net_sentiment_by("topic", ask.period, ask.filters)
    before = metrics.net_sentiment_by("topic", ask.before, ask.filters) if ask.before else {}
    order = sorted(now, key=lambda key: (-now[key].negative, str(key)))
    lines = []
    for key in order:
        one, then = now[key], before.get(key, _NO_TONE)
        figures = [
            Figure(one.value, "points", rows_of(ask, "scored", topic=key)),
            Figure(one.n, "count", rows_of(ask, "scored", topic=key)),
            Figure(one.negative, "count", rows_of(ask, "negative", topic=key)),
        ]
        if ask.before:
            figures += [
                Figure(then.value, "points", rows_of(ask, "scored", ask.before, topic=key)),
                Figure(then.negative, "count", rows_of(ask, "negative", ask.before, topic=key)),
            ]
        lines.append(Line(key, naming.topic(key), tuple(figures)))
    beside = (
        Column("net_before", _("Net sentiment, %(period)s") % {"period": wording.compared_with(ask)}),
        Column("negative_before", _("Negative, %(period)s") % {"period": wording.compared_with(ask)}),
    )
    grown = {key: now[key].negative - before.get(key, _NO_TONE).negative for key in order}
    worse = max(order, key=lambda key: grown[key], default=None)
    answer = _("No topic is spoken of clearly worse than before.")
    if ask.before and worse is not None and grown[worse] > 0 and now[worse].negative >= SMALL_BASE:
        answer = _("%(name)s got worse: %(change)s negative.") % {
            "name": naming.topic(worse),
            "change": wording.change(now[worse].negative, before.get(worse, _NO_TONE).negative, ask),
        }
    return Section(
        key="worse",
        question=gettext_lazy("What is getting worse?"),
        answer=answer,
        definition=define("net_sentiment"),
        head=gettext_lazy("Topic"),
        columns=(
            Column("net", gettext_lazy("Net sentiment")),
            Column("scored", gettext_lazy("Scored")),
            Column("negative", gettext_lazy("Negative")),
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.ranked_bars(
            [(naming.topic(key), now[key].negative) for key in order if now[key].negative],
            _("Negative, of all with a tone"),
            column="negative",
            of={naming.topic(key): now[key].n for key in order},
        ),
    )


def _rates_before(ask: Ask, topics: Sequence[str]) -> dict[Any, Rate]:
    """The rates of the period before, as they were when that lay as far back."""
    if ask.before is None:
        return {}
    by = periods.as_far(ask.now, ask.period, ask.before)
    return {
        topic: metrics.response_rate(ask.before, replace(ask.filters, topic=topic), answered_by=by) for topic in topics
    }


def _answered(ask: Ask) -> Section:
    rates = metrics.response_rate_by("topic", ask.period, ask.filters)
    by = {"by": spelled(periods.as_far(ask.now, ask.period, ask.before))} if ask.before else {}
    waits = metrics.waits("first_response", ask.period, ask.filters, by="topic")
    order = sorted((key for key in rates if rates[key].n), key=lambda key: (-rates[key].n, str(key)))
    rates_before = _rates_before(ask, order)
    lines = []
    for key in order:
        rate = rates.get(key, _NO_RATE)
        figures: tuple[Figure, ...] = (
            Figure(rate.n, "count", rows_of(ask, "actionable", topic=key)),
            Figure(rate.numerator, "count", rows_of(ask, "answered", topic=key)),
            Figure(rate.percent, "percent", rows_of(ask, "actionable", topic=key)),
            *wait_figures(ask, "first_response", waits.get(key, NOBODY), topic=key),
        )
        if ask.before:
            then = rates_before.get(key, _NO_RATE).percent
            figures = (*figures, Figure(then, "percent", rows_of(ask, "actionable", ask.before, topic=key, **by)))
        lines.append(Line(key, naming.topic(key), figures))
    told = [(rates[key].percent or 0, naming.topic(key), rates[key].n) for key in order if rates[key].n >= SMALL_BASE]
    beside = (Column("rate_before", _("Response rate, %(period)s") % {"period": wording.compared_with(ask)}),)
    answer = _("Too few conversations to tell the topics apart.")
    if told:
        share, name, n = min(told)
        about = {"name": name, "share": wording.percent(share), "n": wording.number(n)}
        answer = _("%(name)s is answered least: %(share)s of %(n)s.") % about
    return Section(
        key="answered",
        question=gettext_lazy("Which topic do we leave without an answer?"),
        answer=answer,
        definition=define("response_rate"),
        head=gettext_lazy("Topic"),
        columns=(
            Column("actionable", gettext_lazy("Needed an answer")),
            Column("answered", gettext_lazy("Answered")),
            Column("rate", gettext_lazy("Response rate")),
            *WAIT_COLUMNS,
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.measured_bars(
            [(name, share, n) for share, name, n in sorted(told)],
            "percent",
            _("Answered, %; least first"),
            column="rate",
        ),
    )


REPORT = Report(
    title=gettext_lazy("Topics"),
    question=gettext_lazy("What drives the mentions, and what is getting worse?"),
    subject="talk",
    lists=_LISTS,
    content=content,
    without=frozenset({"grain"}),
)
