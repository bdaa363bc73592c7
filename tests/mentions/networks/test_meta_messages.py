"""Private messages of Messenger and Instagram: how they come, how far back they are asked for, when we may answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks, posts
from mentions.networks import NetworkError, Outgoing
from mentions.posts import Operation, Post
from tests.mentions.networks.meta import delivered
from tests.mentions.networks.peer_facebook import PAGE, FacebookPeer, graph_error
from tests.mentions.networks.peer_facebook import serve as facebook
from tests.mentions.networks.peer_instagram import serve as instagram


@pytest.fixture
def page() -> Iterator[FacebookPeer]:
    with facebook() as found:
        yield found


class TestMessages:
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

    def test_a_conversation_of_which_no_messages_are_told_may_hold_it(self) -> None:
        with facebook() as peer:
            lost = Outgoing("We are here.", "private", "k", attempted_at=datetime.now(UTC), **peer.confide("help", 0))
            peer.bend = lambda _: {"data": [{"id": "t_1"}]}
            with pytest.raises(NetworkError) as told:
                networks.get("facebook").reconcile(peer.account, "k", lost)
            assert told.value.follow == "retry"

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
