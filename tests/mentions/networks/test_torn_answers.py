"""Answers that are asked for, torn at any place: a connector raises `NetworkError` or gives what can be judged."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentions import networks, posts
from mentions.networks import Fetched, NetworkError
from mentions.posts import BadPost
from tests.mentions.networks.api_peer import ApiPeer
from tests.mentions.networks.peer_facebook import GraphPeer
from tests.mentions.networks.test_torn import JUNK, places, torn

ASKED = ("x", "facebook", "instagram", "threads", "reddit", "youtube", "googleplay", "appstore", "googlebusiness")
JSON = st.recursive(
    st.sampled_from(JUNK) | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "data", "text"]), inner),
    max_leaves=5,
)
Question = Callable[[], Any]


def questions(key: str, peer: ApiPeer) -> list[tuple[str, Question]]:
    """What the network can be asked, each by name."""
    network, account, can = networks.get(key), peer.account, networks.get(key).capabilities
    for number in range(2):
        last = peer.write(f"@bank my card was declined, number {number}")
    with suppress(AssertionError):
        peer.confide("Is anybody there?", 0)
    now = datetime.now(UTC)
    since = now - timedelta(hours=1)
    seen = network.fetch(account, {}).cursor
    found: list[tuple[str, Question]] = [
        ("fetch", lambda: network.fetch(account, {})),
        ("fetch on", lambda: network.fetch(account, seen)),
        ("probe", lambda: network.probe(account)),
    ]
    if can.history:
        found.append(("history", lambda: network.history(account, since, now, {})))
    if can.search:
        found.append(("search", lambda: network.search(account, "card", {})))
    if can.search_history:
        found.append(("search before", lambda: network.search_history(account, "card", since, now, {})))
    if can.lookup:
        found.append(("lookup", lambda: network.lookup(account, [last])))
    if isinstance(peer, GraphPeer) and can.names:
        peer.people["7007"] = {"name": "Dana Reyes", "username": "dana", "follower_count": 9, "is_verified_user": True}
        found.append(("person", lambda: network.person(account, f"{account.account_id}:7007")))
    return found


@contextmanager
def served(key: str) -> Iterator[ApiPeer]:
    with importlib.import_module(f"tests.mentions.networks.peer_{key}").serve() as peer:
        yield peer
        peer.watch.faults.clear()  # what is asked for after nonsense was told is none of the vendor's


@pytest.mark.parametrize("key", ASKED)
def test_whatever_an_answer_says_raises_nothing_else_and_every_item_can_be_judged(key: str) -> None:
    with served(key) as peer:
        asked = questions(key, peer)
        torn_at: list[tuple[str, Question, int, tuple[Any, ...]]] = []
        for name, question in asked:
            said: list[Any] = []
            peer.bend = lambda body, said=said: said.append(body) or body
            question()
            torn_at += [(name, question, n, place) for n, body in enumerate(said) for place in places(body)]
        assert len({name for name, *_rest in torn_at}) == len(asked)

        @settings(max_examples=80, deadline=None)
        @given(where=st.sampled_from(torn_at), junk=JSON)
        def ask(where: tuple[str, Question, int, tuple[Any, ...]], junk: Any) -> None:
            _name, question, number, place = where
            answers = iter(range(10**6))

            def bend(body: Any) -> Any:
                with suppress(LookupError, TypeError):
                    return torn(body, place, junk) if next(answers) == number else body
                return body

            peer.bend = bend
            try:
                told = question()
            except NetworkError:
                return
            judged(told)

        ask()


def judged(told: Any) -> None:
    """What came can be stored: a cursor that is JSON, and items of which each is a post or refused alone."""
    if isinstance(told, Fetched):
        assert json.loads(json.dumps(told.cursor)) == told.cursor
        items = list(told.items)
    else:
        items = [item for item in told.values() if item is not None] if isinstance(told, dict) else []
    for item in items:
        with suppress(BadPost):
            posts.parse(item)
