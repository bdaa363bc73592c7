"""The Gazette's hub and the product's leases, each against the other: asked, asked back, delivered, let go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mentions import hooks, rulebook, sandbox
from mentions.models import Mention, Source
from mentions.sandbox import gazette, hub
from mentions.sandbox.models import Subscriber
from mentions.sources import connecting, polling, subscriptions
from tests.factories import make_queue, make_source
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    """Town Square and the product on one origin, as the demonstration serves them."""
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def source(web: Web, settings: Any) -> Iterator[Source]:
    """The Gazette, listened to, with the hub's lease confirmed."""
    for module in (hooks, rulebook):
        module.forget()
    make_queue()
    settings.PUBLIC_URL = "https://desk.bank.example"  # where people reach it; the hub stays at home
    sandbox.configure(f"{web.url}/hooks/townsquare/square", "secret", "meridian", "token")
    feed = f"{web.url}/sandbox/gazette/feed.json"
    made = make_source("gazette", network="feeds", base_url=feed, secrets="", poll_every_s=300, sending=False)
    polling.poll(made, now=timezone.now())
    subscriptions.tick()
    assert hub.tick() == 1
    hooks.forget()
    yield Source.objects.get(pk=made.pk)
    hooks.forget()


def test_an_article_arrives_as_it_is_printed(source: Source) -> None:
    assert subscriptions.live(source, now=timezone.now()) is not None
    gazette.print_article("Charlotte Ledger", "Larkmere raises its rates", "A little.")
    deliveries = 0
    while hub.tick():  # what is answered too late is brought again
        deliveries += 1
    assert 1 <= deliveries <= hub.TRIES
    assert Mention.objects.get().source_id == source.pk


def test_what_was_printed_before_the_hub_began_is_asked_for(source: Source) -> None:
    assert source.next_poll_at is not None
    assert source.next_poll_at <= timezone.now()


def test_whoever_does_not_take_it_finds_it_in_the_feed(source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(secrets="")
    hooks.forget()
    gazette.print_article("Charlotte Ledger", "Larkmere raises its rates", "")
    for _ in range(hub.TRIES):
        assert hub.tick() == 1
    assert hub.tick() == 0
    assert not Mention.objects.exists()
    polling.poll(Source.objects.get(pk=source.pk), now=timezone.now())
    assert Mention.objects.count() == 1


def test_letting_go_ends_it_on_both_sides(source: Source) -> None:
    connecting.disconnect(source, by=1)
    subscriptions.tick()
    hub.tick()
    assert not Subscriber.objects.exists()
    assert Source.objects.get(pk=source.pk).push == {}


def test_a_lease_ends(source: Source) -> None:
    Subscriber.objects.update(until=timezone.now() - timedelta(seconds=1))
    gazette.print_article("Charlotte Ledger", "Larkmere raises its rates", "")
    assert hub.tick() == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.callback": "http://169.254.169.254/latest/meta-data"},
        {"hub.callback": "https://elsewhere.example/sandbox/"},
        {"hub.topic": "https://elsewhere.example/feed"},
        {"hub.mode": "publish"},
        {"hub.mode": "unsubscribe", "hub.callback": "https://a.example/hooks/feeds/never"},
    ],
)
def test_strangers_cannot_send_it_anywhere(source: Source, changed: dict[str, str]) -> None:
    form = {"hub.mode": "subscribe", "hub.topic": gazette.feed_url(), "hub.callback": "https://a.example/hooks/x"}
    assert Client().post("/sandbox/gazette/hub", form | changed).status_code == 400
    assert Subscriber.objects.count() == 1


def test_who_does_not_mean_it_gets_nothing(source: Source) -> None:
    form = {"hub.mode": "subscribe", "hub.topic": gazette.feed_url(), "hub.callback": "https://a.example/hooks/x?key=1"}
    assert Client().post("/sandbox/gazette/hub", form).status_code == 202
    hub.tick()
    assert Subscriber.objects.get(callback__contains="hooks/x").until is None
