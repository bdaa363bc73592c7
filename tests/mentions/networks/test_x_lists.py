"""X's lists and its search: walked back to what was seen, each at its own limit, and nothing missed between them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks
from mentions.networks import NetworkError, Outgoing
from mentions.networks import _tweets as tweets
from mentions.networks import _x_lists as lists
from mentions.posts import Operation, Post
from tests.mentions.networks.asking import read
from tests.mentions.networks.peer_x import BANK, CUSTOMER, XPeer, serve

X = networks.get("x")


@pytest.fixture
def peer() -> Iterator[XPeer]:
    with serve() as found:
        yield found


class TestLists:
    def test_an_edited_post_that_was_never_seen_is_not_lost(self, peer: XPeer) -> None:
        wanted = peer.write("@meridian helo")
        peer.edit(wanted, "@meridian hello")
        post, edit = read(X.fetch(peer.account, {}).items)
        assert isinstance(post, Post)
        assert (post.external_id, post.text, post.created_at.isoformat()) == (
            wanted,
            "@meridian hello",
            tweets.born(wanted),
        )
        assert isinstance(edit, Operation)
        assert edit.external_id == wanted

    def test_more_than_a_page_since_the_last_time_is_walked_back_to(self, peer: XPeer) -> None:
        cursor = X.fetch(peer.account, {}).cursor
        wanted = {peer.write(f"@meridian {number}") for number in range(250)}
        heard: set[str] = set()
        for _turn in range(5):
            page = X.fetch(peer.account, json.loads(json.dumps(cursor)))
            heard |= {item.external_id for item in read(page.items)}
            cursor = page.cursor
            if page.next_at is None:
                break
        assert heard >= wanted - heard
        assert len(heard & wanted) >= 200

    def test_what_one_list_has_used_up_keeps_no_other_from_being_read(self, peer: XPeer) -> None:
        seen = peer.write("@meridian hello")
        peer.spent = {"dm_events"}
        page = X.fetch(peer.account, {})
        assert [item["external_id"] for item in page.items] == [seen]
        assert "private messages" in page.trouble
        assert page.unfinished  # a gap that ended with this is not filled: its messages were not read
        asked = len(peer.heard)
        peer.spent = set()
        again = X.fetch(peer.account, json.loads(json.dumps(page.cursor)))
        assert [call.path.rpartition("/")[2] for call in peer.heard[asked:]] == ["mentions", "tweets"]
        assert again.unfinished
        again.cursor["messages"]["wait"] = datetime.now(UTC).timestamp() - 1
        X.publish(peer.account, Outgoing("Hello in private.", "private", "k2", recipient_id=CUSTOMER))
        heard = X.fetch(peer.account, again.cursor)
        assert ([item["kind"] for item in heard.items], heard.trouble) == (["message"], "")
        assert not heard.unfinished

    def test_mentions_that_are_used_up_keep_no_message_from_being_read(self, peer: XPeer) -> None:
        peer.left = 0
        cursor = X.fetch(peer.account, {}).cursor
        peer.confide("In private: my card is gone.", 1)
        for name in ("own", "messages"):
            cursor[name].pop("wait", None)
        page = X.fetch(peer.account, cursor)
        assert [item["kind"] for item in page.items] == ["message"]
        assert ("mentions" in page.trouble, page.unfinished) == (True, True)
        assert page.next_at is not None
        assert timedelta(0) < page.next_at - datetime.now(UTC) <= timedelta(seconds=X.poll_every_s)

    def test_where_every_list_waits_it_is_blind_until_the_first_may_be_read(self, peer: XPeer) -> None:
        now = datetime.now(UTC).timestamp()
        cursor = {name: {"seen": "1", "wait": now + wait} for name, wait in (("mentions", 90), ("own", 60))}
        peer.spent = {"dm_events"}
        with pytest.raises(NetworkError) as told:
            X.fetch(peer.account, cursor)
        assert (told.value.follow, told.value.holds) == ("retry", "kind")
        assert peer.heard

    def test_without_mentions_it_is_blind_and_whatever_else_is_asked_for_need_not_wait(self, peer: XPeer) -> None:
        peer.spent = {"mentions"}
        with pytest.raises(NetworkError) as told:
            X.fetch(peer.account, {})
        assert (told.value.follow, told.value.holds) == ("retry", "kind")

    def test_pages_that_wait_for_their_limit_are_still_to_come(self, peer: XPeer) -> None:
        """Nothing is filled before they are read."""
        cursor = X.fetch(peer.account, {}).cursor
        for number in range(150):
            peer.write_to_nobody(f"@meridian {number}")
        peer.left = 0
        page = X.fetch(peer.account, cursor)
        assert len([item for item in page.items if item["kind"] == "post"]) == 100
        assert page.unfinished
        assert page.next_at is not None
        assert page.next_at > datetime.now(UTC)
        assert "mentions" in page.trouble
        meanwhile = X.fetch(peer.account, page.cursor)
        assert ([item["kind"] for item in meanwhile.items], meanwhile.unfinished) == ([], True)
        for name in ("mentions", "own"):
            page.cursor[name].pop("wait")
        peer.left = 299
        rest = X.fetch(peer.account, page.cursor)
        assert len(rest.items) == 50
        assert not rest.unfinished

    def test_what_one_list_has_left_to_read_hurries_no_other(self, peer: XPeer) -> None:
        waits = {"seen": "1", "top": "2", "page": "100", "wait": (datetime.now(UTC) + timedelta(minutes=9)).timestamp()}
        page = X.fetch(peer.account, {"own": waits})
        assert page.unfinished
        assert page.next_at is not None
        assert timedelta(0) < page.next_at - datetime.now(UTC) <= timedelta(seconds=X.poll_every_s)
        assert page.cursor["own"] == waits

    def test_the_month_s_posts_are_what_is_left(self, peer: XPeer) -> None:
        quota = X.probe(peer.account).quota
        assert quota is not None
        assert (quota.unit, quota.limit, quota.remaining) == ("posts", 2_000_000, 1_500_000)
        assert quota.resets_at is not None
        assert timedelta(0) < quota.resets_at - datetime.now(UTC) <= timedelta(days=31)

    def test_our_own_posts_and_messages_come_too(self, peer: XPeer) -> None:
        X.publish(peer.account, Outgoing("A notice.", "public", "k1"))
        X.publish(peer.account, Outgoing("Hello in private.", "private", "k2", recipient_id=CUSTOMER))
        heard = [item for item in read(X.fetch(peer.account, {}).items) if isinstance(item, Post)]
        assert {(item.author.id, item.visibility) for item in heard} == {(BANK, "public"), (BANK, "private")}

    def test_a_search_finds_and_goes_on_where_it_was(self, peer: XPeer) -> None:
        peer.write("meridian is slow today")
        page = X.search(peer.account, '"meridian is slow"', {})
        assert len(page.items) == 1
        assert X.search(peer.account, '"meridian is slow"', page.cursor).items == ()

    def test_a_search_that_found_nothing_for_a_week_is_asked_on(self, peer: XPeer) -> None:
        """X refuses a search after a post that has left its week."""
        week_ago = datetime.now(UTC) - timedelta(days=9)
        cursor = {"seen": tweets.first_after(week_ago), "at": datetime.now(UTC).timestamp() - 60}
        page = X.search(peer.account, '"meridian is slow"', cursor)
        assert (page.items, page.complete) == ((), True)
        peer.write("meridian is slow today")
        assert len(X.search(peer.account, '"meridian is slow"', page.cursor).items) == 1
        away = X.search(peer.account, '"meridian is slow"', cursor | {"at": week_ago.timestamp()})
        assert (len(away.items), away.complete) == (1, False)  # two days have left the search's week unread

    def test_a_list_that_ended_before_what_was_seen_is_not_all_and_the_search_has_the_rest(self, peer: XPeer) -> None:
        began = datetime.now(UTC) - timedelta(seconds=1)
        page = X.fetch(peer.account, {})
        peer.keeps = 200
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(lists, "MENTIONS_KEPT", 200)
            for number in range(230):
                peer.write_to_nobody(f"@meridian {number}")
            told = []
            for _turn in range(3):
                page = X.fetch(peer.account, json.loads(json.dumps(page.cursor)))
                told.append((len(page.items), page.unfinished, page.complete))
        assert told == [(100, True, True), (100, False, False), (0, False, True)]
        cursor: dict[str, Any] = {}
        heard = 0
        for _turn in range(3):
            found = X.history(peer.account, began, datetime.now(UTC) + timedelta(minutes=1), cursor)
            cursor, heard = found.cursor, heard + len(found.items)
        assert (heard, found.complete, found.unfinished) == (230, True, False)

    def test_mentions_from_before_the_search_s_week_are_all_only_where_the_list_goes_on_behind_them(
        self, peer: XPeer
    ) -> None:
        month_ago = datetime.now(UTC) - timedelta(days=30)
        peer.write_to_nobody("@meridian hello")
        page = X.history(peer.account, month_ago, datetime.now(UTC) + timedelta(minutes=1), {})
        assert (len(page.items), page.complete) == (1, False)
        old = tweets.first_after(month_ago - timedelta(days=1))
        peer.posts[old] = next(iter(peer.posts.values())) | {"id": old, "edit_history_tweet_ids": [old]}
        page = X.history(peer.account, month_ago, datetime.now(UTC) + timedelta(minutes=1), {})
        assert (len(page.items), page.complete) == (1, True)
        assert not X.search_history(peer.account, "meridian", month_ago, datetime.now(UTC), {}).complete
