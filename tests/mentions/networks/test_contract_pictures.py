"""The same questions to every network that shows pictures with what we write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mentions import networks
from mentions.networks import Account, Network, NetworkError, Picture, Pictures
from tests.mentions.networks.asking import ANSWERING, follow, reply_to, seen, way

pytestmark = pytest.mark.urls("tests.mentions.sandbox.urls")


def taken(key: str) -> Pictures:
    return networks.get(key).limits_for(Account("http://127.0.0.1")).pictures


SHOWING = [key for key in ANSWERING if taken(key).allowed(way(networks.get(key)))]


def picture(n: int = 1) -> Picture:
    """Bytes of every kind, an end of a line and what parts a form among them."""
    kind, head = ("image/png", b"\x89PNG\r\n\x1a\n") if n % 2 else ("image/jpeg", b"\xff\xd8\xff\xe0")
    return Picture(head + bytes(range(256)) + b"\r\n--\r\n" + bytes([n]), kind, 640, 480, f"What picture {n} shows")


def as_shown(network: Network, *shown: Picture) -> list[tuple[bytes, str]]:
    return [(one.body, one.alt if taken(network.key).alt else "") for one in shown]


def test_these_networks_show_pictures():
    assert SHOWING == ["bluesky", "facebook", "mastodon", "telegram", "townsquare", "whatsapp", "x"]


@pytest.mark.parametrize("key", ANSWERING)
def test_what_is_said_of_pictures_makes_sense(network: Network) -> None:
    limits = taken(network.key)
    for visibility in ("public", "private"):
        assert not limits.allowed(visibility) or visibility in network.capabilities.publish
    assert limits.max_bytes >= 950_000, "every picture that leaves is made smaller than that, once for all networks"
    assert {"image/jpeg", "image/png"} <= limits.kinds


@pytest.mark.parametrize("key", SHOWING)
class TestShowing:
    def test_as_many_as_it_takes_are_seen_in_their_order_with_what_they_show(self, network: Network, peer: Any) -> None:
        wanted = peer.write("where is it?")
        shown = tuple(picture(n) for n in range(1, taken(network.key).allowed(way(network)) + 1))
        published = network.publish(peer.account, reply_to(network, wanted, pictures=shown))
        assert published.external_id
        assert seen(network, peer, wanted) == ["We are looking into it."]
        assert peer.shown() == as_shown(network, *shown)

    def test_a_lost_answer_about_a_picture_makes_no_second_post(self, network: Network, peer: Any) -> None:
        wanted = peer.write("where is it?")
        reply = reply_to(network, wanted, pictures=(picture(),))
        peer.drop_an_answer()
        became = None
        try:
            network.publish(peer.account, reply)  # bringing a picture twice does no harm, and is tried again at once
        except NetworkError as error:
            became = error.follow
        if became == "unknown" and network.capabilities.resend != "never":
            assert network.reconcile(peer.account, reply.client_key, replace(reply, pictures=())) is not None
        if became == "retry":
            assert seen(network, peer, wanted) == []
            network.publish(peer.account, reply)
        assert seen(network, peer, wanted) == ["We are looking into it."]
        assert peer.shown() == as_shown(network, picture())

    def test_a_picture_that_is_refused_goes_to_a_person_and_nothing_is_published(
        self, network: Network, peer: Any
    ) -> None:
        wanted = peer.write("where is it?")
        peer.refuse_pictures()
        reply = reply_to(network, wanted, pictures=(picture(),))
        assert follow(network.publish, peer.account, reply).follow == "give_up"
        assert seen(network, peer, wanted) == []

    def test_the_longest_text_beside_a_picture_is_accepted(self, network: Network, peer: Any) -> None:
        wanted = peer.write("where is it?")
        limits = network.limits_for(peer.account)
        longest = "x" * limits.allowed(way(network), beside_pictures=True)
        network.publish(peer.account, reply_to(network, wanted, longest, pictures=(picture(),)))
        assert seen(network, peer, wanted) == [longest]

    def test_other_words_leave_the_picture_where_it_is(self, network: Network, peer: Any) -> None:
        if not network.capabilities.edit:
            return
        wanted = peer.write("where is it?")
        published = network.publish(peer.account, reply_to(network, wanted, pictures=(picture(),)))
        network.edit(peer.account, published.external_id, "We have looked into it.")
        assert seen(network, peer, wanted) == ["We have looked into it."]
        assert peer.shown() == as_shown(network, picture())
