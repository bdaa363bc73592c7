"""Passwords, compared a few at a time, wherever one is asked for; nobody holds a connection meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.generic.base import View

from agents.models import User
from mentions import events
from mentions.events import Actor

# Each takes 100 MiB and a processor for as long as it lasts; a house that begins its shift fits through two doors.
HASHED_AT_ONCE: Final = 2
_WAIT_AT_ONCE: Final = 20
_WAIT_S: Final = 5.0

_room = threading.BoundedSemaphore(HASHED_AT_ONCE)
_queue = threading.BoundedSemaphore(_WAIT_AT_ONCE)


class AFewAtOnce(View):
    """A page that takes a password: it is let in, or its sender is told to try again in a moment."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the page does, once there is room."""
        with _let_in() as entered:
            return super().post(request, *args, **kwargs) if entered else busy(request)  # type: ignore[misc]


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
