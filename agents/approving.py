"""A second person's word on a reply or a post of our own: exactly this text goes, or it goes back to its author."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart, replies, returns, scrutiny
from agents.cases import Refused
from agents.models import Approval, Reply, ReplyState, User
from mentions import scrub
from mentions.events import Actor


def approve(reply: Reply, *, digest: str, by: User, now: datetime | None = None) -> Reply:
    """A second person lets exactly this text go. `digest` is what they saw; any change since voids it."""
    moment = now or timezone.now()
    with transaction.atomic():
        reply = _to_decide(reply, digest, by)
        if reply.conversation is None and reply.original.leave_at is not None and reply.original.leave_at <= moment:
            raise Refused(_("The time at which it was to leave has passed; return it, so that a new one is chosen."))
        Approval.objects.create(reply=reply, person=by, digest=digest, approved=True, at=moment)
        replies.hold(reply, reply.author, moment)
        reply.save()
        replies.tell("reply.approved", reply, Actor.person(by.pk), moment)
    return reply


def return_(reply: Reply, *, digest: str, reason: str, by: User, now: datetime | None = None) -> Reply:
    """A second person sends it back to its author with a reason."""
    moment = now or timezone.now()
    words = scrub.typed(reason, 400)
    if not words:
        raise Refused(_("Say why it goes back, so that its author can mend it."))
    with transaction.atomic():
        reply = _to_decide(reply, digest, by)
        Approval.objects.create(reply=reply, person=by, digest=digest, approved=False, reason=words, at=moment)
        reply.returned_reason = words
        replies.to_draft(reply)
        replies.tell("reply.returned", reply, Actor.person(by.pk), moment)
        returns.to_desk(reply.conversation, moment)
    return reply


def _to_decide(reply: Reply, digest: str, by: User) -> Reply:
    access.require(by, "approve replies")
    reply = replies.again(reply)
    if reply.author_id == by.pk:
        raise Refused(_("Nobody approves their own reply."))
    if (one := apart.why_not(by, reply.author)) is not None:
        raise Refused(one)
    if reply.state != ReplyState.AWAITING_APPROVAL:
        raise Refused(_("This reply no longer waits for approval."))
    if digest != reply.digest or digest != scrutiny.digest_of(reply):
        raise Refused(_("The reply was changed since you read it; read it again."))
    return reply
