"""Share of voice: how much is said about us beside our rivals?"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commandcenter import metrics
from commandcenter.figures import Voice
from commandcenter.glossary import define
from commandcenter.periods import Period
from commandcenter.reports import Column, Content, Figure, Line, Report, RowsOf, Section, building, charts, wording
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
        sections=[_voices(ask, now, before)],
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
        note=" ".join(
            _("%(name)s, by: %(searches)s.")
            % {
                "name": voice.name or _("We"),
                "searches": ", ".join(f"“{search}”" for search in voice.searches) or _("no search"),
            }
            for voice in now
        ),
    )


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
    lists=frozenset({"heard", "rivals"}),
    content=content,
    without=frozenset({"team", "queue", "site"}),
    whole_bank=True,
)
