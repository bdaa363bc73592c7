"""The HTTP API for programs: posts in, mentions out, posts of our own. Described at `/api/v1/openapi.json`."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from django.core.exceptions import RequestDataTooBig
from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Query, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBearer
from pydantic import AwareDatetime, Field

from agents import tokens
from agents.api import conversations, own_posts
from agents.api.answers import Problem, mention_item, problem
from agents.api.limits import Limits, TooFast
from agents.tokens import Program
from mentions import lines, search
from mentions.intake import Batch
from mentions.models import Mention, Origin
from mentions.posts import OPS
from mentions.writer import Overloaded, look_up, writer

log = logging.getLogger(__name__)

MOST_POSTS = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_posts = Limits(rate=2000, burst=4000)
_readings = Limits(rate=20, burst=600)  # of 500 mentions each


class Bearer(HttpBearer):
    """A token in the Authorization header."""

    async def authenticate(self, request: HttpRequest, token: str) -> Program | None:
        remembered, known = tokens.recall(token)
        found = known if remembered else await look_up(tokens.program, token)
        if found is not None and request.method == "GET" and (wait := _readings.wait(found.token_id, 1)) > 0:
            raise TooFast(wait)
        return found


class Status(Schema):
    """What became of one post."""

    external_id: str | None = None
    status: Literal["accepted", "duplicate", "rejected"]
    reason: str = ""


class Taken(Schema):
    """What became of the posts, in the order given."""

    accepted: int
    duplicate: int
    rejected: int
    items: list[Status]


class Page(Schema):
    """Mentions, newest first; `next` continues behind the last of them."""

    items: list[dict[str, Any]]
    next: str | None = None


class Filters(Schema):
    """Which mentions."""

    q: Annotated[str | None, Field(max_length=200, description="words, full text")] = None
    network: Annotated[str | None, Field(pattern=r"^[a-z0-9_-]{1,32}$")] = None
    queue: Annotated[str | None, Field(pattern=r"^[-a-zA-Z0-9_]{1,40}$")] = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    after: Annotated[str | None, Field(max_length=64)] = None


api = NinjaAPI(
    title="Glasshouse",
    version="1",
    description="Posts in, mentions out, posts of our own. Every answer that is not 200 says in `error` what to do.",
    auth=Bearer(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem(401, "send a valid token as Authorization: Bearer", {"WWW-Authenticate": "Bearer"})


@api.exception_handler(TooFast)
def _too_fast(request: HttpRequest, error: TooFast) -> HttpResponse:
    return problem(429, "too many questions: slow down", {"Retry-After": str(error.seconds)})


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    said = "; ".join(f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in error.errors)
    return problem(422, said)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, str(error))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "the body is larger than 4 MiB: send fewer posts at once")


@api.exception_handler(Error)
def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("the API could not ask the database: %s", type(error).__name__)
    return problem(503, "the database does not answer: ask again in a moment", {"Retry-After": "2"})


@api.exception_handler(Exception)
def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("the API failed", exc_info=error)
    return problem(500, "a fault of ours, which has been noted; the same request may work later")


_POST = {
    "type": "object",
    "required": ["network", "external_id"],
    "properties": {
        "network": {"type": "string", "pattern": "^[a-z0-9_-]{1,32}$"},
        "external_id": {"type": "string", "maxLength": 512},
        "author": {"type": "object", "properties": {"id": {"type": "string"}}},
        "text": {"type": "string"},
        "created_at": {"type": "string", "format": "date-time"},
        "op": {"type": "string", "enum": list(OPS)},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"oneOf": [_POST, {"type": "array", "items": _POST, "maxItems": MOST_POSTS}]}
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@api.post(
    "/posts",
    response={200: Taken, 400: Problem, 401: Problem, 403: Problem, 413: Problem, 429: Problem, 503: Problem},
    openapi_extra=_BODY,
    summary="Store one post, a list of up to 1,000, or JSON lines",
)
async def posts(request: HttpRequest) -> HttpResponse:
    """Everything accepted is committed when 200 is answered; rejected posts are kept for replay."""
    program: Program = request.auth  # type: ignore[attr-defined]
    if "ingest" not in program.scopes or program.source is None:
        return problem(403, "this token may not store posts: give it the scope ingest")
    try:
        items = lines.body(request.body, most=MOST_POSTS)
    except lines.TooMany as many:
        return problem(413, str(many))
    except ValueError as unreadable:
        return problem(400, str(unreadable))
    wait = _posts.wait(program.token_id, len(items))
    if wait > 0:
        return problem(429, "too many posts: slow down", {"Retry-After": str(int(wait) + 1)})
    try:
        outcome = await writer.store(Batch(program.source, items))
    except (Overloaded, Error):
        return problem(503, "not stored: send it again in a moment", {"Retry-After": "2"})
    return JsonResponse(
        {
            "accepted": outcome.count("accepted"),
            "duplicate": outcome.count("duplicate"),
            "rejected": outcome.count("rejected"),
            "items": [
                {"external_id": item.external_id, "status": item.status, "reason": item.reason}
                for item in outcome.items
            ],
        }
    )


@api.get(
    "/mentions",
    response={200: Page, 400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem, 503: Problem},
    summary="Stored mentions, newest first",
)
def mentions(request: HttpRequest, filters: Query[Filters]) -> HttpResponse:
    """Only queues of the token's teams; private messages only with the scope private."""
    program: Program = request.auth  # type: ignore[attr-defined]
    if "read" not in program.scopes:
        return problem(403, "this token may not read mentions: give it the scope read")
    private = "private" in program.scopes
    if filters.q and "\0" in filters.q:
        return problem(400, "q holds a NUL character")
    found = search.matching(filters.q, private=private) if filters.q else Mention.objects.all()
    found = found.filter(origin=Origin.LIVE)
    if not private:
        found = found.filter(visibility="public")
    if program.queues is not None:
        found = found.filter(conversation__queue__in=program.queues)
    if filters.network:
        found = found.filter(network=filters.network)
    if filters.queue:
        found = found.filter(conversation__queue__slug=filters.queue)
    try:
        # In UTC, since PostgreSQL knows no offset past 15:59 and Python does.
        if filters.since:
            found = found.filter(occurred_at__gte=filters.since.astimezone(UTC))
        if filters.until:
            found = found.filter(occurred_at__lt=filters.until.astimezone(UTC))
    except OverflowError:
        return problem(400, "since and until are times between the years 1 and 9999 in UTC")
    if filters.after:
        try:
            at, pk = _behind(filters.after)
        except ValueError:
            return problem(400, "after is not a cursor that this API gave out")
        found = found.filter(occurred_at__lte=at).exclude(occurred_at=at, pk__gte=pk)
    rows = list(
        found.select_related("content", "author", "conversation__queue")
        .prefetch_related("media")
        .order_by("-occurred_at", "-pk")[: filters.limit + 1]
    )
    page = rows[: filters.limit]
    more = _cursor(page[-1]) if len(rows) > filters.limit else None
    return JsonResponse({"items": [mention_item(row) for row in page], "next": more})


def _cursor(last: Mention) -> str:
    """Where a page ended: when its last mention was written, in microseconds since 1970, and its key."""
    return base64.urlsafe_b64encode(b"%d.%d" % ((last.occurred_at - EPOCH) // MICROSECOND, last.pk)).decode()


def _behind(cursor: str) -> tuple[datetime, int]:
    """The moment and key at which a page ended. Raises `ValueError` for what `_cursor` did not make."""
    at, _, pk = base64.urlsafe_b64decode(cursor.encode()).decode("ascii").partition(".")
    try:
        return EPOCH + int(at) * MICROSECOND, min(max(int(pk), 0), 2**63 - 1)
    except OverflowError as far:
        raise ValueError("a time that is none") from far


@api.api_operation(["GET", "PUT", "PATCH", "DELETE"], "/posts", auth=None, include_in_schema=False)
def only_taken(request: HttpRequest) -> HttpResponse:
    """Posts are brought here, not asked for."""
    return problem(405, "bring posts by POST; ask for them at mentions", {"Allow": "POST"})


@api.api_operation(["POST", "PUT", "PATCH", "DELETE"], "/mentions", auth=None, include_in_schema=False)
def only_told(request: HttpRequest) -> HttpResponse:
    """Mentions are asked for here, not brought."""
    return problem(405, "ask for mentions by GET; bring posts to posts", {"Allow": "GET"})


api.add_router("/conversations", conversations.router)
api.add_router("/own-posts", own_posts.router)


@csrf_exempt
def nowhere(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Any other address below the API's."""
    return problem(404, "there is nothing here: openapi.json says what there is")


def description(request: HttpRequest) -> HttpResponse:
    """The API's description, for anyone signed in or with a token."""
    header = request.headers.get("Authorization", "")
    signed_in = request.user.is_authenticated
    if not signed_in and not (header.startswith("Bearer ") and tokens.program(header.removeprefix("Bearer "))):
        return problem(401, "sign in, or send a token as Authorization: Bearer")
    return JsonResponse(api.get_openapi_schema(path_prefix="/api/v1/"))
