"""What a wall device opens: its own address, every scene by name, and the code with which it is paired."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import segno
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.cases import Refused
from agents.models import User
from commandcenter import control, devices, legibility, pairing, scenes
from commandcenter.legibility import Reach
from commandcenter.models import Profile
from commandcenter.models.screens import Pairing, Screen
from commandcenter.sockets import release

PAIRING_COOKIE = "glasshouse_pairing"


@require_safe
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """`/wall/`: a screen's playlist; the scenes for those who may look; a pairing code for any other browser."""
    screen = None if "again" in request.GET else _screen(request)
    if screen is not None:
        return _player(request, screen)
    if _may_look(request) and not {"screen", "again"} & set(request.GET):
        listed = [{"key": key, "scene": scenes.get(key)} for key in scenes.known()]
        return render(request, "commandcenter/walls.html", {"scenes": listed})
    address = f"{settings.PUBLIC_URL}{reverse('commandcenter:pair')}"
    about = {"bank": settings.BANK_NAME, "address": _spoken(address), "qr": _qr(), "again": "again" in request.GET}
    return render(request, "commandcenter/screens/pairing.html", about)


@require_safe
@never_cache
def scene(request: HttpRequest, key: str) -> HttpResponse:
    """`/wall/SCENE/`: one scene, live. A screen has its own profile; a person may ask for that of strangers."""
    screen = None if _may_look(request) else _screen(request)
    if screen is not None and scenes.exists(key):
        return _player(request, screen, pinned=key)
    return _preview(request, key)


@access.signed_in("see walls")
def _preview(request: HttpRequest, key: str) -> HttpResponse:
    profile = request.GET.get("profile", Profile.INTERNAL)
    if not scenes.exists(key) or profile not in Profile.values:
        raise Http404("no such scene")
    language = get_language() or settings.LANGUAGE_CODE
    reach = _asked_reach(request)
    return _wall(
        request,
        frame=scenes.render(key, Profile(profile), language),
        title=scenes.get(key).title,
        profile=profile,
        language=language,
        zone=access.person(request).time_zone or settings.BANK_TIME_ZONE,
        reach=reach,
        socket="/ws/wall/?" + urlencode({"scene": key, "profile": profile, "language": language}),
    )


def _player(request: HttpRequest, screen: Screen, pinned: str = "") -> HttpResponse:
    """The page of a screen. It holds nothing of ours: everything comes by its socket, after the proof.

    Nor has a page that strangers can look into the name that the staff gave it.
    """
    whole = screen.place is None
    profile = control.profile_of(screen)
    answer = _wall(
        request,
        device=True,
        title=screen.name if profile is Profile.INTERNAL else settings.BANK_NAME,
        profile=profile,
        language=settings.LANGUAGE_CODE,
        zone=screen.room.site.zone,
        reach=legibility.reach(legibility.width_m(screen.inches), screen.distance_m),
        cols=screen.cols if whole else 1,
        rows=screen.rows if whole else 1,
        socket="/ws/wall/?" + urlencode({"as": "screen", **({"scene": pinned} if pinned else {})}),
    )
    cookie = devices.renewed_cookie(screen) or request.COOKIES[devices.COOKIE]
    _give_cookie(answer, devices.COOKIE, cookie, devices.COOKIE_AGE_S)
    return answer


def _wall(request: HttpRequest, *, zone: str, reach: Reach, **about: Any) -> HttpResponse:
    context = {
        "cols": 1,
        "rows": 1,
        "bank": settings.BANK_NAME,
        "zone": zone,
        "city": scenes.city(zone),
        "reach": reach.layout,
        "now": timezone.now(),
        "release": release(),
        **about,
    }
    return render(request, "commandcenter/wall.html", context)


# --- The code -------------------------------------------------------------------------------------------------------


@require_POST
@never_cache
def pairing_ask(request: HttpRequest) -> HttpResponse:
    """A code for a browser that wants to be a screen."""
    try:
        pending, secret = pairing.ask(
            request.POST.get("key", ""),
            address=_address(request),
            browser=request.headers.get("User-Agent", ""),
        )
    except Refused as refused:
        return JsonResponse({"reason": str(refused)})
    answer = JsonResponse(_shown(pending))
    _give_cookie(answer, PAIRING_COOKIE, secret, int(2 * pairing.LIFE.total_seconds()))
    return answer


@require_POST
@never_cache
def pairing_collect(request: HttpRequest) -> HttpResponse:
    """What became of the browser that asked; its credential, once it was approved."""
    secret = request.COOKIES.get(PAIRING_COOKIE, "")
    state = pairing.collect(secret)
    if state.kind == "waiting":
        pending = Pairing.objects.get(secret=devices.digest(secret))
        return JsonResponse({"state": state.kind, **_shown(pending)})
    answer = JsonResponse({"state": state.kind, "token": state.token})
    if state.kind == "paired":
        _give_cookie(answer, devices.COOKIE, state.cookie, devices.COOKIE_AGE_S)
    return answer


def _shown(pending: Pairing) -> dict[str, Any]:
    left = (pending.until - timezone.now()).total_seconds()
    return {"code": pending.code, "qr": _qr(), "seconds": round(left), "of": int(pairing.LIFE.total_seconds())}


def _qr() -> str:
    """The address where codes are typed, without any code: a link from somebody else must approve nothing."""
    address = f"{settings.PUBLIC_URL}{reverse('commandcenter:pair')}"
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=4, light="#fff", dark="#000"))


def _spoken(address: str) -> str:
    """An address as one types it."""
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _give_cookie(answer: HttpResponse, name: str, value: str, age: int) -> None:
    answer.set_cookie(
        name, value, max_age=age, httponly=True, samesite="Strict", secure=bool(settings.SESSION_COOKIE_SECURE)
    )


def _screen(request: HttpRequest) -> Screen | None:
    cookie = request.COOKIES.get(devices.COOKIE, "")
    return devices.by_cookie(cookie) if cookie else None


def _may_look(request: HttpRequest) -> bool:
    user = request.user
    return isinstance(user, User) and user.is_authenticated and access.may(user, "see walls")


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _asked_reach(request: HttpRequest) -> Reach:
    """The layout for a picture of a `width` whose furthest viewer stands at a `distance`, both in metres."""
    try:
        return legibility.reach(float(request.GET.get("width", "")), float(request.GET.get("distance", "")))
    except ValueError:
        return legibility.reach(1.0, 1.0)
