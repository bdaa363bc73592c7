"""What is particular about Meta's networks: their check, their codes, and how each writes a post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import Account, AnsweredBefore, NetworkError, Outgoing
from mentions.networks._meta import signature
from mentions.posts import Operation, Post
from tests.mentions.networks.meta import delivered
from tests.mentions.networks.peer_facebook import PAGE, FacebookPeer, graph_error
from tests.mentions.networks.peer_facebook import serve as facebook
from tests.mentions.networks.peer_instagram import serve as instagram
from tests.mentions.networks.peer_threads import serve as threads

META = ("facebook", "instagram", "threads", "whatsapp")
VISIT = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "ours"}


@pytest.fixture
def page() -> Iterator[FacebookPeer]:
    with facebook() as found:
        yield found


def of_page(field: str, **value: Any) -> dict[str, Any]:
    return {
        "object": "page",
        "entry": [{"id": PAGE, "time": 1763800000000, "changes": [{"field": field, "value": value}]}],
    }


@pytest.mark.parametrize("key", META)
class TestTheAddress:
    def test_the_bare_challenge_is_given_back_for_our_token(self, key: str) -> None:
        answer = networks.get(key).handshake(VISIT, {"verify_token": "ours"})
        assert answer is not None
        assert (answer.body, answer.content_type) == ("1158201444", "text/plain")

    @pytest.mark.parametrize(
        "changed", [{"hub.verify_token": "another"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}]
    )
    def test_anything_else_is_not_ours(self, key: str, changed: dict[str, str]) -> None:
        assert networks.get(key).handshake(VISIT | changed, {"verify_token": "ours"}) is None
        assert networks.get(key).handshake(VISIT | {"hub.verify_token": ""}, {"verify_token": ""}) is None

    def test_the_bytes_are_signed_as_they_came(self, key: str) -> None:
        escaped = b'{"object": "page", "entry": [], "text": "caf\\u00e9"}'
        networks.get(key).verify({"x-hub-signature-256": signature("app", escaped)}, escaped, ["app"])
        rewritten = json.dumps(json.loads(escaped), ensure_ascii=False).encode()
        with pytest.raises(networks.BadSignature):
            networks.get(key).verify({"x-hub-signature-256": signature("app", escaped)}, rewritten, ["app"])


class TestFacebook:
    def test_a_photo_on_the_page_with_its_words(self) -> None:
        (post,) = delivered(
            "facebook",
            of_page(
                "feed",
                item="photo",
                verb="add",
                post_id="1001_5",
                **{"from": {"id": "7", "name": "Ann"}},
                message="Look at this letter",
                link="https://scontent.example.com/1.jpg",
                created_time=1763799990,
            ),
        )
        assert isinstance(post, Post)
        assert (post.kind, post.external_id, post.author.name) == ("post", "1001_5", "Ann")
        assert [medium.url for medium in post.media] == ["https://scontent.example.com/1.jpg"]

    def test_posts_and_comments_are_looked_up_by_what_each_of_them_has(self) -> None:
        network = networks.get("facebook")
        with facebook() as peer:
            post = network.publish(peer.account, Outgoing("We are open.", "public", "k")).external_id
            comment = peer.write("Are you?", parent=post)
            found = network.lookup(peer.account, [post, comment, "2002_999"])
            assert [found[own]["kind"] for own in (post, comment)] == ["post", "comment"]  # type: ignore[index]
            assert found["2002_999"] is None

    @pytest.mark.parametrize("code", [100, 10])
    def test_what_may_not_be_read_is_not_taken_for_gone_and_stops_nothing(self, code: int) -> None:
        with facebook() as peer:
            own = peer.write("Are you?")
            peer.answer = lambda _request: graph_error(code)  # type: ignore[method-assign]
            assert networks.get("facebook").lookup(peer.account, [own]) == {}
            with pytest.raises(NetworkError):
                networks.get("facebook").retract(peer.account, own)

    @pytest.mark.parametrize(("key", "serve"), [("facebook", facebook), ("instagram", instagram), ("threads", threads)])
    def test_gone_is_believed_where_the_same_keys_read_something_of_others(self, key: str, serve: Any) -> None:
        """Graph says the same of what it hides from keys without a permission."""
        look_up = networks.get(key).lookup
        with serve() as peer:
            own = peer.write("Are you?")
            peer.delete(own)
            assert look_up(peer.account, [own]) == {}
            other = peer.write("Is anybody?")
            assert look_up(peer.account, [own]) == {own: None}
            together = look_up(peer.account, [own, other])
            assert (together[own], together[other]["text"]) == (None, "Is anybody?")
            peer.delete(other)
            answer = peer.answer
            peer.answer = lambda asked: answer(asked) if asked.path.endswith(own) else graph_error(10)
            assert look_up(peer.account, [own]) == {}

    def test_a_comment_knows_its_parent_and_its_thread(self) -> None:
        (post,) = delivered(
            "facebook",
            of_page(
                "feed",
                item="comment",
                verb="add",
                comment_id="5_9",
                post_id="1001_5",
                parent_id="5_8",
                **{"from": {"id": "7", "name": "Ann"}},
                message="me too",
                created_time=1763799990,
            ),
        )
        assert isinstance(post, Post)
        assert (post.in_reply_to, post.conversation_id) == ("5_8", "1001_5")
        assert post.created_at == datetime.fromtimestamp(1763799990, UTC)

    def test_likes_are_no_posts_and_what_somebody_hides_is_told(self) -> None:
        assert delivered("facebook", of_page("feed", item="like", verb="add", post_id="1001_5")) == []
        for verb, op in (("hide", "hide"), ("unhide", "show")):
            told = of_page("feed", item="comment", verb=verb, comment_id="5_9")
            (heard,) = delivered("facebook", told)
            assert isinstance(heard, Operation)
            assert (heard.external_id, heard.op) == ("5_9", op)

    def test_a_mention_elsewhere_is_followed_through_its_changes(self) -> None:
        changes = {"edit": "edit", "edited": "edit", "remove": "delete", "hide": "hide", "unhide": "show"}
        for verb, op in changes.items():
            who = {"sender_id": "7", "sender_name": "Ann", "message": "Now we are two.", "created_time": 1763799990}
            (heard,) = delivered("facebook", of_page("mention", verb=verb, post_id="5_9", **who))
            assert isinstance(heard, Operation)
            assert (heard.external_id, heard.op, heard.text) == ("5_9", op, who["message"] if op == "edit" else None)
            assert heard.edited_at == (None if op == "delete" else datetime.fromtimestamp(1763800000, UTC))

    def test_somebody_whom_facebook_does_not_name_is_heard_all_the_same(self) -> None:
        told = {"item": "comment", "verb": "add", "comment_id": "5_9", "post_id": "1001_5", "message": "help"}
        (post,) = delivered("facebook", of_page("feed", **told, created_time=1763799990))
        assert isinstance(post, Post)
        assert (post.author.id, post.text) == ("unnamed:5_9", "help")

    def test_a_recommendation_without_words_is_a_review_all_the_same(self) -> None:
        (post,) = delivered(
            "facebook",
            of_page(
                "ratings",
                item="rating",
                verb="add",
                reviewer_id="7",
                reviewer_name="Ann",
                recommendation_type="NEGATIVE",
                open_graph_story_id="88",
                created_time=1763799990,
            ),
        )
        assert isinstance(post, Post)
        assert (post.kind, post.text) == ("review", "NEGATIVE")

    @pytest.mark.parametrize(
        ("code", "follow"),
        [
            (190, "reauthorise"),
            (10, "give_up"),
            (200, "give_up"),
            (551, "give_up"),
            (4, "retry"),
            (613, "retry"),
            (100, "give_up"),
            (2, "unknown"),
            (368, "retry"),
        ],
    )
    def test_meta_s_codes_say_what_follows(self, page: FacebookPeer, code: int, follow: str) -> None:
        page.limited = graph_error(code)
        page.limit()
        with pytest.raises(NetworkError) as told:
            networks.get("facebook").publish(page.account, Outgoing("Hello", "public", "k", in_reply_to="1"))
        assert told.value.follow == follow
        assert "secret details" not in str(told.value)

    @pytest.mark.parametrize(
        ("code", "subcode", "words"),
        [
            (10, 2018278, "too long after"),
            (10900, 0, "answered in private once"),
            (100, 2018292, "to this person"),
            (200, 2018108, "to this person"),
            (551, 1545041, "to this person"),
        ],
    )
    def test_who_may_not_be_written_to_mutes_nobody_else(
        self, page: FacebookPeer, code: int, subcode: int, words: str
    ) -> None:
        page.limited = graph_error(code, subcode=subcode)
        page.limit()
        letter = Outgoing("Hello", "private", "k", in_reply_to="m:m1", recipient_id=f"{PAGE}:55")
        with pytest.raises(NetworkError, match=words) as told:
            networks.get("facebook").publish(page.account, letter)
        assert told.value.follow == "give_up"
        assert isinstance(told.value, AnsweredBefore) == (code == 10900)
        assert isinstance(told.value, AnsweredBefore) == (code == 10900)

    @pytest.mark.parametrize("code", [10, 190, 200])
    def test_what_may_not_even_be_read_is_let_in_for_anew(self, page: FacebookPeer, code: int) -> None:
        page.limited = graph_error(code)
        page.limit()
        with pytest.raises(NetworkError) as told:
            networks.get("facebook").probe(page.account)
        assert told.value.follow == "reauthorise"

    def test_more_comments_than_a_page_and_what_answers_them_are_asked_for(self, page: FacebookPeer) -> None:
        network = networks.get("facebook")
        post = network.publish(page.account, Outgoing("We are open.", "public", "k")).external_id
        cursor = network.fetch(page.account, {}).cursor
        wanted = {page.comment(post, f"No you are not, {number}") for number in range(60)}
        wanted.add(page.comment(post, "Indeed not", parent=min(wanted)))
        found = network.fetch(page.account, cursor)
        assert {item["external_id"] for item in found.items} == wanted
        assert found.complete
        times = (datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1))
        feed = network.history(page.account, *times, {"part": "feed"})
        assert wanted <= {item["external_id"] for item in feed.items}
        assert (feed.complete, feed.next_at) == (True, None)

    @pytest.mark.parametrize(
        ("told", "words", "kinds"),
        [
            ({"item": "status", "photos": ["https://a.fbcdn.net/1", "https://a.fbcdn.net/2"]}, "", ["image", "image"]),
            ({"item": "photo", "link": "https://a.fbcdn.net/1"}, "", ["image"]),
            ({"item": "video", "link": "https://a.fbcdn.net/v"}, "", ["video"]),
            ({"item": "share", "link": "https://news.example/a"}, "", ["other"]),
            ({"item": "comment", "comment_id": "5_9", "video": "https://a.fbcdn.net/v"}, "", ["video"]),
            ({"item": "comment", "comment_id": "5_9"}, "[something that cannot be shown here]", []),
        ],
    )
    def test_what_is_posted_without_words_is_heard(self, told: dict[str, Any], words: str, kinds: list[str]) -> None:
        value = {"verb": "add", "post_id": "1001_5", "from": {"id": "7"}, "created_time": 1763799990} | told
        entry = {"id": PAGE, "changes": [{"field": "feed", "value": value}]}
        (heard,) = delivered("facebook", {"object": "page", "entry": [entry]})
        assert isinstance(heard, Post)
        assert (heard.text, [medium.type for medium in heard.media]) == (words, kinds)

    def test_what_was_posted_without_words_is_asked_for(self, page: FacebookPeer) -> None:
        network = networks.get("facebook")
        post = network.publish(page.account, Outgoing("We are open.", "public", "k")).external_id
        cursor = network.fetch(page.account, {}).cursor
        picture = page.write("")
        page.posts[picture]["full_picture"] = "https://a.fbcdn.net/1"
        sticker, shown = page.comment(post, ""), page.comment(post, "")
        page.comments[post][-1]["attachment"] = {"media": {"image": {"src": "https://a.fbcdn.net/2"}}}
        found = {item["external_id"]: posts.parse(item) for item in network.fetch(page.account, cursor).items}
        assert set(found) == {picture, sticker, shown}
        told = {own: (one.text, len(one.media)) for own, one in found.items() if isinstance(one, Post)}
        assert told == {picture: ("", 1), sticker: ("[something that cannot be shown here]", 0), shown: ("", 1)}

    def test_after_a_long_silence_what_came_is_asked_for_by_its_time(self, page: FacebookPeer) -> None:
        network = networks.get("facebook")
        cursor = network.fetch(page.account, {}).cursor
        assert network.fetch(page.account, cursor).complete
        silent = cursor | {"at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
        assert not network.fetch(page.account, silent).complete

    def test_the_token_s_end_and_the_hour_s_allowance_are_known(self, page: FacebookPeer) -> None:
        told = networks.get("facebook").probe(page.account)
        assert told.expires_at == datetime.fromtimestamp(2_000_000_000, UTC)
        assert told.quota is not None
        assert (told.quota.unit, told.quota.remaining) == ("percent", 72)


class TestThreads:
    def test_what_the_profile_did_itself_is_named_and_looked_up(self) -> None:
        """By whichever app: what we did not send is somebody else's doing, and what is gone is forgotten."""
        values = [
            {"field": "publish", "value": {"id": "71", "published_at": "2026-11-22T10:00:00+0000"}},
            {"field": "delete", "value": {"id": "70", "deleted_at": "2026-11-22T10:01:00+0000"}},
        ]
        body = json.dumps({"app_id": "1", "topic": "interaction", "target_id": "71", "values": values}).encode()
        told = [(item["external_id"], item["op"]) for item in networks.get("threads").parse(body)]
        assert told == [("71", "look"), ("70", "delete")]

    def test_what_others_answer_under_our_posts_is_found_by_asking(self) -> None:
        with threads() as peer:
            ours = peer.write("Our branch is closed today", "meridian")
            theirs = peer.write("Why?", parent=ours)
            page = networks.get("threads").fetch(peer.account, {})
            found = {item["external_id"]: item for item in page.items}
            assert found[theirs]["in_reply_to"] == ours
            assert found[theirs]["author"]["id"] == "@customer42"
            assert found[ours]["author"]["id"] == "@meridian"
            assert networks.get("threads").fetch(peer.account, page.cursor).items == ()


def test_threads_takes_five_different_links_in_a_post() -> None:
    """developers.facebook.com/documentation/threads/create-posts/text-attachments: THREADS_API__LINK_LIMIT_EXCEEDED."""
    limits, five = (
        networks.get("threads").limits,
        " ".join(f"https://bank.example/{n}, www.bank.example" for n in range(4)),
    )
    assert limits.fits(f"{five} (https://bank.example/0)", "public")
    assert not limits.fits(f"{five} https://bank.example/5", "public")
    nobody = Account("http://127.0.0.1:1", local=True)
    with pytest.raises(NetworkError, match="five links") as told:
        networks.get("threads").publish(nobody, Outgoing(f"{five} https://bank.example/5", "public", "k"))
    assert told.value.follow == "give_up"
