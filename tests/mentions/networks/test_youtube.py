"""What is particular about YouTube: one level of replies, dear searches, quotas of a day, tokens of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import Account, NetworkError, Outgoing, _polling, youtube
from mentions.posts import Post
from tests.mentions.networks.peer_youtube import CHANNEL, YouTubePeer, google_error, serve

YOUTUBE = networks.get("youtube")


@pytest.fixture
def peer() -> Iterator[YouTubePeer]:
    with serve() as found:
        yield found


def test_a_reply_to_a_reply_stands_in_the_thread(peer: YouTubePeer) -> None:
    thread = peer.write("hello")
    reply = peer.write("me too", parent=thread)
    YOUTUBE.publish(peer.account, Outgoing("We are on it.", "public", "k", in_reply_to=reply))
    assert peer.answers_to(thread) == ["me too", "We are on it."]


def test_replies_are_heard_and_ours_are_known_by_the_channel(peer: YouTubePeer) -> None:
    thread = peer.write("hello")
    peer.write("from the bank", CHANNEL, thread)
    heard = [post for post in map(posts.parse, YOUTUBE.fetch(peer.account, {}).items) if isinstance(post, Post)]
    assert {(post.author.id == peer.account.account_id, post.conversation_id) for post in heard} == {
        (False, thread),
        (True, thread),
    }
    assert heard[0].url == f"https://www.youtube.com/watch?v=v1&lc={heard[0].external_id}"


def test_a_thread_of_more_than_a_page_does_not_prove_that_nothing_was_sent(peer: YouTubePeer) -> None:
    wanted = peer.write("my card was declined")
    for number in range(101):
        peer.write(f"me too {number}", parent=wanted)
    lost = Outgoing("We are here.", "public", "k", in_reply_to=wanted, attempted_at=datetime.now(UTC))
    with pytest.raises(NetworkError) as told:
        YOUTUBE.reconcile(peer.account, "k", lost)
    assert told.value.follow == "unknown"


def test_a_used_up_day_waits_for_google_s_midnight(peer: YouTubePeer) -> None:
    peer.limited = google_error(403, "quotaExceeded")
    peer.limit()
    with pytest.raises(NetworkError, match="quota of the day") as told:
        YOUTUBE.fetch(peer.account, {})
    assert told.value.follow == "retry"
    assert told.value.retry_at is not None
    assert timedelta(0) < told.value.retry_at - datetime.now(UTC) <= timedelta(hours=25)
    assert told.value.retry_at.minute == 0


def test_searches_have_an_allowance_of_their_own(peer: YouTubePeer) -> None:
    peer.limited = google_error(403, "quotaExceeded")
    peer.limit()
    with pytest.raises(NetworkError) as told:
        YOUTUBE.search(peer.account, "meridian", {})
    assert (told.value.follow, told.value.holds) == ("retry", "kind")
    assert YOUTUBE.search_rate is not None
    assert YOUTUBE.search_rate.calls < 100


def test_a_call_costs_what_google_s_table_says() -> None:
    asked = {("GET", "commentThreads"): 1, ("GET", "search"): 0, ("POST", "comments"): 50, ("DELETE", "comments"): 50}
    for (method, path), units in asked.items():
        assert YOUTUBE.cost_of(method, f"https://youtube.googleapis.com/youtube/v3/{path}") == units
    assert YOUTUBE.cost_of("POST", "https://oauth2.googleapis.com/token") == 1


def test_what_the_channel_shows_is_heard_and_so_is_its_new_title(peer: YouTubePeer) -> None:
    assert YOUTUBE.probe(peer.account).settings == {"uploads": "UUbank"}
    peer.uploads["v7"] = "How to freeze your card"
    page = YOUTUBE.fetch(peer.account, {})
    (video,) = map(posts.parse, page.items)
    assert isinstance(video, Post)
    assert (video.external_id, video.author.id) == ("video:v7", CHANNEL)
    peer.uploads["v7"] = "Double your coins, live now"
    (renamed,) = YOUTUBE.fetch(peer.account, page.cursor).items
    assert (renamed["op"], renamed["text"]) == ("edit", "Double your coins, live now")


def test_a_late_reply_under_an_old_thread_is_heard_once(peer: YouTubePeer) -> None:
    old = peer.write("Is the app down?")
    cursor = YOUTUBE.fetch(peer.account, {}).cursor
    peer.newest = 1
    peer.write("A newer one")
    cursor = YOUTUBE.fetch(peer.account, cursor).cursor
    wanted = {peer.write(f"Still down, {number}", parent=old) for number in range(120)}
    page = YOUTUBE.fetch(peer.account, cursor)
    assert {item["external_id"] for item in page.items} == wanted
    assert YOUTUBE.fetch(peer.account, page.cursor).items == ()


def test_of_many_threads_the_oldest_is_watched_no_longer(peer: YouTubePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """By when they came, whatever their names are: a cursor comes back with its names in an order of their own."""
    monkeypatch.setattr(youtube, "THREADS_WATCHED", 3)
    peer.newest = 1
    cursor: dict[str, Any] = {}
    threads = []
    for _ in range(5):
        threads.append(peer.write("Is the app down?"))
        cursor = stored(YOUTUBE.fetch(peer.account, cursor).cursor)
    late = [peer.write("Still down", parent=thread) for thread in threads[:4]]
    page = YOUTUBE.fetch(peer.account, cursor)
    assert {item["external_id"] for item in page.items} == set(late[2:])


def test_of_many_entries_the_newest_are_known_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_polling, "KEPT", 2)
    cursor: dict[str, Any] = {}
    for name in ("a", "b", "c", "b"):
        entry = {"external_id": name, "text": name}
        found = _polling.walk(lambda _after, shown=entry: ([shown], None), cursor)
        cursor = stored(found.cursor)
    assert found.items == ()


def stored(cursor: Any) -> Any:
    """A cursor as the database gives it back: an object's names are by their length, then by their letters."""
    if isinstance(cursor, list):
        return [stored(each) for each in cursor]
    if isinstance(cursor, dict):
        return {name: stored(cursor[name]) for name in sorted(cursor, key=lambda name: (len(name), name))}
    return cursor


def test_a_found_video_is_a_post_in_plain_words(peer: YouTubePeer) -> None:
    (video,) = map(posts.parse, YOUTUBE.search(peer.account, "bank", {}).items)
    assert isinstance(video, Post)
    assert (video.text, video.external_id, video.author.id) == ("Is my bank & yours down?", "video:v9", "UCother")


def test_a_comment_is_held_back_and_let_through(peer: YouTubePeer) -> None:
    YOUTUBE.hide(peer.account, "Ug1", hidden=True)
    YOUTUBE.hide(peer.account, "Ug1", hidden=False)
    assert [call.query["moderationStatus"] for call in peer.heard] == ["heldForReview", "published"]


def test_a_token_is_renewed(peer: YouTubePeer) -> None:
    secrets = {"refresh_token": "stays", "client_secret": "s"}
    told = YOUTUBE.refresh(Account(peer.account.base_url, "", CHANNEL, secrets, {"client_id": "app"}, local=True))
    assert dict(told.secrets) == {"token": "next"}
    assert peer.heard[-1].form["client_secret"] == "s"


def test_replies_that_a_thread_does_not_show_are_listed_apart_and_once(peer: YouTubePeer) -> None:
    thread = peer.write("Is the app down?")
    for number in range(5):
        peer.write(f"Here too, {number}", parent=thread)
    page = YOUTUBE.fetch(peer.account, {})
    assert len(page.items) == 6
    asked = len(peer.heard)
    page = YOUTUBE.fetch(peer.account, page.cursor)
    assert (page.items, len(peer.heard)) == ((), asked + 2)
    peer.write("And here", parent=thread)
    assert [item["text"] for item in YOUTUBE.fetch(peer.account, page.cursor).items] == ["And here"]
