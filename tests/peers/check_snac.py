"""The connector and the whole product against snac2, a server that speaks Mastodon's API and has its own ways.

What this server cannot do is checked too: that we notice, and say so instead of believing it done.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from mentions import posts
from mentions.networks import Account, NetworkError, Outgoing, get
from mentions.posts import Operation, Post
from tests.peers import snac
from tests.peers.bank import Desk, connect
from tests.peers.snac import Person
from tests.peers.waiting import eventually
from tests.product import Product

CONNECTOR = get("mastodon")
SORRY = "Sorry about the trouble. Please write to us on our own pages so that we can look into it together."


@pytest.fixture(scope="module")
def people() -> Iterator[dict[str, Person]]:
    with snac.running() as found:
        yield found


@pytest.fixture(scope="module")
def desk(people: dict[str, Person], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    bank = people["bank"]
    product = Product(tmp_path_factory.mktemp("product")).start()
    told = CONNECTOR.probe(account(bank))
    yield connect(
        product,
        network="mastodon",
        base_url=bank.base,
        handle=told.handle,
        account_id=told.account_id,
        settings=dict(told.settings),
        secrets={"token": bank.token},
    )
    product.stop()


def account(bank: Person) -> Account:
    return Account(bank.base, "bank", secrets={"token": bank.token}, local=True)


class Listener:
    """The connector alone, with its cursor."""

    def __init__(self, bank: Person) -> None:
        self.account = account(bank)
        self.cursor: dict[str, Any] = {}
        while self.hear():
            pass

    def hear(self) -> list[Post | Operation]:
        fetched = CONNECTOR.fetch(self.account, self.cursor)
        self.cursor = fetched.cursor
        return [posts.parse(item) for item in fetched.items]

    def hears(self, what: str) -> list[Post | Operation]:
        heard: list[Post | Operation] = eventually(self.hear, 40, what)
        return heard


def test_a_mention_is_queued_shown_and_answered(people: dict[str, Person], desk: Desk, chromium: Browser) -> None:
    bank, customer = people["bank"], people["customer"]
    written = customer.write(f"{bank.named} my card was declined at the airport")
    desk.conversation(written["uri"])
    wall = desk.wall(chromium)
    expect(wall.get_by_text("declined at the airport")).to_be_visible(timeout=20_000)
    desk.answer(written["uri"], SORRY)
    replies = eventually(lambda: customer.replies(written["id"]), 40, "the reply at the customer's server")
    assert [SORRY in reply["text"] and customer.named in reply["text"] for reply in replies] == [True]
    state, external_id, error = desk.reply(SORRY)
    assert (state, external_id, error) == ("sent", replies[0]["uri"], "")


def test_what_was_written_while_we_were_away_is_there_when_we_are_back(people: dict[str, Person], desk: Desk) -> None:
    bank, customer = people["bank"], people["customer"]
    desk.product.stop()
    missed = [customer.write(f"{bank.named} number {n} while you were away") for n in range(3)]
    desk.product.start()
    for status in missed:
        desk.conversation(status["uri"])


def test_an_edit_is_heard(people: dict[str, Person]) -> None:
    bank, customer = people["bank"], people["customer"]
    listener = Listener(bank)
    written = customer.write(f"{bank.named} my card was declined")
    (heard,) = listener.hears("the mention")
    assert isinstance(heard, Post)
    assert (heard.external_id, heard.visibility) == (written["uri"], "public")
    assert heard.author.handle == customer.named.removeprefix("@")
    customer.ask("PUT", f"statuses/{written['id']}", status=f"{bank.named} my card was declined twice")
    edits = eventually(lambda: [item for item in listener.hear() if isinstance(item, Operation)], 40, "the edit")
    assert ("edit", written["uri"]) in [(edit.op, edit.external_id) for edit in edits]
    assert any("twice" in (edit.text or "") for edit in edits)


def test_a_private_message_stays_private_on_its_way_in_and_out(people: dict[str, Person]) -> None:
    bank, customer = people["bank"], people["customer"]
    listener = Listener(bank)
    written = customer.write(f"{bank.named} between you and me", visibility="direct")
    (heard,) = listener.hears("the message")
    assert isinstance(heard, Post)
    assert (heard.external_id, heard.kind, heard.visibility) == (written["uri"], "message", "private")
    with pytest.raises(NetworkError) as caught:
        CONNECTOR.publish(listener.account, Outgoing("Hear, hear", "public", "p-1", in_reply_to=heard.external_id))
    assert caught.value.follow == "give_up"
    CONNECTOR.publish(listener.account, Outgoing("Of course", "private", "p-2", in_reply_to=heard.external_id))
    (reply,) = eventually(lambda: customer.replies(written["id"]), 40, "the private reply")
    assert reply["visibility"] not in ("public", "unlisted")


def test_a_reply_is_found_again_reworded_and_not_believed_deleted(people: dict[str, Person]) -> None:
    bank, customer = people["bank"], people["customer"]
    listener = Listener(bank)
    written = customer.write(f"{bank.named} hello?")
    listener.hears("the mention")
    began = datetime.now(UTC)
    reply = Outgoing(SORRY, "public", "r-1", in_reply_to=written["uri"], attempted_at=began)
    assert CONNECTOR.reconcile(listener.account, "r-1", reply) is None
    sent = CONNECTOR.publish(listener.account, reply)
    found = CONNECTOR.reconcile(listener.account, "r-1", reply)
    assert found is not None
    assert found.external_id == sent.external_id
    (echo,) = listener.hears("our own reply")
    assert isinstance(echo, Post)
    assert (echo.external_id, echo.author.id) == (sent.external_id, CONNECTOR.probe(listener.account).account_id)
    assert (echo.in_reply_to, echo.conversation_id) == (written["uri"], written["uri"])
    CONNECTOR.edit(listener.account, sent.external_id, "We have looked into it.")
    looked = CONNECTOR.lookup(listener.account, [sent.external_id, written["uri"], f"{written['uri']}9"])
    assert "looked into" in str((looked[sent.external_id] or {}).get("text"))
    assert looked[f"{written['uri']}9"] is None
    with pytest.raises(NetworkError, match="does not let us delete"):
        CONNECTOR.retract(listener.account, sent.external_id)


def test_words_are_searched_and_a_stretch_of_time_is_asked_for(people: dict[str, Person]) -> None:
    bank, customer = people["bank"], people["customer"]
    listener = Listener(bank)
    began = datetime.now(UTC) - timedelta(seconds=2)
    written = customer.write(f"{bank.named} a zebra at the counter")
    listener.hears("the mention")
    assert written["uri"] in [item["external_id"] for item in CONNECTOR.search(listener.account, "zebra", {}).items]
    page = CONNECTOR.history(listener.account, began, datetime.now(UTC) + timedelta(seconds=5), {})
    assert written["uri"] in [item["external_id"] for item in page.items]


def test_a_token_that_is_none_and_limits_that_are_its_own(people: dict[str, Person]) -> None:
    bank = people["bank"]
    told = CONNECTOR.probe(account(bank))
    limits = CONNECTOR.limits_for(Account(bank.base, settings=told.settings))
    assert limits.allowed("public") > 50_000
    with pytest.raises(NetworkError) as caught:
        CONNECTOR.fetch(Account(bank.base, secrets={"token": "none"}, local=True), {})
    assert caught.value.follow == "reauthorise"
