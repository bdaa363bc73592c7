"""The console's pictures: put into a draft, taken out, and shown to whoever sees the reply."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from agents import access, attaching
from agents.access import person, signed_in
from agents.cases import Refused
from agents.desk import composer
from agents.desk.reading import Reading
from agents.forms import DraftForm
from agents.models import User
from agents.views.answers import answer, fragment, is_htmx, shown_only
from mentions.models import Conversation


@require_POST
@signed_in("work cases")
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one picture into what the person writes here; why it was not taken stands beside those that were."""
    user = person(request)
    found = access.conversation_for(user, pk)
    form, file = DraftForm(request.POST), request.FILES.get("picture")
    if not form.is_valid() or file is None:
        return _answered(request, found, user, _("Choose a picture."), status=422)
    try:
        attaching.to_reply(
            pk, file.read(), visibility=form.cleaned_data["mode"], client_key=form.cleaned_data["client_key"], by=user
        )
    except Refused as refused:
        return _answered(request, found, user, str(refused), status=409)
    return _answered(request, found, user)


@require_POST
@signed_in("work cases")
def take_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a picture out of what the person writes."""
    user = person(request)
    picture = access.draft_picture_for(user, pk)
    found = access.conversation_for(user, picture.reply.place.pk)
    try:
        attaching.from_reply(picture, by=user)
    except Refused as refused:
        return _answered(request, found, user, str(refused), status=409)
    return _answered(request, found, user)


@require_GET
@signed_in("see console")
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A picture of ours, as it leaves."""
    found = access.reply_picture_for(person(request), pk)
    return shown_only(bytes(found.body), found.type)


def _answered(
    request: HttpRequest, found: Conversation, user: User, why: str = "", *, status: int = 200
) -> HttpResponse:
    if not is_htmx(request):
        return answer(request, found, status=status, notice=why)
    writing = composer.composer(Reading(found, user), mode=request.POST.get("mode", ""))
    context = {"conversation": found, "composer": writing, "why": why}
    return fragment(request, "agents/console.html#pictures", context, status=status)
