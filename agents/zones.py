"""Times in the zone of whoever reads them; figures say the bank's zone themselves."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from agents.models import User


def of(user: User) -> ZoneInfo:
    """The zone that somebody reads and writes times in: their own, their site's, or the bank's."""
    return ZoneInfo(user.time_zone or settings.BANK_TIME_ZONE)


def in_readers_zone(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that renders each page in its reader's zone, and in the bank's for a stranger."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        with timezone.override(of(user) if isinstance(user, User) else settings.BANK_TIME_ZONE):
            return get_response(request)

    return middleware
