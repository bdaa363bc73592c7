"""Sentiment: how do people speak of us?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics
from commandcenter.figures import SMALL_BASE, NetSentiment
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import Column, Content, Figure, Line, Report, Section, building, charts, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of
from commandcenter.sums import Axis

_NONE = NetSentiment(0, 0, 0, 0)
_COLUMNS = (
    Column("net", gettext_lazy("Net sentiment")),
    Column("scored", gettext_lazy("Scored")),
    Column("positive", gettext_lazy("Positive")),
    Column("neutral", gettext_lazy("Neutral")),
    Column("negative", gettext_lazy("Negative")),
    Column("unscored", gettext_lazy("Not scored")),
)


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    now = metrics.net_sentiment(ask.period, ask.filters)
    before = metrics.net_sentiment(ask.before, ask.filters) if ask.before else _NONE
    corrected = metrics.corrected_tones(ask.period, ask.filters)
    corrected_before = metrics.corrected_tones(ask.before, ask.filters) if ask.before else 0
    share = 100 * now.negative / now.n if now.n else None
    return Content(
        headlines=[
            building.headline(
                "net_sentiment",
                gettext_lazy("Net sentiment"),
                Figure(now.value, "points", rows_of(ask, "scored")),
                _("n = %(n)s") % {"n": wording.number(now.n)},
                wording.score_change(now.value, before.value, (now.n, before.n), ask),
            ),
            building.headline(
                "net_sentiment",
                gettext_lazy("Negative"),
                Figure(share, "percent", rows_of(ask, "negative")),
                building.n_of(now.negative, now.n),
                _negative_before(ask, before),
            ),
            building.headline(
                "net_sentiment",
                gettext_lazy("Corrected by people"),
                Figure(corrected, "count", rows_of(ask, "corrected")),
                building.n_of(corrected, now.n),
                wording.change(corrected, corrected_before, ask),
            ),
        ],
        sections=[
            _by_day(ask, now, before, corrected),
            _ranked(ask, "topic", gettext_lazy("What are they unhappy about?"), gettext_lazy("Topic")),
            _ranked(ask, "network", gettext_lazy("Where?"), gettext_lazy("Network")),
            _ranked(ask, "language", gettext_lazy("In which language?"), gettext_lazy("Language")),
        ],
    )


def _negative_before(ask: Ask, before: NetSentiment) -> str:
    """What share was negative in the period before: neither more nor less of it is ours to call better."""
    if ask.before is None:
        return ""
    return _("%(period)s: %(base)s of %(n)s") % {
        "period": wording.compared_with(ask),
        "base": wording.percent(100 * before.negative / before.n if before.n else None),
        "n": wording.number(before.n),
    }


def _figures(ask: Ask, one: NetSentiment, period: Period | None = None, /, **narrowed: str) -> tuple[Figure, ...]:
    def behind(name: str, value: int) -> Figure:
        return Figure(value, "count", rows_of(ask, name, period, **narrowed))

    return (
        Figure(one.value, "points", rows_of(ask, "scored", period, **narrowed)),
        behind("scored", one.n),
        behind("positive", one.positive),
        behind("neutral", one.neutral),
        behind("negative", one.negative),
        behind("unscored", one.unscored),
    )


def _by_day(ask: Ask, now: NetSentiment, before: NetSentiment, corrected: int) -> Section:
    found = metrics.net_sentiment_by("day", ask.period, ask.filters)
    days = [(day, found.get(day.first, _NONE)) for day in ask.period.parts()]
    return Section(
        key="days",
        question=gettext_lazy("How do people speak of us?"),
        answer=_answer(ask, now, before, corrected),
        definition=define("net_sentiment"),
        head=wording.grain(ask),
        columns=_COLUMNS,
        lines=building.by_day(
            ask,
            [(day, _figures(ask, one, day)) for day, one in days],
            _figures(ask, now),
            _figures(ask, before, ask.before) if ask.before else None,
        ),
        chart=_chart(days),
    )


def _answer(ask: Ask, now: NetSentiment, before: NetSentiment, corrected: int) -> str:
    if now.value is None:
        return _("No mention of this period has a tone.")
    words = [
        _("Net sentiment is %(net)s: %(positive)s positive and %(negative)s negative of %(n)s that could be scored.")
        % {
            "net": wording.signed(now.value),
            "positive": wording.number(now.positive),
            "negative": wording.number(now.negative),
            "n": wording.number(now.n),
        }
    ]
    if ask.before and before.n:
        change = wording.score_change(now.value, before.value, (now.n, before.n), ask)
        words.append(change[:1].upper() + change[1:] + ".")
    words.append(_("People corrected %(n)s of them.") % {"n": wording.number(corrected)})
    return " ".join(words)


def _chart(days: Sequence[tuple[Period, NetSentiment]]) -> Mapping[str, Any] | None:
    if sum(one.n > 0 for _day, one in days) < 2:
        return None
    return charts.shares(
        [wording.part(day) for day, _one in days],
        [
            charts.Series(
                _("Negative"),
                [-_share(one.negative, one) for _day, one in days],
                _said(days, "negative"),
                "data-2",
                "negative",
            ),
            charts.Series(
                _("Positive"),
                [_share(one.positive, one) for _day, one in days],
                _said(days, "positive"),
                "data-1",
                "positive",
            ),
        ],
        unit=_("Negative and positive, % of all scored; the rest is neutral"),
    )


def _share(part: int, one: NetSentiment) -> float:
    return round(100 * part / one.n, 1) if one.n else 0


def _said(days: Sequence[tuple[Period, NetSentiment]], part: str) -> list[str]:
    return [building.n_said(_share(getattr(one, part), one), one.n) for _day, one in days]


def _ranked(ask: Ask, axis: Axis, question: Any, head: Any) -> Section:
    found = metrics.net_sentiment_by(axis, ask.period, ask.filters)
    before = metrics.net_sentiment_by(axis, ask.before, ask.filters) if ask.before else {}
    name = building.names(axis)
    order = sorted(found, key=lambda key: (-found[key].negative, str(key)))
    lines = []
    for key in order:
        called, narrowed = name(key)
        figures = _figures(ask, found[key], **narrowed)
        if ask.before:
            rows = rows_of(ask, "scored", ask.before, **narrowed)
            figures += (Figure(before.get(key, _NONE).value, "points", rows),)
        lines.append(Line(str(key), called, figures))
    told = [(found[key].value or 0, name(key)[0], found[key].n) for key in order if found[key].n >= SMALL_BASE]
    answer = _("Too few mentions to tell them apart.")
    if told:
        loudest, (worst, called, n) = found[order[0]], min(told)
        about = {"name": called, "net": wording.signed(worst), "n": wording.number(n)}
        answer = _("%(name)s is spoken of worst: net sentiment %(net)s, n = %(n)s.") % about
        if loudest.negative:
            about = {
                "name": name(order[0])[0],
                "negative": wording.number(loudest.negative),
                "n": wording.number(loudest.n),
            }
            most = _("%(name)s draws most negative mentions: %(negative)s of %(n)s with a tone.") % about
            answer = f"{most} {answer}"
    beside = (Column("net_before", _("Net sentiment, %(period)s") % {"period": wording.compared_with(ask)}),)
    return Section(
        key=f"{axis}s",
        question=question,
        answer=answer,
        definition=define("net_sentiment"),
        head=head,
        columns=(*_COLUMNS, *(beside if ask.before else ())),
        lines=tuple(lines),
        chart=building.ranked_bars(
            [(name(key)[0], found[key].negative) for key in order if found[key].negative],
            _("Negative, of all with a tone"),
            column="negative",
            of={name(key)[0]: found[key].n for key in order},
        ),
    )


REPORT = Report(
    title=gettext_lazy("Sentiment"),
    question=gettext_lazy("How do people speak of us?"),
    subject="talk",
    lists=frozenset({"scored", "positive", "neutral", "negative", "unscored", "corrected"}),
    content=content,
)
