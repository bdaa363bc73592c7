"""JSON Feed, news sitemaps and what they offer to have delivered, as sites write them."""

from __future__ import annotations

import contextlib
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentions import posts
from mentions.networks import Account, BadSignature, NetworkError, Offer, get
from mentions.networks._documents import UNPACKED, NoDocument, read
from mentions.networks.feeds import DELIVERED
from mentions.posts import BadPost, Operation, Post
from tests.mentions.wire import Line, Wire, always, wire

FEEDS = get("feeds")
XML = {"content-type": "application/xml"}
JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Ledger",
    "feed_url": "https://ledger.example/feed.json",
    "language": "en-US",
    "authors": [{"name": "The desk"}],
    "hubs": [{"type": "rssCloud", "url": "https://cloud.example"}, {"type": "WebSub", "url": "https://hub.example/"}],
    "items": [
        {
            "id": 7,
            "url": "/7",
            "title": "Fees",
            "content_html": "<p>Larkmere <b>drops</b> its fee.</p><script>alert(1)</script>",
            "date_published": "2026-11-20T09:30:00-05:00",
            "authors": [{"name": "Ana Lima"}],
            "attachments": [{"url": "https://ledger.example/7.mp3", "mime_type": "audio/mpeg"}],
            "image": "https://ledger.example/7.png",
        },
        {"id": "8", "summary": "Only a summary", "language": "es"},
        {"id": "9"},
        "nonsense",
    ],
}
NEWS = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example/{name}</loc><news:news><news:publication><news:name>The Example Times</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2026-11-20</news:publication_date>
<news:title>{title}</news:title></news:news><image:image><image:loc>https://news.example/p.jpg</image:loc></image:image>
</url><url><loc>https://news.example/about</loc><lastmod>2026-01-01</lastmod></url></urlset>"""


def fetch(url: str, cursor: dict[str, Any] | None = None) -> Any:
    return FEEDS.fetch(Account(url, local=True), json.loads(json.dumps(cursor or {})))


def read_at(server: Wire, path: str = "/feed") -> list[Post | Operation]:
    return [posts.parse(item) for item in fetch(f"{server.url}{path}").items]


def test_a_json_feed() -> None:
    with wire(always(json.dumps(JSON_FEED).encode(), content_type="application/feed+json")) as server:
        first, second = read_at(server)
        page = fetch(f"{server.url}/feed")
    assert isinstance(first, Post)
    assert first.external_id == "127.0.0.1/feed#7"
    assert first.text == "Fees\n\nLarkmere drops its fee."
    assert first.created_at == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
    assert (first.author.name, first.lang) == ("Ana Lima", "en-US")
    assert first.url is not None
    assert first.url.endswith("/7")
    assert {(m.url.rpartition(".")[2], m.type) for m in first.media} == {("png", "image"), ("mp3", "audio")}
    assert isinstance(second, Post)
    assert (second.text, second.author.name, second.lang) == ("Only a summary", "The desk", "es")
    assert (page.offer.hub, page.offer.topic) == ("https://hub.example/", "https://ledger.example/feed.json")


def test_what_changed_in_a_json_feed_is_an_edit() -> None:
    shown = [dict(JSON_FEED["items"][0])]

    def talk(line: Line) -> None:
        while line.hear():
            line.say(json.dumps(JSON_FEED | {"items": shown}).encode())

    with wire(talk) as server:
        page = fetch(server.url)
        shown[0] |= {"title": "No fees", "date_modified": "2026-11-20T11:00:00Z"}
        (edit,) = (posts.parse(item) for item in fetch(server.url, page.cursor).items)
    assert isinstance(edit, Operation)
    assert edit.text == "No fees\n\nLarkmere drops its fee."
    assert edit.edited_at == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_a_news_sitemap_packed_or_not() -> None:
    plainly = NEWS.format(name="a", title="Larkmere &amp; Northquay").encode()
    for body in (plainly, gzip.compress(plainly)):
        with wire(always(body, content_type="application/octet-stream")) as server:
            (post,) = read_at(server, "/news.xml.gz")
        assert isinstance(post, Post)
        assert (post.text, post.url) == ("Larkmere & Northquay", "https://news.example/a")
        assert (post.author.name, post.lang) == ("The Example Times", "en")
        assert post.created_at == datetime(2026, 11, 20, tzinfo=UTC)


def test_an_index_of_sitemaps_is_read_where_it_changed() -> None:
    shown = {"/a.xml": ("2026-11-20", "One"), "/b.xml": ("2026-11-19", "Two")}
    refused: dict[str, str] = {}

    def talk(line: Line) -> None:
        while heard := line.hear():
            path = heard.split()[1].decode()
            if path in refused:
                line.say(b"", refused[path])
            elif path in shown:
                line.say(NEWS.format(name=path[1:], title=shown[path][1]).encode())
            if path in shown:
                continue
            named = "".join(
                f"<sitemap><loc>{server.url}{at}</loc><lastmod>{day}</lastmod></sitemap>"
                for at, (day, _) in shown.items()
            )
            elsewhere = "<sitemap><loc>http://127.0.0.2:9/steal.xml</loc><lastmod>2027-01-01</lastmod></sitemap>"
            line.say(f'<sitemapindex xmlns="http://x">{elsewhere}{named}</sitemapindex>'.encode())

    with wire(talk) as server:
        page = fetch(f"{server.url}/index.xml")
        assert [item["text"] for item in page.items] == ["One", "Two"]
        asked = len(server.heard)
        page = fetch(f"{server.url}/index.xml", page.cursor)
        assert page.items == ()
        assert len(server.heard) == asked + 1, "nothing in it had changed"
        shown["/b.xml"] = ("2026-11-21", "Two, corrected")
        page = fetch(f"{server.url}/index.xml", page.cursor)
        assert [(item["op"], item["text"]) for item in page.items] == [("edit", "Two, corrected")]
        assert len(server.heard) == asked + 3
        # One that is gone and one that is away keep no other from being read; what is away is asked for again.
        shown |= {f"/{name}.xml": ("2026-11-22", f"New in {name}") for name in "cde"}
        refused = {"/c.xml": "404 Not Found", "/d.xml": "503 Service Unavailable"}
        page = fetch(f"{server.url}/index.xml", page.cursor)
        assert [item["text"] for item in page.items] == ["New in e"]
        assert (page.unfinished, "/d.xml" in page.trouble, "/c.xml" in page.trouble) == (True, True, False)
        refused = {}
        page = fetch(f"{server.url}/index.xml", page.cursor)
        assert ([item["text"] for item in page.items], page.trouble) == (["New in d"], "")
        assert not page.unfinished


def test_a_hub_is_found_in_headers_before_the_document() -> None:
    link = '<https://hub.example/>; rel="hub", </feed.xml>; rel=self, <https://other.example>; rel="alternate hub"'
    body = b"<rss version='2.0'><channel><title>x</title></channel></rss>"
    with wire(always(body, link=link)) as server:
        page = fetch(f"{server.url}/feed.xml")
    assert (page.offer.hub, page.offer.topic) == ("https://hub.example/", f"{server.url}/feed.xml")
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://h.example"/>
    <link rel="self" href="https://s.example/atom"/><id>urn:x</id></feed>"""
    found = read(XML, atom.encode())
    assert (found.hub, found.topic) == ("https://h.example", "https://s.example/atom")


def test_a_delivery_is_read_and_an_empty_one_brings_nothing() -> None:
    account = Account("https://ledger.example/feed.json")
    (item, _second) = FEEDS.delivered(account, {}, json.dumps(JSON_FEED).encode())
    assert item["external_id"] == "ledger.example/feed.json#7"
    # Whoever runs a feed names its hub, whose deliveries are read while others wait: what is long is only asked for.
    long = json.dumps(JSON_FEED | {"home_page_url": "x" * DELIVERED}).encode()
    assert [FEEDS.delivered(account, {}, body) for body in (b"", long, gzip.compress(long))] == [[], [], []]
    with pytest.raises(BadSignature):
        FEEDS.verify({"x-hub-signature": "md5=00"}, b"", ["secret"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"version": "https://jsonfeed.org/version/2", "items": []}',
        b"{" * 100_000,
        b'<!DOCTYPE urlset [<!ENTITY a "ha">]><urlset><url><loc>&a;</loc></url></urlset>',
        b"<urlset><url></urlset>",
        gzip.compress(b"\0" * (UNPACKED + 1)),
        b"\x1f\x8bnot packed at all",
    ],
)
def test_malice_is_set_aside(body: bytes) -> None:
    with wire(always(body)) as server, pytest.raises(NetworkError) as caught:
        fetch(server.url)
    assert caught.value.follow == "poison"


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
_ITEM = st.dictionaries(st.sampled_from(sorted(JSON_FEED["items"][0])), _JUNK)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ITEM | _JUNK, max_size=4) | _JUNK, _JUNK, _JUNK)
def test_whatever_a_json_feed_holds_raises_nothing_else(items: Any, hubs: Any, authors: Any) -> None:
    body = json.dumps(JSON_FEED | {"items": items, "hubs": hubs, "authors": authors}).encode()
    for item in FEEDS.delivered(Account("https://ledger.example/feed.json"), {}, body):
        with contextlib.suppress(BadPost):
            posts.parse(item)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(NEWS)))
def test_whatever_is_cut_out_of_a_sitemap_raises_nothing_else(junk: bytes, at: int) -> None:
    whole = NEWS.encode()
    with contextlib.suppress(NoDocument):
        read(XML, whole[:at] + junk + whole[at + len(junk) :])


def test_a_feed_is_tried_before_it_is_connected_and_a_page_names_its_own() -> None:
    page = b"<html><head><link rel='alternate' type='application/feed+json' href='/feed.json'></head></html>"
    with wire(always(json.dumps(JSON_FEED).encode())) as server:
        told = FEEDS.probe(Account(f"{server.url}/feed.json", local=True))
        FEEDS.probe(Account(f"{server.url}/feed.json", settings=told.settings, local=True))
        assert len(server.heard) == 1
    with wire(always(page, content_type="text/html")) as server, pytest.raises(NetworkError) as caught:
        FEEDS.probe(Account(f"{server.url}/blog", local=True))
    assert (caught.value.follow, f"{server.url}/feed.json" in caught.value.message) == ("give_up", True)


@pytest.mark.parametrize(
    "hub", ["http://hub.example/", "https://127.0.0.1:9/", "https://[::1]:9/", "ftp://hub.example/"]
)
def test_a_feed_cannot_send_our_secret_to_whomever_it_names(hub: str) -> None:
    account = Account("https://ledger.example/feed.json", secrets={"webhook": "secret"})
    with pytest.raises(NetworkError) as caught:
        FEEDS.subscribe(account, Offer(hub, "https://ledger.example/feed.json"), "https://desk.example/", wanted=True)
    assert caught.value.follow == "give_up"
