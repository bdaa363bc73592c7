"""WhatsApp says afterwards what became of a message: it settles what nobody knew, and what never arrived comes back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from agents import cases, foreign, outbox, replies
from agents.desk import words
from agents.models import Reply, ReplyState
from mentions import intake, networks, rulebook, sources
from mentions.models import Conversation, OwnPost, Source, State
from tests.factories import make_person, make_queue, make_source
from tests.mentions.networks.peer_whatsapp import CUSTOMER, NUMBER, WhatsAppPeer, serve
from tests.mentions.networks.peers import SECRET

pytestmark = [pytest.mark.django_db(transaction=True)]

GOOD = "Sorry about the trouble. Please tell us when it happened so that we can look into it together."


@pytest.fixture
def number() -> Iterator[WhatsAppPeer]:
    rulebook.forget()
    make_queue()
    with serve() as peer:
        yield peer
    rulebook.forget()


@pytest.fixture
def source(number: WhatsAppPeer) -> Source:
    kept = sources.seal({"token": "token-of-the-bank", "webhook": SECRET})
    told = {"base_url": number.account.base_url, "account_id": NUMBER, "handle": "", "secrets": kept}
    made = make_source("whatsapp", network="whatsapp", **told)
    # Not just connected: what is older than that would be from before our time.
    Source.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(days=2))
    return Source.objects.get(pk=made.pk)


@pytest.fixture
def reply(number: WhatsAppPeer, source: Source) -> Reply:
    """An answer to a customer's message, on its way."""
    number.write("my card was declined")
    bring(number, source)
    priya, found = make_person("priya"), Conversation.objects.get()
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    # It reads as a card's number, and must not be masked on its way back.
    key = uuid.UUID("41111111-1111-4111-8111-111111111111")
    return replies.submit(
        found.pk, text=GOOD, by=priya, visibility="private", seen_version=found.version, client_key=key
    )


def bring(number: WhatsAppPeer, source: Source) -> None:
    intake.receive(source, networks.get("whatsapp").parse(number.delivery()[1]))


def became(number: WhatsAppPeer, source: Source, status: str, wamid: str, key: str = "", **more: Any) -> None:
    told = {"id": wamid, "status": status, "recipient_id": CUSTOMER, "timestamp": str(int(time.time()))} | more
    number.deliver(statuses=[told | ({"biz_opaque_callback_data": key} if key else {})])
    bring(number, source)
    foreign.compare_new()


def test_a_lost_answer_is_settled_by_the_status_that_bears_our_key(
    number: WhatsAppPeer, source: Source, reply: Reply
) -> None:
    number.drop_an_answer()
    outbox.send_due()
    reply.refresh_from_db()
    assert reply.state == ReplyState.UNKNOWN
    became(number, source, "sent", "wamid.77", str(reply.client_key))
    reply.refresh_from_db()
    assert (reply.state, reply.external_id) == (ReplyState.SENT, f"{CUSTOMER}:wamid.77")
    assert OwnPost.objects.get().verdict == OwnPost.Verdict.OURS


def test_what_never_arrived_is_said_and_brings_the_conversation_back(
    number: WhatsAppPeer, source: Source, reply: Reply
) -> None:
    outbox.send_due()
    reply.refresh_from_db()
    wamid = reply.external_id.partition(":")[2]
    cases.close(reply.conversation_id, disposition="answered", by=reply.author)
    became(number, source, "sent", wamid, str(reply.client_key))
    became(number, source, "failed", wamid, str(reply.client_key), errors=[{"code": 131026, "title": "Undeliverable"}])
    became(number, source, "failed", wamid, str(reply.client_key), errors=[{"code": 131026, "title": "Undeliverable"}])
    reply.refresh_from_db()
    assert (reply.state, "Undeliverable" in reply.error) == (ReplyState.SENT, True)
    assert [answer["follow"] for answer in reply.answers] == ["sent", "undelivered"]
    assert Conversation.objects.get().state == State.WAITING


def test_one_that_was_refused_before_anybody_knew_can_be_sent_again(
    number: WhatsAppPeer, source: Source, reply: Reply
) -> None:
    number.drop_an_answer()
    outbox.send_due()
    became(number, source, "failed", "wamid.78", str(reply.client_key), errors=[{"code": 131047}])
    reply.refresh_from_db()
    assert (reply.state, "131047" in reply.error) == (ReplyState.FAILED, True)
    assert replies.retry(reply, by=reply.author).state == ReplyState.HELD


def test_how_far_it_got_stands_with_the_reply_and_never_goes_back(
    number: WhatsAppPeer, source: Source, reply: Reply
) -> None:
    outbox.send_due()
    reply.refresh_from_db()
    wamid, key = reply.external_id.partition(":")[2], str(reply.client_key)
    for status in ("sent", "read", "delivered", "read"):
        became(number, source, status, wamid, key)
    reply.refresh_from_db()
    assert [answer["follow"] for answer in reply.answers] == ["sent", "read"]
    assert (OwnPost.objects.get().reached, OwnPost.objects.get().verdict) == ("read", OwnPost.Verdict.OURS)
    assert words.reached(reply.answers) == "read"
    became(number, source, "failed", wamid, key, errors=[{"code": 131026}])
    became(number, source, "delivered", wamid, key)
    reply.refresh_from_db()
    assert [answer["follow"] for answer in reply.answers] == ["sent", "read", "undelivered"]
    assert words.reached(reply.answers) == ""


def test_that_a_foreign_message_was_read_alarms_nobody_again(number: WhatsAppPeer, source: Source) -> None:
    became(number, source, "sent", "wamid.99")
    became(number, source, "read", "wamid.99")
    assert (OwnPost.objects.get().reached, OwnPost.objects.get().verdict) == ("read", OwnPost.Verdict.FOREIGN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mentions_event WHERE kind = 'source.foreign_post'")
        assert cursor.fetchone() == (1,)


def test_a_message_under_nobody_s_key_is_foreign(number: WhatsAppPeer, source: Source) -> None:
    became(number, source, "sent", "wamid.99")
    assert OwnPost.objects.get().verdict == OwnPost.Verdict.FOREIGN


def test_both_in_one_delivery_are_one_message(number: WhatsAppPeer, source: Source) -> None:
    told = {"id": "wamid.5", "recipient_id": CUSTOMER, "timestamp": str(int(time.time()))}
    number.deliver(statuses=[told | {"status": "sent"}, told | {"status": "failed"}])
    bring(number, source)
    assert OwnPost.objects.get().refused == "failed"
