"""Searches that a person keeps among their lists, for themselves or for a team."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents import access
from agents.access import person, signed_in
from agents.desk import lists
from agents.forms import KeepForm
from agents.models import SavedView
from mentions import scrub

AT_MOST = 30


@require_POST
@signed_in("see console")
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a search under a name; the same name again is the new search."""
    user = person(request)
    form = KeepForm(request.POST)
    if not form.is_valid():
        messages.warning(request, _("Give it a name of up to 40 letters."))
        return HttpResponseRedirect(lists.search_url(request.POST.get("q", "")[:400].replace("\0", "")))
    given = form.cleaned_data
    name, query = scrub.typed_line(given["name"], 40), scrub.typed_line(given["q"], 400)
    team = user.teams.order_by("pk").first() if given["for_team"] and access.may(user, "assign cases") else None
    others = SavedView.objects.filter(person=user).exclude(name=name)
    if others.count() >= AT_MOST:
        messages.warning(request, _("You keep %(n)d already; forget one first.") % {"n": AT_MOST})
    else:
        about = {"query": query, "team": team}
        SavedView.objects.update_or_create(person=user, name=name, defaults=about)
        messages.success(request, _("It stands among your lists now."))
    return HttpResponseRedirect(lists.search_url(query))


@require_POST
@signed_in("see console")
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own from the lists."""
    found = SavedView.objects.filter(pk=pk, person=person(request)).first()
    if found is None:
        raise Http404("no such view of this person")
    found.delete()
    messages.success(request, _("It no longer stands among the lists."))
    return HttpResponseRedirect(reverse("agents:console"))
