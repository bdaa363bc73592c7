"""Texts that agents may use: written here, approved by another person, dated."""

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

from agents import access, texts
from agents.access import person, signed_in
from agents.models import Macro, Team
from agents.setup import frame
from agents.texts import Wanted
from mentions import editions, naming
from mentions.triage.language import LANGUAGES

_A_YEAR = timedelta(days=365)
_TITLES = {
    "name": gettext_lazy("Name"),
    "text": gettext_lazy("Text"),
    "team": gettext_lazy("Team"),
    "language": gettext_lazy("Language"),
    "visibility": gettext_lazy("Who can see it"),
    "expires": gettext_lazy("Good until"),
    "approved_by": gettext_lazy("Approved by"),
}


class TextForm(forms.Form):
    """A text as a person writes it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=5000,
        help_text=gettext_lazy(
            "{{ name }}, {{ first_name }}, {{ handle }} and {{ initials }} are filled in; {{ private_link }} where a "
            "public reply can lead to a private message (X)."
        ),
    )
    team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("everybody")
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"))
    visibility = forms.ChoiceField(
        label=gettext_lazy("For replies that are"), choices=list(naming.VISIBILITIES.items())
    )
    expires = forms.DateField(label=gettext_lazy("Last day"), required=False)

    def __init__(self, *arguments: Any, teams: Any, everywhere: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        team, language = self.fields["team"], self.fields["language"]
        assert isinstance(team, forms.ModelChoiceField)
        assert isinstance(language, forms.ChoiceField)
        team.queryset, team.required = teams, not everywhere
        titles = {code: naming.language(code) for code in LANGUAGES}
        language.choices = sorted(titles.items(), key=lambda choice: str(choice[1]).casefold())

    def wanted(self) -> Wanted:
        """The text as it is wanted."""
        given = self.cleaned_data
        last, zone = given["expires"], timezone.get_current_timezone()
        ends = datetime.combine(last + timedelta(days=1), time(), zone) if last else None
        return Wanted(given["name"], given["text"], given["team"], given["language"], given["visibility"], ends)


@require_GET
@signed_in("write texts")
def index(request: HttpRequest) -> HttpResponse:
    """Every text of one's teams, those that wait for approval first."""
    now = timezone.now()
    rows = []
    for macro in _macros(request).select_related("team", "written_by", "approved_by"):
        ended = macro.expires_at is not None and macro.expires_at <= now
        state = "waits" if macro.approved_at is None else "ended" if ended else "good"
        rows.append({"it": macro, "language": naming.language(macro.language), "state": state})
    rows.sort(key=lambda row: ("waits", "good", "ended").index(row["state"]))
    return frame.page(request, "texts", "texts.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@signed_in("write texts")
def new(request: HttpRequest) -> HttpResponse:
    """A new text."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("write texts")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One text."""
    return _page(request, _found(request, pk))


@require_POST
@signed_in("write texts")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let agents use it, or not any more."""
    macro = _found(request, pk)
    by = person(request)
    if request.POST.get("answer") == "withdraw":
        return frame.do(
            request, lambda: texts.withdraw(macro, by=by), _("It is offered to nobody now."), "agents:text", pk
        )
    seen = frame.number(request.POST.get("edition"))
    return frame.do(
        request,
        lambda: texts.approve(macro, by=by, seen=seen),
        _("Approved; agents are offered it."),
        "agents:text",
        pk,
    )


def _page(request: HttpRequest, macro: Macro | None) -> HttpResponse:
    form = TextForm(
        request.POST or None,
        teams=_teams(request),
        everywhere=access.sees_all(person(request)),
        initial=_as_kept(macro),
    )
    key = macro.pk if macro else 0
    edition = editions.number(texts.SUBJECT, key)
    context: dict[str, Any] = {"macro": macro, "form": form}
    status = 200
    by = person(request)
    if request.method == "POST":
        edition = frame.number(request.POST.get("edition")) or 0
        status = 422
        if form.is_valid():
            wanted = form.wanted()
            kept: list[Macro] = []
            done = frame.attempt(form, lambda: kept.append(texts.save(wanted, by=by, macro=macro, seen=edition)))
            if done is True:
                messages.success(request, _("Saved. It is offered once another person has approved it."))
                return HttpResponseRedirect(reverse("agents:text", args=[kept[0].pk]))
            context["since"] = frame.since(done, texts.SUBJECT, key, _told)
            if context["since"]:
                status, edition = 409, editions.number(texts.SUBJECT, key)
    context |= {
        "edition": edition,
        "history": frame.history(editions.of(texts.SUBJECT, key), _told) if macro else [],
        "can_approve": macro is not None and macro.approved_at is None and macro.written_by_id != by.pk,
    }
    return frame.page(request, "texts", "text.html", context, status=status)


def _told(before: Any, after: Any) -> list[str]:
    people = frame.names([before.get("approved_by"), after.get("approved_by")])
    teams = dict(Team.objects.values_list("pk", "name"))

    def titled(state: dict[str, Any]) -> dict[str, Any]:
        return state | {
            "approved_by": people.get(state["approved_by"]),
            "team": teams.get(state["team"], _("everybody")),
        }

    return frame.plain(titled(before), titled(after), _TITLES)


def _teams(request: HttpRequest) -> Any:
    return access.teams_for(person(request)).filter(retired_at=None)


def _macros(request: HttpRequest) -> Any:
    found = Macro.objects.all()
    user = person(request)
    return found if access.sees_all(user) else found.filter(team__in=access.teams_for(user))


def _found(request: HttpRequest, pk: int) -> Macro:
    macro: Macro | None = _macros(request).select_related("team", "written_by", "approved_by").filter(pk=pk).first()
    if macro is None:
        raise Http404("no such text")
    return macro


def _as_kept(macro: Macro | None) -> dict[str, Any]:
    if macro is None:
        return {"language": "en", "visibility": "public", "expires": (timezone.now() + _A_YEAR).date().isoformat()}
    ends = timezone.localtime(macro.expires_at) - timedelta(days=1) if macro.expires_at else None
    return {
        "name": macro.name,
        "text": macro.text,
        "team": macro.team_id,
        "language": macro.language,
        "visibility": macro.visibility,
        "expires": f"{ends:%Y-%m-%d}" if ends else "",
    }
