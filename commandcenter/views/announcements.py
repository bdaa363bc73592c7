"""`/screens/notices/`: what strangers read on the bank's screens, written by one person and confirmed by another."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.access import person, signed_in
from agents.cases import Refused
from commandcenter import announcing, periods
from commandcenter.announcing import ACTION, Announcement, Wanted
from commandcenter.models import Campaign, Incident, Notice, Room
from commandcenter.scenes import _wording, notice
from mentions import scrub

PAST: Final = 20
# What a picture holds that is read from across the street, and from nearby, in small letters.
TITLE_WIDE, TEXT_WIDE = 66, 176
_MOMENT: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class NoticeForm(forms.Form):
    """Two texts, until when, and where."""

    title = forms.CharField(
        max_length=60,
        label=gettext_lazy("What everybody reads"),
        help_text=gettext_lazy("Up to sixty letters: from across the street only this can be read."),
        error_messages={"required": gettext_lazy("Write what everybody shall read.")},
    )
    text = forms.CharField(
        max_length=160,
        required=False,
        label=gettext_lazy("What stands below"),
        help_text=gettext_lazy("For those who come near. Both texts pass the guard."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    starts_at = forms.DateTimeField(
        required=False,
        input_formats=_MOMENT,
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Empty: as soon as a second person has confirmed it."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    ends_at = forms.DateTimeField(
        input_formats=_MOMENT,
        label=gettext_lazy("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        error_messages={"required": gettext_lazy("Say until when it is shown.")},
    )
    rooms = forms.ModelMultipleChoiceField(
        Room.objects.select_related("site"),
        required=False,
        label=gettext_lazy("Rooms"),
        widget=forms.CheckboxSelectMultiple,
    )
    incident = forms.ModelChoiceField(
        Incident.objects.filter(closed_at=None, drill=None),
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": gettext_lazy(
                "The incident is closed, and its notices ended with it. Write one that belongs to no incident."
            )
        },
    )

    def clean_title(self) -> str:
        """In one line, and no wider than a street screen holds."""
        return _fitting(scrub.typed_line(self.cleaned_data["title"], 60), TITLE_WIDE)

    def clean_text(self) -> str:
        """In one line, and no wider than a screen holds."""
        return _fitting(scrub.typed_line(self.cleaned_data["text"], 160), TEXT_WIDE)


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """A hashtag with its days."""

    class Meta:
        model = Campaign
        fields = ("name", "hashtag", "first_day", "last_day", "target", "public")
        labels = {
            "name": gettext_lazy("Name"),
            "hashtag": gettext_lazy("Hashtag"),
            "first_day": gettext_lazy("First day"),
            "last_day": gettext_lazy("Last day"),
            "target": gettext_lazy("Target"),
            "public": gettext_lazy("Strangers see it"),
        }
        widgets = {
            "first_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "last_day": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean_name(self) -> str:
        return scrub.typed_line(self.cleaned_data["name"], 80)

    def clean_hashtag(self) -> str:
        """One word, with or without its sign."""
        word = scrub.typed_line(self.cleaned_data["hashtag"], 80).lstrip("#")
        # A vowel sign or an accent of its own is a mark beside its letter, and a part of the word.
        if not any(one.isalnum() for one in word) or not all(_of_a_word(one) for one in word):
            raise forms.ValidationError(_("A hashtag is one word of letters and figures."))
        return f"#{word}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return cleaned


def _of_a_word(sign: str) -> bool:
    return sign == "_" or sign.isalnum() or unicodedata.category(sign).startswith("M") or sign in "\u200c\u200d"


def _fitting(text: str, wide: int) -> str:
    if _wording.width(text) > wide:
        raise forms.ValidationError(_("Too long for the screen: say it shorter."))
    return text


@require_safe
@never_cache
@signed_in(ACTION)
def index(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, what is shown and planned, and what was."""
    return _index(request)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in(ACTION)
def new_notice(request: HttpRequest) -> HttpResponse:
    """Write a notice, with a look at it on the way; `?of=` an earlier one whose words are wanted again."""
    form = NoticeForm(request.POST) if request.method == "POST" else NoticeForm(initial=_first_words(request))
    if request.method != "POST" or request.POST.get("answer") == "preview":
        return _notice_page(request, form)
    if not form.is_valid():
        return _notice_page(request, form, status=422)
    given, now = form.cleaned_data, timezone.now()
    wanted = Wanted(
        given["title"], given["text"], given["starts_at"] or now, given["ends_at"], given["rooms"], given["incident"]
    )
    try:
        announcing.notice(wanted, by=person(request), now=now)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _notice_page(request, form, status=422)
    messages.success(request, _("Strangers read it once a second person has confirmed it."))
    return HttpResponseRedirect(_back(given["incident"]))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in(ACTION)
def new_campaign(request: HttpRequest) -> HttpResponse:
    """A hashtag that people are asked to use."""
    form = CampaignForm(request.POST or None, initial={"first_day": periods.bank_day(timezone.now())})
    if request.method == "POST" and form.is_valid():
        try:
            announcing.campaign(**form.cleaned_data, by=person(request))
        except Refused as refused:
            form.add_error(None, str(refused))
            return render(request, "commandcenter/notices/campaign.html", {"form": form}, status=422)
        said = _("Strangers see it once a second person has confirmed it.") if form.cleaned_data["public"] else ""
        messages.success(request, said or _("The walls of the house show it from its first day."))
        return HttpResponseRedirect(reverse("commandcenter:notices"))
    status = 422 if form.is_bound else 200
    return render(request, "commandcenter/notices/campaign.html", {"form": form}, status=status)


@require_POST
@signed_in(ACTION)
def notice_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Confirm a notice as its second person, or end it."""
    return _deed(request, Notice.objects.select_related("incident").filter(pk=pk).first(), deed)


@require_POST
@signed_in(ACTION)
def campaign_deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Confirm a campaign as its second person, or end it."""
    return _deed(request, Campaign.objects.filter(pk=pk).first(), deed)


def _deed(request: HttpRequest, found: Announcement | None, deed: str) -> HttpResponse:
    if found is None or deed not in ("confirm", "end"):
        raise Http404("no such announcement or deed")
    try:
        if deed == "confirm":
            announcing.confirm(found, by=person(request))
            messages.success(request, _("Confirmed: strangers read “%(words)s”.") % {"words": found})
        else:
            announcing.end(found, by=person(request))
            messages.success(request, _("“%(words)s” leaves every screen within seconds.") % {"words": found})
    except Refused as refused:
        return _index(request, refused=str(refused), status=409)
    return HttpResponseRedirect(_back(getattr(found, "incident", None)))


def _back(incident: Incident | None) -> str:
    if incident is not None and incident.closed_at is None:
        return reverse("commandcenter:incident", args=[incident.pk])
    return reverse("commandcenter:notices")


def _first_words(request: HttpRequest) -> dict[str, Any]:
    until = timezone.localtime() + timedelta(hours=4)
    first: dict[str, Any] = {"ends_at": until.strftime(_MOMENT[0])}
    earlier = Notice.objects.filter(pk=_key(request.GET.get("of"))).first()
    if earlier is not None:
        first |= {"title": earlier.title, "text": earlier.text, "rooms": earlier.rooms.all()}
    incident = _key(request.GET.get("incident"))
    return first | {"incident": Incident.objects.filter(pk=incident, closed_at=None, drill=None).first()}


def _notice_page(request: HttpRequest, form: NoticeForm, status: int = 200) -> HttpResponse:
    title, text = (scrub.typed_line(form[name].value() or "", most) for name, most in (("title", 60), ("text", 160)))
    context = {
        "form": form,
        "preview": {"title": title or settings.BANK_NAME, "text": text},
        "size": notice.size(title, text),
        "rooms": Room.objects.count(),
        "incident": Incident.objects.filter(pk=_key(form["incident"].value())).first(),
        "zone": timezone.get_current_timezone_name(),
    }
    return render(request, "commandcenter/notices/notice.html", context, status=status)


def _key(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _index(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    now, me = timezone.now(), person(request)
    notices = announcing.standing(now).select_related("asked_by", "confirmed_by", "incident")
    today = periods.bank_day(now)
    running = Campaign.objects.filter(last_day__gte=today, ended_at=None).select_related("asked_by", "confirmed_by")
    standing = {row.pk for row in notices}
    over = Notice.objects.exclude(pk__in=standing).select_related("asked_by", "confirmed_by", "ended_by")
    pages = Paginator(over.order_by("-pk"), PAST)
    context = {
        "notices": [shown(row, now) for row in notices.prefetch_related("rooms__site").order_by("pk")],
        "campaigns": [_shown_campaign(row, now) for row in running],
        "past": pages.get_page(request.GET.get("page")),
        "past_campaigns": Campaign.objects.filter(Q(last_day__lt=today) | Q(ended_at__isnull=False))
        .select_related("asked_by", "confirmed_by", "ended_by")
        .order_by("-pk")[:PAST],
        "no_street": not Room.objects.filter(closed_at=None).aggregate(n=Count("screens"))["n"],
        "me": me.pk,
        "refused": refused,
    }
    return render(request, "commandcenter/notices/index.html", context, status=status)


def shown(row: Notice, now: datetime) -> dict[str, Any]:
    """A notice that is not over, as pages list it: `waits` for a second person, `state` and `words` where it stands."""
    begun = row.starts_at <= now
    where = ("risk", _("Waits for a second person")) if row.confirmed_by_id is None else ("ok", _("Shown"))
    if row.confirmed_by_id is not None and not begun:
        where = ("none", _("Planned"))
    return {
        "it": row,
        "waits": row.confirmed_by_id is None,
        "state": where[0],
        "words": where[1],
        "size": notice.size(row.title, row.text),
        "rooms": ", ".join(str(room) for room in row.rooms.all()),
        "begun": begun,
    }


def _shown_campaign(row: Campaign, now: datetime) -> dict[str, Any]:
    begun = row.first_day <= periods.bank_day(now)
    waits = row.public and row.confirmed_by_id is None
    words = _("Waits for a second person") if waits else _("Runs") if begun else _("Planned")
    return {"it": row, "waits": waits, "state": "risk" if waits else "ok" if begun else "none", "words": words}
