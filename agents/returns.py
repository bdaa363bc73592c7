"""How conversations come back to the desk without anybody's asking: an owner gone, a pause over, a reply not delivered.

Verbs as in `agents.cases`; each locks the conversation before its case, in the order of the house.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from agents import cases
from agents.cases import Refused
from agents.models import Case
from mentions.events import SYSTEM, Actor
from mentions.models import Conversation, State

_PENDING = (State.PENDING_CUSTOMER, State.PENDING_BANK)


def expire(case_id: int, *, now: datetime) -> bool:
    """Return a conversation whose owner has gone to the head of its queue; False if the lease was renewed."""
    with transaction.atomic():
        conversation, case = _locked(case_id)
        if case is None or case.lease_until > now or conversation.state != State.CLAIMED:
            return False
        cases.end(case, Case.Outcome.EXPIRED, now)
        cases.requeue(conversation, now, returned=True)
        cases.tell("case.expired", conversation, SYSTEM, now, case=case)
    return True


def vacate(case_id: int, *, by: Actor, now: datetime) -> bool:
    """End a case whose owner leaves the house or the team: back to the head of its queue; what is pending waits on.

    Its event tells the state in which it stands there and since when, for figures of a past day.
    """
    with transaction.atomic():
        conversation, case = _locked(case_id)
        if case is None:
            return False
        cases.end(case, Case.Outcome.RELEASED, now)
        if conversation.state == State.CLAIMED:
            cases.requeue(conversation, max(now, case.claimed_at), returned=True)
        since = conversation.queued_at.isoformat()
        cases.tell("case.released", conversation, by, now, case=case, state=conversation.state, queued_at=since)
    return True


def wake(conversation_id: int, *, now: datetime) -> bool:
    """End a pending spell whose time has come: back to its owner, or to the queue if there is none."""
    with transaction.atomic():
        conversation = (
            Conversation.objects.select_for_update()
            .filter(pk=conversation_id, wake_at__lte=now, state__in=_PENDING)
            .first()
        )
        if conversation is None:
            return False
        _woken(conversation, now)
    return True


def to_desk(conversation: Conversation | None, now: datetime) -> None:
    """Bring a locked conversation back that was closed on a reply which does not leave, or pending after it.

    One that needs no answer stays as it is.
    """
    if conversation is not None and conversation.actionable is not False and conversation.answered_in_id is None:
        with suppress(Refused):  # its customer has gone on elsewhere, and is answered there
            unanswered(conversation.pk, now=now)


def unanswered(conversation_id: int, *, now: datetime) -> bool:
    """Take a conversation up again that was left to a reply which did not reach its customer; False if nobody left it.

    Nobody's right is asked: whoever wrote the reply may have left. Raises `Refused` if the customer has gone on in
    another conversation of the same place.
    """
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        if conversation.state in _PENDING:
            _woken(conversation, now)
            return True
        if conversation.state != State.CLOSED:
            return False
        cases.open_again(conversation, now)
        cases.tell("conversation.reopened", conversation, SYSTEM, now)
    return True


def _woken(conversation: Conversation, now: datetime) -> None:
    """End a locked conversation's pending spell."""
    case = Case.objects.select_for_update().filter(conversation=conversation, ended_at=None).first()
    if case is not None:
        cases.go_on(conversation, case, now)
    else:
        cases.requeue(conversation, now, returned=True)
    cases.tell("conversation.woken", conversation, SYSTEM, now, case=case)


def _locked(case_id: int) -> tuple[Conversation, Case | None]:
    """The case's conversation and the case, if it has not ended, both locked in this order."""
    place = Case.objects.values("conversation_id").filter(pk=case_id)
    conversation = Conversation.objects.select_for_update().get(pk__in=place)
    return conversation, Case.objects.select_for_update().filter(pk=case_id, ended_at=None).first()
