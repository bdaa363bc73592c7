"""Posts of our own by program: read what is planned and sent, write one that asks a person for their word.

A token writes in the name of a person and for that person's teams; guard, second person, hold and freeze are those of
`agents.originals`. No program lets anything leave by itself.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Header, Path, Query, Router, Schema
from pydantic import AwareDatetime, Field

from agents import access, attaching, originals, pictures
from agents.api.answers import Problem, iso, pictures_of, problem
from agents.cases import Refused
from agents.models import ApiToken, Original, ReplyState, User
from agents.tokens import Program
from mentions.models import Source
from mentions.storable import clean_text

router = Router()

_SLUG = r"^[-a-zA-Z0-9_]{1,60}$"
_REFUSALS = {
    400: Problem,
    401: Problem,
    403: Problem,
    404: Problem,
    409: Problem,
    422: Problem,
    429: Problem,
    503: Problem,
}
WAITING_AT_MOST = 30  # drafts and posts that wait for approval, of one token
_Key = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Verdict(Schema):
    """What the guard said when it was last asked: `outcome` block, approve, warn or pass, and why."""

    outcome: Literal["block", "approve", "warn", "pass"]
    version: str
    findings: list[dict[str, Any]]


class Shown(Schema):
    """A picture as it leaves: drawn anew by us. `sha256` is that of its bytes, `alt` says what it shows."""

    type: str
    width: int
    height: int
    sha256: str
    alt: str


class Brought(Schema):
    """A picture to send: a JPEG, PNG, GIF or WebP in base64, and what it shows."""

    data: Annotated[str, Field(min_length=1)]
    alt: Annotated[str, Field(max_length=5_000)] = ""


class OwnPost(Schema):
    """A post of our own. `state` as in the contract; `leave_at` null leaves once a person has approved it."""

    id: str
    title: str
    kind: Literal["notice", "statement", "campaign", "other"]
    team: str
    account: str
    network: str
    author: str
    text: str
    pictures: list[Shown]
    state: str
    leave_at: str | None
    created_at: str
    submitted_at: str | None
    sent_at: str | None
    edited_at: str | None
    retracted_at: str | None
    url: str | None
    external_id: str | None
    returned_reason: str
    error: str
    guard: Verdict


class OwnPosts(Schema):
    """Posts of our own, newest first; `next` continues behind the last of them."""

    items: list[OwnPost]
    next: str | None = None


class Asked(Schema):
    """Which posts of our own."""

    state: Literal["draft", "awaiting_approval", "held", "sending", "sent", "failed", "unknown", "retracted"] | None = (
        None
    )
    since: AwareDatetime | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    after: Annotated[str | None, Field(max_length=64)] = None


class Written(Schema):
    """A post to keep as a draft or, with `submit`, to ask a second person about.

    `account` is a source's slug, `team` one of the person's teams, whose rules bind it.
    """

    title: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[str, Field(min_length=1, max_length=65_000)]
    account: Annotated[str, Field(pattern=_SLUG)]
    team: Annotated[str, Field(pattern=_SLUG)]
    kind: Literal["notice", "statement", "campaign", "other"] = "notice"
    leave_at: AwareDatetime | None = None
    pictures: Annotated[list[Brought], Field(max_length=20)] = []
    submit: bool = True


@router.get("", response={200: OwnPosts, **_REFUSALS}, summary="Posts of our own, newest first")
def listing(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Those of the token's teams; of drafts only those of its person."""
    program: Program = request.auth  # type: ignore[attr-defined]
    if "read" not in program.scopes:
        return problem(403, "this token may not read: give it the scope read")
    found = _seen(program)
    if asked.state:
        found = found.filter(reply__state=asked.state)
    try:
        if asked.since:
            found = found.filter(reply__created_at__gte=asked.since.astimezone(UTC))
    except OverflowError:
        return problem(400, "since is a time between the years 1 and 9999 in UTC")
    if asked.after:
        try:
            behind = int(base64.urlsafe_b64decode(asked.after.encode()).decode("ascii"))
        except (ValueError, binascii.Error, UnicodeDecodeError):
            return problem(400, "after is not a cursor that this API gave out")
        found = found.filter(pk__lt=min(max(behind, 0), 2**63 - 1))
    rows = list(found.order_by("-pk")[: asked.limit + 1])
    page = rows[: asked.limit]
    more = base64.urlsafe_b64encode(str(page[-1].pk).encode()).decode() if len(rows) > asked.limit else None
    return JsonResponse({"items": [_item(row) for row in page], "next": more})


@router.get("/{row:pk}", response={200: OwnPost, **_REFUSALS}, summary="One post of our own")
def one(request: HttpRequest, pk: _Key) -> HttpResponse:
    """What became of it."""
    program: Program = request.auth  # type: ignore[attr-defined]
    if "read" not in program.scopes:
        return problem(403, "this token may not read: give it the scope read")
    found = _seen(program).filter(pk=pk).first()
    return JsonResponse(_item(found)) if found is not None else problem(404, "there is no such post")


@router.post("", response={200: OwnPost, **_REFUSALS}, summary="Write a post of our own")
def write(
    request: HttpRequest, written: Written, idempotency_key: Annotated[UUID, Header(alias="Idempotency-Key")]
) -> HttpResponse:
    """Keeps it as a draft, or asks a second person; it never leaves without one.

    The same `Idempotency-Key` is the same post: a draft is written anew, one that has asked already is answered as it
    is. A post that the guard blocks stays a draft, and `guard` says why.
    """
    program: Program = request.auth  # type: ignore[attr-defined]
    if "posts" not in program.scopes:
        return problem(403, "this token may not write posts of our own: give it the scope posts")
    author = User.objects.filter(pk=program.person or 0, is_active=True).first()
    if author is None or not access.may(author, "write posts"):
        return problem(403, "this token writes in nobody's name: name a person who may write posts")
    source = next((row for row in originals.accounts() if row.slug == written.account), None)
    team = _teams(program, author).filter(slug=written.team).first()
    if source is None or team is None:
        return problem(422, "account: no such account" if source is None else "team: none of this token's teams")
    try:
        wanted = replace(_wanted(written, source, team), token=program.token_id)
        brought = [(base64.b64decode(one.data, validate=True), one.alt) for one in written.pictures]
        with transaction.atomic():
            if _full(program, idempotency_key):
                said = f"{WAITING_AT_MOST} posts of this token wait for a person: let somebody decide about them first"
                return problem(429, said, {"Retry-After": "600"})
            found = _keep(wanted, brought, idempotency_key, author, program, submit=written.submit)
    except Refused as refused:
        return problem(409, str(refused))
    except (ValueError, OverflowError) as wrong:
        return problem(422, str(wrong))
    return JsonResponse(_item(_seen(program).get(pk=found.pk)))


@router.api_operation(["PUT", "PATCH", "DELETE"], "", auth=None, include_in_schema=False)
def only_asked_and_written(request: HttpRequest) -> HttpResponse:
    """Posts of our own are asked for and written."""
    return problem(405, "ask by GET, write by POST", {"Allow": "GET, POST"})


@router.api_operation(["POST", "PUT", "PATCH", "DELETE"], "/{row:pk}", auth=None, include_in_schema=False)
def only_asked(request: HttpRequest, pk: int) -> HttpResponse:
    """One post is asked for."""
    return problem(405, "ask for one post by GET", {"Allow": "GET"})


def _full(program: Program, key: UUID) -> bool:
    """Whether as many posts of the token wait as people can be expected to read; one that waits can be written anew.

    What the token writes comes one after the other from here to the end of the transaction: two at once would each
    count without the other.
    """
    ApiToken.objects.select_for_update(no_key=True).get(pk=program.token_id)
    waiting = Original.objects.filter(
        token=program.token_id, reply__state__in=(ReplyState.DRAFT, ReplyState.AWAITING_APPROVAL)
    )
    standing = originals.under(key)
    return waiting.exclude(pk=standing.pk if standing is not None else None).count() >= WAITING_AT_MOST


def _keep(
    wanted: originals.Wanted,
    brought: list[tuple[bytes, str]],
    key: UUID,
    author: User,
    program: Program,
    *,
    submit: bool,
) -> Original:
    standing = originals.under(key)
    if standing is not None and standing.reply.author_id == author.pk:
        # The person may have written it for a team of theirs that is none of the token's.
        if not _seen(program).filter(pk=standing.pk).exists():
            raise Refused("this Idempotency-Key is another post's: choose a fresh one")
        if standing.reply.state != ReplyState.DRAFT:
            return standing
    if brought or (standing is not None and pictures.of(standing.reply)):
        draft = attaching.in_post(wanted, added=brought, out=None, client_key=key, by=author)
        if not submit:
            return draft.original
        key, wanted = draft.client_key, replace(wanted, said={one.pk: one.alt for one in pictures.of(draft)})
    return (originals.submit if submit else originals.save)(wanted, client_key=key, by=author)


def _wanted(written: Written, source: Source, team: Any) -> originals.Wanted:
    title, text = clean_text(written.title).strip(), clean_text(written.text)
    if not title or not text.strip():
        raise ValueError("title and text: say something")
    leave_at = written.leave_at.astimezone(UTC) if written.leave_at else None
    return originals.Wanted(source=source, team=team, title=title, text=text, kind=written.kind, leave_at=leave_at)


def _teams(program: Program, author: User) -> Any:
    own = access.teams_for(author)
    return own if program.teams is None else own.filter(pk__in=program.teams)


def _seen(program: Program) -> QuerySet[Original]:
    """The posts that the token may know of: those of its teams; of drafts only those of its person."""
    found = Original.objects.exclude(Q(reply__state=ReplyState.DRAFT) & ~Q(reply__author=program.person))
    if program.teams is not None:
        found = found.filter(team__in=program.teams)
    return found.select_related("reply__source", "reply__author", "team").prefetch_related("reply__pictures")


def _item(original: Original) -> dict[str, Any]:
    reply = original.reply
    actions = {finding["action"] for finding in reply.findings}
    outcome = next((worst for worst in ("block", "approve", "warn") if worst in actions), "pass")
    told: dict[str, datetime | None] = {
        "leave_at": original.leave_at,
        "created_at": reply.created_at,
        "submitted_at": reply.submitted_at,
        "sent_at": reply.sent_at,
        "edited_at": reply.edited_at,
        "retracted_at": reply.retracted_at,
    }
    return {
        "id": str(original.pk),
        "title": original.title,
        "kind": original.kind,
        "team": original.team.slug,
        "account": reply.source.slug,
        "network": reply.source.network,
        "author": str(reply.author),
        "text": reply.text,
        "pictures": pictures_of(reply),
        "state": reply.state,
        **{name: iso(moment) for name, moment in told.items()},
        "url": reply.url or None,
        "external_id": reply.external_id or None,
        "returned_reason": reply.returned_reason,
        "error": reply.error,
        "guard": {"outcome": outcome, "version": reply.guard_version, "findings": reply.findings},
    }
