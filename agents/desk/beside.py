"""What stands beside a conversation: who is writing, what the machine made of it and why, what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from agents import access, consents
from agents.desk import lists, words
from agents.desk.lists import Row
from agents.desk.reading import Reading
from agents.models import Consent
from mentions import naming, telling
from mentions.models import Author, Conversation, Mention, State
from mentions.triage.topics import PHRASES

OPEN_TOO, EARLIER = 10, 5


def context(reading: Reading) -> dict[str, Any]:
    """What stands beside the thread: the author, the machine's labels with their reasons, what happened."""
    conversation, author = reading.conversation, reading.conversation.author
    messages = Mention.objects.filter(author=author).count()
    # Whoever wrote nothing else has no other conversation.
    open_too, earlier = _others(reading) if messages > len(reading.mentions) else ([], [])
    same = list(consents.of(author.pk))
    return {
        "author": {
            "name": author.name or author.handle or _("Unknown"),
            "handle": author.handle,
            "url": None,
            "followers": author.followers,
            "since": author.first_seen_at,
            "messages": messages,
            "notes": _references(conversation),
            "same": [_known_as(consent, author) for consent in same],
            "consent_how": Consent.How.choices,
            "open_too": open_too,
            "conversations": earlier,
            "elsewhere": _elsewhere(reading) if same else [],
        },
        "labels": labels(reading),
        "events": [
            {"at": event.at, "who": words.who(event, reading.people), "words": words.happened(event)}
            for event in reading.history[:40]
        ],
    }


def _others(reading: Reading) -> tuple[list[Row], list[Row]]:
    """The author's other conversations, newest first: what is open, of which there may be much, and what is closed."""
    by_author = access.conversations_for(reading.user).filter(author=reading.conversation.author)
    found = by_author.exclude(pk=reading.conversation.pk).select_related("author", "source")
    shown = lists.rows(found.order_by(F("closed_at").desc(nulls_first=True), "-pk")[: OPEN_TOO + EARLIER], reading.now)
    still_open = [row for row in shown if row.state != State.CLOSED]
    return still_open[:OPEN_TOO], shown[len(still_open) :][:EARLIER]


def _elsewhere(reading: Reading) -> list[Row]:
    """What the same person wrote as somebody else's author, by their consent: the newest conversations."""
    people = consents.same_person(reading.conversation.author_id) - {reading.conversation.author_id}
    found = access.conversations_for(reading.user).filter(author__in=people).select_related("author", "source")
    return lists.rows(found.order_by("-last_inbound_at", "-pk")[: OPEN_TOO + EARLIER], reading.now)


def _known_as(consent: Consent, author: Author) -> dict[str, Any]:
    """Who else this author is, and by whose word."""
    other = consent.other if consent.one_id == author.pk else consent.one
    told = {"how": consent.get_how_display(), "who": consent.recorded_by, "note": consent.note}
    return told | {
        "id": consent.pk,
        "name": str(other),
        "network": naming.network(other.network),
        "at": consent.given_at,
    }


def _references(conversation: Conversation) -> list[str]:
    """What it has to do with other conversations of its author."""
    said = []
    if conversation.linked is not None:
        said.append(_("This conversation goes on from %(number)s.") % {"number": conversation.linked.number})
    if conversation.answered_in is not None:
        said.append(_("Answered in %(number)s.") % {"number": conversation.answered_in.number})
    return said


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


def labels(reading: Reading) -> list[Shown]:
    """What the machine made of the newest post, why, and what a person may say instead."""
    mention = reading.newest
    if mention is None:
        return []
    judges = _judges(mention, reading)
    said = mention.labels
    topics = said.get("topics") or [{}]
    tone, tone_words = words.TONES[mention.sentiment]

    def shown(
        name: str, title: str, value: str, value_words: str, machine: Any, choices: list[dict[str, str]]
    ) -> Shown:
        reason = telling.why((machine or {}).get("reason", ""))
        return Shown(mention.pk, name, title, value, value_words, reason, judges.get(name, ""), choices)

    language_words = naming.language(mention.language)
    topic_words = ", ".join(map(naming.topic, mention.topics)) or _("none")
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


def _judges(mention: Mention, reading: Reading) -> dict[str, str]:
    """Who corrected which label last, by name."""
    corrections = [e for e in reading.history if e.kind == "mention.corrected" and e.mention_id == mention.pk]
    return {
        str(event.data["field"]): words.who(event, reading.people)
        for event in sorted(corrections, key=lambda event: event.at)
    }


LANGUAGES = ["en", "es", "fr", "de", "pt", "it", "tl", "zh", "ja", "ko", "ar", "vi", "hi", "ru", "und"]


def _languages() -> list[dict[str, str]]:
    return [{"value": key, "title": naming.language(key)} for key in LANGUAGES]


def _tones() -> list[dict[str, str]]:
    return [{"value": key, "title": str(title)} for key, title in words.TONES.values()]


def _topics(mention: Mention) -> list[dict[str, str]]:
    return [{"value": "", "title": _("none")}] + [
        {"value": topic, "title": naming.topic(topic)} for topic in sorted({*PHRASES, *mention.topics})
    ]
