"""`/alerts/`: what waits for somebody, who knew when, and who is told of what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from agents import access, alerts
from agents.access import person, signed_in
from agents.alerts import duty, forms, wording
from agents.models import Alert, AlertDelivery, AlertHook, AlertKind, AlertRule, Rota, Site, Team, User
from mentions import events
from mentions.events import Actor

SHOWN = 50
TABS = {
    "open": gettext_lazy("Open"),
    "acknowledged": gettext_lazy("Acknowledged"),
    "history": gettext_lazy("History"),
}


@require_GET
@never_cache
@signed_in("see alerts")
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, what somebody has, and what was."""
    tab = request.GET.get("show", "open")
    if tab not in TABS:
        tab = "open"
    found = access.alerts_for(person(request)).select_related("acknowledged_by", "team").order_by("-pk")
    standing = found.filter(over_at=None)
    chosen = {
        "open": standing.filter(acknowledged_at=None),
        "acknowledged": standing.filter(acknowledged_at__isnull=False),
        "history": found.filter(over_at__isnull=False),
    }
    here = reverse("agents:alerts")
    page = Paginator(chosen[tab], SHOWN).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "alerts": [shown(alert) for alert in page.object_list],
        "page": page,
        "tabs": [
            {"title": title, "url": f"{here}?show={key}", "current": key == tab, "count": chosen[key].count()}
            for key, title in TABS.items()
        ],
        "tab": tab,
        "duty": duty.on_duty(now),
        "may_manage": access.may(person(request), "manage alerts"),
    }
    return render(request, "agents/alerts/list.html", context)


@never_cache
@require_GET
@signed_in("see alerts")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert with everybody who was told; opening it is knowing it."""
    alert = access.alert_for(person(request), pk)
    alerts.seen(alert, by=person(request))
    deliveries = alert.deliveries.select_related("person", "hook").order_by("pk")
    context = {
        "alert": shown(alert),
        "advice": wording.advice(alert),
        "where": wording.where(alert),
        "told": [_told(delivery) for delivery in deliveries],
    }
    return render(request, "agents/alerts/one.html", context)


@require_POST
@signed_in("see alerts")
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody has it from here on."""
    user = person(request)
    alert = access.alert_for(user, pk)
    alerts.seen(alert, by=user)
    taken = alerts.acknowledge(alert, by=user)
    if taken.acknowledged_by_id == user.pk:
        messages.success(request, _("You have it. Nobody else is told."))
    else:
        messages.info(request, _("%(who)s has it already.") % {"who": taken.acknowledged_by})
    return HttpResponseRedirect(reverse("agents:alert", args=[pk]))


@require_GET
@never_cache
@signed_in("manage alerts")
def setup(request: HttpRequest) -> HttpResponse:
    """The rules, the rota and the programs."""
    return _setup(request)


@require_POST
@signed_in("manage alerts")
def change_rule(request: HttpRequest, kind: str) -> HttpResponse:
    """How one kind is handled from now on."""
    if kind not in AlertKind.values:
        raise Http404("no such kind of alert")
    with transaction.atomic():
        _one_at_a_time()
        form = forms.RuleForm(request.POST, instance=alerts.rule_for(kind))
        if not form.is_valid():
            return _setup(request, status=422, rule=form)
        form.save()
        _record(request, "alert.rule_changed", alert_kind=kind)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("agents:alert_setup"))


@require_POST
@signed_in("manage alerts")
def add_duty(request: HttpRequest) -> HttpResponse:
    """Put somebody on the rota."""
    form = forms.RotaForm(request.POST)
    if not form.is_valid():
        return _setup(request, status=422, duty=form)
    with transaction.atomic():
        _one_at_a_time()
        row = form.save()
        if row is not None:
            _record(request, "alert.duty_added", rota=row.pk, person=row.person_id)
    messages.success(request, _("%(who)s is on the rota.") % {"who": form.cleaned_data["person"]})
    return HttpResponseRedirect(reverse("agents:alert_setup"))


@require_POST
@signed_in("manage alerts")
def remove_duty(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a row off the rota."""
    with transaction.atomic():
        row = Rota.objects.filter(pk=pk).first()
        if row is not None:
            _record(request, "alert.duty_removed", rota=row.pk, person=row.person_id)
            row.delete()
            messages.success(request, _("%(who)s is off the rota.") % {"who": row.person})
    return HttpResponseRedirect(reverse("agents:alert_setup"))


@require_POST
@never_cache
@signed_in("manage alerts", anew=("POST",), secret=lambda: {"url"})
def add_hook(request: HttpRequest) -> HttpResponse:
    """A program to tell. Its secret is on the page that answers, and nowhere after."""
    form = forms.HookForm(request.POST, by=person(request))
    with transaction.atomic():
        _one_at_a_time()
        if not form.is_valid():
            return _setup(request, status=422, hook=form)
        hook, secret = form.save()
        _record(request, "alert.hook_added", hook=hook.pk)
    return _setup(request, secret={"name": hook.name, "value": secret})


@require_POST
@signed_in("manage alerts")
def remove_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a program nothing more."""
    with transaction.atomic():
        if AlertHook.objects.filter(pk=pk).delete()[0]:
            _record(request, "alert.hook_removed", hook=pk)
            messages.success(request, _("The program is told nothing more."))
    return HttpResponseRedirect(reverse("agents:alert_setup"))


def shown(alert: Alert) -> dict[str, Any]:
    """An alert as the templates show it."""
    state = wording.state(alert)
    chip = {"over": ("done", "shape-none"), "acknowledged": ("claimed", "shape-ok")}.get(state)
    if chip is None:
        chip = ("crisis", "shape-crisis") if alert.kind in wording.WORST else ("late", "shape-late")
    return {
        "id": alert.pk,
        "url": reverse("agents:alert", args=[alert.pk]),
        "title": wording.title(alert),
        "kind": str(AlertKind(alert.kind).label).capitalize(),
        "state": state,
        "state_words": {"open": _("Open"), "acknowledged": _("Acknowledged"), "over": _("Over")}[state],
        "chip": chip[0],
        "shape": chip[1],
        "team": alert.team,
        "opened_at": alert.opened_at,
        "acknowledged_by": alert.acknowledged_by,
        "acknowledged_at": alert.acknowledged_at,
        "over_at": alert.over_at,
        "count": alert.count,
        "level": alert.level,
        "can_take": state == "open",
    }


def _told(delivery: AlertDelivery) -> dict[str, Any]:
    states = {
        AlertDelivery.State.WAITING: ("risk", "shape-risk"),
        AlertDelivery.State.SENT: ("ok", "shape-ok"),
        AlertDelivery.State.FAILED: ("late", "shape-late"),
    }
    chip, shape = states[AlertDelivery.State(delivery.state)]
    who = delivery.person if delivery.person_id is not None else delivery.address
    return {"it": delivery, "who": str(who), "chip": chip, "shape": shape, "program": delivery.person_id is None}


def _setup(
    request: HttpRequest,
    *,
    status: int = 200,
    rule: forms.RuleForm | None = None,
    duty: forms.RotaForm | None = None,
    hook: forms.HookForm | None = None,
    secret: dict[str, str] | None = None,
) -> HttpResponse:
    """The page; a form that was refused stands in it as it was filled in."""
    rules = {kept.kind: kept for kept in AlertRule.objects.select_related("team")}
    refused = rule.instance.kind if rule is not None else ""
    now = timezone.now()
    duty = duty or forms.RotaForm(initial=forms.USUAL_DUTY)
    hook = hook or forms.HookForm(by=person(request))
    context = {
        "rules": [
            _refused(rule) if rule is not None and kind == refused else _rule(rules.get(kind) or AlertRule(kind=kind))
            for kind in AlertKind.values
        ],
        "rota": [
            _duty(row, now)
            for row in Rota.objects.select_related("person", "team", "site").order_by("rank", "zone", "start", "pk")
        ],
        "hooks": [
            {"it": kept, "kinds": [str(AlertKind(kind).label) for kind in kept.kinds]}
            for kept in AlertHook.objects.order_by("name")
        ],
        "people": User.objects.filter(is_active=True).order_by("first_name", "last_name"),
        "teams": Team.objects.all(),
        "sites": Site.objects.order_by("name"),
        "weekdays": forms.WEEKDAYS,
        "kinds": AlertKind.choices,
        "local_allowed": access.may(person(request), "set up"),
        "duty": duty,
        "hook": hook,
        "wrong": {"rota": _sentence(duty.errors), "hook": _sentence(hook.errors)},
        "secret": secret,
    }
    return render(request, "agents/alerts/setup.html", context, status=status)


def _rule(rule: AlertRule) -> dict[str, Any]:
    return {
        "it": rule,
        "threshold": rule.threshold,
        "quiet": rule.quiet_s // 60,
        "escalate": rule.escalate_s // 60,
        "seen": forms.standing(rule),
    }


def _refused(form: forms.RuleForm) -> dict[str, Any]:
    written = {name: form[name].value() for name in ("threshold", "quiet", "escalate")}
    return {"it": form.instance, "error": _sentence(form.errors), "seen": form.stands, **written}


def _duty(row: Rota, now: datetime) -> dict[str, Any]:
    days = dict(forms.WEEKDAYS)
    return {
        "it": row,
        "days": _("every day") if len(row.days) == 7 else ", ".join(str(days[day])[:3] for day in row.days),
        "hours": _("all day") if row.stop - row.start == forms.MIDNIGHT else f"{_clock(row.start)}–{_clock(row.stop)}",
        "now": row.person.is_active and duty.covers(row, now),
    }


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _sentence(errors: Any) -> str:
    return " ".join(str(error) for each in errors.values() for error in each)


def _one_at_a_time() -> None:
    """Of a button that is pressed twice, or by two, the second sees what the first did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('setting up alerts'))")


def _record(request: HttpRequest, kind: str, **data: Any) -> None:
    events.record(kind, at=timezone.now(), by=Actor.person(person(request).pk), data=data)
