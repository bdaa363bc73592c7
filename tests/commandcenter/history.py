"""What happened at the bank, made by the product's own verbs, for tests of figures."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from agents import cases, outcomes
from agents.models import Case, Reply, ReplyState, User
from commandcenter import facts, rollups
from mentions import intake
from mentions.events import Sealer
from mentions.models import Conversation, Mention, Source, State
from mentions.networks import Published
from tests.factories import post

COMPLAINT = "@bank my card was declined again, please help me"
LOVE = "I love the new app of @bank, it is wonderful, great work"
SPAM = "FREE CRYPTO giveaway!!! click http://spam.example now, double your money, @bank"


def hear(
    source: Source,
    text: str = "@bank my card was declined",
    *,
    at: datetime,
    received: datetime | None = None,
    **fields: Any,
) -> Mention:
    """A post written at a moment, and received at once if not told when; returns its row."""
    item = post(text, created_at=at.isoformat(), **fields)
    (result,) = intake.receive(source, [item], now=received or at).items
    assert result.status == "accepted", result
    return Mention.objects.get(network=item["network"], external_id=item["external_id"])


def conversation(mention: Mention) -> Conversation:
    """The conversation that a post came into, as it is now."""
    return Conversation.objects.get(pk=mention.conversation_id)


def answer(conversation: Conversation, *, by: User, at: datetime) -> Reply:
    """A human reply that the network confirmed at a moment; the conversation is claimed for it if need be."""
    conversation.refresh_from_db()
    if conversation.state == State.WAITING:
        cases.claim(conversation.pk, by=by, now=at)
    reply = Reply.objects.create(
        conversation=conversation,
        target_id=conversation.last_mention_id,
        case=Case.objects.filter(conversation=conversation, ended_at=None).first(),
        source_id=conversation.source_id,
        author=by,
        visibility=conversation.visibility,
        text="Sorry about that. Please write to us in private.",
        state=ReplyState.SENDING,
        client_key=uuid.uuid4(),
        seen_version=conversation.version,
        created_at=at,
    )
    outcomes.confirm(reply.pk, Published(external_id=f"ts:r{reply.pk}", url="", at=at), now=at)
    conversation.refresh_from_db()
    return reply


def settle(*, now: datetime | None = None) -> None:
    """Seal what happened, and bring the rollups and the facts up to date."""
    sealer = Sealer()
    while sealer.tick():
        pass
    while rollups.roll(now=now):
        pass
    while facts.keep(now=now):
        pass


def ago(**spell: float) -> datetime:
    """A moment before now."""
    return timezone.now() - timedelta(**spell)
