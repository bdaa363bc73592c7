"""Town Square's API as programs use it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from mentions.sandbox import faults
from mentions.sandbox.models import Event, Post, Settings
from tests.mentions.sandbox.conftest import TOKEN

pytestmark = pytest.mark.urls("tests.mentions.sandbox.urls")
POSTS = "/sandbox/api/posts"
BANK = "/sandbox/api/bank"


def send(client: Client, body: Any, path: str = POSTS, method: str = "post", **headers: str) -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return getattr(client, method)(path, data, content_type="application/json", headers=headers)


def write(client: Client, text: str = "@meridian my card was declined", **more: Any) -> Any:
    answer = send(client, {"handle": "customer42", "text": text} | more)
    assert answer.status_code == 201, answer.content
    return answer.json()


def as_bank(client: Client, body: Any, key: str = "k-1", token: str = TOKEN) -> Any:
    return send(client, body, f"{BANK}/posts", Authorization=f"Bearer {token}", Idempotency_Key=key)


def ask_bank(client: Client, path: str, token: str = TOKEN, method: str = "get") -> Any:
    return getattr(client, method)(f"{BANK}/{path}", headers={"Authorization": f"Bearer {token}"})


class TestAnybody:
    def test_a_post_is_stored_and_shown_with_its_replies(self, anybody: Client) -> None:
        post = write(anybody)
        reply = write(anybody, "same here", handle="other_one", in_reply_to=post["id"])
        shown = anybody.get(f"{POSTS}/{post['id']}").json()
        assert (shown["handle"], shown["text"], shown["private"]) == (
            "customer42",
            "@meridian my card was declined",
            False,
        )
        assert [one["id"] for one in shown["replies"]] == [reply["id"]]
        assert shown["replies"][0]["in_reply_to"] == post["id"]
        assert shown["url"] == f"http://127.0.0.1:9/sandbox/posts/{post['id']}/"

    def test_an_edit_and_a_deletion(self, anybody: Client) -> None:
        path = f"{POSTS}/{write(anybody)['id']}"
        assert send(anybody, {"text": "never mind"}, path, "put").json()["text"] == "never mind"
        assert anybody.get(path).json()["edited_at"] is not None
        assert anybody.delete(path).status_code == 204
        assert anybody.get(path).status_code == 404
        assert anybody.delete(path).status_code == 404
        assert send(anybody, {"text": "back"}, path, "put").status_code == 404

    def test_a_private_message_is_the_bank_s_and_nobody_else_s(self, anybody: Client) -> None:
        message = write(anybody, "my address changed", private=True)
        assert (message["private"], message["recipient"]) == (True, "meridian")
        stranger = {"handle": "stranger", "text": "let me in", "in_reply_to": message["id"]}
        assert send(anybody, stranger).status_code == 403
        more = write(anybody, "and my name", in_reply_to=message["id"])
        assert more["private"]
        inbox = anybody.get("/sandbox/api/messages/Customer42").json()["items"]
        assert [one["text"] for one in inbox] == ["my address changed", "and my name"]
        assert anybody.get("/sandbox/api/messages/nobody").status_code == 404

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"handle": "a", "text": "x" * 501}, 422),
            ({"handle": "a", "text": " \n"}, 422),
            ({"handle": "a", "text": "a\x00b"}, 422),
            (b'{"handle": "a", "text": "\\ud800"}', 422),
            ({"handle": "two words", "text": "x"}, 422),
            ({"handle": "", "text": "x"}, 422),
            ({"handle": "4111111111111111", "text": "x"}, 422),
            ({"handle": "@Meridian", "text": "we are the bank"}, 403),
            ({"handle": ["a"], "text": "x"}, 422),
            ({"text": "x"}, 422),
            ({"handle": "a", "text": 5}, 422),
            ({"handle": "a", "text": "x", "image": "../../etc/passwd"}, 422),
            ({"handle": "a", "text": "x", "in_reply_to": "gone"}, 404),
            ([], 400),
            (b"\xff\xfe", 400),
            (b"{", 400),
            (b"[" * 50_000, 400),
            (b" " * 70_000, 413),
        ],
    )
    def test_what_is_refused_is_refused_in_words_and_not_stored(self, anybody: Client, body: Any, status: int) -> None:
        answer = send(anybody, body)
        assert answer.status_code == status
        assert answer.json()["error"]
        assert not Post.objects.exists()
        assert not Event.objects.exists()

    def test_the_limit_counts_code_points(self, anybody: Client) -> None:
        assert len(write(anybody, "😀" * 500)["text"]) == 500

    def test_a_picture_of_the_square_s_own_needs_no_words(self, anybody: Client) -> None:
        image = write(anybody, "", image="app-error")["image"]
        assert image["url"] == "http://127.0.0.1:9/static/sandbox/images/app-error.png"
        assert "app" in image["alt"]

    def test_other_methods_are_not_allowed(self, anybody: Client) -> None:
        answer = anybody.get(POSTS)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")

    def test_too_many_calls_are_told_when_to_come_back(self, anybody: Client) -> None:
        Settings.objects.update(calls_per_minute=12)
        answers = [anybody.get(f"{POSTS}/none") for _ in range(4)]
        limited = [answer for answer in answers if answer.status_code == 429]
        assert limited
        assert 1 <= int(limited[0]["Retry-After"]) <= 10

    def test_no_cookie_is_set_or_needed(self, anybody: Client) -> None:
        assert not send(anybody, {"handle": "a", "text": "x"}).cookies


class TestTheBank:
    def test_it_answers_in_public_once_for_each_key(self, anybody: Client) -> None:
        post = write(anybody)
        body = {"text": "We are looking into it.", "in_reply_to": post["id"]}
        first, again = as_bank(anybody, body), as_bank(anybody, body)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["id"] == again.json()["id"]
        replies = anybody.get(f"{POSTS}/{post['id']}").json()["replies"]
        assert [(one["handle"], one["text"]) for one in replies] == [("meridian", "We are looking into it.")]

    def test_it_answers_a_message_in_private_only(self, anybody: Client) -> None:
        message = write(anybody, "hello", private=True)
        assert as_bank(anybody, {"text": "hi", "in_reply_to": message["id"]}).status_code == 422
        sent = as_bank(anybody, {"text": "hi", "in_reply_to": message["id"], "private": True})
        assert sent.status_code == 201
        assert anybody.get(f"{POSTS}/{message['id']}").json()["replies"][0]["text"] == "hi"

    def test_a_private_answer_to_a_public_post_stays_private(self, anybody: Client) -> None:
        post = write(anybody)
        as_bank(anybody, {"text": "call us", "in_reply_to": post["id"], "private": True})
        assert anybody.get(f"{POSTS}/{post['id']}").json()["replies"] == []
        assert anybody.get("/sandbox/api/messages/customer42").json()["items"][0]["text"] == "call us"

    def test_a_message_to_a_person_without_a_post(self, anybody: Client) -> None:
        author = write(anybody)["author"]["id"]
        sent = as_bank(anybody, {"text": "hello", "recipient": author, "private": True})
        assert sent.json()["recipient"] == "customer42"
        assert as_bank(anybody, {"text": "hello", "recipient": "none", "private": True}, "k-2").status_code == 422

    def test_a_lost_answer_is_found_by_its_key(self, anybody: Client) -> None:
        faults.set_faults(dropping=1)
        assert as_bank(anybody, {"text": "posted"}).status_code == 502
        found = ask_bank(anybody, "posts?client_key=k-1").json()["items"]
        assert [one["text"] for one in found] == ["posted"]
        assert ask_bank(anybody, "posts?client_key=k-2").json()["items"] == []

    def test_faults_come_as_often_as_asked(self, anybody: Client) -> None:
        faults.set_faults(failing=1, limited=1, expired=1)
        statuses = [as_bank(anybody, {"text": "posted"}).status_code for _ in range(4)]
        assert sorted(statuses) == [201, 401, 429, 500]

    def test_it_takes_back_its_own_posts_alone(self, anybody: Client) -> None:
        theirs = write(anybody)["id"]
        ours = as_bank(anybody, {"text": "posted"}).json()["id"]
        assert ask_bank(anybody, f"posts/{theirs}", method="delete").status_code == 403
        assert ask_bank(anybody, f"posts/{ours}", method="delete").status_code == 204
        assert ask_bank(anybody, f"posts/{ours}", method="delete").status_code == 404
        assert Event.objects.latest("pk").kind == "post.deleted"
        assert ask_bank(anybody, "posts?client_key=k-1").json()["items"][0]["id"] == ours

    def test_nobody_else_edits_or_deletes_its_posts(self, anybody: Client) -> None:
        path = f"{POSTS}/{as_bank(anybody, {'text': 'posted'}).json()['id']}"
        assert send(anybody, {"text": "hacked"}, path, "put").status_code == 403
        assert anybody.delete(path).status_code == 403

    @pytest.mark.parametrize("token", ["", "wrong", "none"])
    def test_without_its_token_nothing_happens(self, anybody: Client, token: str) -> None:
        assert as_bank(anybody, {"text": "posted"}, token=token).status_code == 401
        assert ask_bank(anybody, "events", token=token).status_code == 401
        assert not Post.objects.exists()

    def test_a_key_is_required(self, anybody: Client) -> None:
        assert as_bank(anybody, {"text": "posted"}, key="").status_code == 400

    def test_a_text_past_the_limit_is_refused(self, anybody: Client) -> None:
        assert as_bank(anybody, {"text": "x" * 501}).status_code == 422


@pytest.mark.django_db(transaction=True)
class TestTheLog:
    def test_it_holds_what_everybody_did_in_order_and_goes_on_from_a_cursor(self, anybody: Client) -> None:
        first = write(anybody)
        write(anybody, "psst", private=True)
        path = f"{POSTS}/{first['id']}"
        send(anybody, {"text": "edited"}, path, "put")
        ours = as_bank(anybody, {"text": "told to ourselves as well"}).json()["id"]
        page = ask_bank(anybody, "events?limit=2").json()
        assert [event["type"] for event in page["events"]] == ["post.created", "message.created"]
        assert page["more"]
        anybody.delete(path)
        rest = ask_bank(anybody, f"events?after={page['next']}").json()
        assert [event["type"] for event in rest["events"]] == ["post.edited", "post.created", "post.deleted"]
        assert rest["events"][0]["post"]["text"] == "edited"
        assert rest["events"][1]["post"]["id"] == ours
        assert "text" not in rest["events"][2]["post"]
        assert not rest["more"]
        end = ask_bank(anybody, f"events?after={rest['next']}").json()
        assert (end["events"], end["next"]) == ([], rest["next"])

    def test_a_stretch_of_time_can_be_asked_for(self, anybody: Client) -> None:
        write(anybody)
        between = timezone.now()
        write(anybody, "later")
        for bound, texts in (("until", ["@meridian my card was declined"]), ("since", ["later"])):
            page = ask_bank(anybody, f"events?{urlencode({bound: between.isoformat()})}").json()
            assert [event["post"]["text"] for event in page["events"]] == texts
        for wrong in ("yesterday", "2026-01-01", "9" * 40):
            assert ask_bank(anybody, f"events?since={wrong}").status_code == 400

    @pytest.mark.parametrize("cursor", ["x", "1", "1.x", "-1.5", "9" * 40 + ".1", "1.1;drop"])
    def test_a_foreign_cursor_is_refused(self, anybody: Client, cursor: str) -> None:
        assert ask_bank(anybody, f"events?after={cursor}").status_code == 400


def test_card_numbers_lie_in_no_table(anybody: Client) -> None:
    post = write(anybody, "my card 4111 1111 1111 1111 was declined")
    send(anybody, {"text": "I meant 4111 1111 1111 1111"}, f"{POSTS}/{post['id']}", "put")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT string_agg(p::text, '') FROM sandbox_post p)"
            " || (SELECT string_agg(e::text, '') FROM sandbox_event e)"
        )
        stored = cursor.fetchone()[0]
    assert "4111 1111" not in stored
    assert "41111111" not in stored
    assert "4111 1111 1111 1111" in anybody.get(f"{POSTS}/{post['id']}").json()["text"]
