"""What a network says afterwards of a reply that it took: how far it got, or that nobody will ever read it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from agents import outcomes, replies, returns
from agents.models import ReplyState
from mentions.events import NETWORK


def note(reply_id: int, reason: str, now: datetime) -> None:
    """Write it down with the reply and bring a closed conversation back: its customer has read nothing.

    One that was not confirmed yet was not sent, and can be sent again; one that was keeps its time, for the figures
    of that day were true as far as anybody knew.
    """
    with transaction.atomic():
        reply, conversation = outcomes.locked(reply_id)
        reply.error = _("It did not reach them: %(reason)s") % {"reason": reason[:300]}
        outcomes.keep_answer(reply, now, follow="undelivered", message=reason[:300])
        unsent = reply.state in outcomes.CALLED
        if unsent:
            reply.state, reply.next_try_at = ReplyState.FAILED, None
        reply.save()
        replies.tell("reply.failed" if unsent else "reply.undelivered", reply, NETWORK, now)
        returns.to_desk(conversation, now)


def got(reply_id: int, reach: str, now: datetime) -> None:
    """Write down with the reply that it was delivered, or read."""
    with transaction.atomic():
        reply, _conversation = outcomes.locked(reply_id)
        if all(told.get("follow") != reach for told in reply.answers):
            outcomes.keep_answer(reply, now, follow=reach)
            reply.save(update_fields=["answers"])
