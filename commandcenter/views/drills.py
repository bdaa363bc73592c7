"""`/drills/`: begin an exercise from a recorded stretch, watch it, stop it, and read what it taught."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.access import person, signed_in
from agents.cases import Refused
from commandcenter import drills
from commandcenter.models import Drill
from commandcenter.reports import naming
from mentions import lines

PAST = 30
LARGEST = 20 * 1024 * 1024
SPEEDS = ((1, "1×"), (5, "5×"), (20, "20×"), (60, "60×"), (600, "600×"))


class StartForm(forms.Form):
    """A stretch of the past in the reader's zone, or a file of JSON lines."""

    name = forms.CharField(max_length=120, error_messages={"required": gettext_lazy("Give the exercise a name.")})
    start = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], required=False)
    stop = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], required=False)
    file = forms.FileField(required=False)
    speed = forms.TypedChoiceField(coerce=float, choices=SPEEDS)
    linger = forms.IntegerField(min_value=0, max_value=480)

    def clean(self) -> dict[str, Any]:
        """Exactly one recording."""
        given = super().clean() or {}
        start, stop, file = given.get("start"), given.get("stop"), given.get("file")
        if file is None and (start is None or stop is None):
            raise forms.ValidationError(_("Choose from when to when, or a file."))
        if file is None and start is not None and stop is not None and stop <= start:
            raise forms.ValidationError(_("The end lies after the beginning."))
        if file is not None and file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 20 MB; replay it at the server."))
        return given


@require_safe
@never_cache
@signed_in("run drills")
def index(request: HttpRequest) -> HttpResponse:
    """What runs, what ran, and a new one."""
    return _index(request)


@require_POST
@signed_in("run drills")
def start(request: HttpRequest) -> HttpResponse:
    """Begin one."""
    form = StartForm(request.POST, request.FILES)
    if not form.is_valid():
        wrong = " ".join(str(e) for each in form.errors.values() for e in each)
        return _index(request, status=422, wrong=wrong, given=request.POST)
    given = form.cleaned_data
    try:
        if given["file"] is not None:
            recording = drills.read(lines.body(given["file"].read()))
            origin = given["file"].name
        else:
            recording = drills.recorded(given["start"], given["stop"])
            origin = f"{given['start'].isoformat()} – {given['stop'].isoformat()}"
        drill = drills.start(
            name=given["name"],
            recording=recording,
            speed=given["speed"],
            linger_s=given["linger"] * 60,
            origin=origin,
            by=person(request),
        )
    except (Refused, ValueError) as refused:
        return _index(request, status=422, wrong=str(refused), given=request.POST)
    messages.success(request, _("It runs: %(n)s posts are played.") % {"n": drill.total})
    return HttpResponseRedirect(reverse("commandcenter:drill", args=[drill.pk]))


@require_safe
@never_cache
@signed_in("run drills")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes, or how it went."""
    drill = _find(pk)
    context = {
        "drill": drill,
        **naming.exercise(drills.figures(drill)),
        "incidents": drill.incidents.order_by("pk"),
        "left": max(drill.total - drill.played, 0),
    }
    return render(request, "commandcenter/drills/one.html", context)


@require_POST
@signed_in("run drills")
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End it now."""
    drills.stop(_find(pk), by=person(request))
    messages.success(request, _("The exercise is being taken away."))
    return HttpResponseRedirect(reverse("commandcenter:drill", args=[pk]))


def _find(pk: int) -> Drill:
    found = Drill.objects.select_related("started_by", "stopped_by").filter(pk=pk).first()
    if found is None:
        raise Http404("no such exercise")
    return found


def _index(
    request: HttpRequest, *, status: int = 200, wrong: str = "", given: Mapping[str, Any] | None = None
) -> HttpResponse:
    now = timezone.localtime()
    stop_at = now.replace(minute=0, second=0, microsecond=0)
    ended = Drill.objects.filter(ended_at__isnull=False).select_related("started_by")
    first = {
        "start": (stop_at - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "stop": stop_at.strftime("%Y-%m-%dT%H:%M"),
        "speed": "5",
        "linger": "15",
    }
    context = {
        "running": drills.running(),
        "past": Paginator(ended.order_by("-pk"), PAST).get_page(request.GET.get("page")),
        "speeds": SPEEDS,
        "given": given or first,
        "had_file": bool(request.FILES),
        "zone": timezone.get_current_timezone_name(),
        "wrong": wrong,
        "may_run": access.may(person(request), "run drills"),
    }
    return render(request, "commandcenter/drills/index.html", context, status=status)
