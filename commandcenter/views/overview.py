"""The live overview for supervisors: who is on or away, what each holds, how the queues stand; hand work on by hand."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import access, cases
from agents.alerts import duty
from agents.cases import Refused
from agents.models import Case, User
from agents.views.answers import came_from
from commandcenter import metrics, presence
from commandcenter.models import Absence
from commandcenter.periods import Period
from commandcenter.populations import seen_by
from commandcenter.reports import briefing, wording

_KEY = re.compile(r"[0-9]{1,18}")


@require_safe
@never_cache
@access.signed_in("see walls")
def overview(request: HttpRequest) -> HttpResponse:
    """People and queues as they are now."""
    person, now = access.person(request), timezone.now()
    board = metrics.queue_board(now, seen_by(person).queues)
    linked = access.may(person, "see reports")
    context = {
        "people": _people(person, now),
        "queues": [
            {
                "it": line,
                "oldest": wording.spell((now - line.oldest_since).total_seconds()) if line.oldest_since else "",
                "rows": _rows(line.slug, now) if linked else {},
            }
            for line in (*board.queues, board.total)
        ],
        "may_assign": access.may(person, "assign cases"),
    }
    return render(request, "commandcenter/overview.html", context)


@require_POST
@access.signed_in("assign cases")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give what one person holds to another, by the agents' own verb."""
    person = access.person(request)
    found = access.conversation_for(person, pk)
    wanted = request.POST.get("person", "")
    to = access.colleagues(person, found.queue).filter(pk=int(wanted)).first() if _KEY.fullmatch(wanted) else None
    if to is None:
        messages.error(request, _("Choose somebody who works this queue."))
    else:
        try:
            cases.assign(pk, to=to, by=person)
            messages.success(request, _("%(who)s has %(number)s now.") % {"who": to, "number": found.number})
        except Refused as refused:
            messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("commandcenter:overview"))


@require_POST
@access.signed_in("work cases")
def away(request: HttpRequest) -> HttpResponse:
    """Say that one is away and why, or back again."""
    person, reason, now = access.person(request), request.POST.get("reason", ""), timezone.now()
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        Absence.objects.filter(person=person, ended_at=None).update(ended_at=now)
        if reason in Absence.Reason.values:
            Absence.objects.create(person=person, reason=reason, started_at=now)
            said = _("You are away: %(reason)s.") % {"reason": Absence.Reason(reason).label}
        else:
            said = _("You are back.")
    messages.success(request, said)
    where = "commandcenter:overview" if access.may(person, "see walls") else "agents:console"
    return HttpResponseRedirect(came_from(request, reverse(where)))


def _rows(queue: str, now: datetime) -> dict[str, str]:
    """Where the conversations behind a queue's figures are, by the figure; without a queue, of all."""
    narrowed = {"queue": queue} if queue else {}
    today = Period.today(now)
    names = ("waiting", "claimed", "overdue")
    return {name: briefing.rows("backlog", name, today, {}, now, **narrowed) for name in names}


def _people(viewer: User, now: datetime) -> list[dict[str, Any]]:
    """Everybody who works cases in the viewer's teams: first who is late, then who holds most."""
    seen = User.objects.filter(is_active=True, role__in=access.ACTIONS["work cases"])
    if not access.sees_all(viewer):
        seen = seen.filter(teams__in=access.teams_for(viewer))
    staff = list(seen.distinct().select_related("site").order_by("first_name", "last_name"))
    absent = {one.person_id: one for one in presence.absent(now)}
    seen_at = presence.last_seen([one.pk for one in staff])
    here = {pk for pk, at in seen_at.items() if presence.is_here(at, now) and pk not in absent}
    on = {row.person_id for row in duty.on_duty(now)}
    held: dict[int, list[Case]] = {}
    mine = access.conversations_for(viewer)
    open_cases = Case.objects.filter(ended_at=None, conversation__in=mine.values("pk"))
    for case in open_cases.select_related("conversation__queue", "owner").order_by("claimed_at"):
        held.setdefault(case.owner_id, []).append(case)
    colleagues: dict[int, list[User]] = {}
    told = []
    for one in staff:
        holding = held.get(one.pk, [])
        for case in holding:
            queue = case.conversation.queue
            if queue.pk not in colleagues:
                colleagues[queue.pk] = sorted(access.colleagues(viewer, queue), key=lambda other: other.pk not in here)
        told.append(
            {
                "it": one,
                "away": absent.get(one.pk),
                "since": wording.spell((now - absent[one.pk].started_at).total_seconds()) if one.pk in absent else "",
                "on": one.pk in on,
                "here": one.pk in here,
                "seen": wording.stamp(seen_at[one.pk]) if one.pk in seen_at else "",
                "late": sum(bool(c.conversation.due_at and c.conversation.due_at < now) for c in holding),
                "holds": [
                    {
                        "number": case.conversation.number,
                        "pk": case.conversation_id,
                        "url": reverse("agents:conversation", args=[case.conversation_id]),
                        "queue": case.conversation.queue.name,
                        "state": case.conversation.get_state_display(),
                        "late": bool(case.conversation.due_at and case.conversation.due_at < now),
                        "since": wording.spell((now - case.claimed_at).total_seconds()),
                        "others": [other for other in colleagues[case.conversation.queue.pk] if other.pk != one.pk],
                    }
                    for case in holding
                ],
            }
        )
    return sorted(told, key=lambda row: (-row["late"], -len(row["holds"]), str(row["it"])))
