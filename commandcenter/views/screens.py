"""`/screens/`: the screens of the house, how they are paired and set up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents import access
from agents.access import person, signed_in
from agents.cases import Refused
from commandcenter import announcing, control, devices, legibility, pairing, scenes
from commandcenter.models import Profile
from commandcenter.models.screens import Pairing, Room, Screen
from commandcenter.screen_forms import RoomForm, ScheduleForm, ScreenForm, weekdays
from commandcenter.sockets import release
from mentions import events
from mentions.events import Actor
from mentions.live import tell


@require_safe
@never_cache
@signed_in("manage screens")
def index(request: HttpRequest) -> HttpResponse:
    """Every screen with what it really shows, the rooms, and whatever waits for a second person."""
    return page(request)


def page(request: HttpRequest, *, room_form: RoomForm | None = None, status: int = 200) -> HttpResponse:
    """The list of screens, with a room that was not taken as it was filled in."""
    now = timezone.now()
    listed = [card(screen, now) for screen in _all_screens()]
    user = person(request)
    return render(
        request,
        "commandcenter/screens/index.html",
        {
            "screens": [one for one in listed if not one["revoked"]],
            "revoked": [one for one in listed if one["revoked"]],
            "alarming": [one for one in listed if _alarms(one["screen"])],
            "waiting": sorted((one for one in listed if one["waits"]), key=lambda one: one["screen"].asked_at),
            "rooms": Room.objects.select_related("site", "closed_by"),
            "room_form": room_form or RoomForm(),
            "may_close": access.may(user, "close rooms"),
            "may_approve": access.may(user, "approve posts"),
            "may_hand_over": access.may(user, "hand over"),
            "may_announce": access.may(user, "write notices"),
            "announcements": announcing.waiting_for(user, now),
            "me": user.pk,
        },
        status=status,
    )


def _alarms(screen: Screen) -> bool:
    """Whether it was ended, and by nobody: a copy of its credential is about."""
    return screen.revoked_at is not None and screen.revoked_by_id is None


def card(screen: Screen, now: datetime) -> dict[str, Any]:
    """A screen in words, for the lists of those who run the room."""
    profile = control.profile_of(screen)
    online = control.is_online(screen, now)
    shown = screen.shown if isinstance(screen.shown, dict) else {}
    return {
        "screen": screen,
        "profile": profile.label,
        "street": profile == Profile.STREET,
        "opened": screen.profile == Profile.INTERNAL and profile == Profile.STREET,
        "revoked": screen.revoked_at is not None,
        "waits": screen.revoked_at is None and profile == Profile.STREET and screen.confirmed_by is None,
        "online": online,
        "state": _online_state(screen, online, shown),
        "words": _online_words(screen, online, shown),
        "shows": _shows(shown) if online else "",
        "old": online and bool(shown.get("release")) and shown.get("release") != release(),
        "blanked": screen.blanked_id is not None,
        "ahead": screen.shift_until if screen.shift_s and screen.shift_until and screen.shift_until > now else None,
        "version": str(shown.get("release") or ""),
    }


def _online_state(screen: Screen, online: bool, shown: dict[str, Any]) -> str:
    if not online:
        return "late" if screen.seen_at else "none"
    return "ok" if shown.get("state") in ("live", "blank") else "risk"


def _online_words(screen: Screen, online: bool, shown: dict[str, Any]) -> str:
    if not online:
        return _("Offline") if screen.seen_at else _("Not connected yet")
    return {
        "stale": _("Data is late"),
        "counting": _("Still counting"),
        "reconnecting": _("Reconnecting"),
        "lost": _("No live data"),
    }.get(str(shown.get("state")), _("Online"))


def _shows(shown: dict[str, Any]) -> str:
    """What a screen said that it shows, in words of ours."""
    covers = {
        "blank": _("nothing: it is blank"),
        "waiting": _("nothing yet"),
        "quiet": _("nothing: quiet hours"),
        "message": _("a message"),
        "test": _("the test card"),
    }
    if shown.get("kind") in covers:
        return covers[str(shown["kind"])]
    titles = [str(scenes.get(key).title) for key in shown.get("scenes") or () if scenes.exists(key)]
    return ", ".join(dict.fromkeys(titles))


def _all_screens() -> Any:
    return Screen.objects.select_related("room__site", "playlist", "asked_by", "confirmed_by").order_by("name")


# --- Pairing --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in("manage screens")
def pair(request: HttpRequest) -> HttpResponse:
    """Type the code that a screen shows. A link never carries it."""
    if request.method != "POST":
        return render(request, "commandcenter/screens/pair.html", {})
    try:
        found = pairing.find(request.POST.get("code", ""), by=person(request), address=_address(request))
    except Refused as refused:
        return render(request, "commandcenter/screens/pair.html", {"fault": str(refused)}, status=422)
    return _confirm_page(request, found, ScreenForm(initial=_first_guess(request)))


@require_POST
@never_cache
@signed_in("manage screens")
def pair_confirm(request: HttpRequest) -> HttpResponse:
    """The screen that shows the code is ours, and this is what it is; or it is not."""
    user = person(request)
    try:
        found = pairing.find(request.POST.get("code", ""), by=user, address=_address(request))
        if request.POST.get("answer") == "refuse":
            pairing.refuse(found, by=user)
            messages.success(request, _("The screen was refused."))
            return HttpResponseRedirect(reverse("commandcenter:screens"))
        again = Screen.objects.exclude(revoked_at=None).filter(name=request.POST.get("name", "")).first()
        form = ScreenForm(request.POST, instance=again)
        if not form.is_valid():
            return _confirm_page(request, found, form, status=422)
        with transaction.atomic():
            screen = pairing.approve(found, form.placed(), by=user)
    except Refused as refused:
        return render(request, "commandcenter/screens/pair.html", {"fault": str(refused)}, status=422)
    if control.profile_of(screen) == Profile.STREET:
        messages.success(request, _("Connected. It shows nothing until a second person confirms it."))
    else:
        messages.success(request, _("Connected."))
    return HttpResponseRedirect(reverse("commandcenter:screens"))


def _confirm_page(request: HttpRequest, found: Pairing, form: ScreenForm, status: int = 200) -> HttpResponse:
    context = {"pairing": found, "code": str(found), "form": form, **_rooms()}
    return render(request, "commandcenter/screens/pair_confirm.html", context, status=status)


def _first_guess(request: HttpRequest) -> dict[str, Any]:
    return {"site": person(request).site_id}


def _rooms() -> dict[str, Any]:
    return {"room_names": Room.objects.values_list("name", flat=True).distinct()}


@require_POST
@signed_in("manage screens")
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person says that strangers may see a screen."""
    try:
        screen = find(pk)
        pairing.confirm(screen, by=person(request))
        messages.success(request, _("Confirmed: strangers may see %(name)s.") % {"name": screen.name})
    except Refused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("commandcenter:screens"))


@require_POST
@signed_in("manage screens")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a screen: within ten seconds it shows nothing, and only a new pairing brings it back."""
    screen = find(pk)
    if devices.revoke(screen, by=person(request)):
        messages.success(request, _("%(name)s is disconnected.") % {"name": screen.name})
    else:
        screen.refresh_from_db()
        about = {"name": screen.name, "why": screen.revoked_why}
        messages.info(request, _("%(name)s was disconnected before: %(why)s.") % about)
    return HttpResponseRedirect(reverse("commandcenter:screens"))


@require_POST
@signed_in("manage screens")
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """A screen that was ended leaves the list, and its name is free."""
    screen = find(pk)
    if devices.forget(screen, by=person(request)):
        messages.success(request, _("%(name)s is no longer in the list.") % {"name": screen.name})
    else:
        messages.error(request, _("%(name)s is connected again: revoke it first.") % {"name": screen.name})
    return HttpResponseRedirect(reverse("commandcenter:screens"))


# --- One screen ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in("manage screens")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, place, size, what it shows. Where strangers are to see more than before, a second person is asked again."""
    screen = find(pk)
    before = (screen.profile, screen.room_id)
    form = ScreenForm(request.POST or None, instance=screen)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            changed = form.placed()
            if (changed.profile, changed.room_id) != before:
                changed.asked_by, changed.asked_at, changed.confirmed_by = person(request), timezone.now(), None
            changed.save(update_fields=[*ScreenForm.Meta.fields, "room", "asked_by", "asked_at", "confirmed_by"])
            events.record(
                "screen.changed",
                at=timezone.now(),
                by=Actor.person(person(request).pk),
                data={"screen": pk, "profile": changed.profile, "room": changed.room_id},
            )
        tell(devices.TOPIC, look=[pk])
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("commandcenter:screens"))
    return screen_page(request, screen, form=form, status=422 if request.method == "POST" else 200)


def screen_page(
    request: HttpRequest,
    screen: Screen,
    *,
    form: ScreenForm | None = None,
    schedule_form: ScheduleForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """One screen with what was filled in and not taken; `?schedule=` fills in one of its hours to be changed."""
    key = request.GET.get("schedule", "")
    chosen = screen.schedules.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    hours = schedule_form or ScheduleForm(instance=chosen)
    context = {
        "form": form or ScreenForm(instance=screen),
        "screen": screen,
        "card": card(screen, timezone.now()),
        "readable": [
            {"layout": layout, "metres": legibility.readable_to_m(screen.inches, layout)}
            for layout in legibility.LABELS
        ],
        "reach": legibility.reach(legibility.width_m(screen.inches), screen.distance_m).layout,
        "schedule_form": hours,
        "changing": hours.instance.pk,
        "schedules": [(one, weekdays(one.days)) for one in screen.schedules.select_related("playlist")],
        "city": scenes.city(screen.room.site.zone),
        **_rooms(),
    }
    return render(request, "commandcenter/screens/edit.html", context, status=status)


def find(pk: int) -> Screen:
    """A screen of the house. Raises `Http404`."""
    found = _all_screens().filter(pk=pk).first()
    if found is None:
        raise Http404("no such screen")
    assert isinstance(found, Screen)
    return found


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
