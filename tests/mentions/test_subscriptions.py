"""A feed that offers a hub: asked for, asked back, delivered, renewed, lost and let go."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from mentions import hooks, rulebook, sources
from mentions.models import Mention, Source
from mentions.sources import connecting, polling, subscriptions
from tests.factories import make_queue, make_source
from tests.mentions.wire import Line, wire

pytestmark = pytest.mark.django_db(transaction=True)

FEED = "<rss version='2.0'><channel><title>Ledger</title>{links}{items}</channel></rss>"


class Site:
    """A blog and its hub on one server."""

    def __init__(self) -> None:
        self.items = {"one": "Larkmere raises its fees"}
        self.asked: list[dict[str, str]] = []
        self.hub = "202 Accepted"
        self.offers = True
        self.url = ""

    def talk(self, line: Line) -> None:
        while heard := line.hear():
            if heard.startswith(b"POST /hub"):
                self.asked.append(dict(parse_qsl(heard.partition(b"\r\n\r\n")[2].decode())))
                line.say(b"", self.hub)
            else:
                line.say(self.feed())

    def feed(self) -> bytes:
        links = (
            f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{self.url}/hub"/>'
            f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{self.url}/feed"/>'
        )
        items = "".join(f"<item><guid>{k}</guid><description>{v}</description></item>" for k, v in self.items.items())
        return FEED.format(links=links if self.offers else "", items=items).encode()


@pytest.fixture
def site() -> Iterator[Site]:
    blog = Site()
    with wire(blog.talk) as server:
        blog.url = server.url
        yield blog


@pytest.fixture
def source(site: Site) -> Source:
    for module in (hooks, rulebook):
        module.forget()
    make_queue()
    return make_source(
        "blog", network="feeds", base_url=f"{site.url}/feed", secrets="", poll_every_s=300, sending=False
    )


def polled(source: Source) -> Source:
    polling.poll(Source.objects.get(pk=source.pk), now=timezone.now())
    return Source.objects.get(pk=source.pk)


def asked_back(form: dict[str, str], **changed: str | None) -> Any:
    """The hub's own request to our callback."""
    parts = urlsplit(form["hub.callback"])
    told = {name: form[name] for name in ("hub.mode", "hub.topic")}
    query = dict(parse_qsl(parts.query)) | told | {"hub.challenge": "c-123", "hub.lease_seconds": "86400"} | changed
    return Client().get(parts.path, {name: value for name, value in query.items() if value is not None})


def delivery(form: dict[str, str], body: bytes, method: str = "sha256", secret: str = "") -> Any:
    parts = urlsplit(form["hub.callback"])
    given = hmac.new((secret or form["hub.secret"]).encode(), body, getattr(hashlib, method)).hexdigest()
    return Client().post(
        f"{parts.path}?{parts.query}",
        data=body,
        content_type="application/rss+xml",
        headers={"x-hub-signature": f"{method}={given}"},
    )


def subscribed(source: Source, site: Site) -> dict[str, str]:
    """The form of a subscription that the hub has confirmed."""
    polled(source)
    subscriptions.tick()
    assert asked_back(site.asked[-1]).content == b"c-123"
    return site.asked[-1]


def test_a_feed_with_a_hub_is_delivered_and_asked_less_often(source: Source, site: Site) -> None:
    form = subscribed(source, site)
    assert form["hub.mode"] == "subscribe"
    assert form["hub.topic"] == f"{site.url}/feed"
    assert len(form["hub.secret"]) > 20
    fresh = polled(source)
    assert fresh.next_poll_at - timezone.now() > timedelta(minutes=30)

    site.items["two"] = "Larkmere drops its fees"
    answer = delivery(form, site.feed())
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    assert set(Mention.objects.values_list("external_id", flat=True)) == {"127.0.0.1/feed#one", "127.0.0.1/feed#two"}
    assert Source.objects.get(pk=source.pk).next_poll_at <= timezone.now(), "a delivery may hold less than there is"

    site.items["three"] = "And waives them"
    assert delivery(form, b"").status_code == 200, "one without a body only says that something is new"
    assert polling.poll_due() == 1
    assert Mention.objects.count() == 3


@pytest.mark.parametrize("method", ["sha1", "sha512"])
def test_the_hub_chooses_how_it_signs_but_it_signs(source: Source, site: Site, method: str) -> None:
    form = subscribed(source, site)
    site.items["two"] = "more"
    assert delivery(form, site.feed(), "sha256", secret="another").status_code == 401
    assert Mention.objects.count() == 1
    assert delivery(form, site.feed(), method).json()["accepted"] == 1


def test_strangers_can_neither_confirm_nor_end_anything(source: Source, site: Site) -> None:
    polled(source)
    subscriptions.tick()
    (form,) = site.asked
    for changed in (
        {"key": "guessed"},
        {"key": None},
        {"hub.topic": "https://evil.example/"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": "publish"},
        {"hub.challenge": None},
    ):
        assert asked_back(form, **changed).status_code == 404, changed
    assert subscriptions.live(Source.objects.get(pk=source.pk), now=timezone.now()) is None
    assert asked_back(form, **{"hub.lease_seconds": "-1 or so"}).status_code == 200
    Source.objects.filter(pk=source.pk).update(push={"key": form["hub.callback"].rpartition("=")[2]})
    assert asked_back(form).status_code == 404, "nothing was asked for"


def test_a_lease_is_renewed_ahead_of_its_end_and_a_lost_one_falls_back(source: Source, site: Site) -> None:
    subscribed(source, site)
    fresh = Source.objects.get(pk=source.pk)
    assert timedelta(hours=15) < fresh.push_at - timezone.now() < timedelta(hours=17), "two thirds of a day"
    assert not subscriptions.tick()
    assert len(site.asked) == 1
    Source.objects.filter(pk=source.pk).update(push_at=timezone.now())
    subscriptions.tick()
    assert len(site.asked) == 2
    assert {site.asked[0][name] for name in ("hub.secret", "hub.callback")} == {
        site.asked[1][name] for name in ("hub.secret", "hub.callback")
    }
    asked_back(site.asked[1])
    late = timezone.now() + timedelta(days=2)
    fresh = Source.objects.get(pk=source.pk)
    assert subscriptions.live(fresh, now=late) is None
    assert subscriptions.interval(fresh, timedelta(minutes=5), now=late) == timedelta(minutes=5)


def test_a_hub_that_refuses_is_left_alone_for_a_while(source: Source, site: Site) -> None:
    site.hub = "400 Bad Request"
    polled(source)
    subscriptions.tick()
    fresh = polled(source)
    assert fresh.next_poll_at - timezone.now() < timedelta(minutes=6)
    assert fresh.push_at - timezone.now() > timedelta(hours=20)
    site.hub = "500 Fault"
    Source.objects.filter(pk=source.pk).update(push_at=timezone.now())
    subscriptions.tick()
    assert Source.objects.get(pk=source.pk).push_at - timezone.now() < timedelta(hours=1)


def test_letting_the_source_go_asks_the_hub_to_stop(source: Source, site: Site) -> None:
    form = subscribed(source, site)
    connecting.disconnect(Source.objects.get(pk=source.pk), by=1)
    hooks.forget()
    assert delivery(form, site.feed()).status_code == 404
    subscriptions.tick()
    leaving = site.asked[-1]
    assert (leaving["hub.mode"], leaving["hub.callback"]) == ("unsubscribe", form["hub.callback"])
    assert "hub.secret" not in leaving
    assert asked_back(leaving, **{"hub.lease_seconds": None}).content == b"c-123"
    assert Source.objects.get(pk=source.pk).push == {}
    assert asked_back(leaving).status_code == 404


def test_another_address_leaves_the_hub_of_the_one_before(source: Source, site: Site) -> None:
    form = subscribed(source, site)
    site.offers = False
    connecting.change_keys(Source.objects.get(pk=source.pk), {"base_url": f"{site.url}/another"}, by=1)
    subscriptions.tick()
    assert (site.asked[-1]["hub.mode"], site.asked[-1]["hub.topic"]) == ("unsubscribe", form["hub.topic"])
    asked_back(site.asked[-1])
    assert Source.objects.get(pk=source.pk).push == {}


def test_another_hub_gets_another_secret(source: Source, site: Site) -> None:
    first = subscribed(source, site)
    Source.objects.filter(pk=source.pk).update(base_url=f"{site.url}/feed?moved")
    fresh = Source.objects.get(pk=source.pk)
    subscriptions.offered(fresh, subscriptions.Offer("https://hub.example/", fresh.push["topic"]), now=timezone.now())
    hooks.forget()
    assert delivery(first, site.feed()).status_code == 401
    assert sources.secrets_of(Source.objects.get(pk=source.pk))["webhook"] != first["hub.secret"]
