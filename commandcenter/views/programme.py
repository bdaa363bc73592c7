"""What hangs where and plays when: rooms, playlists, and the hours of a screen. Each change is an event."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agents.access import person, signed_in
from commandcenter import devices, scenes
from commandcenter.models.screens import Playlist, Room, Schedule
from commandcenter.screen_forms import PlaylistForm, RoomForm, ScheduleForm, weekdays
from commandcenter.views import screens
from mentions import events
from mentions.events import Actor
from mentions.live import tell

# --- Hours ----------------------------------------------------------------------------------------------------------


@require_POST
@signed_in("manage screens")
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Another playlist for this screen at certain hours: a new one, one of those changed, or one removed."""
    screen = screens.find(pk)
    removed = _row(screen.schedules, request.POST.get("remove", ""))
    here = HttpResponseRedirect(reverse("commandcenter:screen", args=[pk]) + "#schedules")
    if removed is not None:
        with transaction.atomic():
            _record(request, "screen.unscheduled", screen=pk, schedule=removed.pk, playlist=removed.playlist_id)
            said = _in_words(removed)
            removed.delete()
        tell(devices.TOPIC, look=[pk])
        messages.success(request, _("Removed: %(what)s.") % {"what": said})
        return here
    changed = _row(screen.schedules, request.POST.get("schedule", ""))
    form = ScheduleForm(request.POST, instance=changed or Schedule(screen=screen))
    if not form.is_valid():
        return screens.screen_page(request, screen, schedule_form=form, status=422)
    with transaction.atomic():
        kept: Schedule = form.save()
        about = {"days": kept.days, "from": f"{kept.starts:%H:%M}", "until": f"{kept.ends:%H:%M}"}
        _record(request, "screen.scheduled", screen=pk, schedule=kept.pk, playlist=kept.playlist_id, **about)
    tell(devices.TOPIC, look=[pk])
    messages.success(request, _("From now on: %(what)s.") % {"what": _in_words(kept)})
    return here


def _in_words(one: Schedule) -> str:
    return _("%(name)s, %(days)s, %(from)s to %(until)s") % {
        "name": one.playlist,
        "days": weekdays(one.days),
        "from": f"{one.starts:%H:%M}",
        "until": f"{one.ends:%H:%M}",
    }


def _row(rows: Any, key: str) -> Schedule | None:
    found: Schedule | None = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 19 else None
    return found


# --- Rooms ----------------------------------------------------------------------------------------------------------


@require_POST
@never_cache
@signed_in("manage screens")
def add_room(request: HttpRequest) -> HttpResponse:
    """A room of a site, open to the public."""
    form = RoomForm(request.POST)
    if not form.is_valid():
        return screens.page(request, room_form=form, status=422)
    with transaction.atomic():
        room = form.save()
        _record(request, "room.made", room=room.pk)
    messages.success(request, _("%(room)s is there. Strangers may come in until a manager closes it.") % {"room": room})
    return HttpResponseRedirect(reverse("commandcenter:screens") + "#rooms")


@require_POST
@signed_in("close rooms")
def close_room(request: HttpRequest, pk: int) -> HttpResponse:
    """A manager says whether strangers come into a room. Opened, its screens are at once what strangers may see."""
    closed = request.POST.get("closed") == "yes"
    with transaction.atomic():
        room = Room.objects.select_for_update().filter(pk=pk).first()
        if room is None:
            raise Http404("no such room")
        room.closed_at, room.closed_by = (timezone.now(), person(request)) if closed else (None, None)
        room.save()
        _record(request, "room.closed" if closed else "room.opened", room=pk)
    tell(devices.TOPIC, look=[])
    said = _("%(room)s is closed to the public.") if closed else _("Strangers may come into %(room)s.")
    messages.success(request, said % {"room": room})
    return HttpResponseRedirect(reverse("commandcenter:screens") + "#rooms")


# --- Playlists ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in("manage screens")
def playlist(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """All playlists, and one of them to fill in: a new one where none is named."""
    chosen = None
    if pk is not None:
        chosen = Playlist.objects.filter(pk=pk).first()
        if chosen is None:
            raise Http404("no such playlist")
    form = PlaylistForm(request.POST or None, instance=chosen)
    if request.method != "POST":
        return _playlist_page(request, form, chosen)
    if request.POST.get("answer") == "remove" and chosen is not None:
        with transaction.atomic():
            _record(request, "playlist.removed", playlist=chosen.pk)
            chosen.delete()
        messages.success(request, _("%(name)s is removed.") % {"name": chosen})
    elif form.is_valid():
        with transaction.atomic():
            kept = form.save()
            _record(request, "playlist.saved", playlist=kept.pk, entries=kept.entries)
        messages.success(request, _("%(name)s is saved, and its screens play it at once.") % {"name": kept})
    else:
        return _playlist_page(request, form, chosen, status=422)
    tell(devices.TOPIC, look=[])
    return HttpResponseRedirect(reverse("commandcenter:playlists"))


def _playlist_page(
    request: HttpRequest, form: PlaylistForm, chosen: Playlist | None, status: int = 200
) -> HttpResponse:
    listed = [
        {
            "playlist": one,
            "words": ", ".join(
                f"{scenes.get(entry['scene']).title} {entry['seconds']} s"
                for entry in one.entries
                if scenes.exists(entry["scene"])
            ),
        }
        for one in Playlist.objects.prefetch_related("screens")
    ]
    context = {
        "playlists": listed,
        "form": form,
        "chosen": chosen,
        "plays": chosen.screens.order_by("name") if chosen else (),
        "hours": Schedule.objects.filter(playlist=chosen).select_related("screen") if chosen else (),
    }
    return render(request, "commandcenter/screens/playlists.html", context, status=status)


def _record(request: HttpRequest, kind: str, **data: Any) -> None:
    events.record(kind, at=timezone.now(), by=Actor.person(person(request).pk), data=data)
