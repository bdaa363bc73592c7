"""Events on their way to the webhook, over real HTTP: signed, together, again until taken."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from mentions import sandbox
from mentions.networks import get
from mentions.sandbox import delivery, square
from mentions.sandbox.models import Event
from tests.mentions.sandbox.conftest import SECRET, TOKEN
from tests.mentions.wire import Line, Talk, Wire, always, wire

pytestmark = pytest.mark.django_db


def subscribe(server: Wire) -> None:
    sandbox.configure(f"{server.url}/hooks/townsquare/square", SECRET, "meridian", TOKEN)


def deliveries(server: Wire) -> list[tuple[dict[str, str], bytes]]:
    """What was heard: headers in small letters, and the raw body."""
    found = []
    for heard in server.heard:
        head, _, body = heard.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")[1:]
        headers = dict(line.lower().split(": ", 1) for line in lines)
        found.append((headers, body))
    return found


def events(server: Wire) -> list[dict[str, Any]]:
    return [event for _, body in deliveries(server) for event in json.loads(body)["events"]]


def statuses(*given: str) -> Talk:
    """Answers the requests with these statuses in turn, and with the last one from then on."""
    left = list(given)
    turn = threading.Lock()

    def talk(line: Line) -> None:
        while line.hear():
            with turn:
                status = left.pop(0) if len(left) > 1 else left[0]
            line.say(b"", status)

    return talk


def test_everything_that_anybody_does_is_told_once_and_signed() -> None:
    network = get("townsquare")
    with wire(always()) as server:
        subscribe(server)
        post = square.write("customer42", "hello")
        square.write("customer42", "psst", private=True)
        square.edit(post, "hello again")
        square.delete(post)
        square.answer("to ourselves as well", client_key="k")
        assert delivery.deliver_due() == 5
        assert delivery.deliver_due() == 0
    for headers, body in deliveries(server):
        network.verify(headers, body, [SECRET])
    assert sorted(event["type"] for event in events(server)) == [
        "message.created",
        "post.created",
        "post.created",
        "post.deleted",
        "post.edited",
    ]


def test_nothing_leaves_before_somebody_has_subscribed() -> None:
    square.write("customer42", "hello")
    assert delivery.deliver_due() == 0


def test_a_burst_costs_few_requests_and_loses_nothing() -> None:
    with wire(always()) as server:
        subscribe(server)
        keys = {square.write(f"customer{n % 20}", f"post {n}").key for n in range(230)}
        assert delivery.deliver_due() == 230
    assert {event["post"]["id"] for event in events(server)} == keys
    assert len(server.heard) == 10


def test_a_delivery_that_fails_is_tried_again_under_the_same_name() -> None:
    with wire(statuses("503 Busy", "200 OK")) as server:
        subscribe(server)
        square.write("customer42", "hello")
        assert delivery.deliver_due() == 0
        assert delivery.deliver_due() == 0, "it waits before it tries again"
        assert delivery.deliver_due(timezone.now() + timedelta(seconds=2)) == 1
    first, second = deliveries(server)
    assert first[0]["townsquare-delivery"] == second[0]["townsquare-delivery"]
    assert first[1] == second[1]


def test_retry_after_is_kept() -> None:
    def talk(line: Line) -> None:
        while line.hear():
            line.say(b"", "429 Too Many Requests", retry_after="30")

    with wire(talk) as server:
        subscribe(server)
        square.write("customer42", "hello")
        delivery.deliver_due()
        assert delivery.deliver_due(timezone.now() + timedelta(seconds=25)) == 0
        assert len(server.heard) == 1


def test_a_listener_that_is_down_is_not_hammered() -> None:
    with wire(always(status="500 Fault")) as server:
        subscribe(server)
        for number in range(300):
            square.write("customer42", f"post {number}")
        delivery.deliver_due()
        assert len(server.heard) == delivery.AT_ONCE
    assert not Event.objects.exclude(delivered_at=None).exists()
    with wire(always()) as server:
        subscribe(server)
        assert delivery.deliver_due(timezone.now() + timedelta(seconds=2)) == 300


def test_one_refused_event_does_not_hold_its_company_back() -> None:
    def talk(line: Line) -> None:
        while heard := line.hear():
            line.say(b"", "400 Bad Request" if b"poison" in heard else "200 OK")

    with wire(talk) as server:
        subscribe(server)
        for text in ("good", "poison", "fine"):
            square.write("customer42", text)
        assert delivery.deliver_due() == 0
        assert delivery.deliver_due(timezone.now() + timedelta(seconds=2)) == 2
    assert Event.objects.filter(delivered_at=None).count() == 1


def test_after_a_day_it_gives_up_and_later_forgets() -> None:
    with wire(always(status="500 Fault")) as server:
        subscribe(server)
        square.write("customer42", "hello")
        Event.objects.update(created_at=timezone.now() - timedelta(hours=25))
        delivery.deliver_due()
        assert delivery.deliver_due(timezone.now() + timedelta(hours=1)) == 0
    assert delivery.sweep() == 0
    assert delivery.sweep(timezone.now() + timedelta(days=3)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_loops_at_once_tell_each_event_once() -> None:
    with wire(always()) as server:
        subscribe(server)
        for number in range(200):
            square.write("customer42", f"post {number}")
        told: list[int] = []

        def loop() -> None:
            told.append(delivery.deliver_due())
            connections.close_all()

        threads = [threading.Thread(target=loop) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(told) == 200
    assert len({event["id"] for event in events(server)}) == len(events(server)) == 200


def test_what_a_killed_loop_had_in_hand_is_told_after_its_lease() -> None:
    with wire(always()) as server:
        subscribe(server)
        square.write("customer42", "hello")
        now = timezone.now()
        assert len(delivery._lease(now)) == 1
        assert delivery.deliver_due(now) == 0
        assert delivery.deliver_due(now + delivery.LEASE + timedelta(seconds=1)) == 1
