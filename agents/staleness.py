"""What somebody has not seen: a reply or a move on an older state of a conversation is refused with what changed.

Who writes or decides sends along the version that they had before their eyes. Only what they could not have seen
counts: the customer's posts, edits and deletions, and what other people did; never what the house did by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.utils.translation import gettext as _

from agents.cases import Refused
from agents.models import User
from mentions import events
from mentions.events import Event
from mentions.models import Conversation

# Events that raise a conversation's version, but for the quiet ones, which are recorded beside it.
_RAISING = ("mention.", "case.", "conversation.", "reply.sent", "reply.edited", "reply.retracted")
_QUIET = frozenset({"conversation.overdue", "conversation.joined", "mention.corrected", "mention.masked"})
# What somebody changed about a whole queue or promise raises the version of all it touches and tells nothing of them.
_OF_THE_HOUSE = frozenset({"conversation.promised_anew", "conversation.moved"})
_FROM_THE_CUSTOMER = frozenset({"mention.received", "mention.adopted", "mention.edited"}) | events.WORDS_WENT


class Stale(Refused):
    """Something happened since the person looked; `changes` are the events, newest first."""

    def __init__(self, changes: Sequence[Event]) -> None:
        self.changes = tuple(changes)
        super().__init__(_("This happened since you looked."))


def changes_since(conversation: Conversation, seen_version: int, *, by: User) -> list[Event]:
    """What happened to a conversation after a version that `by` did not do themselves, newest first."""
    missed = conversation.version - seen_version
    if missed <= 0:
        return []
    raising = [
        event
        for event in events.of_conversation(conversation.pk, limit=missed + 100)
        if event.kind.startswith(_RAISING) and event.kind not in _QUIET
    ][:missed]
    return [
        event
        for event in raising
        if (event.kind in _FROM_THE_CUSTOMER and event.data.get("did") != "nodded")
        or (event.actor == "person" and event.actor_id != by.pk and event.kind not in _OF_THE_HOUSE)
    ]


@contextmanager
def seen(conversation_id: int, version: int | None, *, by: User) -> Iterator[Conversation]:
    """Whatever is done inside holds only if `by` had seen all there was to see; None if nobody was shown a version.

    Gives the locked conversation as it was before anything is done. Raises `Stale` and undoes it otherwise. A refusal
    of what is done inside comes first: that somebody else has the conversation says more than that it changed.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        missed = changes_since(conversation, version, by=by) if version is not None else []
        yield conversation
        if missed:
            raise Stale(missed)
