"""A person's word on how urgent a conversation is and what it is filed under; rules that run later leave both alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import cases, stretches
from agents.cases import Refused
from agents.models import User
from mentions import scrub
from mentions.events import Actor
from mentions.models import Conversation, State

PRIORITIES: Final = (1, 2, 3, 4)
MOST_TAGS: Final = 12
LONGEST_TAG: Final = 40


def weigh(
    conversation_id: int, *, priority: int, tags: Iterable[str], by: User, now: datetime | None = None
) -> Conversation:
    """Give it this priority, 1 (urgent) to 4, and these tags; what is as it was stays whose word it was.

    What is due follows the priority by the promise that holds, unless that is broken already. Raises `Taken` where a
    colleague has it, and `Refused` where nothing would change.
    """
    wanted = _tidy(tags)
    if priority not in PRIORITIES:
        raise Refused(_("Choose how urgent it is."))
    with transaction.atomic():
        conversation, case = cases.workable(conversation_id, by)
        moment = now or timezone.now()
        if conversation.state == State.CLOSED:
            raise Refused(_("This conversation is closed; reopen it first."))
        if conversation.priority == priority and conversation.tags == wanted:
            raise Refused(_("It has this priority and these tags already."))
        told = _set(conversation, priority, wanted, moment)
        if "was_priority" in told:
            conversation.priority_by = "person"
        if told["tagged"]:
            conversation.tags_by = "person"
        cases.tell("conversation.weighed", conversation, Actor.person(by.pk), moment, case=case, **told)
    return conversation


def put_back(conversation: Conversation, before: dict[str, Any], *, by: User, now: datetime) -> None:
    """Let a locked conversation have the priority and tags that it had `before`, by whoever's word they were."""
    told = _set(conversation, before["priority"], before["tags"], now)
    conversation.priority_by, conversation.tags_by = before["priority_by"], before["tags_by"]
    cases.tell("conversation.weighed", conversation, Actor.person(by.pk), now, undone=True, **told)


def _set(conversation: Conversation, priority: int, tags: Sequence[str], now: datetime) -> dict[str, Any]:
    """Set both; returns what the event tells: priorities, whether tags changed, what was due; no tag, which is text."""
    told: dict[str, Any] = {"priority": priority, "tagged": list(tags) != conversation.tags}
    if priority != conversation.priority:
        told["was_priority"] = conversation.priority
        told |= stretches.weigh(conversation, priority, now)
    conversation.tags = list(tags)
    return told


def _tidy(tags: Iterable[str]) -> list[str]:
    found = dict.fromkeys(tag for told in tags if (tag := scrub.typed_line(told, LONGEST_TAG).strip().lower()))
    if len(found) > MOST_TAGS:
        raise Refused(_("%(n)d tags at most.") % {"n": MOST_TAGS})
    return list(found)
