"""What is particular about X's streams: rules of our own among others', what must be forgotten, how it says goodbye."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions.networks import Account, NetworkError, Wanted, _filtered, get
from tests.mentions.networks.peer_x import CUSTOMER, XPeer, serve

X = get("x")


@pytest.fixture
def peer() -> Iterator[XPeer]:
    with serve() as network:
        yield network


def enterprise(account: Account) -> Account:
    return replace(account, settings={"enterprise": "yes"})


def opened(account: Account, name: str, cursor: dict[str, Any] | None = None, **wanted: Any) -> Any:
    heard = X.stream(account, name, cursor or {}, Wanted(**wanted))
    next(heard)
    return heard


def items(heard: Any, kind: str = "items") -> list[dict[str, Any]]:
    while not (found := getattr(next(heard), kind)):
        pass
    return list(found)


def test_our_rules_follow_what_we_listen_to_and_others_stay(peer: XPeer) -> None:
    opened(peer.account, "posts", questions=('"meridian bank"', "northquay")).close()
    first = dict(peer.rules)
    assert {rule["value"] for rule in first.values()} == {
        "cats",
        "(@meridian OR to:meridian) -is:retweet",
        "from:meridian",
        '("meridian bank") -is:retweet',
        "(northquay) -is:retweet",
    }
    opened(peer.account, "posts", questions=("northquay",)).close()
    kept = {own: rule for own, rule in first.items() if "meridian bank" not in rule["value"]}
    assert peer.rules == kept
    another = replace(peer.account, account_id="9002", handle="northquay")
    opened(another, "posts").close()
    assert kept.items() <= peer.rules.items()


def test_a_plan_without_the_app_s_token_streams_nothing(peer: XPeer) -> None:
    assert X.streams(replace(peer.account, secrets={"token": "t"}), Wanted()) == ()
    assert X.streams(peer.account, Wanted()) == ("posts",)
    assert len(X.streams(enterprise(peer.account), Wanted())) == 9


def test_minutes_that_were_missed_are_asked_for_where_the_plan_has_that(peer: XPeer) -> None:
    away = {"at": (datetime.now(UTC) - timedelta(seconds=150)).isoformat()}
    opened(enterprise(peer.account), "posts", away).close()
    assert peer.heard[-1].query["backfill_minutes"] == "3"
    long_away = {"at": (datetime.now(UTC) - timedelta(hours=2)).isoformat()}
    opened(enterprise(peer.account), "posts", long_away).close()
    assert peer.heard[-1].query["backfill_minutes"] == "5"
    opened(peer.account, "posts", away).close()
    assert "backfill_minutes" not in peer.heard[-1].query


def test_what_must_be_forgotten_is_told_of_what_is_kept_alone(peer: XPeer) -> None:
    kept, edited = peer.write("hello"), peer.write("hullo")
    heard = opened(
        enterprise(peer.account),
        "compliance-1",
        stored=lambda ids: {kept, edited} & set(ids),
        by=lambda who: [kept, edited, "dm:1"] if who == CUSTOMER else [],
    )
    peer.edit(edited, "hello you")
    newest = max(peer.posts, key=int)
    events: list[dict[str, Any]] = [
        {"delete": {"tweet": {"id": "77", "author_id": CUSTOMER}, "event_at": "2026-11-22T08:00:00Z"}},
        {"withheld": {"tweet": {"id": edited, "author_id": CUSTOMER}, "withheld_in_countries": ["TR"]}},
        {"withheld": {"tweet": {"id": kept, "author_id": CUSTOMER}, "withheld_in_countries": ["XY"]}},
        {"user_withheld": {"user": {"id": CUSTOMER}, "withheld_in_countries": ["DE", "US"]}},
        {"scrub_geo": {"user": {"id": CUSTOMER}, "up_to_tweet_id": kept, "event_at": "2026-11-22T08:00:00Z"}},
        {"delete": {"tweet": {"id": kept, "author_id": CUSTOMER}, "event_at": "2026-11-22T08:00:00Z"}},
        {
            "tweet_edit": {
                "tweet": {"id": newest},
                "initial_tweet_id": edited,
                "edit_tweet_ids": [edited, newest],
                "event_at": "2026-11-22T08:00:01Z",
            }
        },
        {"user_suspend": {"user": {"id": CUSTOMER}, "event_at": "2026-11-22T08:00:02Z"}},
    ]
    told = "".join(json.dumps({"data": event}) + "\r\n" for event in events)
    peer.held.say("compliance", told.encode())
    found = items(heard)
    while len(found) < 9:
        found += items(heard)
    heard.close()
    assert [(item["op"], item["external_id"]) for item in found] == [
        ("delete", kept),
        ("delete", kept),
        ("delete", edited),
        ("unplace", kept),
        ("delete", kept),
        ("edit", edited),
        ("delete", kept),
        ("delete", edited),
        ("delete", "dm:1"),
    ]
    assert found[5]["text"] == "hello you"


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (
            {
                "errors": [
                    {"title": "operational-disconnect", "type": "https://api.x.com/2/problems/operational-disconnect"}
                ]
            },
            timedelta(0),
        ),
        (
            {
                "title": "ConnectionException",
                "connection_issue": "TooManyConnections",
                "type": "https://api.x.com/2/problems/streaming-connection",
            },
            timedelta(seconds=50),
        ),
        (
            {"errors": [{"title": "UsageCapExceeded", "type": "https://api.x.com/2/problems/usage-capped"}]},
            timedelta(minutes=50),
        ),
    ],
)
def test_it_says_why_it_ends(peer: XPeer, said: dict[str, Any], waits: timedelta) -> None:
    heard = opened(peer.account, "posts")
    peer.say(json.dumps(said))
    with pytest.raises(NetworkError) as caught:
        items(heard)
    assert caught.value.follow == "retry"
    assert (caught.value.retry_at is None) == (not waits)
    if caught.value.retry_at is not None:
        assert caught.value.retry_at > datetime.now(UTC) + waits


def test_an_edit_of_what_is_not_kept_is_a_post(peer: XPeer) -> None:
    first = peer.write("hello")
    heard = opened(peer.account, "posts")
    peer.edit(first, "hello again")
    post, change = items(heard)
    assert (post["external_id"], post["text"], change["op"]) == (first, "hello again", "edit")
    heard.close()


def test_rules_that_are_too_long_are_left_to_the_clock(peer: XPeer) -> None:
    opened(peer.account, "posts", questions=("x" * _filtered.LONGEST_RULE,)).close()
    assert all(len(rule["value"]) <= _filtered.LONGEST_RULE for rule in peer.rules.values())
