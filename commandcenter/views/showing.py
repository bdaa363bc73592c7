"""What people give to the screens: posts that strangers may see, and the note for the next shift."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents import access
from agents.access import person, signed_in
from agents.models import Site
from commandcenter import displays
from commandcenter.displays import Post
from commandcenter.models import HandOver
from commandcenter.scenes import _posts, _wording
from mentions import events, scrub
from mentions.events import Actor

NOTE_ACROSS, NOTE_LINES = 33, 8  # what a site's column of the wall holds


@require_safe
@never_cache
@signed_in("approve posts")
def posts(request: HttpRequest) -> HttpResponse:
    """`/screens/posts/`: what strangers see, and what they might."""
    return _page(request)


@require_POST
@signed_in("approve posts")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let strangers see a post as it was read on the page."""
    mention = access.mention_for(person(request), pk)
    try:
        displays.approve(mention.pk, digest=request.POST.get("digest", ""), by=person(request))
    except displays.Refused as refused:
        return _page(request, refused=str(refused), status=409)
    messages.success(request, _("Strangers will see it once it is a quarter of an hour old."))
    return HttpResponseRedirect(reverse("commandcenter:posts"))


@require_POST
@signed_in("approve posts")
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a post from every street screen."""
    if displays.take_down(pk, by=person(request)):
        messages.success(request, _("It leaves every screen within seconds."))
    return HttpResponseRedirect(reverse("commandcenter:posts"))


def _page(request: HttpRequest, *, refused: str = "", status: int = 200) -> HttpResponse:
    now = timezone.now()
    shown = {post.id for post in displays.public(now)}
    offered = [_offer(post) for post in displays.candidates(person(request), now)]
    standing = [_shown(row, row["id"] in shown) for row in displays.standing()]
    faces = displays.faces(row["post"] for row in [*standing, *offered] if row["post"])
    for row in [*standing, *offered]:
        row["face"] = faces.get(row["post"].face, "") if row["post"] else ""
    about = {"shown": standing, "offered": offered}
    return render(request, "commandcenter/screens/posts.html", {**about, "refused": refused}, status=status)


def _offer(post: Post) -> dict[str, Any]:
    return {"post": post, "title": _posts.network_title(post.network), "fits": _posts.fits(post.text)}


def _shown(row: dict[str, Any], is_shown: bool) -> dict[str, Any]:
    """An approved post with why it is on no screen at this moment, if so."""
    why = ""
    if row["post"] is None:
        why = _("It was deleted, or may not be shown any more.")
    elif row["post"].digest != row["digest"]:
        why = _("It was changed after the approval, or its author has another picture. Read it again.")
    elif not _posts.fits(row["post"].text):
        why = _("It is too long to be shown whole.")
    elif not is_shown:
        why = _("It waits until it is a quarter of an hour old, or its seven days are over.")
    return {**row, "why": why, "title": _posts.network_title(row["post"].network) if row["post"] else ""}


class HandOverForm(forms.Form):
    """A note for those who come, short enough to be read on the wall."""

    site = forms.ModelChoiceField(Site.objects.order_by("name"), empty_label=None, label=gettext_lazy("Site"))
    text = forms.CharField(
        max_length=280,
        label=gettext_lazy("Note"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Write the note first.")},
    )

    def clean_text(self) -> str:
        """Without private numbers, and no longer than the wall holds."""
        text = scrub.typed(self.cleaned_data["text"])
        if _wording.lines(text, NOTE_ACROSS) > NOTE_LINES:
            raise forms.ValidationError(_("Too long for the wall: say it shorter."))
        return text


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in("hand over")
def hand_over(request: HttpRequest) -> HttpResponse:
    """`/screens/shift/`: the note that the next shift reads on the wall."""
    user = person(request)
    form = HandOverForm(request.POST if request.method == "POST" else None, initial={"site": user.site_id})
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        with transaction.atomic():
            note = HandOver.objects.create(
                site=form.cleaned_data["site"], text=form.cleaned_data["text"], author=user, at=now
            )
            data = {"site": note.site_id, "note": note.pk}
            events.record("shift.handed_over", at=now, by=Actor.person(user.pk), data=data)
        messages.success(request, _("The next shift reads it on the wall."))
        return HttpResponseRedirect(reverse("commandcenter:hand_over"))
    recent = HandOver.objects.select_related("site", "author").order_by("-at")[:10]
    status = 422 if form.errors else 200
    about = {"form": form, "recent": recent, "may_approve": access.may(user, "approve posts")}
    return render(request, "commandcenter/screens/shift.html", about, status=status)
