"""Words that a colleague left in a conversation somebody else has now: taken over as one's own, withdrawn, or left.

What was begun, waits for a second person or for its undo to end is their author's until the next owner decides. Whoever
takes words over is their author from then on, and they pass the guard and the second person anew. So nothing of
somebody who has gone blocks a conversation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, pictures, replies
from agents.cases import Refused
from agents.models import Case, Reply, ReplyState, User
from mentions import scrub
from mentions.events import Actor

# What has not left the house; of the last two an undo would make a draft.
IN_HAND: Final = (ReplyState.DRAFT, ReplyState.AWAITING_APPROVAL, ReplyState.HELD)


def take_over(reply: Reply, *, by: User, now: datetime | None = None) -> Reply:
    """Put a colleague's words into one's own draft, below what stands there; theirs are withdrawn. Raises `Refused`."""
    moment = now or timezone.now()
    with transaction.atomic():
        left = _left(reply, by)
        if not _has(left, by):
            raise Refused(_("Claim the conversation first."))
        mine = replies.changing(left.place.pk, visibility=left.visibility, client_key=uuid4(), by=by, now=moment)
        words = scrub.scrub(left.text).text
        mine.text = f"{mine.text}\n\n{words}" if mine.text.strip() else words
        mine.save()
        pictures.join(left, mine, copied=True)
        _withdraw(left, moment)
        told = {"from_reply": left.pk, "from_author": left.author_id}
        replies.tell("reply.taken", mine, Actor.person(by.pk), moment, **told)
    return mine


def withdraw(reply: Reply, *, by: User, now: datetime | None = None) -> Reply:
    """Let a colleague's words go no further: the owner of the conversation, or a supervisor. Raises `Refused`."""
    moment = now or timezone.now()
    with transaction.atomic():
        left = _left(reply, by)
        if not _has(left, by) and not access.may(by, "assign cases"):
            raise Refused(_("Claim the conversation first."))
        _withdraw(left, moment)
        replies.tell("reply.withdrawn", left, Actor.person(by.pk), moment, author=left.author_id)
    return left


def discard(conversation_id: int, *, by: User, now: datetime | None = None) -> None:
    """Let one's own draft go, whose words stand somewhere else now."""
    with transaction.atomic():
        draft = Reply.objects.filter(conversation=conversation_id, author=by, state=ReplyState.DRAFT).first()
        if draft is not None and (draft := replies.again(draft)).state == ReplyState.DRAFT:
            _withdraw(draft, now or timezone.now())


def _left(reply: Reply, by: User) -> Reply:
    """The reply behind its conversation's lock, if it is a colleague's and has not left."""
    access.require(by, "work cases")
    left = replies.again(reply)
    if left.conversation is None or left.author_id == by.pk:
        raise Refused(_("These words are your own."))
    if left.state not in IN_HAND:
        raise Refused(_("It is too late: these words have left, or somebody has decided about them."))
    return left


def _has(reply: Reply, by: User) -> bool:
    return Case.objects.filter(conversation=reply.conversation_id, owner=by, ended_at=None).exists()


def _withdraw(reply: Reply, now: datetime) -> None:
    if replies.may_have_gone(reply):
        replies.leave_behind(reply, now)  # the network may tell of it yet
        return
    if reply.state == ReplyState.DRAFT:
        reply.submitted_at = None  # what nobody but its author and who came after them has read stands in no thread
    replies.move(reply, ReplyState.WITHDRAWN)
    reply.held_until, reply.next_try_at = None, None
    reply.save()
