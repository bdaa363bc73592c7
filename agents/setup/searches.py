"""The set-up pages of saved searches: what is listened for, and what would have been heard before it is saved.

Administrators only.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from agents.access import person, signed_in
from agents.models import User
from agents.setup import frame
from mentions import scrub
from mentions.listening import searches
from mentions.listening.matching import compiled
from mentions.listening.preview import costs, preview
from mentions.listening.query import LONGEST, BadQuery
from mentions.listening.searches import NotSaved, Wanted
from mentions.models import Gap, SavedSearch, Source
from mentions.sources import health

DAYS = (7, 30)


class SearchForm(forms.Form):
    """What a person says of a search; the kind of a search that is kept stays what it was."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    query = forms.CharField(
        label=gettext_lazy("What to listen for"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3, "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("It is about"), choices=SavedSearch.Subject.choices)
    voice = forms.CharField(label=gettext_lazy("Counts as"), max_length=80, required=False)
    accounts = forms.MultipleChoiceField(label=gettext_lazy("Ask through"), required=False)
    enters_queues = forms.BooleanField(label=gettext_lazy("What it hears enters a queue"), required=False)
    active = forms.BooleanField(label=gettext_lazy("It listens"), required=False)

    def __init__(self, *arguments: Any, accounts: list[Source], kept: SavedSearch | None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices = self.fields["accounts"]
        assert isinstance(choices, forms.MultipleChoiceField)
        choices.choices = [(str(account.pk), account.name) for account in accounts]
        if kept is not None:
            self.fields["kind"].disabled = True
            # Another rival is another search.
            self.fields["voice"].disabled = searches.heard(kept)

    def clean_name(self) -> str:
        """Without private numbers."""
        return scrub.typed_line(self.cleaned_data["name"], 80)

    def clean_voice(self) -> str:
        """Without private numbers."""
        return scrub.typed_line(self.cleaned_data["voice"], 80)

    def clean_query(self) -> str:
        """As it was typed: a masked number would be another search, so one with a private number is refused."""
        query: str = self.cleaned_data["query"]
        if scrub.scrub(query).text != query:
            raise forms.ValidationError(_("Leave private numbers out: a search is kept as it is typed."))
        return query

    def wanted(self) -> Wanted:
        """The search as it is wanted."""
        given = self.cleaned_data
        return Wanted(
            name=given["name"],
            query=given["query"],
            kind=given["kind"],
            voice=given["voice"],
            enters_queues=given["enters_queues"],
            active=given["active"],
            accounts=frozenset(map(int, given["accounts"])),
        )


@require_GET
@signed_in("set up")
def index(request: HttpRequest) -> HttpResponse:
    """Every saved search, through which accounts it is asked, how that goes, and what it heard."""
    now = timezone.now()
    before = Prefetch("gaps", Gap.objects.filter(reason=Gap.Reason.BEFORE), to_attr="before")
    sources = Source.objects.filter(active=True).select_related("via").prefetch_related(before).order_by("name")
    found = SavedSearch.objects.annotate(
        heard_lately=Count("heard", filter=Q(heard__mention__occurred_at__gte=now - timedelta(days=7)))
    ).prefetch_related(Prefetch("sources", sources, to_attr="asked"))
    found = found.order_by("name")
    rows = [
        {
            "search": search,
            "asked": [
                {"source": each, "health": health.health(each, now=now), "before": each.before} for each in search.asked
            ],
        }
        for search in found
    ]
    return frame.page(request, "searches", "agents/searches/index.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new(request: HttpRequest) -> HttpResponse:
    """A new search: preview it as often as wanted, then save it."""
    return _page(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A kept search: preview another wording, then save it."""
    search = SavedSearch.objects.filter(pk=pk).first()
    if search is None:
        raise Http404("no such search")
    return _page(request, search)


def _page(request: HttpRequest, search: SavedSearch | None) -> HttpResponse:
    accounts = list(searches.askable())
    form = SearchForm(request.POST or None, accounts=accounts, kept=search, initial=_as_kept(search, accounts))
    days = DAYS[1] if request.POST.get("days") == str(DAYS[1]) else DAYS[0]
    context: dict[str, Any] = {"search": search, "days": days, "choices": DAYS, "accounts": accounts}
    seen = None if search is None else frame.number(request.POST.get("version")) or 0
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            wanted = form.wanted()
            try:
                matcher = compiled(wanted.query)
                if request.POST.get("do") == "preview":
                    chosen = [account for account in accounts if account.pk in wanted.accounts]
                    context["preview"] = preview(matcher, days=days, now=timezone.now())
                    context["costs"] = costs(matcher, chosen)
                    status = 200
                else:
                    searches.save(wanted, by=person(request).pk, search=search, seen=seen)
                    messages.success(request, _("Saved. It is asked for within the next moments."))
                    return HttpResponseRedirect(reverse("agents:searches"))
            except BadQuery as bad:
                form.add_error("query", bad.reason)
                context["bad"] = _pointed(wanted.query, bad)
            except NotSaved as why:
                form.add_error(None, str(why))
                if search is not None:
                    search.refresh_from_db()
                    seen = search.version
    context["form"] = form
    context["seen"] = seen if request.method == "POST" or search is None else search.version
    context["owner"] = User.objects.filter(pk=search.owner).first() if search and search.owner else None
    return frame.page(request, "searches", "agents/searches/search.html", context, status=status)


def _as_kept(search: SavedSearch | None, accounts: list[Source]) -> dict[str, Any]:
    if search is None:
        return {"active": True, "accounts": [str(account.pk) for account in accounts]}
    asked = search.sources.filter(active=True) if search.active else search.sources.all()
    return {
        "name": search.name,
        "query": search.query,
        "kind": search.kind,
        "voice": search.voice,
        "enters_queues": search.enters_queues,
        "active": search.active,
        "accounts": [str(pk) for pk in asked.values_list("via_id", flat=True)],
    }


def _pointed(query: str, bad: BadQuery) -> dict[str, str]:
    """The query around the place that cannot be understood."""
    return {"before": query[: bad.start], "there": query[bad.start : bad.end] or "·", "after": query[bad.end :]}
