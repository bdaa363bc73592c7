"""The same questions to every network that streams: what its peer brings is in `peers`."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from mentions import networks, posts
from mentions.networks import Account, Network, NetworkError, Streamed, Wanted
from mentions.posts import BadPost, Operation, Post
from tests.mentions.networks.asking import outgoing, way
from tests.mentions.networks.relay import Relay, relaying

STREAMING = [key for key in networks.keys() if networks.get(key).capabilities.stream]  # noqa: SIM118
pytestmark = [pytest.mark.parametrize("key", STREAMING)]
SECONDS = 15


class Ear:
    """One stream, listened to as the product does: item by item, remembering the cursor."""

    def __init__(self, network: Network, account: Account, cursor: dict[str, Any] | None = None, **wanted: Any) -> None:
        self.kept: set[str] = set()
        asked = Wanted(**{"stored": lambda ids: self.kept & set(ids), "by": lambda author: tuple(self.kept)} | wanted)
        self.name = network.streams(account, asked)[0]
        self.cursor = cursor or {}
        self.items: list[dict[str, Any]] = []
        self.found: list[dict[str, Any]] = []
        self.heard = network.stream(account, self.name, self.cursor, asked)
        self.take()

    def take(self) -> Streamed:
        streamed = next(self.heard)
        self.items += streamed.items
        self.found += streamed.found
        self.kept |= {str(item.get("external_id")) for item in streamed.items if "op" not in item}
        json.dumps(streamed.cursor)
        self.cursor = streamed.cursor
        return streamed

    def until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS
        while not happened():
            assert time.monotonic() < deadline, self.items
            self.take()

    def ends(self) -> NetworkError:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                self.take()
            except NetworkError as error:
                return error
        raise AssertionError("it went on")

    def read(self) -> list[Post | Operation]:
        return [posts.parse(item) for item in self.items]

    def of(self, wanted: str) -> list[Post | Operation]:
        return [item for item in self.read() if item.external_id == wanted]


@pytest.fixture
def ear(network: Network, peer: Any) -> Iterator[Ear]:
    listening = Ear(network, peer.account)
    yield listening
    listening.heard.close()


@contextlib.contextmanager
def through_a_relay(account: Account) -> Iterator[tuple[Account, Relay]]:
    """The account with its stream behind a relay."""
    told = str(account.settings.get("jetstream") or account.settings.get("streaming") or account.base_url)
    parts = urlsplit(told)
    assert parts.hostname is not None
    assert parts.port is not None
    with relaying(parts.hostname, parts.port) as relay:
        moved = told.replace(f":{parts.port}", f":{relay.port}")
        if told == account.base_url:
            yield replace(account, base_url=moved), relay
        else:
            name = next(name for name, value in account.settings.items() if value == told)
            yield replace(account, settings=dict(account.settings) | {name: moved}), relay


def test_what_is_written_changed_and_deleted_is_told_in_its_order(network: Network, peer: Any, ear: Ear) -> None:
    wanted = peer.write("hello")
    ear.until(lambda: ear.of(wanted))
    (post,) = ear.of(wanted)
    assert isinstance(post, Post)
    assert (post.text, post.visibility) == ("hello", "public")
    assert post.author.id
    assert post.author.handle
    if "edit" in network.stream_tells:
        peer.edit(wanted, "hello again")
        ear.until(lambda: len(ear.of(wanted)) == 2)
        change = ear.of(wanted)[1]
        assert isinstance(change, Operation)
        assert (change.op, change.text) == ("edit", "hello again")
        assert change.edited_at is not None
        assert change.edited_at >= post.created_at
    if "delete" in network.stream_tells:
        peer.delete(wanted)
        ear.until(lambda: any(isinstance(item, Operation) and item.op == "delete" for item in ear.of(wanted)))


def test_what_was_deleted_before_it_was_heard_of_harms_nothing(network: Network, peer: Any, ear: Ear) -> None:
    if "delete" in network.stream_tells:
        hasty = peer.write("too hasty")
        peer.delete(hasty)
    after = peer.write("and now this")
    ear.until(lambda: ear.of(after))
    kinds = [item.op if isinstance(item, Operation) else "post" for item in ear.read() if item.external_id != after]
    assert kinds in ([], ["post"], ["post", "delete"])


def test_what_we_write_comes_too_under_our_own_identifier(network: Network, peer: Any, ear: Ear) -> None:
    wanted = peer.write("hello")
    ours = network.publish(peer.account, outgoing(in_reply_to=wanted, visibility=way(network))).external_id
    ear.until(lambda: ear.of(ours))
    (post,) = ear.of(ours)
    assert isinstance(post, Post)
    assert post.author.id == network.probe(peer.account).account_id


def test_kinds_of_event_that_nobody_knows_are_left_out(network: Network, peer: Any, ear: Ear) -> None:
    peer.say(peer.strange_event())
    wanted = peer.write("hello")
    ear.until(lambda: ear.of(wanted))
    assert [item.external_id for item in ear.read()] == [wanted]


def test_what_cannot_be_read_is_passed_on_to_be_set_aside(network: Network, peer: Any, ear: Ear) -> None:
    peer.say('{"torn": ')
    peer.say(peer.poison_event())
    peer.write("hello")
    ear.until(lambda: any(item.get("text") == "hello" for item in ear.items))
    broken = []
    for item in ear.items:
        try:
            posts.parse(item)
        except BadPost:
            broken.append(item)
    assert len(broken) == 2


def test_it_goes_on_where_it_was_left(network: Network, peer: Any) -> None:
    first = Ear(network, peer.account)
    before = peer.write("one")
    first.until(lambda: first.of(before))
    first.heard.close()
    missed = peer.write("two")
    again = Ear(network, peer.account, json.loads(json.dumps(first.cursor)))
    if network.stream_keeps:
        again.until(lambda: again.of(missed))
    else:
        # The stream forgets; asking finds it.
        assert missed in [item.get("external_id") for item in network.fetch(peer.account, {}).items]
    after = peer.write("three")
    again.until(lambda: again.of(after))
    again.heard.close()


def test_a_reset_in_the_middle_is_told(network: Network, peer: Any) -> None:
    with through_a_relay(peer.account) as (account, relay):
        ear = Ear(network, account)
        relay.cut()
        assert ear.ends().follow == "retry"


def test_a_line_that_went_dead_is_noticed(network: Network, peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(network), "stream_silence_s", 1.0)
    with through_a_relay(peer.account) as (account, relay):
        ear = Ear(network, account)
        relay.frozen.set()
        peer.write("nobody hears this")
        assert ear.ends().follow == "retry"


def test_a_token_that_is_refused_in_the_middle_ends_it(network: Network, peer: Any, ear: Ear) -> None:
    peer.write("hello")
    ear.until(lambda: ear.items)
    peer.expire_stream()
    ended = ear.ends()
    if ended.follow == "retry":  # it only ended; whoever comes back is told why
        with pytest.raises(NetworkError) as caught:
            Ear(network, peer.account)
        ended = caught.value
    assert ended.follow in {"reauthorise", "give_up"}


def test_nobody_there_is_tried_again_and_inner_addresses_need_a_word(network: Network, peer: Any) -> None:
    with through_a_relay(peer.account) as (account, _relay):
        pass
    with pytest.raises(NetworkError) as caught:
        Ear(network, account)
    assert caught.value.follow == "retry"
    with pytest.raises(NetworkError) as caught:
        Ear(network, replace(peer.account, local=False))
    assert caught.value.follow == "give_up"


def test_whoever_is_slow_holds_the_network_up_and_loses_nothing(network: Network, peer: Any, ear: Ear) -> None:
    written = [peer.write(f"number {n} {'x' * 200}") for n in range(300)]
    time.sleep(0.2)  # nothing is read meanwhile
    ear.until(lambda: len(ear.items) >= 300)
    assert [item.external_id for item in ear.read()] == written


def test_what_may_fit_a_search_is_passed_on_and_the_rest_is_not(network: Network, peer: Any) -> None:
    for_searches = Ear(network, peer.account, questions=("airport",), may_fit=lambda text: "airport" in text)
    names = network.streams(peer.account, Wanted(questions=("airport",)))
    assert network.searching_streams & set(names)
    for_searches.heard.close()
    peer_name = min(network.searching_streams & set(names))
    wanted = Wanted(questions=("airport",), may_fit=lambda text: "airport" in text)
    heard = network.stream(peer.account, peer_name, {}, wanted)
    next(heard)
    peer.write_to_nobody("nothing to do with it")
    peer.write_to_nobody("my card at the airport")
    found: list[str] = []
    deadline = time.monotonic() + SECONDS
    while "my card at the airport" not in found:
        assert time.monotonic() < deadline
        found += [str(item["text"]) for item in next(heard).found]
    heard.close()
    assert found == ["my card at the airport"]
