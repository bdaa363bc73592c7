"""Feeds as they are found in the world, well made and not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import posts
from mentions.networks import Account, NetworkError, get
from mentions.networks._plaintext import plain
from mentions.posts import Operation, Post
from tests.mentions.wire import Line, always, wire

FEEDS = get("feeds")

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0"><channel><title>Bank Watch</title><language>en-gb</language><link>https://blog.example/</link>
{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><guid>{guid}</guid><link>/posts/{guid}</link>
<pubDate>Sat, 21 Nov 2026 10:15:00 +0100</pubDate><description>{body}</description></item>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Ledger News</title><id>urn:l</id>
<entry><id>urn:l:1</id><title type="html">Rates &amp;amp; fees</title><updated>2026-11-21T10:15:00Z</updated>
<author><name>Ana Lima</name></author><link href="https://news.example/1"/>
<link rel="enclosure" type="image/png" href="https://news.example/1.png"/>
<content type="html">
&lt;p&gt;Meridian raises &lt;b&gt;fees&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</content>
</entry></feed>"""


def rss(*items: tuple[str, str, str], encoding: str = "utf-8") -> bytes:
    written = "".join(ITEM.format(guid=guid, title=title, body=body) for guid, title, body in items)
    return RSS.format(items=written, encoding=encoding).encode(encoding)


def fetch(url: str, cursor: dict[str, Any] | None = None) -> Any:
    return FEEDS.fetch(Account(url, local=True), cursor or {})


def read(body: bytes, **headers: str) -> list[Post | Operation]:
    with wire(always(body, **headers)) as server:
        return [posts.parse(item) for item in fetch(f"{server.url}/feed.xml").items]


def refusal(url: str) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        fetch(url)
    return caught.value


class TestReading:
    def test_rss(self) -> None:
        (post,) = read(rss(("a1", "Meridian", "Their &lt;em&gt;app&lt;/em&gt; is down &amp;amp; slow")))
        assert isinstance(post, Post)
        assert post.external_id == "127.0.0.1/feed.xml#a1"
        assert post.text == "Meridian\n\nTheir app is down & slow"
        assert post.created_at == datetime(2026, 11, 21, 9, 15, tzinfo=UTC)
        assert (post.author.name, post.author.handle, post.lang) == ("Bank Watch", "127.0.0.1", "en-gb")
        assert post.url is not None
        assert post.url.endswith("/posts/a1")

    def test_atom_with_author_picture_and_markup(self) -> None:
        (post,) = read(ATOM.encode())
        assert isinstance(post, Post)
        assert post.external_id.endswith("#urn:l:1")
        assert post.text == "Rates & fees\n\nMeridian raises fees."
        assert post.author.name == "Ana Lima"
        assert [(m.url, m.type) for m in post.media] == [("https://news.example/1.png", "image")]

    @pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
    def test_encodings(self, encoding: str) -> None:
        (post,) = read(rss(("a1", "Gebühren", "für Überweisungen"), encoding=encoding))
        assert isinstance(post, Post)
        assert post.text == "Gebühren\n\nfür Überweisungen"

    def test_the_header_s_charset_wins(self) -> None:
        body = rss(("a1", "Gebühren", ""), encoding="iso-8859-1").replace(b"iso-8859-1", b"utf-8")
        (post,) = read(body, content_type="application/rss+xml; charset=ISO-8859-1")
        assert isinstance(post, Post)
        assert post.text == "Gebühren"

    def test_a_broken_document_still_gives_what_can_be_read(self) -> None:
        body = rss(("a1", "fish & chips", "half <b>open"), ("a2", "second", "two"))
        assert len(read(body)) == 2

    def test_no_guid_no_date_and_hostile_links(self) -> None:
        item = b"<item><title>Only words</title><link>javascript:alert(1)</link></item>"
        body = b"<rss version='2.0'><channel>" + item + b"</channel></rss>"
        (post,) = read(body)
        assert isinstance(post, Post)
        assert post.url is None
        assert post.text == "Only words"
        assert datetime.now(UTC) - post.created_at < timedelta(minutes=1)
        (again,) = read(body)
        assert again.external_id.partition("#")[2] == post.external_id.partition("#")[2]

    def test_identifiers_keep_their_bounds_and_the_feed_s_token_to_itself(self) -> None:
        with wire(always(rss(("g" * 3000, "long", "x")))) as server:
            (item,) = fetch(f"{server.url}/{'p' * 600}?token=s3cret").items
        post = posts.parse(item)
        assert len(post.external_id) <= 512
        assert "s3cret" not in str(item)

    def test_a_long_feed_is_cut(self) -> None:
        assert len(read(rss(*[(f"g{n}", "t", "b") for n in range(300)]))) == 200

    def test_an_empty_feed_is_a_feed(self) -> None:
        assert read(rss()) == []


class TestPoliteness:
    def test_validators_are_sent_back_and_304_brings_nothing(self) -> None:
        def talk(line: Line) -> None:
            while heard := line.hear():
                if b'if-none-match: "v1"' in heard.lower():
                    assert b"if-modified-since: sat, 21 nov 2026" in heard.lower()
                    line.say(b"", "304 Not Modified", retry_after="120")
                else:
                    line.say(rss(("a1", "t", "b")), etag='"v1"', last_modified="Sat, 21 Nov 2026 10:15:00 GMT")

        with wire(talk) as server:
            first = fetch(server.url)
            second = fetch(server.url, first.cursor)
        assert len(first.items) == 1
        assert second.items == ()
        assert second.cursor == first.cursor
        assert second.next_at is not None
        assert second.next_at > datetime.now(UTC) + timedelta(seconds=100)

    def test_only_what_is_new_or_changed_comes_again(self) -> None:
        shown = [rss(("a1", "t", "one")), rss(("a2", "t", "two"), ("a1", "t", "one, corrected"))]

        def talk(line: Line) -> None:
            while line.hear():
                line.say(shown[0])

        with wire(talk) as server:
            first = fetch(server.url)
            assert fetch(server.url, first.cursor).items == ()
            shown.pop(0)
            new, edit = (posts.parse(item) for item in fetch(server.url, first.cursor).items)
        assert isinstance(new, Post)
        assert new.text == "t\n\ntwo"
        assert isinstance(edit, Operation)
        assert (edit.op, edit.text) == ("edit", "t\n\none, corrected")
        assert edit.external_id.endswith("#a1")

    def test_a_feed_in_which_nothing_is_known_any_more_may_have_lost_some(self) -> None:
        shown = [rss(("a1", "t", "1")), rss(("a2", "t", "2"), ("a1", "t", "1")), rss(("a9", "t", "9"))]

        def talk(line: Line) -> None:
            while line.hear():
                line.say(shown.pop(0))

        with wire(talk) as server:
            first = fetch(server.url)
            second = fetch(server.url, first.cursor)
            third = fetch(server.url, second.cursor)
        assert [page.complete for page in (first, second, third)] == [True, True, False]

    def test_a_lasting_move_is_remembered(self) -> None:
        def talk(line: Line) -> None:
            while heard := line.hear():
                if heard.startswith(b"GET /old"):
                    line.say(b"", "301 Moved Permanently", location="/new")
                else:
                    line.say(rss(("a1", "t", "b")))

        with wire(talk) as server:
            first = fetch(f"{server.url}/old")
            again = fetch(f"{server.url}/old", first.cursor)
            assert [heard.split()[1] for heard in server.heard] == [b"/old", b"/new", b"/new"]
        assert again.items == ()
        assert first.items[0]["external_id"].startswith("127.0.0.1/old#")

    def test_another_address_begins_anew(self) -> None:
        with wire(always(rss(("a1", "t", "b")), etag='"v1"')) as server:
            cursor = fetch(f"{server.url}/one").cursor
            assert len(fetch(f"{server.url}/two", cursor).items) == 1

    @pytest.mark.parametrize(
        ("status", "follow"),
        [
            ("410 Gone", "give_up"),
            ("404 Not Found", "retry"),
            ("401 Unauthorized", "reauthorise"),
            ("500 Fault", "retry"),
            ("503 Busy", "retry"),
        ],
    )
    def test_refusals_say_what_follows(self, status: str, follow: str) -> None:
        with wire(always(b"", status)) as server:
            error = refusal(server.url)
        assert error.follow == follow
        assert (error.retry_at is not None) == (follow == "retry")


class TestMalice:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    def test_entities_are_refused(self, encoding: str) -> None:
        bomb = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        bomb += "]><rss version='2.0'><channel><item><title>&b;</title></item></channel></rss>"
        with wire(always(bomb.encode(encoding))) as server:
            assert refusal(server.url).follow == "poison"

    @pytest.mark.parametrize("body", [b"", b"<html><p>Not found</p></html>", b"\x00\xff" * 500, b"/etc/passwd"])
    def test_what_is_no_feed_is_set_aside(self, body: bytes) -> None:
        with wire(always(body)) as server:
            assert refusal(server.url).follow == "poison"

    def test_a_huge_document_is_not_read(self) -> None:
        with wire(always(b"x" * (4 * 1024 * 1024))) as server:
            assert refusal(server.url).follow == "give_up"

    def test_a_feed_cannot_send_us_inside(self) -> None:
        with wire(always(rss(("a1", "t", "b")))) as server, pytest.raises(NetworkError) as caught:
            FEEDS.fetch(Account(server.url), {})
        assert caught.value.follow == "give_up"
        assert not server.heard

    def test_slow_codecs_are_not_tried(self) -> None:
        body = rss(("a1", "t", "b")).replace(b"utf-8", b"punycode")
        assert len(read(body, content_type="text/xml; charset=punycode")) == 1


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain  words", "plain words"),
        ("<p>One</p><p>Two<br>Three</p>", "One\nTwo\nThree"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<style>p{}</style>shown<script>alert(1)</script>", "shown"),
        ("<ul><li>x<li>y</ul>", "x\ny"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<img src=x onerror=alert(1)>", ""),
    ],
)
def test_markup_becomes_words(markup: str, text: str) -> None:
    assert plain(markup) == text
