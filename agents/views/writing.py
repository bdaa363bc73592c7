"""The console's writing: replies with their drafts and undo, and notes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents import access, amendments, judgement, outbox, outcomes, pictures, replies, succession
from agents.access import person, signed_in
from agents.cases import Refused
from agents.desk import composer, thread
from agents.desk.handed import Handed, handed
from agents.desk.reading import Reading
from agents.forms import DraftForm, NoteForm, ReplyForm, said_of_pictures
from agents.models import Reply, ReplyState, User
from agents.staleness import Stale
from agents.views.answers import answer, errors_of, fragment, is_htmx, uncached
from agents.views.moves import next_one
from mentions.models import Conversation


@require_POST
@signed_in("work cases")
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a reply on its way; whatever stands against it, the text is kept and the reason shown."""
    user = person(request)
    if (gone := handed(pk, user)) is not None and request.POST.get("text", "").strip():
        return _handed(request, gone)
    found = access.conversation_for(user, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        errors = errors_of(form)
        return _kept(request, found, status=422, errors=errors)
    asked = form.cleaned_data
    try:
        sent = replies.submit(
            pk,
            text=asked["text"],
            visibility=asked["mode"],
            seen_version=asked["version"],
            client_key=asked["client_key"],
            by=user,
            said=said_of_pictures(request.POST),
        )
    except Stale as stale:
        return _stale(request, found, user, stale)
    except pictures.Unfit as unfit:
        return _kept(request, found, status=409, errors={"pictures": str(unfit)})
    except Refused as refused:
        return _kept(request, found, status=409, notice=str(refused))
    found = access.conversation_for(user, pk)
    if sent.state == ReplyState.DRAFT:
        return _kept(request, found, status=422, checked=True, notice=_("Not sent: the guard found this."))
    if asked["go_on"]:
        return next_one(request)
    said = (
        _("It waits for a second person.") if sent.state == ReplyState.AWAITING_APPROVAL else _("On its way; Z undoes.")
    )
    return answer(request, found, toast=said)


@require_POST
@signed_in("work cases")
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is being written, and say what the guard thinks of it so far.

    409 with both texts when another window saved meanwhile; nothing is overwritten. 409 too where the conversation went
    to somebody else, see `_handed`.
    """
    user = person(request)
    if (gone := handed(pk, user)) is not None:
        return _handed(request, gone)
    found = access.conversation_for(user, pk)
    form = DraftForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    asked = form.cleaned_data
    stored = Reply.objects.filter(conversation=found, author=user, state=ReplyState.DRAFT).first()
    if stored is not None and asked["draft_version"] is not None and stored.revision > asked["draft_version"]:
        writing = composer.composer(Reading(found, user), mode=asked["mode"], text=asked["text"])
        theirs = {"text": stored.text, "by": str(user), "at": stored.submitted_at or stored.created_at}
        context = {"conversation": found, "composer": writing, "mine": {"text": asked["text"]}, "theirs": theirs}
        return fragment(request, "agents/console.html#draft_conflict", context, status=409)
    said = said_of_pictures(request.POST)
    replies.save_draft(
        pk, text=asked["text"], visibility=asked["mode"], client_key=asked["client_key"], by=user, said=said
    )
    writing = composer.composer(Reading(found, user), mode=asked["mode"], text=asked["text"], checked=True)
    return fragment(request, "agents/console.html#checked", {"conversation": found, "composer": writing})


@require_POST
@signed_in("work cases")
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Write for colleagues only."""
    user = person(request)
    found = access.conversation_for(user, pk)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return answer(request, found, status=422, notice=str(form.errors["text"][0]))
    note = judgement.add_note(pk, text=form.cleaned_data["text"], by=user)
    if request.POST.get("left") == "1":  # what was written as a reply, and can be none of theirs any more
        succession.discard(pk, by=user)
    named = [str(nudge.person) for nudge in note.nudges.select_related("person")]
    said = _("Noted; %(names)s will see it.") % {"names": ", ".join(named)} if named else _("Noted for the team.")
    return answer(request, found, toast=said)


@require_POST
@signed_in("work cases")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a reply back into the textbox while it is held."""
    said = _("Taken back; change it or leave it.")
    return _on_reply(request, pk, lambda sent, user: replies.undo(sent, by=user), said, writes_on=True)


@require_POST
@signed_in("work cases")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a failed reply go again."""
    return _on_reply(request, pk, lambda sent, user: replies.retry(sent, by=user), _("On its way again."))


@require_POST
@signed_in("work cases")
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a colleague's words one's own."""
    said = _("Yours now: change them or send them.")
    return _on_reply(request, pk, lambda left, user: succession.take_over(left, by=user), said, writes_on=True)


@require_POST
@signed_in("work cases")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a colleague's words go no further."""
    return _on_reply(request, pk, lambda left, user: succession.withdraw(left, by=user), _("Withdrawn."))


@require_POST
@signed_in("work cases")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network what became of a reply that nobody knows about."""
    return _on_reply(request, pk, lambda sent, user: outbox.ask(sent.pk), _("Asked the network."))


@require_POST
@signed_in("work cases")
def settle(request: HttpRequest, pk: int, *, went_out: bool) -> HttpResponse:
    """Take a person's word for what became of a reply that its network does not tell of."""
    said = _("Noted: it went out.") if went_out else _("Noted: it did not go out.")
    return _on_reply(request, pk, lambda sent, user: outcomes.resolve(sent, went_out=went_out, by=user), said)


@require_POST
@signed_in("retract replies")
def retract(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network to take a sent reply back; a colleague's only for who answers for others."""
    said = _("The network is asked to take it back.")
    return _on_reply(request, pk, lambda sent, user: amendments.retract(sent, by=user), said)


def _on_reply(request: HttpRequest, pk: int, verb: Any, said: str, **shown: Any) -> HttpResponse:
    user = person(request)
    sent = access.reply_for(user, pk)
    if sent.conversation_id is None:
        raise Http404("a post of our own is no reply")
    found = access.conversation_for(user, sent.conversation_id)
    try:
        verb(sent, user)
    except Stale as stale:
        return _stale(request, found, user, stale)
    except Refused as refused:
        return answer(request, found, status=409, notice=str(refused))
    return answer(request, access.conversation_for(user, found.pk), toast=said, **shown)


def _handed(request: HttpRequest, gone: Handed) -> HttpResponse:
    """The words of somebody who has the conversation no more: kept with it while they see it, and shown to them."""
    form = DraftForm(request.POST)
    revision = request.POST.get("draft_version", "")
    if gone.seen and form.is_valid():
        asked, said = form.cleaned_data, said_of_pictures(request.POST)
        words = {"text": asked["text"], "visibility": asked["mode"], "client_key": asked["client_key"]}
        revision = str(replies.save_draft(gone.conversation_id, **words, by=person(request), said=said).revision)
    text = request.POST.get("text", "")
    context = {"handed": gone, "text": text, "revision": revision}
    if not is_htmx(request):
        return uncached(render(request, "agents/handed.html", context, status=409))
    response = fragment(request, "agents/console.html#handed", context, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = "#checked", "outerHTML"
    return response


def _kept(
    request: HttpRequest,
    found: Conversation,
    *,
    status: int,
    checked: bool = False,
    notice: str = "",
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    """The composer again with the text that was refused."""
    writing = _written(request) | {"checked": checked}
    return answer(request, found, status=status, notice=notice, writing=writing, errors=errors or {})


def _written(request: HttpRequest) -> dict[str, Any]:
    """What the composer held when it was sent."""
    said = said_of_pictures(request.POST)
    return {"mode": request.POST.get("mode", ""), "text": request.POST.get("text", ""), "said": said}


def _stale(request: HttpRequest, found: Conversation, user: User, stale: Stale) -> HttpResponse:
    fresh = access.conversation_for(user, found.pk)
    said = {
        "version": fresh.version,
        "title": _("Not sent: this happened since you looked."),
        "changes": thread.changed(stale.changes),
        "hint": _("Your text is kept. Read, change it if you must, and send it again."),
    }
    if is_htmx(request):
        response = fragment(request, "agents/stale.html", {"stale": said}, status=409)
        response["HX-Retarget"] = "#composer-notice"
        response["HX-Reswap"] = "innerHTML"
        return response
    return answer(request, fresh, status=409, writing=_written(request), stale=said)
