"""A report answered: its figures, and what stands in their way, from one snapshot; for pages, files and mails alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.models import Team
from commandcenter import asof, drills, earlier, gaps, rollups, times
from commandcenter.figures import Waits
from commandcenter.gaps import Blind
from commandcenter.glossary import Definition
from commandcenter.models import Drill
from commandcenter.reports import Content, Report, RowsOf, Section, asking, charts, marks, naming, wording
from commandcenter.reports.asking import Ask
from commandcenter.reports.behind import Question
from commandcenter.reports.listing import SPELLS
from commandcenter.reports.lists import LISTS, List
from commandcenter.reports.marks import Mark
from mentions.models import Origin, Source

TOLD_APART = 2
SLOWEST = 3
SHADED = gettext_lazy("Shaded: a source was blind, and what was said then is missing.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a report says to what was asked.

    `lag` is how far the network's clock and ours are apart, `lags` the same of each network, the slowest first; `blind`
    and `blind_before` are when sources did not see in the period and in the one beside it; `to_count` how many events
    are not in the figures yet; `untold` and `set_up_since` belong to figures of a past day (see `commandcenter.asof`);
    `marks` are what else went on.
    """

    ask: Ask
    report: Report
    content: Content
    lag: Waits
    lags: Mapping[str, Waits]
    blind: Sequence[Blind]
    blind_before: Sequence[Blind]
    to_count: int
    untold: tuple[int, int]
    set_up_since: int
    marks: Sequence[Mark]


def answer(report: Report, ask: Ask, *, live: bool = False) -> Answer:
    """Ask a report: of the question's own moment, or `live` of that of the snapshot it is counted in, so that what was
    stored since somebody asked is in the figure as well as in the list as it was then."""
    with asof.known(ask.as_of) as moment:
        ask = ask.at(moment) if live and ask.as_of is None else ask
        content = report.content(ask)
        lags = times.lag(ask.period, ask.filters)
        whose: gaps.Whose = "all" if "rivals" in report.lists else "ours"
        blind = gaps.blind(ask.period, ask.filters, ask.now, whose)
        before = gaps.blind(ask.before, ask.filters, ask.now, whose) if ask.before else []
        to_count = 0 if ask.as_of else rollups.noticeably_behind()
        untold = asof.untold(ask.as_of) if ask.as_of else (0, 0)
        marked = [] if "grain" in report.without else marks.found(ask.period, ask.now)
    since = asof.set_up_since(ask.as_of) if ask.as_of else 0
    of_networks = {network: found for network, found in lags.items() if network is not None}
    slowest = dict(sorted(of_networks.items(), key=lambda one: (-(one[1].p90 or 0), one[0])))
    about = (blind, before, to_count, untold, since, marked)
    return Answer(ask, report, content, lags[None], slowest, *about)


def blind_parts(one: Answer) -> Mapping[date, int]:
    """The parts (by their first day) in which a source did not see, of the period and of the one beside it, with its
    minutes."""
    told: dict[date, int] = {}
    for period, blinds in ((one.ask.period, one.blind), (one.ask.before, one.blind_before)):
        if period is None:
            continue
        for day, minutes in gaps.by_day(blinds).items():
            told[period.part_of(day)] = told.get(period.part_of(day), 0) + minutes
    return told


def blind_minutes(one: Answer, rows: RowsOf | None) -> int:
    """For how many minutes of the days that a figure counts a source of its network did not see what is missing since.

    None where no post is counted: what is open has no days, and no network tells of time at the desk.
    """
    if rows is None or _unheard(LISTS[rows.list]):
        return 0
    network = rows.narrowed.get("network")
    blinds = (*one.blind, *one.blind_before)
    blind = gaps.by_day(blind for blind in blinds if network in (None, "", blind.network))
    first, last = rows.narrowed.get("from", ""), rows.narrowed.get("to", "")
    return sum(minutes for day, minutes in blind.items() if first <= day.isoformat() <= last)


def definitions(one: Answer) -> Sequence[Definition]:
    """What its sections count, each definition once."""
    return list({section.definition.key: section.definition for section in one.content.sections}.values())


def pictured(one: Answer, section: Section) -> tuple[Mapping[str, Any] | None, str]:
    """The section's chart and what is drawn around it in words: where it goes by day, week or month, a band behind
    those in which a source did not see, and a line above those in which something else went on.

    None where there is nothing to draw.
    """
    if section.chart is None or not charts.tells(section.chart):
        return None, ""
    keys = {day.isoformat() for day in blind_parts(one)}
    chart = charts.shaded(section.chart, [line.title for line in section.lines if line.key in keys])
    words = [] if chart is section.chart else [str(SHADED)]
    marked = marks.drawn(chart, section, one.marks, one.ask.period)
    if marked is not None:
        words.append(marks.LEGEND % {"marks": "; ".join(mark.words for mark in one.marks)})
    return marked or chart, " ".join(words)


def marked_parts(one: Answer) -> Mapping[date, list[str]]:
    """What began or ended in a part (by its first day), in words."""
    return marks.by_part(one.marks, one.ask.period)


def same_again(one: Answer) -> str:
    """The full address at which exactly these figures can be read later."""
    page = reverse("commandcenter:report", args=[one.ask.report])
    return f"{settings.PUBLIC_URL.rstrip('/')}{page}?{one.ask.same_again()}"


def caveats(one: Answer) -> Iterator[str]:
    """What a reader has to know before believing a figure, a sentence each."""
    if "site" in one.ask.chosen:
        yield _site(one.ask.chosen["site"])
    if one.to_count:
        yield _("These figures are still being counted: %(n)s events to go.") % {"n": wording.number(one.to_count)}
    if one.ask.as_of:
        yield from _past(one)
    if (drill := exercise(one)) is not None:
        yield _("EXERCISE running: %(name)s. Nothing of it is in these figures.") % {"name": drill.name}
    for blind in one.blind:
        if not blind.filled:
            yield blindness(blind)
    yield from _filled([blind for blind in one.blind if blind.filled])
    for blind in one.blind_before:
        if not blind.filled:
            yield _("%(when)s: %(what)s") % {
                "when": wording.compared_with(one.ask).capitalize(),
                "what": blindness(blind),
            }


def exercise(one: Answer) -> Drill | None:
    """The exercise that runs in the time the report is about, and whose figures are told beside it."""
    drill = drills.running()
    return drill if drill is not None and one.ask.period.end > drill.started_at else None


def _site(slugs: Sequence[str]) -> str:
    """What a site's figures are made of; a team of several sites is whole in each, which has to be said."""
    teams = list(asking.teams_at(slugs).order_by("name"))
    if not teams:
        return _("No team has anybody at this site today, so that no queue is counted.")
    working = Q(people__is_active=True, people__site__isnull=False)
    sites = dict(Team.objects.annotate(n=Count("people__site", filter=working, distinct=True)).values_list("pk", "n"))
    told = _("A site's figures are those of the home queues of the teams with anybody there today: %(teams)s.") % {
        "teams": ", ".join(team.name for team in teams)
    }
    if shared := [team.name for team in teams if sites[team.pk] > 1]:
        told += " " + _("Work of %(teams)s at other sites is in it: sites do not add up to the bank.") % {
            "teams": ", ".join(shared)
        }
    return told


def _filled(blinds: Sequence[Blind]) -> Iterator[str]:
    """Times without sight that keep no figure low any more: in one sentence where there are many."""
    if len(blinds) <= TOLD_APART:
        yield from map(blindness, blinds)
        return
    yield _("Sources were blind %(times)s times, for %(spell)s at most; what was said then has been fetched since.") % {
        "times": wording.number(len(blinds)),
        "spell": wording.spell(60 * max(blind.minutes for blind in blinds)),
    }


def lag(one: Answer) -> str:
    """How far the customers' clock and ours are apart, in words, and of which sources most; empty where nothing came.

    What is late is kept by network: the sources of one are named together.
    """
    if not one.lag.n:
        return ""
    told = _(
        "Customers' clock: half of %(n)s mentions reached us within %(median)s, nine in ten within %(p90)s."
    ) % _spans(one.lag)  # fmt: skip
    if len(one.lags) < TOLD_APART:
        return told
    names = _sources()
    slow = [
        _("%(network)s (%(sources)s) half of %(n)s within %(median)s, nine in ten within %(p90)s")
        % {"network": naming.network(network), "sources": names.get(network, "-"), **_spans(found)}
        for network, found in list(one.lags.items())[:SLOWEST]
    ]
    return f"{told} {_('Slowest')}: {'; '.join(slow)}."


def _spans(found: Waits) -> dict[str, str]:
    return {"n": wording.number(found.n), "median": wording.spell(found.median), "p90": wording.spell(found.p90)}


def _sources() -> Mapping[str, str]:
    """The names of the sources that are ours on each network; a search is of the network that it is asked on."""
    ours = Source.objects.filter(origin=Origin.LIVE, rival="", disconnected_at=None).order_by("name")
    told: dict[str, list[str]] = {}
    for network, name in ours.values_list(Coalesce("via__network", "network"), "name"):
        told.setdefault(network, []).append(name)
    return {network: ", ".join(names) for network, names in told.items()}


def blindnesses(question: Question, now: datetime) -> Iterator[str]:
    """The times without sight that a list lies in, in words; what is open now has none, nor has time at the desk."""
    if not _unheard(question.list):
        whose: gaps.Whose = "others" if question.list.what == "rivals" else "ours"
        for one in gaps.blind(question.period, question.filters, now, whose):
            yield blindness(one)


def _unheard(rows: List) -> bool:
    return rows.what in ("open", *SPELLS)


def blindness(blind: Blind) -> str:
    """One time of a source without sight, in words."""
    about = {
        "source": blind.source,
        "spell": wording.spell(60 * blind.minutes),
        "since": wording.stamp(blind.since),
        "until": wording.stamp(blind.until),
    }
    if blind.filled:
        return (
            _("%(source)s was blind for %(spell)s from %(since)s; what was said then has been fetched since.") % about
        )
    return (
        _("%(source)s was blind for %(spell)s, %(since)s to %(until)s: what was said then is missing in these figures.")
        % about
    )


def _past(one: Answer) -> Iterator[str]:
    assert one.ask.as_of is not None
    yield _("As it was known on %(as_of)s: what came, changed, was paused, answered or closed later is not in it.") % {
        "as_of": wording.stamp(one.ask.as_of)
    }
    yield _(
        "Counted by version %(version)s of the definitions (today: %(today)s) and by the promises, calendars, routes "
        "and teams of that day; changes of these since then, and not in it: %(changes)s."
    ) % {
        "version": earlier.version(one.ask.as_of),
        "today": earlier.version(None),
        "changes": wording.number(one.set_up_since),
    }
    if any(one.untold):
        conversations, mentions = (wording.number(count) for count in one.untold)
        yield _(
            "It cannot be told how %(conversations)s conversations were marked or paused and %(mentions)s edited "
            "mentions were labelled then; they are told as they are now."
        ) % {"conversations": conversations, "mentions": mentions}
