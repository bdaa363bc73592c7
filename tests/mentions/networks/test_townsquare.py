"""What is Town Square's own: its signature, its private messages, its threads, its pages of events."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from mentions import posts
from mentions.networks import Account, BadSignature, get, townsquare
from mentions.networks.townsquare import TOLERANCE_S, signed
from mentions.posts import BadPost, Post
from mentions.sandbox import square
from tests.mentions.networks.peers import TownSquarePeer

NETWORK = get("townsquare")
BODY = b'{"events": []}'


def refused(headers: dict[str, str], *secrets: str) -> str:
    with pytest.raises(BadSignature) as caught:
        NETWORK.verify(headers, BODY, secrets or ("s",))
    return str(caught.value)


class TestSignature:
    def test_an_old_delivery_is_refused_though_it_was_signed(self) -> None:
        assert refused(signed("s", "d", BODY, at=time.time() - TOLERANCE_S - 5)) == "the delivery is too old"
        assert refused(signed("s", "d", BODY, at=time.time() + TOLERANCE_S + 5)) == "the delivery is too old"

    def test_either_side_may_rotate_first(self) -> None:
        old, new = signed("old", "d", BODY), signed("new", "d", BODY)
        NETWORK.verify(old, BODY, ["new", "old"])
        both = f"{old['townsquare-signature']}, {new['townsquare-signature']}"
        NETWORK.verify(old | {"townsquare-signature": both}, BODY, ["new"])

    def test_the_delivery_s_name_is_signed_so_a_replay_cannot_choose_another(self) -> None:
        refused(signed("s", "d", BODY) | {"townsquare-delivery": "d2"})

    @pytest.mark.parametrize("stamp", ["", "-1", "1.5", "١٢٣", "9" * 20, "nan"])
    def test_a_strange_time_is_no_time(self, stamp: str) -> None:
        refused(signed("s", "d", BODY) | {"townsquare-timestamp": stamp})

    def test_a_name_past_its_bound_is_refused(self) -> None:
        refused(signed("s", "d" * 201, BODY))


class TestReading:
    def test_one_broken_event_is_refused_by_itself(self) -> None:
        good = {"id": "k", "author": {"id": "p"}, "text": "hi", "created_at": "2026-11-21T10:15:00Z"}
        events: list[Any] = [
            {"type": "post.created", "post": good},
            7,
            {"type": "post.created"},
            {"type": "post.created", "post": good | {"author": "p"}},
        ]
        first, *broken = NETWORK.parse(json.dumps({"events": events}).encode())
        assert isinstance(posts.parse(first), Post)
        for item in broken:
            with pytest.raises(BadPost):
                posts.parse(item)

    @pytest.mark.django_db(transaction=True)
    def test_messages_and_replies_belong_to_their_threads(self) -> None:
        peer = TownSquarePeer("http://127.0.0.1:9")
        root = square.write("customer42", "hello", image="app-error")
        square.write("other_one", "me too", in_reply_to=root.key)
        square.write("customer42", "my address changed", private=True)
        post, reply, message = (posts.parse(item) for item in NETWORK.parse(peer.delivery()[1]))
        assert isinstance(post, Post)
        assert isinstance(reply, Post)
        assert isinstance(message, Post)
        assert (post.kind, reply.kind, message.kind) == ("post", "reply", "message")
        assert (post.visibility, message.visibility) == ("public", "private")
        assert reply.in_reply_to == post.external_id
        assert reply.conversation_id == post.conversation_id == post.external_id
        assert message.conversation_id not in (None, post.conversation_id)
        assert message.author.id == post.author.id != reply.author.id
        assert post.url == f"http://127.0.0.1:9/sandbox/posts/{root.key}/"
        assert post.media[0].url == "http://127.0.0.1:9/static/sandbox/images/app-error.png"
        assert post.author.avatar_url is not None


@pytest.mark.urls("tests.mentions.sandbox.urls")
@pytest.mark.django_db(transaction=True)
class TestAsking:
    def test_a_long_gap_is_read_page_by_page_without_waiting(
        self, live_server: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(townsquare, "PAGE", 3)
        peer = TownSquarePeer(live_server.url)
        wanted = [peer.write(f"post {number}") for number in range(7)]
        found: list[str] = []
        cursor: dict[str, Any] = {}
        pages = 0
        while True:
            page = NETWORK.fetch(peer.account, cursor)
            found += [item["external_id"] for item in page.items]
            cursor = page.cursor
            pages += 1
            if page.next_at is None:
                break
        assert (found, pages) == (wanted, 3)

    def test_a_message_finds_its_receiver_by_the_author_s_identifier(self, live_server: Any) -> None:
        peer = TownSquarePeer(live_server.url)
        author = f"ts:{square.write('customer42', 'hello').author.key}"
        NETWORK.publish(
            peer.account,
            townsquare.Outgoing("Hello from the bank", "private", client_key="k", recipient_id=author),
        )
        assert peer.messages() == ["Hello from the bank"]

    def test_the_secrets_of_an_account_do_not_show_in_its_repr(self) -> None:
        assert "t0ken" not in repr(Account("http://127.0.0.1", secrets={"token": "t0ken"}))
