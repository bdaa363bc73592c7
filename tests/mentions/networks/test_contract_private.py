"""The same questions to every network that is written to in private: what became of a message, and of which one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks
from mentions.networks import Network, NetworkError, Outgoing
from tests.mentions.networks.api_peer import ApiPeer
from tests.mentions.networks.asking import ANSWERING, follow, outgoing

pytestmark = [
    pytest.mark.urls("tests.mentions.sandbox.urls"),
    pytest.mark.parametrize("key", [key for key in ANSWERING if "private" in networks.get(key).capabilities.publish]),
]
MACRO = "Please send us your number."


def private(key: str, ago: timedelta = timedelta(), **to: Any) -> Outgoing:
    """A message that leaves now, or that its network has had time to list."""
    return outgoing(MACRO, visibility="private", client_key=key, attempted_at=datetime.now(UTC) - ago, **to)


def listed(key: str, **to: Any) -> Outgoing:
    return private(key, timedelta(seconds=90), **to)


def became(network: Network, peer: Any, lost: Outgoing) -> object:
    """What the network says became of it: what it published, None, or what follows from its refusal to say."""
    try:
        return network.reconcile(peer.account, lost.client_key, lost)
    except NetworkError as error:
        return error.follow


def test_what_somebody_else_was_told_in_the_same_words_is_not_this(network: Network, peer: Any) -> None:
    told, lost = listed("key-1", **peer.confide("help", 0)), listed("key-2", **peer.confide("help", 1))
    network.publish(peer.account, told)
    peer.fail_once()
    assert follow(network.publish, peer.account, lost).follow == "unknown"
    assert became(network, peer, lost) == ("unknown" if network.capabilities.resend == "never" else None)
    assert peer.messages() == [MACRO]


def test_a_message_whose_answer_was_lost_is_found_where_it_is(network: Network, peer: Any) -> None:
    lost, told = listed("key-1", **peer.confide("help", 0)), listed("key-2", **peer.confide("help", 1))
    peer.drop_an_answer()
    assert follow(network.publish, peer.account, lost).follow == "unknown"
    another = network.publish(peer.account, told)
    assert peer.messages() == [MACRO, MACRO]
    if network.capabilities.resend != "never":
        found = network.reconcile(peer.account, lost.client_key, lost)
        assert found is not None
        assert found.external_id != another.external_id


def test_an_answer_without_a_list_does_not_say_that_a_message_is_not_there(network: Network, peer: Any) -> None:
    if not isinstance(peer, ApiPeer) or network.capabilities.resend == "key":
        return
    sent = private("key-1", timedelta(minutes=9), **peer.confide("help", 0))
    network.publish(peer.account, sent)
    odd: dict[str, Any]
    for odd in ({}, {"data": {}}, {"data": None}):
        peer.bend = lambda body, odd=odd: odd
        assert became(network, peer, sent) in ("retry", "unknown"), odd
    peer.bend = None
    peer.watch.faults.clear()


def test_what_may_still_be_stored_is_not_sent_again(network: Network, peer: Any) -> None:
    """Only where the network remembers our key may it leave at once; where it is searched, all give it time to list."""
    lost = private("key-1", **peer.confide("help", 0))
    peer.fail_once()
    assert follow(network.publish, peer.account, lost).follow == "unknown"
    said = became(network, peer, lost)
    if network.capabilities.resend == "key" and said is None:
        once = network.publish(peer.account, lost)
        assert network.publish(peer.account, lost).external_id == once.external_id
        assert peer.messages() == [MACRO]
    else:
        assert said in {"never": {"unknown"}, "key": {"retry"}, "search": {"retry", None}}[network.capabilities.resend]
