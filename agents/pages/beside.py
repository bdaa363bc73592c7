"""What stands beside a conversation: who is writing, what the machine made of it and why, what happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.joining import DUPLICATE
from agents.models import User
from agents.pages import lists, thread, words
from mentions import events
from mentions.events import Event
from mentions.models import Conversation, Mention, State
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
            "note": _linked(conversation),
            "open_too": lists.rows(_related(earlier.exclude(state=State.CLOSED))[:10], moment),
            "conversations": lists.rows(_related(earlier.filter(state=State.CLOSED))[:5], moment),
        },
        "labels": labels(conversation, history),
        "events": [
            {"at": event.at, "who": words.who(event, people), "words": words.happened(event)} for event in history
        ],
    }


def _linked(conversation: Conversation) -> str:
    """What it has to do with another conversation of its author."""
    if conversation.linked is None:
        return ""
    if conversation.disposition == DUPLICATE:
        return _("Answered in %(number)s.") % {"number": conversation.linked.number}
    return _("This conversation goes on from %(number)s.") % {"number": conversation.linked.number}


def _related(found: QuerySet[Conversation]) -> QuerySet[Conversation]:
    return found.select_related("author", "source").order_by("-pk")


@dataclass(frozen=True, slots=True)
class Shown:
    """A label of a post: what it says, why or who said so, and what a person may say instead."""

    mention_id: int
    name: str
    title: str
    value: str
    value_words: str
    reason: str
    corrected_by: str
    choices: list[dict[str, str]] = field(default_factory=list)


def labels(conversation: Conversation, history: Iterable[Event]) -> list[Shown]:
    """What the machine made of the newest post, why, and what a person may say instead."""
    mention = Mention.objects.filter(pk=conversation.last_mention_id).first()
    if mention is None:
        return []
    judges = _judges(mention, history)
    said = mention.labels
    topics = said.get("topics") or [{}]
    tone, tone_words = words.TONES[mention.sentiment]

    def shown(
        name: str, title: str, value: str, value_words: str, machine: Any, choices: list[dict[str, str]]
    ) -> Shown:
        reason = (machine or {}).get("reason", "")
        return Shown(mention.pk, name, title, value, value_words, reason, judges.get(name, ""), choices)

    language_words = words.language(mention.language)
    topic_words = ", ".join(map(words.topic, mention.topics)) or _("none")
    first = mention.topics[0] if mention.topics else ""
    found = [
        shown("language", _("Language"), mention.language, language_words, said.get("language"), _languages()),
        shown("sentiment", _("Tone"), tone, str(tone_words), said.get("sentiment"), _tones()),
        shown("topics", _("Topic"), first, topic_words, topics[0], _topics(mention)),
    ]
    if mention.urgency:
        urgent = _("%(n)d of 3") % {"n": mention.urgency}
        found.append(shown("urgency", _("Urgency"), str(mention.urgency), urgent, said.get("urgency"), []))
    return found


def _judges(mention: Mention, history: Iterable[Event]) -> dict[str, str]:
    """Who corrected which label last, by name."""
    corrections = [e for e in history if e.kind == "mention.corrected" and e.mention_id == mention.pk]
    people = thread.named(corrections)
    return {
        str(event.data["field"]): words.who(event, people) for event in sorted(corrections, key=lambda event: event.at)
    }


LANGUAGES = ["en", "es", "fr", "de", "pt", "it", "tl", "zh", "ja", "ko", "ar", "vi", "hi", "ru", "und"]


def _languages() -> list[dict[str, str]]:
    return [{"value": key, "title": words.language(key)} for key in LANGUAGES]


def _tones() -> list[dict[str, str]]:
    return [{"value": key, "title": str(title)} for key, title in words.TONES.values()]


def _topics(mention: Mention) -> list[dict[str, str]]:
    return [{"value": "", "title": _("none")}] + [
        {"value": topic, "title": words.topic(topic)} for topic in sorted({*PHRASES, *mention.topics})
    ]
