"""What is particular about Reddit: kinds of thing, refusals that say 200, allowances in fractions, tokens of a day."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mentions import networks, posts
from mentions.networks import Account, NetworkError, Outgoing
from mentions.posts import Post
from tests.mentions.networks.peer_reddit import BANK, RedditPeer, serve

REDDIT = networks.get("reddit")


@pytest.fixture
def peer() -> Iterator[RedditPeer]:
    with serve() as found:
        yield found


def fetched(peer: RedditPeer) -> list[Post]:
    return [post for post in map(posts.parse, REDDIT.fetch(peer.account, {}).items) if isinstance(post, Post)]


def test_a_message_is_private_and_a_comment_is_not(peer: RedditPeer) -> None:
    peer.write("u/meridian_bank is anyone there")
    peer.write("about my mortgage", prefix="t4_", parent="", first_message_name="t4_1", link_id=None)
    message, comment = fetched(peer)
    assert (comment.kind, comment.visibility, comment.conversation_id) == ("comment", "public", "t3_post")
    assert (message.kind, message.visibility, message.conversation_id) == ("message", "private", "t4_1")
    assert comment.url == f"https://www.reddit.com/r/banking/comments/post/_/{comment.external_id}/"


def test_a_post_is_its_title_and_its_text(peer: RedditPeer) -> None:
    peer.write("", prefix="t3_", parent="", title="Fees &amp; tears", selftext="They charged me twice")
    (post,) = fetched(peer)
    assert (post.kind, post.text) == ("post", "Fees & tears\n\nThey charged me twice")


def test_our_own_comments_come_too(peer: RedditPeer) -> None:
    peer.write("from the bank", BANK)
    (post,) = fetched(peer)
    assert post.author.id == peer.account.account_id


def test_a_message_written_elsewhere_under_our_name_comes_too(peer: RedditPeer) -> None:
    sent = peer.write("send me your password", BANK, prefix="t4_", parent="", dest="customer42")
    (post,) = fetched(peer)
    assert (post.external_id, post.visibility, post.author.id) == (sent, "private", peer.account.account_id)


@pytest.mark.parametrize(
    "removed", [{"selftext": "[removed]"}, {"removed_by_category": "moderator"}, {"author": "[deleted]"}]
)
def test_what_a_moderator_or_its_author_removed_is_gone_where_it_is_listed_and_looked_up(
    peer: RedditPeer, removed: dict[str, str]
) -> None:
    told = {"prefix": "t3_", "parent": "", "title": "My card 4111", "selftext": "They charged me twice"}
    post, ours = peer.write("", **told), peer.write("", BANK, **told)
    before = REDDIT.fetch(peer.account, {})
    peer.things[post] |= removed
    after = REDDIT.fetch(peer.account, before.cursor)
    assert after.items == ({"network": "reddit", "external_id": post, "op": "delete"},)
    assert REDDIT.fetch(peer.account, after.cursor).items == ()
    peer.things[ours] |= {"removed_by_category": "automod_filtered"}
    found = REDDIT.lookup(peer.account, [post, ours, "t3_never"])
    assert (found[post], found["t3_never"]) == (None, None)
    assert found[ours] is not None


def test_what_is_left_of_the_allowance_is_told(peer: RedditPeer) -> None:
    quota = REDDIT.fetch(peer.account, {}).quota
    assert quota is not None
    assert (quota.limit, quota.remaining) == (1000, 544)


def test_a_refusal_inside_a_good_answer_is_a_refusal(peer: RedditPeer) -> None:
    wanted = peer.write("hello")
    peer.delete(wanted)
    with pytest.raises(NetworkError, match="deleted_comment") as told:
        REDDIT.publish(peer.account, Outgoing("Sorry.", "public", "k", in_reply_to=wanted))
    assert told.value.follow == "give_up"


def test_a_message_is_answered_where_it_stands(peer: RedditPeer) -> None:
    wanted = peer.write("about my mortgage", prefix="t4_", parent="")
    REDDIT.publish(peer.account, Outgoing("Good day.", "private", "k", in_reply_to=wanted))
    assert peer.heard[-1].path == "/api/comment"
    assert peer.answers_to(wanted) == ["Good day."]


def test_a_message_about_a_post_is_told_from_another_one_s_in_the_same_words(peer: RedditPeer) -> None:
    """Reddit does not say what it made of a message, and may list it later: it left all the same."""
    first, second = peer.write("help", "ana"), peer.write("help", "ben")
    told = Outgoing(
        "Call us.", "private", "k", in_reply_to=first, recipient_handle="ana", attempted_at=datetime.now(UTC)
    )
    lost = replace(told, client_key="l", in_reply_to=second, recipient_handle="Ben")
    one = REDDIT.publish(peer.account, told)
    peer.late = True
    with pytest.raises(NetworkError) as error:
        REDDIT.publish(peer.account, lost)
    assert error.value.follow == "unknown"
    peer.late = False
    found = REDDIT.reconcile(peer.account, "l", lost)
    assert found is not None
    assert found.external_id != one.external_id
    assert peer.messages() == ["Call us.", "Call us."]


def test_what_is_not_listed_yet_is_asked_again(peer: RedditPeer) -> None:
    reply = Outgoing("Where?", "public", "k", in_reply_to="t1_0", attempted_at=datetime.now(UTC))
    with pytest.raises(NetworkError) as told:
        REDDIT.reconcile(peer.account, "k", reply)
    assert told.value.follow == "retry"
    long_ago = Outgoing(
        "Where?", "public", "k", in_reply_to="t1_0", attempted_at=datetime.now(UTC) - timedelta(minutes=5)
    )
    assert REDDIT.reconcile(peer.account, "k", long_ago) is None


def test_a_page_that_ends_before_the_attempt_proves_nothing(peer: RedditPeer) -> None:
    peer.write("Something else.", BANK, parent="t1_9")
    peer.after = "t1_8"
    began = datetime.now(UTC) - timedelta(minutes=5)
    lost = Outgoing("Where?", "public", "k", in_reply_to="t1_0", attempted_at=began)
    with pytest.raises(NetworkError) as told:
        REDDIT.reconcile(peer.account, "k", lost)
    assert told.value.follow == "unknown"
    peer.things["t1_1"]["created_utc"] -= 600
    assert REDDIT.reconcile(peer.account, "k", lost) is None


def test_the_watched_subreddits_are_read(peer: RedditPeer) -> None:
    account = Account(
        peer.account.base_url, BANK, "", peer.account.secrets, {"subreddits": "banking, cards"}, local=True
    )
    with pytest.raises(NetworkError):  # this peer has no subreddits
        REDDIT.fetch(account, {})
    assert peer.heard[-1].path == "/r/banking+cards/new"


def test_a_token_is_renewed_and_every_call_says_who_asks(peer: RedditPeer) -> None:
    secrets = {"refresh_token": "stays", "client_secret": "s"}
    account = Account(peer.account.base_url, BANK, "", secrets, {"client_id": "app"}, local=True)
    told = REDDIT.refresh(account)
    assert dict(told.secrets) == {"token": "next"}
    assert peer.heard[-1].headers["authorization"] == "Basic " + base64.b64encode(b"app:s").decode()
    assert "u/meridian_bank" in peer.heard[-1].headers["user-agent"]
