"""The clock of an answer: how a stretch of waiting pauses, moves, ends, and what it then counts.

A stretch begins in intake with a customer's post. Here it ends: by a confirmed human reply, or without an
answer when the conversation is closed. Callers hold the conversation's lock and save it afterwards.
"""

from __future__ import annotations

from datetime import datetime

from mentions import editions, rulebook, sla
from mentions.models import Conversation, Stretch
from mentions.sla import Policy


def running(conversation: Conversation) -> Stretch | None:
    """The stretch that runs now, locked."""
    return (
        Stretch.objects.select_for_update(of=("self",))
        .select_related("policy__calendar")
        .filter(conversation=conversation, stopped_at=None)
        .first()
    )


def pause(conversation: Conversation, now: datetime) -> None:
    """Stop the clock while the conversation is pending, if its policy says so."""
    stretch = running(conversation)
    if stretch is not None and _policy(stretch).pause_when_pending and conversation.paused_at is None:
        conversation.paused_at = now
        conversation.due_at = None


def resume(conversation: Conversation, now: datetime) -> None:
    """Let the clock run on; what was due moves by the working time that passed meanwhile."""
    if conversation.paused_at is None:
        return
    paused_at, conversation.paused_at = conversation.paused_at, None
    stretch = running(conversation)
    if stretch is None:
        return
    calendar = _policy(stretch).calendar
    stretch.paused_s += sla.business_seconds(paused_at, now, calendar)
    if stretch.due_at is not None:
        stretch.due_at = sla.after_pause(stretch.due_at, paused_at, now, calendar)
        conversation.due_at = stretch.due_at
    stretch.save(update_fields=["paused_s", "due_at"])


def move(conversation: Conversation, now: datetime) -> None:
    """Count the running stretch for the queue that has the conversation now; what is due stays due."""
    resume(conversation, now)
    Stretch.objects.filter(conversation=conversation, stopped_at=None).update(queue=conversation.queue)


def answer(conversation: Conversation, *, reply_id: int, team_id: int | None, at: datetime) -> Stretch | None:
    """End the stretch with a human reply confirmed at `at`. Returns it, or None if nobody was waiting."""
    resume(conversation, at)
    stretch = running(conversation)
    conversation.waiting_since, conversation.due_at = None, None
    conversation.due_target, conversation.due_why = "", ""
    if stretch is None:
        return None
    _stop(stretch, at)
    stretch.reply_id, stretch.team_id = reply_id, team_id
    stretch.met = None if stretch.due_at is None else max(at, stretch.started_at) <= stretch.due_at
    stretch.save()
    return stretch


def abandon(conversation: Conversation, now: datetime) -> None:
    """End the stretch without an answer. Past its due time it counts as missed, before as nothing."""
    resume(conversation, now)
    stretch = running(conversation)
    conversation.waiting_since, conversation.due_at = None, None
    conversation.due_target, conversation.due_why = "", ""
    if stretch is None:
        return
    _stop(stretch, now)
    late = stretch.due_at is not None and stretch.due_at < now and conversation.actionable is not False
    stretch.met = False if late else None
    stretch.save()


def revive(conversation: Conversation, now: datetime) -> None:
    """Go on with a stretch that ended without an answer, because the conversation was closed in error."""
    stretch = (
        Stretch.objects.select_for_update(of=("self",))
        .filter(conversation=conversation, reply_id=None, stopped_at__isnull=False)
        .order_by("-id")
        .first()
    )
    if stretch is None or stretch.mention_id > conversation.last_mention_id:
        return
    if Stretch.objects.filter(conversation=conversation, id__gt=stretch.pk).exists():
        return
    stretch.stopped_at = stretch.seconds = stretch.business_seconds = stretch.met = None
    stretch.save()
    conversation.waiting_since = stretch.started_at
    conversation.due_at, conversation.due_target = stretch.due_at, stretch.target if stretch.due_at else ""


def _stop(stretch: Stretch, at: datetime) -> None:
    stretch.stopped_at = max(at, stretch.started_at)
    stretch.seconds = (stretch.stopped_at - stretch.started_at).total_seconds()
    worked = sla.business_seconds(stretch.started_at, stretch.stopped_at, _policy(stretch).calendar)
    stretch.business_seconds = max(worked - stretch.paused_s, 0)


def _policy(stretch: Stretch) -> Policy:
    """The promise as it stood when the wait began, whatever was changed since."""
    kept = editions.at("policy", stretch.policy_id, stretch.terms_at or stretch.received_at)
    return rulebook.policy_of(kept) if kept is not None else rulebook.policy_of(rulebook.policy_state(stretch.policy))
