"""The rows of a list as people read them: what may be shown of each, and the way to its conversation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from agents import access
from agents.models import User
from commandcenter import periods
from commandcenter.reports import behind, naming, wording
from commandcenter.reports.behind import Found, Question
from mentions.models import Conversation, Mention, Stretch, Visibility

SHOWN_CHARACTERS = 160
_IN_FILE = 1000
COLUMNS = (
    *("at", "network", "author", "visibility", "text", "tone", "language", "topics", "queue", "conversation"),
    *("post", "seconds"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `text` is empty where there is nothing to show, and then `why` says why."""

    at: datetime
    network: str
    author: str
    visibility: str
    text: str
    why: str
    tone: int | None
    language: str
    topics: tuple[str, ...]
    queue: str
    number: str
    url: str
    post_url: str
    seconds: float | None


def shown(found: Sequence[Found], question: Question, *, by: User) -> list[dict[str, Any]]:
    """The rows of a page with their words."""
    return [
        {
            "it": row,
            "at": wording.stamp(row.at),
            "network": naming.network(row.network),
            "text": Truncator(row.text).chars(SHOWN_CHARACTERS),
            "took": wording.spell(row.seconds),
        }
        for row in rows(found, question, by=by)
    ]


def rows(found: Sequence[Found], question: Question, *, by: User) -> list[Row]:
    """What this person may see of each row, in the same order and number."""
    mentions = _mentions(found, question)
    conversations = {
        one.pk: one for one in Conversation.objects.select_related("queue").filter(pk__in=_conversations(found))
    }
    open_to = set(access.conversations_for(by).filter(pk__in=conversations).values_list("pk", flat=True))
    private = access.may(by, "see private")
    told = []
    for one in found:
        mention, conversation = mentions[one.key], conversations.get(one.conversation or 0)
        hidden = mention.visibility == Visibility.PRIVATE and not private
        content = None if hidden or mention.deleted_at else getattr(mention, "content", None)
        told.append(
            Row(
                at=one.at,
                network=mention.network,
                author=f"@{content.author_handle}" if content and content.author_handle else "",
                visibility=mention.visibility,
                text=content.text if content else "",
                why=_why_empty(mention, hidden=hidden, kept=content is not None),
                tone=mention.sentiment,
                language=mention.language,
                topics=tuple(mention.topics),
                queue=conversation.queue.name if conversation else "",
                number=conversation.number if conversation else "",
                url=reverse("agents:conversation", args=[conversation.pk])
                if conversation and conversation.pk in open_to
                else "",
                post_url="" if hidden or not mention.url.startswith(("https://", "http://")) else mention.url,
                seconds=one.seconds,
            )
        )
    return told


def cells(question: Question, *, by: User) -> Iterator[Sequence[Any]]:
    """The whole list for a file, read a thousand at a time; its first line names the columns."""
    yield COLUMNS
    asked, more, days = question, True, behind.counted(question)
    while more:
        page, after = behind.read(asked, limit=_IN_FILE, days=days)
        for row in rows(page, asked, by=by):
            yield (
                *(row.at.astimezone(periods.bank_zone()), row.network, row.author, row.visibility),
                *(row.text or row.why, row.tone, row.language, " ".join(row.topics), row.queue, row.number),
                *(row.post_url, row.seconds),
            )
        asked, more = behind.going_on(asked, after), bool(after)


def _mentions(found: Sequence[Found], question: Question) -> dict[int, Mention]:
    """For each row's key the mention to show: itself, or the one that the conversation or the wait began with."""
    what = question.list.what
    if what in ("mentions", "rivals"):
        first = {one.key: one.key for one in found}
    elif what in ("first_response", "next_response"):
        first = dict(Stretch.objects.filter(pk__in=[one.key for one in found]).values_list("pk", "mention_id"))
    else:
        begun = dict(Conversation.objects.filter(pk__in=_conversations(found)).values_list("pk", "first_mention_id"))
        first = {one.key: begun[one.conversation] for one in found if one.conversation is not None}
    known = Mention.objects.select_related("content").in_bulk(list(first.values()))
    return {key: known[mention] for key, mention in first.items()}


def _conversations(found: Sequence[Found]) -> list[int]:
    return [one.conversation for one in found if one.conversation is not None]


def _why_empty(mention: Mention, *, hidden: bool, kept: bool) -> str:
    if hidden:
        return _("A private message.")
    if mention.deleted_at:
        return _("Deleted by its author.")
    return "" if kept else _("Its content is no longer kept.")
