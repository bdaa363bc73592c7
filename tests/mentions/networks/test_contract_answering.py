"""The same questions to every network that can be written to: what became of a reply, whatever broke on its way."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import Network, NetworkError
from mentions.posts import Operation, Post
from tests.mentions.networks.asking import ALL, ANSWERING, follow, outgoing, read, reply_to, seen, way
from tests.mentions.networks.peers import resetting

pytestmark = pytest.mark.urls("tests.mentions.sandbox.urls")


@pytest.mark.parametrize("key", ANSWERING)
class TestAnswering:
    def test_a_public_reply_is_confirmed_and_seen(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        if "public" not in network.capabilities.publish:
            unable = outgoing(in_reply_to=wanted, visibility="public")
            assert follow(network.publish, peer.account, unable).follow == "give_up"
            return
        published = network.publish(peer.account, outgoing(in_reply_to=wanted))
        assert published.external_id
        assert published.at.tzinfo is not None
        assert peer.answers_to(wanted) == ["We are looking into it."]

    def test_a_private_reply_is_confirmed_and_seen_by_its_receiver_alone(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        if "private" not in network.capabilities.publish:
            unable = outgoing(in_reply_to=wanted, visibility="private")
            assert follow(network.publish, peer.account, unable).follow == "give_up"
            return
        customer = getattr(peer, "customer", None)
        privately = outgoing(in_reply_to=wanted, visibility="private", recipient_id=customer)
        published = network.publish(peer.account, privately)
        assert published.external_id
        assert peer.messages() == ["We are looking into it."]
        if "public" in network.capabilities.publish:
            assert peer.answers_to(wanted) == []

    def test_a_reply_whose_answer_was_lost_is_found(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        peer.drop_an_answer()
        reply = reply_to(network, wanted)
        assert follow(network.publish, peer.account, reply).follow == "unknown"
        assert seen(network, peer, wanted) == [reply.text]
        if network.capabilities.resend == "never":
            assert follow(network.reconcile, peer.account, reply.client_key, reply).follow == "unknown"
            return
        found = network.reconcile(peer.account, reply.client_key, reply)
        assert found is not None
        if network.capabilities.resend == "key":
            assert network.publish(peer.account, reply).external_id == found.external_id
            assert seen(network, peer, wanted) == [reply.text]

    def test_a_reply_that_never_arrived_is_known_not_to_be_there(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        peer.fail_once()
        reply = reply_to(network, wanted)
        assert follow(network.publish, peer.account, reply).follow == "unknown"
        if network.capabilities.resend != "never":
            assert network.reconcile(peer.account, reply.client_key, reply) is None
        network.publish(peer.account, reply)
        assert seen(network, peer, wanted) == [reply.text]

    def test_a_connection_that_breaks_never_doubles_a_reply(self, network: Network, peer: Any) -> None:
        wanted, another = peer.write("hello"), peer.write("hello again")
        with resetting(peer.account, at=1) as account:
            error = follow(network.publish, account, reply_to(network, wanted))
        # A network that is first asked what is answered has certainly sent nothing when that already fails.
        assert error.follow in {"unknown", "retry"}
        assert seen(network, peer, wanted) == []
        with resetting(peer.account, at=2) as account:
            network.publish(account, reply_to(network, wanted))
            network.publish(account, reply_to(network, another, "And once more.", client_key="key-2"))
        said = {*seen(network, peer, wanted), *seen(network, peer, another)}
        assert said == {"We are looking into it.", "And once more."}
        assert len(seen(network, peer, wanted)) == (1 if way(network) == "public" else 2)

    def test_what_the_network_refuses_goes_to_a_person(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        too_long = "x" * (network.limits_for(peer.account).allowed(way(network)) + 1)
        assert follow(network.publish, peer.account, reply_to(network, wanted, too_long)).follow == "give_up"
        peer.delete(wanted)
        assert follow(network.publish, peer.account, reply_to(network, wanted)).follow == "give_up"

    def test_the_longest_allowed_text_is_accepted(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        limits = network.limits_for(peer.account)
        most = limits.allowed(way(network)) // limits.length("é", way(network))
        longest = "é" * (most if limits.max_bytes is None else min(most, limits.max_bytes // len("é".encode())))
        network.publish(peer.account, reply_to(network, wanted, longest))
        assert seen(network, peer, wanted) == [longest]

    def test_too_many_and_ended_credentials_certainly_sent_nothing(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        peer.limit()
        assert follow(network.publish, peer.account, reply_to(network, wanted)).follow == "retry"
        peer.expire()
        assert follow(network.publish, peer.account, reply_to(network, wanted)).follow == "reauthorise"
        assert seen(network, peer, wanted) == []

    def test_a_reply_is_taken_back_and_gone_already_is_done(self, network: Network, peer: Any) -> None:
        if not network.capabilities.retract:
            assert follow(network.retract, peer.account, "1").follow == "give_up"
            return
        wanted = peer.write("hello")
        published = network.publish(peer.account, reply_to(network, wanted))
        network.retract(peer.account, published.external_id)
        network.retract(peer.account, published.external_id)
        assert seen(network, peer, wanted) == []

    def test_a_refusal_to_take_a_reply_back_is_not_taken_for_done(self, network: Network, peer: Any) -> None:
        if not network.capabilities.retract or not hasattr(peer, "refuse"):
            return
        published = network.publish(peer.account, reply_to(network, peer.write("hello")))
        peer.refuse()
        assert follow(network.retract, peer.account, published.external_id).follow == "give_up"

    def test_no_error_repeats_a_secret_or_a_customer(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        for spoil in (peer.limit, peer.expire, peer.fail_once, peer.drop_an_answer):
            spoil()
            error = follow(network.publish, peer.account, reply_to(network, wanted, "very private words"))
            assert peer.account.secrets["token"] not in str(error)
            assert "very private words" not in str(error)


@pytest.mark.parametrize("key", ANSWERING)
class TestKeys:
    def test_a_probe_says_who_we_are_there(self, network: Network, peer: Any) -> None:
        told = network.probe(peer.account)
        assert told.account_id
        assert told.handle

    def test_a_probe_tells_that_the_credentials_ended(self, network: Network, peer: Any) -> None:
        peer.expire()
        assert follow(network.probe, peer.account).follow == "reauthorise"


@pytest.mark.parametrize("key", [key for key in ANSWERING if networks.get(key).capabilities.edit])
def test_a_reply_is_reworded(network: Network, peer: Any) -> None:
    wanted = peer.write("hello")
    published = network.publish(peer.account, reply_to(network, wanted))
    network.edit(peer.account, published.external_id, "We have looked into it.")
    assert seen(network, peer, wanted) == ["We have looked into it."]


@pytest.mark.parametrize("key", [key for key in ALL if networks.get(key).capabilities.lookup])
def test_a_post_is_looked_up_and_one_that_is_gone_is_told_apart(network: Network, peer: Any) -> None:
    standing, gone = peer.write("hello"), peer.write("too hasty")
    peer.delete(gone)
    found = network.lookup(peer.account, [standing, gone])
    post = posts.parse(found[standing])
    assert isinstance(post, Post)
    assert (post.external_id, post.text) == (standing, "hello")
    assert found[gone] is None


@pytest.mark.parametrize("key", [key for key in ALL if networks.get(key).capabilities.lookup])
def test_a_refusal_to_look_a_post_up_is_not_taken_for_its_end(network: Network, peer: Any) -> None:
    wanted = peer.write("hello")
    if hasattr(peer, "refuse"):
        peer.refuse()
        with contextlib.suppress(NetworkError):
            assert network.lookup(peer.account, [wanted]).get(wanted, {}) is not None


@pytest.mark.parametrize("key", [key for key in ALL if networks.get(key).capabilities.history])
def test_a_stretch_of_time_is_asked_for_again(network: Network, peer: Any) -> None:
    began = datetime.now(UTC)
    wanted = peer.write("hello")
    cursor: dict[str, Any] = {}
    heard: list[Post | Operation] = []
    for _ in range(20):
        page = network.history(peer.account, began, datetime.now(UTC) + timedelta(seconds=1), cursor)
        heard += read(page.items)
        cursor = json.loads(json.dumps(page.cursor))
        if page.next_at is None:
            break
    assert wanted in {item.external_id for item in heard}
    assert network.history(peer.account, began - timedelta(hours=1), began - timedelta(seconds=1), {}).items == ()


@pytest.mark.parametrize("key", [key for key in ALL if networks.get(key).capabilities.search_history])
def test_a_search_is_asked_for_what_was_before(network: Network, peer: Any) -> None:
    began = datetime.now(UTC) - timedelta(minutes=2)
    wanted = peer.write("airport")
    peer.write("something else")
    cursor: dict[str, Any] = {}
    heard: list[Post | Operation] = []
    for _ in range(20):
        page = network.search_history(peer.account, "airport", began, datetime.now(UTC) + timedelta(seconds=5), cursor)
        heard += read(page.items)
        cursor = json.loads(json.dumps(page.cursor))
        if page.next_at is None:
            break
    assert {item.external_id for item in heard} == {wanted}
    before = network.search_history(peer.account, "airport", began - timedelta(hours=1), began, {})
    assert before.items == ()
