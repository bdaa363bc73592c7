"""A second person's pages: replies and posts of our own that wait for approval, and the freeze of all sending."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from agents import access, amendments, apart, approving, foreign, freeze
from agents.access import person, signed_in
from agents.cases import Refused
from agents.desk import lists, words
from agents.desk.shown import shown
from agents.desk.thread import writer
from agents.models import Amendment, Approval, Freeze, Reply, ReplyState, User
from mentions import naming
from mentions.models import MentionContent

RECENT = 10
AT_ONCE = 100


@require_GET
@signed_in("approve replies")
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a second person."""
    return _approvals(request)


@require_POST
@signed_in("approve replies")
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let exactly this text go."""
    reply, said = access.reply_for(person(request), pk), _("Approved; it leaves at its time, after the time to undo.")
    return _decide(request, str(pk), partial(approving.approve, reply), said)


@require_POST
@signed_in("approve replies")
def return_(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it back to its author with a reason."""
    verb = partial(approving.return_, access.reply_for(person(request), pk), reason=request.POST.get("reason", ""))
    return _decide(request, str(pk), verb, _("Returned to its author."))


@require_POST
@signed_in("approve replies")
def approve_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let exactly these words take the place of the old ones."""
    change = access.amendment_for(person(request), pk)
    said = _("Approved; the words are changed after the time to undo.")
    return _decide(request, f"edit-{pk}", partial(amendments.approve, change), said)


@require_POST
@signed_in("approve replies")
def return_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the old words standing, and say why."""
    change = access.amendment_for(person(request), pk)
    verb = partial(amendments.return_, change, reason=request.POST.get("reason", ""))
    return _decide(request, f"edit-{pk}", verb, _("Returned to its author."))


def _decide(request: HttpRequest, key: str, verb: Callable[..., object], said: str) -> HttpResponse:
    """A second person's word on what they read; what stands against it is shown beside it."""
    try:
        verb(digest=request.POST.get("digest", ""), by=person(request))
    except Refused as refused:
        return _approvals(request, {key: str(refused)}, status=409)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("agents:approvals"))


@require_GET
@signed_in("freeze sending")
def frozen(request: HttpRequest) -> HttpResponse:
    """Whether sending is frozen, by whom, and who wants to lift it."""
    return _frozen(request)


@require_POST
@signed_in("freeze sending")
def freeze_all(request: HttpRequest) -> HttpResponse:
    """Stop everything that leaves."""
    freeze.start(by=person(request), reason=request.POST.get("reason", ""))
    messages.warning(request, _("All sending is frozen."))
    return HttpResponseRedirect(reverse("agents:freeze"))


@require_POST
@signed_in("freeze sending", anew=("POST",))
def lift(request: HttpRequest) -> HttpResponse:
    """One of the two who let sending go on."""
    try:
        lifted = freeze.lift(by=person(request))
    except Refused as refused:
        return _frozen(request, status=409, notice=str(refused))
    messages.success(request, _("Sending goes on.") if lifted.lifted_at else _("A second person has to lift it too."))
    return HttpResponseRedirect(reverse("agents:freeze"))


def _approvals(request: HttpRequest, errors: dict[str, str] | None = None, *, status: int = 200) -> HttpResponse:
    user = person(request)
    now = timezone.now()
    related = ("conversation__author", "conversation__source", "target__author", "original__team", "original__token")
    own = Reply.objects.filter(state=ReplyState.AWAITING_APPROVAL, author=user)
    own = own.select_related("author", "source", *related).prefetch_related("pictures")
    waiting = access.replies_to_approve(user).select_related(*related).prefetch_related("pictures")
    edits = Amendment.objects.filter(state=Amendment.State.AWAITING_APPROVAL, person=user).select_related("reply")
    others = access.edits_to_approve(user)
    told = [_asked(reply, user, now) for reply in [*waiting[:AT_ONCE], *own]]
    told += [_reworded(change, user, now) for change in [*others[:AT_ONCE], *edits]]
    for one in told:  # what was written about one that could not be decided is not written twice
        one["reason"] = request.POST.get("reason", "") if one["key"] in (errors or {}) else ""
    recent = Approval.objects.select_related("person", "reply__conversation", "reply__original").order_by("-pk")
    if not access.sees_all(user):
        seen = Q(reply__conversation__queue__in=access.queues_for(user).values("pk"))
        recent = recent.filter(seen | Q(reply__original__team__in=user.teams.values("pk")))
    context = {
        "approvals": told,
        "more": max(waiting.count() - AT_ONCE, 0) + max(others.count() - AT_ONCE, 0),
        "recent": [_decided(approval) for approval in recent[:RECENT]],
        "errors": errors or {},
        "gone": [why for key, why in (errors or {}).items() if key not in {one["key"] for one in told}],
    }
    return render(request, "agents/approvals.html", context, status=status)


def _asked(reply: Reply, user: User, now: Any) -> dict[str, Any]:
    return {
        "key": str(reply.pk),
        "approve": reverse("agents:approve", args=[reply.pk]),
        "return": reverse("agents:return", args=[reply.pk]),
        "digest": reply.digest,
        "author": lists.person(reply.author),
        "account": naming.handle(reply.source.handle) or reply.source.name,
        "visibility": reply.visibility,
        "text": reply.text,
        "pictures": shown(reply.pictures.all()),
        "findings": reply.findings,
        "asked_at": reply.submitted_at,
        "mine": reply.author_id == user.pk,
        "why_not": _("Nobody approves their own reply.")
        if reply.author_id == user.pk
        else apart.why_not(user, reply.author, now=now),
        **(_answer(reply, now) if reply.conversation_id is not None else _own(reply)),
    }


def _reworded(change: Amendment, user: User, now: Any) -> dict[str, Any]:
    """New words for a sent reply, in the place of a reply that waits."""
    mine = change.person_id == user.pk
    return _asked(change.amended, user, now) | {
        "key": f"edit-{change.pk}",
        "approve": reverse("agents:approve_edit", args=[change.pk]),
        "return": reverse("agents:return_edit", args=[change.pk]),
        "digest": change.digest,
        "author": lists.person(change.person),
        "before": change.before,
        "text": change.text,
        "findings": change.findings,
        "asked_at": change.asked_at,
        "mine": mine,
        "why_not": _("Nobody approves their own reply.") if mine else apart.why_not(user, change.person, now=now),
    }


def _answer(reply: Reply, now: Any) -> dict[str, Any]:
    conversation, target = reply.place, reply.answered
    content = MentionContent.objects.filter(pk=target.pk).first()
    return {
        "conversation": {
            "number": conversation.number,
            "url": reverse("agents:conversation", args=[conversation.pk]),
            "author_name": conversation.author.name or conversation.author.handle,
            "network": conversation.source.network,
            "network_title": naming.network(conversation.source.network),
        },
        "to_words": _("to %(whom)s") % {"whom": writer(target.author).called},
        "mention_text": content.text if content else naming.gone(target.external_id),
        "due": words.due(conversation, now),
    }


def _own(reply: Reply) -> dict[str, Any]:
    original = reply.original
    return {
        "original": {
            "title": original.title,
            "kind": original.get_kind_display(),
            "team": original.team.name,
            "leave_at": original.leave_at,
            "network": reply.source.network,
            "network_title": naming.network(reply.source.network),
            "program": original.token.name if original.token is not None else "",
        },
        "to_words": _("to everybody"),
    }


def _decided(approval: Approval) -> dict[str, Any]:
    reply = approval.reply
    if reply.conversation is None:
        said = (
            _("%(who)s approved the post %(title)s") if approval.approved else _("%(who)s returned the post %(title)s")
        )
        return {"words": said % {"who": approval.person, "title": reply.original.title}, "at": approval.at, "url": ""}
    said = (
        _("%(who)s approved a reply in %(number)s")
        if approval.approved
        else _("%(who)s returned a reply in %(number)s")
    )
    return {
        "words": said % {"who": approval.person, "number": reply.conversation.number},
        "at": approval.at,
        "url": reverse("agents:conversation", args=[reply.conversation.pk]),
    }


def _frozen(request: HttpRequest, *, status: int = 200, notice: str = "") -> HttpResponse:
    user = person(request)
    now = freeze.current()
    held = Reply.objects.filter(state__in=[ReplyState.HELD, ReplyState.SENDING]).count()
    first = freeze.wants_it_lifted(now) if now is not None else None
    own_consent = first == user
    consents = [{"name": str(first), "at": now.first_lift_at}] if now is not None and first is not None else []
    context = {
        "freeze": {
            "active": now is not None,
            "since": now.started_at if now else None,
            "by": str(now.started_by) if now else "",
            "reason": now.reason if now else "",
            "held": held,
            "consents": consents,
            "needed": 2,
            "can_freeze": now is None,
            "can_lift": now is not None and not own_consent,
            "why_not": _("You have agreed; a second person has to lift it.") if own_consent else None,
        },
        "foreign": foreign.unexplained()[:RECENT],
        "history": [{"at": past.lifted_at, "words": _past(past)} for past in _last_freezes()],
        "notice": {"level": "warning", "text": notice} if notice else None,
    }
    return render(request, "agents/freeze.html", context, status=status)


def _last_freezes() -> list[Freeze]:
    past = Freeze.objects.filter(lifted_at__isnull=False).select_related("started_by", "first_lift_by", "lifted_by")
    return list(past.order_by("-pk")[:RECENT])


def _past(past: Freeze) -> str:
    assert past.lifted_at is not None
    minutes = max(1, int((past.lifted_at - past.started_at).total_seconds() // 60))
    lasted = ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    people = {"by": past.started_by, "one": past.first_lift_by, "other": past.lifted_by, "lasted": lasted}
    return _("Frozen by %(by)s for %(lasted)s, lifted by %(one)s and %(other)s") % people
