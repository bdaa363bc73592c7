"""The network that a test is about, and its other side."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest

from mentions import networks
from mentions.networks import Network
from tests.mentions.networks.peers import TownSquarePeer, feeds_peer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Town Square has tables of its own; no other test of a connector may open the database."""
    for item in items:
        told = getattr(item, "callspec", None)
        if told is not None and told.params.get("key") == "townsquare":
            item.add_marker(pytest.mark.django_db(transaction=True))


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
