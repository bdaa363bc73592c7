"""The whole product against Bluesky itself, from a customer's post to a wall in Chromium and back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from mentions import posts
from mentions.networks import Account, NetworkError, Outgoing, Wanted, get
from mentions.posts import Operation, Post
from tests.factories import PASSWORD
from tests.mentions.networks.jetstream import Jetstream
from tests.mentions.wire import Line, wire
from tests.peers import bluesky, firehose
from tests.peers.bank import ADMINISTRATOR, Desk, connect
from tests.peers.bluesky import Bluesky
from tests.peers.waiting import eventually
from tests.product import Product

CONNECTOR = get("bluesky")
BY_SESSION = "Thank you for writing again. Please tell us on our own pages how it went, and we will look into it."
SORRY = "Sorry about the trouble. Please write to us on our own pages so that we can look into it together."


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bluesky]:
    with bluesky.running(tmp_path_factory.mktemp("bluesky")) as running:
        yield running


@pytest.fixture(scope="module")
def jetstream(network: Bluesky) -> Iterator[Jetstream]:
    """All that is written there, as it is written."""
    with firehose.streamed(network.pds) as running:
        yield running


@pytest.fixture(scope="module")
def desk(network: Bluesky, jetstream: Jetstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The product, connected with a session that has ended and the app password behind it."""
    product = Product(tmp_path_factory.mktemp("product")).start()
    yield connect(
        product,
        network="bluesky",
        base_url=network.pds,
        handle=network.bank.handle,
        account_id=network.bank.did,
        settings={"jetstream": jetstream.url, "directory": network.directory},
        secrets={"token": "ended.ended.ended", "password": network.bank.password},
    )
    product.stop()


class Listener:
    """The connector alone, with its cursor."""

    def __init__(self, network: Bluesky) -> None:
        secrets = {"password": network.bank.password}
        self.account = Account(network.pds, network.bank.handle, network.bank.did, secrets, local=True)
        self.cursor: dict[str, Any] = {}
        self.hear()

    def hear(self) -> list[Post | Operation]:
        fetched = CONNECTOR.fetch(self.account, self.cursor)
        self.cursor = fetched.cursor
        return [posts.parse(item) for item in fetched.items]

    def hears(self, what: str) -> list[Post | Operation]:
        heard: list[Post | Operation] = eventually(self.hear, 20, what)
        return heard


def test_a_mention_is_queued_shown_answered_reworded_and_forgotten(
    network: Bluesky, desk: Desk, chromium: Browser
) -> None:
    lives = "SELECT count(*) FROM mentions_stream WHERE live_since IS NOT NULL"
    eventually(lambda: desk.rows(lives) == [(1,)], 30, "the stream")
    began = time.monotonic()
    uri = network.customer.write("my card was declined at the airport", naming=network.bank)
    desk.conversation(uri)
    print(f"\nin its queue after {time.monotonic() - began:.1f} s")
    wall = desk.wall(chromium)
    expect(wall.get_by_text("declined at the airport")).to_be_visible(timeout=20_000)
    desk.answer(uri, SORRY)
    eventually(lambda: [record["text"] for record in network.replies(uri)] == [SORRY], 30, "the reply on Bluesky")
    state, external_id, error = desk.reply(SORRY)
    assert (state, error) == ("sent", "")
    assert external_id.startswith(f"at://{network.bank.did}/app.bsky.feed.post/")

    network.customer.rewrite(uri, "my card was declined twice", naming=network.bank)
    eventually(lambda: "declined twice" in (desk.stored(uri) or ("", ""))[1], 30, "the edit")
    expect(wall.get_by_text("declined twice")).to_be_visible(timeout=20_000)

    began = time.monotonic()
    network.customer.delete(uri)
    eventually(lambda: (desk.stored(uri) or (0, "", None))[2], 30, "the deletion")
    print(f"forgotten after {time.monotonic() - began:.1f} s")
    expect(wall.get_by_text("declined twice")).to_have_count(0, timeout=10_000)
    print(f"off the wall after {time.monotonic() - began:.1f} s")


def test_what_was_written_while_we_were_away_is_there_when_we_are_back(network: Bluesky, desk: Desk) -> None:
    before = network.customer.write("before the lights went out", naming=network.bank)
    desk.conversation(before)
    desk.product.stop()
    missed = [network.stranger.write(f"number {n} while you were away", naming=network.bank) for n in range(3)]
    desk.product.start()
    began = time.monotonic()
    for uri in missed:
        desk.conversation(uri)
    print(f"\nfilled after {time.monotonic() - began:.1f} s")


def test_an_account_that_is_taken_down_takes_its_posts_along(network: Bluesky) -> None:
    listener = Listener(network)
    uri = network.stranger.write("you are all crooks", naming=network.bank)
    assert [item.external_id for item in listener.hears("the post")] == [uri]
    network.take_down(network.stranger.did)
    try:
        heard = listener.hears("the takedown")
    finally:
        network.take_down(network.stranger.did, back=True)
    assert ("delete", uri) in [(item.op, item.external_id) for item in heard if isinstance(item, Operation)]
    assert listener.hear() == []


def test_what_happens_is_heard_as_it_happens(network: Bluesky, jetstream: Jetstream) -> None:
    secrets = {"password": network.bank.password}
    told = {"jetstream": jetstream.url}
    account = Account(network.pds, network.bank.handle, network.bank.did, secrets, told, local=True)
    kept: list[str] = []
    wanted = Wanted(
        may_fit=lambda text: "harbour" in text,
        stored=lambda ids: set(kept) & set(ids),
        by=lambda did: [uri for uri in kept if did in uri],
    )
    heard = CONNECTOR.stream(account, "jetstream", {}, wanted)
    items: list[Post | Operation] = []
    found: list[Post | Operation] = []

    def listen() -> None:
        streamed = next(heard)
        items.extend(posts.parse(item) for item in streamed.items)
        found.extend(posts.parse(item) for item in streamed.found)
        kept.extend(item.external_id for item in items if isinstance(item, Post) and item.external_id not in kept)

    def hears(many: int, of: list[Post | Operation]) -> None:
        deadline = time.monotonic() + 30
        while len(of) < many:
            assert time.monotonic() < deadline, (items, found)
            listen()

    listen()
    began = time.monotonic()
    uri = network.customer.write("is the branch open?", naming=network.bank)
    hears(1, items)
    print(f"\nheard after {time.monotonic() - began:.2f} s")
    post = items[0]
    assert isinstance(post, Post)
    assert (post.external_id, post.author.handle) == (uri, network.customer.handle)
    assert "is the branch open?" in post.text
    network.customer.rewrite(uri, "is the branch open today?", naming=network.bank)
    hears(2, items)
    network.customer.delete(uri)
    hears(3, items)
    assert [(item.op, item.external_id) for item in items if isinstance(item, Operation)] == [
        ("edit", uri),
        ("delete", uri),
    ]
    network.stranger.write("lunch at the harbour")
    network.stranger.write("nothing of interest")
    hears(1, found)
    rude = network.stranger.write("crooks, all of you", naming=network.bank)
    hears(4, items)
    network.take_down(network.stranger.did)
    try:
        hears(5, items)
    finally:
        network.take_down(network.stranger.did, back=True)
    last = items[-1]
    assert isinstance(last, Operation)
    assert (last.op, last.external_id) == ("delete", rude)
    assert len(found) == 1
    heard.close()


def test_a_thread_is_one_conversation_and_a_quote_keeps_what_it_quotes(network: Bluesky) -> None:
    listener = Listener(network)
    root = network.customer.write("the transfer is stuck", naming=network.bank)
    listener.hears("the post")
    ours = CONNECTOR.publish(listener.account, Outgoing(SORRY, "public", "thread-1", in_reply_to=root))
    listener.hears("our own reply")

    def seen() -> dict[str, dict[str, str]]:
        asked = {"uris": [root, ours.external_id]}
        posts = httpx.get(f"{network.index}/xrpc/app.bsky.feed.getPosts", params=asked).json()["posts"]
        return {one["uri"]: {"uri": one["uri"], "cid": one["cid"]} for one in posts}

    eventually(lambda: len(seen()) == 2, 20, "both posts in the index")
    refs = seen()
    under = network.customer.write("still stuck", reply={"root": refs[root], "parent": refs[ours.external_id]})
    (reply,) = listener.hears("the reply")
    assert isinstance(reply, Post)
    assert (reply.external_id, reply.kind) == (under, "reply")
    assert (reply.conversation_id, reply.in_reply_to) == (root, ours.external_id)


def test_a_text_with_people_links_and_tags_is_what_everybody_sees(network: Bluesky) -> None:
    listener = Listener(network)
    uri = network.customer.write("where is help?", naming=network.bank)
    listener.hears("the post")
    picture = BytesIO()
    Image.new("RGB", (1200, 630), "teal").save(picture, "PNG")
    head = "<meta property='og:title' content='Blocked cards'><meta property='og:image' content='/card.png'>"

    def talk(line: Line) -> None:
        while asked := line.hear():
            shown, kind = (picture.getvalue(), "image/png") if b"/card.png " in asked else (head.encode(), "text/html")
            line.say(shown, content_type=kind)

    with wire(talk) as page:
        link = f"{page.url}/help"
        text = f"Ça va 👨‍👩‍👧‍👦 @customer.test, see {link}. #Hilfe"
        CONNECTOR.publish(listener.account, Outgoing(text, "public", "rich-1", in_reply_to=uri))
    (record,) = eventually(lambda: network.replies(uri), 20, "the reply")
    said = text.encode()
    marked = {
        facet["features"][0]["$type"].partition("#")[2]: said[facet["index"]["byteStart"] : facet["index"]["byteEnd"]]
        for facet in record["facets"]
    }
    assert {kind: part.decode() for kind, part in marked.items()} == {
        "mention": "@customer.test",
        "link": link,
        "tag": "#Hilfe",
    }
    card = record["embed"]["external"]
    assert (card["title"], card["thumb"]["mimeType"][:6]) == ("Blocked cards", "image/")


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("e\u0301" * 300, True),
        ("👨‍👩‍👧‍👦" * 120, True),
        ("👨‍👩‍👧‍👦" * 121, False),
        ("🇩🇪" * 300, True),
        ("🇩🇪" * 301, False),
        ("각" * 300, True),
        ("x" * 301, False),
        ("👍🏽" * 300, True),
    ],
)
def test_we_count_as_the_network_does(network: Bluesky, text: str, taken: bool) -> None:
    """The network's word, asked directly, and ours."""
    assert CONNECTOR.limits.fits(text, "public") is taken
    record = {"$type": bluesky.POSTS, "text": text, "createdAt": "2026-11-22T00:00:00.000Z"}
    answer = network.stranger.client.post(
        "/xrpc/com.atproto.repo.createRecord",
        json={"repo": network.stranger.did, "collection": bluesky.POSTS, "record": record},
    )
    assert (answer.status_code == 200) is taken, answer.text


def test_a_reply_is_sent_once_found_again_and_taken_back(network: Bluesky) -> None:
    listener = Listener(network)
    uri = network.customer.write("hello?", naming=network.bank)
    listener.hears("the post")
    reply = Outgoing(SORRY, "public", "once-1", in_reply_to=uri)
    assert CONNECTOR.reconcile(listener.account, "once-1", reply) is None
    sent = CONNECTOR.publish(listener.account, reply)
    assert CONNECTOR.publish(listener.account, reply).external_id == sent.external_id
    found = CONNECTOR.reconcile(listener.account, "once-1", reply)
    assert found is not None
    assert found.external_id == sent.external_id
    assert [item["text"] for item in eventually(lambda: network.replies(uri))] == [SORRY]
    CONNECTOR.retract(listener.account, sent.external_id)
    CONNECTOR.retract(listener.account, sent.external_id)
    eventually(lambda: not network.replies(uri), 20, "the retraction")


def test_posts_are_searched_looked_up_and_asked_for_by_time(network: Bluesky) -> None:
    listener = Listener(network)
    began = datetime.now(UTC) - timedelta(seconds=1)
    word = f"zebra{time.monotonic_ns()}"
    uri = network.stranger.write(f"a {word} at the counter")
    found = eventually(lambda: CONNECTOR.search(listener.account, word, {}).items, 20, "the search")
    assert [item["external_id"] for item in found] == [uri]
    named = network.stranger.write("and one for the bank", naming=network.bank)
    listener.hears("the mention")
    gone = f"{uri[:-4]}2222"
    looked = CONNECTOR.lookup(listener.account, [named, gone, "at://did:plc:nobody/app.bsky.feed.post/3k2222222222a"])
    assert looked[named] is not None
    assert looked[gone] is None
    page = CONNECTOR.history(listener.account, began, datetime.now(UTC) + timedelta(seconds=5), {})
    assert named in [item["external_id"] for item in page.items]


def test_sessions_are_opened_renewed_and_refused(network: Bluesky) -> None:
    by_password = Account(network.pds, network.bank.handle, secrets={"password": network.bank.password}, local=True)
    assert CONNECTOR.probe(by_password).account_id == network.bank.did
    first = CONNECTOR.refresh(by_password)
    by_tokens = Account(network.pds, network.bank.handle, network.bank.did, dict(first.secrets), local=True)
    second = CONNECTOR.refresh(by_tokens)
    assert second.secrets["renewal"] != first.secrets["renewal"]
    assert second.expires_at is not None
    for secrets in ({"password": "wrong"}, {"token": "ended.ended.ended"}, {"token": "x", "password": "wrong"}):
        refused = Account(network.pds, network.bank.handle, network.bank.did, secrets, local=True)
        with pytest.raises(NetworkError) as caught:
            CONNECTOR.fetch(refused, {})
        assert caught.value.follow == "reauthorise"


def test_the_network_s_own_limits_say_when_to_come_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    with bluesky.running(tmp_path_factory.mktemp("limited"), limited=True) as network:
        account = Account(network.pds, network.bank.handle, network.bank.did, {"password": "wrong"}, local=True)
        seen: dict[str, NetworkError] = {}
        for _ in range(35):
            with pytest.raises(NetworkError) as caught:
                CONNECTOR.probe(account)
            seen[caught.value.follow] = caught.value
            if caught.value.follow == "retry":
                break
        assert set(seen) == {"reauthorise", "retry"}
        assert seen["retry"].retry_at is not None
        assert timedelta(0) < seen["retry"].retry_at - datetime.now(UTC) <= timedelta(minutes=5)
        good = Account(network.pds, network.customer.handle, "", {"password": network.customer.password}, local=True)
        quota = CONNECTOR.probe(good).quota
        assert quota is not None
        assert 0 < quota.remaining < quota.limit


def test_the_account_is_signed_in_at_its_own_server_and_goes_on_without_the_app_password(
    network: Bluesky, desk: Desk, chromium: Browser
) -> None:
    """Last of all: from here on the product acts by a session that is bound to a key."""
    page = desk.page(chromium, ADMINISTRATOR, f"setup/sources/{desk.source_id}/", {"width": 1440, "height": 900})
    page.get_by_role("button", name="Sign in at Bluesky").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Sign in at Bluesky").click()
    page.wait_for_url(f"{network.pds.replace('127.0.0.1', 'localhost')}/**", timeout=20_000)
    page.get_by_label("Password", exact=True).fill(network.bank.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name=re.compile("Authorize|Accept|Allow")).click(timeout=15_000)
    expect(page.get_by_text("lets us act for this account").first).to_be_visible(timeout=20_000)
    told = "from mentions import models, sources; print(*sources.secrets_of(models.Source.objects.get(slug='peer')))"
    kept = set(desk.command("shell", "--no-imports", "-c", told).stdout.decode().split())
    assert {"dpop_key", "token", "refresh_token", "issuer", "server"} <= kept
    assert not {"password", "renewal", "sign_in_key"} & kept
    uri = network.customer.write("and does my card work again?", naming=network.bank)
    desk.answer(uri, BY_SESSION)
    eventually(lambda: [record["text"] for record in network.replies(uri)] == [BY_SESSION], 30, "the reply on Bluesky")
    desk.rows("UPDATE mentions_source SET expires_at = now() + interval '30 seconds' WHERE slug = 'peer' RETURNING id")
    renewed = "SELECT count(*) FROM mentions_event WHERE kind = 'source.renewed'"
    eventually(lambda: desk.rows(renewed) == [(1,)], 30, "a renewal")
    later = network.customer.write("thank you, it does", naming=network.bank)
    desk.conversation(later)
    page.goto(f"{desk.product.url}setup/sources/{desk.source_id}/")
    page.get_by_label("Erase its keys").check()
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("its keys are erased.").first).to_be_visible()
