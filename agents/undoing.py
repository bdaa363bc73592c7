"""Taking back what was done to one conversation or many: each is as it was, unless somebody touched it since."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agents import access, cases, stretches, weighing
from agents.cases import Refused
from agents.models import BulkAction, Case, User
from mentions.events import Actor
from mentions.models import Conversation, State

# What a `BulkAction` calls itself where it closed nothing.
NEEDED: Final = "needs_answer"
UNDECIDED: Final = "undecided"
TRANSFERRED: Final = "transferred"
ASSIGNED: Final = "assigned"
WEIGHED: Final = "weighed"
_AS_IT_IS: Final = (
    *("actionable", "actionable_reason", "actionable_by", "state", "disposition", "pending_note"),
    *("queue_id", "returned", "transfer_count", "priority", "priority_by", "tags", "tags_by"),
)
_MOMENTS: Final = ("closed_at", "wake_at", "queued_at")


def as_it_was(conversation: Conversation) -> dict[str, Any]:
    """What an undo puts back, of the row as it was locked: a colleague or a rule may have changed it just before."""
    moments = {name: getattr(conversation, name) for name in _MOMENTS}
    return {name: getattr(conversation, name) for name in _AS_IT_IS} | {
        name: moment.isoformat() if moment else None for name, moment in moments.items()
    }


def undo(action_id: int, *, by: User, now: datetime | None = None) -> int:
    """Put back what nobody touched since; returns how many are as they were.

    What is undone is as if it had not been: it counts as no reopening and no transfer, what was closed before was
    closed then, and what somebody had is theirs again, pending until when it was. Its events stay, and say `undone`, so
    that a past day is told as it was. All of it is undone or nothing, so that it can be asked for again.
    """
    with transaction.atomic():
        action = BulkAction.objects.select_for_update().filter(pk=action_id, person=by).first()
        if action is None or action.undone_at is not None:
            raise Refused(_("There is nothing left to undo."))
        action.undone_at = now or timezone.now()
        action.save(update_fields=["undone_at"])
        back = _BACK.get(action.disposition, _take_back)
        done = 0
        for entry in action.done:
            # Where the customer has gone on in another conversation, this one stays closed.
            with suppress(Refused), transaction.atomic():
                conversation = Conversation.objects.select_for_update().get(pk=entry["id"])
                if conversation.version != entry["version"]:
                    continue
                back(conversation, entry, by, now or timezone.now())
                done += 1
    return done


def _take_back(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime) -> None:
    """Open what was closed."""
    was = conversation.actionable
    _judged_before(conversation, entry)
    cases.put_back(conversation, now)
    cases.tell("conversation.reopened", conversation, Actor.person(by.pk), now, was_actionable=was, undone=True)
    _give_back(conversation, entry, by, now)


def _bring_back(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime) -> None:
    """Back into the queue that it was in, and to whoever had it."""
    held = Case.objects.select_for_update().filter(conversation=conversation, ended_at=None).first()
    if held is not None:
        cases.end(held, Case.Outcome.TAKEN, now)
    left, given = conversation.queue_id, {}
    handed = conversation.transfer_count > entry["transfer_count"]
    conversation.queue_id = entry["queue_id"]
    cases.requeue(conversation, now, returned=entry["returned"])
    conversation.queued_at = parse_datetime(entry["queued_at"]) or now
    conversation.transfer_count = entry["transfer_count"]
    person = Actor.person(by.pk)
    told: dict[str, Any] = {"undone": True, "queued_at": conversation.queued_at.isoformat()}
    if left != conversation.queue_id:
        stretches.move(conversation, now)
        cases.tell("case.transferred", conversation, person, now, case=held, from_queue=left, **told)
    else:
        given = {"from_owner": held.owner_id} if held is not None and handed else {}
        cases.tell("case.released", conversation, person, now, case=held, **told)
    _give_back(conversation, entry, by, now, **given)


def _give_back(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime, **told: Any) -> None:
    """It is whose it was, as if their case had gone on: theirs to work on, or pending until then; nobody's if they have
    left the queue since.
    """
    case = Case.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=entry["case"]).first()
    if case is None or not access.colleagues(by, conversation.queue).filter(pk=case.owner_id).exists():
        return
    case.ended_at, case.outcome, case.lease_until = None, "", now + cases.LEASE
    case.save(update_fields=["ended_at", "outcome", "lease_until"])
    conversation.state, conversation.returned = State.CLAIMED, False
    person, wake_at = Actor.person(by.pk), parse_datetime(entry["wake_at"] or "")
    if entry["state"] == State.CLAIMED or wake_at is None or wake_at <= now:
        cases.tell("case.assigned", conversation, person, now, case=case, owner=case.owner_id, undone=True, **told)
        return
    conversation.state, conversation.wake_at, conversation.pending_note = entry["state"], wake_at, entry["pending_note"]
    clock = stretches.pause(conversation, now)
    cases.tell("conversation.pending", conversation, person, now, case=case, on=entry["state"], undone=True, **clock)


def _judge_back(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime) -> None:
    """Close again what was opened for an answer; what was open stays so, undecided or asking for none as before."""
    was = conversation.actionable
    _judged_before(conversation, entry)
    told: dict[str, Any] = {"was_actionable": was, "actionable": entry["actionable"]}
    person = Actor.person(by.pk)
    if entry["state"] == State.CLOSED:
        cases.shut(conversation, entry["disposition"], now)
        conversation.closed_at = parse_datetime(entry["closed_at"])
        conversation.reopened_count -= 1
        told |= {"disposition": entry["disposition"], "undone": True, "closed_at": entry["closed_at"]}
        cases.tell("conversation.closed", conversation, person, now, **told)
        return
    if entry["actionable"] is False:
        stretches.forgo(conversation)
    cases.tell("conversation.marked", conversation, person, now, **told)


def _weigh_back(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime) -> None:
    weighing.put_back(conversation, entry, by=by, now=now)


def _judged_before(conversation: Conversation, entry: dict[str, Any]) -> None:
    for name in ("actionable", "actionable_reason", "actionable_by"):
        setattr(conversation, name, entry[name])


_BACK: Final[dict[str, Callable[[Conversation, dict[str, Any], User, datetime], None]]] = {
    NEEDED: _judge_back,
    UNDECIDED: _judge_back,
    TRANSFERRED: _bring_back,
    ASSIGNED: _bring_back,
    WEIGHED: _weigh_back,
}
