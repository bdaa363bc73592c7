"""What is particular about Telegram: chats, a token in the address, and updates that asking confirms."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mentions import networks, posts
from mentions.networks import NetworkError, Outgoing
from mentions.posts import Post
from tests.mentions.networks.peer_telegram import CUSTOMER, GROUP, TOKEN, TelegramPeer, serve

TELEGRAM = networks.get("telegram")


@pytest.fixture
def peer() -> Iterator[TelegramPeer]:
    with serve() as found:
        yield found


def test_what_is_written_to_the_bot_alone_is_private_and_the_group_is_not(peer: TelegramPeer) -> None:
    peer.write("in the group")
    peer.write("to the bot", CUSTOMER)
    heard = [post for post in map(posts.parse, TELEGRAM.fetch(peer.account, {}).items) if isinstance(post, Post)]
    assert [(post.text, post.visibility, post.kind) for post in heard] == [
        ("in the group", "public", "post"),
        ("to the bot", "private", "message"),
    ]
    assert {post.author.name for post in heard} == {"A customer"}


def test_asking_confirms_what_came_before(peer: TelegramPeer) -> None:
    peer.write("one")
    cursor = TELEGRAM.fetch(peer.account, {}).cursor
    TELEGRAM.fetch(peer.account, cursor)
    assert peer.heard[-1].query["offset"] == str(peer.updates[0]["update_id"] + 1)
    assert "edited_message" in json.loads(peer.heard[-1].query["allowed_updates"])


def test_a_reply_stands_in_its_chat_under_what_it_answers(peer: TelegramPeer) -> None:
    wanted = peer.write("hello")
    published = TELEGRAM.publish(peer.account, Outgoing("Good day.", "public", "k", in_reply_to=wanted))
    assert published.external_id.startswith(f"{GROUP}:")
    assert peer.answers_to(wanted) == ["Good day."]


def test_a_post_of_our_own_goes_into_the_channel(peer: TelegramPeer) -> None:
    published = TELEGRAM.publish(peer.account, Outgoing("A notice.", "public", "k"))
    assert published.external_id.startswith(f"{GROUP}:")


def test_nobody_is_written_to_who_did_not_write_first(peer: TelegramPeer) -> None:
    wanted = peer.write("hello")
    with pytest.raises(NetworkError, match="wrote to it first") as told:
        TELEGRAM.publish(peer.account, Outgoing("In private.", "private", "k", in_reply_to=wanted))
    assert told.value.follow == "give_up"


def test_the_token_stands_in_no_log_and_no_error(peer: TelegramPeer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wanted = peer.write("hello")
    TELEGRAM.publish(peer.account, Outgoing("Good day.", "public", "k", in_reply_to=wanted))
    peer.expire()
    with pytest.raises(NetworkError) as told:
        TELEGRAM.fetch(peer.account, {})
    peer.drop_an_answer()
    with pytest.raises(NetworkError) as lost:
        TELEGRAM.publish(peer.account, Outgoing("Good day.", "public", "k", in_reply_to=wanted))
    for said in (caplog.text, str(told.value), str(lost.value)):
        assert TOKEN not in said
        assert TOKEN.partition(":")[2] not in said
    assert "127.0.0.1" in caplog.text


def test_what_stands_in_our_channel_is_ours_and_comes_once(peer: TelegramPeer) -> None:
    account = replace(peer.account, settings={"channel": "@LarkmereBank"})
    chat = {"id": -1009, "type": "channel", "username": "larkmerebank", "title": "Larkmere"}
    post = {"message_id": 4, "date": 1763799990, "chat": chat, "sender_chat": chat, "text": "We are open"}
    group = {"id": -55, "type": "supergroup", "title": "Talk"}
    update = {"update_id": 1, "channel_post": post}
    (ours,) = TELEGRAM.delivered(account, {}, json.dumps(update).encode())
    assert (ours["author"]["id"], ours["external_id"]) == (account.account_id, "-1009:4")
    forward = {"update_id": 2, "message": post | {"chat": group, "is_automatic_forward": True}}
    assert TELEGRAM.delivered(account, {}, json.dumps(forward).encode()) == []
    (theirs,) = TELEGRAM.delivered(peer.account, {}, json.dumps(update).encode())
    assert theirs["author"]["id"] == "-1009"
    # Without a public name it is known by its number; in a group it speaks with a made-up person beside it.
    private = replace(peer.account, settings={"channel": "-1009"})
    nobody = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    said = {"update_id": 3, "message": post | {"message_id": 9, "chat": group, "from": nobody}}
    (spoken,) = TELEGRAM.delivered(private, {}, json.dumps(said).encode())
    assert (spoken["author"]["id"], spoken["external_id"]) == (account.account_id, "-55:9")


def test_what_has_no_words_is_told_in_words_or_as_a_file() -> None:
    chat, writer = {"id": CUSTOMER, "type": "private"}, {"id": CUSTOMER, "first_name": "A"}

    def heard(**more: object) -> tuple[str, list[tuple[str, str]]]:
        message = {"message_id": 5, "date": 1763799990, "chat": chat, "from": writer, **more}
        (item,) = TELEGRAM.parse(json.dumps({"update_id": 1, "message": message}).encode())
        post = posts.parse(item)
        assert isinstance(post, Post)
        return post.text, [(file.type, file.alt) for file in post.media]

    assert heard(location={"latitude": 35.2, "longitude": -80.8}) == ("[location: 35.2, -80.8]", [])
    venue = {"title": "Branch", "address": "1 Main St", "location": {}}
    assert heard(venue=venue, location={"latitude": 35.2, "longitude": -80.8}) == ("[location: Branch, 1 Main St]", [])
    assert heard(contact={"first_name": "Ann", "last_name": "Lee"}) == ("[contact: Ann Lee]", [])
    assert heard(poll={"question": "When?"}) == ("[poll: When?]", [])
    paper = {"file_id": "BQACAgIAAxkBAAIC", "file_name": "June.pdf", "mime_type": "application/pdf"}
    assert heard(document=paper) == ("", [("document", "June.pdf")])
    assert heard(document=paper | {"mime_type": "image/png"}, caption="See") == ("See", [("image", "June.pdf")])
    moving = {"file_id": "CgACAgIAAxkBAAIC", "mime_type": "video/mp4"}
    assert heard(animation=moving, document=moving) == ("", [("animation", "")])
    assert heard(sticker={"file_id": "CAACAgIAAxkBAAIC", "emoji": "🙂"}) == ("", [("image", "🙂")])
