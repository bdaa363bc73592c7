"""The moves on a conversation: claim, hand over, let wait, close, dismiss, call back, in bulk or one at a time.

Each view loads through `agents.access`, calls one verb, and answers with the fragment that changed (htmx)
or sends the browser back (a plain form).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from agents import access, bulk, cases, joining, judgement, staleness
from agents.access import person, signed_in
from agents.cases import Refused
from agents.desk import lists, thread
from agents.forms import BULK_AT_MOST, DISMISSALS, CloseForm, CorrectForm, PendingForm, TransferForm
from agents.models import User
from agents.staleness import Stale
from agents.views.answers import after, answer, errors_of, fragment, is_htmx, numbers, picked
from mentions.events import Actor
from mentions.models import Mention


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
    """Hand it to another queue, to a colleague, or to a colleague of another queue, with the reason as a note."""
    user = person(request)
    found = access.conversation_for(user, pk)
    form = TransferForm(request.POST)
    if not form.is_valid():
        return answer(request, found, status=422, errors=errors_of(form), given=request.POST)
    queue, colleague = access.any_queue(form.cleaned_data["queue"]), form.cleaned_data["person"]
    to = access.colleagues(user, queue).filter(pk=colleague).first() if colleague else None
    wrong = ""
    if colleague and to is None:
        wrong = _("This colleague does not work the queue.")
    elif to is not None and found.cases.filter(owner=to, ended_at=None).exists():
        wrong = _("%(who)s has it already.") % {"who": to}
    elif to is None and queue.pk == found.queue_id:
        wrong = _("Choose another queue, or who takes it in this one.")
    if wrong:
        return answer(request, found, status=422, errors={"person": wrong}, given=request.POST)

    @transaction.atomic
    def hand_over(by: User) -> None:
        judgement.add_note(pk, text=form.cleaned_data["reason"], by=by)
        if to is not None and queue.pk == found.queue_id:
            cases.assign(pk, to=to, by=by)
            return
        cases.transfer(pk, to=queue, by=by)
        if to is not None:
            cases.hand_over(pk, to=to, by=Actor.person(by.pk), now=timezone.now())

    return move(request, pk, hand_over, _("Handed over."), seen=seen_version(request), box="transfer")


@require_POST
@signed_in("assign cases")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """A supervisor makes somebody the owner, perhaps themselves."""
    user = person(request)
    found = access.conversation_for(user, pk)
    wanted = numbers([request.POST.get("person", "")])
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
        found = access.conversation_for(user, pk)
        return answer(request, found, status=422, errors=errors_of(form), given=request.POST)
    wait = form.cleaned_data
    return move(
        request,
        pk,
        lambda by: cases.pend(pk, on=form.state(), until=wait["until"], note=wait["reason"], by=by),
        _("It wakes at the time you chose, or when the customer writes."),
        seen=seen_version(request),
        box="pending",
    )


@require_POST
@signed_in("work cases")
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with what is pending."""
    return move(request, pk, lambda user: cases.take_up(pk, by=user), _("It waits no longer."))


@require_POST
@signed_in("work cases")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it with a disposition."""
    user = person(request)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return answer(request, access.conversation_for(user, pk), status=422, errors=errors_of(form))
    why, where = form.cleaned_data["disposition"], form.cleaned_data["address"]
    return move(
        request,
        pk,
        lambda by: cases.close(pk, disposition=why, address=where, by=by),
        _("Closed."),
        seen=seen_version(request),
        given=request.POST,
    )


@require_POST
@signed_in("work cases")
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """It asks for no answer, and why; undone by the toast's button."""
    user = person(request)
    why = DISMISSALS.get(request.POST.get("reason", ""))
    if why is None:
        found = access.conversation_for(user, pk)
        return answer(request, found, status=422, notice=_("Choose why it needs no answer."))
    result = bulk.dismiss_many([pk], why=why, by=user, seen={pk: seen_version(request)})
    return judged(request, pk, result, str(cases.DISMISSALS[why][1]))


@require_POST
@signed_in("work cases")
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer here what the same author asked elsewhere, and close that with a reference."""
    user = person(request)
    found = access.conversation_for(user, pk)
    seen = picked(request.POST.getlist("ids")[:BULK_AT_MOST])
    theirs = access.conversations_for(user).filter(pk__in=seen, author=found.author).exclude(pk=pk)
    ids = list(theirs.values_list("pk", flat=True))
    if not ids:
        return answer(request, found, status=422, notice=_("Choose what else is open from this author."))
    return move(request, pk, lambda by: joining.join(ids, into=pk, by=by, seen=seen), _("Joined: answered once, here."))


@require_POST
@signed_in("work cases")
def needed(request: HttpRequest, pk: int) -> HttpResponse:
    """It needs an answer after all; undone by the toast's button."""
    return judged(request, pk, bulk.need_many([pk], by=person(request)), _("Marked as needing an answer."))


@require_POST
@signed_in("work cases")
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word on whether it needs an answer, with the reason, in place of a rule's or a colleague's."""
    word = request.POST.get("reason", "")
    if word == "needed":
        return needed(request, pk)
    if word == "undecided":
        result = bulk.undecide_many([pk], by=person(request), seen={pk: seen_version(request)})
        return judged(request, pk, result, _("Left undecided: it is counted apart."))
    return dismiss(request, pk)


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
            "elsewhere": sum(view.waiting or 0 for view in lists.views(user) if view.kind == "queue") if queue else 0,
            "waiting_empty": ngettext("%(n)d of yours is still open.", "%(n)d of yours are still open.", mine)
            % {"n": mine}
            if mine
            else _("New conversations appear by themselves."),
        },
    )


@require_POST
@signed_in("work cases")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's word for a machine's label."""
    user = person(request)
    mention: Mention = access.mention_for(user, pk)
    form = CorrectForm(request.POST)
    found = access.conversation_for(user, mention.conversation_id or 0)
    if not form.is_valid():
        return answer(request, found, status=422, errors=errors_of(form))
    try:
        judgement.correct(mention, field=form.cleaned_data["name"], value=form.label(), by=user)
    except Refused as why:
        return answer(request, found, status=422, errors={"value": str(why)})
    return after(request, found.pk, toast=_("Corrected; your word counts from now on."))


def move(
    request: HttpRequest,
    pk: int,
    verb: Callable[[User], object],
    said: str,
    *,
    seen: int | None = None,
    box: str = "",
    given: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Load, do, and answer with what is true now; a lost race is a 409 that says who won.

    `seen` is the version that the person had before their eyes, for what must not be done on an older one. What was
    filled in is `given` back with a refusal, and `box` is the dialogue it was filled in in.
    """
    user = person(request)
    access.conversation_for(user, pk)
    kept: dict[str, Any] = {"box": box, "given": request.POST if box else given or {}}
    try:
        with staleness.seen(pk, seen, by=user):
            verb(user)
    except Stale as stale:
        return after(request, pk, status=409, stale=_missed(stale), **kept)
    except Refused as refused:
        return after(request, pk, status=409, notice=str(refused), **kept)
    return after(request, pk, toast=said)


def judged(request: HttpRequest, pk: int, result: bulk.BulkResult, said: str, *, box: str = "") -> HttpResponse:
    """What is answered of one conversation to a deed that the toast's button undoes; what nobody sees is none."""
    if result.action is not None:
        return after(request, pk, toast=said, undo=reverse("agents:undo_action", args=[result.action.pk]))
    kept: dict[str, Any] = {"box": box, "given": request.POST if box else {}}
    if pk in result.stale:
        return after(request, pk, status=409, stale=_missed(result.stale[pk]), **kept)
    if pk not in result.left:
        raise Http404("no such conversation")
    return after(request, pk, status=409, notice=str(result.left[pk]), **kept)


def _missed(stale: Stale) -> dict[str, Any]:
    """What somebody had not seen; the conversation beside it is as it is now, so that the same key does it then."""
    return {
        "title": _("Not done: this happened since you looked."),
        "changes": thread.changed(stale.changes),
        "hint": _("Look, and press the same again if it is still right."),
    }


def seen_version(request: HttpRequest) -> int | None:
    """The version that the page of who asks shows; None for one that shows none."""
    return next(iter(numbers([request.POST.get("version", "")])), None)
