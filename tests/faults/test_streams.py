"""The listener killed in the middle of a stream, again and again: what came over it is there, once."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from tests.faults import chaos
from tests.faults.stream import until
from tests.mentions.networks.peer_bluesky import BANK, PASSWORD, BlueskyPeer, serve
from tests.peers.bank import connect
from tests.product import Product, alive

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

POSTS = 300
KILLS = 2


@pytest.fixture
def peer() -> Iterator[BlueskyPeer]:
    with serve() as network:
        yield network


def test_nothing_is_lost_or_doubled_when_the_listener_dies_in_the_middle(peer: BlueskyPeer, tmp_path_factory):
    """Asking brings nothing here: whatever is stored came over the stream."""
    product = Product(tmp_path_factory.mktemp("streamed")).start()
    try:
        peer.mute = True
        connect(
            product,
            network="bluesky",
            base_url=peer.account.base_url,
            handle="bank.test",
            account_id=BANK,
            settings=dict(peer.account.settings),
            secrets={"token": peer.tokens[0], "password": PASSWORD},
        )
        lives = "SELECT count(*) FROM mentions_stream WHERE live_since IS NOT NULL"
        assert until(lambda: chaos.rows(product, lives) == [(1,)], 30), "no stream was opened"

        def write() -> None:
            for number in range(POSTS):
                peer.write(f"number {number}")
                threading.Event().wait(0.02)

        writing = threading.Thread(target=write)
        writing.start()
        # The canary's posts go their own way meanwhile.
        stored = "SELECT count(*), count(DISTINCT external_id) FROM mentions_mention WHERE network = 'bluesky'"
        for kill in range(1, KILLS + 1):
            enough = kill * POSTS // (KILLS + 2)
            assert until(lambda enough=enough: chaos.rows(product, stored)[0][0] >= enough, 60), (
                "the stream stood still"
            )
            (pid,) = product.run["pids"]["listener"]
            os.kill(pid, signal.SIGKILL)
            assert until(lambda pid=pid: not alive(pid), 10)
        writing.join()
        assert until(lambda: chaos.rows(product, stored) == [(POSTS, POSTS)], 90), chaos.rows(product, stored)
        received = (
            "SELECT count(*), count(DISTINCT m.id) FROM mentions_event e "
            "JOIN mentions_mention m ON m.id = e.mention_id WHERE e.kind = 'mention.received' AND m.network = 'bluesky'"
        )
        assert chaos.rows(product, received) == [(POSTS, POSTS)]
        assert chaos.rows(product, "SELECT count(*) FROM mentions_reject") == [(0,)]
        ((cursor,),) = chaos.rows(product, "SELECT cursor FROM mentions_stream")
        assert until(lambda: chaos.rows(product, lives) == [(1,)], 30)
        assert cursor["at"] <= peer.jetstream.log[-1][0]
    finally:
        product.stop()
