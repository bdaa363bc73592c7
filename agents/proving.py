"""Passwords, compared a few at a time, wherever one is asked for; nobody holds a connection meanwhile.

What would hurt most in other hands asks for the password again: `lately` says whether it was given. What was typed
before waits meanwhile in the page that asks, signed; what is secret is left out and asked for anew. A browser in which
it was given keeps a cookie that says so (`remember`), and is not shut out while others guess at it from elsewhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.views.generic.base import View

from agents.models import User
from mentions import events
from mentions.events import Actor

# Each takes 100 MiB and a processor for as long as it lasts; a house that begins its shift fits through two doors.
HASHED_AT_ONCE: Final = 2
_WAIT_AT_ONCE: Final = 20
_WAIT_S: Final = 5.0

# The field that says of what was typed that something secret was left out of it.
LEFT_OUT: Final = "secrets_left_out"
_KEPT: Final = "typed before the password"
_KEPT_S: Final = 3600
_CSRF: Final = "csrfmiddlewaretoken"

_KNOWN: Final = "glasshouse_known"
_KNOWN_S: Final = 180 * 24 * 3600

_room = threading.BoundedSemaphore(HASHED_AT_ONCE)
_queue = threading.BoundedSemaphore(_WAIT_AT_ONCE)
_PROVED: Final = "proved at"


class AFewAtOnce(View):
    """A page that takes a password: it is let in, or its sender is told to try again in a moment."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the page does, once there is room."""
        with _let_in() as entered:
            return super().post(request, *args, **kwargs) if entered else busy(request)  # type: ignore[misc]


def noted(request: HttpRequest) -> None:
    """The person of this session has just given their password."""
    request.session[_PROVED] = int(time.time())


def lately(request: HttpRequest) -> bool:
    """Whether the person of this session gave their password within `PROOF_SECONDS`."""
    age = int(time.time()) - int(request.session.get(_PROVED, 0))
    return age <= int(settings.PROOF_SECONDS)


def ask(request: HttpRequest, *, secret: Collection[str] = ()) -> HttpResponse:
    """Off to where the password is given, and from there back to the page that was seen, or on with what was typed.

    What was typed into the fields named in `secret` is kept nowhere.
    """
    seen = (
        urlsplit(request.headers.get("Referer", "")) if request.method == "POST" else urlsplit(request.get_full_path())
    )
    back = urlunsplit(("", "", seen.path or "/", seen.query, ""))
    where = f"{reverse('agents:prove')}?{urlencode({'next': back})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": where})
    if kept := _kept(request, secret):
        response = render(request, "agents/prove.html", {"next": back, "kept": kept})
        patch_cache_control(response, no_store=True)
        return response
    return HttpResponseRedirect(where)


def _kept(request: HttpRequest, secret: Collection[str]) -> str:
    """What somebody typed, for the page that asks for their password; empty if they typed nothing."""
    typed = [(name, value) for name, values in request.POST.lists() for value in values if name != _CSRF]
    fields = [(name, value) for name, value in typed if name not in secret]
    if any(name in secret and value for name, value in typed):
        fields.append((LEFT_OUT, "yes"))
    if request.method != "POST" or not fields:
        return ""
    return signing.dumps([request.user.pk, request.path, fields], salt=_KEPT, compress=True)


def on_with(request: HttpRequest, kept: str, back: str) -> HttpResponse | None:
    """The page from which what was typed before the password goes on; None if nothing waits that is this person's."""
    try:
        pk, path, fields = signing.loads(kept, salt=_KEPT, max_age=_KEPT_S)
    except signing.BadSignature:
        return None
    if pk != request.user.pk:
        return None
    left_out = any(name == LEFT_OUT for name, _ in fields)
    context = {"path": path, "fields": fields, "left_out": left_out, "next": back}
    response = render(request, "agents/proved.html", context)
    patch_cache_control(response, no_store=True)
    return response


def require_whole(data: Mapping[str, Any]) -> None:
    """Raises `ValidationError` for a form whose secrets were left out while the password was asked for."""
    if data.get(LEFT_OUT):
        raise ValidationError(_("What is secret was kept nowhere while you gave your password: fill it in again."))


def remember(response: HttpResponse, user: User) -> None:
    """This browser is the person's; until they choose another password."""
    response.set_cookie(
        _KNOWN,
        signing.dumps([user.pk, _mark(user)], salt=_KNOWN),
        max_age=_KNOWN_S,
        httponly=True,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        samesite="Lax",
    )


def knows(request: HttpRequest, username: str) -> bool:
    """Whether this browser is where the person of this name is signed in, or has given the password they have."""
    user = getattr(request, "user", None)  # none yet where a session is opened without a page
    if user is not None and user.is_authenticated and user.get_username() == username:
        return True
    try:
        pk, mark = signing.loads(request.COOKIES.get(_KNOWN, ""), salt=_KNOWN, max_age=_KNOWN_S)
    except (signing.BadSignature, TypeError, ValueError):
        return False
    named = User.objects.filter(pk=pk, username=username).first()
    return named is not None and constant_time_compare(mark, _mark(named))


def _mark(user: User) -> str:
    return salted_hmac(_KNOWN, user.password, algorithm="sha256").hexdigest()[:24]


def refused(user: User, *, locked: bool) -> None:
    """Record that somebody at this person's desk did not know their password; `locked` ends every session."""
    with transaction.atomic():
        if locked:
            user.session_era += 1
            user.save(update_fields=["session_era"])
        data = {"person": user.pk, "locked": locked}
        events.record("person.password_refused", at=timezone.now(), by=Actor.person(user.pk), data=data)


def busy(request: HttpRequest) -> HttpResponse:
    """Too many sign in at this moment."""
    response = render(request, "429.html", {"busy": True}, status=429)
    response.headers["Retry-After"] = "5"
    return response


@contextmanager
def _let_in() -> Iterator[bool]:
    if not _queue.acquire(blocking=False):
        yield False
        return
    try:
        if not connection.in_atomic_block:
            connection.close()
        entered = _room.acquire(timeout=_WAIT_S)
        try:
            yield entered
        finally:
            if entered:
                _room.release()
    finally:
        _queue.release()
