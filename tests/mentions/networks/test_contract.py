"""The same questions to every network. A new file in `mentions/networks/` is asked them without being named here;
it brings its other side in `peers`.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentions import networks, posts
from mentions.networks import Account, BadSignature, Malformed, Network, NetworkError, Outgoing, Visibility
from mentions.posts import BadPost, Operation, Post
from tests.mentions.networks.peers import SECRET, TownSquarePeer, feeds_peer, resetting

pytestmark = [pytest.mark.urls("tests.mentions.sandbox.urls"), pytest.mark.django_db(transaction=True)]

ALL = networks.keys()
FETCHING = [key for key in ALL if networks.get(key).capabilities.fetch]
PUSHED = [key for key in ALL if networks.get(key).capabilities.webhook]
ANSWERING = [key for key in ALL if networks.get(key).capabilities.publish]
READ_ONLY = [key for key in ALL if not networks.get(key).capabilities.publish]


@pytest.fixture
def network(key: str) -> Network:
    return networks.get(key)


@pytest.fixture
def peer(key: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The other side of the network `key`; one that is missing here fails the test."""
    if key == "townsquare":
        yield TownSquarePeer(request.getfixturevalue("live_server").url)
    elif key == "feeds":
        with feeds_peer() as blog:
            yield blog
    elif importlib.util.find_spec(f"tests.mentions.networks.peer_{key}"):
        with importlib.import_module(f"tests.mentions.networks.peer_{key}").serve() as other_side:
            yield other_side
    else:
        pytest.fail(f"{key} brings no peer, so nobody knows whether it keeps the contract")


def follow(work: Any, *args: Any) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        work(*args)
    return caught.value


class _SetAside(Exception):
    """The network's answer was put aside whole."""


def _fetched(network: Network, account: Account) -> tuple[dict[str, Any], ...]:
    try:
        return network.fetch(account, {}).items
    except NetworkError as error:
        if error.follow in {"poison", "retry"}:
            raise _SetAside from error
        raise


def read(items: Any) -> list[Post | Operation]:
    return [posts.parse(item) for item in items]


def outgoing(text: str = "We are looking into it.", **more: Any) -> Outgoing:
    return Outgoing(text, **({"visibility": "public", "client_key": "key-1"} | more))


def way(network: Network) -> Visibility:
    """How a network is answered: in public where it can be."""
    return "public" if "public" in network.capabilities.publish else "private"


def reply_to(network: Network, wanted: str, text: str = "We are looking into it.", **more: Any) -> Outgoing:
    return outgoing(text, in_reply_to=wanted, visibility=way(network), **more)


def delivered(network: Network, peer: Any) -> list[Post | Operation]:
    """Everything that is to be delivered, in as many deliveries as the network makes of it."""
    items: list[dict[str, Any]] = []
    while news := [item for item in network.parse(peer.delivery()[1]) if item not in items]:
        items += news
    return read(items)


def seen(network: Network, peer: Any, wanted: str) -> list[str]:
    """What we are seen to have said about a post."""
    return list(peer.answers_to(wanted) if way(network) == "public" else peer.messages())


@pytest.mark.parametrize("key", ALL)
class TestEverybody:
    def test_it_says_who_it_is_and_what_it_can(self, network: Network, key: str) -> None:
        assert network.key == key
        assert network.title
        can = network.capabilities
        assert can.webhook or can.fetch, "a network that brings nothing in is no use"
        assert can.resend in {"key", "search", "never"}
        assert not can.retract or can.publish

    def test_its_limits_can_be_counted_here_and_in_the_browser(self, network: Network) -> None:
        limits = network.limits_for(Account("http://127.0.0.1"))
        assert limits.counter in {"codepoints", "graphemes", "weighted"}
        assert limits.length("") == 0
        assert limits.length("word") == 4
        assert (limits.allowed("public") > 0) == ("public" in network.capabilities.publish)
        assert (limits.allowed("private") > 0) == ("private" in network.capabilities.publish)

    def test_a_stranger_s_visit_to_the_webhook_is_no_handshake(self, network: Network) -> None:
        assert network.handshake({}, {}) is None
        assert network.handshake({"crc_token": "x", "hub.challenge": "y"}, {}) is None


@pytest.mark.parametrize("key", READ_ONLY)
def test_what_only_reads_refuses_to_write(network: Network) -> None:
    account = Account("http://127.0.0.1")
    assert follow(network.publish, account, outgoing()).follow == "give_up"
    assert follow(network.reconcile, account, "key-1", outgoing()).follow == "give_up"
    assert follow(network.retract, account, "1").follow == "give_up"


@pytest.mark.parametrize("key", sorted(set(ALL) - set(PUSHED)))
def test_what_is_not_pushed_takes_no_delivery(network: Network) -> None:
    with pytest.raises(BadSignature):
        network.verify({}, b"{}", [SECRET])
    with pytest.raises(Malformed):
        network.parse(b"{}")


@pytest.mark.parametrize("key", PUSHED)
class TestDeliveries:
    def test_a_genuine_one_is_accepted_under_either_of_two_secrets(self, network: Network, peer: Any) -> None:
        peer.write("hello")
        headers, body = peer.delivery()
        network.verify(headers, body, [SECRET])
        network.verify(headers, body, ["the next secret", SECRET])
        assert 0 < len(network.delivery_id(headers, body)) <= 200

    def test_a_forged_one_is_not(self, network: Network, peer: Any) -> None:
        peer.write("hello")
        headers, body = peer.delivery()
        for keys in ([], ["another"], [""], [SECRET[:-1]]):
            with pytest.raises(BadSignature):
                network.verify(headers, body, keys)
        for forged in (body + b" ", body[:-1], b"", body.replace(b"hello", b"hallo")):
            if network.signs_bodies:
                with pytest.raises(BadSignature):
                    network.verify(headers, forged, [SECRET])
        for name in headers:
            for value in ("", "0", "é", headers[name][:-1], headers[name] + "0"):
                with pytest.raises(BadSignature):
                    network.verify(headers | {name: value}, body, [SECRET])
            with pytest.raises(BadSignature):
                network.verify({other: value for other, value in headers.items() if other != name}, body, [SECRET])

    def test_a_post_its_edit_and_its_deletion(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        if "edit" in network.tells:
            peer.edit(wanted, "hello again")
        if "delete" in network.tells:
            peer.delete(wanted)
        items = delivered(network, peer)
        assert {item.external_id for item in items} == {wanted}
        post, *changes = items
        assert isinstance(post, Post)
        assert (post.text, post.visibility) == ("hello", way(network))
        assert post.author.id
        told = {change.op: change for change in changes if isinstance(change, Operation)}
        assert len(changes) == len(told)
        assert set(told) == set(network.tells)
        if "edit" in told:
            assert told["edit"].text == "hello again"
            assert told["edit"].edited_at is not None
            assert told["edit"].edited_at >= post.created_at

    def test_a_deletion_can_be_the_first_that_is_heard(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        delivered(network, peer)
        if "delete" in network.tells:
            peer.delete(wanted)
            (delete,) = read(network.parse(peer.delivery()[1]))
            assert isinstance(delete, Operation)
            assert (delete.op, delete.external_id) == ("delete", wanted)

    def test_the_same_delivery_reads_the_same_twice(self, network: Network, peer: Any) -> None:
        peer.write("hello")
        headers, body = peer.delivery()
        assert network.parse(body) == network.parse(body)
        assert network.delivery_id(headers, body) == network.delivery_id(headers, body)

    def test_what_we_wrote_ourselves_comes_too_under_our_own_identifier(self, network: Network, peer: Any) -> None:
        wanted = peer.write("hello")
        if not network.capabilities.publish or not network.echoes:
            return
        ours = network.publish(peer.account, reply_to(network, wanted)).external_id
        heard = {item.external_id: item for item in read(network.parse(peer.delivery()[1])) if isinstance(item, Post)}
        assert heard[ours].author.id == network.probe(peer.account).account_id
        assert heard[wanted].author.id != heard[ours].author.id

    def test_kinds_of_event_that_nobody_knows_are_left_out(self, network: Network, peer: Any) -> None:
        assert network.parse(peer.strange_delivery()) == []

    def test_an_empty_delivery_brings_nothing(self, network: Network, peer: Any) -> None:
        assert network.parse(peer.delivery()[1]) == []

    @pytest.mark.parametrize(
        "body", [b"", b"[", b"[]", b"7", b"null", b"\xff\xfe", b"{}", b"[" * 100_000, b'"\\ud800"']
    )
    def test_what_cannot_be_read_is_malformed(self, network: Network, body: bytes) -> None:
        with pytest.raises(Malformed):
            network.parse(body)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(st.data())
    def test_whatever_is_torn_out_of_a_body_raises_nothing_else(self, network: Network, data: Any) -> None:
        junk = st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        )
        kinds = st.sampled_from(["post.created", "post.edited", "post.deleted", "message.created"])
        event = st.fixed_dictionaries({"type": kinds | junk, "post": junk | st.dictionaries(st.text(), junk)})
        body = json.dumps(data.draw(junk | st.fixed_dictionaries({"events": st.lists(event | junk) | junk})))
        try:
            items = network.parse(body.encode())
        except Malformed:
            return
        for item in items:
            with contextlib.suppress(BadPost):
                posts.parse(item)


@pytest.mark.parametrize("key", FETCHING)
class TestFetching:
    def test_everything_is_found_once_and_the_cursor_goes_on(self, network: Network, peer: Any) -> None:
        first = peer.write("one")
        page = network.fetch(peer.account, {})
        assert [item.external_id for item in read(page.items)] == [first]
        json.dumps(page.cursor)
        second = peer.write("two")
        if "edit" in network.tells:
            peer.edit(first, "one, corrected")
        page = network.fetch(peer.account, json.loads(json.dumps(page.cursor)))
        found = {item.external_id: item for item in read(page.items)}
        assert set(found) == ({first, second} if "edit" in network.tells else {second})
        if "edit" in network.tells:
            assert isinstance(found[first], Operation)
            assert found[first].text == "one, corrected"
        assert network.fetch(peer.account, page.cursor).items == ()

    def test_nothing_there_is_no_fault(self, network: Network, peer: Any) -> None:
        page = network.fetch(peer.account, {})
        assert page.items == ()
        assert network.fetch(peer.account, page.cursor).items == ()

    def test_too_many_calls_say_when_to_come_back(self, network: Network, peer: Any) -> None:
        peer.limit()
        error = follow(network.fetch, peer.account, {})
        assert error.follow == "retry"
        assert error.retry_at is not None
        assert error.retry_at - datetime.now(UTC) < timedelta(hours=1)

    def test_ended_credentials_ask_for_a_person(self, network: Network, peer: Any) -> None:
        peer.expire()
        assert follow(network.fetch, peer.account, {}).follow == "reauthorise"

    def test_a_reset_on_a_kept_connection_is_survived(self, network: Network, peer: Any) -> None:
        with resetting(peer.account, at=2) as account:
            cursor = network.fetch(account, {}).cursor
            wanted = peer.write("one")
            items = read(network.fetch(account, cursor).items)
        assert [item.external_id.partition("#")[2] for item in items] == [wanted.partition("#")[2]]

    def test_nobody_there_is_tried_again(self, network: Network, peer: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        nowhere = replace(peer.account, base_url=f"http://127.0.0.1:{port}")
        assert follow(network.fetch, nowhere, {}).follow == "retry"

    def test_nonsense_is_set_aside_or_refused_one_by_one(self, network: Network, peer: Any) -> None:
        peer.write("one")
        peer.talk_nonsense()
        with contextlib.suppress(_SetAside):
            for item in _fetched(network, peer.account):
                with pytest.raises(BadPost):
                    posts.parse(item)

    def test_an_inner_address_needs_the_administrator_s_word(self, network: Network, peer: Any) -> None:
        outside = Account(peer.account.base_url, secrets=peer.account.secrets)
        assert follow(network.fetch, outside, {}).follow == "give_up"


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
        longest = "é" * network.limits_for(peer.account).allowed(way(network))
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
