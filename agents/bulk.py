"""Dismissing many conversations at once, with one undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, cases
from agents.cases import Refused
from agents.models import BulkAction, User
from mentions.models import Conversation


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a bulk dismissal did: the action to undo, and the conversations others held."""

    action: BulkAction
    taken: tuple[int, ...]


def dismiss_many(conversation_ids: Sequence[int], *, why: str, by: User, now: datetime | None = None) -> BulkResult:
    """Dismiss what is still free or one's own among these, each by itself; the rest is reported as taken."""
    moment = now or timezone.now()
    done: list[dict[str, Any]] = []
    taken: list[int] = []
    for pk in sorted(set(conversation_ids)):
        try:
            before = access.conversations_for(by).filter(pk=pk).values("actionable", "actionable_reason").first()
            if before is None:
                continue
            conversation = cases.dismiss(pk, why=why, by=by, now=moment)
            done.append({"id": pk, "version": conversation.version, **before})
        except Refused:
            taken.append(pk)
    action = BulkAction.objects.create(person=by, disposition=why, done=done, at=moment)
    return BulkResult(action, tuple(taken))


def undo_bulk(action_id: int, *, by: User, now: datetime | None = None) -> int:
    """Reopen what a bulk dismissal closed and nobody touched since; returns how many came back."""
    moment = now or timezone.now()
    with transaction.atomic():
        action = BulkAction.objects.select_for_update().filter(pk=action_id, person=by).first()
        if action is None or action.undone_at is not None:
            raise Refused(_("There is nothing left to undo."))
        action.undone_at = moment
        action.save(update_fields=["undone_at"])
    back = 0
    for entry in action.done:
        with transaction.atomic():
            conversation = Conversation.objects.select_for_update().get(pk=entry["id"])
            if conversation.version != entry["version"]:
                continue
            conversation.actionable = entry["actionable"]
            conversation.actionable_reason = entry["actionable_reason"]
            cases.put_back(conversation, moment)
            cases.tell("conversation.reopened", conversation, cases.by_person(by), moment)
            back += 1
    return back
