"""Keys of programs: made with an end and no more than they need, shown once, revoked within seconds."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import tokens
from agents.access import ACTIONS, person, signed_in
from agents.models import ApiToken, Proposal, Team, User
from agents.setup import frame
from mentions.models import Origin, Source

SCOPES = {
    "ingest": gettext_lazy("hand in posts"),
    "read": gettext_lazy("read public posts and conversations"),
    "private": gettext_lazy("read private messages too"),
    "posts": gettext_lazy("write posts of our own, which a person approves"),
    "metrics": gettext_lazy("read the figures of operation"),
}
_A_YEAR = timedelta(days=365)


class TokenForm(forms.Form):
    """A token as a person wants it."""

    name = forms.CharField(label=gettext_lazy("Which program it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(label=gettext_lazy("What it may do"), choices=list(SCOPES.items()))
    source = forms.ModelChoiceField(
        Source.objects.filter(origin=Origin.LIVE, search=None, disconnected_at=None).order_by("name"),
        label=gettext_lazy("Its posts belong to"),
        required=False,
        empty_label=gettext_lazy("the source “ingest”"),
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.filter(retired_at=None),
        label=gettext_lazy("Whose work it reads; nothing chosen is everybody's"),
        required=False,
    )
    person = forms.ModelChoiceField(
        User.objects.filter(is_active=True, role__in=ACTIONS["write posts"]).order_by("first_name", "last_name"),
        label=gettext_lazy("In whose name it writes posts"),
        required=False,
        empty_label=gettext_lazy("nobody's"),
    )
    expires = forms.DateField(label=gettext_lazy("Last day"), required=False)


@require_GET
@signed_in("set up", anew=("GET",))
def index(request: HttpRequest) -> HttpResponse:
    """Every token, those that hold first."""
    return _page(request)


@require_http_methods(["GET", "POST"])
@signed_in("set up", anew=("POST",))
def new(request: HttpRequest) -> HttpResponse:
    """A new token; its secret is on the page that answers, and nowhere after. Its form is on the page of all."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("agents:tokens"))
    form = TokenForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        last = given["expires"]
        zone = timezone.get_current_timezone()
        ends = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
        made: list[tuple[ApiToken, str] | Proposal] = []
        done = frame.attempt(
            form,
            lambda: made.append(
                tokens.grant(
                    given["name"],
                    scopes=given["scopes"],
                    source=given["source"],
                    teams=list(given["teams"]),
                    person=given["person"],
                    expires_at=ends,
                    by=person(request),
                )
            ),
        )
        if done is True:
            if isinstance(outcome := made[0], Proposal):
                messages.warning(request, _("A second person has to agree first; then you fetch the token there."))
                return HttpResponseRedirect(reverse("agents:proposals"))
            token, secret = outcome
            return _page(request, secret=secret, name=token.name)
    return _page(request, form=form, status=422)


@require_POST
@signed_in("set up")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a token."""
    token = ApiToken.objects.filter(pk=pk).first()
    if token is None:
        raise Http404("no such token")
    return frame.do(request, lambda: tokens.revoke(token, by=person(request)), _("Revoked."), "agents:tokens")


def proposed(proposal: Proposal, name: str) -> list[str]:
    """What a program may do in the name of a person once another has agreed, in words."""
    asked = proposal.change
    teams = ", ".join(Team.objects.filter(pk__in=asked["teams"]).values_list("name", flat=True))
    return [
        _("The program “%(program)s” writes posts in the name of %(name)s") % {"program": asked["name"], "name": name},
        _("It may: %(scopes)s") % {"scopes": ", ".join(str(SCOPES[each]) for each in asked["scopes"])},
        _("Whose work: %(teams)s") % {"teams": teams or _("everybody's")},
    ]


def _page(
    request: HttpRequest, *, form: TokenForm | None = None, secret: str = "", name: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    rows: list[dict[str, Any]] = []
    for token in ApiToken.objects.select_related("source").prefetch_related("teams").order_by("-pk"):
        ended = token.expires_at is not None and token.expires_at <= now
        rows.append(
            {
                "it": token,
                "scopes": [SCOPES.get(scope, scope) for scope in token.scopes],
                "state": "revoked" if token.revoked_at else "ended" if ended else "holds",
            }
        )
    rows.sort(key=lambda row: row["state"] != "holds")
    fresh = form or TokenForm(initial={"expires": (now + _A_YEAR).date().isoformat()})
    context = {"rows": rows, "form": fresh, "secret": secret, "name": name}
    return frame.page(request, "tokens", "tokens.html", context, status=status)
