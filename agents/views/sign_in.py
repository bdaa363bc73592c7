"""Where people come in: the page of their role, their own settings, the first administrator, the guided minute."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import BaseUserCreationForm
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import access, context
from agents.access import person, signed_in
from agents.models import Role, User
from mentions import events

_SALT = "first administrator"
FIRST_LINK_AGE_S = 24 * 3600

_HOME = {
    Role.AGENT: "agents:console",
    Role.SUPERVISOR: "agents:console",
    Role.MANAGER: "commandcenter:reports",
    Role.COMPLIANCE: "agents:approvals",
    Role.ADMINISTRATOR: "agents:setup",
}


class FirstAdministratorForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """The name and password of the first person of an installation."""

    full_name = forms.CharField(label=gettext_lazy("Your name"), max_length=150)

    class Meta:
        model = User
        fields = ("username",)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Each role to its page; a newcomer to a demonstration to its first minute."""
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("start" if settings.DEMO else "login"))
    return HttpResponseRedirect(reverse(_HOME[Role(person(request).role)]))


@require_POST
@signed_in("see console")
def preferences(request: HttpRequest) -> HttpResponse:
    """Theme, density and shortcuts of a person; anything else is ignored."""
    user = person(request)
    chosen = {
        name: request.POST[name] for name, choices in context.PREFERENCES.items() if request.POST.get(name) in choices
    }
    user.preferences = {**user.preferences, **chosen}
    user.save(update_fields=["preferences"])
    if request.htmx or request.headers.get("Accept", "").startswith("application/json"):  # type: ignore[attr-defined]
        return HttpResponse(status=204)
    return HttpResponseRedirect(reverse("agents:home"))


def first_administrator_link() -> str | None:
    """The path where the first administrator is made, good once and for a day; None if there is one already."""
    if not access.first_administrator_needed():
        return None
    return reverse("agents:first", args=[signing.dumps("first", salt=_SALT)])


@require_http_methods(["GET", "POST"])
def first(request: HttpRequest, token: str) -> HttpResponse:
    """Make the first administrator. The link is dead as soon as there is one."""
    try:
        signing.loads(token, salt=_SALT, max_age=FIRST_LINK_AGE_S)
    except signing.BadSignature:
        raise Http404("no such link") from None
    if not access.first_administrator_needed():
        raise Http404("there is an administrator")
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            if not access.first_administrator_needed(lock=True):
                raise Http404("there is an administrator")
            user = form.save(commit=False)
            user.first_name, user.role = form.cleaned_data["full_name"], Role.ADMINISTRATOR
            user.is_staff = user.is_superuser = True
            user.save()
            events.record("person.first", at=timezone.now(), by=events.SYSTEM, data={"person": user.pk})
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(reverse("agents:setup"))
    return render(request, "agents/first.html", {"form": form})
