"""The town's newspaper, as readers, programs and whoever listens to its feed meet it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from mentions import networks
from mentions.networks import Account
from mentions.sandbox import gazette
from mentions.sandbox.models import Article

pytestmark = [pytest.mark.urls("tests.mentions.sandbox.urls"), pytest.mark.django_db(transaction=True)]


def printed(client: Client, **fields: str) -> Any:
    sent = {"paper": "Charlotte Ledger", "headline": "Larkmere raises its rates", "text": "A little."} | fields
    return client.post("/sandbox/api/articles", json.dumps(sent), content_type="application/json")


def test_a_printed_article_has_a_page_and_stands_on_the_front(anybody: Client) -> None:
    answer = printed(anybody, headline="Rates <rise> & fall")
    assert answer.status_code == 201
    page = anybody.get(f"/sandbox/gazette/{answer.json()['id']}/").content.decode()
    assert "Rates &lt;rise&gt; &amp; fall" in page
    assert "Charlotte Ledger" in anybody.get("/sandbox/gazette/").content.decode()
    assert anybody.get("/sandbox/gazette/none/").status_code == 404
    assert "Rates" not in Article.objects.get().sealed_headline


@pytest.mark.parametrize("fields", [{"headline": ""}, {"paper": " "}, {"text": "x" * 4_001}, {"headline": "a\0b"}])
def test_what_cannot_be_printed_is_refused(anybody: Client, fields: dict[str, str]) -> None:
    assert printed(anybody, **fields).status_code == 422
    assert not Article.objects.exists()


def test_the_form_says_what_is_wrong(town: None, files: None) -> None:
    client = Client()
    answer = client.post("/sandbox/gazette/", {"paper": "Ledger", "headline": "", "text": "kept"})
    assert (answer.status_code, "kept" in answer.content.decode()) == (422, True)
    answer = client.post("/sandbox/gazette/", {"paper": "Ledger", "headline": "Rates", "text": ""})
    assert (answer.status_code, Article.objects.count()) == (302, 1)


def test_the_feed_is_read_by_the_product_and_asked_politely(town: None, live_server: Any) -> None:
    account = Account(f"{live_server.url}/sandbox/gazette/feed.json", local=True)
    page = networks.get("feeds").fetch(account, {})
    assert page.items == ()
    gazette.print_article("Charlotte Ledger", "Larkmere raises its rates", "A little.")
    page = networks.get("feeds").fetch(account, page.cursor)
    (item,) = page.items
    assert item["text"] == "Larkmere raises its rates\n\nA little."
    assert item["author"]["name"] == "Charlotte Ledger"
    assert item["url"].startswith("http://127.0.0.1:9/sandbox/gazette/")
    assert networks.get("feeds").fetch(account, page.cursor).items == ()
    again = Client().get("/sandbox/gazette/feed.json", headers={"if-none-match": page.cursor["etag"]})
    assert again.status_code == 304
