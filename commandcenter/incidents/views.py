"""`/incidents/`: what may be one, what is one, and what was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import access, freeze, hold
from agents.access import person, signed_in
from agents.cases import Refused
from agents.desk import lists
from agents.models import User
from commandcenter import announcing, incidents, progress
from commandcenter.incidents import after, clocks, curve, forms, suggest
from commandcenter.models import Incident, Severity, Suggestion
from commandcenter.reports import naming
from commandcenter.views import announcements

PAST = 30
SHOWN = 50
_CHIPS = {
    Severity.CRITICAL: ("crisis", "shape-crisis"),
    Severity.MAJOR: ("late", "shape-late"),
    Severity.MINOR: ("risk", "shape-risk"),
}


@require_safe
@never_cache
@signed_in("see incidents")
def index(request: HttpRequest) -> HttpResponse:
    """What may be one, what is one, and what was."""
    return _index(request)


@require_POST
@signed_in("run incidents")
def open_(request: HttpRequest) -> HttpResponse:
    """One press, one incident."""
    form = forms.OpenForm(request.POST)
    if not form.is_valid():
        return _index(request, status=422, wrong=_sentence(form), given=request.POST)
    given, user = form.cleaned_data, person(request)
    suggestion: Suggestion | None = given["suggestion"]
    conversation = access.conversation_for(user, given["conversation"]) if given["conversation"] else None
    name, topic, place, since = given["name"], given["topic"], "", None
    if suggestion is not None:
        name, since = name or suggest.title(suggestion), datetime.fromisoformat(suggestion.figures["since"])
        topic = suggestion.subject if suggestion.kind == Suggestion.Kind.TOPIC else ""
        place = suggestion.subject if suggestion.kind == Suggestion.Kind.PLACE else ""
    elif conversation is not None:
        name, since = name or forms.name_of(conversation), conversation.opened_at
        topic = topic or (conversation.topics[0] if conversation.topics else "")
    if topic and topic not in naming.topics():
        topic = ""
    try:
        opened = incidents.open_(
            key=given["key"] or uuid4(),
            name=name,
            severity=given["severity"] or Severity.MAJOR,
            topic=topic,
            place=place,
            since=since,
            conversation=conversation,
            suggestion=suggestion,
            by=user,
        )
    except Refused as refused:
        return _index(request, status=422, wrong=str(refused), given=request.POST)
    messages.success(request, progress.of_incident(opened))
    return HttpResponseRedirect(reverse("commandcenter:incident", args=[opened.pk]))


@require_POST
@signed_in("run incidents")
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """It is none, and why."""
    found = Suggestion.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("no such suggestion")
    try:
        suggest.dismiss(found, why=request.POST.get("why", ""), by=person(request))
    except Refused as refused:
        return _index(
            request, status=422, wrong=str(refused), given={"dismissed": pk, "why": request.POST.get("why", "")}
        )
    messages.success(request, _("Dismissed."))
    return HttpResponseRedirect(reverse("commandcenter:incidents"))


@require_safe
@never_cache
@signed_in("see incidents")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: where it stands, and everything that can be done."""
    return _one(request, incidents.find(pk))


@require_POST
@signed_in("run incidents")
def change(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One deed of those in `_DEEDS`."""
    incident = incidents.find(pk)
    if deed not in _DEEDS:
        raise Http404("no such deed")
    shape, act = _DEEDS[deed]
    form, given = shape(request.POST), {deed: request.POST}
    if not form.is_valid():
        return _one(request, incident, status=422, wrong={deed: _sentence(form)}, given=given)
    try:
        refusal = act(incident, form, person(request))
    except Refused as refused:
        return _one(request, incident, status=409, wrong={deed: str(refused)}, given=given)
    if refusal is not None:
        return _one(request, incident, status=422, given=given, **refusal)
    messages.success(request, DONE.get(deed) or progress.of_end(incident))
    return HttpResponseRedirect(reverse("commandcenter:incident", args=[pk]))


@require_safe
@never_cache
@signed_in("see incidents")
def after_report(request: HttpRequest, pk: int) -> HttpResponse:
    """What is read when it is over, on a screen and on paper."""
    incident, now = incidents.find(pk), timezone.now()
    return render(request, "commandcenter/incidents/after.html", _told(incident, person(request), now))


@require_safe
@never_cache
@signed_in("see incidents")
def after_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for programs."""
    return JsonResponse(after.document(incidents.find(pk), by=person(request), now=timezone.now()))


Refusal = dict[str, Any] | None


def _note(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.note(incident, form.cleaned_data["text"], by=by)
    return None


def _describe(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.describe(incident, by=by, **form.cleaned_data)
    return None


def _owner(incident: Incident, form: Any, by: User) -> Refusal:
    if not access.may(form.cleaned_data["owner"], "run incidents"):
        raise Refused(_("This person's role does not run incidents."))
    incidents.hand_over(incident, form.cleaned_data["owner"], by=by)
    return None


def _statement(incident: Incident, form: Any, by: User) -> Refusal:
    verdict = incidents.state(incident, form.cleaned_data["text"], by=by)
    if verdict.outcome != "block":
        return None
    return {
        "wrong": {"statement": _("The guard blocks it.")},
        "blocked": verdict.findings,
    }


def _update(incident: Incident, form: Any, by: User) -> Refusal:
    minutes = form.cleaned_data["minutes"]
    at = timezone.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes) if minutes else None
    incidents.promise_update(incident, at, by=by)
    return None


def _moment(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.set_moment(incident, form.cleaned_data["field"], form.cleaned_data["at"], by=by)
    return None


def _clock(incident: Incident, form: Any, by: User) -> Refusal:
    clock = form.cleaned_data["clock"]
    if clock.incident_id != incident.pk:
        raise Http404("no such clock")
    incidents.meet(clock, by=by)
    return None


def _linked(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.link(incident, access.conversation_for(by, form.conversation_id()), by=by)
    return None


def _pause(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.pause(incident, by=by)
    return None


def _resume(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.resume(incident, by=by)
    return None


def _close(incident: Incident, form: Any, by: User) -> Refusal:
    incidents.close(incident, by=by, **form.cleaned_data)
    return None


_DEEDS: dict[str, tuple[type[django_forms.Form], Callable[[Incident, Any, User], Refusal]]] = {
    "note": (forms.NoteForm, _note),
    "describe": (forms.DescribeForm, _describe),
    "owner": (forms.OwnerForm, _owner),
    "statement": (forms.StatementForm, _statement),
    "update": (forms.UpdateForm, _update),
    "moment": (forms.MomentForm, _moment),
    "clock": (forms.ClockForm, _clock),
    "link": (forms.LinkForm, _linked),
    "pause": (django_forms.Form, _pause),
    "resume": (django_forms.Form, _resume),
    "close": (forms.CloseForm, _close),
}


# What is told of each deed; of the end it is on how many screens it has come.
DONE = {
    "note": gettext_lazy("Written down."),
    "describe": gettext_lazy("Changed."),
    "owner": gettext_lazy("Handed over."),
    "statement": gettext_lazy("The statement stands as you see it."),
    "update": gettext_lazy("The room knows when it hears more."),
    "moment": gettext_lazy("The clocks run by it."),
    "clock": gettext_lazy("Noted as done."),
    "link": gettext_lazy("The conversation belongs to it."),
    "pause": gettext_lazy("Posts of our own are held."),
    "resume": gettext_lazy("Posts of our own go on."),
}


def _index(
    request: HttpRequest, *, status: int = 200, wrong: str = "", given: Mapping[str, Any] | None = None
) -> HttpResponse:
    found = Incident.objects.select_related("owner", "drill").order_by("-pk")
    context = {
        "suggestions": [
            {"it": each, "title": suggest.title(each), "reason": suggest.reason(each), "key": uuid4()}
            for each in suggest.standing()
        ],
        "open": [_row(each) for each in found.filter(closed_at=None)],
        "past": _past(request, found.filter(closed_at__isnull=False)),
        "dismissed": [
            {"it": each, "title": suggest.title(each)}
            for each in Suggestion.objects.filter(dismissed_at__isnull=False)
            .select_related("dismissed_by", "source")
            .order_by("-dismissed_at")[:5]
        ],
        "topics": [{"key": key, "title": naming.topic(key)} for key in naming.topics()],
        "severities": Severity.choices,
        "key": uuid4(),
        "wrong": wrong,
        "given": given or {},
        "may_run": access.may(person(request), "run incidents"),
        "may_drill": access.may(person(request), "run drills"),
        "may_announce": access.may(person(request), "write notices"),
        "announcements": announcing.waiting_for(person(request), timezone.now()),
    }
    return render(request, "commandcenter/incidents/index.html", context, status=status)


def _past(request: HttpRequest, found: QuerySet[Incident]) -> Page[Any]:
    page: Page[Any] = Paginator(found, PAST).get_page(request.GET.get("page"))
    page.object_list = [_row(each) for each in page.object_list]
    return page


def _row(incident: Incident) -> dict[str, Any]:
    chip, shape = _CHIPS[Severity(incident.severity)]
    return {"it": incident, "chip": chip if incident.closed_at is None else "done", "shape": shape}


def _one(
    request: HttpRequest,
    incident: Incident,
    *,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    blocked: Collection[Any] = (),
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> HttpResponse:
    user, now = person(request), timezone.now()
    frozen = freeze.current()
    context = _told(incident, user, now) | {
        "runners": incidents.runners(),
        "severities": Severity.choices,
        "updates": forms.UPDATES,
        "hold": hold.of_incident(incident.pk),
        "held_by_others": [row for row in hold.active() if row.incident != incident.pk],
        "frozen": frozen is not None,
        "wrong": wrong or {},
        "blocked": blocked,
        "given": given or {},
        "may_run": incident.closed_at is None and access.may(user, "run incidents"),
        "may_freeze": access.may(user, "freeze sending"),
        "may_announce": access.may(user, announcing.ACTION),
        "notices": [announcements.shown(row, now) for row in announcing.standing(now).filter(incident=incident)],
    }
    return render(request, "commandcenter/incidents/one.html", context, status=status)


def _told(incident: Incident, user: User, now: datetime) -> dict[str, Any]:
    """What the page and the after-report share."""
    linked = access.conversations_for(user).filter(incidents=incident).select_related("author", "source")
    return {
        "incident": incident,
        "row": _row(incident),
        "about": naming.topic(incident.topic) if incident.topic else "",
        "entries": list(incident.entries.select_related("by").order_by("-pk")),
        "clocks": [_clock_row(incident, clock, now) for clock in incident.clocks.select_related("done_by")],
        "moments": [
            {"field": field, "title": title, "at": getattr(incident, field)}
            for field, title in _moment_titles().items()
        ],
        "curve": curve.of(incident, now),
        "during": curve.during(incident, now),
        "linked": lists.rows(linked.order_by("pk")[:SHOWN], now),
        "told": after.told(incident),
        "now": now,
    }


def _moment_titles() -> dict[str, str]:
    return {
        "aware_at": _("Known to us"),
        "determined_at": _("Found to be a notification incident"),
        "classified_at": _("Classified as major"),
    }


def _clock_row(incident: Incident, clock: Any, now: datetime) -> dict[str, Any]:
    due = incidents.due(clock, incident)
    if clock.done_at is not None:
        late = due.at is not None and clock.done_at > due.at
        state, shape, words = ("late", "shape-late", _("Done late")) if late else ("ok", "shape-ok", _("Done"))
    elif due.at is None:
        state, shape, words = "done", "shape-paused", _("Not running")
    elif due.at <= now:
        state, shape, words = "late", "shape-late", _("Overdue")
    else:
        state, shape, words = "risk", "shape-risk", _("Running")
    since = clocks.MOMENT_NAMES.get(due.since) or _("since the report before it was made")
    waits = clocks.MOMENT_NAMES.get(due.waits_for)
    waiting = _("It runs %(since)s.") % {"since": waits} if waits else _("It runs once the report before it is made.")
    return {
        "it": clock,
        "due": due,
        "state": state,
        "shape": shape,
        "words": words,
        "since": since if due.start else "",
        "waits": "" if due.start is not None else waiting,
    }


def _sentence(form: django_forms.Form) -> str:
    return " ".join(str(error) for each in form.errors.values() for error in each)
