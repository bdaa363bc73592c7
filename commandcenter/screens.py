"""What a wall device opens: its own address, and every scene by name."""

from __future__ import annotations

import math
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents import access
from agents.models import User
from commandcenter import scenes
from commandcenter.models import Profile
from commandcenter.sockets import release

# How far away, in widths of the picture, the furthest viewer of a layout may stand and still read its smallest words.
REACHES = (("near", 2.3), ("room", 3.6), ("far", 5.7), ("street", math.inf))


@require_safe
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """`/wall/`: what a screen shows once it is paired; until then that it is not. Staff find the scenes here."""
    user = request.user
    looking = isinstance(user, User) and user.is_authenticated and access.may(user, "see walls")
    listed = [{"key": key, "scene": scenes.get(key)} for key in scenes.known()] if looking else []
    return render(request, "commandcenter/walls.html", {"scenes": listed})


@require_safe
@never_cache
@access.signed_in("see walls")
def scene(request: HttpRequest, key: str) -> HttpResponse:
    """`/wall/SCENE/`: one scene, live. `?profile=street` shows what strangers would see."""
    profile = request.GET.get("profile", Profile.INTERNAL)
    if not scenes.exists(key) or profile not in Profile.values:
        raise Http404("no such scene")
    language = get_language() or settings.LANGUAGE_CODE
    frame = scenes.render(key, Profile(profile), language)
    zone = access.person(request).time_zone or settings.BANK_TIME_ZONE
    return render(
        request,
        "commandcenter/wall.html",
        {
            "frame": frame,
            "title": scenes.get(key).title,
            "profile": profile,
            "language": language,
            "query": urlencode({"scene": key, "profile": profile, "language": language}),
            "reach": reach(request.GET.get("width", ""), request.GET.get("distance", "")),
            "bank": settings.BANK_NAME,
            "zone": zone,
            "city": scenes.city(zone),
            "now": timezone.now(),
            "release": release(),
        },
    )


def reach(width: str, distance: str) -> str:
    """The layout for a picture of this width whose furthest viewer stands this far away, both in metres."""
    try:
        widths_away = float(distance) / float(width)
    except (ValueError, ZeroDivisionError):
        return REACHES[0][0]
    return next((name for name, limit in REACHES if widths_away <= limit), REACHES[0][0])
