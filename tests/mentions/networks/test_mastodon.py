"""What is particular about Mastodon: numbers and addresses, who may see what, servers of every make."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentions import posts
from mentions.networks import Account, NetworkError, Outgoing, Wanted, get
from mentions.networks._statuses import gist, mark, newest, post
from mentions.posts import BadPost, Operation, Post
from tests.mentions.networks.peer_mastodon import MastodonPeer, serve
from tests.mentions.networks.speaking import now
from tests.mentions.networks.test_contract_pictures import picture

MASTODON = get("mastodon")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    *("id", "uri", "url", "account", "acct", "content", "spoiler_text", "visibility", "created_at", "in_reply_to_id"),
    *("media_attachments", "type", "description", "poll", "options", "title", "quote", "quoted_status", "edited_at"),
]
NESTED = st.recursive(JUNK, lambda inner: st.dictionaries(st.sampled_from(NAMES), inner, max_size=6), max_leaves=20)


@pytest.fixture
def peer() -> Iterator[MastodonPeer]:
    with serve() as listening:
        yield listening


def refusal(work: Any, *args: Any) -> NetworkError:
    with pytest.raises(NetworkError) as caught:
        work(*args)
    return caught.value


def reply(text: str, to: str | None = None, **more: Any) -> Outgoing:
    return Outgoing(text, **({"visibility": "public", "client_key": "key-1", "in_reply_to": to} | more))


def hear(account: Account, cursor: dict[str, Any]) -> tuple[list[Post | Operation], dict[str, Any]]:
    fetched = MASTODON.fetch(account, cursor)
    return [posts.parse(item) for item in fetched.items], json.loads(json.dumps(fetched.cursor))


class TestListening:
    def test_people_and_posts_are_called_what_every_server_calls_them(self, peer: MastodonPeer) -> None:
        uri = peer.write("hello", by="3")
        (heard,), _ = hear(peer.account, {})
        assert isinstance(heard, Post)
        assert heard.external_id == uri
        assert heard.author.id == "https://elsewhere.example/users/ana"
        assert heard.author.handle == "ana@elsewhere.example"

    @pytest.mark.parametrize(
        ("visibility", "seen"),
        [("public", "public"), ("unlisted", "public"), ("private", "private"), ("direct", "private"), ("x", "private")],
    )
    def test_what_was_not_for_everybody_is_private(self, peer: MastodonPeer, visibility: str, seen: str) -> None:
        peer.write("hello", visibility=visibility)
        (heard,), _ = hear(peer.account, {})
        assert isinstance(heard, Post)
        assert (heard.visibility, heard.kind == "message") == (seen, seen == "private")

    def test_markup_warnings_pictures_and_answers_to_choose_from(self, peer: MastodonPeer) -> None:
        picture = {"type": "gifv", "url": "https://files.example/1.mp4", "description": "a card"}
        more = {"spoiler_text": "Money", "media_attachments": [picture], "poll": {"options": [{"title": "yes"}]}}
        peer.write("x", **more, content="<p>A &amp; B</p><p>C<br>D</p>")
        (heard,), _ = hear(peer.account, {})
        assert isinstance(heard, Post)
        assert heard.text == "Money\n\nA & B\nC\nD"
        assert [(one.type, one.alt) for one in heard.media] == [("animation", "a card")]
        assert heard.raw is not None
        assert heard.raw["options"] == ["yes"]

    def test_a_reply_knows_its_parent_and_its_root(self, peer: MastodonPeer) -> None:
        root = peer.write("hello")
        ours = MASTODON.publish(peer.account, reply("we hear you", root))
        under = peer.write("and another thing", in_reply_to_id=ours.answer["id"])
        heard = {item.external_id: item for item in hear(peer.account, {})[0]}
        found = heard[under]
        assert isinstance(found, Post)
        assert (found.kind, found.in_reply_to, found.conversation_id) == ("reply", ours.external_id, root)

    @pytest.mark.parametrize("together", [True, False])
    def test_edits_and_deletions_are_noticed_on_newer_and_older_servers(
        self, peer: MastodonPeer, together: bool
    ) -> None:
        peer.together = together
        edited, gone, stays = peer.write("one"), peer.write("two"), peer.write("three")
        heard, cursor = hear(peer.account, {})
        assert {item.external_id for item in heard} == {edited, gone, stays}
        peer.edit(edited, "one, corrected")
        peer.delete(gone)
        heard, cursor = hear(peer.account, cursor)
        found = {item.external_id: item for item in heard}
        assert set(found) == {edited, gone}
        assert isinstance(found[edited], Operation)
        assert (found[edited].op, found[edited].text) == ("edit", "one, corrected")
        assert found[gone].op == "delete"
        assert hear(peer.account, cursor)[0] == []

    def test_every_post_of_an_older_server_has_its_turn(self, peer: MastodonPeer) -> None:
        peer.together = False
        uris = [peer.write(f"number {n}") for n in range(11)]
        _, cursor = hear(peer.account, {})
        for uri in uris:
            peer.delete(uri)
        gone: set[str] = set()
        for _ in range(6):
            heard, cursor = hear(peer.account, cursor)
            gone |= {item.external_id for item in heard if isinstance(item, Operation)}
        assert gone == set(uris)

    def test_an_edit_that_the_server_tells_of_is_one(self, peer: MastodonPeer) -> None:
        uri = peer.write("hello")
        _, cursor = hear(peer.account, {})
        peer.edit(uri, "hello again")
        peer.notes.append({"id": "9", "type": "update", "created_at": now(), "status": peer._at(uri)})
        heard, _ = hear(peer.account, cursor)
        assert [(item.op, item.text) for item in heard if isinstance(item, Operation)] == [("edit", "hello again")]

    def test_a_long_absence_is_read_in_several_steps(self, peer: MastodonPeer) -> None:
        peer.write("before")
        _, cursor = hear(peer.account, {})
        uris = {peer.write(f"number {n}") for n in range(150)}
        fetched = MASTODON.fetch(peer.account, cursor)
        assert fetched.next_at is not None
        heard = {item["external_id"] for item in fetched.items}
        heard |= {item.external_id for item in hear(peer.account, fetched.cursor)[0]}
        assert heard == uris

    def test_what_our_account_writes_elsewhere_comes_in_under_its_own_name(self, peer: MastodonPeer) -> None:
        peer._status("1", "from before", "public")
        _, cursor = hear(peer.account, {})
        foreign = peer._status("1", "give us your passwords", "public")
        (heard,), cursor = hear(peer.account, cursor)
        assert isinstance(heard, Post)
        assert (heard.external_id, heard.author.id) == (foreign["uri"], MASTODON.probe(peer.account).account_id)
        assert hear(peer.account, cursor)[0] == []

    def test_hashtags_are_timelines_and_words_are_searched(self, peer: MastodonPeer) -> None:
        tagged, said = peer.write("#meridian is down"), peer.write("a zebra")
        assert [item["external_id"] for item in MASTODON.search(peer.account, "#meridian", {}).items] == [tagged]
        assert [item["external_id"] for item in MASTODON.search(peer.account, "zebra", {}).items] == [said]

    def test_a_far_post_that_is_not_found_is_gone_only_where_such_are_found(self, peer: MastodonPeer) -> None:
        gone, standing = peer.write("too hasty", by="3"), peer.write("hello", by="3")
        peer.delete(gone)
        assert MASTODON.lookup(peer.account, [gone]) == {}
        found = MASTODON.lookup(peer.account, [gone, standing])
        assert found[gone] is None
        assert found[standing] is not None


class TestWriting:
    def test_a_reply_names_the_person_and_is_seen_by_no_more_than_saw_the_post(self, peer: MastodonPeer) -> None:
        uri = peer.write("hello", by="3", visibility="unlisted")
        MASTODON.publish(peer.account, reply("we hear you", uri))
        (sent,) = peer._of("1")
        assert sent["content"] == "<p>@ana@elsewhere.example we hear you</p>"
        assert sent["visibility"] == "unlisted"

    def test_who_is_named_already_is_not_named_twice(self, peer: MastodonPeer) -> None:
        uri = peer.write("hello", by="3")
        MASTODON.publish(peer.account, reply("Dear @Ana@elsewhere.example, we hear you", uri))
        assert peer._of("1")[0]["content"] == "<p>Dear @Ana@elsewhere.example, we hear you</p>"

    def test_nothing_private_is_answered_in_public(self, peer: MastodonPeer) -> None:
        uri = peer.write("between us", visibility="direct")
        assert refusal(MASTODON.publish, peer.account, reply("hear, hear", uri)).follow == "give_up"
        MASTODON.publish(peer.account, reply("of course", uri, visibility="private"))
        assert peer.messages() == ["of course"]

    def test_a_private_message_goes_to_somebody(self, peer: MastodonPeer) -> None:
        alone = reply("psst", visibility="private")
        assert refusal(MASTODON.publish, peer.account, alone).follow == "give_up"
        MASTODON.publish(peer.account, replace(alone, recipient_handle="ana@elsewhere.example"))
        assert peer._of("1")[0]["visibility"] == "direct"

    def test_a_post_of_our_own_is_public(self, peer: MastodonPeer) -> None:
        MASTODON.publish(peer.account, reply("The app is back."))
        assert peer._of("1")[0]["visibility"] == "public"

    def test_a_lost_reply_is_told_from_an_older_one_with_the_same_words(self, peer: MastodonPeer) -> None:
        first, second = peer.write("hello"), peer.write("hello again")
        MASTODON.publish(peer.account, reply("We are looking into it.", first))
        lost = reply("We are looking into it.", second, client_key="key-2")
        assert MASTODON.reconcile(peer.account, "key-2", lost) is None
        sent = MASTODON.publish(peer.account, lost)
        found = MASTODON.reconcile(peer.account, "key-2", lost)
        assert found is not None
        assert found.external_id == sent.external_id

    def test_what_somebody_else_was_told_is_not_this_also_when_what_it_answers_is_gone(
        self, peer: MastodonPeer
    ) -> None:
        one, other = (reply("Call us.", visibility="private", **peer.confide("help", who)) for who in (0, 1))
        MASTODON.publish(peer.account, one)
        peer.delete(str(other.in_reply_to))
        assert MASTODON.reconcile(peer.account, "key-2", other) is None
        MASTODON.publish(peer.account, replace(other, in_reply_to=None, client_key="key-2"))
        assert MASTODON.reconcile(peer.account, "key-2", other) is not None

    def test_an_edit_still_names_the_person(self, peer: MastodonPeer) -> None:
        uri = peer.write("hello", by="3")
        sent = MASTODON.publish(peer.account, reply("we hear you", uri))
        MASTODON.edit(peer.account, sent.external_id, "we heard you")
        assert peer._of("1")[0]["content"] == "<p>@ana@elsewhere.example we heard you</p>"

    def test_a_server_that_cannot_delete_is_not_believed(self, peer: MastodonPeer) -> None:
        sent = MASTODON.publish(peer.account, reply("oops"))
        peer.deletes = False
        assert "does not let us delete" in refusal(MASTODON.retract, peer.account, sent.external_id).message
        peer.deletes = True
        MASTODON.retract(peer.account, sent.external_id)
        assert peer._of("1") == []


class TestLimits:
    def test_the_server_says_how_long_a_text_may_be(self, peer: MastodonPeer) -> None:
        peer.configuration = {"max_characters": 1000, "characters_reserved_per_url": 30}
        told = MASTODON.probe(peer.account)
        limits = MASTODON.limits_for(replace(peer.account, settings=told.settings))
        assert limits.allowed("public") == 968, "room is kept for the name of the person"
        assert limits.length("https://bank.example/help") == 30
        assert told.handle == f"bank@{peer.url.removeprefix('http://')}"

    @pytest.mark.parametrize("told", [{}, {"max_characters": "500"}, {"max_characters": -1}, {"max_characters": True}])
    def test_without_its_word_there_are_five_hundred(self, told: dict[str, Any]) -> None:
        assert MASTODON.limits_for(Account("", settings=told)).allowed("public") == 468

    def test_what_is_left_to_ask_is_told(self, peer: MastodonPeer) -> None:
        peer.limit()
        error = refusal(MASTODON.fetch, peer.account, {})
        assert error.retry_at is not None


class TestStatuses:
    @given(st.dictionaries(st.sampled_from(NAMES), NESTED, max_size=8))
    def test_whatever_comes_is_read_or_refused(self, status: dict[str, Any]) -> None:
        assert len(mark(status)) == 12
        with contextlib.suppress(BadPost):
            posts.parse(post(status, (None, None), "here.example"))

    def test_identifiers_of_every_make_are_put_in_order(self) -> None:
        assert newest(["9", "10", "2"]) == "10"
        assert newest(["01HF", "01HG", ""]) == "01HG"
        assert newest([]) == ""

    def test_a_text_is_recognised_in_what_a_server_made_of_it(self) -> None:
        assert gist("@ana@elsewhere.example  See\nhttps://bank.example") == gist("@ana see https://bank.example")


def test_what_our_own_account_passes_on_is_heard_under_its_name_and_what_others_do_is_not(peer: MastodonPeer) -> None:
    first = MASTODON.fetch(peer.account, {})
    streamed = MASTODON.stream(peer.account, "user", {}, Wanted())
    next(streamed)
    there = peer.write("win a prize", by="3")
    peer.pass_on(there, by="2")
    ours = peer.pass_on(there, by="1")
    asked = {item["external_id"]: item for item in MASTODON.fetch(peer.account, first.cursor).items}
    assert asked.keys() == {there, ours}
    assert asked[ours]["text"] == "[repost] @ana@elsewhere.example: win a prize"
    assert asked[ours]["author"]["id"] == peer.account.account_id
    heard: list[dict[str, Any]] = []
    while len(heard) < 2:
        heard += next(streamed).items
    streamed.close()
    assert [item["external_id"] for item in heard] == [there, ours]
    same_words = Outgoing("win a prize", "public", "k", attempted_at=datetime.now(UTC))
    assert MASTODON.reconcile(peer.account, "k", same_words) is None


class TestStreams:
    def test_they_are_there_where_the_server_says_so(self, peer: MastodonPeer) -> None:
        told = MASTODON.probe(peer.account).settings
        account = replace(peer.account, settings=dict(told))
        assert str(told["streaming"]).startswith("ws://")
        assert MASTODON.streams(account, Wanted()) == ("user",)
        assert MASTODON.streams(account, Wanted(questions=("airport",))) == ("user", "public")
        assert MASTODON.streams(replace(account, settings={"streaming": ""}), Wanted()) == ()
        encrypted = replace(account, base_url="https://example.social")
        assert MASTODON.streams(encrypted, Wanted()) == ()  # the token would travel there in the clear

    def test_what_only_we_read_stays_private_and_our_own_words_are_known(self, peer: MastodonPeer) -> None:
        heard = MASTODON.stream(peer.account, "user", {}, Wanted())
        next(heard)
        between_us = peer.write("@bank between us", visibility="direct")
        followed = peer._status("3", "somebody whom we follow", "public")
        peer._tell("user", "update", followed)
        ours = MASTODON.publish(peer.account, Outgoing("Good morning.", "public", "key-s")).external_id
        items: list[dict[str, Any]] = []
        while len(items) < 2:
            items += next(heard).items
        heard.close()
        assert [(item["external_id"], item["visibility"]) for item in items] == [
            (between_us, "private"),
            (ours, "public"),
        ]


def test_a_picture_that_the_server_still_looks_at_is_waited_for(peer: MastodonPeer) -> None:
    peer.slow = True
    MASTODON.publish(peer.account, reply("Like this.", peer.write("where is it?"), pictures=(picture(),)))
    assert peer.shown() == [(picture().body, picture().alt)]
