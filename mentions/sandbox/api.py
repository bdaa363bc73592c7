"""The JSON API: `/api/posts` for everybody, `/api/bank/` for the bank's account with its token.

No cookies are read, so there is nothing to forge. Refusals are `{"error": sentence}` with a fitting status.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from mentions.sandbox import faults, gazette, square
from mentions.sandbox.models import Event, Person, Post, Settings
from mentions.sandbox.sealing import unseal
from mentions.sandbox.shapes import describe, describe_person
from mentions.sandbox.square import Refusal

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Settings, P], HttpResponse]
Endpoint = Callable[Concatenate[HttpRequest, P], HttpResponse]
LARGEST_BODY = 64 * 1024
WINDOW_S = 10
FORMS_PER_MINUTE = 600
PAGE = 200

_calls: dict[str, int] = {}


def endpoint(*methods: str) -> Callable[[View[P]], Endpoint[P]]:
    """An address of the API: its methods, its rate limit, the settings row read once, and refusals as JSON."""

    def decorate(view: View[P]) -> Endpoint[P]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in methods:
                refused = _error(405, _("This address does not do that."))
                refused["Allow"] = ", ".join(methods)
                return refused
            town = Settings.current()
            wait = wait_for(request, town)
            if wait:
                refused = _error(429, _("Too many calls."))
                refused["Retry-After"] = str(wait)
                return refused
            try:
                return view(request, town, *args, **kwargs)
            except Refusal as refusal:
                return _error(refusal.status, str(refusal.reason))

        return answer

    return decorate


def for_the_bank(view: View[P]) -> View[P]:
    """Asks for the bank's token, and lets the faults of `faults` strike."""

    @wraps(view)
    def answer(request: HttpRequest, town: Settings, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not _is_the_bank(request, town) or faults.strikes(town, "expired"):
            refused = _error(401, _("This token is not valid."))
            refused["WWW-Authenticate"] = "Bearer"
            return refused
        faults.delay(town)
        if faults.strikes(town, "limited"):
            refused = _error(429, _("Too many calls."))
            refused["Retry-After"] = "1"
            return refused
        if faults.strikes(town, "refusing"):
            return _error(422, _("Town Square does not take this."))
        if faults.strikes(town, "failing"):
            return _error(500, _("Town Square has a fault."))
        outcome = view(request, town, *args, **kwargs)
        return _error(502, _("The answer was lost.")) if faults.strikes(town, "dropping") else outcome

    return answer


@endpoint("POST")
def posts(request: HttpRequest, town: Settings) -> HttpResponse:
    """Anybody writes: `{"handle", "text", "in_reply_to"?, "private"?, "image"?}`."""
    sent = _sent(request)
    post = square.write(
        _string(sent, "handle"),
        _string(sent, "text", ""),
        in_reply_to=_string(sent, "in_reply_to", "") or None,
        private=sent.get("private") is True,
        image=_string(sent, "image", ""),
        town=town,
    )
    return JsonResponse(describe(post, town.base_url), status=201)


@endpoint("POST")
def articles(request: HttpRequest, town: Settings) -> HttpResponse:
    """Anybody prints an article: `{"paper", "headline", "text"?}`."""
    sent = _sent(request)
    printed = gazette.print_article(_string(sent, "paper"), _string(sent, "headline"), _string(sent, "text", ""))
    where = f"{town.base_url}/sandbox/gazette/{printed.key}/"
    return JsonResponse({"id": printed.key, "url": where}, status=201)


@endpoint("GET", "PUT", "DELETE")
def one_post(request: HttpRequest, town: Settings, key: str) -> HttpResponse:
    """A post with its replies; `PUT {"text"}` edits and `DELETE` deletes it, unless it is the bank's."""
    post = _post(key)
    if request.method == "DELETE":
        square.delete(post, town=town)
        return HttpResponse(status=204)
    if request.method == "PUT":
        post = square.edit(post, _string(_sent(request), "text"), town=town)
    replies = Post.objects.standing().select_related("author", "recipient", "in_reply_to").filter(in_reply_to=post)
    if not post.private:
        replies = replies.filter(private=False)
    told = [describe(reply, town.base_url) for reply in replies.order_by("id")[:PAGE]]
    return JsonResponse(describe(post, town.base_url) | {"replies": told})


@endpoint("GET")
def messages(request: HttpRequest, town: Settings, handle: str) -> HttpResponse:
    """What a person and the bank wrote to each other in private, oldest first."""
    person = Person.named(handle)
    if person is None:
        raise Refusal(_("There is nobody of that name."), 404, "handle")
    found = Post.objects.standing().select_related("author", "recipient", "in_reply_to")
    items = [describe(post, town.base_url) for post in found.filter(thread=f"dm{person.key}").order_by("-id")[:PAGE]]
    return JsonResponse({"items": items[::-1]})


@endpoint("GET", "POST")
@for_the_bank
def bank_posts(request: HttpRequest, town: Settings) -> HttpResponse:
    """The bank writes, once for each `Idempotency-Key`; or looks its post up by `client_key`."""
    if request.method == "GET":
        found = square.find_answer(request.GET.get("client_key", ""))
        return JsonResponse({"items": [describe(found, town.base_url)] if found else []})
    client_key = request.headers.get("Idempotency-Key", "")
    if not 0 < len(client_key) <= 200:
        raise Refusal(_("An Idempotency-Key of 1 to 200 characters is required."), 400)
    sent = _sent(request)
    post, new = square.answer(
        _string(sent, "text"),
        client_key=client_key,
        in_reply_to=_string(sent, "in_reply_to", "") or None,
        recipient=_string(sent, "recipient", "") or None,
        private=sent.get("private") is True,
        pictures=_pictures(sent),
    )
    return JsonResponse(describe(post, town.base_url), status=201 if new else 200)


@endpoint("POST")
@for_the_bank
def bank_pictures(request: HttpRequest, town: Settings) -> HttpResponse:
    """The bank brings a picture, as it is under its media type; a post shows it by the `id` that is answered."""
    return JsonResponse({"id": square.bring(request.body, request.content_type or "").key}, status=201)


@endpoint("PUT", "DELETE")
@for_the_bank
def bank_post(request: HttpRequest, town: Settings, key: str) -> HttpResponse:
    """The bank changes a post of its own, or takes it back; `{"hidden"}` folds away somebody's answer to one."""
    if request.method == "PUT" and isinstance(hidden := _sent(request).get("hidden"), bool):
        return JsonResponse(describe(square.hide(key, hidden=hidden), town.base_url))
    if request.method == "PUT":
        return JsonResponse(describe(square.reword(key, _string(_sent(request), "text")), town.base_url))
    square.withdraw(key)
    return HttpResponse(status=204)


@endpoint("GET")
@for_the_bank
def bank_account(request: HttpRequest, town: Settings) -> HttpResponse:
    """Who the token acts as."""
    return JsonResponse({"account": describe_person(square.meet(town.bank_handle), town.base_url)})


@endpoint("GET")
@for_the_bank
def bank_search(request: HttpRequest, town: Settings) -> HttpResponse:
    """Public posts that hold all of `q`, oldest first after the one of the key `after`; without it the newest page.

    Words and "phrases" are found within others too, whatever their case and accents; `from:handle` names who wrote.
    """
    found = square.look_for(request.GET.get("q", ""), after=request.GET.get("after", ""), at_most=PAGE)
    return JsonResponse(
        {"items": [describe(post, town.base_url) for post in found.posts], "next": found.after, "more": found.more}
    )


@endpoint("GET")
@for_the_bank
def bank_events(request: HttpRequest, town: Settings) -> HttpResponse:
    """The log of events after a cursor, oldest first: what a webhook that was deaf has missed.

    `since` and `until` (ISO times) keep to the events of a stretch of time.
    """
    xact, _dot, pk = request.GET.get("after", "").partition(".")
    if request.GET.get("after") and not (xact.isdecimal() and pk.isdecimal() and len(xact) < 19 and len(pk) < 19):
        raise Refusal(_("That is not a cursor of ours."), 400)
    asked = request.GET.get("limit", "")
    limit = min(max(int(asked), 1), PAGE) if asked.isdecimal() and len(asked) < 9 else PAGE
    # Transactions that are still open may yet add events before those we can see: the log ends where they begin.
    log = Event.objects.filter(xact__lt=RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", ()))
    if xact:
        log = log.filter(Q(xact__gt=int(xact)) | Q(xact=int(xact), id__gt=int(pk)))
    for name, bound in (("since", "created_at__gte"), ("until", "created_at__lt")):
        if asked := request.GET.get(name, ""):
            log = log.filter(**{bound: _moment(asked)})
    found = list(log.order_by("xact", "id")[: limit + 1])
    page = found[:limit]
    return JsonResponse(
        {
            "events": [event.describe(json.loads(unseal(event.sealed) or "{}")) for event in page],
            "next": f"{page[-1].xact}.{page[-1].pk}" if page else request.GET.get("after") or None,
            "more": len(found) > limit,
        }
    )


def _moment(given: str) -> datetime:
    try:
        moment: datetime | None = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refusal(_("That is not a time with its zone."), 400)
    return moment


def _post(key: str) -> Post:
    found = Post.objects.standing().select_related("author", "recipient", "in_reply_to").named(key).first()
    if found is None:
        raise Refusal(_("There is no such post."), 404, "id")
    return found


def _sent(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > LARGEST_BODY:
        raise Refusal(_("That is too much for one post."), 413)
    try:
        sent = json.loads(request.body.decode())
    except (ValueError, RecursionError):
        raise Refusal(_("The body is not JSON in UTF-8."), 400) from None
    if not isinstance(sent, dict):
        raise Refusal(_("The body is not an object."), 400)
    return sent


def _string(sent: dict[str, Any], name: str, default: str | None = None) -> str:
    value = sent.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise Refusal(_("%(name)s is missing or is not a string.") % {"name": name}, field=name)
    return value


def _pictures(sent: dict[str, Any]) -> list[tuple[str, str]]:
    """`pictures: [{"id", "alt"?}]`: what was brought before, with what it shows."""
    given = sent.get("pictures") or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Refusal(_("pictures is not a list of objects."), field="pictures")
    return [(_string(one, "id"), _string(one, "alt", "")) for one in given]


def wait_for(request: HttpRequest, town: Settings, *, by_hand: bool = False) -> int:
    """Seconds until this client may call again; nought while it is within its share, which each process counts.

    Programs have the town's share, so that a storm can be made; nobody fills in forms as fast.
    """
    window, into = divmod(int(time.time()), WINDOW_S)
    if _calls.get("window") != window:
        _calls.clear()
        _calls["window"] = window
    side = "forms" if by_hand else "bank" if _is_the_bank(request, town) else "anybody"
    share = min(town.calls_per_minute, FORMS_PER_MINUTE) if by_hand else town.calls_per_minute
    client = f"{side} {request.META.get('REMOTE_ADDR', '')}"
    _calls[client] = calls = _calls.get(client, 0) + 1
    return WINDOW_S - into if calls > max(share * WINDOW_S // 60, 1) else 0


def _is_the_bank(request: HttpRequest, town: Settings) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    known = hmac.compare_digest(square.token_hash(token), town.bank_token_hash or "none")
    return scheme.lower() == "bearer" and known


def _error(status: int, reason: str) -> JsonResponse:
    return JsonResponse({"error": reason}, status=status)
