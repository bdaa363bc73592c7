"""What networks tell of our accounts and not of posts: let go, put out of a place, blocked, delivered and read."""

from __future__ import annotations

import base64
import hmac
import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import addresses
from agents.alerts import watch
from agents.cases import Refused
from mentions import hooks, intake, rulebook, sources
from mentions.models import Conversation, Gap, Mention, OwnPost, Reject, Source
from mentions.networks._meta import signature
from mentions.networks.telegram import SECRET_HEADER
from mentions.sources import gaps
from mentions.sources.health import health
from tests.factories import make_queue, make_source, post
from tests.mentions.networks import peer_telegram
from tests.mentions.watching import fresh

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = {"webhook": "shared", "token": "bot"}
CHAT = -1001
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def house() -> None:
    for module in (hooks, rulebook):
        module.forget()
    make_queue()


def account(network: str, **fields: Any) -> Source:
    return make_source(network, network=network, account_id="1001", secrets=sources.seal(SECRETS), **fields)


def deliver(network: str, told: dict[str, Any]) -> None:
    body = json.dumps(told).encode()
    if network == "telegram":
        headers = {SECRET_HEADER: "shared"}
    elif network == "x":
        digest = hmac.new(b"shared", body, "sha256").digest()
        headers = {"x-twitter-webhooks-signature": f"sha256={base64.b64encode(digest).decode()}"}
    else:
        headers = {"x-hub-signature-256": signature("shared", body)}
    answer = Client().post(f"/hooks/{network}/{network}", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200
    assert not Reject.objects.exists()


def member(status: str, chat: int = CHAT, *, before: str = "member", minutes: int = 5) -> dict[str, Any]:
    kind = {"type": "supergroup", "title": "Town chat"} if chat < 0 else {"type": "private", "first_name": "Dana"}
    at = timezone.now() - timedelta(minutes=minutes)
    return {
        "update_id": next(_numbers),
        "my_chat_member": {
            "chat": {"id": chat} | kind,
            "from": {"id": 7},
            "date": int(at.timestamp()),
            "old_chat_member": {"status": before},
            "new_chat_member": {"status": status},
        },
    }


def revoked(minutes: int = 1) -> dict[str, Any]:
    at = timezone.now() - timedelta(minutes=minutes)
    told = {"date_time": at.isoformat(), "target": {"app_id": "5"}, "source": {"user_id": "1001"}}
    return {"user_event": {"revoke": told}}


def test_whoever_takes_our_leave_back_on_x_stops_the_account_at_once() -> None:
    x = account("x", refreshed_at=timezone.now() - timedelta(days=1))
    deliver("x", revoked())
    x.refresh_from_db()
    assert x.refused_at is not None
    # That was before somebody let us in again.
    Source.objects.update(refused_at=None, refreshed_at=timezone.now())
    deliver("x", revoked(minutes=3))
    assert Source.objects.get().refused_at is None


@pytest.mark.parametrize("asked", [False, True])
def test_a_bot_that_is_put_out_of_a_group_is_blind_there_until_it_is_let_in(asked: bool) -> None:
    with peer_telegram.serve() as peer:
        telegram = account("telegram", base_url=peer.account.base_url, poll_every_s=5, last_ok_at=timezone.now())
        Source.objects.update(secrets=sources.seal(dict(peer.account.secrets) | {"webhook": "shared"}))

        def tell(update: dict[str, Any]) -> None:
            if not asked:
                return deliver("telegram", update)
            telegram.refresh_from_db()
            peer.updates.append(update | {"update_id": len(peer.updates) + 1})
            assert sources.poll(telegram, now=timezone.now())
            return None

        # Anybody can take the bot into a group of theirs, write there, and put it out again.
        intake.receive(telegram, [post(network="telegram", external_id=f"{CHAT}:1")])
        tell(member("kicked"))
        assert not Gap.objects.exists()
        assert health(fresh(telegram), now=timezone.now()).state == "live"
        tell(member("member", before="kicked", minutes=4))

        Conversation.objects.update(reply_count=1)
        tell(member("kicked", minutes=3))
        gap = Gap.objects.get()
        assert (gap.reason, gap.place, gap.place_name, gap.ended_at) == ("shut_out", str(CHAT), "Town chat", None)
        telegram.refresh_from_db()
        found = health(telegram, now=timezone.now())
        assert (found.state, found.words, found.since) == ("blind", "Put out of a group", gap.started_at)
        assert "Town chat" not in str(list(watch.standing(timezone.now())))
        assert "Town chat" not in str(gaps.touching(gap.started_at, timezone.now()))
        assert [blind.until for blind in gaps.touching(gap.started_at, timezone.now())] == [None]
        # That it hears others says nothing of this place, and being told twice is one gap.
        intake.receive(telegram, [post(network="telegram", external_id="-5:1")])
        tell(member("left", before="administrator", minutes=3))
        assert Gap.objects.get().ended_at is None

        tell(member("member", before="kicked", minutes=2))
        gap.refresh_from_db()
        assert (gap.state, gap.ended_at is not None) == ("open", True)
        assert health(fresh(telegram), now=timezone.now()).state == "live"


def test_places_of_ours_that_put_us_out_are_one_alert_and_can_be_declared_lost() -> None:
    telegram = account("telegram", settings={"channel": "@TownNews"}, last_ok_at=timezone.now())
    for chat in (-7, -8):
        intake.receive(telegram, [post(network="telegram", external_id=f"{chat}:1")])
    Conversation.objects.update(reply_count=1)
    for chat in (-7, -8):
        deliver("telegram", member("left", chat))
    named = member("left", -9)
    named["my_chat_member"]["chat"] |= {"username": "townnews", "type": "channel"}
    deliver("telegram", named)
    (alert,) = watch.standing(timezone.now())
    assert alert.about["places"] == 3
    for gap in Gap.objects.all():
        gaps.declare_lost(gap, note="its owner closed it", by=1)
    assert health(fresh(telegram), now=timezone.now()).state == "live"


def test_a_person_who_blocks_the_bot_is_not_written_to_until_they_unblock_it() -> None:
    telegram = account("telegram", sending=True)
    told = post(network="telegram", external_id="55:1", author="55", kind="message", visibility="private")
    intake.receive(telegram, [told])
    deliver("telegram", member("kicked", 55))
    found = Conversation.objects.get()
    assert found.shut_since is not None
    with pytest.raises(Refused, match="blocked us on Telegram"):
        addresses.address(found, "private")
    assert not Gap.objects.exists()
    deliver("telegram", member("member", 55, before="kicked", minutes=1))
    assert addresses.address(Conversation.objects.get(), "private").target == Mention.objects.get()


def own_message(source: Source, external_id: str, at: datetime, verdict: str = "ours") -> OwnPost:
    return OwnPost.objects.create(
        source=source,
        network=source.network,
        external_id=external_id,
        account_id="1001",
        kind="message",
        visibility="private",
        thread="m:1001:55",
        text="Hello",
        network_at=at,
        received_at=at,
        compare_from=at,
        verdict=verdict,
    )


@pytest.mark.parametrize("network", ["facebook", "instagram"])
def test_how_far_a_message_got_is_read_from_the_receipts(network: str) -> None:
    page = account(network)
    sent = datetime(2026, 11, 20, 12, tzinfo=UTC)
    first, second = (own_message(page, f"m:mid{n}", sent + timedelta(minutes=n)) for n in (1, 2))

    def tell(**receipt: Any) -> None:
        event = {"sender": {"id": "55"}, "recipient": {"id": "1001"}, "timestamp": 1763799990123, **receipt}
        kind = "page" if network == "facebook" else "instagram"
        deliver(network, {"object": kind, "entry": [{"id": "1001", "time": 1, "messaging": [event]}]})

    def reached() -> list[tuple[str, str]]:
        return list(OwnPost.objects.order_by("pk").values_list("reached", "verdict"))

    if network == "facebook":
        tell(delivery={"mids": ["mid1", "mid9"], "watermark": int(first.network_at.timestamp() * 1000)})
        assert reached() == [("delivered", "new"), ("", "ours")]
        tell(read={"watermark": int(first.network_at.timestamp() * 1000)})
    else:
        tell(read={"mid": "mid1"})
    assert reached() == [("read", "new"), ("", "ours")]
    # What is late takes nothing back.
    tell(delivery={"mids": ["mid1"]})
    assert reached() == [("read", "new"), ("", "ours")]
    assert second.reached == ""


def test_a_thumb_is_no_news_to_whoever_answers() -> None:
    square = make_source()
    asked = post("My card was declined", author="dana", kind="message", visibility="private")
    intake.receive(square, [asked])
    before = Conversation.objects.get()
    intake.receive(square, [post("👍🏽", author="dana", kind="message", visibility="private")])
    after = Conversation.objects.get()
    assert (after.last_mention_id, after.waiting_since, after.state) == (
        before.last_mention_id,
        before.waiting_since,
        before.state,
    )
    assert after.inbound_count == 2
