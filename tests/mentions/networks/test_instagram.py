"""What is particular about Instagram: comments, stories, messages, and what is posted in our name."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from mentions import networks, posts
from mentions.networks import NetworkError, Outgoing
from mentions.posts import Post
from tests.mentions.networks.meta import delivered
from tests.mentions.networks.peer_facebook import PAGE
from tests.mentions.networks.peer_instagram import MEDIA
from tests.mentions.networks.peer_instagram import serve as instagram


class TestInstagram:
    def test_what_is_posted_in_our_name_is_heard_and_so_is_its_new_caption(self) -> None:
        network = networks.get("instagram")
        with instagram() as peer:
            peer.stories.append("900")
            first = network.fetch(peer.account, {})
            heard = {item["external_id"]: posts.parse(item) for item in first.items}
            assert set(heard) == {MEDIA, "900"}
            assert {post.author.id for post in heard.values() if isinstance(post, Post)} == {PAGE}
            peer.caption = "Send us your PIN at once"
            (changed,) = network.fetch(peer.account, first.cursor).items
            assert (changed["op"], changed["external_id"], changed["text"]) == ("edit", MEDIA, peer.caption)

    def test_what_answers_a_comment_and_what_was_said_in_private_are_asked_for(self) -> None:
        network = networks.get("instagram")
        with instagram() as peer:
            cursor = network.fetch(peer.account, {}).cursor
            comment = peer.write("Is this you?")
            wanted = {comment, peer.write("I doubt it", parent=comment), peer.say("Are you there?")}
            assert {item["external_id"] for item in network.fetch(peer.account, cursor).items} == wanted
            times, found, cursor = (datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)), set(), {}
            for _part in range(3):
                page = network.history(peer.account, times[0], times[1] + timedelta(minutes=1), cursor)
                found |= {item["external_id"] for item in page.items}
                cursor = page.cursor
            assert found == wanted | {MEDIA}
            assert (page.next_at, page.complete) == (None, True)

    def test_a_comment_comes_with_the_batch_s_time(self) -> None:
        value = {"id": "17", "text": "is this you?", "from": {"id": "9", "username": "ann"}, "media": {"id": "500"}}
        entry = {"id": "1", "time": 1763799990, "changes": [{"field": "comments", "value": value}]}
        (post,) = delivered("instagram", {"object": "instagram", "entry": [entry]})
        assert isinstance(post, Post)
        assert post.created_at == datetime.fromtimestamp(1763799990, UTC)
        assert (post.author.id, post.author.handle, post.in_reply_to) == ("9", "ann", "500")

    def test_a_mention_that_is_only_an_identifier_is_to_be_looked_up(self) -> None:
        hostile = {"media_id": "5){owner{email}},x(", "comment_id": "6"}
        told = ({"media_id": "5", "comment_id": "6"}, {}, hostile)
        changes = [{"field": "mentions", "value": value} for value in told]
        entry = {"id": "1", "time": 1, "changes": changes}
        body = json.dumps({"object": "instagram", "entry": [entry]}).encode()
        assert networks.get("instagram").parse(body) == [
            {"network": "instagram", "external_id": "mention:5:6", "op": "look"}
        ]

    def test_each_kind_of_post_is_looked_up_as_only_it_can_be(self) -> None:
        network = networks.get("instagram")
        with instagram() as peer:
            comment, tagged = peer.write("a comment"), peer.tag("Look, a letter")
            caption, named = peer.mention("Thanks @meridian", comment=False), peer.mention("Ask them", comment=True)
            asked = [comment, tagged, caption, named, MEDIA, "tag:1", "mention:1", "mention:1:2", "17"]
            asked.append("mention:1){owner{email}},x(")  # no number: nothing is asked, and nothing is known of it
            found = network.lookup(peer.account, asked)
            texts = {own: told["text"] if told else None for own, told in found.items()}
            assert texts == {
                comment: "a comment",
                tagged: "Look, a letter",
                caption: "Thanks @meridian",
                named: "Ask them",
                MEDIA: "Our new card",
                **dict.fromkeys(["tag:1", "mention:1", "mention:1:2", "17"]),
            }
            assert all(told is None or told["external_id"] == own for own, told in found.items())

    def test_an_empty_list_of_what_tags_us_does_not_tell_that_all_of_it_is_gone(self) -> None:
        network = networks.get("instagram")
        with instagram() as peer:
            assert network.lookup(peer.account, ["tag:1"]) == {}
            peer.tag("Look, a letter")
            assert network.lookup(peer.account, ["tag:1"]) == {"tag:1": None}

    def test_what_stands_under_others_posts_is_answered_by_way_of_the_mention(self) -> None:
        network = networks.get("instagram")
        with instagram() as peer:
            named = peer.mention("Ask them", comment=True)
            outgoing = Outgoing("We are here.", "public", "k", in_reply_to=named)
            network.publish(peer.account, outgoing)
            assert peer.answered == {named.removeprefix("mention:"): "We are here."}
            with pytest.raises(NetworkError) as told:
                network.reconcile(peer.account, "k", outgoing)
            assert told.value.follow == "unknown"
            with pytest.raises(NetworkError, match="under our own posts"):
                network.hide(peer.account, named, hidden=True)


def test_a_private_message_is_bounded_by_its_bytes_and_a_comment_is_not() -> None:
    limits = networks.get("instagram").limits
    assert limits.fits("é" * 500, "private")
    assert not limits.fits("é" * 501, "private")
    assert limits.fits("é" * 2_200, "public")
