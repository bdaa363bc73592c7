"""Share of voice: how much is said about us beside our rivals?"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics
from commandcenter.figures import SMALL_BASE, Voice
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import (
    Column,
    Content,
    Figure,
    Line,
    Report,
    RowsOf,
    Section,
    building,
    charts,
    naming,
    wording,
)
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import rows_of


def content(ask: Ask) -> Content:
    """All sections for what was asked."""
    now = metrics.share_of_voice(ask.period, ask.filters)
    before = metrics.share_of_voice(ask.before, ask.filters) if ask.before else []
    total = sum(voice.mentions for voice in now)
    return Content(
        headlines=[
            building.headline(
                "share_of_voice",
                gettext_lazy("Share of voice"),
                Figure(_share(now[0], now), "percent", rows_of(ask, "heard")),
                building.n_of(now[0].mentions, total),
                _before(ask, before),
            )
        ]
        if len(now) > 1
        else [],
        sections=[
            _voices(ask, now, before),
            *([_topics(ask)] if len(now) > 1 else []),
            *_industry(ask),
        ],
    )


def _share(voice: Voice, voices: list[Voice]) -> float | None:
    total = sum(one.mentions for one in voices)
    return 100 * voice.mentions / total if total and len(voices) > 1 else None


def _behind(ask: Ask, voice: Voice, period: Period | None = None) -> RowsOf:
    return rows_of(ask, "rivals", period, rival=voice.name) if voice.name else rows_of(ask, "heard", period)


def _voices(ask: Ask, now: list[Voice], before: list[Voice]) -> Section:
    earlier = {voice.name: voice for voice in before}
    lines = []
    for voice in now:
        rows = _behind(ask, voice)
        figures = [Figure(voice.mentions, "count", rows), Figure(_share(voice, now), "percent", rows)]
        if ask.before:
            then = earlier.get(voice.name, Voice(voice.name, 0, ()))
            rows = _behind(ask, then, ask.before)
            figures += [Figure(then.mentions, "count", rows), Figure(_share(then, before), "percent", rows)]
        lines.append(Line(voice.name or "bank", voice.name or _("We"), tuple(figures)))
    beside = (
        Column("mentions_before", _("Mentions, %(period)s") % {"period": wording.compared_with(ask)}),
        Column("share_before", _("Share, %(period)s") % {"period": wording.compared_with(ask)}),
    )
    ranked = sorted(now, key=lambda voice: -voice.mentions)
    return Section(
        key="voices",
        question=gettext_lazy("How much is said about us beside our rivals?"),
        answer=_answer(ask, now, before),
        definition=define("share_of_voice"),
        head=gettext_lazy("Name"),
        columns=(
            Column("mentions", gettext_lazy("Mentions")),
            Column("share", gettext_lazy("Share of voice")),
            *(beside if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=charts.bars(
            [voice.name or _("We") for voice in ranked],
            charts.Series(
                _("Share of voice"),
                [_share(voice, now) or 0 for voice in ranked],
                [
                    _("%(share)s, %(n)s mentions")
                    % {"share": wording.percent(_share(voice, now)), "n": wording.number(voice.mentions)}
                    for voice in ranked
                ],
            ),
            unit=_("Share of voice"),
        )
        if len(now) > 1
        else None,
        note=_heard_by(now),
    )


def _heard_by(voices: list[Voice]) -> str:
    """What listens to each, and for which words."""
    told = []
    for voice in voices:
        searches = ", ".join(f"“{search}”" for search in voice.searches) or _("no search")
        about = {"name": voice.name or _("We"), "searches": searches, "queries": "; ".join(voice.queries)}
        if voice.queries:
            told.append(_("%(name)s, by: %(searches)s, for: %(queries)s.") % about)
        else:
            told.append(_("%(name)s, by: %(searches)s.") % about)
    return " ".join(told)


def _topics(ask: Ask) -> Section:
    now = metrics.share_of_voice_by_topic(ask.period, ask.filters)
    before = metrics.share_of_voice_by_topic(ask.before, ask.filters) if ask.before else {}
    lines, told = [], []
    for key, (ours, theirs) in sorted(now.items(), key=lambda one: (-sum(one[1]), one[0])):
        share = 100 * ours / (ours + theirs)
        of_ours, of_theirs = rows_of(ask, "heard", topic=key), rows_of(ask, "rivals", topic=key)
        figures = [
            Figure(ours, "count", of_ours),
            Figure(theirs, "count", of_theirs),
            Figure(share, "percent", of_ours),
        ]
        if ask.before:
            then = before.get(key, (0, 0))
            share_then = 100 * then[0] / sum(then) if sum(then) else None
            figures.append(Figure(share_then, "percent", rows_of(ask, "heard", ask.before, topic=key)))
        lines.append(Line(key, naming.topic(key), tuple(figures)))
        if ours + theirs >= SMALL_BASE:
            told.append((share, naming.topic(key), ours, ours + theirs))
    answer = _("Too little was said about any topic to compare.")
    if told:
        share, name, ours, every = min(told)
        about = {"name": name, "share": wording.percent(share), "n": building.n_of(ours, every)}
        answer = _("Rivals are heard most in %(name)s: there we have %(share)s, %(n)s.") % about
    return Section(
        key="topics",
        question=gettext_lazy("About what are rivals heard most?"),
        answer=answer,
        definition=define("share_of_voice"),
        head=gettext_lazy("Topic"),
        columns=(
            Column("ours", gettext_lazy("We")),
            Column("rivals", gettext_lazy("Rivals")),
            Column("topic_share", gettext_lazy("Share of voice")),
            *(
                [Column("topic_share_before", _("Share, %(period)s") % {"period": wording.compared_with(ask)})]
                if ask.before
                else ()
            ),
        ),
        lines=tuple(lines),
        chart=building.measured_bars(
            [(name, share, every) for share, name, _ours, every in sorted(told)],
            "percent",
            _("Share of voice"),
            column="topic_share",
        ),
    )


def _industry(ask: Ask) -> list[Section]:
    """What is said about the industry's topics, where any is listened to."""
    now = metrics.industry_voices(ask.period, ask.filters)
    if not now:
        return []
    before = {one.name: one.mentions for one in metrics.industry_voices(ask.before, ask.filters)} if ask.before else {}
    lines = []
    for one in now:
        figures = [Figure(one.mentions, "count", rows_of(ask, "industry", rival=one.name))]
        if ask.before:
            rows = rows_of(ask, "industry", ask.before, rival=one.name)
            figures.append(Figure(before.get(one.name, 0), "count", rows))
        lines.append(Line(one.name, one.name, tuple(figures)))
    most = max(now, key=lambda one: one.mentions)
    about = {"name": most.name, "n": wording.number(most.mentions)}
    section = Section(
        key="industry",
        question=gettext_lazy("And what is said about the industry?"),
        answer=_("%(name)s is spoken of most, with %(n)s mentions.") % about
        if most.mentions
        else _("Nothing in this period."),
        definition=define("share_of_voice"),
        head=gettext_lazy("Name"),
        columns=(
            Column("mentions", gettext_lazy("Mentions")),
            *([Column("before", wording.compared_with(ask))] if ask.before else ()),
        ),
        lines=tuple(lines),
        chart=building.ranked_bars(
            [(one.name, one.mentions) for one in sorted(now, key=lambda one: -one.mentions)],
            _("Mentions"),
            column="mentions",
        ),
        note=_heard_by(now),
    )
    return [section]


def _answer(ask: Ask, now: list[Voice], before: list[Voice]) -> str:
    if len(now) == 1:
        return _("No rival is listened to: connect a source and name its rival.")
    share = _share(now[0], now)
    if share is None:
        return _("Nothing was said about us or a rival in this period.")
    told = {
        "share": wording.percent(share),
        "n": wording.number(now[0].mentions),
        "all": wording.number(sum(voice.mentions for voice in now)),
    }
    words = [_("We have %(share)s: %(n)s of %(all)s mentions.") % told]
    if then := _before(ask, before):
        words.append(_("%(then)s.") % {"then": then.capitalize()})
    return " ".join(words)


def _before(ask: Ask, before: list[Voice]) -> str:
    """What our share was in the period before, with its n; nothing where none stands beside or nothing was said."""
    if ask.before is None or not before or (then := _share(before[0], before)) is None:
        return ""
    return _("%(period)s: %(share)s, %(n)s mentions") % {
        "period": wording.compared_with(ask),
        "share": wording.percent(then),
        "n": wording.number(before[0].mentions),
    }


REPORT = Report(
    title=gettext_lazy("Share of voice"),
    question=gettext_lazy("How much is said about us beside our rivals?"),
    subject="talk",
    lists=frozenset({"heard", "rivals", "industry"}),
    content=content,
    without=frozenset({"team", "queue", "site", "grain"}),
    whole_bank=True,
)
