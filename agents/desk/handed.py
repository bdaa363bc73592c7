"""What somebody is told whose conversation went to somebody else while they wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents import access, zones
from agents.desk import words
from agents.desk.reading import named
from agents.models import Case, User
from mentions import events
from mentions.models import Conversation, State

# Whoever held it longer ago learns nothing at all of what they do not see.
A_MOMENT: Final = timedelta(hours=2)
_ENDS: Final = frozenset(
    {
        "case.transferred",
        "case.assigned",
        "case.released",
        "case.expired",
        "conversation.closed",
    }
)


@dataclass(frozen=True, slots=True)
class Handed:
    """`words` say where it went; `seen` whether the person still sees the conversation, and may leave a note there."""

    conversation_id: int
    words: str
    seen: bool


def handed(conversation_id: int, user: User, now: datetime | None = None) -> Handed | None:
    """Where a conversation went that this person held a moment ago; None if they have it, or never had."""
    moment = now or timezone.now()
    spells = Case.objects.filter(conversation=conversation_id, owner=user)
    last = spells.filter(ended_at__gt=moment - A_MOMENT).order_by("-ended_at").first()
    if last is None or last.ended_at is None or spells.filter(ended_at=None).exists():
        return None
    found = access.conversations_for(user).select_related("queue").filter(pk=conversation_id).first()
    if found is None:
        return Handed(conversation_id, _("You held this conversation a moment ago; it is not yours any more."), False)
    return Handed(conversation_id, _told(found, last.ended_at, user), True)


def _told(conversation: Conversation, since: datetime, user: User) -> str:
    history = events.of_conversation(conversation.pk, limit=50)
    ending = next((e for e in reversed(history) if e.kind in _ENDS and e.at >= since), None)
    case = Case.objects.select_related("owner").filter(conversation=conversation, ended_at=None).first()
    at = date_format((ending.at if ending else since).astimezone(zones.of(user)), "H:i T")
    by = words.who(ending, named([ending])) if ending else _("a colleague")
    if conversation.state == State.CLOSED:
        return _("Closed by %(by)s at %(at)s.") % {"by": by, "at": at}
    about = {"to": str(case.owner) if case else conversation.queue.name, "by": by, "at": at}
    if ending is not None and ending.kind in ("case.expired", "case.released") and case is None:
        return _("Back in the queue %(to)s since %(at)s (%(by)s: %(why)s).") % (about | {"why": words.happened(ending)})
    return _("Handed to %(to)s by %(by)s at %(at)s.") % about
