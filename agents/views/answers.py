"""How the console answers: whole pages, the fragment that changed, or a way back for a plain form.

Fragments have addresses of their own and are never cached.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from redis import RedisError

from agents import access, judgement, presence
from agents.access import person
from agents.desk import beside, composer, finding, head, lists
from agents.desk.reading import Reading
from agents.models import User
from mentions.models import Conversation, State

Context = dict[str, Any]

_NUMBER = re.compile(r"[0-9]{1,18}")
_PICKED = re.compile(r"([0-9]{1,18})(?::([0-9]{1,18}))?")
_REMEMBERED_S = 5
_DESK = frozenset({"agents:console", "agents:view", "agents:search", "agents:conversation"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A list as it is shown, and how much of it that is."""

    html: SafeString
    total_words: str


def page(
    request: HttpRequest,
    key: str,
    found: Conversation | None = None,
    *,
    status: int = 200,
    notice: str = "",
    search: finding.Found | None = None,
    **extra: Any,
) -> HttpResponse:
    """The desk: the lists, one of them, and a conversation if one is open."""
    user = person(request)
    views = finding.counted(lists.views(user), user)
    current = next((v for v in views if v.key == key), None) or next(v for v in views if v.key == "unassigned")
    context: Context = {
        "views": views,
        "view": current,
        "listing": shown(
            request, key, request.GET.get("state", ""), request.GET.get("after", ""), fresh=found is not None
        )
        if search is None
        else None,
        "search": search,
        "picked": request.session.pop("picked", ()) if "picked" in request.session else (),
        "can_work": access.may(user, "work cases"),
        "can_assign": access.may(user, "assign cases"),
        "bulk": head.of_many(user),
    }
    if found is None:
        context |= _nothing_open(user, views)
    else:
        context |= opened(request, found, **extra)
    if notice:
        context["notice"] = {"level": "warning", "text": notice}
    return uncached(render(request, "agents/console.html", context, status=status))


def _nothing_open(user: User, views: list[lists.View]) -> Context:
    """What a person does next who has no conversation before them, and whether it is to be sought in the set-up."""
    queues = [view for view in views if view.kind == "queue"]
    idle = not any(view.waiting for view in queues)
    if not queues:
        words = _("You work no queue yet. An administrator puts you into a team; its queues then stand on the left.")
    elif not access.may(user, "work cases"):
        words = _("Nothing waits.") if idle else _("Choose from the list. Agents and supervisors claim and answer.")
    else:
        words = _("Nothing waits. New conversations appear by themselves.") if idle else ""
    return {"waiting_empty": words, "set_up": idle and access.may(user, "set up")}


def shown(request: HttpRequest, key: str, state: str, after: str = "", *, fresh: bool = False) -> Shown:
    """One list; a queue's first page is rendered once a version for everybody who may see it.

    `fresh` for a page that answers what was just done: the queue's new version comes a moment later.
    Raises `Http404` for a queue the person does not see.
    """
    if fresh or after or key in lists.CUTS:
        return _shown(request, key, state, after)
    queue = access.queue_for(person(request), key)
    state = state if state in lists.STATES else ""
    remembered = (
        f"list:{queue.pk}:{queue.version}:{state}:{request.LANGUAGE_CODE}:{timezone.get_current_timezone_name()}"
    )
    found: Shown | None = None
    with suppress(RedisError):  # a cache that is away costs time and not the page
        if kept := cache.get(remembered):
            found = Shown(SafeString(kept["html"]), kept["total_words"])
    if found is None:
        found = _shown(request, key, state, after)
        with suppress(RedisError):
            cache.set(remembered, asdict(found), _REMEMBERED_S)
    return found


def _shown(request: HttpRequest, key: str, state: str, after: str) -> Shown:
    listing = lists.listing(person(request), key, state=state, after=after)
    return Shown(render_to_string("agents/console.html#list", {"listing": listing}, request), listing.total_words)


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
    seen: bool = True,
    **extra: Any,
) -> HttpResponse:
    """What a POST on a conversation answers: the fragment with htmx, a way back without.

    Its row comes along as long as the person has the conversation `seen` in their lists.
    """
    url = reverse("agents:conversation", args=[found.pk])
    if not is_htmx(request):
        if status in (409, 422):
            said = notice or " ".join(extra.get("errors", {}).values())
            return page(request, view_key or key_of(request, found), found, status=status, notice=said, **extra)
        if undo:
            request.session["undo"] = {"text": toast, "url": undo}
        elif toast:
            messages.success(request, toast)
        return HttpResponseRedirect(url)
    reading = Reading(found, person(request))
    context = _opened(request, reading, **extra)
    if notice:
        context["notice"] = {"level": "warning", "text": notice}
    if seen:
        context["row"] = lists.row_of(reading)
    response = fragment(request, "agents/console.html#post", context, status=status)
    if moved:
        response["HX-Push-Url"] = url
    return toasted(response, toast, "success", undo) if toast else response


def after(request: HttpRequest, pk: int, **told: Any) -> HttpResponse:
    """What a verb answers: the conversation as it is now, wherever the verb has left it. `told` as for `answer`."""
    found, seen = access.conversation_after(person(request), pk)
    return answer(request, found, seen=seen, **told)


def opened(request: HttpRequest, found: Conversation, **extra: Any) -> Context:
    """The context of an open conversation."""
    return _opened(request, Reading(found, person(request)), **extra)


def _opened(
    request: HttpRequest,
    reading: Reading,
    writing: Mapping[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
    **extra: Any,
) -> Context:
    """`writing` is what the composer holds instead of the stored draft, see `composer.composer`; `given` is what was
    filled in elsewhere and not done.
    """
    user = reading.user
    shown = head.head(reading, given)
    if reading.notes:
        judgement.looked(reading.conversation, by=user)
    return {
        "conversation": shown,
        "composer": composer.composer(reading, **(writing or {"mode": request.GET.get("mode", "")})),
        "why_read_only": composer.why_read_only(reading.conversation, user),
        "here": presence.look(reading.conversation, user),
        "context": beside.context(reading),
        "can_work": access.may(user, "work cases"),
        "given": given or {},
        **extra,
    }


def fragment(request: HttpRequest, template: str, context: Context, *, status: int = 200) -> HttpResponse:
    """A part of a page, never kept by anybody on the way."""
    return uncached(render(request, template, context, status=status))


def is_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is wanted instead of a page."""
    return bool(request.htmx) and not request.htmx.boosted  # type: ignore[attr-defined]


def toasted(response: HttpResponse, text: str, level: str, undo: str = "") -> HttpResponse:
    """With a passing word, and the way to take it back."""
    toast = {"text": text, "level": level} | ({"undo": undo} if undo else {})
    response["HX-Trigger"] = json.dumps({"toast": toast})
    return response


def uncached(response: HttpResponse) -> HttpResponse:
    """Kept by nobody on the way."""
    patch_cache_control(response, no_store=True)
    patch_vary_headers(response, ["HX-Request"])
    return response


def shown_only(body: bytes, kind: str) -> HttpResponse:
    """A picture that the browser shows and does nothing else with, and keeps no longer than the page."""
    return HttpResponse(
        body,
        content_type=kind,
        headers={
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": 'inline; filename="picture"',
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def key_of(request: HttpRequest, found: Conversation) -> str:
    """The list that stays beside an open conversation."""
    user = person(request)
    wanted = request.POST.get("view") or request.GET.get("view", "")
    if wanted in lists.CUTS or access.find_queue(user, wanted) is not None:
        return wanted
    if found.state != State.CLOSED and access.queues_for(user).filter(pk=found.queue_id).exists():
        return found.queue.slug
    return "mine"


def numbers(given: Iterable[str]) -> list[int]:
    """Those that can be somebody's key."""
    return [int(part) for part in given if _NUMBER.fullmatch(part)]


def came_from(request: HttpRequest, otherwise: str) -> str:
    """Back to the page of the desk this came from, with its list, state, page or search; else `otherwise`."""
    with suppress(Resolver404, ValueError):  # a program may send any header
        came = urlsplit(request.headers.get("Referer", ""))
        if came.netloc == request.get_host() and resolve(came.path).view_name in _DESK:
            return f"{came.path}?{came.query}" if came.query else came.path
    return otherwise


def picked(given: Iterable[str]) -> dict[int, int | None]:
    """Conversations as a list's boxes and forms name them, each with the version that was shown (`120:7`), if any."""
    found = (_PICKED.fullmatch(part) for part in given)
    return {int(one[1]): int(one[2]) if one[2] else None for one in found if one}


def errors_of(form: Any) -> dict[str, str]:
    """The first thing that is wrong with each field."""
    return {name: str(found[0]) for name, found in form.errors.items()}
