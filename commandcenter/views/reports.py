"""Report pages: what was asked, answered; the same as files; and the rows behind every figure."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import wraps
from itertools import chain, islice
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Site, User
from commandcenter import asof, drills, exporting, periods, reports
from commandcenter.reports import (
    Report,
    about,
    answering,
    asking,
    behind,
    cells,
    exports,
    listing,
    naming,
    paper,
    wording,
)
from commandcenter.reports.answering import Answer
from commandcenter.reports.asking import Ask, Unclear
from commandcenter.reports.lists import LISTS, PARTS

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

ROWS_IN_A_FILE = 100_000
_GRAINS = (("day", gettext_lazy("Days")), ("week", gettext_lazy("Weeks")), ("month", gettext_lazy("Months")))
FILES = ("csv", "xlsx", "pdf", "json")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_AS = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX, "json": "application/json"}


def clearly(view: View[P]) -> View[P]:
    """A question that cannot be understood is answered with the reasons, and 400."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Unclear as unclear:
            every = _every(access.person(request))
            context = {"reasons": unclear.reasons, "path": request.path, "every": every}
            return render(request, "commandcenter/reports/unclear.html", context, status=400)

    return answered


@require_safe
@never_cache
@access.signed_in("see reports")
def index(request: HttpRequest) -> HttpResponse:
    """Every report with the question it answers."""
    every = _every(access.person(request)).items()
    subjects = [
        {"key": key, "question": question, "reports": [(name, one) for name, one in every if one.subject == key]}
        for key, question in reports.SUBJECTS.items()
    ]
    return render(request, "commandcenter/reports/index.html", {"subjects": subjects})


@require_safe
@never_cache
@access.signed_in("see reports")
@clearly
def report(request: HttpRequest, key: str) -> HttpResponse:
    """One report as a page."""
    found, ask = _asked(request, key)
    answer = answering.answer(found, ask, live=True)
    ask = answer.ask
    files = {kind: f"{reverse('commandcenter:report_file', args=[key, kind])}?{ask.address()}" for kind in FILES}
    context = {
        "key": key,
        "report": found,
        "tabs": [
            {"key": other, "title": one.title, "url": _same_of(other, one, ask)}
            for other, one in _every(access.person(request)).items()
        ],
        "ask": ask,
        "period_words": wording.period(ask.period),
        "before_words": wording.period(ask.before) if ask.before else "",
        "zone": settings.BANK_TIME_ZONE,
        "made_at": wording.stamp(ask.now),
        "lag": answering.lag(answer),
        "as_of_day": periods.bank_day(ask.as_of - timedelta(microseconds=1)).isoformat() if ask.as_of else "",
        "caveats": list(answering.caveats(answer)),
        "exercise": _exercise(answer),
        "saved_url": f"{reverse('commandcenter:saved')}?{urlencode({'report': key, 'query': ask.address()})}",
        "headlines": [
            {"it": one, "said": wording.figure(one.figure), "url": cells.url(ask, one.figure)}
            for one in answer.content.headlines
        ],
        "sections": _sections(answer),
        "choices": [one for one in _choices(access.person(request), ask) if one["name"] not in found.without],
        "presets": _presets(ask),
        "grains": [] if "grain" in found.without else _GRAINS,
        "files": files,
    }
    return render(request, "commandcenter/reports/report.html", context)


@require_safe
@never_cache
@access.signed_in("see reports")
@clearly
def report_file(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """One report as a file: `csv` (with `section`, that section's table alone), `json`, `xlsx` or `pdf`."""
    if kind not in FILES:
        raise Http404(_("Reports come as csv, xlsx, pdf and json."))
    found, ask = _asked(request, key, also=("section",))
    answer = answering.answer(found, ask, live=True)
    ask = answer.ask
    person = access.person(request)
    content, by = answer.content, str(person)
    exporting.note(ask, kind, by=person, rows=sum(len(section.lines) for section in content.sections))
    name = f"{key}-{ask.period.first}-{ask.period.last}.{kind}"
    if kind == "pdf":
        return _attached(HttpResponse(paper.document(answer, by), content_type="application/pdf"), name)
    if kind == "json":
        return JsonResponse(exports.document(answer, by))
    if kind == "xlsx":
        return _attached(HttpResponse(exports.workbook(answer, by), content_type=XLSX), name)
    section = request.GET.get("section")
    if section is None:
        return _csv(exports.figures(answer, by), name)
    wanted = next((one for one in content.sections if one.key == section), None)
    if wanted is None:
        keys = ", ".join(one.key for one in content.sections)
        raise Unclear([_("“section” is one of %(names)s.") % {"names": keys}])
    return _csv(
        exports.section_table(answer, wanted, by), f"{key}-{wanted.key}-{ask.period.first}-{ask.period.last}.csv"
    )


@require_safe
@never_cache
@access.signed_in("see reports")
@clearly
def rows(request: HttpRequest, key: str) -> HttpResponse:
    """The rows behind a figure, a page at a time."""
    found, ask = _asked(request, key, also=behind.ALSO)
    question = behind.question(ask, request.GET.dict(), found.lists)
    person = access.person(request)
    with asof.known(ask.as_of):
        days = behind.counted(question)
        page, after = behind.read(question, days=days)
        count = behind.size(question) if days is None else sum(days.values())
        shown = listing.shown(page, question, by=person)
        blind = list(answering.blindnesses(question, ask.now))
    context = {
        "key": key,
        "report": found,
        "question": question,
        "count": wording.number(count),
        "period_words": wording.period(question.period),
        # Who has done nothing here is not named: a number in an address must not turn into a name.
        "narrowed": naming.chosen({**ask.chosen, **(question.narrowed if page else {})}),
        "as_of": wording.stamp(ask.as_of) if ask.as_of else "",
        "made_at": wording.stamp(question.now),
        "then_url": _then(request.GET, question) if ask.as_of is None and "now" in request.GET else "",
        "parts": [
            {"title": LISTS[part].title, "url": f"?{_again(request.GET, list=part, after='')}"}
            for part in PARTS.get(question.name, ())
            if part in found.lists
        ],
        "caveats": blind,
        "zone": settings.BANK_TIME_ZONE,
        "rows": shown,
        "people": any(row["proof"].person for row in shown),
        "judged": any(row["verdict"][0] for row in shown),
        "timed": question.list.what not in ("mentions", "rivals", "authors", "conversations", "closings", "replies"),
        "reached": question.name == "public",
        "report_url": f"{reverse('commandcenter:report', args=[key])}?{ask.address()}",
        "next_url": f"?{_again(request.GET, after=after)}" if after else "",
        "first_url": f"?{_again(request.GET, after='')}" if question.after else "",
        "csv": f"{reverse('commandcenter:report_rows_file', args=[key, 'csv'])}?{_again(request.GET, after='')}",
        "xlsx": f"{reverse('commandcenter:report_rows_file', args=[key, 'xlsx'])}?{_again(request.GET, after='')}",
        "json": f"{reverse('commandcenter:report_rows_file', args=[key, 'json'])}?{_again(request.GET, after='')}",
    }
    return render(request, "commandcenter/reports/rows.html", context)


@require_safe
@never_cache
@access.signed_in("see reports")
@clearly
def rows_file(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """The rows behind a figure as `csv`, `xlsx` or `json`, all of them, one a conversation, mention or deed."""
    if kind not in ROWS_AS:
        raise Http404(_("Rows come as csv, xlsx and json."))
    found, ask = _asked(request, key, also=behind.ALSO)
    question = behind.question(ask, request.GET.dict(), found.lists)
    person = access.person(request)
    name = f"{key}-{question.name}-{ask.period.first}-{ask.period.last}.{kind}"
    with asof.known(ask.as_of):
        total = behind.size(question)
        if total > ROWS_IN_A_FILE:
            most = wording.number(ROWS_IN_A_FILE)
            raise Unclear([_("A file holds at most %(most)s rows; choose fewer days or a filter.") % {"most": most}])
        parts = exporting.parts(question)
    # Taken before it is made, or many who ask at once would all be counted from the same figure.
    with transaction.atomic():
        networks = exporting.allow(total, parts, by=person, now=timezone.now())
        exporting.note(ask, "rows", by=person, rows=total, networks=networks)
    with asof.known(ask.as_of):
        facts = list(about.of_rows(found, question, ask, str(person)))
        # What came in since it was counted is in the next file: nobody has allowed it in this one.
        lines = islice(listing.lines(question, by=person, words=networks), 1 + total)
        return _rows_as(kind, lines, facts, question.name, name)


def _rows_as(
    kind: str, cells: Iterator[Sequence[Any]], facts: Sequence[tuple[str, str]], title: str, name: str
) -> HttpResponse:
    """The file, made piece by piece on the disk while the rows are read, and handed out from there."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response reads it and closes it
    if kind == "csv":
        file.writelines(piece.encode() for piece in exports.table(chain([about.remark(facts)], cells)))
    elif kind == "json":
        file.writelines(exports.rows_json(cells, {"list": title, "about": dict(facts)}))
    else:
        exports.rows_workbook(cells, facts, file)
    file.seek(0)
    # What streams is a response of another class, which decorators and middleware treat alike.
    answer = FileResponse(file, as_attachment=kind != "json", filename=name, content_type=ROWS_AS[kind])
    return cast(HttpResponse, answer)


def _exercise(answer: Answer) -> dict[str, Any] | None:
    """The figures of an exercise that runs, which stand beside the report under its mark and in no file of it."""
    drill = answering.exercise(answer)
    return None if drill is None else {"drill": drill, **naming.exercise(drills.figures(drill))}


def _same_of(key: str, one: Report, ask: Ask) -> str:
    """Where another report answers the same question, without the filters that mean nothing to it."""
    return f"{reverse('commandcenter:report', args=[key])}?{ask.address(**dict.fromkeys(one.without, ''))}"


def _every(person: User) -> dict[str, Report]:
    """The reports that a person may read."""
    return {key: one for key, one in reports.every().items() if access.sees_all(person) or not one.whole_bank}


def _asked(request: HttpRequest, key: str, also: tuple[str, ...] = ()) -> tuple[Report, Ask]:
    try:
        found = reports.get(key)
    except reports.UnknownReport:
        raise Http404(_("There is no such report.")) from None
    person = access.person(request)
    if found.whole_bank and not access.sees_all(person):
        raise PermissionDenied("this report is about the whole bank")
    return found, asking.read(key, request.GET, by=person, now=timezone.now(), also=also, without=found.without)


def _sections(answer: Answer) -> list[dict[str, Any]]:
    """The sections as the template reads them; of those with the same definition paper needs it once."""
    defined = set()
    told = []
    for section in answer.content.sections:
        told.append(_shown(answer, section) | {"defined": section.definition.key in defined})
        defined.add(section.definition.key)
    return told


def _shown(answer: Answer, section: reports.Section) -> dict[str, Any]:
    """A section as the template reads it."""
    ask = answer.ask
    chart, drawn = answering.pictured(answer, section)
    return {
        "it": section,
        "chart": chart,
        "drawn": drawn,
        "map": [
            {"it": cell, "said": wording.figure(cell.figure), "url": cells.url(ask, cell.figure)}
            for cell in section.map.cells
        ]
        if section.map
        else None,
        "chart_id": f"chart-{section.key}",
        "body": cells.body(ask, section, answering.blind_parts(answer), answering.marked_parts(answer)),
        "csv": f"{reverse('commandcenter:report_file', args=[ask.report, 'csv'])}?{ask.address(section=section.key)}",
    }


def _choices(person: User, ask: Ask) -> list[dict[str, Any]]:
    """The filters with what can be chosen in each, what is, and whether more than one can be."""
    offered: list[tuple[str, str, Sequence[tuple[str, str]]]] = [
        ("team", _("Team"), [(team.slug, team.name) for team in access.teams_for(person).distinct()]),
        ("queue", _("Queue"), [(queue.slug, queue.name) for queue in access.queues_for(person)]),
        ("network", _("Network"), [(name, naming.network(name)) for name in naming.networks()]),
        ("language", _("Language"), [(code, naming.language(code)) for code in naming.languages()]),
        ("topic", _("Topic"), [(topic, naming.topic(topic)) for topic in naming.topics()]),
        ("site", _("Site"), [(site.slug, site.name) for site in Site.objects.order_by("name")]),
    ]
    chosen = ask.chosen
    return [
        {
            "name": name,
            "title": title,
            "several": name in asking.SEVERAL,
            "told": "".join(naming.chosen({name: chosen[name]}).values()) if name in chosen else "",
            "options": [
                {"value": value, "title": words, "chosen": value in chosen.get(name, ())}
                for value, words in _with(chosen.get(name, ()), options)
            ],
        }
        for name, title, options in offered
    ]


def _with(values: Sequence[str], options: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The options, and what is chosen even where it is not among them."""
    return [*options, *((value, value) for value in values if value not in dict(options))]


def _presets(ask: Ask) -> list[dict[str, Any]]:
    today = periods.bank_day(ask.now)
    offered = [
        (_("Today"), today, today),
        (_("Yesterday"), today - timedelta(days=1), today - timedelta(days=1)),
        (_("Last 7 days"), today - timedelta(days=6), today),
        (_("Last 28 days"), today - timedelta(days=27), today),
        (_("Last 90 days"), today - timedelta(days=89), today),
        (_("Last month"), *periods.month_before(today)),
    ]
    return [
        {
            "title": title,
            "url": "?" + ask.address(**{"from": first.isoformat(), "to": last.isoformat()}),
            "current": (ask.period.first, ask.period.last) == (first, last),
        }
        for title, first, last in offered
    ]


def _then(given: QueryDict, question: behind.Question) -> str:
    """The same list as it was when the figure was made."""
    return f"?{_again(given, as_of=question.now.isoformat(), now=question.now.isoformat(), after='')}"


def _again(given: QueryDict, **changed: str) -> str:
    again = given.copy()
    for name, value in changed.items():
        if value:
            again[name] = value
        else:
            again.pop(name, None)
    return again.urlencode()


def _csv(rows: Iterator[Sequence[Any]], name: str) -> HttpResponse:
    return _attached(HttpResponse(exports.table(rows), content_type="text/csv; charset=utf-8"), name)


def _attached(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
