"""What stands beside a conversation: who is writing, what the machine made of it and why, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.models import User
from agents.pages import lists, thread, words
from mentions import events
from mentions.models import Conversation, Correction, Mention
from mentions.triage.topics import PHRASES


def context(conversation: Conversation, user: User, now: datetime | None = None) -> dict[str, Any]:
    """What stands beside the thread: the author, the machine's labels with their reasons, what happened."""
    moment = now or timezone.now()
    author = conversation.author
    earlier = access.conversations_for(user).filter(author=author).exclude(pk=conversation.pk)
    history = events.of_conversation(conversation.pk, limit=40)
    people = thread.named(history)
    return {
        "author": {
            "name": author.name or author.handle or _("Unknown"),
            "handle": author.handle,
            "url": None,
            "followers": author.followers,
            "since": author.first_seen_at,
            "messages": Mention.objects.filter(author=author).count(),
            "note": _("This private conversation continues a public one.") if conversation.linked_id else None,
            "conversations": lists.rows(earlier.select_related("author", "source").order_by("-pk")[:5], moment),
        },
        "labels": labels(conversation),
        "events": [
            {"at": event.at, "who": words.who(event, people), "words": words.happened(event)} for event in history
        ],
    }


def labels(conversation: Conversation) -> list[dict[str, Any]]:
    """What the machine made of the newest post, why, and what a person may say instead."""
    mention = Mention.objects.filter(pk=conversation.last_mention_id).first()
    if mention is None:
        return []
    corrected = {c.field for c in Correction.objects.filter(mention=mention)}
    said = mention.labels
    tone, tone_words = words.TONES[mention.sentiment]
    found: list[dict[str, Any]] = [
        _label(mention, "language", _("Language"), mention.language, mention.language, said, corrected, LANGUAGES),
        _label(mention, "sentiment", _("Tone"), tone, str(tone_words), said, corrected, _tones()),
        _label(
            mention,
            "topics",
            _("Topic"),
            mention.topics[0] if mention.topics else "",
            ", ".join(topic.replace("-", " ") for topic in mention.topics) or _("none"),
            {"topics": (said.get("topics") or [None])[0]},
            corrected,
            _topics(mention),
        ),
    ]
    urgency = said.get("urgency", {})
    if mention.urgency:
        found.append(
            {
                "mention_id": mention.pk,
                "name": "urgency",
                "title": _("Urgency"),
                "value": str(mention.urgency),
                "value_words": _("%(n)d of 3") % {"n": mention.urgency},
                "score": urgency.get("score"),
                "reason": urgency.get("reason", ""),
                "corrected_by": None,
                "choices": [],
            }
        )
    return found


LANGUAGES = ["en", "es", "fr", "de", "pt", "it", "tl", "zh", "ja", "ko", "ar", "vi", "hi", "ru", "und"]


def _label(
    mention: Mention,
    name: str,
    title: str,
    value: str,
    value_words: str,
    said: dict[str, Any],
    corrected: set[str],
    choices: Iterable[str] | list[dict[str, str]],
) -> dict[str, Any]:
    machine = said.get(name) or {}
    return {
        "mention_id": mention.pk,
        "name": name,
        "title": title,
        "value": value,
        "value_words": value_words,
        "score": machine.get("score"),
        "reason": machine.get("reason", ""),
        "corrected_by": _("a person") if name in corrected else None,
        "choices": [c if isinstance(c, dict) else {"value": c, "title": c} for c in choices],
    }


def _tones() -> list[dict[str, str]]:
    return [{"value": key, "title": str(title)} for key, title in words.TONES.values()]


def _topics(mention: Mention) -> list[dict[str, str]]:
    return [{"value": "", "title": _("none")}] + [
        {"value": topic, "title": topic.replace("-", " ")} for topic in sorted({*PHRASES, *mention.topics})
    ]
