"""Town Square's pages as a person without JavaScript uses them."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from mentions.sandbox import square
from mentions.sandbox.models import Post, Settings

pytestmark = pytest.mark.urls("tests.mentions.sandbox.urls")

HOSTILE = '<script>alert(1)</script> <img src=x onerror=alert(1)> "\'><svg/onload=alert(1)> hx-get="/x" {{ 7 }}'


class Forms(HTMLParser):
    """The forms of a page, filled as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if tag == "form":
            self.found.append({"action": have.get("action"), "fields": {}})
        elif tag in ("input", "textarea", "select") and self.found and have.get("name"):
            self.found[-1]["fields"][have["name"]] = have.get("value") or ""


def submit(client: Client, address: str, form: int = 0, **values: str) -> Any:
    page = client.get(address)
    found = Forms(page.content.decode()).found[form]
    return client.post(found["action"] or address, found["fields"] | values, follow=True)


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_nobody_writes_by_the_forms_as_fast_as_programs_do(anybody: Client) -> None:
    Settings.objects.update(calls_per_minute=12)
    answers = [submit(anybody, "/sandbox/", handle="customer42", text=f"number {n}").status_code for n in range(5)]
    assert answers.count(429) >= 1  # two in ten seconds, and they may begin in between
    assert Post.objects.count() < 5


def test_writing_replying_editing_and_deleting(anybody: Client) -> None:
    page = submit(anybody, "/sandbox/", handle="customer42", text="@meridian my card was declined")
    assert "A post by @customer42" in text_of(page)
    address = page.redirect_chain[-1][0]
    reply_link = re.search(r'href="([^"]+)"[^>]*aria-label="Reply to @customer42"', text_of(anybody.get("/sandbox/")))
    assert reply_link
    assert reply_link[1] == f"{address}#answer"
    page = submit(anybody, address, text="same here")
    assert "same here" in text_of(page)
    assert "1 reply" in text_of(page)
    reply = Post.objects.get(thread=Post.objects.get(in_reply_to=None).key, in_reply_to__isnull=False)
    page = submit(anybody, f"/sandbox/posts/{reply.key}/edit/", text="same over here")
    assert "same over here" in text_of(page)
    assert "edited" in text_of(page)
    page = submit(anybody, f"/sandbox/posts/{reply.key}/delete/")
    assert "same over here" not in text_of(anybody.get(address))


def test_the_bank_s_answer_is_seen_where_the_customer_wrote(anybody: Client) -> None:
    post = square.write("customer42", "where is my transfer?")
    square.answer("We are looking into it.", client_key="k", in_reply_to=post.key)
    page = text_of(anybody.get(f"/sandbox/posts/{post.key}/"))
    assert "We are looking into it." in page
    assert "Edit the post by @meridian" not in page


def test_messages_are_seen_on_their_own_page_only(anybody: Client) -> None:
    page = submit(anybody, "/sandbox/messages/", handle="customer42")
    assert anybody.get("/sandbox/messages/", {"handle": "@customer42"})["Location"] == "/sandbox/messages/customer42/"
    page = submit(anybody, "/sandbox/messages/customer42/", text="my address changed")
    assert page.redirect_chain[-1][0] == "/sandbox/messages/customer42/"
    assert "my address changed" in text_of(page)
    message = Post.objects.get()
    assert "my address changed" not in text_of(anybody.get("/sandbox/"))
    assert anybody.get(f"/sandbox/posts/{message.key}/").status_code == 404
    page = submit(anybody, f"/sandbox/posts/{message.key}/delete/")
    assert "No messages yet." in text_of(page)


def test_what_was_wrong_is_said_beside_what_was_typed(anybody: Client) -> None:
    page = submit(anybody, "/sandbox/", handle="meridian", text="we are the bank")
    assert page.status_code == 403
    assert "This handle belongs to somebody with a password." in text_of(page)
    assert "we are the bank" in text_of(page)
    assert 'aria-invalid="true"' in text_of(page)
    page = submit(anybody, "/sandbox/", handle="customer42", text="x" * 501)
    assert "This has at most 500 characters." in text_of(page)
    assert not Post.objects.exists()


def test_line_ends_of_browsers_count_once(anybody: Client) -> None:
    submit(anybody, "/sandbox/", handle="customer42", text="a\r\n" * 250)
    assert Post.objects.get().text == "a\n" * 250


def test_the_name_is_remembered(anybody: Client) -> None:
    submit(anybody, "/sandbox/", handle="customer42", text="hello")
    cookie = anybody.cookies["townsquare_handle"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/sandbox/")
    assert 'value="customer42"' in text_of(anybody.get("/sandbox/write/"))
    filled = text_of(anybody.get("/sandbox/write/?handle=newcomer&text=My+card+%3Cscript%3E"))
    assert 'value="newcomer"' in filled
    assert "My card &lt;script&gt;</textarea>" in filled
    anybody.cookies["townsquare_handle"] = '"><script>'
    assert "<script>" not in text_of(anybody.get("/sandbox/write/"))


def test_a_form_from_another_site_writes_nothing(anybody: Client) -> None:
    assert anybody.post("/sandbox/write/", {"handle": "a", "text": "forged"}).status_code == 403
    assert not Post.objects.exists()


def test_hostile_text_is_shown_as_text(anybody: Client) -> None:
    post = square.write("customer42", HOSTILE)
    square.write("customer42", HOSTILE, private=True)
    for address in (
        "/sandbox/",
        f"/sandbox/posts/{post.key}/",
        "/sandbox/@customer42/",
        "/sandbox/messages/customer42/",
        f"/sandbox/posts/{post.key}/edit/",
        f"/sandbox/posts/{post.key}/delete/",
    ):
        page = text_of(anybody.get(address))
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page
        assert "<svg/onload" not in page
        assert "style=" not in page


def test_handles_in_a_text_lead_to_their_people(anybody: Client) -> None:
    square.write("customer42", "@meridian ask @other_one, not me@example.org")
    page = text_of(anybody.get("/sandbox/"))
    assert '<a href="/sandbox/@meridian/">@meridian</a> ask <a href="/sandbox/@other_one/">@other_one</a>, not' in page
    assert "/sandbox/@example" not in page


def test_the_square_goes_on_page_by_page(anybody: Client) -> None:
    for number in range(35):
        square.write("customer42", f"post number {number:02}")
    first = text_of(anybody.get("/sandbox/"))
    assert "post number 34" in first
    assert "post number 04" not in first
    older = re.search(r'href="(\?before=[a-z]+)"', first)
    assert older
    second = text_of(anybody.get(f"/sandbox/{older[1]}"))
    assert "post number 04" in second
    assert "post number 05" not in second
    profile = text_of(anybody.get("/sandbox/@CUSTOMER42/"))
    assert "post number 34" in profile
    assert anybody.get("/sandbox/?before=nonsense").status_code == 404


@pytest.mark.parametrize(
    "address", ["@nobody/", "posts/nothing/", "messages/4111111111111111/", "write/?in_reply_to=nothing"]
)
def test_what_is_not_there_is_not_found(anybody: Client, address: str) -> None:
    assert anybody.get(f"/sandbox/{address}").status_code == 404
