"""What is done to several conversations at once from a list, and the way back from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from agents import access, bulk, cases, undoing
from agents.access import person, signed_in
from agents.bulk import BulkResult
from agents.cases import Refused
from agents.desk import lists, thread
from agents.forms import BULK_AT_MOST, DISMISSALS, BulkForm
from agents.models import User
from agents.staleness import Stale
from agents.views.answers import came_from, is_htmx, picked, toasted
from mentions.models import Conversation

_NAMED_AT_MOST = 5  # of those that were left alone; the rest is a number


@require_POST
@signed_in("work cases")
def bulk_action(request: HttpRequest) -> HttpResponse:
    """One action on all that are selected; each that cannot be done is left alone, and said with its reason."""
    user = person(request)
    form = BulkForm(request.POST)
    seen = picked(request.POST.getlist("ids")[:BULK_AT_MOST])
    view_key = request.POST.get("view", "")
    known = view_key in lists.CUTS or access.find_queue(user, view_key) is not None
    back = came_from(request, reverse("agents:view", args=[view_key if known else "unassigned"]))
    if not form.is_valid() or not seen:
        messages.warning(request, _("Select conversations first."))
        return HttpResponseRedirect(back)
    if form.cleaned_data["action"] == "claim":
        done, said = _claim_all(user, list(seen))
        messages.success(request, said)
        # Whoever takes several means to work on them.
        return HttpResponseRedirect(reverse("agents:view", args=["mine"]) if done else back)
    try:
        result = _done(user, seen, form.cleaned_data)
    except Refused as why:
        request.session["picked"] = list(seen)
        messages.warning(request, str(why))
        return HttpResponseRedirect(back)
    said = ngettext("%(n)d done", "%(n)d done", result.done) % {"n": result.done} + _left(result)
    if result.stale:
        request.session["picked"] = list(result.stale)
    if result.action is not None:
        request.session["undo"] = {"text": said, "url": reverse("agents:undo_action", args=[result.action.pk])}
    else:
        messages.warning(request, said)
    return HttpResponseRedirect(back)


@require_POST
@signed_in("work cases")
def undo_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the last of the deeds that can be undone, single or in bulk."""
    try:
        back = undoing.undo(pk, by=person(request))
        said, level = ngettext("%(n)d is back", "%(n)d are back", back) % {"n": back}, "success"
    except Refused as refused:
        said, level = str(refused), "warning"
    if is_htmx(request):
        return toasted(HttpResponse(status=204), said, level)
    messages.add_message(request, messages.SUCCESS if level == "success" else messages.WARNING, said)
    return HttpResponseRedirect(came_from(request, reverse("agents:console")))


def _done(user: User, seen: Mapping[int, int | None], asked: Mapping[str, Any]) -> BulkResult:
    """Do it. Raises `Refused` if what it needs was not said, so that nothing was done to any."""
    ids, wanted = list(seen), asked["action"]
    if wanted == "needed":
        return bulk.need_many(ids, by=user)
    if wanted == "transfer":
        if not asked["queue"] or not asked["reason"].strip():
            raise Refused(_("Choose the queue they go to, and say why."))
        return bulk.transfer_many(ids, to=access.any_queue(asked["queue"]), reason=asked["reason"], by=user, seen=seen)
    if wanted == "assign":
        access.require(user, "assign cases")
        to = access.workers_of_queues(user).filter(pk=asked["person"] or 0).first()
        if to is None:
            raise Refused(_("Choose who gets them."))
        return bulk.assign_many(ids, to=to, by=user, seen=seen)
    if wanted == "close":
        why, where = asked["disposition"], asked["address"]
        if why not in cases.DISPOSITIONS:
            raise Refused(_("Choose why these are closed."))
        return bulk.close_many(ids, disposition=why, address=where, by=user, seen=seen)
    return bulk.dismiss_many(ids, why=DISMISSALS[wanted], by=user, seen=seen)


def _left(result: BulkResult) -> str:
    """Which were left alone, and why each; what changed since somebody looked stays selected for a second look."""
    if not result.left:
        return ""
    named = [
        _("%(number)s: %(why)s") % {"number": Conversation(pk=pk).number, "why": _why(why)}
        for pk, why in list(result.left.items())[:_NAMED_AT_MOST]
    ]
    if (more := len(result.left) - _NAMED_AT_MOST) > 0:
        named.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    count = len(result.left)
    said = ngettext(". %(n)d left as it is", ". %(n)d left as they are", count) % {"n": count}
    if result.stale:
        said += _(" (what changed is still selected)")
    return f"{said}. " + " ".join(named)


def _why(why: Refused) -> str:
    if not isinstance(why, Stale):
        return str(why)
    newest = thread.changed(why.changes[:1])[0]
    return _("changed since you looked (%(what)s, %(who)s).") % {"what": newest["words"], "who": newest["who"]}


def _claim_all(user: User, ids: list[int]) -> tuple[int, str]:
    """How many are theirs now, and what to say of it."""
    done = taken = 0
    for found in access.conversations_for(user).filter(pk__in=ids):
        try:
            cases.claim(found.pk, by=user)
            done += 1
        except Refused:
            taken += 1
    said = ngettext("%(n)d claimed", "%(n)d claimed", done) % {"n": done}
    if taken:
        several = ngettext(", %(n)d was taken by a colleague", ", %(n)d were taken by colleagues", taken)
        said += several % {"n": taken}
    return done, said
