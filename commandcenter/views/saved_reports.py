"""Pages of saved reports: keep one, share it, have it mailed, stop that, leave its list, let it go."""

from __future__ import annotations

import re

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from agents import access
from agents.models import User
from commandcenter import reports, saved
from commandcenter.models import SavedReport
from commandcenter.reports import wording
from commandcenter.reports.asking import Unclear
from mentions.events import Actor


class SaveForm(forms.Form):
    """What it is called, who reads it, and when it is mailed."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    report = forms.SlugField(widget=forms.HiddenInput, max_length=40)
    query = forms.CharField(widget=forms.HiddenInput, required=False)
    replace = forms.BooleanField(label=gettext_lazy("In the place of the one that has this name"), required=False)
    shared = forms.BooleanField(label=gettext_lazy("Share with everybody who may see reports"), required=False)
    every = forms.ChoiceField(label=gettext_lazy("Mail it"), choices=SavedReport.Every.choices, required=False)
    at = forms.TimeField(label=gettext_lazy("At, on the bank's clock"), initial="07:00")
    readers = forms.ModelMultipleChoiceField(
        label=gettext_lazy("To"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    taken = False  # whether the name is, and replacing can be chosen

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        readers = User.objects.filter(is_active=True, role__in=access.ACTIONS["see reports"]).exclude(email="")
        field = self.fields["readers"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = readers.order_by("first_name", "last_name")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access.signed_in("see reports")
def index(request: HttpRequest) -> HttpResponse:
    """What is saved, and the form for one more."""
    person = access.person(request)
    if request.method == "POST":
        form = SaveForm(request.POST)
        if form.is_valid() and _keep(form, person):
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("commandcenter:saved"))
        return _page(request, person, form, status=422)
    report = request.GET.get("report", "")
    known = report in reports.every() or report == SavedReport.BRIEF
    initial = {"report": report, "query": request.GET.get("query", "")}
    return _page(request, person, SaveForm(initial=initial) if known else None)


@require_POST
@access.signed_in("see reports")
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go of a report of one's own."""
    person = access.person(request)
    found = SavedReport.objects.filter(pk=pk, owner=person).first()
    if found is None:
        raise Http404(_("There is no such report."))
    saved.forget(found, by=person)
    messages.success(request, _("It is no longer saved."))
    return HttpResponseRedirect(reverse("commandcenter:saved"))


@require_POST
@access.signed_in("see reports")
def schedule(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """`leave` the list of readers, `stop` the mails to all of them, or have them `go-on`."""
    person = access.person(request)
    found = saved.for_person(person).filter(pk=pk).first()
    if found is None or deed not in ("leave", "stop", "go-on"):
        raise Http404(_("There is no such report."))
    if deed == "leave":
        saved.leave(found, person)
        messages.success(request, _("You are not mailed “%(name)s” any more.") % {"name": found.name})
    elif not saved.may_stop(found, person):
        raise Http404(_("There is no such report."))
    elif deed == "stop":
        saved.stop(found, by=Actor.person(person.pk))
        messages.success(request, _("“%(name)s” is mailed to nobody until it goes on.") % {"name": found.name})
    elif saved.orphaned(found):
        why = _("%(owner)s may not see reports any more. Save the report as your own to have it mailed again.")
        messages.error(request, why % {"owner": found.owner})
    else:
        saved.go_on(found, timezone.now(), by=person)
        messages.success(request, _("“%(name)s” is mailed again.") % {"name": found.name})
    return HttpResponseRedirect(reverse("commandcenter:saved"))


def _keep(form: SaveForm, person: User) -> bool:
    told = form.cleaned_data
    if not re.fullmatch(r"[a-z-]+", told["report"]):
        form.add_error(None, _("There is no such report."))
        return False
    try:
        saved.save(
            by=person,
            name=told["name"],
            report=told["report"],
            query=told["query"],
            shared=told["shared"],
            every=told["every"],
            at_minute=told["at"].hour * 60 + told["at"].minute,
            readers=list(told["readers"]),
            now=timezone.now(),
            replace=told["replace"],
        )
    except saved.NameTaken:
        form.taken = True
        form.add_error(None, _("You have saved one of this name already: choose another, or put this in its place."))
        return False
    except (Unclear, Http404) as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _page(request: HttpRequest, person: User, form: SaveForm | None, *, status: int = 200) -> HttpResponse:
    now = timezone.now()
    titles = {key: str(one.title) for key, one in reports.every().items()} | {SavedReport.BRIEF: str(_("The brief"))}
    kept = [
        {
            "it": one,
            "title": titles.get(one.report, one.report),
            "url": saved.url(one, now),
            "own": one.owner_id == person.pk,
            "readers": ", ".join(str(reader) for reader in one.readers.all()),
            "reads": bool(one.every) and person in one.readers.all(),
            "stops": saved.may_stop(one, person),
            "orphaned": bool(one.every) and saved.orphaned(one),
            "next": wording.stamp(one.next_at) if one.next_at else "",
            "mails": saved.latest_mails(one) if one.owner_id == person.pk else [],
        }
        for one in saved.for_person(person)
    ]
    about = str(form["report"].value() or "") if form is not None else ""
    context = {
        "kept": kept,
        "form": form,
        "about": titles.get(about, about),
        "brief": SavedReport.BRIEF,
    }
    return render(request, "commandcenter/reports/saved.html", context, status=status)
