"""The morning brief as a page."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents import access
from commandcenter import asof, rollups
from commandcenter import brief as briefs
from commandcenter.populations import seen_by
from commandcenter.reports import briefing, wording


@require_safe
@never_cache
@access.signed_in("see reports")
def brief(request: HttpRequest) -> HttpResponse:
    """The morning brief: readable in a minute, every figure opens its rows."""
    with asof.known(None):
        made = briefs.make(timezone.now(), seen_by(access.person(request)))
    context = {
        "day": wording.day(made.day.first),
        "made_at": wording.stamp(made.at),
        "zone": settings.BANK_TIME_ZONE,
        "parts": briefing.parts(made, {}),
        "behind": wording.number(events) if (events := rollups.noticeably_behind()) else "",
    }
    return render(request, "commandcenter/brief.html", context)
