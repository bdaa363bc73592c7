"""That a customer agreed to be known as one person on two networks, and that they took it back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents import access, consents
from agents.access import person, signed_in
from agents.cases import Refused
from agents.forms import ConsentForm
from agents.models import User
from agents.views.answers import answer, numbers
from agents.views.moves import move
from mentions.models import Conversation


@require_POST
@signed_in("work cases")
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the consent down; the other author is named by a conversation of theirs."""
    user = person(request)
    found = access.conversation_for(user, pk)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        wrong = _("Name a conversation of theirs on the other network, such as GH-1234, and how they agreed.")
        return answer(request, found, status=422, notice=wrong)
    given = form.cleaned_data
    return move(
        request,
        pk,
        lambda by: consents.record(found, _other(by, given["other"]), how=given["how"], note=given["note"], by=by),
        _("Written down: what both wrote stands here now."),
    )


@require_POST
@signed_in("work cases")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """They are two again."""
    found = access.conversation_for(person(request), pk)
    wanted = numbers([request.POST.get("consent", "")])

    def take_back(by: User) -> None:
        standing = consents.of(found.author_id).filter(pk__in=wanted).first()
        if standing is None:
            raise Refused(_("That was taken back already."))
        consents.undo(standing, found, by=by)

    return move(request, pk, take_back, _("They are two people again."))


def _other(by: User, number: int) -> Conversation:
    """The conversation of that number; one that the person does not see is none."""
    other = access.conversations_for(by).select_related("author").filter(pk=number).first()
    if other is None:
        raise Refused(_("There is no conversation of this number."))
    return other
