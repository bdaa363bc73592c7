"""`/posts/`: posts of our own, from the first word to the network's confirmation, and what holds them.

The verbs are those of `agents.originals`, `agents.replies` and `agents.outcomes`; here they meet the incidents and
campaigns that a post may be for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from agents import access, addresses, amendments, attaching, hold, originals, outbox, outcomes, pictures, replies
from agents.access import person, signed_in
from agents.cases import Refused
from agents.desk import changes
from agents.desk.shown import shown
from agents.forms import NewWordsForm, said_of_pictures
from agents.models import Approval, Original, Reply, ReplyState, User
from agents.views.answers import numbers
from commandcenter.models import Campaign, Incident
from commandcenter.posting_forms import PostForm
from mentions import naming, scrub
from mentions.models import Visibility

AT_ONCE = 30
MOST = 100
_CHIPS = {
    ReplyState.SENT: ("ok", "shape-ok"),
    ReplyState.FAILED: ("late", "shape-late"),
    ReplyState.UNKNOWN: ("risk", "shape-risk"),
    ReplyState.AWAITING_APPROVAL: ("risk", "shape-risk"),
}
_SAID: dict[str, Callable[[], str]] = {
    ReplyState.DRAFT: lambda: _("Draft"),
    ReplyState.AWAITING_APPROVAL: lambda: _("Waits for a second person"),
    ReplyState.HELD: lambda: _("Planned"),
    ReplyState.SENDING: lambda: _("On its way"),
    ReplyState.SENT: lambda: _("Sent"),
    ReplyState.FAILED: lambda: _("Not sent"),
    ReplyState.UNKNOWN: lambda: _("Nobody knows yet whether it went out"),
    ReplyState.RETRACTED: lambda: _("Retracted"),
}


@require_safe
@never_cache
@signed_in("see posts")
def index(request: HttpRequest) -> HttpResponse:
    """What is planned, what waits, what was sent, and what holds it all."""
    return _index(request)


@require_safe
@never_cache
@signed_in("write posts")
def new(request: HttpRequest) -> HttpResponse:
    """An empty one."""
    user = person(request)
    return _form(request, PostForm(user=user, initial={"client_key": uuid4()}))


@require_safe
@never_cache
@signed_in("see posts")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: its author's draft to go on with, anything else to look at."""
    user = person(request)
    found = access.original_for(user, pk)
    if found.reply.state == ReplyState.DRAFT and access.may(user, "write posts"):
        return _form(request, PostForm(user=user, initial=PostForm.initial_of(found)), found)
    return _one(request, found)


@require_POST
@signed_in("write posts")
def write(request: HttpRequest) -> HttpResponse:
    """Keep it as a draft, put pictures into that or take one out, or ask a second person for their word."""
    user = person(request)
    form = PostForm(request.POST, user=user)
    key = form["client_key"].value()
    if not form.is_valid():
        return _form(request, form, _standing(key, user), status=422)
    wanted, deed = form.wanted(said_of_pictures(request.POST)), request.POST.get("deed", "")
    added = [(file.read(), "") for file in request.FILES.getlist("pictures")]
    out = numbers([deed.removeprefix("out-")] if deed.startswith("out-") else [])
    verb = originals.submit if deed == "submit" else originals.save
    key = form.cleaned_data["client_key"]
    try:
        if added or out:
            draft = attaching.in_post(wanted, added=added, out=out, client_key=key, by=user)
            return HttpResponseRedirect(f"{reverse('commandcenter:own_post', args=[draft.pk])}#pictures")
        found = verb(wanted, client_key=key, by=user)
    except Refused as refused:
        return _form(request, form, _standing(key, user), status=409, notice=str(refused))
    if verb is originals.submit and found.reply.state == ReplyState.DRAFT:
        return _form(request, form, found, status=422, notice=_("Not submitted: the guard found this."))
    messages.success(request, _("It waits for a second person.") if verb is originals.submit else _("Kept as a draft."))
    return HttpResponseRedirect(reverse("commandcenter:own_posts"))


@require_POST
@signed_in("write posts")
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Take it back, open it again, retract it, throw it away, or settle what became of it."""
    user = person(request)
    found = access.original_for(user, pk)
    deeds: dict[str, tuple[Callable[[], object], str]] = {
        "take-back": (lambda: replies.undo(found.reply, by=user), _("Taken back; change it or leave it.")),
        "open-again": (lambda: originals.reopen(found, by=user), _("It is a draft again.")),
        "discard": (lambda: originals.discard(found, by=user), _("Thrown away.")),
        "retract": (lambda: amendments.retract(found.reply, by=user), _("The network is asked to take it back.")),
        "reword": (lambda: _reword(request, found, user), _("The new words wait for a second person.")),
        "leave-words": (lambda: _leave_words(found, user), _("The old words stay.")),
        "ask": (lambda: outbox.ask(pk), _("Asked the network.")),
        "went-out": (lambda: outcomes.resolve(found.reply, went_out=True, by=user), _("Noted: it went out.")),
        "not-out": (lambda: outcomes.resolve(found.reply, went_out=False, by=user), _("Noted: it did not go out.")),
    }
    if deed not in deeds:
        raise Http404("no such deed")
    verb, said = deeds[deed]
    try:
        verb()
    except Refused as refused:
        return _one(request, access.original_for(user, pk), status=409, notice=str(refused))
    messages.success(request, said)
    mine = deed in ("take-back", "open-again") and found.reply.author_id == user.pk
    return HttpResponseRedirect(
        reverse("commandcenter:own_post", args=[pk]) if mine else reverse("commandcenter:own_posts")
    )


@require_POST
@signed_in("run incidents")
def hold_all(request: HttpRequest) -> HttpResponse:
    """Stop everything that is scheduled."""
    hold.start(None, by=person(request))
    messages.warning(request, _("Everything that is scheduled is held. Replies go on."))
    return HttpResponseRedirect(reverse("commandcenter:own_posts"))


@require_POST
@signed_in("run incidents")
def lift(request: HttpRequest) -> HttpResponse:
    """Lift the hold that a person set; an incident's own is lifted in the incident."""
    hold.lift(None, by=person(request))
    messages.success(request, _("Lifted. What missed its time goes back to its author."))
    return HttpResponseRedirect(reverse("commandcenter:own_posts"))


def _reword(request: HttpRequest, found: Original, user: User) -> None:
    form = NewWordsForm(request.POST)
    if not form.is_valid():
        raise Refused(str(form.errors["text"][0]))
    amendments.reword(found.reply, text=form.cleaned_data["text"], by=user)


def _leave_words(found: Original, user: User) -> None:
    """Take back the new words that wait."""
    waiting = found.reply.amendments.filter(state__in=amendments.UNDER_WAY).first()
    if waiting is None:
        raise Refused(_("No new words wait."))
    amendments.undo(waiting, by=user)


def _index(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    user = person(request)
    seen = access.originals_for(user).select_related("reply__source", "reply__author", "team")
    asked = scrub.typed_line(request.GET.get("q", ""), 100)
    if asked:
        seen = seen.filter(Q(title__icontains=asked) | Q(reply__text__icontains=asked))
    on_the_way = (ReplyState.HELD, ReplyState.SENDING)
    planned = list(seen.filter(reply__state__in=on_the_way).order_by("reply__held_until", "pk")[:MOST])
    past = seen.filter(reply__state__in=(ReplyState.SENT, ReplyState.RETRACTED)).order_by("-reply__sent_at", "-pk")
    sent = Paginator(past, AT_ONCE).get_page(request.GET.get("page"))
    context = {
        "drafts": _rows(seen.filter(reply__state=ReplyState.DRAFT).order_by("-pk")[:MOST], user),
        "waiting": _rows(
            seen.filter(reply__state=ReplyState.AWAITING_APPROVAL).order_by("leave_at", "pk")[:MOST], user
        ),
        "days": [
            {"day": day, "posts": _rows(posts, user)} for day, posts in groupby(planned, lambda row: _day(row.reply))
        ],
        "troubled": _rows(seen.filter(reply__state__in=(ReplyState.FAILED, ReplyState.UNKNOWN)).order_by("-pk"), user),
        "sent": _rows(sent, user),
        "sent_page": sent,
        "q": asked,
        "found": seen.count() if asked else 0,
        "holds": _holds(),
        "held_by_hand": any(row.incident is None for row in hold.active()),
        "can_write": access.may(user, "write posts"),
        "can_hold": access.may(user, "run incidents"),
        "can_approve": access.may(user, "approve replies"),
    }
    return render(request, "commandcenter/posts/index.html", context, status=status)


def _form(
    request: HttpRequest, form: PostForm, found: Original | None = None, *, status: int = 200, notice: str = ""
) -> HttpResponse:
    reply = found.reply if found is not None else None
    said = said_of_pictures(request.POST)
    pictured = pictures.of(reply)
    for one in pictured:
        one.alt = said.get(one.pk, one.alt)
    context = {
        "pictures": shown(pictured),
        "most_bytes": settings.PICTURE_BODY_LIMIT,
        "form": form,
        "post": found,
        "returned": reply.returned_reason if reply else "",
        "findings": reply.findings if reply else [],
        "can_discard": reply is not None and reply.submitted_at is None,
        "zone": timezone.get_current_timezone_name(),
        "notice": notice,
        "limits": [_limit(choice) for choice in form.sources],
        "holds": _holds(),
    }
    return render(request, "commandcenter/posts/write.html", context, status=status)


def _standing(key: object, user: User) -> Original | None:
    """The draft that a refused form is about, whose pictures stand in it."""
    try:
        mine = access.originals_for(user).filter(reply__client_key=UUID(str(key)), reply__author=user)
    except ValueError:
        return None
    return mine.select_related("reply").first()


def _limit(source: Any) -> dict[str, Any]:
    counted = addresses.counted(source, Visibility.PUBLIC)
    return {
        "source": source.pk,
        "name": _account(source),
        "network": naming.network(source.network),
        "counted": counted,
        "pictures": addresses.limits_of(source).pictures,
    }


def _one(request: HttpRequest, found: Original, *, status: int = 200, notice: str = "") -> HttpResponse:
    user = person(request)
    told = list(found.reply.amendments.select_related("person").order_by("pk"))
    writes = access.may(user, "write posts") and (found.reply.author_id == user.pk or access.may(user, "assign cases"))
    editable = writes and changes.may_begin(found.reply, told)
    context = {
        "post": _row(found, user),
        "pictures": shown(pictures.of(found.reply)),
        "change": changes.of_reply(told, user),
        "earlier": changes.earlier(told),
        "counted": addresses.counted(found.reply.source, Visibility.PUBLIC) if editable else None,
        "wanted": request.POST.get("text", "") or found.reply.text,
        "approvals": Approval.objects.filter(reply=found.reply).select_related("person").order_by("pk"),
        "notice": notice,
        "holds": _holds(),
    }
    return render(request, "commandcenter/posts/one.html", context, status=status)


def _rows(found: Any, user: User) -> list[dict[str, Any]]:
    return [_row(row, user) for row in found]


def _row(original: Original, user: User) -> dict[str, Any]:
    reply = original.reply
    approval = Approval.objects.filter(reply=reply, approved=True).select_related("person").last()
    mine = reply.author_id == user.pk
    writes = access.may(user, "write posts")
    back = writes and (mine or access.may(user, "assign cases"))
    state, icon = _CHIPS.get(ReplyState(reply.state), ("done", ""))
    return {
        "id": original.pk,
        "title": original.title,
        "kind": original.get_kind_display(),
        "team": original.team.name,
        "author": str(reply.author),
        "account": _account(reply.source),
        "network": reply.source.network,
        "network_title": naming.network(reply.source.network),
        "text": reply.text,
        "state": reply.state,
        "chip": state,
        "icon": icon,
        "state_words": _SAID[reply.state](),
        "at": reply.sent_at or (reply.held_until if reply.state == ReplyState.HELD else original.leave_at),
        "retracted_at": reply.retracted_at,
        "approver": str(approval.person) if approval is not None else "",
        "held": reply.state in (ReplyState.HELD, ReplyState.AWAITING_APPROVAL) and _stopped(original),
        "reason": reply.error if reply.state in (ReplyState.HELD, ReplyState.SENDING, ReplyState.FAILED) else "",
        "returned": reply.returned_reason,
        "about": _about(original),
        "url": reply.url,
        "can": {
            "take_back": back and reply.state in (ReplyState.HELD, ReplyState.AWAITING_APPROVAL),
            "open_again": back and reply.state == ReplyState.FAILED and not originals.replaced(reply),
            "retract": writes and changes.may_retract(reply, reply.amendments.all(), user),
            "settle": writes and reply.state == ReplyState.UNKNOWN,
        },
    }


def _stopped(original: Original) -> bool:
    return any(row.incident is None or row.incident != original.incident for row in hold.active())


def _about(original: Original) -> dict[str, Any] | None:
    if original.incident is not None:
        incident = Incident.objects.filter(pk=original.incident).first()
        if incident is not None:
            return {"name": incident.name, "url": reverse("commandcenter:incident", args=[incident.pk])}
    if original.campaign is not None:
        campaign = Campaign.objects.filter(pk=original.campaign).first()
        return {"name": campaign.name, "url": ""} if campaign is not None else None
    return None


def _holds() -> list[dict[str, Any]]:
    found = hold.active()
    named = Incident.objects.in_bulk([row.incident for row in found if row.incident is not None])
    return [
        {
            "by": str(row.started_by),
            "at": row.started_at,
            "incident": named.get(row.incident) if row.incident is not None else None,
        }
        for row in found
    ]


def _account(source: Any) -> str:
    return f"@{source.handle}" if source.handle else str(source.name)


def _day(reply: Reply) -> datetime:
    at = reply.held_until or reply.created_at
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
