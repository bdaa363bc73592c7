"""The console's pages and fragments that are read.

Each view loads through `agents.access` and shows; what changes something is in `moves` and `writing`.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from agents import access, presence
from agents.access import person, signed_in
from agents.desk import finding, head, lists
from agents.desk.reading import Reading
from agents.views.answers import fragment, key_of, numbers, opened, page, shown, shown_only, uncached
from mentions.models import Conversation


@require_GET
@signed_in("see console")
def console(request: HttpRequest) -> HttpResponse:
    """The desk, with the first list that has something in it."""
    views = lists.views(person(request))
    first = next((v for v in views if v.kind == "queue" and v.waiting), None)
    key = first.key if first else "unassigned"
    return page(request, key)


@require_GET
@signed_in("see console")
def view(request: HttpRequest, key: str) -> HttpResponse:
    """One list, and no conversation open."""
    return page(request, key)


@require_GET
@signed_in("see console")
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation open beside its list, or beside what a search found."""
    user = person(request)
    found = access.conversation_for(user, pk)
    if query := request.GET.get("q", ""):
        return _searched(request, query, found)
    return page(request, key_of(request, found), found)


@require_GET
@signed_in("see console")
def search(request: HttpRequest) -> HttpResponse:
    """What a search found, where the list stands otherwise."""
    return _searched(request, request.GET.get("q", ""))


def _searched(request: HttpRequest, query: str, found: Conversation | None = None) -> HttpResponse:
    search = finding.find(person(request), query, after=request.GET.get("after", ""))
    return page(request, search.key, found, search=search)


@require_GET
@signed_in("see console")
def queues(request: HttpRequest) -> HttpResponse:
    """The navigation with its counts."""
    user = person(request)
    found = finding.counted(lists.views(user), user)
    current = next((v for v in found if v.key == request.GET.get("view")), None)
    return fragment(request, "agents/console.html#queues", {"views": found, "view": current})


@require_GET
@signed_in("see console")
def bands(request: HttpRequest) -> HttpResponse:
    """What everybody has to know wherever they are, and how much waits where."""
    return fragment(request, "_standing.html", {})


@require_GET
@signed_in("see console")
def listing(request: HttpRequest, key: str) -> HttpResponse:
    """One list."""
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    return uncached(HttpResponse(shown(request, key, state, after).html))


@require_GET
@signed_in("see console")
def rows(request: HttpRequest) -> HttpResponse:
    """The rows of these conversations as they are now, and which of them the list still has."""
    user, ids = person(request), numbers(request.GET.get("ids", "").split(","))
    here = lists.among(user, request.GET.get("view", ""), ids, state=request.GET.get("state", ""))
    return fragment(request, "agents/console.html#rows", {"rows": lists.by_ids(user, ids), "here": here})


@require_GET
@signed_in("see console")
def pane(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation's head and thread, never its composer: what is refreshed while somebody writes."""
    user = person(request)
    found = access.conversation_for(user, pk)
    shown = {"conversation": head.head(Reading(found, user)), "here": presence.look(found, user)}
    return fragment(request, "agents/console.html#pane", shown)


@require_GET
@signed_in("work cases")
def takers(request: HttpRequest, pk: int) -> HttpResponse:
    """Who can be handed it in the queue that is chosen."""
    user = person(request)
    found = access.conversation_for(user, pk)
    queue = access.any_queue(next(iter(numbers([request.GET.get("queue", "")])), found.queue_id))
    shown = head.takers(found, queue.pk, access.colleagues(user, queue))
    return fragment(request, "agents/console.html#takers", {"takers": shown})


@require_GET
@signed_in("see console")
def here(request: HttpRequest, pk: int) -> HttpResponse:
    """Who else looks at it or writes in it; asking says that one looks oneself."""
    user = person(request)
    found = access.conversation_for(user, pk)
    others = presence.look(found, user, writing=request.GET.get("writing") == "1")
    return fragment(request, "agents/console.html#here", {"conversation": found, "here": others})


@require_GET
@signed_in("see console")
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """A conversation whole, as a row opens it."""
    found = access.conversation_for(person(request), pk)
    return fragment(request, "agents/console.html#post", opened(request, found))


@require_GET
@signed_in("see console")
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Our copy of a picture that a customer posted."""
    found = access.picture_for(person(request), pk)
    return shown_only(bytes(found.body), found.type)


@require_GET
@signed_in("see console")
def face(request: HttpRequest, pk: int) -> HttpResponse:
    """Our copy of an author's face."""
    found = access.face_for(person(request), pk)
    return shown_only(bytes(found.body), found.type)
