"""How the API says what is wrong, what time it is, and what a mention is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Schema

from agents.models import Reply
from mentions import telling
from mentions.models import Mention


class Problem(Schema):
    """What is wrong and what to do."""

    error: str


def problem(status: int, error: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """An answer that is not 200."""
    return JsonResponse({"error": error}, status=status, headers=headers)


def iso(moment: datetime | None) -> str | None:
    """A time in UTC, as the contract writes it."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def pictures_of(reply: Reply) -> list[dict[str, Any]]:
    """The pictures that go with a reply, or went."""
    return [
        {"type": one.type, "width": one.width, "height": one.height, "sha256": one.digest, "alt": one.alt}
        for one in reply.pictures.all()
    ]


def _label(said: dict[str, Any], mention: Mention) -> dict[str, Any]:
    return {**said, "reason": telling.why(said.get("reason", "")), "version": mention.label_version}


def _topics(topics: list[dict[str, Any]], mention: Mention) -> dict[str, Any]:
    """All topics as one label, which is as sure as its surest; `each` has them one by one, with their own reasons."""
    each = [_label(topic, mention) for topic in topics]
    return {
        "value": [topic["value"] for topic in each],
        "score": max((topic["score"] for topic in each), default=0.0),
        "reason": "; ".join(topic["reason"] for topic in each) or _("nothing of any topic"),
        "version": mention.label_version,
        "each": each,
    }


def mention_item(mention: Mention) -> dict[str, Any]:
    """A mention as the contract gives it: the post as stored, and what became of it."""
    content = getattr(mention, "content", None)
    labels = {name: _label(said, mention) for name, said in mention.labels.items() if isinstance(said, dict)}
    return {
        "id": str(mention.pk),
        "conversation": str(mention.conversation_id) if mention.conversation_id else None,
        "network": mention.network,
        "external_id": mention.external_id,
        "kind": mention.kind,
        "visibility": mention.visibility,
        "author": {
            "id": mention.author.external_id,
            "handle": content.author_handle if content else "",
            "name": content.author_name if content else "",
            "followers": mention.author.followers or 0,
            "verified": mention.author.verified is True,
            "avatar_url": mention.author.avatar_url or None,
            "created_at": iso(mention.author.account_created_at),
        },
        "text": content.text if content else None,
        "created_at": iso(mention.network_at),
        "url": mention.url or None,
        "in_reply_to": mention.in_reply_to,
        "conversation_id": mention.conversation.thread_key if mention.conversation else None,
        "lang": mention.language or None,
        "location": {
            "lat": mention.latitude,
            "lon": mention.longitude,
            "country": mention.country or None,
            "place": mention.place or None,
        },
        "rating": mention.rating,
        "metrics": {"likes": mention.likes, "reposts": mention.reposts, "replies": mention.replies},
        "media": [{"url": m.url, "type": m.type, "alt": m.alt} for m in mention.media.all()],
        "queue": mention.conversation.queue.slug if mention.conversation else None,
        "labels": {**labels, "topics": _topics(mention.labels.get("topics", []), mention)},
        "counted": {"language": mention.language, "sentiment": mention.sentiment, "topics": mention.topics},
        "received_at": iso(mention.received_at),
        "edited_at": iso(mention.edited_at),
        "deleted_at": iso(mention.deleted_at),
    }
