"""The rows of a list as people read them: what may be shown of each, and the way to its conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from agents import access
from agents.models import User
from commandcenter import periods
from commandcenter.reports import behind, naming, proving, wording
from commandcenter.reports.behind import Found, Question
from mentions.models import Conversation, Mention, Stretch, Visibility
from mentions.naming import gave_way, gone

SHOWN_CHARACTERS = 160
_IN_FILE = 1000
SPELLS = ("available", "away")
COLUMNS = (
    *("at", "network", "author", "visibility", "text", "tone", "language", "topics", "queue", "conversation"),
    *("post", "post_id", "seconds", "received", "spam", "reach", "stars"),
    *proving.COLUMNS,
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
    post_id: str
    seconds: float | None
    received: datetime
    spam: bool
    reach: int
    stars: int | None


# Of a mention what a row shows of it, in the order of `_Shown`; a file of a hundred thousand rows needs no more.
_SHOWN = (
    *("network", "external_id", "visibility", "deleted_at", "sentiment", "language", "topics", "url", "received_at"),
    *("spam", "reach", "rating"),
    *("content__author_handle", "content__text"),
)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A mention's columns; `text` is None where its content is no longer kept."""

    network: str
    external_id: str
    visibility: str
    deleted_at: datetime | None
    tone: int | None
    language: str
    topics: Sequence[str]
    url: str
    received: datetime
    spam: bool
    reach: int
    stars: int | None
    handle: str | None
    text: str | None


def shown(found: Sequence[Found], question: Question, *, by: User) -> list[dict[str, Any]]:
    """The rows of a page with their words."""
    proofs = proving.proofs(found, question)
    return [
        {
            "it": row,
            "proof": proof,
            "verdict": proving.verdict(proof, question),
            "at": wording.stamp(row.at),
            "network": naming.network(row.network),
            "text": Truncator(row.text).chars(SHOWN_CHARACTERS),
            "took": wording.spell(row.seconds),
        }
        for row, proof in zip(rows(found, question, by=by), proofs, strict=True)
    ]


def rows(found: Sequence[Found], question: Question, *, by: User) -> list[Row]:
    """What this person may see of each row, in the same order and number."""
    if question.list.what in SPELLS:
        return [_nothing(one) for one in found]
    mentions = _mentions(found, question)
    talks = Conversation.objects.filter(pk__in=_conversations(found))
    queues = dict(talks.values_list("pk", "queue__name"))
    open_to = set(access.conversations_for(by).filter(pk__in=queues).values_list("pk", flat=True))
    private = access.may(by, "see private")
    told = []
    for one in found:
        mention = mentions[one.key]
        hidden = mention.visibility == Visibility.PRIVATE and not private
        kept = not hidden and mention.text is not None and mention.deleted_at is None
        about = one.conversation if one.conversation in queues else None
        told.append(
            Row(
                at=one.at,
                network=mention.network,
                author=f"@{mention.handle}" if kept and mention.handle else "",
                visibility=mention.visibility,
                text=(mention.text or "") if kept else "",
                why=_why_empty(mention, hidden=hidden),
                tone=mention.tone,
                language=mention.language,
                topics=tuple(mention.topics),
                queue=queues[about] if about else "",
                number=Conversation(pk=about).number if about else "",
                url=reverse("agents:conversation", args=[about]) if about in open_to else "",
                post_url=_address(mention) if not hidden else "",
                post_id="" if hidden else mention.external_id,
                seconds=one.seconds,
                received=mention.received,
                spam=mention.spam,
                reach=mention.reach,
                stars=mention.stars,
            )
        )
    return told


def _address(mention: _Shown) -> str:
    """Where the post stands on its network; of a deleted one nothing, since the address may name its author."""
    given = mention.deleted_at is None and mention.url.startswith(("https://", "http://"))
    return mention.url if given else ""


def _nothing(one: Found) -> Row:
    """A spell at the desk or away, which is about no post."""
    return Row(one.at, "", "", "", "", "", None, "", (), "", "", "", "", "", one.seconds, one.at, False, 0, None)


def lines(question: Question, *, by: User, words: Mapping[str, int]) -> Iterator[Sequence[Any]]:
    """The whole list for a file, read a thousand at a time; its first line names the columns.

    `words` are networks with how many of their posts may be given with what was said: of the rest the file has the
    identifier alone.
    """
    yield COLUMNS
    asked, more, days, left = question, True, behind.counted(question), dict(words)
    while more:
        page, after = behind.read(asked, limit=_IN_FILE, days=days)
        for row, proof in zip(rows(page, asked, by=by), proving.proofs(page, asked), strict=True):
            given = row if left.get(row.network, 1) else _identified(row)
            if row.network in left:
                left[row.network] -= left[row.network] > 0
            yield (
                *(_here(given.at), given.network, given.author, given.visibility),
                *(given.text or given.why, given.tone, given.language, " ".join(given.topics), given.queue),
                *(given.number, given.post_url, given.post_id, given.seconds, _here(given.received)),
                *("yes" if given.spam else "no", given.reach, given.stars),
                *(_here(cell) if isinstance(cell, datetime) else cell for cell in proof.cells()),
            )
        asked, more = behind.going_on(asked, after), bool(after)


def _here(at: datetime) -> datetime:
    return at.astimezone(periods.bank_zone())


def _identified(row: Row) -> Row:
    """The row without what its author said or is called."""
    why = _("Only its identifier: the network allows no more of its posts a person and day in files.")
    return replace(row, author="", text="", why=why, post_url="")


def _mentions(found: Sequence[Found], question: Question) -> dict[int, _Shown]:
    """For each row's key the mention to show: itself, or the one that the conversation or the wait began with."""
    what = question.list.what
    if what in ("mentions", "rivals", "authors"):
        first = {one.key: one.key for one in found}
    elif what in ("first_response", "next_response"):
        first = dict(Stretch.objects.filter(pk__in=[one.key for one in found]).values_list("pk", "mention_id"))
    else:
        begun = dict(Conversation.objects.filter(pk__in=_conversations(found)).values_list("pk", "first_mention_id"))
        first = {one.key: begun[one.conversation] for one in found if one.conversation is not None}
    known = {
        pk: _Shown(*values)
        for pk, *values in Mention.objects.filter(pk__in=set(first.values())).values_list("pk", *_SHOWN)
    }
    return {key: known[mention] for key, mention in first.items()}


def _conversations(found: Sequence[Found]) -> list[int]:
    return [one.conversation for one in found if one.conversation is not None]


def _why_empty(mention: _Shown, *, hidden: bool) -> str:
    if hidden:
        return _("A private message.")
    if mention.deleted_at:
        return _("Deleted by its author.") if not gave_way(mention.external_id) else f"{gone(mention.external_id)}."
    return "" if mention.text is not None else _("Its content is no longer kept.")
