"""The brief in words: lines with their figures and where these lead, for the page and the mail alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commandcenter.brief import Brief
from commandcenter.figures import SMALL_BASE, Change
from commandcenter.periods import Period
from commandcenter.reports import wording
from commandcenter.reports.asking import spelled
from mentions.naming import topic


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that the brief says: its name, the figure in words, what stands beside it, and the rows behind it."""

    title: str
    said: str
    beside: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A quarter of the brief, with a sentence where it has nothing to tell."""

    key: str
    title: str
    lines: tuple[Line, ...]
    nothing: str = ""


def parts(brief: Brief, chosen: Mapping[str, str]) -> tuple[Part, ...]:
    """The brief's four parts. `chosen` are filters of the reader's, carried along in every address."""
    return (
        Part("happened", _("Yesterday, and since midnight"), _happened(brief, chosen)),
        Part(
            "drives", _("What drives this morning"), _drives(brief, chosen), _("No mention of today has a topic yet.")
        ),
        Part("missed", _("What was missed"), _missed(brief, chosen), _("Nothing was missed.")),
        Part("on", _("Who is on"), _on(brief), _("Nobody is on the rota now.")),
    )


def rows(report: str, list_of: str, period: Period, chosen: Mapping[str, str], made: datetime, **narrowed: str) -> str:
    """The address of a list of a report, for pages that are none and were made at a moment."""
    asked = {"from": period.first.isoformat(), "to": period.last.isoformat(), "list": list_of}
    asked["now"] = made.isoformat()
    if not period.complete:
        asked["until"] = spelled(period.end)
    asked |= dict(chosen) | narrowed
    return f"{reverse('commandcenter:report_rows', args=[report])}?{urlencode(asked)}"


def _beside(change: Change, day: str) -> str:
    about = {"n": wording.number(abs(change.absolute)), "base": wording.number(change.base), "day": day}
    if change.absolute == 0:
        return _("as many as %(day)s") % about
    if change.percent is not None and round(abs(change.percent)):
        about["n"] = wording.percent(round(abs(change.percent)))
    if change.absolute > 0:
        return _("%(n)s more than %(day)s (%(base)s)") % about
    return _("%(n)s fewer than %(day)s (%(base)s)") % about


def _happened(brief: Brief, chosen: Mapping[str, str]) -> tuple[Line, ...]:
    day, last = brief.day, wording.day(brief.before.first)

    def of_day(report: str, name: str) -> str:
        return rows(report, name, day, chosen, brief.at)

    lines = [
        Line(
            _("Mentions"),
            wording.number(brief.mentions.value),
            _beside(brief.mentions, last),
            of_day("volume", "mentions"),
        ),
        Line(
            _("Response rate"),
            wording.percent(brief.rate.percent),
            _("%(answered)s of %(n)s; a week ago at this time: %(base)s")
            % {
                "answered": wording.number(brief.rate.numerator),
                "n": wording.number(brief.rate.n),
                "base": wording.percent(brief.rate_before.percent),
            },
            of_day("response", "actionable"),
        ),
        Line(
            _("First answer, median"),
            wording.spell(brief.first.median),
            (
                _("nine in ten within %(p90)s, n = %(n)s; %(day)s: %(base)s")
                if brief.first.n
                else _("nobody got one, n = %(n)s; %(day)s: %(base)s")
            )
            % {
                "p90": wording.spell(brief.first.p90),
                "n": wording.number(brief.first.n),
                "day": last,
                "base": wording.spell(brief.first_before.median),
            }
            + _still_waiting(brief.first.running),
            of_day("response", "first_response"),
        ),
        Line(
            _("In time"),
            wording.percent(brief.kept.percent),
            _("%(met)s of %(n)s promises; %(day)s: %(base)s")
            % {
                "met": wording.number(brief.kept.met),
                "n": wording.number(brief.kept.n),
                "day": last,
                "base": wording.percent(brief.kept_before.percent),
            },
            of_day("sla", "first_response_due"),
        ),
        Line(
            _("Net sentiment"),
            wording.signed(brief.tone.value),
            _("n = %(n)s; %(day)s: %(base)s")
            % {"n": wording.number(brief.tone.n), "day": last, "base": wording.signed(brief.tone_before.value)},
            of_day("sentiment", "scored"),
        ),
    ]
    today = Period.today(brief.at)
    lines.append(
        Line(
            _("Since midnight"),
            wording.number(brief.since.value),
            _beside(brief.since, _("a week ago at this time")),
            rows("volume", "mentions", today, chosen, brief.at),
        )
    )
    return tuple(lines)


def _still_waiting(running: int) -> str:
    """What a length of time lacks: the waits that may yet become the longest."""
    if not running:
        return ""
    return "; " + ngettext("%(n)s still waits", "%(n)s still wait", running) % {"n": wording.number(running)}


def _drives(brief: Brief, chosen: Mapping[str, str]) -> tuple[Line, ...]:
    today = Period.today(brief.at)
    lines = []
    for one in brief.drivers:
        words = _usually(one.against.usual)
        if one.scored >= SMALL_BASE:
            words += "; " + _("%(share)s negative") % {"share": wording.percent(100 * one.negative / one.scored)}
        behind = rows("topics", "mentions", today, chosen, brief.at, topic=one.topic)
        lines.append(Line(topic(one.topic), wording.number(one.against.value), words, behind))
    return tuple(lines)


def _usually(usual: float | None) -> str:
    if usual is None:
        return _("nothing to compare with yet")
    return _("usually %(n)s by this hour") % {"n": wording.number(round(usual))}


def _missed(brief: Brief, chosen: Mapping[str, str]) -> tuple[Line, ...]:
    today = Period.today(brief.at)
    offered = [
        (
            brief.missed,
            Line(
                _("Without an answer"),
                wording.number(brief.missed),
                _("of %(n)s that needed one yesterday") % {"n": wording.number(brief.rate.n)},
                rows("response", "unanswered", brief.day, chosen, brief.at),
            ),
        ),
        (
            brief.kept.missed,
            Line(
                _("Answered too late"),
                wording.number(brief.kept.missed),
                _("of %(n)s promises, overdue ones included") % {"n": wording.number(brief.kept.n)},
                rows("sla", "first_response_missed", brief.day, chosen, brief.at),
            ),
        ),
        (
            brief.open.overdue,
            Line(
                _("Overdue now"),
                wording.number(brief.open.overdue),
                _("of %(n)s open; the oldest waits for %(age)s")
                % {"n": wording.number(brief.open.n), "age": wording.spell(brief.open.oldest)},
                rows("backlog", "overdue", today, chosen, brief.at),
            ),
        ),
    ]
    lines = [line for count, line in offered if count]
    for one in brief.blind:
        told = ngettext("%(n)s minute", "%(n)s minutes", one.minutes) % {"n": wording.number(one.minutes)}
        since = {"at": wording.stamp(one.since)}
        lines.append(
            Line(
                _("%(source)s was blind") % {"source": one.source},
                told,
                _("from %(at)s, filled since") % since
                if one.filled
                else _("from %(at)s; what was said then is missing in the figures") % since,
            )
        )
    return tuple(lines)


def _on(brief: Brief) -> tuple[Line, ...]:
    lines = [
        Line(
            str(row.person),
            _("first on call") if row.rank == 1 else _("second on call"),
            ", ".join(str(part) for part in (row.team, row.site) if part) or _("all teams"),
        )
        for row in brief.on
    ]
    if brief.holding:
        held = ngettext("%(n)s person", "%(n)s people", brief.holding) % {"n": wording.number(brief.holding)}
        lines.append(Line(_("At work"), held, _("with a conversation in hand")))
    return tuple(lines)


def text(brief: Brief, chosen: Mapping[str, str], base_url: str) -> str:
    """The brief as the text of a mail."""
    told = [_("The brief of %(day)s") % {"day": wording.day(brief.day.first)}, ""]
    for part in parts(brief, chosen):
        told += [part.title.upper()]
        for line in part.lines:
            told.append(f"- {line.title}: {line.said}, {line.beside}")
            if line.url:
                told.append(f"  {base_url}{line.url}")
        told += [""] if part.lines else [part.nothing, ""]
    told.append(f"{base_url}{reverse('commandcenter:brief')}")
    return "\n".join(told)
