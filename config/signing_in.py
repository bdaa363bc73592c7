"""The way in: who may try how often, how many at once, and what is kept of those who failed.

A wrong name and password are counted by name and address together, so that a stranger cannot lock a colleague out from
elsewhere, and by address alone, or one address could try a few passwords with every name for ever. Of what was typed
nothing is kept: a password slips into the field for the name, and an address bar holds whatever was searched for.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.db import connection, transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mentions import events
from mentions.events import SYSTEM

# Each takes 100 MiB and a processor for as long as it lasts; a house that begins its shift fits through two doors.
HASHED_AT_ONCE: Final = 2
_WAIT_AT_ONCE: Final = 20
_WAIT_S: Final = 5.0

_room = threading.BoundedSemaphore(HASHED_AT_ONCE)
_queue = threading.BoundedSemaphore(_WAIT_AT_ONCE)


def name_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Under which name attempts are counted: a keyed digest of what was typed."""
    typed = (credentials or request.POST).get("username")
    return salted_hmac("config.signing_in", str(typed), algorithm="sha256").hexdigest()[:40]


class Attempts(AxesDatabaseHandler):  # type: ignore[misc]
    """Failed attempts in the database, without a word of what was sent."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Whether this name is locked from here, or everybody is."""
        return bool(super().is_locked(request, credentials)) or _failures(request) >= settings.FAILURES_OF_AN_ADDRESS

    def user_login_failed(self, sender: Any, credentials: Any, request: Any, **about: Any) -> None:
        """Count it; the one that shuts the door for an address is an event."""
        request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        locked = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **about)
        if not locked and (failures := _failures(request)) >= settings.FAILURES_OF_AN_ADDRESS:
            with transaction.atomic():
                events.record("sign_in.shut", at=timezone.now(), by=SYSTEM, data={"failures": failures})


def forget_what_was_sent(instance: AccessAttempt, **about: Any) -> None:
    """Before an attempt is written."""
    instance.get_data = instance.post_data = ""


class SignIn(LoginView):
    """Where everybody signs in. Passwords are compared a few at a time, and nobody holds a connection meanwhile."""

    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign in, or be told to try again."""
        with _let_in() as entered:
            return super().post(request, *args, **kwargs) if entered else busy(request)


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


def _failures(request: Any) -> int:
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    found = AccessAttempt.objects.filter(ip_address=request.axes_ip_address, attempt_time__gt=since)
    return found.aggregate(Sum("failures_since_start"))["failures_since_start__sum"] or 0
