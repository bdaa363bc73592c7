"""One conversation by program: where it stands and why, what was said, what we answered, and what happened."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Path, Router, Schema

from agents.api.answers import Problem, iso, mention_item, pictures_of, problem
from agents.models import Case, Reply, ReplyState
from agents.tokens import Program
from mentions import events, telling
from mentions.events import Event
from mentions.models import Conversation, Mention, Origin, Visibility

router = Router()

MOST = 200
_REFUSALS = {401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}


class Due(Schema):
    """A promise that runs: which answer is due, when, and why then."""

    target: str
    at: str
    why: str


class Told(Schema):
    """A conversation. Of very many mentions, replies and events, the newest 200 each."""

    id: str
    number: str
    state: str
    visibility: str
    network: str
    queue: str
    priority: int
    tags: list[str]
    why: str
    rule: dict[str, Any] | None
    actionable: bool | None
    actionable_reason: str
    owner: str | None
    due: list[Due]
    opened_at: str
    waiting_since: str | None
    closed_at: str | None
    disposition: str
    version: int
    mentions: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    events: list[dict[str, Any]]


@router.get("/{row:pk}", response={200: Told, **_REFUSALS}, summary="One conversation, whole")
def one(request: HttpRequest, pk: Annotated[int, Path(le=2**63 - 1)]) -> HttpResponse:
    """Only of queues of the token's teams; what is private, also an answer in a public one, only with that scope."""
    program: Program = request.auth  # type: ignore[attr-defined]
    if "read" not in program.scopes:
        return problem(403, "this token may not read: give it the scope read")
    seen, private = Conversation.objects.filter(origin=Origin.LIVE), "private" in program.scopes
    if not private:
        seen = seen.filter(visibility=Visibility.PUBLIC)
    if program.queues is not None:
        seen = seen.filter(queue__in=program.queues)
    found = seen.select_related("source", "queue", "rule").filter(pk=pk).first()
    return (
        JsonResponse(_told(found, private=private))
        if found is not None
        else problem(404, "there is no such conversation")
    )


@router.api_operation(["POST", "PUT", "PATCH", "DELETE"], "/{row:pk}", auth=None, include_in_schema=False)
def only_asked(request: HttpRequest, pk: int) -> HttpResponse:
    """Conversations are asked for."""
    return problem(405, "ask for a conversation by GET", {"Allow": "GET"})


def _told(conversation: Conversation, *, private: bool) -> dict[str, Any]:
    case = Case.objects.select_related("owner").filter(conversation=conversation, ended_at=None).first()
    said = (
        Mention.objects.filter(conversation=conversation)
        .select_related("content", "author", "conversation__queue")
        .prefetch_related("media")
        .order_by("-pk")[:MOST]
    )
    unsent = (ReplyState.DRAFT, ReplyState.WITHDRAWN)
    answered = Reply.objects.filter(conversation=conversation).exclude(state__in=unsent)
    answered = answered.select_related("author").prefetch_related("pictures")
    if not private:
        answered = answered.filter(visibility=Visibility.PUBLIC)
    rule = conversation.rule
    return {
        "id": str(conversation.pk),
        "number": conversation.number,
        "state": conversation.state,
        "visibility": conversation.visibility,
        "network": conversation.source.network,
        "queue": conversation.queue.slug,
        "priority": conversation.priority,
        "tags": conversation.tags,
        "why": telling.why(conversation.routed_why),
        "rule": {"name": rule.name, "version": conversation.rule_version} if rule is not None else None,
        "actionable": conversation.actionable,
        "actionable_reason": conversation.actionable_reason,
        "owner": case.owner.username if case is not None else None,
        "due": _due(conversation),
        "opened_at": iso(conversation.opened_at),
        "waiting_since": iso(conversation.waiting_since),
        "closed_at": iso(conversation.closed_at),
        "disposition": conversation.disposition,
        "version": conversation.version,
        "mentions": [mention_item(mention) for mention in said][::-1],
        "replies": [
            _reply(reply)
            for reply in answered.select_related("author").prefetch_related("pictures").order_by("-pk")[:MOST]
        ][::-1],
        "events": [_event(event) for event in events.of_conversation(conversation.pk, limit=MOST)][::-1],
    }


def _due(conversation: Conversation) -> list[dict[str, Any]]:
    running = []
    if conversation.due_at is not None:
        running.append((conversation.due_target, conversation.due_at, conversation.due_why))
    if conversation.resolution_due_at is not None and conversation.closed_at is None:
        running.append(("resolution", conversation.resolution_due_at, conversation.resolution_why))
    return [{"target": target, "at": iso(at), "why": telling.why(why)} for target, at, why in running]


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "id": str(reply.pk),
        "state": reply.state,
        "visibility": reply.visibility,
        "author": reply.author.username,
        "text": reply.text,
        "pictures": pictures_of(reply),
        "submitted_at": iso(reply.submitted_at),
        "sent_at": iso(reply.sent_at),
        "edited_at": iso(reply.edited_at),
        "retracted_at": iso(reply.retracted_at),
        "external_id": reply.external_id or None,
        "url": reply.url or None,
        "error": reply.error,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"kind": event.kind, "at": iso(event.at), "actor": event.actor, "actor_id": event.actor_id}
