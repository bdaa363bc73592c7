"""The same questions to every network. A new file in `mentions/networks/` is asked them without being named here;
it brings its other side in `peers`. How each answers is asked in `test_contract_answering`.

No test here may open the database, except Town Square's, which is an application with tables of its own.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentions import posts
from mentions.networks import Account, BadSignature, Malformed, Network, NetworkError
from mentions.posts import BadPost, Operation, Post
from tests.mentions.networks.asking import (
    ALL,
    FETCHING,
    PUSHED,
    READ_ONLY,
    delivered,
    follow,
    others,
    outgoing,
    read,
    reply_to,
    way,
)
from tests.mentions.networks.peers import SECRET, resetting

pytestmark = pytest.mark.urls("tests.mentions.sandbox.urls")

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
KINDS = st.sampled_from(["post.created", "post.edited", "post.deleted", "message.created"])
EVENT = st.fixed_dictionaries({"type": KINDS | JUNK, "post": JUNK | st.dictionaries(st.text(), JUNK)})
TORN = JUNK | st.fixed_dictionaries({"events": st.lists(EVENT | JUNK) | JUNK})

COUNTING = Path(__file__).parents[3] / "static/js/counting.js"


class _SetAside(Exception):
    """The network's answer was put aside whole."""


def _fetched(network: Network, account: Account) -> tuple[dict[str, Any], ...]:
    try:
        return network.fetch(account, {}).items
    except NetworkError as error:
        if error.follow in {"poison", "retry"}:
            raise _SetAside from error
        raise


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
        counts = COUNTING.read_text().partition("const COUNTS = {")[2].partition("};")[0]
        known = set(re.findall(r"^  (\w+)[:,]", counts, re.MULTILINE))
        assert {limits.counted("public"), limits.counted("private")} <= known
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
    @given(TORN)
    def test_whatever_is_torn_out_of_a_body_raises_nothing_else(self, network: Network, body: Any) -> None:
        try:
            items = network.parse(json.dumps(body).encode())
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
        assert [item.external_id for item in others(peer.account, page.items)] == [first]
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
        assert others(peer.account, page.items) == []
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
