"""What is particular about X: its check of the address, two forms of a post, edits, its count, its tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mentions import networks, posts
from mentions.networks import Account, BadSignature, NetworkError, Outgoing
from mentions.networks import _tweets as tweets
from mentions.networks.x import weighted
from mentions.posts import Operation, Post
from tests.mentions.networks.asking import read
from tests.mentions.networks.peer_x import BANK, CUSTOMER, XPeer, serve

X = networks.get("x")


@pytest.fixture
def peer() -> Iterator[XPeer]:
    with serve() as found:
        yield found


def test_the_check_of_the_address_is_answered_with_the_consumer_secret() -> None:
    answer = X.handshake({"crc_token": "challenge"}, {"webhook": "consumer-secret"})
    assert answer is not None
    digest = hmac.new(b"consumer-secret", b"challenge", hashlib.sha256).digest()
    assert json.loads(answer.body) == {"response_token": f"sha256={base64.b64encode(digest).decode()}"}
    assert answer.content_type == "application/json"


@pytest.mark.parametrize("body", ['{"for_user_id":"1"}', ' {"data":{}}', "\ufeff{}", '[{"data":1}]', "x" * 600])
def test_the_check_of_the_address_signs_nothing_that_could_be_delivered(body: str) -> None:
    # Both are made by one formula: whoever may choose what is signed here could forge deliveries with it.
    assert X.handshake({"crc_token": body}, {"webhook": "consumer-secret"}) is None


def test_what_was_signed_as_a_check_is_no_delivery() -> None:
    answer = X.handshake({"crc_token": "challenge"}, {"webhook": "consumer-secret"})
    assert answer is not None
    headers = {"x-twitter-webhooks-signature": json.loads(answer.body)["response_token"]}
    with pytest.raises(BadSignature):
        X.verify(headers, b"challenge", ["consumer-secret"])


# Re-expressed from X's published rules on weighted length and their conformance cases.
@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("a plain sentence", 16),
        ("e\u0301", 1),  # composed first
        ("日本語", 6),
        ("👍", 2),
        ("👨‍👩‍👧‍👦", 2),  # a family is one picture
        ("🏳️‍🌈🇺🇸", 4),
        ("https://bank.example.com/a/very/long/path?with=query#and-more", 23),
        ("http://a.co", 23),
        ("write to bank.com today", 38),  # a bare host is a link too
        ("not.a-link-at-all", 17),
        ("Ω" * 280, 280),
        ("語" * 140, 280),
        ("abc" + "語" * 140, 283),
        ("x" * 279 + "e\u0301", 280),  # composed before it is counted
        ("א\ufb2c", 4),  # and taken apart where composing is forbidden
        ("😷👾🔥", 6),
        ("🙋🏽👩‍🎤", 4),  # with a tone of skin, with a trade
        ("b🐱☺👨‍👩‍👧‍👦", 7),
        ("1\u20e3", 2),  # a digit in a key
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),  # England's flag, in seven parts
        ("👨‍👩‍👧‍👦" * 140, 280),
        ("a\u2002b\u2009c\u2014d", 7),  # wide and thin spaces and dashes are letters like others
        ("see https://bank.example.com/rates now", 31),
        (" ".join(["https://bank.com/branches"] * 10), 239),
        (f"{'l' * 64}.com", 68),  # no host has a part of that length, so no link either
        (f"https://{'口' * 20}.com/", 23),  # a foreign one may be as long once it is spelled out
        (f"https://{'口' * 70}.com/", 153),  # and not longer
        (f"https://{'very-long' * 20}.example.com/a", 202),
        ("\u2066\u202ahttp://bank.com/\u202c\u2069", 31),  # marks of direction around a link
    ],
)
def test_it_counts_as_x_counts(text: str, length: int) -> None:
    assert weighted(text) == length


class TestPosts:
    def test_a_post_with_everything(self) -> None:
        includes = {
            "users": [
                {
                    "id": "42",
                    "username": "sofia",
                    "name": "Sofia",
                    "verified": True,
                    "created_at": "2019-01-01T00:00:00.000Z",
                    "public_metrics": {"followers_count": 1200},
                    "profile_image_url": "https://pbs.twimg.com/a.jpg",
                }
            ],
            "media": [
                {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/m.jpg", "alt_text": "a receipt"}
            ],
            "places": [{"id": "p1", "country_code": "US", "full_name": "Columbus, OH"}],
            "tweets": [{"id": "7", "text": "the quoted &amp; post"}],
        }
        tweet = {
            "id": "1460323737035677698",
            "author_id": "42",
            "text": "Fees &amp; more fees &lt;3",
            "created_at": "2026-11-15T19:08:05.000Z",
            "conversation_id": "7",
            "edit_history_tweet_ids": ["1460323737035677698"],
            "lang": "en",
            "geo": {"place_id": "p1"},
            "attachments": {"media_keys": ["3_1"]},
            "public_metrics": {"like_count": 3, "retweet_count": 2, "reply_count": 1},
            "referenced_tweets": [{"type": "quoted", "id": "7"}],
        }
        post = posts.parse(tweets.post(tweet, includes))
        assert isinstance(post, Post)
        assert post.text == "Fees & more fees <3"
        assert (post.kind, post.country, post.place) == ("quote", "US", "Columbus, OH")
        assert (post.likes, post.reposts, post.replies) == (3, 2, 1)
        assert (post.author.followers, post.author.verified) == (1200, True)
        assert post.url == "https://x.com/sofia/status/1460323737035677698"
        assert [(m.type, m.alt) for m in post.media] == [("image", "a receipt")]
        assert (post.raw or {})["quoted"] == {"external_id": "7", "text": "the quoted & post"}

    def test_a_long_post_is_read_whole(self) -> None:
        tweet = {"id": "5", "author_id": "42", "text": "begins…", "note_tweet": {"text": "begins and ends"}}
        found = tweets.post(tweet | {"created_at": "2026-11-15T19:08:05Z"}, {})
        assert found is not None
        assert found["text"] == "begins and ends"

    def test_a_mere_repost_is_nobody_s_question(self) -> None:
        assert tweets.post({"id": "5", "referenced_tweets": [{"type": "retweeted", "id": "4"}]}, {}) is None
        assert tweets.pushed({"id_str": "5", "retweeted_status": {}}) is None

    @pytest.mark.parametrize("by", [BANK, "42"])
    def test_what_our_own_account_passes_on_is_heard_with_its_words_and_what_others_do_is_not(
        self, peer: XPeer, by: str
    ) -> None:
        there = peer.write("win a prize at bit.example", "42")
        related = [{"type": "retweeted", "id": there}]
        own = peer.write("RT @customer42: win a pri…", by, referenced_tweets=related)
        (fetched,) = [*filter(lambda item: item["external_id"] == own, X.fetch(peer.account, {}).items)] or [None]
        delivered = {"id_str": own, "text": "RT @customer42: win a pri…", "user": {"id_str": by}} | {
            "retweeted_status": {"text": "win a prize at bit.example", "user": {"screen_name": "customer42"}},
            "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        }
        body = json.dumps({"for_user_id": BANK, "tweet_create_events": [delivered]}).encode()
        (pushed,) = X.parse(body) or [None]
        if by == BANK:
            for item, said in ((fetched, "win a pri…"), (pushed, "win a prize at bit.example")):
                post = posts.parse(item)
                assert isinstance(post, Post)
                assert (post.external_id, post.author.id, post.text) == (own, BANK, f"[repost] @customer42: {said}")
        else:
            assert (fetched, pushed) == (None, None)

    def test_an_identifier_tells_when_it_was_written(self) -> None:
        assert tweets.born("1460323737035677698") == "2021-11-15T19:08:05.069000+00:00"
        moment = datetime(2026, 11, 22, 12, tzinfo=UTC)
        assert tweets.born(tweets.first_after(moment)) == moment.isoformat()
        assert tweets.born("not a number") is None

    def test_an_activity_event_reads_as_a_post_and_as_its_end(self) -> None:
        event = {
            "event_uuid": "u1",
            "event_type": "post.create",
            "payload": {"id": "8", "author_id": "42", "text": "hello", "created_at": "2026-11-22T10:00:00Z"},
            "includes": {"users": [{"id": "42", "username": "sofia"}]},
        }
        (post,) = read(X.parse(json.dumps({"data": event}).encode()))
        assert isinstance(post, Post)
        assert (post.external_id, post.author.handle) == ("8", "sofia")
        gone = {"event_uuid": "u2", "event_type": "post.delete", "payload": {"id": "8"}}
        (end,) = read(X.parse(json.dumps({"data": gone}).encode()))
        assert isinstance(end, Operation)
        assert (end.op, end.external_id) == ("delete", "8")

    def test_an_activity_event_brings_messages_in_their_older_form_and_people_in_envelopes(self) -> None:
        message = {
            "type": "message_create",
            "id": "79",
            "created_timestamp": "1784928224372",
            "message_create": {
                "target": {"recipient_id": BANK},
                "sender_id": CUSTOMER,
                "message_data": {"text": "hello!"},
            },
        }
        people = {CUSTOMER: {"data": {"id": CUSTOMER, "username": "sofia", "name": "Sofia"}}}
        payload = {"direct_message_events": [message, {"type": "typing"}], "users": people}
        event = {"event_uuid": "u3", "event_type": "dm.received", "payload": payload}
        (post,) = read(X.parse(json.dumps({"data": event}).encode()))
        assert isinstance(post, Post)
        assert (post.external_id, post.text, post.visibility) == ("dm:79", "hello!", "private")
        assert (post.author.handle, post.conversation_id) == ("sofia", f"dm:{CUSTOMER}-{BANK}")
        mention = {"id": "8", "author_id": CUSTOMER, "text": "hey", "created_at": "2026-07-24T21:23:23.000Z"}
        included = {"users": [people[CUSTOMER]]}
        told = {"event_uuid": "u4", "event_type": "post.mention.create", "payload": mention, "includes": included}
        (post,) = read(X.parse(json.dumps({"data": told}).encode()))
        assert isinstance(post, Post)
        assert post.author.handle == "sofia"

    @pytest.mark.parametrize("word", ["tweet", "post"])
    def test_a_post_reads_alike_in_the_older_and_the_newer_spelling(self, word: str) -> None:
        written = {
            "id": "9",
            "author_id": "42",
            "text": "begins…",
            "created_at": "2026-11-22T10:00:00Z",
            f"note_{word}": {"text": "begins and ends"},
            f"edit_history_{word}_ids": ["9"],
            f"referenced_{word}s": [{"type": "quoted", "id": "7"}, {"type": "replied_to", "id": "6"}],
        }
        post = posts.parse(tweets.post(written, {f"{word}s": [{"id": "7", "text": "quoted"}]}))
        assert isinstance(post, Post)
        assert (post.text, post.in_reply_to, post.kind) == ("begins and ends", "6", "reply")
        assert (post.raw or {})["quoted"] == {"external_id": "7", "text": "quoted"}
        change = posts.parse(tweets.edit(written | {f"edit_history_{word}_ids": ["8", "9"]}))
        assert isinstance(change, Operation)
        assert (change.op, change.external_id, change.text) == ("edit", "8", "begins and ends")
        again = [{"type": "retweeted" if word == "tweet" else "reposted", "id": "1"}]
        assert tweets.post(written | {f"referenced_{word}s": again}, {}) is None

    def test_a_private_message_is_private_in_either_form(self) -> None:
        delivered = {
            "for_user_id": BANK,
            "direct_message_events": [
                {
                    "type": "message_create",
                    "id": "77",
                    "created_timestamp": "1763800000000",
                    "message_create": {
                        "target": {"recipient_id": BANK},
                        "sender_id": CUSTOMER,
                        "message_data": {"text": "my card &amp; I"},
                    },
                },
                {"type": "typing"},
            ],
            "users": {CUSTOMER: {"id": CUSTOMER, "screen_name": "sofia", "name": "Sofia"}},
        }
        (post,) = read(X.parse(json.dumps(delivered).encode()))
        assert isinstance(post, Post)
        assert (post.visibility, post.kind, post.external_id) == ("private", "message", "dm:77")
        assert (post.text, post.author.handle, post.conversation_id) == (
            "my card & I",
            "sofia",
            f"dm:{CUSTOMER}-{BANK}",
        )


class TestAnswering:
    def test_a_private_reply_to_a_post_goes_to_whoever_wrote_it(self, peer: XPeer) -> None:
        wanted = peer.write("hello")
        X.publish(peer.account, Outgoing("In private then.", "private", "k1", in_reply_to=wanted))
        assert [r.path for r in peer.heard if r.method == "POST"] == [f"/2/dm_conversations/with/{CUSTOMER}/messages"]

    def test_what_x_may_not_list_yet_is_asked_again_later(self, peer: XPeer) -> None:
        just_now = datetime.now(UTC)
        reply = Outgoing("Where is it?", "public", "k1", in_reply_to=peer.write("hello"), attempted_at=just_now)
        with pytest.raises(NetworkError) as told:
            X.reconcile(peer.account, "k1", reply)
        assert told.value.follow == "retry"
        long_ago = Outgoing("Where is it?", "public", "k1", attempted_at=just_now - timedelta(minutes=2))
        assert X.reconcile(peer.account, "k1", long_ago) is None

    def test_the_same_text_under_another_post_is_another_reply(self, peer: XPeer) -> None:
        first, second = peer.write("one"), peer.write("two")
        X.publish(peer.account, Outgoing("We are on it.", "public", "k1", in_reply_to=first))
        assert X.reconcile(peer.account, "k2", Outgoing("We are on it.", "public", "k2", in_reply_to=second)) is None

    def test_a_page_of_what_we_wrote_since_proves_nothing_of_the_next(self, peer: XPeer) -> None:
        began = datetime.now(UTC) - timedelta(minutes=2)
        lost = Outgoing("We are on it.", "public", "k1", in_reply_to=peer.write("one"), attempted_at=began)
        for number in range(101):
            peer.write(f"We are on it, {number}", BANK)
        with pytest.raises(NetworkError) as told:
            X.reconcile(peer.account, "k1", lost)
        assert told.value.follow == "unknown"

    def test_a_short_link_in_what_we_wrote_is_known_again(self, peer: XPeer) -> None:
        own = peer.write("@customer42 see https://t.co/abc", BANK)
        peer.posts[own]["entities"] = {
            "urls": [{"url": "https://t.co/abc", "expanded_url": "https://bank.example/help"}]
        }
        found = X.reconcile(peer.account, "k", Outgoing("see https://bank.example/help", "public", "k"))
        assert found is not None
        assert found.external_id == own

    @pytest.mark.parametrize(
        ("kept", "more"),
        [
            ("Log in at https://t.co/abc.", {"entities": {"urls": [{"expanded_url": "http://bank.example/help"}]}}),
            ("Log in at https://t.co/abc.", {"urls": [{"expanded_url": "http://bank.example/help"}]}),
            ("Log in at https://t.co/abc.", {}),  # a link of which X tells nothing
            (
                "Log in at bank.example/help. https://t.co/abc",
                {"entities": {"urls": [{"expanded_url": "https://twitter.com/messages/media/1592"}]}},
            ),
        ],
    )
    def test_a_message_with_a_link_whose_answer_was_lost_is_found_and_not_sent_twice(
        self, peer: XPeer, kept: str, more: dict[str, Any]
    ) -> None:
        began = datetime.now(UTC) - timedelta(seconds=65)
        wanted = Outgoing("Log in at bank.example/help.", "private", "k", recipient_id=CUSTOMER, attempted_at=began)
        X.publish(peer.account, wanted)
        for told in (more, more.get("entities", {})):
            for link in told.get("urls", []):
                link["url"] = "https://t.co/abc"
        peer.events[-1] |= {"text": kept} | more
        found = X.reconcile(peer.account, "k", wanted)
        assert found is not None
        assert found.external_id == f"dm:{peer.events[-1]['id']}"
        peer.events[-1]["text"] = "Log on at https://t.co/abc."
        assert X.reconcile(peer.account, "k", wanted) is None

    def test_a_message_is_not_missed_before_the_list_goes_back_to_the_attempt(self, peer: XPeer) -> None:
        began = datetime.now(UTC) - timedelta(seconds=65)
        lost = Outgoing("Please call us.", "private", "k", recipient_id=CUSTOMER, attempted_at=began)
        X.publish(peer.account, replace(lost, text="Something else."))
        peer.bend = lambda body: body | {"meta": {"result_count": 1, "next_token": "older"}}
        with pytest.raises(NetworkError) as told:
            X.reconcile(peer.account, "k", lost)
        assert told.value.follow == "unknown"
        since = replace(lost, attempted_at=datetime.now(UTC) + timedelta(minutes=2))
        with pytest.raises(NetworkError, match="may not list it yet"):
            X.reconcile(peer.account, "k", since)

    def test_a_duplicate_is_a_person_s_affair_and_says_so(self, peer: XPeer) -> None:
        X.publish(peer.account, Outgoing("A notice.", "public", "k1"))
        with pytest.raises(NetworkError, match="has this text from us already") as told:
            X.publish(peer.account, Outgoing("A notice.", "public", "k2"))
        assert told.value.follow == "give_up"

    def test_a_reply_under_our_post_is_hidden(self, peer: XPeer) -> None:
        X.hide(peer.account, "5", hidden=True)
        assert (peer.heard[-1].path, peer.heard[-1].json) == ("/2/tweets/5/hidden", {"hidden": True})


class TestTokens:
    def test_a_refresh_brings_both_tokens_and_their_end(self, peer: XPeer) -> None:
        account = Account(
            peer.account.base_url,
            secrets={"refresh_token": "before", "client_secret": "s"},
            settings={"client_id": "app"},
            local=True,
        )
        told = X.refresh(account)
        assert told.secrets == {"token": "next", "refresh_token": "after"}
        assert told.expires_at is not None
        assert peer.heard[-1].form == {"grant_type": "refresh_token", "refresh_token": "before", "client_id": "app"}
        assert peer.heard[-1].headers["authorization"] == "Basic " + base64.b64encode(b"app:s").decode()

    def test_without_a_refresh_token_a_person_signs_in_again(self, peer: XPeer) -> None:
        with pytest.raises(NetworkError) as told:
            X.refresh(peer.account)
        assert told.value.follow == "reauthorise"

    def test_signing_in_proves_that_it_was_us_who_asked(self, peer: XPeer) -> None:
        account = Account(peer.account.base_url, settings={"client_id": "app"}, local=True)
        page = parse_qs(urlsplit(X.authorise(account, "https://gh.example/back", "state-1", "secret-1")).query)
        X.exchange(account, "https://gh.example/back", "secret-1", "the-code")
        verifier = peer.heard[-1].form["code_verifier"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        assert page["code_challenge"] == [challenge]
        assert "offline.access" in page["scope"][0]


def test_the_link_that_x_puts_behind_the_words_of_a_picture_is_not_taken_for_words() -> None:
    links = [
        {"url": "https://t.co/a", "expanded_url": "https://bank.example/help"},
        {"url": "https://t.co/b", "expanded_url": "https://x.com/meridian/status/1/photo/1", "media_key": "3_1"},
    ]
    entry = {"text": "@dana See https://t.co/a and this https://t.co/b", "entities": {"urls": links}}
    assert tweets.says(entry, "See https://bank.example/help and this")
    assert not tweets.says(entry, "See https://bank.example/other and this")
    assert not tweets.says(entry, "See https://bank.example/help and that")
