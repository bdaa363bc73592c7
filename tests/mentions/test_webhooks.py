"""Told where to deliver: registered when a source is connected, watched ever after, let go with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from mentions import hooks, networks, rulebook
from mentions.models import Beside, Gap, Mention, Source
from mentions.networks import Handshake
from mentions.networks._meta import signature
from mentions.sources import beside, connecting, gate, health, managing, polling, webhooks
from tests.factories import make_queue, make_source
from tests.mentions.networks import peer_facebook, peer_instagram, peer_telegram, peer_whatsapp, peer_x
from tests.mentions.networks.peers import SECRET

pytestmark = pytest.mark.django_db
CALLBACK = "https://desk.bank.example/hooks"


@pytest.fixture(autouse=True)
def outside(settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.bank.example"
    for module in (hooks, rulebook):
        module.forget()


@pytest.fixture
def there() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def source_at(peer: Any, key: str, slug: str = "desk", **settings: str) -> Source:
    """A source that is connected to a peer."""
    make_queue()
    account = peer.account
    secrets = dict(account.secrets) | {"webhook": SECRET, "verify_token": "of-ours"}
    found = make_source(
        slug,
        network=key,
        base_url=account.base_url,
        handle=account.handle,
        account_id=account.account_id,
        secrets=connecting.seal(secrets),
        settings=dict(account.settings) | settings,
        local=True,
        poll_every_s=300,
    )
    webhooks.soon(found, now=timezone.now())
    return found


def kept(source: Source, **how: bool) -> Source:
    """The source after its network was asked once more."""
    webhooks.keep(Source.objects.get(pk=source.pk), now=timezone.now(), **how)
    return Source.objects.get(pk=source.pk)


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM mentions_event WHERE kind LIKE 'source.%' ORDER BY id")
        return [kind for (kind,) in cursor.fetchall()]


def asks_back(key: str, address: str, query: dict[str, str]) -> Handshake | None:
    """The network's own question to our address, in the middle of what we asked of it."""
    assert address.startswith(f"{CALLBACK}/{key}/")
    return networks.get(key).handshake(query, {"webhook": SECRET, "verify_token": "of-ours"})


class TestTelegram:
    @pytest.fixture
    def peer(self, there: ExitStack) -> peer_telegram.TelegramPeer:
        return there.enter_context(peer_telegram.serve())

    def test_it_is_told_where_to_deliver_and_then_there_is_nothing_to_ask_for(
        self, peer: peer_telegram.TelegramPeer
    ) -> None:
        source = kept(source_at(peer, "telegram"))
        assert peer.hook["url"] == f"{CALLBACK}/telegram/desk"
        assert peer.hook["secret_token"] == SECRET
        assert {"message", "edited_channel_post"} <= set(peer.hook["allowed_updates"])
        assert (webhooks.told(source).state, source.hook["problem"]) == ("delivers", "")  # type: ignore[union-attr]
        peer.write("waits to be delivered")
        assert polling.poll(source, now=timezone.now())
        source.refresh_from_db()
        assert (source.blind_since, source.last_error) == (None, "")

    def test_what_it_cannot_deliver_is_said_and_asked_for_instead(self, peer: peer_telegram.TelegramPeer) -> None:
        source = kept(source_at(peer, "telegram"))
        now = int(timezone.now().timestamp())
        broken = {"pending_update_count": 3, "last_error_date": now, "last_error_message": "Connection refused"}
        answer = peer.answer

        def unreachable(request: Any) -> Any:
            if request.path.endswith("/getWebhookInfo") and peer.hook:
                peer.hook |= broken
            return answer(request)

        peer.answer = unreachable  # type: ignore[method-assign]
        source = kept(kept(source))
        assert "Connection refused" in source.hook["problem"]
        assert source.hook["waiting"] == 3
        assert health.health(source, now=timezone.now()).words == "Not delivered"
        source = kept(source)
        told = webhooks.told(source)
        assert told is not None
        assert told.state == "left"
        assert peer.hook == {}
        assert kinds()[-1] == "source.undelivered"
        peer.write("asked for by the clock")
        polling.poll(source, now=timezone.now())
        assert Mention.objects.count() == 1

    def test_another_program_s_address_is_taken_over_and_left_alone_when_it_comes_back(
        self, peer: peer_telegram.TelegramPeer
    ) -> None:
        peer.hook = {"url": "https://elsewhere.example/"}
        source = kept(source_at(peer, "telegram"))
        assert peer.hook["url"].startswith(CALLBACK)
        peer.hook = {"url": "https://elsewhere.example/"}
        connecting.disconnect(source, by=1)
        assert peer.hook == {"url": "https://elsewhere.example/"}

    def test_one_that_somebody_else_took_is_blind_and_taken_back_at_a_persons_word_alone(
        self, peer: peer_telegram.TelegramPeer
    ) -> None:
        source = kept(source_at(peer, "telegram"))
        peer.hook = {"url": "https://staging.bank.example/hooks/telegram/desk"}
        for _time in range(3):
            source = kept(source)
            assert peer.hook["url"].startswith("https://staging")
            assert "another program" in source.hook["problem"]
        polling.poll(source, now=timezone.now())
        source.refresh_from_db()
        assert health.health(source, now=timezone.now()).state == "blind"
        source = kept(source, asked_for=True)
        assert (source.hook["problem"], peer.hook["url"]) == ("", f"{CALLBACK}/telegram/desk")
        assert polling.poll(source, now=timezone.now())
        source.refresh_from_db()
        assert source.blind_since is None

    def test_a_rotated_secret_is_told_by_itself(self, peer: peer_telegram.TelegramPeer) -> None:
        source = kept(source_at(peer, "telegram"))
        fresh = managing.rotate(source, by=1)
        kept(source)
        assert peer.hook["secret_token"] == fresh["webhook"]

    def test_one_that_is_rotated_while_the_network_is_asked_is_told_all_the_same(
        self, peer: peer_telegram.TelegramPeer
    ) -> None:
        asked = kept(source_at(peer, "telegram"))
        fresh = managing.rotate(Source.objects.get(), by=1)
        webhooks.keep(asked, now=timezone.now())  # with what was read before
        webhooks.tick()
        assert peer.hook["secret_token"] == fresh["webhook"]

    def test_disconnecting_lets_it_go(self, peer: peer_telegram.TelegramPeer) -> None:
        source = kept(source_at(peer, "telegram"))
        connecting.disconnect(source, by=1)
        assert peer.hook == {}
        source.refresh_from_db()
        assert (source.hook, source.hook_at, webhooks.told(source)) == ({}, None, None)

    def test_without_an_https_address_nobody_is_told_anything(
        self, peer: peer_telegram.TelegramPeer, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "http://localhost:8000"
        source = source_at(peer, "telegram")
        Source.objects.update(local=False)
        assert kept(source).hook_at is None
        assert peer.hook == {}
        assert webhooks.told(Source.objects.get()).state == "unreachable"  # type: ignore[union-attr]


class TestFacebook:
    @pytest.fixture
    def peer(self, there: ExitStack) -> peer_facebook.FacebookPeer:
        found = there.enter_context(peer_facebook.serve())
        found.proof = self.proof
        return found

    @staticmethod
    def proof(address: str, token: str) -> bool:
        query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
        answer = asks_back("facebook", address, query)
        return answer is not None and answer.body == "1158201444"

    def test_the_app_gets_our_address_and_the_page_delivers_to_the_app(self, peer: peer_facebook.FacebookPeer) -> None:
        source = kept(source_at(peer, "facebook", client_id=peer_facebook.APP))
        assert source.hook["problem"] == ""
        assert peer.subscriptions["page"]["callback_url"] == f"{CALLBACK}/facebook/desk"
        assert {"feed", "mention", "ratings", "messages", "message_echoes"} <= set(peer.delivered_to_app["app-1"])

    def test_what_somebody_changes_there_is_seen_and_put_right(self, peer: peer_facebook.FacebookPeer) -> None:
        source = kept(source_at(peer, "facebook", client_id=peer_facebook.APP))
        for change in (
            peer.delivered_to_app.clear,
            lambda: peer.subscriptions["page"].update(active=False),
            lambda: peer.subscriptions["page"].update(fields=[{"name": "feed"}]),
            lambda: peer.subscriptions["page"].update(callback_url=f"{CALLBACK}/facebook/long-gone"),
            peer.subscriptions.clear,
        ):
            change()
            assert kept(source).hook["problem"] == ""
            assert peer.subscriptions["page"]["callback_url"] == f"{CALLBACK}/facebook/desk"
            assert len(peer.subscriptions["page"]["fields"]) > 5
            assert "messages" in peer.delivered_to_app["app-1"]
        peer.subscriptions["page"].update(callback_url="https://elsewhere.example/hook")
        assert "another address" in kept(source).hook["problem"]
        assert peer.subscriptions["page"]["callback_url"] == "https://elsewhere.example/hook"
        assert kept(source, asked_for=True).hook["problem"] == ""

    def test_what_others_have_delivered_by_the_same_app_stays(self, peer: peer_facebook.FacebookPeer) -> None:
        elsewhere = {"object": "page", "callback_url": f"{CALLBACK}/facebook/desk", "active": True}
        peer.subscriptions["page"] = elsewhere | {"fields": [{"name": "leadgen"}]}
        peer.delivered_to_app["app-1"] = ["leadgen"]
        assert kept(source_at(peer, "facebook", client_id=peer_facebook.APP)).hook["problem"] == ""
        assert "leadgen" in {field["name"] for field in peer.subscriptions["page"]["fields"]}
        assert {"leadgen", "messages"} <= set(peer.delivered_to_app["app-1"])

    def test_an_address_at_which_nobody_listens_any_more_is_replaced(self, peer: peer_facebook.FacebookPeer) -> None:
        first = kept(source_at(peer, "facebook", client_id=peer_facebook.APP))
        kept(source_at(peer, "facebook", "second", client_id=peer_facebook.APP))
        managing.pause(first, by=1)
        webhooks.tick()
        assert peer.subscriptions["page"]["callback_url"] == f"{CALLBACK}/facebook/second"

    def test_one_app_has_one_address_for_all_its_pages_and_it_is_handed_on(
        self, peer: peer_facebook.FacebookPeer
    ) -> None:
        first = kept(source_at(peer, "facebook", client_id=peer_facebook.APP))
        second = kept(source_at(peer, "facebook", "second", client_id=peer_facebook.APP))
        assert second.hook["problem"] == ""
        assert peer.subscriptions["page"]["callback_url"] == f"{CALLBACK}/facebook/desk"
        connecting.disconnect(first, by=1)
        assert peer.subscriptions == {}
        webhooks.tick()
        assert peer.subscriptions["page"]["callback_url"] == f"{CALLBACK}/facebook/second"

    @pytest.mark.django_db(transaction=True)  # the writer stores over a connection of its own
    def test_what_comes_for_another_page_of_the_app_is_that_page_s(self, peer: peer_facebook.FacebookPeer) -> None:
        first = source_at(peer, "facebook", client_id=peer_facebook.APP)
        second = source_at(peer, "facebook", "second", client_id=peer_facebook.APP)
        strange = source_at(peer, "facebook", "strange", client_id=peer_facebook.APP)
        Source.objects.filter(pk=second.pk).update(account_id="1002")
        Source.objects.filter(pk=strange.pk).update(
            account_id="1003", secrets=connecting.seal({"token": "t", "webhook": "of another app"})
        )
        paused = source_at(peer, "facebook", "paused", client_id=peer_facebook.APP)
        Source.objects.filter(pk=paused.pk).update(account_id="1005", active=False)
        entries = []
        for page in (peer_facebook.PAGE, "1002", "1003", "1004", "1005"):
            value = {"item": "comment", "verb": "add", "comment_id": f"{page}_5_6", "post_id": f"{page}_5"}
            value |= {"from": {"id": "7"}, "message": f"on {page}", "created_time": int(timezone.now().timestamp())}
            entries.append({"id": page, "time": 1, "changes": [{"field": "feed", "value": value}]})
        body = json.dumps({"object": "page", "entry": entries}).encode()
        headers = {"x-hub-signature-256": signature(SECRET, body)}
        answer = Client().post("/hooks/facebook/desk", body, content_type="application/json", headers=headers)
        assert answer.json() == {"accepted": 4, "duplicate": 0, "rejected": 0}
        told = {m.external_id.partition("_")[0]: m.source_id for m in Mention.objects.all()}
        assert told == {peer_facebook.PAGE: first.pk, "1002": second.pk, "1003": first.pk, "1004": first.pk}
        answer = Client().post("/hooks/facebook/desk", body, content_type="application/json", headers=headers)
        assert answer.json()["accepted"] == 0

    def test_that_it_does_not_reach_us_is_said(self, peer: peer_facebook.FacebookPeer) -> None:
        peer.proof = lambda _address, _token: False
        source = kept(source_at(peer, "facebook", client_id=peer_facebook.APP))
        assert "2200" in source.hook["problem"]
        assert webhooks.told(source).state == "problem"  # type: ignore[union-attr]
        assert health.health(kept(source), now=timezone.now()).state != "late"  # its feed is asked all the same

    def test_being_asked_to_wait_with_this_holds_nothing_else(self, peer: peer_facebook.FacebookPeer) -> None:
        source = source_at(peer, "facebook", client_id=peer_facebook.APP)
        peer.limit()
        waiting = kept(source)
        assert (webhooks.told(waiting).state, waiting.failures) == ("soon", 0)  # type: ignore[union-attr]
        assert waiting.hook_at is not None
        assert waiting.hook_at > timezone.now()
        assert gate.enter(waiting, "reads", now=timezone.now()) is None, "what is read and sent meanwhile is not held"
        assert kept(source).hook["problem"] == ""

    def test_without_the_app_s_number_it_is_done_by_hand(self, peer: peer_facebook.FacebookPeer) -> None:
        source = kept(source_at(peer, "facebook"))
        assert webhooks.told(source).state == "by hand"  # type: ignore[union-attr]
        assert peer.subscriptions == {}


class TestX:
    @pytest.fixture
    def peer(self, there: ExitStack) -> peer_x.XPeer:
        found = there.enter_context(peer_x.serve())
        found.proof = self.proof
        return found

    @staticmethod
    def proof(address: str) -> bool:
        answer = asks_back("x", address, {"crc_token": "challenge"})
        return answer is not None and json.loads(answer.body)["response_token"].startswith("sha256=")

    def test_the_webhook_is_made_proven_and_subscribed_to(self, peer: peer_x.XPeer) -> None:
        source = kept(source_at(peer, "x"))
        ((own, hook),) = peer.hooks.items()
        assert (hook["url"], peer.subscribers[own]) == (f"{CALLBACK}/x/desk", [peer_x.BANK])
        assert kept(source).hook["problem"] == ""
        assert len(peer.hooks) == 1

    def test_one_that_x_holds_for_broken_is_proven_anew(self, peer: peer_x.XPeer) -> None:
        source = kept(source_at(peer, "x"))
        for hook in peer.hooks.values():
            hook["valid"] = False
        assert kept(source).hook["problem"] == ""
        peer.subscribers.clear()
        assert kept(source).hook["problem"] == ""

    def test_that_it_cannot_be_proven_or_is_one_too_many_is_said(self, peer: peer_x.XPeer) -> None:
        peer.proof = lambda _address: False
        assert "reachable from outside" in kept(source_at(peer, "x")).hook["problem"]
        peer.hooks["9"] = {"id": "9", "url": "https://elsewhere.example/hook", "valid": True}
        assert "allows no more" in kept(Source.objects.get()).hook["problem"]

    def test_a_webhook_at_which_nobody_listens_any_more_makes_room(self, peer: peer_x.XPeer) -> None:
        first = kept(source_at(peer, "x"))
        kept(source_at(peer, "x", "second"))
        managing.pause(first, by=1)
        webhooks.tick()
        ((own, hook),) = peer.hooks.items()
        assert (hook["url"], peer.subscribers[own]) == (f"{CALLBACK}/x/second", [peer_x.BANK])

    def test_disconnecting_ends_the_subscription_and_the_last_one_the_webhook(self, peer: peer_x.XPeer) -> None:
        source = kept(source_at(peer, "x"))
        (own,) = peer.hooks
        peer.subscribers[own].append("another account")
        connecting.disconnect(source, by=1)
        assert peer.subscribers[own] == ["another account"]
        assert own in peer.hooks


def test_what_is_only_delivered_is_blind_while_it_is_not(there: ExitStack) -> None:
    peer = there.enter_context(peer_whatsapp.serve())
    peer.proof = lambda _address, _token: False
    source = source_at(peer, "whatsapp", client_id=peer_facebook.APP, business_account="900")
    Source.objects.update(poll_every_s=None)
    for _time in range(3):
        source = kept(source)
    assert health.health(source, now=timezone.now()).state == "blind"
    assert source.last_error.startswith("WhatsApp refuses this")
    assert Gap.objects.get().reason == Gap.Reason.DEAF
    peer.proof = lambda _address, _token: True
    source = kept(source)
    assert (source.blind_since, Gap.objects.get().ended_at is not None) == (None, True)
    assert kinds()[-3:] == ["source.blind", "source.delivered", "source.sees_again"]
    connecting.disconnect(source, by=1)
    assert (peer.subscriptions, peer.delivered_to_app) == ({}, {})


@pytest.mark.django_db(transaction=True)  # the writer stores over a connection of its own
class TestInstagram:
    @pytest.fixture
    def peer(self, there: ExitStack) -> peer_instagram.InstagramPeer:
        return there.enter_context(peer_instagram.serve())

    def delivered(self, source: Source, peer: peer_instagram.InstagramPeer) -> None:
        headers, body = peer.delivery()
        path = f"/hooks/instagram/{source.slug}"
        answer = Client().post(path, data=body, content_type="application/json", headers=headers)
        assert answer.status_code == 200

    def test_somebody_who_names_us_elsewhere_is_heard_and_can_be_answered(
        self, peer: peer_instagram.InstagramPeer
    ) -> None:
        source = source_at(peer, "instagram")
        named = [peer.mention("Ask @meridian about it", comment=True), peer.mention("Thanks @meridian", comment=False)]
        self.delivered(source, peer)
        while beside.fetch_wanted():
            pass
        heard = {mention.external_id: mention for mention in Mention.objects.select_related("content")}
        assert set(heard) == set(named)
        assert heard[named[0]].content.text == "Ask @meridian about it"
        assert heard[named[0]].in_reply_to == named[0].rpartition(":")[0]
        assert not Beside.objects.filter(addressed=True).exists()
        peer.mention("again", comment=True)
        self.delivered(source, peer)
        self.delivered(source, peer)
        beside.fetch_wanted()
        assert Mention.objects.count() == 3

    def test_one_that_is_gone_before_it_was_read_is_no_mention(self, peer: peer_instagram.InstagramPeer) -> None:
        source = source_at(peer, "instagram")
        peer.mention("never mind @meridian", comment=True)
        peer.elsewhere.clear()
        self.delivered(source, peer)
        beside.fetch_wanted()
        assert Beside.objects.get().state == Beside.Status.WANTED, "our keys may not be let read it"
        peer.write("Is anybody there?")
        Beside.objects.update(next_at=timezone.now())
        beside.fetch_wanted()
        assert (Mention.objects.count(), Beside.objects.get().state) == (0, Beside.Status.GONE)
