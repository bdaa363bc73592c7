"""The product with its processes killed under load: nothing accepted is lost, nothing is doubled, nobody helps."""

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from mentions import sandbox
from mentions.sandbox import delivery, square
from mentions.sandbox.models import Post
from tests.faults import chaos
from tests.faults.bank import HANDLE, SECRET, TOKEN, Bank, open_bank
from tests.faults.chaos import FLUSH, KINDS, TRAVELLER, Killer, Window, Worker
from tests.faults.stream import Sender, Stream, letters, make_stream, until
from tests.product import Product
from tests.web import Web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BACK_S = 30.0
SETTLED = ("sent", "failed", "unknown", "draft")


@pytest.fixture(scope="module")
def square_server(django_db_setup: None) -> Iterator[Web]:
    """Town Square on a server of its own, which nobody kills."""
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def bank(square_server: Web, tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Bank]:
    product = Product(tmp_path_factory.mktemp("killed")).start()
    try:
        with django_db_blocker.unblock():  # before the bank tries its keys there
            sandbox.configure(f"{product.url}hooks/townsquare/square", SECRET, HANDLE, TOKEN)
        yield open_bank(product, square_server.url)
    finally:
        product.stop()


@pytest.fixture
def network(bank: Bank, square_server: Web) -> Iterator[threading.Event]:
    """Town Square at work: what is written on it is delivered until it was taken."""
    sandbox.configure(bank.hook, SECRET, HANDLE, TOKEN)
    ending = threading.Event()

    def deliver() -> None:
        from django.db import connection

        while not ending.is_set():
            delivery.deliver_due()
            ending.wait(0.1)
        connection.close()

    delivering = threading.Thread(target=deliver, daemon=True)
    delivering.start()
    yield ending
    ending.set()
    delivering.join(15)


def under_fire(bank: Bank, stream: Stream, kills: int, travellers: int, seed: int) -> dict[str, object]:
    """Send the stream while processes die and agents work; then look at everything. Returns the figures."""
    product = bank.product
    began = time.monotonic()
    for number in range(travellers):
        square.write(f"traveller_{letters(number)}", f"@{HANDLE} my card was declined and I am {TRAVELLER}")
    ending = threading.Event()
    agents = [Worker(bank, f"agent{number}", ending) for number in range(4)]
    expected_s = kills * 1.1
    sender = Sender(bank, stream.parcels, pause=expected_s * 6 / len(stream.parcels)).start()
    windows = [Window(bank, path, ending) for path in ("/ws/wall/?scene=pulse&profile=internal", "/ws/console/")]
    for one in (*agents, *windows):
        one.start()
    killer = Killer(product, kills, kinds=(*KINDS, FLUSH), seed=seed)
    killer.run()
    killed_after = time.monotonic() - began
    back = chaos.comes_back(product) + chaos.right_again(product, windows)
    assert back <= BACK_S, f"screens are right again only after {back:.0f} s"
    sender.pause = 0.0
    assert until(lambda: not sender.busy, 600), f"{sender.left} parcels are left"
    delivered_after = time.monotonic() - began
    written = "SELECT count(*) FROM agents_reply"
    assert until(lambda: chaos.rows(product, written) != [(0,)], 60), "no agent answered a traveller's post"
    ending.set()
    for one in (*agents, *windows):
        one.join(60)
    chaos.comes_back(product)
    healed_after = time.monotonic() - began

    assert sender.refused == []
    chaos.nothing_is_lost_or_doubled(product, stream)
    chaos.nobody_shared_a_conversation(product)
    chaos.everything_was_followed(product)
    replies = every_reply_left_once_or_not_at_all(product, agents)
    chaos.the_run_file_is_true(product)
    return {
        "posts": stream.posts,
        "changes": len(stream.changes),
        "parcels": len(stream.parcels),
        "tries": sender.tries,
        "answers": dict(sender.answers),
        "kills": dict(killer.done),
        "claims": sum(agent.claimed for agent in agents),
        "statuses": dict(sum((agent.statuses for agent in agents), Counter[int]())),
        "replies": replies,
        "conversations": dict(chaos.rows(product, "SELECT state, count(*) FROM mentions_conversation GROUP BY 1")),
        "reasons": dict(
            chaos.rows(product, "SELECT actionable_reason, count(*) FROM mentions_conversation GROUP BY 1")
        ),
        "errors": dict(chaos.rows(product, "SELECT error, count(*) FROM agents_reply GROUP BY 1")),
        "sealed": chaos.the_chain_is_whole(bank),
        "seconds": {
            "kills": round(killed_after, 1),
            "all acknowledged": round(delivered_after, 1),
            "healed": round(healed_after, 1),
            "right again after the last": round(back, 1),
        },
    }


def every_reply_left_once_or_not_at_all(product: Product, agents: list[Worker]) -> dict[str, int]:
    """Each reply ends settled, and stands on Town Square once if it was sent, at most once if it was not."""
    on_the_way = (
        "SELECT count(*) FROM agents_reply WHERE state IN ('held', 'sending') "
        "OR (state = 'unknown' AND next_try_at IS NOT NULL)"
    )
    age = "UPDATE agents_reply SET sending_at = sending_at - interval '61 s' WHERE state = 'sending' RETURNING id"
    chaos.rows(product, age)  # a minute goes by for those whose sender was killed
    assert until(lambda: chaos.rows(product, on_the_way) == [(0,)], 100), "replies are still on their way"
    stored = dict(chaos.rows(product, "SELECT client_key, state FROM agents_reply"))
    published = Counter(post.text for post in Post.objects.filter(author__folded=HANDLE))
    assert all(count == 1 for count in published.values()), "a reply was published twice"
    texts = {key: text for agent in agents for key, text in agent.sent.items()}
    for key, state in stored.items():
        assert state in SETTLED
        if state == "sent":
            assert published[texts[key]] == 1
    assert sum(published.values()) <= len(stored)
    return dict(Counter(stored.values()))


def test_nothing_is_lost_doubled_or_shared_whatever_dies(bank: Bank, network: threading.Event):
    figures = under_fire(bank, make_stream(700, seed=1), kills=12, travellers=12, seed=3)
    print(json.dumps(figures), file=sys.stderr)
    assert figures["replies"].get("sent", 0) >= 1


@pytest.mark.full
def test_two_hundred_kills_in_twenty_thousand_posts(bank: Bank, network: threading.Event):
    figures = under_fire(bank, make_stream(20_000, seed=2), kills=240, travellers=300, seed=4)
    assert sum(count for kind, count in figures["kills"].items() if kind != FLUSH) == 200
    print(json.dumps({"bench": "kills", **figures}), file=sys.stderr)
