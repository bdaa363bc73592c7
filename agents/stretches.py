"""The clock of an answer: how a stretch of waiting pauses, moves, ends, and what it then counts.

A stretch begins in intake with a customer's post. Here it ends: by a confirmed human reply, or without an
answer when the conversation is closed. Callers hold the conversation's lock and save it afterwards.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from mentions import editions, rulebook, sla
from mentions.models import Conversation, Mention, State, Stretch
from mentions.sla import Policy

_PENDING = (State.PENDING_CUSTOMER, State.PENDING_BANK)


def running(conversation: Conversation) -> Stretch | None:
    """The stretch that runs now, locked."""
    return (
        Stretch.objects.select_for_update(of=("self",))
        .select_related("policy__calendar")
        .filter(conversation=conversation, stopped_at=None)
        .first()
    )


def pause(conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Stop the clock while the conversation is pending, if its policy says so.

    It stops for the answer and for the solution alike. Returns what its event tells: whether it stops now, and then
    what was due before, since the pause moves that and a past day is asked for all the same.
    """
    stretch = running(conversation)
    promised = stretch is not None or conversation.resolution_due_at is not None
    policy = _of_queue(conversation) if stretch is None else _policy(stretch)
    if not promised or not policy.pause_when_pending or conversation.paused_at is not None:
        return {"paused": False}
    due = conversation.due_at.isoformat() if conversation.due_at else None
    conversation.paused_at, conversation.due_at = now, None
    return {"paused": True, "due_before": due}


def resume(conversation: Conversation, now: datetime) -> None:
    """Let the clock run on; what was due moves by the working time that passed meanwhile."""
    if conversation.paused_at is None:
        return
    _run_on(conversation, now)
    paused_at, conversation.paused_at = conversation.paused_at, None
    if conversation.resolution_due_at is not None:
        calendar = _of_queue(conversation).calendar
        conversation.resolution_due_at = sla.after_pause(conversation.resolution_due_at, paused_at, now, calendar)


def _run_on(conversation: Conversation, now: datetime) -> None:
    """`resume` for the answer alone."""
    stretch = running(conversation)
    if stretch is None or conversation.paused_at is None:
        return
    calendar = _policy(stretch).calendar
    # What a post asked for that came meanwhile had not stood still before.
    since = max(conversation.paused_at, _promised_from(stretch))
    stretch.paused_s += sla.business_seconds(since, now, calendar)
    if stretch.due_at is not None:
        stretch.due_at = sla.after_pause(stretch.due_at, since, now, calendar)
        conversation.due_at = stretch.due_at
    stretch.save(update_fields=["paused_s", "due_at"])


def move(conversation: Conversation, now: datetime) -> None:
    """Count the running stretch for the queue that has the conversation now; what is due stays due."""
    resume(conversation, now)
    Stretch.objects.filter(conversation=conversation, stopped_at=None).update(queue=conversation.queue)


def answer(
    conversation: Conversation,
    *,
    reply_id: int,
    team_id: int | None,
    at: datetime,
    since: datetime | None = None,
    unseen: Collection[int] = (),
    now: datetime | None = None,
) -> Stretch | None:
    """End the wait that a human reply confirmed at `at` answers. Returns it, or None if nobody waited for it.

    A reply answers what its author had before their eyes: `unseen` are the mentions (ids) that came after it was
    written. Their customer waits on, or from then on. What was closed on the reply, `since` it was written, was
    answered by it and not dropped.
    """
    runs = running(conversation)
    if runs is None or runs.mention_id not in unseen:
        # The network's clock, or an echo's, may tell of a time before the pause. That of the solution stands still on.
        answered_at = max(at, conversation.paused_at or at)
        (_run_on if conversation.state in _PENDING else resume)(conversation, answered_at)
        _nothing_due(conversation)
        runs = running(conversation)
        stretch = runs or _closed_on(conversation, since, unseen)
    else:
        stretch = _closed_on(conversation, since, unseen)
    if stretch is not None:
        _stop(stretch, at)
        stretch.reply_id, stretch.team_id = reply_id, team_id
        stretch.met = None if stretch.due_at is None else max(at, stretch.started_at) <= stretch.due_at
        stretch.save()
    if unseen and conversation.waiting_since is None and conversation.state != State.CLOSED:
        _wait_on(conversation, unseen, now or at)
    return stretch


def abandon(conversation: Conversation, now: datetime) -> None:
    """End the stretch without an answer. Past its due time it counts as missed, before as nothing."""
    resume(conversation, now)
    stretch = running(conversation)
    _nothing_due(conversation)
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
    due = sla.due(_policy(stretch), _target(stretch), _promised_from(stretch), stretch.priority)
    conversation.due_why = due.why if due is not None and stretch.due_at is not None else ""


def need(conversation: Conversation, now: datetime) -> None:
    """Somebody waits for an answer after all: the wait counts from their post, as any does, and is promised an end."""
    stretch = running(conversation) or _begin(conversation, now)
    if stretch is None or stretch.due_at is not None:
        return
    promise(stretch, conversation, _policy(stretch), now)
    stretch.save(update_fields=["due_at"])
    conversation.waiting_since = stretch.started_at


def forgo(conversation: Conversation) -> None:
    """The wait of what turned out to ask for no answer goes on, and nothing is promised for it."""
    conversation.due_at, conversation.due_target, conversation.due_why = None, "", ""
    conversation.resolution_due_at, conversation.resolution_why = None, ""
    Stretch.objects.filter(conversation=conversation, stopped_at=None).update(due_at=None)


def promise(stretch: Stretch, conversation: Conversation, policy: Policy, now: datetime) -> None:
    """The due times as if this policy had held from the beginning; time that was paused stays paused.

    Changes both and saves neither.
    """
    _promise_answer(stretch, conversation, policy)
    if conversation.resolution_due_at is None or conversation.resolution_due_at > now:
        moved = _moved(conversation, _policy(stretch))
        whole = sla.due(policy, "resolution", conversation.opened_at, conversation.priority)
        at = sla.add_business(whole.at, moved, policy.calendar) if whole else None
        conversation.resolution_due_at, conversation.resolution_why = at, whole.why if whole else ""


def weigh(conversation: Conversation, priority: int, now: datetime) -> dict[str, Any]:
    """Give a conversation another priority, and what waits there the due times that are promised for it.

    A promise that is broken stays broken. Returns what the event tells of the due times that were replaced.
    """
    stretch = running(conversation)
    policy = _of_queue(conversation) if stretch is None else _policy(stretch)
    moved, solved = _moved(conversation, policy), conversation.resolution_due_at
    conversation.priority = priority
    told: dict[str, Any] = {}
    if stretch is not None:
        stretch.priority, due = priority, stretch.due_at
        if due is not None and due > (conversation.paused_at or now):
            _promise_answer(stretch, conversation, policy)
            if conversation.paused_at is None:
                told["due_before"] = due.isoformat()
        stretch.save(update_fields=["priority", "due_at"])
    whole = sla.due(policy, "resolution", conversation.opened_at, priority)
    if solved is not None and solved > (conversation.paused_at or now) and whole is not None:
        told["resolution_before"] = solved.isoformat()
        conversation.resolution_due_at = sla.add_business(whole.at, moved, policy.calendar)
        conversation.resolution_why = whole.why
    return told


def _moved(conversation: Conversation, policy: Policy) -> int:
    """By how many working seconds pauses have put off the solution that this policy promised."""
    promised = sla.due(policy, "resolution", conversation.opened_at, conversation.priority)
    if promised is None or conversation.resolution_due_at is None:
        return 0
    return round(sla.business_seconds(promised.at, conversation.resolution_due_at, policy.calendar))


def _promise_answer(stretch: Stretch, conversation: Conversation, policy: Policy) -> None:
    due = sla.due(policy, _target(stretch), _promised_from(stretch), stretch.priority)
    at = None if due is None else sla.add_business(due.at, round(stretch.paused_s), policy.calendar)
    stretch.due_at = at
    conversation.due_at = None if conversation.paused_at is not None else at
    conversation.due_target, conversation.due_why = (stretch.target, due.why) if due else ("", "")


def _begin(conversation: Conversation, now: datetime, among: Collection[int] | None = None) -> Stretch | None:
    """The wait that intake did not begin, because it took the post for one that nobody has to answer, or because
    another wait ran; None if all is answered. To our knowledge it begins now, so that what was known before stays as it
    was. `among` are the mentions (ids) that nobody has answered, where that is known.
    """
    unanswered = Mention.objects.filter(conversation=conversation, deleted_at=None)
    last = Stretch.objects.filter(conversation=conversation).order_by("-id").first()
    if among is not None:
        unanswered = unanswered.filter(pk__in=among)
    elif last is not None and last.stopped_at is not None:
        unanswered = unanswered.filter(occurred_at__gt=last.stopped_at)
    first = unanswered.order_by("occurred_at", "id").first()
    if first is None:
        return None
    return Stretch.objects.create(
        conversation=conversation,
        mention_id=first.pk,
        target="first_response" if last is None else "next_response",
        network=first.network,
        source_id=first.source_id,
        queue_id=conversation.queue_id,
        policy_id=conversation.queue.policy_id,
        priority=conversation.priority,
        language=conversation.language,
        origin=conversation.origin,
        started_at=first.occurred_at,
        received_at=now,
        terms_at=first.received_at if among is not None else None,
    )


def _wait_on(conversation: Conversation, unseen: Collection[int], now: datetime) -> None:
    """What came after the reply was written waits from its own time, under the promise of the day it came."""
    stretch = _begin(conversation, now, unseen)
    if stretch is None:
        return
    conversation.waiting_since = stretch.started_at
    if conversation.actionable is not False:
        _promise_answer(stretch, conversation, _policy(stretch))
        stretch.save(update_fields=["due_at"])


def _closed_on(conversation: Conversation, since: datetime | None, unseen: Collection[int]) -> Stretch | None:
    """The wait that ended because its conversation was closed on a reply which had yet to leave, locked."""
    if since is None:
        return None
    before = Stretch.objects.select_for_update(of=("self",)).select_related("policy__calendar")
    last = before.filter(conversation=conversation).exclude(mention_id__in=unseen).order_by("-id").first()
    if last is None or last.stopped_at is None or last.reply_id is not None or last.stopped_at < since:
        return None
    return last


def _nothing_due(conversation: Conversation) -> None:
    conversation.waiting_since, conversation.due_at = None, None
    conversation.due_target, conversation.due_why = "", ""


def _promised_from(stretch: Stretch) -> datetime:
    return stretch.promised_from or stretch.started_at


def _target(stretch: Stretch) -> sla.Target:
    return "first_response" if stretch.target == "first_response" else "next_response"


def _stop(stretch: Stretch, at: datetime) -> None:
    stretch.stopped_at = max(at, stretch.started_at)
    stretch.seconds = (stretch.stopped_at - stretch.started_at).total_seconds()
    worked = sla.business_seconds(stretch.started_at, stretch.stopped_at, _policy(stretch).calendar)
    stretch.business_seconds = max(worked - stretch.paused_s, 0)


def _of_queue(conversation: Conversation) -> Policy:
    return rulebook.policy_of(rulebook.policy_state(conversation.queue.policy))


def _policy(stretch: Stretch) -> Policy:
    """The promise as it stood when the wait began, whatever was changed since."""
    kept = editions.at("policy", stretch.policy_id, stretch.terms_at or stretch.received_at)
    return rulebook.policy_of(kept) if kept is not None else rulebook.policy_of(rulebook.policy_state(stretch.policy))
