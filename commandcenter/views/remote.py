"""`/screens/control/`: the room's screens in one hand. Plain forms, so that it works on a poor line."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.access import person, signed_in
from agents.cases import Refused
from commandcenter import control, incidents, screen_forms
from commandcenter import progress as progressing
from commandcenter.models import Incident
from commandcenter.models.screens import Command, Screen
from commandcenter.views import screens

MINUTES = (5, 10, 30, 60, 240)
FEW = 6  # screens that are listed without being asked for


@require_safe
@never_cache
@signed_in("manage screens")
def page(request: HttpRequest) -> HttpResponse:
    """What the screens show, what can be asked of them, and how far the last thing asked has come."""
    now = timezone.now()
    asked = request.GET.get("command", "")
    last = Command.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None
    paired = Screen.objects.filter(revoked_at=None).select_related("room__site", "confirmed_by", "takeover")
    listed = [screens.card(screen, now) for screen in paired]
    length = request.GET.get("minutes", "")
    chosen = {value for value in request.GET.getlist("screen") if value.isdecimal()}
    return render(
        request,
        "commandcenter/screens/control.html",
        {
            "screens": listed,
            "chosen": chosen,
            "few": len(listed) <= FEW,
            "all_blank": bool(listed) and all(one["blanked"] for one in listed),
            "some_blank": any(one["blanked"] for one in listed),
            "scenes": screen_forms.scene_choices(),
            "minutes": MINUTES,
            "text": request.GET.get("text", ""),
            "scene": request.GET.get("scene", ""),
            "length": int(length) if length.isdecimal() and len(length) < 6 else control.MINUTES,
            "incident": incidents.active(),
            "may_run_incidents": access.may(person(request), "run incidents"),
            "key": uuid.uuid4(),
            **(_told(last) if last is not None else {}),
        },
    )


@require_POST
@signed_in("manage screens")
def give(request: HttpRequest) -> HttpResponse:
    """Ask something of the chosen screens, or of all where none is chosen; answers when they show it."""
    kind = request.POST.get("kind", "")
    if kind not in Command.Kind.values:
        raise Http404("no such command")
    asked = request.POST.getlist("screen")
    numbers = [int(one) for one in asked if one.isdecimal() and len(one) < 19]
    kept: dict[str, object] = {"screen": numbers}
    minutes = request.POST.get("minutes", "")
    try:
        command = control.give(
            kind,
            by=person(request),
            screens=numbers if asked else None,
            scene=request.POST.get("scene", ""),
            text=request.POST.get("text", ""),
            minutes=int(minutes) if minutes.isdecimal() and len(minutes) < 6 else control.MINUTES,
        )
    except Refused as refused:
        messages.error(request, str(refused))
        kept |= {name: request.POST.get(name, "")[:80] for name in ("scene", "text", "minutes")}
        return _back(kept)
    progressing.watched(command)
    return _back({"command": command.pk, **kept})


def _back(about: Mapping[str, object]) -> HttpResponse:
    """The page again, with what was chosen: who forgets it turns a press for one screen into one for all."""
    return HttpResponseRedirect(f"{reverse('commandcenter:control')}?{urlencode(about, doseq=True)}")


@require_safe
@never_cache
@signed_in("manage screens")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How many screens show a command: asked again until all do."""
    command = Command.objects.filter(pk=pk).first()
    if command is None:
        raise Http404("no such command")
    return render(request, "commandcenter/screens/_progress.html", _told(command))


def _told(command: Command) -> dict[str, object]:
    found = progressing.of(command)
    young = (timezone.now() - command.at).total_seconds() < 30
    return {"command": command, "progress": found, "again": young and not found.everywhere}


@require_POST
@signed_in("run incidents")
def incident(request: HttpRequest) -> HttpResponse:
    """Begin an incident, which every wall then shows, or end the one that stood on the page, never another one."""
    user = person(request)
    try:
        if request.POST.get("answer") == "off":
            told = _on_the_page(request)
            incidents.close(told, lesson=request.POST.get("lesson", ""), by=user)
            messages.success(request, progressing.of_end(told))
        else:
            opened = incidents.open_(key=_key(request), name=request.POST.get("name", ""), by=user)
            messages.success(request, progressing.of_incident(opened))
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("commandcenter:control"))


def _on_the_page(request: HttpRequest) -> Incident:
    number = request.POST.get("incident", "")
    if not number.isdecimal() or len(number) > 18:
        raise Refused(_("Choose the incident that is over."))
    return incidents.find(int(number))


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Http404(_("This form is not ours.")) from None
