"""The console's changes of what stands on a network: a sent reply in other words, a comment hidden or shown again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents import access, amendments
from agents.access import person, signed_in
from agents.cases import Refused
from agents.forms import NewWordsForm
from agents.models import Amendment, User
from agents.views.answers import answer
from mentions.models import Conversation, Mention


@require_POST
@signed_in("work cases")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Let other words for a sent reply go; what stands against them is shown beside them."""
    user = person(request)
    sent = access.reply_for(user, pk)
    found = _place(user, sent.conversation_id)
    form = NewWordsForm(request.POST)
    if not form.is_valid():
        return _kept(request, found, pk, str(form.errors["text"][0]), status=422)
    try:
        change = amendments.reword(sent, text=form.cleaned_data["text"], by=user)
    except amendments.Blocked as blocked:
        return _kept(request, found, pk, _("Not sent: the guard found this."), status=422, findings=blocked.findings)
    except Refused as refused:
        return _kept(request, found, pk, str(refused), status=409)
    waits = change.state == Amendment.State.AWAITING_APPROVAL
    said = _("The new words wait for a second person.") if waits else _("The new words are on their way; Z undoes.")
    return answer(request, _place(user, found.pk), toast=said)


@require_POST
@signed_in("work cases")
def undo_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the old words standing while the new ones are held."""
    user = person(request)
    change = access.amendment_for(user, pk)
    found = _place(user, change.amended.conversation_id)
    return _asked(request, found, lambda: amendments.undo(change, by=user), _("The old words stay."))


@require_POST
@signed_in("work cases")
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network to hide somebody's comment."""
    why = request.POST.get("why", "")
    return _on_mention(
        request, pk, lambda mention, by: amendments.hide(mention, why=why, by=by), _("The network is asked to hide it.")
    )


@require_POST
@signed_in("work cases")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the network to show a hidden comment again."""
    return _on_mention(
        request, pk, lambda mention, by: amendments.show(mention, by=by), _("The network is asked to show it again.")
    )


def _on_mention(request: HttpRequest, pk: int, verb: Callable[[Mention, User], object], said: str) -> HttpResponse:
    user = person(request)
    mention = access.mention_for(user, pk)
    return _asked(request, _place(user, mention.conversation_id), lambda: verb(mention, user), said)


def _asked(request: HttpRequest, found: Conversation, verb: Callable[[], object], said: str) -> HttpResponse:
    try:
        verb()
    except Refused as refused:
        return answer(request, found, status=409, notice=str(refused))
    return answer(request, _place(person(request), found.pk), toast=said)


def _kept(
    request: HttpRequest, found: Conversation, pk: int, why: str, *, status: int, findings: Any = ()
) -> HttpResponse:
    """The conversation with the words that were refused still in their box, and why."""
    editing = {"reply": pk, "text": request.POST.get("text", ""), "why": why, "findings": findings}
    return answer(request, found, status=status, notice=why, editing=editing)


def _place(user: User, pk: int | None) -> Conversation:
    """The conversation; a post of our own stands in none and is changed on its own page."""
    if pk is None:
        raise Http404("no conversation")
    return access.conversation_for(user, pk)
