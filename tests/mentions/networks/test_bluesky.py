"""What is particular about Bluesky: what it does not tell, marks in bytes, sessions, and views of every shape."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mentions import posts
from mentions.networks import Account, NetworkError, Outgoing, _atproto, get
from mentions.networks._facets import facets, links
from mentions.networks._newest import Page, walk
from mentions.networks._views import parts, post
from mentions.networks.bluesky import record_key
from mentions.posts import BadPost, Operation, Post
from tests.mentions.networks.peer_bluesky import BANK, CUSTOMER, PASSWORD, TID, BlueskyPeer, serve, token
from tests.mentions.wire import Line, wire

BLUESKY = get("bluesky")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    *("uri", "cid", "author", "did", "handle", "displayName", "record", "text", "createdAt", "indexedAt", "reply"),
    *("parent", "root", "embed", "images", "fullsize", "media", "external", "playlist", "facets", "features", "langs"),
    *("labels", "val", "value", "verification", "likeCount"),
]
NESTED = st.recursive(JUNK, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6), max_leaves=20)


@pytest.fixture(autouse=True)
def _no_sessions_kept() -> None:
    _atproto._kept.clear()


@pytest.fixture
def peer() -> Iterator[BlueskyPeer]:
    with serve() as listening:
        yield listening


def refusal(work: Any, *args: Any) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        work(*args)
    return caught.value


def reply(text: str, to: str | None = None) -> Outgoing:
    return Outgoing(text, "public", "key-1", in_reply_to=to)


def hear(account: Account, cursor: dict[str, Any]) -> tuple[list[Post | Operation], dict[str, Any]]:
    fetched = BLUESKY.fetch(account, cursor)
    return [posts.parse(item) for item in fetched.items], json.loads(json.dumps(fetched.cursor))


def walked(times: list[datetime], state: dict[str, Any], now: datetime) -> tuple[list[int], dict[str, Any], bool]:
    """Goes down a list of ten a page whose entries are numbered from the newest."""

    def read(at: str | None) -> Page:
        start = int(at or 0)
        shown = [(time, {"n": number}) for number, time in enumerate(times)][start : start + 10]
        following = str(start + 10) if start + 10 < len(times) else None
        return Page(shown, min((time for time, _ in shown), default=None), following, None)

    done = walk(read, state, now)
    return [entry["n"] for entry in done.found], done.state, done.more


class TestListening:
    def test_a_deletion_is_noticed_though_nobody_tells(self, peer: BlueskyPeer) -> None:
        uri = peer.write("hello")
        _, cursor = hear(peer.account, {})
        peer.delete(uri)
        (gone,), cursor = hear(peer.account, cursor)
        assert isinstance(gone, Operation)
        assert (gone.op, gone.external_id) == ("delete", uri)
        assert hear(peer.account, cursor)[0] == []

    def test_what_is_only_hidden_from_us_is_not_gone(self, peer: BlueskyPeer) -> None:
        uri = peer.write("hello")
        _, cursor = hear(peer.account, {})
        peer.hidden.add(uri)
        heard, cursor = hear(peer.account, cursor)
        assert heard == []
        assert BLUESKY.lookup(peer.account, [uri]) == {}
        assert "blocked" in refusal(BLUESKY.publish, peer.account, reply("hi", uri)).message

    def test_a_closed_account_takes_its_posts_along(self, peer: BlueskyPeer) -> None:
        uris = {peer.write("one"), peer.write("two")}
        _, cursor = hear(peer.account, {})
        peer.gone.add(CUSTOMER)
        heard, cursor = hear(peer.account, cursor)
        assert {(item.op, item.external_id) for item in heard if isinstance(item, Operation)} == {
            ("delete", uri) for uri in uris
        }
        assert hear(peer.account, cursor)[0] == []

    def test_what_our_account_writes_elsewhere_comes_in_under_its_own_name(self, peer: BlueskyPeer) -> None:
        peer.write("from before", did=BANK)
        _, cursor = hear(peer.account, {})
        foreign = peer.write("give us your passwords", did=BANK)
        (heard,), cursor = hear(peer.account, cursor)
        assert isinstance(heard, Post)
        assert (heard.external_id, heard.author.id) == (foreign, BANK)
        assert hear(peer.account, cursor)[0] == []

    def test_followers_are_told_and_their_absence_is_no_fault(self, peer: BlueskyPeer) -> None:
        peer.write("hello")
        (heard,), _ = hear(peer.account, {})
        assert isinstance(heard, Post)
        assert heard.author.followers == 42

    def test_what_is_left_to_ask_is_told(self, peer: BlueskyPeer) -> None:
        peer.headers = {"ratelimit-limit": "3000", "ratelimit-remaining": "2990", "ratelimit-reset": "1795000000"}
        quota = BLUESKY.fetch(peer.account, {}).quota
        assert quota is not None
        assert (quota.limit, quota.remaining) == (3000, 2990)

    def test_more_than_a_page_is_read_to_its_end(self, peer: BlueskyPeer) -> None:
        uris = {peer.write(f"number {n}") for n in range(240)}
        heard, cursor = hear(peer.account, {})
        assert {item.external_id for item in heard} == uris
        assert hear(peer.account, cursor)[0] == []

    def test_search_reads_on_from_where_it_was(self, peer: BlueskyPeer) -> None:
        first = peer.write("zebra crossing")
        peer.write("nothing of the kind")
        page = BLUESKY.search(peer.account, "zebra", {})
        assert [item["external_id"] for item in page.items] == [first]
        second = peer.write("another zebra")
        page = BLUESKY.search(peer.account, "zebra", page.cursor)
        assert [item["external_id"] for item in page.items] == [second]


class TestWalking:
    NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def ago(self, *minutes: int) -> list[datetime]:
        return [self.NOW - timedelta(minutes=each) for each in minutes]

    def test_a_long_absence_is_read_in_several_steps_and_nothing_is_left_out(self) -> None:
        times = self.ago(*range(0, 1300, 10))
        since = {"since": self.ago(10_000)[0].isoformat(), "until": self.ago(1195)[0].isoformat()}
        found, state, more = walked(times, since, self.NOW)
        assert (found, more) == (list(range(50)), True)
        while more:
            step, state, more = walked(times, state, self.NOW)
            found += step
        assert set(range(121)) <= set(found)
        assert datetime.fromisoformat(state["until"]) == self.NOW
        assert "page" not in state

    def test_the_newest_page_is_looked_at_whole_for_what_names_an_earlier_time(self) -> None:
        state = {"since": self.ago(10_000)[0].isoformat(), "until": self.ago(5)[0].isoformat()}
        found, _, more = walked(self.ago(1, 600, 900), state, self.NOW)
        assert (found, more) == ([0, 1, 2], False)

    def test_what_is_older_than_the_connection_stays_outside(self) -> None:
        found, state, _ = walked(self.ago(1, 60 * 24 * 6, 60 * 24 * 8), {}, self.NOW)
        assert found == [0, 1]
        assert datetime.fromisoformat(state["since"]) == self.NOW - timedelta(days=7)

    def test_a_time_to_come_blinds_nobody(self) -> None:
        _, state, _ = walked(self.ago(1), {"until": "2099-01-01T00:00:00Z", "since": "2026-01-01T00:00:00Z"}, self.NOW)
        assert datetime.fromisoformat(state["until"]) <= self.NOW


class TestSessions:
    def test_an_ended_token_is_replaced_by_the_app_password_unnoticed(self, peer: BlueskyPeer) -> None:
        ended = replace(peer.account, secrets={"token": "a.b.c", "password": PASSWORD})
        wanted = peer.write("hello")
        assert [item.external_id for item in hear(ended, {})[0]] == [wanted]
        BLUESKY.publish(ended, reply("hi", wanted))
        assert peer.answers_to(wanted) == ["hi"]
        openings = [asked for asked in peer.asked if asked.path.endswith("createSession")]
        assert len(openings) == 1, "the network allows few sessions a day"

    def test_a_token_that_says_it_has_ended_is_not_even_shown(self, peer: BlueskyPeer) -> None:
        over = replace(peer.account, secrets={"token": token(lasts=-5), "password": PASSWORD})
        hear(over, {})
        assert peer.asked[0].path.endswith("createSession")

    def test_tokens_are_renewed_by_the_stored_one_which_works_once(self, peer: BlueskyPeer) -> None:
        first = BLUESKY.refresh(replace(peer.account, secrets={"password": PASSWORD}))
        stored = replace(peer.account, secrets=dict(first.secrets))
        second = BLUESKY.refresh(stored)
        assert second.secrets["renewal"] != first.secrets["renewal"]
        assert second.expires_at is not None
        assert second.expires_at > datetime.now(UTC)
        assert refusal(BLUESKY.refresh, stored).follow == "reauthorise"
        assert BLUESKY.refresh(replace(stored, secrets={**first.secrets, "password": PASSWORD})).secrets["token"]

    def test_no_password_and_the_wrong_one(self, peer: BlueskyPeer) -> None:
        assert refusal(BLUESKY.fetch, replace(peer.account, secrets={}), {}).follow == "reauthorise"
        wrong = replace(peer.account, secrets={"password": "wrong"})
        assert refusal(BLUESKY.fetch, wrong, {}).follow == "reauthorise"
        another = replace(peer.account, account_id="did:plc:another", secrets={"password": PASSWORD})
        assert refusal(BLUESKY.fetch, another, {}).follow == "reauthorise"

    def test_a_probe_names_us_and_when_bare_tokens_end(self, peer: BlueskyPeer) -> None:
        told = BLUESKY.probe(peer.account)
        assert (told.account_id, told.handle, told.expires_at) == (BANK, "bank.test", None)
        bare = replace(peer.account, secrets={"token": peer.tokens[0]})
        ends_at = BLUESKY.probe(bare).expires_at
        assert ends_at is not None
        assert timedelta(hours=1) < ends_at - datetime.now(UTC) < timedelta(hours=3)

    def test_no_secret_is_shown_where_a_session_is_printed(self, peer: BlueskyPeer) -> None:
        opened = _atproto.session(replace(peer.account, secrets={"password": PASSWORD}))
        assert opened.token not in repr(opened)
        assert opened.renewal not in repr(opened)


def test_what_our_own_account_passes_on_is_heard_under_its_name(peer: BlueskyPeer) -> None:
    there = peer.write("win a prize", facets=[])
    first = BLUESKY.fetch(peer.account, {})
    peer.passed_on[there] = datetime.now(UTC).isoformat()
    heard = BLUESKY.fetch(peer.account, first.cursor)
    again = BLUESKY.history(peer.account, datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC), {"ours": True})
    assert heard.items == again.items != ()
    (item,) = heard.items
    told = posts.parse(item)
    assert isinstance(told, Post)
    assert (told.external_id, told.author.id) == (f"at://{BANK}/app.bsky.feed.repost/0", BANK)
    assert (told.text, told.kind) == ("[repost] @customer.test: win a prize", "post")
    assert BLUESKY.fetch(peer.account, heard.cursor).items == ()


class TestWriting:
    def test_a_reply_names_parent_and_root(self, peer: BlueskyPeer) -> None:
        root = peer.write("hello")
        named = {"uri": root, "cid": peer.records[root]["cid"]}
        under = peer.write("and another thing", reply={"root": named, "parent": named})
        sent = BLUESKY.publish(peer.account, reply("we hear you", under))
        written = peer.records[sent.external_id]["value"]["reply"]
        assert written["root"] == named
        assert written["parent"] == {"uri": under, "cid": peer.records[under]["cid"]}
        assert sent.url == f"https://bsky.app/profile/{BANK}/post/{sent.external_id.rpartition('/')[2]}"

    def test_a_post_of_our_own_answers_nobody(self, peer: BlueskyPeer) -> None:
        sent = BLUESKY.publish(peer.account, reply("The app is back."))
        assert "reply" not in peer.records[sent.external_id]["value"]

    def test_where_the_author_wants_no_replies_there_is_none(self, peer: BlueskyPeer) -> None:
        uri = peer.write("hello")
        view = peer._view
        peer._view = lambda of: view(of) | {"viewer": {"replyDisabled": True}}  # type: ignore[method-assign]
        assert refusal(BLUESKY.publish, peer.account, reply("hi", uri)).follow == "give_up"

    def test_only_our_own_posts_are_retracted(self, peer: BlueskyPeer) -> None:
        assert refusal(BLUESKY.retract, peer.account, peer.write("hello")).follow == "give_up"
        assert refusal(BLUESKY.retract, peer.account, "nonsense").follow == "give_up"

    def test_marks_cards_and_people(self, peer: BlueskyPeer) -> None:
        text = "Ça va 👋 @customer.test @nobody.test (http://127.0.0.1:9/a_(b)) #Hilfe #1 …"
        sent = BLUESKY.publish(peer.account, reply(text))
        record = peer.records[sent.external_id]["value"]
        said = text.encode()
        marked = [
            (said[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"][0])
            for facet in record["facets"]
        ]
        assert [words for words, _ in marked] == ["@customer.test", "http://127.0.0.1:9/a_(b)", "#Hilfe"]
        assert marked[0][1]["did"] == CUSTOMER
        assert record["embed"]["external"] == {
            "uri": "http://127.0.0.1:9/a_(b)",
            "title": "127.0.0.1",
            "description": "",
        }

    def test_a_card_says_what_the_page_says_of_itself_and_shows_its_picture(self, peer: BlueskyPeer) -> None:
        picture = BytesIO()
        Image.new("RGB", (3000, 1500), "teal").save(picture, "PNG")
        head = (
            "<title>Help</title><meta property='og:title' content='Blocked cards'>"
            "<meta name='description' content='What to do'><meta property='og:image' content='/card.png'>"
        )

        def talk(line: Line) -> None:
            while asked := line.hear():
                if b" /card.png " in asked:
                    line.say(picture.getvalue(), content_type="image/png")
                else:
                    line.say(f"<html><head>{head}</head></html>".encode(), content_type="text/html")

        with wire(talk) as page:
            sent = BLUESKY.publish(peer.account, reply(f"see {page.url}/help", peer.write("hello")))
        shown = peer.records[sent.external_id]["value"]["embed"]["external"]
        thumb = shown.pop("thumb")
        assert shown == {"uri": f"{page.url}/help", "title": "Blocked cards", "description": "What to do"}
        assert thumb["size"] == len(peer.blobs[thumb["ref"]["$link"]]) <= 1_000_000
        with Image.open(BytesIO(peer.blobs[thumb["ref"]["$link"]])) as drawn:
            assert max(drawn.size) == 1000

    def test_two_links_make_no_card(self, peer: BlueskyPeer) -> None:
        sent = BLUESKY.publish(peer.account, reply("https://a.example and https://b.example"))
        assert "embed" not in peer.records[sent.external_id]["value"]

    @given(st.uuids())
    def test_record_keys_have_the_form_that_the_network_asks_for(self, client_key: Any) -> None:
        assert TID.match(record_key(str(client_key)))
        assert record_key(str(client_key)) == record_key(str(client_key))
        assert record_key(str(client_key)) < "3", "no key of ours can be one of a post that somebody writes now"


@given(st.text(st.sampled_from("a@.#:/)( é👋\n1-_https") | st.characters(codec="utf-8"), max_size=60))
def test_marks_always_lie_on_whole_characters_in_order(text: str) -> None:
    said, end = text.encode(), 0
    for facet in facets(text, lambda handle: f"did:plc:{handle}"):
        start = facet["index"]["byteStart"]
        assert end <= start < facet["index"]["byteEnd"] <= len(said)
        end = facet["index"]["byteEnd"]
        assert said[start:end].decode()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://bank.example.", ["https://bank.example"]),
        ("(https://bank.example)", ["https://bank.example"]),
        ("see https://bank.example/?a=1, or not", ["https://bank.example/?a=1"]),
        ("xhttps://bank.example", []),
        ("https://", []),
        ("https://[", []),
    ],
)
def test_addresses_end_where_the_sentence_goes_on(text: str, found: list[str]) -> None:
    assert [uri for _start, _end, uri in links(text)] == found


class TestViews:
    def view(self, **more: Any) -> dict[str, Any]:
        record = {"text": "hello", "createdAt": "2026-11-22T10:00:00Z", "langs": ["de"]}
        author = {"did": CUSTOMER, "handle": "customer.test"}
        return {
            "uri": f"at://{CUSTOMER}/app.bsky.feed.post/3k",
            "cid": "c",
            "author": author,
            "record": record,
            "indexedAt": "2026-11-22T10:00:01Z",
        } | more

    def read(self, **more: Any) -> Post:
        item = posts.parse(post(self.view(**more), {}))
        assert isinstance(item, Post)
        return item

    def test_pictures_videos_and_what_is_quoted(self) -> None:
        quoted = {"uri": "at://did:plc:x/app.bsky.feed.post/3j", "author": {"did": "did:plc:x"}, "value": {"text": "q"}}
        images = {"images": [{"fullsize": "https://cdn.example/1.jpg", "alt": "a card"}]}
        item = self.read(embed={"record": {"record": quoted}, "media": images})
        assert item.kind == "quote"
        assert item.raw is not None
        assert item.raw["quoted"]["text"] == "q"
        assert [(one.url, one.alt) for one in item.media] == [("https://cdn.example/1.jpg", "a card")]
        assert self.read(embed={"record": quoted}).kind == "quote"
        video = self.read(embed={"playlist": "https://video.example/1.m3u8"})
        assert [one.type for one in video.media] == ["video"]

    def test_where_links_lead_is_kept_since_their_words_may_lie(self) -> None:
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": "https://evil.example"}
        record = self.view()["record"] | {"facets": [{"features": [feature]}]}
        raw = self.read(record=record).raw
        assert raw is not None
        assert raw["links"] == ["https://evil.example"]

    @pytest.mark.parametrize(
        ("claimed", "written"),
        [
            ("2026-11-22T09:00:00+01:00", "2026-11-22T08:00:00+00:00"),
            ("2031-01-01T00:00:00Z", "2026-11-22T10:00:01+00:00"),
            ("yesterday", "2026-11-22T10:00:01+00:00"),
            (None, "2026-11-22T10:00:01+00:00"),
        ],
    )
    def test_nobody_is_read_before_writing(self, claimed: Any, written: str) -> None:
        assert self.read(record={"text": "x", "createdAt": claimed}).created_at.isoformat() == written

    @given(st.dictionaries(st.sampled_from(NAMES), NESTED, max_size=8))
    def test_whatever_comes_is_read_or_refused(self, view: dict[str, Any]) -> None:
        with contextlib.suppress(BadPost):
            posts.parse(post(view, {}))

    @given(JUNK | st.text().map(lambda text: f"at://{text}"))
    def test_addresses_are_taken_apart_or_not(self, uri: Any) -> None:
        assert len(parts(uri)) == 3


class TestMessages:
    def test_they_come_once_from_what_is_unread_on_and_stay_private(self, peer: BlueskyPeer) -> None:
        first = peer.whisper("between you and me")
        heard, cursor = hear(peer.account, {})
        (message,) = heard
        assert isinstance(message, Post)
        assert (message.external_id, message.kind, message.visibility) == (first, "message", "private")
        assert (message.author.id, message.author.handle) == (CUSTOMER, "customer.test")
        assert hear(peer.account, cursor)[0] == []
        second = peer.whisper("are you there?")
        ours = BLUESKY.publish(peer.account, Outgoing("We are.", "private", "key-2", in_reply_to=second))
        heard, cursor = hear(peer.account, cursor)
        assert [(item.external_id, getattr(item, "text", "")) for item in heard] == [
            (second, "are you there?"),
            (ours.external_id, "We are."),
        ]
        assert isinstance(heard[1], Post)
        assert (heard[1].author.id, heard[1].conversation_id) == (BANK, message.conversation_id)
        peer.unsay(second)
        (gone,) = hear(peer.account, cursor)[0]
        assert isinstance(gone, Operation)
        assert (gone.op, gone.external_id) == ("delete", second)

    def test_a_lost_one_is_found_in_its_conversation(self, peer: BlueskyPeer) -> None:
        wanted = peer.whisper("hello?")
        began = datetime.now(UTC) - timedelta(seconds=61)
        lost = Outgoing("Hello.", "private", "key-3", in_reply_to=wanted, attempted_at=began)
        assert BLUESKY.reconcile(peer.account, "key-3", lost) is None
        peer.drop_an_answer()
        assert refusal(BLUESKY.publish, peer.account, lost).follow == "unknown"
        found = BLUESKY.reconcile(peer.account, "key-3", lost)
        assert found is not None
        assert peer.messages() == ["Hello."]

    def test_without_access_they_are_neither_asked_for_nor_offered(self, peer: BlueskyPeer) -> None:
        peer.whisper("hello?")
        told = BLUESKY.probe(peer.account).settings
        assert told["chat"] is True
        without = replace(peer.account, settings={"chat": False})
        assert BLUESKY.limits_for(without).allowed("private") == 0
        assert hear(without, {})[0] == []
        private = Outgoing("Hello.", "private", "key-4", recipient_id=CUSTOMER)
        assert refusal(BLUESKY.publish, without, private).follow == "give_up"
