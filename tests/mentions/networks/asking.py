"""What the questions to every network have in common: which networks there are, and how each is asked."""

from __future__ import annotations

from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import Account, Network, NetworkError, Outgoing, Visibility
from mentions.posts import Operation, Post

ALL = networks.keys()
FETCHING = [key for key in ALL if networks.get(key).capabilities.fetch]
PUSHED = [key for key in ALL if networks.get(key).capabilities.webhook]
ANSWERING = [key for key in ALL if networks.get(key).capabilities.publish]
READ_ONLY = [key for key in ALL if not networks.get(key).capabilities.publish]


def follow(work: Any, *args: Any) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        work(*args)
    return caught.value


def read(items: Any) -> list[Post | Operation]:
    return [posts.parse(item) for item in items]


def others(account: Account, items: Any) -> list[Post | Operation]:
    """What was brought besides what our own account wrote there before."""
    return [item for item in read(items) if not (isinstance(item, Post) and item.author.id == account.account_id)]


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
