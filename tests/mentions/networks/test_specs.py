"""The vendors' descriptions are there, and what they are held against can fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest

from mentions import networks
from mentions.networks import Account
from tests.mentions.networks.peer_telegram import TelegramPeer
from tests.mentions.networks.specs import keys, spec

PUBLISHED = [
    "appstore", "bluesky", "facebook", "googlebusiness", "googleplay", "instagram", "mastodon", "reddit", "telegram",
    "threads", "whatsapp", "x", "youtube",
]  # fmt: skip
FORM = "application/x-www-form-urlencoded"


def faults(
    key: str, method: str, path: str, query: Mapping[str, list[str]] | None = None, kind: str = "", body: object = None
) -> list[str]:
    described = spec(key)
    assert described is not None
    return described.faults(method, path, query or {}, kind, json.dumps(body).encode() if body is not None else b"")


def test_every_vendor_that_publishes_a_description_is_held_against_it() -> None:
    assert keys() == PUBLISHED
    for key in keys():
        described = spec(key)
        assert described is not None
        assert described.source
        assert networks.get(key).key == key


@pytest.mark.parametrize(
    ("key", "method", "path", "query", "kind", "body"),
    [
        ("x", "GET", "/2/tweets", {}, "", None),
        ("x", "GET", "/2/tweets", {"ids": ["1,two"]}, "", None),
        ("x", "GET", "/2/tweets", {"ids": ["1"], "tweet.fields": ["text,mood"]}, "", None),
        ("x", "GET", "/2/tweets/search/recent", {"query": ["bank"], "max_results": ["101"]}, "", None),
        ("x", "GET", "/1.1/statuses/show", {}, "", None),
        ("x", "PATCH", "/2/tweets", {}, "", None),
        ("x", "POST", "/2/tweets", {}, FORM, {"text": "hello"}),
        ("x", "POST", "/2/tweets", {}, "application/json", {"text": "hello", "in_reply_to": "1"}),
        ("x", "GET", "/2/users/me", {}, "application/json", {"text": "hello"}),
        ("youtube", "POST", "/youtube/v3/comments/setModerationStatus", {"id": ["1"]}, "", None),
        ("telegram", "POST", "/bot1:a/sendMessage", {}, "application/json", {"chat_id": 1}),
        ("bluesky", "GET", "/xrpc/app.bsky.feed.getPosts", {"uris": ["at://did:plc:a/b/c"] * 26}, "", None),
        ("facebook", "GET", "/1_2", {"fields": ["id,mood"]}, "", None),
        ("facebook", "GET", "/1/feed", {"fields": ["id,parent{id}"]}, "", None),
        ("facebook", "GET", "/1/feed", {"fields": ["id,comments.since(1){id}"]}, "", None),
        ("facebook", "GET", "/1/feed", {"fields": ["id,comments.limit(5){id"]}, "", None),
        ("facebook", "GET", "/1/feed", {"fields": ["id,message{id}"]}, "", None),
        ("facebook", "GET", "/1/conversations", {"platform": ["telegram"]}, "", None),
        ("instagram", "POST", "/1/mentions", {}, "application/json", {"message": "hello"}),
        ("reddit", "GET", "/api/info", {"id": ["t4_a"]}, "", None),
        ("googlebusiness", "GET", "/v4/accounts/1/locations/2/reviews", {"pageSize": ["51"]}, "", None),
    ],
)
def test_what_a_vendor_would_not_understand_is_a_fault(
    key: str, method: str, path: str, query: Mapping[str, list[str]], kind: str, body: object
) -> None:
    assert faults(key, method, path, query, kind, body)


def test_what_it_would_is_none() -> None:
    asked = {"query": ["bank"], "max_results": ["100"], "tweet.fields": ["text,created_at"]}
    assert faults("x", "GET", "/2/tweets/search/recent", asked) == []
    nested = {"fields": ["id,comments.order(reverse_chronological).limit(5){id,parent{id}},from"]}
    assert faults("facebook", "GET", "/1/feed", nested) == []


def test_a_peer_that_heard_a_fault_fails_its_test() -> None:
    peer = TelegramPeer()
    peer.watch.hear("GET", "/bot1:a/getPets", {}, "", b"")
    with pytest.raises(AssertionError, match="getPets"):
        peer.watch.check()


def asks_for_scopes(key: str) -> bool:
    described = spec(key)
    return networks.get(key).capabilities.authorise and described is not None and bool(described.scopes())


@pytest.mark.parametrize("key", [key for key in PUBLISHED if asks_for_scopes(key)])
def test_who_signs_in_is_asked_for_everything_that_we_then_do(key: str) -> None:
    described = spec(key)
    assert described is not None
    account = Account("https://api.example", settings={"client_id": "app"})
    page = networks.get(key).authorise(account, "https://gh.example/back", "state", "secret")
    asked = set(parse_qs(urlsplit(page).query)["scope"][0].replace(",", " ").split())
    # A wider scope holds the narrower ones that bear its name in front.
    assert {
        scope for scope in described.scopes() if scope not in asked and scope.partition(":")[0] not in asked
    } == set()
