"""What happens because time passed: leases end, pending conversations wake, due times are crossed.

Run by the listener every quarter of a second. Each looks for rows that are due and lets a verb do the
rest, so that a late or doubled tick does no harm.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agents import access, cases, returns
from agents.models import Case, TeamQueue
from mentions import events
from mentions.events import SYSTEM
from mentions.models import Consumer, Conversation, State

_AT_ONCE = 200
_LINKS = "private continuations"


def end_leases() -> int:
    """Return the conversations of owners who have gone. Returns how many."""
    now = timezone.now()
    gone = Case.objects.filter(ended_at=None, lease_until__lte=now, conversation__state=State.CLAIMED).values_list(
        "pk", flat=True
    )[:_AT_ONCE]
    return sum(returns.expire(pk, now=now) for pk in gone)


def end_stranded() -> int:
    """Return what somebody has whose role or teams no longer let them work it. Returns how many.

    Otherwise a pending conversation would stay before their eyes, and wake for nobody. Where a queue retired, whoever
    worked it keeps what they have of it.
    """
    place = Q(queue=OuterRef("queue")) | Q(queue=OuterRef("conversation__queue"))
    worked = TeamQueue.objects.filter(place, team__people=OuterRef("owner"))
    able = Q(owner__is_active=True, owner__role__in=access.ACTIONS["work cases"]) & Exists(worked)
    stranded = Case.objects.filter(~able, ended_at=None).values_list("pk", flat=True)[:_AT_ONCE]
    return sum(returns.vacate(pk, by=SYSTEM, now=timezone.now()) for pk in stranded)


def wake_pending() -> int:
    """Wake what asked to be woken by now, or whose customer wrote. Returns how many."""
    now = timezone.now()
    due = Conversation.objects.filter(wake_at__lte=now).values_list("pk", flat=True)[:_AT_ONCE]
    return sum(returns.wake(pk, now=now) for pk in due)


def note_overdue() -> int:
    """Record that a due time has passed, once for each, since time passing is a change like any other."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH late AS (SELECT id FROM mentions_conversation WHERE due_at <= now() AND state <> 'closed' "
            "AND noted_due_at IS DISTINCT FROM due_at ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED), "
            "noted AS (UPDATE mentions_conversation c SET noted_due_at = c.due_at FROM late "
            "WHERE c.id = late.id RETURNING c.id, c.queue_id, c.source_id, c.origin, c.due_at) "
            "INSERT INTO mentions_event (kind, at, origin, actor, conversation_id, queue_id, source_id) "
            "SELECT 'conversation.overdue', due_at, origin, 'system', id, queue_id, source_id FROM noted",
            [_AT_ONCE],
        )
        return int(cursor.rowcount)


def follow_links() -> int:
    """Give what goes on from another conversation to the owner of that one. Returns how many."""
    consumer, _created = Consumer.objects.get_or_create(name=_LINKS)
    fresh = events.after(consumer.position, limit=2000)
    if not fresh:
        return 0
    came = ("mention.received", "mention.adopted")
    arrived = [e for e in fresh if e.kind in came and e.data.get("did") in ("opened", "reopened")]
    opened = [e.conversation_id for e in arrived if e.conversation_id is not None]
    handed = 0
    waiting = Conversation.objects.filter(pk__in=opened, state=State.WAITING)
    linked = waiting.filter(Q(linked__isnull=False) | Q(answered_in__isnull=False))
    for conversation in linked.only("pk", "linked_id", "answered_in_id"):
        places = [conversation.answered_in_id, conversation.linked_id]
        held = Case.objects.filter(conversation__in=places, ended_at=None).select_related("owner")
        # Where its author was answered last goes before where they began.
        owner = min(held, key=lambda case: case.conversation_id != conversation.answered_in_id, default=None)
        # Whoever does not see the queue would hold what belongs to another team, and others could not take it.
        if owner is not None and access.conversations_for(owner.owner).filter(pk=conversation.pk).exists():
            handed += cases.hand_over(conversation.pk, to=owner.owner, now=timezone.now())
    Consumer.objects.filter(pk=_LINKS).update(position=fresh[-1].position, updated_at=timezone.now())
    return handed
