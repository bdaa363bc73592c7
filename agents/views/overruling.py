"""What people decide over rules: a conversation's priority and tags, and authors whose posts wait for nobody."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from agents import access, bulk, muting
from agents.access import person, signed_in
from agents.cases import Refused
from agents.forms import MuteForm, WeighForm
from agents.models import User
from agents.views.answers import answer, errors_of, uncached
from agents.views.moves import judged, move, seen_version
from mentions import naming


@require_POST
@signed_in("work cases")
def weigh(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how urgent it is and its tags; undone by the toast's button."""
    user = person(request)
    form = WeighForm(request.POST)
    if not form.is_valid():
        found = access.conversation_for(user, pk)
        return answer(request, found, status=422, errors=errors_of(form), given=request.POST)
    wanted = {"priority": form.cleaned_data["priority"], "tags": form.wanted()}
    result = bulk.weigh_many([pk], **wanted, by=user, seen={pk: seen_version(request)})
    return judged(request, pk, result, _("Changed; rules leave it so."), box="weigh")


@require_POST
@signed_in("mute authors")
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    """Mute the author of a conversation, or hear them again."""
    found = access.conversation_for(person(request), pk)
    standing = muting.running(found.author_id)
    if request.POST.get("end") == "1":

        def hear(by: User) -> None:
            if standing is None:
                raise Refused(_("This author is not muted any more."))
            muting.unmute(standing.pk, by=by, conversation=found)

        return move(request, pk, hear, _("Unmuted: rules decide again about what they write."))
    form = MuteForm(request.POST)
    if not form.is_valid():
        return answer(request, found, status=422, errors=errors_of(form), given=request.POST)
    until = timezone.now() + timedelta(days=form.cleaned_data["days"])
    said = _("Muted: what they write in public is kept and waits for nobody, unless it is urgent.")
    reason = form.cleaned_data["reason"]
    return move(request, pk, lambda by: muting.mute(found, reason=reason, until=until, by=by), said)


@require_GET
@signed_in("mute authors")
def muted(request: HttpRequest) -> HttpResponse:
    """Everybody who is muted, until when, why and by whom."""
    standing = list(muting.listed(person(request)))
    people = User.objects.in_bulk([row.by for row in standing])
    shown = [
        {
            "id": row.pk,
            "author": row.author,
            "network": naming.network(row.author.network),
            "by": people.get(row.by) or _("a former colleague"),
            "until": row.until,
            "reason": row.reason,
            "written_words": ngettext("%(n)d post since", "%(n)d posts since", row.written) % {"n": row.written},  # type: ignore[attr-defined]
            "posts_url": reverse("agents:search") + f"?q=@{row.author.handle}" if row.author.handle else "",
        }
        for row in standing
    ]
    return uncached(render(request, "agents/muted.html", {"muted": shown}))


@require_POST
@signed_in("mute authors")
def unmute(request: HttpRequest, pk: int) -> HttpResponse:
    """Hear an author again, from the page that lists the muted ones."""
    user = person(request)
    try:
        muting.unmute(access.mute_for(user, pk).pk, by=user)
        messages.success(request, _("Unmuted: rules decide again about what they write."))
    except Refused as why:
        messages.warning(request, str(why))
    return HttpResponseRedirect(reverse("agents:muted"))
