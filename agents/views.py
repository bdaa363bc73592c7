"""The console: the pages and fragments that are read, and the moves on a conversation.

Each view loads through `agents.access`, calls one verb, and answers with the fragment that changed (htmx)
or sends the browser back (a plain form). Fragments have addresses of their own and are never cached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from redis import RedisError

from agents import access, bulk, cases, judgement
from agents.access import person, signed_in
from agents.cases import Refused
from agents.forms import BULK_AT_MOST, DISMISSALS, BulkForm, CloseForm, CorrectForm, PendingForm, TransferForm
from agents.models import User
from agents.pages import beside, composer, lists, thread
from mentions.models import Conversation, Mention, State

Context = dict[str, Any]

_NUMBER = re.compile(r"[0-9]{1,18}")


@require_GET
@signed_in("see console")
def console(request: HttpRequest) -> HttpResponse:
    """The desk, with the first list that has something in it."""
    views = lists.views(person(request))
    first = next((v for v in views if v.kind == "queue" and v.waiting), None)
    key = first.key if first else "unassigned"
    return _page(request, key)


@require_GET
@signed_in("see console")
def view(request: HttpRequest, key: str) -> HttpResponse:
    """One list, and no conversation open."""
    return _page(request, key)


@require_GET
@signed_in("see console")
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation open beside its list."""
    found = access.conversation_for(person(request), pk)
    return _page(request, _key(request, found), found)


@require_GET
@signed_in("see console")
def search(request: HttpRequest) -> HttpResponse:
    """What a search found, where the list stands otherwise."""
    found = lists.find(person(request), request.GET.get("q", ""))
    return _page(request, "unassigned", search=found)


@require_GET
@signed_in("see console")
def queues(request: HttpRequest) -> HttpResponse:
    """The navigation with its counts."""
    user = person(request)
    found = lists.views(user)
    current = next((v for v in found if v.key == request.GET.get("view")), None)
    return fragment(request, "agents/console.html#queues", {"views": found, "view": current})


@require_GET
@signed_in("see console")
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """One list; a queue's is rendered once a version for everybody who may see it."""
    user = person(request)
    if key in lists.CUTS:
        return fragment(request, "agents/console.html#list", {"listing": lists.listing(user, key)})
    queue = access.queue_for(user, key)
    asked = request.GET.get("state", "")
    state = asked if asked in lists.STATES else ""
    remembered = (
        f"list:{queue.pk}:{queue.version}:{state}:{request.LANGUAGE_CODE}:{timezone.get_current_timezone_name()}"
    )
    body = None
    with suppress(RedisError):  # a cache that is away costs time and not the page
        body = cache.get(remembered)
    if body is None:
        found = lists.listing(user, key, state=state)
        body = fragment(request, "agents/console.html#list", {"listing": found}).content
        with suppress(RedisError):
            cache.set(remembered, body, 5)
    return _uncached(HttpResponse(body))


@require_GET
@signed_in("see console")
def rows(request: HttpRequest) -> HttpResponse:
    """The rows of these conversations as they are now."""
    found = lists.by_ids(person(request), _numbers(request.GET.get("ids", "").split(",")))
    return fragment(request, "agents/console.html#rows", {"rows": found})


@require_GET
@signed_in("see console")
def pane(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation's head and thread, never its composer: what is refreshed while somebody writes."""
    user = person(request)
    found = access.conversation_for(user, pk)
    return fragment(request, "agents/console.html#pane", {"conversation": thread.head(found, user)})


@require_GET
@signed_in("see console")
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation whole, as a row opens it."""
    found = access.conversation_for(person(request), pk)
    return fragment(request, "agents/console.html#post", opened(request, found))


@require_POST
@signed_in("work cases")
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Become its owner."""
    return move(request, pk, lambda user: cases.claim(pk, by=user), _("Claimed."))


@require_POST
@signed_in("work cases")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it back."""
    return move(request, pk, lambda user: cases.release(pk, by=user), _("Back in its queue."))


@require_POST
@signed_in("work cases")
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """The owner is still at work: the lease runs on, and time in focus is counted."""
    user = person(request)
    found = access.conversation_for(user, pk)
    case = found.cases.filter(owner=user, ended_at=None).first()
    if case is not None:
        with suppress(Refused):  # taken over in this very moment, as the next reading will show
            cases.renew(case.pk, by=user, focused=request.POST.get("focused") == "1")
    return HttpResponse(status=204)


@require_POST
@signed_in("work cases")
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand it to another queue, or to a colleague of this one, with the reason as a note."""
    user = person(request)
    found = access.conversation_for(user, pk)
    form = TransferForm(request.POST)
    if not form.is_valid():
        return answer(request, found, status=422, errors=_errors(form))

    @transaction.atomic
    def hand_over(by: User) -> object:
        judgement.add_note(pk, text=form.cleaned_data["reason"], by=by)
        colleague = form.cleaned_data["person"]
        if colleague:
            to = access.colleagues(by, found.queue).filter(pk=colleague).first()
            if to is None:
                raise Refused(_("This colleague does not work the queue."))
            return cases.assign(pk, to=to, by=by)
        queue = access.any_queue(form.cleaned_data["queue"])
        return cases.transfer(pk, to=queue, by=by)

    return move(request, pk, hand_over, _("Handed over."))


@require_POST
@signed_in("assign cases")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """A supervisor makes somebody the owner, perhaps themselves."""
    user = person(request)
    found = access.conversation_for(user, pk)
    wanted = _numbers([request.POST.get("person", "")])
    to = access.colleagues(user, found.queue).filter(pk__in=wanted).first()
    if to is None:
        return answer(request, found, status=422, notice=_("Choose somebody who works this queue."))
    return move(request, pk, lambda by: cases.assign(pk, to=to, by=by), _("%(who)s has it now.") % {"who": to})


@require_POST
@signed_in("work cases")
def pending(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it wait for the customer or the bank."""
    user = person(request)
    form = PendingForm(request.POST, user=user)
    if not form.is_valid():
        return answer(request, access.conversation_for(user, pk), status=422, errors=_errors(form))
    wait = form.cleaned_data
    return move(
        request,
        pk,
        lambda by: cases.pend(pk, on=form.state(), until=wait["until"], note=wait["reason"], by=by),
        _("It wakes at the time you chose, or when the customer writes."),
    )


@require_POST
@signed_in("work cases")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it with a disposition."""
    user = person(request)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return answer(request, access.conversation_for(user, pk), status=422, errors=_errors(form))
    return move(
        request, pk, lambda by: cases.close(pk, disposition=form.cleaned_data["disposition"], by=by), _("Closed.")
    )


@require_POST
@signed_in("work cases")
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """No reply needed, spam, or not us; undone by the toast's button."""
    user = person(request)
    found = access.conversation_for(user, pk)
    why = DISMISSALS.get(request.POST.get("reason", ""))
    if why is None:
        return answer(request, found, status=422, notice=_("Choose why it needs no answer."))
    result = bulk.dismiss_many([pk], why=why, by=user)
    if result.taken:
        return answer(request, _again(found), status=409, notice=_("A colleague has it by now."))
    undo = reverse("agents:undo_action", args=[result.action.pk])
    return answer(request, _again(found), toast=str(cases.DISMISSALS[why][1]), undo=undo)


@require_POST
@signed_in("work cases")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Back into its queue."""
    return move(request, pk, lambda user: cases.reopen(pk, by=user), _("Open again."))


@require_POST
@signed_in("work cases")
def next_one(request: HttpRequest) -> HttpResponse:
    """Claim the most urgent one of the list, or of all the person's queues, and open it."""
    user = person(request)
    key = request.POST.get("view", "")
    queue = access.find_queue(user, key)
    case = cases.claim_next(by=user, queues=[queue.pk] if queue else None)
    if case is not None:
        return answer(request, access.conversation_for(user, case.conversation_id), view_key=key, moved=True)
    if not is_htmx(request):
        messages.info(request, _("Nothing waits here. Well done."))
        return HttpResponseRedirect(reverse("agents:view", args=[key]) if queue else reverse("agents:console"))
    mine = user.cases.filter(ended_at=None).count()
    return fragment(
        request,
        "agents/console.html#post",
        {
            "notice": {"level": "info", "text": _("Nothing waits here.")},
            "waiting_empty": ngettext("%(n)d of yours is still open.", "%(n)d of yours are still open.", mine)
            % {"n": mine}
            if mine
            else _("New conversations appear by themselves."),
        },
    )


@require_POST
@signed_in("work cases")
def bulk_action(request: HttpRequest) -> HttpResponse:
    """One action on all that are selected; what others hold stays theirs and is said."""
    user = person(request)
    form = BulkForm(request.POST)
    ids = _numbers(request.POST.getlist("ids"))[:BULK_AT_MOST]
    view_key = request.POST.get("view", "")
    known = view_key in lists.CUTS or access.find_queue(user, view_key) is not None
    back = reverse("agents:view", args=[view_key if known else "unassigned"])
    if not form.is_valid() or not ids:
        messages.warning(request, _("Select conversations first."))
        return HttpResponseRedirect(back)
    if form.cleaned_data["action"] == "claim":
        messages.success(request, _claim_all(user, ids))
        return HttpResponseRedirect(back)
    result = bulk.dismiss_many(ids, why=DISMISSALS[form.cleaned_data["action"]], by=user)
    said = ngettext("%(n)d done", "%(n)d done", len(result.action.done)) % {"n": len(result.action.done)}
    if result.taken:
        said += ngettext(", %(n)d was taken by a colleague", ", %(n)d were taken by colleagues", len(result.taken)) % {
            "n": len(result.taken)
        }
    request.session["undo"] = {"text": said, "url": reverse("agents:undo_action", args=[result.action.pk])}
    return HttpResponseRedirect(back)


@require_POST
@signed_in("work cases")
def undo_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last dismissal, single or in bulk."""
    try:
        back = bulk.undo_bulk(pk, by=person(request))
        said, level = ngettext("%(n)d is back", "%(n)d are back", back) % {"n": back}, "success"
    except Refused as refused:
        said, level = str(refused), "warning"
    if is_htmx(request):
        return _toast(HttpResponse(status=204), said, level)
    messages.add_message(request, messages.SUCCESS if level == "success" else messages.WARNING, said)
    return HttpResponseRedirect(_referred(request))


@require_POST
@signed_in("work cases")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word for a machine's label."""
    user = person(request)
    mention: Mention = access.mention_for(user, pk)
    form = CorrectForm(request.POST)
    found = access.conversation_for(user, mention.conversation_id or 0)
    if not form.is_valid():
        return answer(request, found, status=422, errors=_errors(form))
    judgement.correct(mention, field=form.cleaned_data["name"], value=form.label(), by=user)
    return answer(request, _again(found), toast=_("Corrected; your word counts from now on."))


def move(request: HttpRequest, pk: int, verb: Callable[[User], object], said: str) -> HttpResponse:
    """Load, do, and answer with what is true now; a lost race is a 409 that says who won."""
    user = person(request)
    found = access.conversation_for(user, pk)
    try:
        verb(user)
    except Refused as refused:
        return answer(request, _again(found), status=409, notice=str(refused))
    return answer(request, _again(found), toast=said)


def answer(
    request: HttpRequest,
    found: Conversation,
    *,
    status: int = 200,
    notice: str = "",
    toast: str = "",
    undo: str = "",
    view_key: str = "",
    moved: bool = False,
    **extra: Any,
) -> HttpResponse:
    """What a POST on a conversation answers: the fragment with htmx, a way back without."""
    url = reverse("agents:conversation", args=[found.pk])
    if not is_htmx(request):
        if status in (409, 422):
            said = notice or " ".join(extra.get("errors", {}).values())
            return _page(request, view_key or _key(request, found), found, status=status, notice=said, **extra)
        if undo:
            request.session["undo"] = {"text": toast, "url": undo}
        elif toast:
            messages.success(request, toast)
        return HttpResponseRedirect(url)
    user = person(request)
    context = opened(request, found, **extra)
    if notice:
        context["notice"] = {"level": "warning", "text": notice}
    visible = access.conversations_for(user).filter(pk=found.pk).exists()
    context["row"] = next(iter(lists.by_ids(user, [found.pk])), None) if visible else None
    response = fragment(request, "agents/console.html#post", context, status=status)
    if moved:
        response["HX-Push-Url"] = url
    return _toast(response, toast, "success", undo) if toast else response


def opened(
    request: HttpRequest, found: Conversation, writing: composer.Composer | None = None, **extra: Any
) -> Context:
    """The context of an open conversation; `writing` is a composer that must not be read anew."""
    user = person(request)
    return {
        "conversation": thread.head(found, user),
        "composer": writing or composer.composer(found, user, mode=request.GET.get("mode", "")),
        "why_read_only": composer.why_read_only(found, user),
        "context": beside.context(found, user),
        "can_work": access.may(user, "work cases"),
        **extra,
    }


def fragment(request: HttpRequest, template: str, context: Context, *, status: int = 200) -> HttpResponse:
    """A part of a page, never kept by anybody on the way."""
    return _uncached(render(request, template, context, status=status))


def is_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is wanted instead of a page."""
    return bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]


def _page(
    request: HttpRequest,
    key: str,
    found: Conversation | None = None,
    *,
    status: int = 200,
    notice: str = "",
    search: lists.Found | None = None,
    **extra: Any,
) -> HttpResponse:
    user = person(request)
    views = lists.views(user)
    current = next((v for v in views if v.key == key), None) or next(v for v in views if v.key == "unassigned")
    if key not in lists.CUTS:
        access.queue_for(user, key)
    context: Context = {
        "views": views,
        "view": current,
        "listing": lists.listing(user, key, state=request.GET.get("state", ""), after=request.GET.get("after", "")),
        "search": search,
        "can_work": access.may(user, "work cases"),
    }
    if found is not None:
        context |= opened(request, found, **extra)
    if notice:
        context["notice"] = {"level": "warning", "text": notice}
    return _uncached(render(request, "agents/console.html", context, status=status))


def _numbers(given: Iterable[str]) -> list[int]:
    """Those that can be somebody's key."""
    return [int(part) for part in given if _NUMBER.fullmatch(part)]


def _key(request: HttpRequest, found: Conversation) -> str:
    """The list that stays beside an open conversation."""
    user = person(request)
    wanted = request.POST.get("view") or request.GET.get("view", "")
    if wanted in lists.CUTS or access.find_queue(user, wanted) is not None:
        return wanted
    if found.state != State.CLOSED and access.queues_for(user).filter(pk=found.queue_id).exists():
        return found.queue.slug
    return "mine"


def _again(found: Conversation) -> Conversation:
    """The conversation as it is after a verb, also when the verb moved it out of the person's sight."""
    return Conversation.objects.select_related("author", "source", "queue", "rule").get(pk=found.pk)


def _claim_all(user: User, ids: list[int]) -> str:
    done = taken = 0
    for found in access.conversations_for(user).filter(pk__in=ids):
        try:
            cases.claim(found.pk, by=user)
            done += 1
        except Refused:
            taken += 1
    said = ngettext("%(n)d claimed", "%(n)d claimed", done) % {"n": done}
    return said + (_(", %(n)d were taken by colleagues") % {"n": taken} if taken else "")


def _errors(form: Any) -> dict[str, str]:
    return {name: str(found[0]) for name, found in form.errors.items()}


def _referred(request: HttpRequest) -> str:
    """Back to the console page this came from, and nowhere else."""
    path = request.headers.get("Referer", "").partition(request.get_host())[2]
    return path if path.startswith("/console/") else reverse("agents:console")


def _toast(response: HttpResponse, text: str, level: str, undo: str = "") -> HttpResponse:
    toast = {"text": text, "level": level} | ({"undo": undo} if undo else {})
    response["HX-Trigger"] = json.dumps({"toast": toast})
    return response


def _uncached(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, no_store=True)
    patch_vary_headers(response, ["HX-Request"])
    return response
