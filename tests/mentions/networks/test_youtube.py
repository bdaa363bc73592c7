"""What is particular about YouTube: one level of replies, dear searches, quotas of a day, tokens of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mentions import networks, posts
from mentions.networks import Account, NetworkError, Outgoing
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


def test_a_used_up_day_waits_for_google_s_midnight(peer: YouTubePeer) -> None:
    peer.limited = google_error(403, "quotaExceeded")
    peer.limit()
    with pytest.raises(NetworkError, match="quota of the day") as told:
        YOUTUBE.fetch(peer.account, {})
    assert told.value.follow == "retry"
    assert told.value.retry_at is not None
    assert timedelta(0) < told.value.retry_at - datetime.now(UTC) <= timedelta(hours=25)
    assert told.value.retry_at.minute == 0


def test_searches_stop_before_they_eat_the_day(peer: YouTubePeer) -> None:
    cursor: dict[str, object] = {}
    for _turn in range(40):
        page = YOUTUBE.search(peer.account, "meridian", cursor)
        cursor = page.cursor
    asked = len(peer.heard)
    page = YOUTUBE.search(peer.account, "meridian", cursor)
    assert (page.items, len(peer.heard)) == ((), asked)
    assert page.next_at is not None


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
    assert (page.items, len(peer.heard)) == ((), asked + 1)
    peer.write("And here", parent=thread)
    assert [item["text"] for item in YOUTUBE.fetch(peer.account, page.cursor).items] == ["And here"]
