"""What is particular about Meta's networks: their check, their codes, their windows, and how each writes a post."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import NetworkError, Outgoing
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

    def test_what_comes_while_another_program_holds_the_conversation_is_heard_too(self) -> None:
        event = {
            "sender": {"id": "55"},
            "recipient": {"id": PAGE},
            "timestamp": 1763799990123,
            "message": {"mid": "m", "text": "x"},
        }
        (heard,) = delivered("facebook", {"object": "page", "entry": [{"id": PAGE, "standby": [event]}]})
        assert heard.external_id == "m:m"

    def test_a_private_answer_names_a_visitor_s_post_or_a_comment(self, page: FacebookPeer) -> None:
        for about, named in ((f"{PAGE}_77", "post_id"), ("77_9", "comment_id")):
            networks.get("facebook").publish(page.account, Outgoing("Hello", "private", "k", in_reply_to=about))
            assert page.heard[-1].json["recipient"] == {named: about}

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

    def test_a_message_its_new_words_its_end_and_our_echo(self) -> None:
        def message(sender: str, to: str, **more: Any) -> dict[str, Any]:
            return {"sender": {"id": sender}, "recipient": {"id": to}, "timestamp": 1763799990123} | more

        events = [
            message("55", PAGE, message={"mid": "m1", "text": "hello"}),
            message("55", PAGE, message_edit={"mid": "m1", "text": "hello!", "num_edit": 1}),
            message(PAGE, "55", message={"mid": "m2", "text": "Good day", "is_echo": True, "app_id": 5}),
            message("55", PAGE, message={"mid": "m1", "is_deleted": True}),
            message("55", PAGE, read={"watermark": 1}),
        ]
        heard = delivered("facebook", {"object": "page", "entry": [{"id": PAGE, "messaging": events}]})
        first, edit, ours, end = heard
        assert isinstance(first, Post)
        assert isinstance(ours, Post)
        assert (first.author.id, first.visibility) == (f"{PAGE}:55", "private")
        assert ours.author.id == PAGE
        assert first.conversation_id == ours.conversation_id
        assert isinstance(edit, Operation)
        assert isinstance(end, Operation)
        assert (edit.op, edit.text, end.op) == ("edit", "hello!", "delete")

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
        [(10, 2018278, "too long after"), (200, 2018108, "to this person"), (551, 1545041, "to this person")],
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

    @pytest.mark.parametrize("code", [10, 190, 200])
    def test_what_may_not_even_be_read_is_let_in_for_anew(self, page: FacebookPeer, code: int) -> None:
        page.limited = graph_error(code)
        page.limit()
        with pytest.raises(NetworkError) as told:
            networks.get("facebook").probe(page.account)
        assert told.value.follow == "reauthorise"

    def test_a_page_whose_messages_may_not_be_read_is_read_all_the_same(self, page: FacebookPeer) -> None:
        seen = page.write("Are you open?")
        page.limited = graph_error(10)
        page.limit()
        found = networks.get("facebook").fetch(page.account, {})
        assert [item["external_id"] for item in found.items] == [seen]
        assert "no private messages" in found.trouble

    def test_a_message_that_was_not_delivered_is_asked_for(self, page: FacebookPeer) -> None:
        network, began = networks.get("facebook"), datetime.now(UTC) - timedelta(minutes=1)
        cursor = network.fetch(page.account, {}).cursor
        said = page.say("My card was swallowed")
        network.publish(page.account, Outgoing("On it", "private", "k", in_reply_to=said, recipient_id=f"{PAGE}:7007"))
        later = datetime.now(UTC) + timedelta(minutes=1)
        for brought in (network.fetch(page.account, cursor), network.history(page.account, began, later, {})):
            ours, theirs = map(posts.parse, brought.items)
            assert isinstance(ours, Post)
            assert isinstance(theirs, Post)
            assert (theirs.external_id, theirs.author.id, theirs.author.name) == (said, f"{PAGE}:7007", "A customer")
            assert (ours.author.id, ours.visibility) == (PAGE, "private")
            assert ours.conversation_id == theirs.conversation_id == f"m:{PAGE}:7007"

    def test_of_a_long_conversation_every_message_of_a_gap_is_asked_for(self, page: FacebookPeer) -> None:
        network, times = networks.get("facebook"), (datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC))
        wanted = {page.say(f"Hello? {number}") for number in range(30)}
        page.said[-1] |= {"message": ""}  # a sticker is the newest of it, and says nothing
        until = times[1] + timedelta(hours=1)
        talk = network.history(page.account, times[0], until, {})
        assert {item["external_id"] for item in talk.items} >= wanted - {f"m:{page.said[-1]['id']}"}
        assert network.history(page.account, times[0], until, talk.cursor).complete
        page.earlier = lambda *_asked: graph_error(100)  # type: ignore[method-assign]
        talk = network.history(page.account, times[0], until, {})
        assert not network.history(page.account, times[0], until, talk.cursor).complete

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

    @pytest.mark.parametrize(
        ("event", "words"),
        [
            ({"postback": {"mid": "m7", "title": "Get started", "payload": "START"}}, "Get started"),
            ({"postback": {"title": "Talk to a person"}}, "Talk to a person"),
            ({"message": {"mid": "m8", "attachments": [{"type": "location", "payload": {}}]}}, "[location]"),
            ({"message": {"mid": "m9", "is_unsupported": True}}, "[something that cannot be shown here]"),
        ],
    )
    def test_whoever_presses_or_sends_what_has_no_words_is_heard(self, event: dict[str, Any], words: str) -> None:
        told = {"sender": {"id": "55"}, "recipient": {"id": PAGE}, "timestamp": 1763799990123} | event
        (heard,) = delivered("facebook", {"object": "page", "entry": [{"id": PAGE, "messaging": [told]}]})
        assert isinstance(heard, Post)
        assert (heard.text, heard.author.id, heard.visibility) == (words, f"{PAGE}:55", "private")

    def test_the_token_s_end_and_the_hour_s_allowance_are_known(self, page: FacebookPeer) -> None:
        told = networks.get("facebook").probe(page.account)
        assert told.expires_at == datetime.fromtimestamp(2_000_000_000, UTC)
        assert told.quota is not None
        assert (told.quota.unit, told.quota.remaining) == ("percent", 72)

    def test_a_program_may_not_claim_to_be_a_person(self, page: FacebookPeer) -> None:
        letter = Outgoing("Hello", "private", "k", in_reply_to="m:m1", recipient_id=f"{PAGE}:55", by_person=False)
        networks.get("facebook").publish(page.account, replace(letter, heard_at=datetime.now(UTC)))
        late = replace(letter, heard_at=datetime.now(UTC) - timedelta(days=3))
        with pytest.raises(NetworkError, match="no program") as told:
            networks.get("facebook").publish(page.account, late)
        assert (told.value.follow, len(page.sent)) == ("give_up", 1)

    @pytest.mark.parametrize(
        ("silent", "expected"),
        [
            (timedelta(hours=1), {"messaging_type": "RESPONSE"}),
            (timedelta(days=3), {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
        ],
    )
    def test_a_late_answer_says_that_a_person_wrote_it(
        self, page: FacebookPeer, silent: timedelta, expected: dict[str, str]
    ) -> None:
        heard_at = datetime.now(UTC) - silent
        letter = Outgoing("Hello", "private", "k", in_reply_to="m:m1", recipient_id=f"{PAGE}:55", heard_at=heard_at)
        networks.get("facebook").publish(page.account, letter)
        sent = page.heard[-1].json
        assert sent["recipient"] == {"id": "55"}
        assert {name: sent[name] for name in expected} == expected
        assert ("tag" in sent) == ("tag" in expected)

    def test_how_long_somebody_may_be_answered_is_known_before(self, page: FacebookPeer) -> None:
        network, heard_at = networks.get("facebook"), datetime.now(UTC)
        bound = replace(page.account, settings={"human_agent": "no"})
        assert network.window(page.account, "public", "1_2", heard_at) is None
        for account, about, days in ((page.account, "m:m1", 7), (bound, "m:m1", 1), (bound, "77_9", 7)):
            window = network.window(account, "private", about, heard_at)
            assert window is not None
            assert (window.until, window.then) == (heard_at + timedelta(days=days), "closed")
        late = datetime.now(UTC) - timedelta(days=3)
        letter = Outgoing("Hello", "private", "k", in_reply_to="m:m1", recipient_id=f"{PAGE}:55", heard_at=late)
        with pytest.raises(NetworkError, match="within a day"):
            network.publish(bound, letter)

    def test_after_seven_days_nobody_is_written_to(self, page: FacebookPeer) -> None:
        long_ago = datetime.now(UTC) - timedelta(days=8)
        letter = Outgoing("Hello", "private", "k", in_reply_to="m:m1", recipient_id="55", heard_at=long_ago)
        with pytest.raises(NetworkError, match="seven days") as told:
            networks.get("facebook").publish(page.account, letter)
        assert told.value.follow == "give_up"
        assert page.heard == []

    def test_a_page_that_ends_before_the_attempt_proves_nothing(self) -> None:
        network = networks.get("facebook")
        with facebook() as peer:
            wanted, began = peer.write("my card was declined"), datetime.now(UTC) - timedelta(seconds=30)
            for number in range(101):
                peer.write(f"me too {number}", parent=wanted)
            lost = Outgoing("We are here.", "public", "k", in_reply_to=wanted, attempted_at=began)
            with pytest.raises(NetworkError) as told:
                network.reconcile(peer.account, "k", lost)
            assert told.value.follow == "unknown"
            since = replace(lost, attempted_at=datetime.now(UTC) + timedelta(seconds=1))
            assert network.reconcile(peer.account, "k", since) is None

    def test_a_message_is_found_however_many_wrote_since(self) -> None:
        """A busy page's conversation leaves the newest ones within a minute; that proves nothing."""
        network = networks.get("facebook")
        with facebook() as peer:
            lost = Outgoing("We are here.", "private", "k", attempted_at=datetime.now(UTC), **peer.confide("help", 0))
            peer.drop_an_answer()
            with pytest.raises(NetworkError):
                network.publish(peer.account, lost)
            for number in range(21):
                peer.say("me too", f"80{number}")
            found = network.reconcile(peer.account, "k", lost)
            assert found is not None
            for number in range(21):
                peer.say(f"and another thing, {number}", "70070")
            with pytest.raises(NetworkError) as told:
                network.reconcile(peer.account, "k", lost)
            assert told.value.follow == "unknown"

    @pytest.mark.parametrize("key", ["facebook", "instagram"])
    def test_what_answers_a_comment_is_found_in_that_conversation_alone(self, key: str) -> None:
        network, served = networks.get(key), {"facebook": facebook, "instagram": instagram}[key]
        with served() as peer:
            one, other = peer.write("help", "71"), peer.write("help me too", "72")
            told = Outgoing("Please call us.", "private", "k", in_reply_to=one, recipient_handle="customer71")
            lost = replace(told, client_key="l", in_reply_to=other, recipient_handle="customer72")
            lost = replace(lost, attempted_at=datetime.now(UTC))
            first = network.publish(peer.account, told)
            assert network.reconcile(peer.account, "l", lost) is None
            peer.drop_an_answer()
            with pytest.raises(NetworkError):
                network.publish(peer.account, lost)
            found = network.reconcile(peer.account, "l", lost)
            assert found is not None
            assert found.external_id != first.external_id

    def test_a_message_of_which_is_not_told_to_whom_it_went_is_nobody_s(self) -> None:
        """A visitor's post does not name its conversation, and its author has another number there."""
        with facebook() as peer:
            about = f"{PAGE}_{peer.number()}"
            lost = Outgoing("Please call us.", "private", "k", in_reply_to=about, attempted_at=datetime.now(UTC))
            assert networks.get("facebook").reconcile(peer.account, "k", lost) is None
            networks.get("facebook").publish(peer.account, lost)
            with pytest.raises(NetworkError) as told:
                networks.get("facebook").reconcile(peer.account, "k", lost)
            assert told.value.follow == "unknown"


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
