"""Pages that say how things stand: the morning brief."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agents import access
from agents.models import User
from commandcenter import asof, rollups
from commandcenter import brief as briefs
from commandcenter.populations import EVERYTHING, Filters
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


def seen_by(person: User) -> Filters:
    """What a person's figures are made of: everything, or the queues of their teams."""
    if access.sees_all(person):
        return EVERYTHING
    return Filters(queues=tuple(sorted(access.queues_for(person).values_list("pk", flat=True))))
