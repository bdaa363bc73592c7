"""SLA policies, calendars and sites: what is promised, when it is worked, and when a post would be due."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from agents import promises, staff
from agents.access import person, signed_in
from agents.desk import words
from agents.models import Site
from agents.promises import PolicyWanted
from agents.setup import frame, wording
from agents.setup.promise_forms import (
    PRIORITIES,
    CalendarForm,
    PolicyForm,
    SiteForm,
    calendar_as_kept,
    in_hours,
    policy_as_kept,
    policy_wanted,
    public_holidays,
    span,
)
from mentions import editions, rulebook, sla, telling
from mentions.models import Calendar, SlaPolicy

_TITLES = {
    "name": gettext_lazy("Name"),
    "first_response_s": gettext_lazy("First response"),
    "next_response_s": gettext_lazy("Next response"),
    "resolution_s": gettext_lazy("Resolution"),
    "by_priority": gettext_lazy("By priority"),
    "pause_when_pending": gettext_lazy("The clock stops while it is pending"),
    "calendar": gettext_lazy("Calendar"),
    "zone": gettext_lazy("Time zone"),
    "blocks": gettext_lazy("Hours"),
    "holidays": gettext_lazy("Holidays"),
}


@require_GET
@signed_in("set up")
def index(request: HttpRequest) -> HttpResponse:
    """Every policy, calendar and site."""
    policies = SlaPolicy.objects.select_related("calendar").prefetch_related("queues").order_by("name")
    calendars = Calendar.objects.annotate(used=Count("policies", distinct=True)).order_by("name")
    context = {
        "policies": [{"it": policy, "targets": _targets(policy)} for policy in policies],
        "calendars": [{"it": row, "words": telling.opening(rulebook.calendar(row))} for row in calendars],
        "sites": Site.objects.select_related("calendar").annotate(members=Count("people")).order_by("name"),
    }
    return frame.page(request, "promises", "promises.html", context)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new_policy(request: HttpRequest) -> HttpResponse:
    """A new policy."""
    return _policy(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One policy: its targets, a worked example, its history."""
    found = SlaPolicy.objects.select_related("calendar").filter(pk=pk).first()
    if found is None:
        raise Http404("no such policy")
    return _policy(request, found)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new_calendar(request: HttpRequest) -> HttpResponse:
    """A new calendar."""
    return _calendar(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """One calendar: its week, its holidays, and the days on which clocks are changed."""
    found = Calendar.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("no such calendar")
    return _calendar(request, found)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new_site(request: HttpRequest) -> HttpResponse:
    """A new site."""
    return _site(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """One site."""
    found = Site.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("no such site")
    return _site(request, found)


def _policy(request: HttpRequest, policy: SlaPolicy | None) -> HttpResponse:
    now = timezone.now()
    form = PolicyForm(request.POST or None, initial=policy_as_kept(policy, now))
    key = policy.pk if policy else 0
    edition = editions.number(promises.POLICY, key)
    context: dict[str, Any] = {"policy": policy, "form": form}
    status = 200
    if request.method == "POST":
        edition = frame.number(request.POST.get("edition")) or 0
        status = 422
        if form.is_valid():
            wanted, anew, by = form.wanted(), request.POST.get("anew") == "yes", person(request)
            if request.POST.get("do") == "try":
                done = frame.attempt(form, lambda: context.update(example=_example(wanted, form.cleaned_data["at"])))
                status = 200 if done is True else 422
            else:
                said: list[int] = []
                done = frame.attempt(
                    form,
                    lambda: said.append(
                        promises.save_policy(wanted, by=by, policy=policy, seen=edition, anew=anew, now=now)[1]
                    ),
                )
                if done is True:
                    messages.success(request, _saved(said[0], anew=anew))
                    return HttpResponseRedirect(reverse("agents:promises"))
                context["since"] = frame.since(done, promises.POLICY, key, _told)
                if context["since"]:
                    status, edition = 409, editions.number(promises.POLICY, key)
    elif policy is not None:
        context["example"] = _example(policy_wanted(policy), form.initial["at"])
    context["edition"] = edition
    if policy is not None:
        waiting, late = promises.waits([policy], now)
        context |= {
            "history": frame.history(editions.of(promises.POLICY, key), _told),
            "waiting": waiting,
            "late": late,
            "queues": policy.queues.filter(retired_at=None),
        }
    return frame.page(request, "promises", "policy.html", context, status=status)


def _calendar(request: HttpRequest, calendar: Calendar | None) -> HttpResponse:
    now = timezone.now()
    given = request.POST.copy()
    adding = given.get("do") == "holidays"
    if adding:
        known = given.get("holidays", "").split()
        added = [day.isoformat() for day in public_holidays(given.get("country", ""), now.year)]
        given["holidays"] = "\n".join(sorted({*known, *added}))
    form = CalendarForm(given or None, initial=calendar_as_kept(calendar))
    key = calendar.pk if calendar else 0
    edition = editions.number(promises.CALENDAR, key)
    context: dict[str, Any] = {"calendar": calendar, "form": form}
    status = 200
    if request.method == "POST":
        edition = frame.number(request.POST.get("edition")) or 0
        status = 200 if adding else 422
        if form.is_valid() and not adding:
            wanted, anew, by = form.wanted(), request.POST.get("anew") == "yes", person(request)
            said: list[int] = []
            done = frame.attempt(
                form,
                lambda: said.append(
                    promises.save_calendar(wanted, by=by, calendar=calendar, seen=edition, anew=anew, now=now)[1]
                ),
            )
            if done is True:
                messages.success(request, _saved(said[0], anew=anew))
                return HttpResponseRedirect(reverse("agents:promises"))
            context["since"] = frame.since(done, promises.CALENDAR, key, _told)
            if context["since"]:
                status, edition = 409, editions.number(promises.CALENDAR, key)
    context["edition"] = edition
    if calendar is not None:
        hours = rulebook.calendar(calendar)
        waiting, late = promises.waits(calendar.policies.all(), now)
        context |= {
            "history": frame.history(editions.of(promises.CALENDAR, key), _told),
            "words": telling.opening(hours),
            "changes": [
                {
                    "day": each.day,
                    "forward": each.forward,
                    "worked": span(each.seconds),
                    "usually": span(each.usually),
                }
                for each in promises.clock_changes(hours, now)
            ],
            "waiting": waiting,
            "late": late,
            "policies": calendar.policies.order_by("name"),
        }
    return frame.page(request, "promises", "calendar.html", context, status=status)


def _site(request: HttpRequest, site: Site | None) -> HttpResponse:
    initial = {"name": site.name, "zone": site.zone, "calendar": site.calendar_id} if site else None
    form = SiteForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given, by = form.cleaned_data, person(request)
            done = frame.attempt(
                form, lambda: staff.save_site(given["name"], given["zone"], given["calendar"], by=by, site=site)
            )
            if done is True:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("agents:promises"))
    return frame.page(request, "promises", "site.html", {"site": site, "form": form}, status=status)


def _example(wanted: PolicyWanted, at: str) -> dict[str, Any]:
    """When a post would be due under this policy, by the code that decides it for real."""
    hours = Calendar.objects.filter(pk=wanted.calendar_id).first()
    assert hours is not None
    value = promises.policy_value(wanted, rulebook.calendar(hours))
    zone = ZoneInfo(hours.zone)
    try:
        start = datetime.strptime(at, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
    except ValueError:
        raise editions.NotSaved(_("Choose a date and a time for the example.")) from None
    targets: tuple[sla.Target, ...] = ("first_response", "next_response", "resolution")
    rows = []
    for priority in PRIORITIES:
        dues = [sla.due(value, target, start, priority) for target in targets]
        rows.append(
            {
                "priority": wording.PRIORITIES[priority],
                "dues": [{"at": due.at.astimezone(zone), "why": telling.why(due.why)} if due else None for due in dues],
            }
        )
    return {"start": start, "zone": hours.zone, "targets": [words.TARGETS[each] for each in targets], "rows": rows}


def _saved(changed: int, *, anew: bool) -> str:
    if not anew:
        return _("Saved. It holds for what comes from now on; what waits keeps the promise that it was given.")
    words_ = ngettext("Saved. %(n)d wait got another due time.", "Saved. %(n)d waits got another due time.", changed)
    return words_ % {"n": changed}


def _targets(policy: SlaPolicy) -> list[tuple[Any, str]]:
    found = (
        (words.TARGETS["first_response"], policy.first_response_s),
        (words.TARGETS["next_response"], policy.next_response_s),
        (words.TARGETS["resolution"], policy.resolution_s),
    )
    return [(title, span(seconds)) for title, seconds in found if seconds]


def _told(before: Any, after: Any) -> list[str]:
    return frame.plain(_titled(before), _titled(after), _TITLES)


def _titled(state: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in state.items() if name != "id"}
    for name in ("first_response_s", "next_response_s", "resolution_s"):
        if name in shown:
            shown[name] = span(shown[name])
    if isinstance(shown.get("calendar"), dict):
        kept = shown["calendar"]
        hours = rulebook.calendar(Calendar(**{name: value for name, value in kept.items() if name != "id"}))
        shown["calendar"] = f"{telling.opening(hours)}, {len(kept['holidays'])} {_('holidays')}"
    if "blocks" in shown:
        days = {str(WEEKDAYS_ABBR[int(day)]): in_hours(blocks) for day, blocks in shown["blocks"].items()}
        shown["blocks"] = ", ".join(f"{day} {its}" for day, its in days.items()) or _("round the clock")
    return shown
