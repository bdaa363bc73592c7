"""What was said in a conversation, line by line: posts, other people's in the same thread, replies, notes, turns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agents import access, addresses, replies
from agents.desk import changes, lists, words
from agents.desk.reading import Reading, named
from agents.desk.shown import shown
from agents.models import Reply, ReplyState
from mentions import naming
from mentions.events import Event
from mentions.models import Author, Conversation, Media, Mention
from mentions.sources import beside, gaps

AROUND = 30
WORTH_READING = frozenset(
    {
        "case.claimed",
        "case.released",
        "case.transferred",
        "case.assigned",
        "case.expired",
        "conversation.pending",
        "conversation.woken",
        "conversation.closed",
        "conversation.reopened",
        "conversation.marked",
        "conversation.weighed",
        "reply.refused",
    }
)


@dataclass(frozen=True, slots=True)
class Writer:
    """The author of a post as the network shows them."""

    name: str
    handle: str
    url: str | None
    verified: bool
    followers: int | None
    since: datetime | None
    face: str | None = None

    @property
    def called(self) -> str:
        """Their handle with its sign, or their name where the network has no handles."""
        return naming.handle(self.handle) or self.name


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the thread; `about` holds what its kind needs (see _item.html)."""

    kind: str
    at: datetime
    about: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "about")[name]
        except KeyError:
            raise AttributeError(name) from None


def thread(reading: Reading) -> list[Item]:
    """What was said, in order: posts, other people's in the same thread, our replies, notes, and turns."""
    conversation, mentions = reading.conversation, reading.mentions
    around = _around(conversation, mentions)
    pictures = _pictures([m.pk for m in chain(mentions, around)])
    answered = {m.in_reply_to for m in mentions if m.in_reply_to}
    hiding = changes.of_mentions(conversation, mentions, reading.user)
    brought = gaps.brought(mentions)
    said = [
        _said(m, answered, pictures, own=True, hiding=hiding.get(m.pk), brought=brought.get(m.pk, "")) for m in mentions
    ]
    others = [_said(m, answered, pictures, own=False) for m in around] + _fetched(conversation, answered)
    turns = [
        Item("event", event.at, {"words": f"{words.who(event, reading.people)}: {words.happened(event)}"})
        for event in reading.history
        if event.kind in WORTH_READING
    ]
    notes = [
        Item("note", note.at, {"id": note.pk, "author": lists.person(note.author), "text": note.text})
        for note in reading.notes
    ]
    unsent = (ReplyState.DRAFT, ReplyState.WITHDRAWN)
    told = [reply for reply in reading.replies if reply.state not in unsent or _was_told(reply)]
    ours = [_reply(reply, reading) for reply in told]
    # One key presses one button, and what people mean is what was sent last.
    newest = max((item for item in ours if item.state == ReplyState.SENT), key=lambda item: item.at, default=None)
    if newest is not None:
        newest.about["newest"] = True
    return sorted([*said, *others, *turns, *notes, *ours], key=lambda item: item.at)


def writer(author: Author, name: str = "", handle: str = "", *, face: bool = False) -> Writer:
    """An author, by the names they had when they wrote if those are given; `face` shows their picture if we have it."""
    known_handle = handle or author.handle
    return Writer(
        name=name or author.name or known_handle or _("Unknown"),
        handle=known_handle,
        url=None,
        verified=author.verified is True,
        followers=author.followers,
        since=author.first_seen_at,
        face=reverse("agents:face", args=[author.pk]) if face and author.avatar_id else None,
    )


def _around(conversation: Conversation, mentions: list[Mention]) -> list[Mention]:
    """What other people wrote in the same thread, and the posts that ours answer, where we have them."""
    own = {m.external_id for m in mentions}
    parents = {m.in_reply_to for m in mentions if m.in_reply_to} - own
    near = Q(external_id__in=parents) | Q(in_reply_to__in=own)
    if conversation.thread_key:
        near |= Q(conversation__thread_key=conversation.thread_key)
    return list(
        Mention.objects.filter(near, network=conversation.source.network, visibility="public", drill=None)
        .exclude(conversation=conversation)
        .select_related("content", "author")
        .order_by("-occurred_at")[:AROUND]
    )


def _said(
    mention: Mention,
    answered: set[str],
    pictures: dict[int, list[Media]],
    *,
    own: bool,
    hiding: dict[str, Any] | None = None,
    brought: str = "",
) -> Item:
    content = getattr(mention, "content", None)
    return Item(
        "mention",
        mention.occurred_at,
        {
            "id": mention.pk,
            "ours_to_answer": own,
            "relation": "post" if own else ("parent" if mention.external_id in answered else "other"),
            "author": writer(
                mention.author,
                content.author_name if content else "",
                content.author_handle if content else "",
                face=own and mention.deleted_at is None,
            ),
            "network": mention.network,
            "network_title": naming.network(mention.network),
            "visibility": mention.visibility,
            "text": content.text if content else "",
            "rating": words.stars(mention.rating),
            "received_at": mention.received_at,
            "lag_words": words.lag(mention.occurred_at, mention.received_at, brought),
            "url": mention.url if mention.url.startswith(("http://", "https://", "/")) else None,
            "lang": mention.language if mention.language not in ("", "und") else "",
            "lang_words": words.foreign(mention.language),
            "edited_at": mention.edited_at,
            "deleted_at": mention.deleted_at,
            "gone_words": naming.gone(mention.external_id),
            "redacted": bool(content and content.redacted),
            "found_words": words.found(content.redacted) if content else "",
            "heard": [(why.search.name, ", ".join(why.words)) for why in mention.heard_by.all()] if own else [],
            "quoted": {"author_name": _("Quoted post"), "handle": "", "text": content.quoted}
            if content and content.quoted
            else None,
            "media": [
                {
                    "url": reverse("agents:picture", args=[m.pk]) if own and m.state == Media.Fetch.KEPT else None,
                    "alt": m.alt,
                    "what": words.attached(m, private=mention.visibility == "private"),
                    "why_not": words.not_kept(m),
                }
                for m in pictures.get(mention.pk, [])
            ],
            "new": False,
            "hidden_at": mention.hidden_at,
            "hiding": hiding,
        },
    )


def _fetched(conversation: Conversation, answered: set[str]) -> list[Item]:
    """The posts that ours answer and that nobody sent us, as far as their network was asked for them."""
    kept = beside.of(conversation.source.network, sorted(answered)).values()
    return [
        Item(
            "mention",
            post.network_at,
            {
                "id": f"beside-{post.pk}",
                "ours_to_answer": False,
                "relation": "parent",
                "author": Writer(
                    post.author_name or post.author_handle or post.author_id,
                    post.author_handle,
                    None,
                    False,
                    None,
                    None,
                ),
                "network": post.network,
                "network_title": naming.network(post.network),
                "visibility": post.visibility,
                "text": post.text,
                "rating": None,
                "received_at": post.asked_at,
                "lag_words": "",
                "url": post.url if post.url.startswith(("http://", "https://", "/")) else None,
                "lang": "",
                "lang_words": "",
                "edited_at": None,
                "deleted_at": None,
                "redacted": False,
                "found_words": "",
                "quoted": None,
                "media": [],
                "new": False,
                "hidden_at": None,
                "hiding": None,
            },
        )
        for post in kept
        if post.network_at is not None and post.visibility in ("public", conversation.visibility)
    ]


def _pictures(mention_ids: list[int]) -> dict[int, list[Media]]:
    found: dict[int, list[Media]] = {}
    for medium in Media.objects.filter(mention__in=mention_ids).order_by("pk"):
        found.setdefault(medium.mention_id, []).append(medium)
    return found


def _was_told(reply: Reply) -> bool:
    """Whether it was withdrawn after somebody else could read it: what was only begun is nobody's to read."""
    return reply.state == ReplyState.WITHDRAWN and reply.submitted_at is not None


def _reply(reply: Reply, reading: Reading) -> Item:
    user, now = reading.user, reading.now
    mine = reply.author_id == user.pk
    in_hand = not mine and reply.state in (ReplyState.HELD, ReplyState.AWAITING_APPROVAL)
    works = access.may(user, "work cases")
    amendments = list(reply.amendments.all())
    editable = changes.may_begin(reply, amendments)
    approval = next((said for said in reversed(list(reply.approvals.all())) if said.approved), None)
    state_words = str(ReplyState(reply.state).label).capitalize()
    if reply.state == ReplyState.HELD and reply.held_until:
        left = max(0, int((reply.held_until - now).total_seconds()))
        state_words = _("Sending in %(n)d s") % {"n": left}
    return Item(
        "reply",
        reply.sent_at or reply.submitted_at or reply.created_at,
        {
            "id": reply.pk,
            "version": reply.revision,
            "author": lists.person(reply.author),
            "account": naming.handle(reply.source.handle) or reply.source.name,
            "visibility": reply.visibility,
            "to_words": _("to %(whom)s") % {"whom": writer(reply.answered.author).called},
            "text": reply.text,
            "pictures": shown(reply.pictures.all()),
            "state": reply.state,
            "state_words": state_words,
            "reached": words.reached(reply.answers),
            "held_until": reply.held_until,
            "sent_at": reply.sent_at,
            "url": reply.url or None,
            "reason": reply.error or reply.returned_reason or None,
            "approver": str(approval.person) if approval else None,
            "taken_back": next((c for c in amendments if c.kind == "retract" and c.state == "done"), None),
            "waits_for": _("a supervisor or compliance officer has to approve it")
            if reply.state == ReplyState.AWAITING_APPROVAL
            else None,
            "can": {
                "undo": works and mine and reply.state in (ReplyState.HELD, ReplyState.AWAITING_APPROVAL),
                "take_over": works and in_hand and reading.mine,
                "withdraw": works and in_hand and (reading.mine or access.may(user, "assign cases")),
                "retry": works and mine and reply.state == ReplyState.FAILED and not replies.overtaken(reply),
                "ask": works and reply.state == ReplyState.UNKNOWN,
                "settle": works and reply.state == ReplyState.UNKNOWN and reply.next_try_at is None,
                "retract": changes.may_retract(reply, amendments, user),
                "edit": works and editable,
            },
            "newest": False,
            "earlier": changes.earlier(amendments),
            "change": changes.of_reply(amendments, user),
            "counted": addresses.counted(reply.source, reply.visibility) if works and editable else None,
        },
    )


def changed(turns: Iterable[Event]) -> list[dict[str, Any]]:
    """What came between a reply and its sending, with the words that were written."""
    found = list(turns)
    people = named(found)
    mentions = {
        m.pk: m
        for m in Mention.objects.filter(pk__in=[e.mention_id for e in found if e.mention_id]).select_related("content")
    }
    said = []
    for event in found:
        mention = mentions.get(event.mention_id or 0)
        content = getattr(mention, "content", None) if mention else None
        text = content.text if content and event.kind.startswith("mention.") else None
        said.append({"at": event.at, "who": words.who(event, people), "words": words.happened(event), "text": text})
    return said
