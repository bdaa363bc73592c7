"""The whole product as its owner runs it: a customer's post from Town Square to the figure that counts it, and no card
number in any file, whichever way it came."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from config.installation import BASE_DIR
from tests.browser.desk import Desk, press
from tests.factories import post
from tests.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

WRITTEN = "My card was declined at the pharmacy and I am stuck here, can somebody help me please"
ANSWERED = "Sorry about that. Please send us a private message, so that we can look into it together."


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The demonstration bank, on its second morning."""
    running = Product(tmp_path_factory.mktemp("demonstration"), DEMO="1", DEMO_DAYS="1").start()
    yield running
    running.stop()


@pytest.fixture
def come_in(chromium: Browser, demonstration: Product) -> Iterator[Callable[..., Desk]]:
    """A window of the demonstration, of somebody with this role in that team or of nobody; none may complain."""
    opened: list[Desk] = []

    def enter(role: str = "", team: str = "") -> Desk:
        window = Desk(chromium, SimpleNamespace(url=demonstration.url.rstrip("/")))  # type: ignore[arg-type]
        opened.append(window)
        if role:
            people = demonstration.run["demo_users"]
            person = next(one for one in people if one["role"] == role and team in (one["team"] or ""))
            page = window.open("/sign-in/")
            page.get_by_label("Username").fill(person["username"])
            page.get_by_label("Password").fill(person["password"])
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_url(lambda url: "sign-in" not in url)
        return window

    yield enter
    for window in opened:
        window.context.close()
    assert [window.faults for window in opened if window.faults] == []


def stored(product: Product, after: int = 0, text: str = "") -> list[int]:
    """The numbers of the counted posts that came after one, or of those with a text."""
    asked = """
        SELECT m.id FROM mentions_mention m JOIN mentions_mentioncontent c ON c.mention_id = m.id
        WHERE m.id > %s AND c.text LIKE %s
          AND m.source_id NOT IN (SELECT id FROM mentions_source WHERE rival <> '') ORDER BY m.id
    """
    with psycopg.connect(product.run["database_url"]) as connection:
        return [number for (number,) in connection.execute(asked, [after, f"%{text}%"])]


def figure(page: Page, name: str) -> int:
    return int(re.sub(r"\D", "", page.get_by_role("figure", name=name, exact=True).inner_text()))


def test_a_post_is_counted_claimed_answered_and_found_in_the_report(demonstration: Product, come_in: Any) -> None:
    wall = come_in("supervisor").open("/wall/pulse/")
    expect(wall.locator("main")).to_have_attribute("data-state", "live")
    customer = come_in().open("/sandbox/")
    customer.get_by_label("Write as").fill("newcomer")
    customer.get_by_label("What is going on?").fill(f"@meridian {WRITTEN}")
    # The stream goes on writing, so what the wall must show is its own figure and every post since.
    last, before = stored(demonstration)[-1], figure(wall, "Mentions today")
    customer.get_by_role("button", name="Post").click()
    posted = time.monotonic()
    demonstration.eventually(lambda: stored(demonstration, last, WRITTEN), 3, "the post is stored")
    (ours,) = stored(demonstration, last, WRITTEN)
    since = [number for number in stored(demonstration, last) if number <= ours]
    demonstration.eventually(lambda: figure(wall, "Mentions today") >= before + len(since), 3, "it is counted")
    assert time.monotonic() - posted <= 3, "written and not counted on the wall within three seconds"

    agent = come_in("agent", "cards")
    desk = agent.connected("/console/")
    press(desk, "/")
    desk.keyboard.type("@newcomer")
    press(desk, "Enter")
    desk.wait_for_url("**/console/search/**")
    press(desk, "j")
    expect(desk.get_by_role("button", name="Claim", exact=True)).to_be_visible()
    press(desk, "c")
    expect(desk.get_by_role("button", name="Release")).to_be_visible()
    press(desk, "r")
    expect(desk.get_by_role("textbox", name="Reply")).to_be_focused()
    desk.keyboard.type(ANSWERED)
    press(desk, "Control+Enter")
    expect(desk.get_by_text("Sending in")).to_be_visible()
    expect(customer.get_by_text(ANSWERED)).to_have_count(0)
    expect(customer.get_by_role("article").filter(has_text=ANSWERED)).to_be_visible(timeout=30_000)

    report = come_in("manager").open("/reports/volume/")
    report.get_by_role("figure", name="Mentions").get_by_role("link").click()
    row = report.get_by_role("row").filter(has_text=WRITTEN)
    expect(row).to_contain_text("newcomer")
    row.get_by_role("link", name=re.compile("^GH-")).click()
    expect(report.get_by_text(ANSWERED)).to_be_visible()


CARD = "4929 7713 8405 2615"
DIGITS = CARD.replace(" ", "")
# No number, so it is kept; whoever looks for the card would have found it beside this word.
BESIDE = "quincewort"
NO_FIGURES = bytes(set(range(256)) - set(b"0123456789"))
# As it may lie in a file, once everything but figures is gone: spaces, dashes, and what packs a page go with that.
TRACES = (
    DIGITS.encode(),
    "".join(f"{ord(figure):04x}" for figure in DIGITS).encode(),  # behind \\u
    quote(CARD).replace("%", "").encode(),
    CARD.replace(" ", "2520").encode(),  # quoted twice
)


def every_way(number: str) -> list[dict[str, Any]]:
    """Posts with a number in each field that takes a text, and one in three parts."""
    said = f"{BESIDE} {number}"
    parts = (DIGITS[:4], DIGITS[4:8], DIGITS[8:])
    author = {"id": "spread", "handle": "spread"}
    return [
        post(f"my card {said} was stolen"),
        post("hello", author={"id": number, "handle": said, "name": said, "avatar_url": f"https://x.example/{said}"}),
        post("hello", url=f"https://x.example/{quote(said)}?card={number}", conversation_id=number),
        post("hello", media=[{"url": f"https://x.example/{number}.png", "type": "image", "alt": said}]),
        post("hello", location={"place": said, "country": "US", "lat": None, "lon": None}),
        post("hello", something_new={"deep": [said]}, lang=number),
        *(post(part, author=author) for part in parts),
        {"network": "townsquare", "external_id": said, "text": said},
        {"network": number, "external_id": "x", "op": "edit", "text": said, "edited_at": said},
    ]


def lines(number: str) -> bytes:
    """The same for a program: as JSON, behind escapes, and as what is no JSON."""
    plain = [json.dumps(item) for item in every_way(number)]
    behind = "".join(f"\\u{ord(sign):04x}" for sign in number)
    escaped = [json.dumps(item).replace(number, behind) for item in every_way(number)[:2]]
    return "\n".join([*plain, *escaped, f"{{{number}", f'"{number}"', ""]).encode()


def type_everywhere(window: Desk, number: str) -> None:
    """Somebody at work writes it where they can write."""
    request, url = window.page.context.request, window.web.url
    window.open(f"/console/search/?q={BESIDE}")
    token = window.page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    one = f"/console/{window.page.locator('.row').first.get_attribute('data-id')}/"
    said = f"{BESIDE} {number}"
    taken = 0
    for address, form in (
        (f"{one}claim/", {}),
        (f"{one}note/", {"text": said}),
        (f"{one}draft/", {"text": said, "mode": "public", "client_key": str(uuid.uuid4())}),
        (f"{one}reply/", {"text": said, "mode": "public", "version": "99", "client_key": str(uuid.uuid4())}),
        (f"{one}pending/", {"whom": "bank", "until": "2099-01-01T10:00", "reason": said}),
        ("/console/keep/", {"q": said, "name": said}),
        ("/incidents/open/", {"key": str(uuid.uuid4()), "name": said, "severity": "major"}),
        ("/reports/saved/", {"name": said, "report": "volume", "query": f"from={number}", "at": "07:00"}),
        ("/screens/shift/", {"site": "1", "text": said}),
        ("/freeze/lift/", {"reason": said}),
        ("/sign-in/", {"username": said, "password": number}),
    ):
        answer = request.post(url + address, form=form, headers={"X-CSRFToken": token, "Referer": url})
        assert answer.status < 500, address
        taken += answer.ok
    assert taken > 6, "most of it is kept, and not only refused"
    file = {"name": f"{number}.jsonl", "mimeType": "application/json", "buffer": lines(number)}
    drill = {"name": said, "speed": "60", "linger": "1", "file": file}
    assert request.post(f"{url}/drills/start/", multipart=drill, headers={"X-CSRFToken": token}).status < 500
    for address in ("/console/search/?q=", "/nowhere/?card=", "/reports/volume/?from=", "/setup/rules/?", "/posts/?q="):
        assert request.get(url + address + quote(said)).status < 500


def test_no_card_number_is_in_any_file(demonstration: Product, come_in: Any, tmp_path: Path) -> None:
    url, run = demonstration.url.rstrip("/"), demonstration.run
    boss = come_in("supervisor", "cards")
    stranger = come_in().page.context.request
    bearer = {"Authorization": f"Bearer {run['api_token']}", "Content-Type": "application/json"}
    for body in (json.dumps(every_way(CARD)), lines(CARD), json.dumps(every_way(DIGITS))):
        answer = stranger.post(f"{url}/api/v1/posts", data=body, headers=bearer)
        assert answer.status == 200, answer.text()
    for address in ("/hooks/townsquare/town-square", "/api/v1/posts", "/hooks/x/nobody"):
        assert stranger.post(f"{url}{address}?card={quote(CARD)}", data=lines(CARD)).status < 500
    for form in ({"text": f"@meridian {BESIDE} {CARD}"}, {"text": f"{BESIDE} {DIGITS}", "private": True}):
        square = stranger.post(f"{url}/sandbox/api/posts", data=form | {"handle": "spiller"})
        assert square.status == 201, square.text()
    (tmp_path / "posts.jsonl").write_bytes(lines(CARD))
    command = [sys.executable, "manage.py", "ingest", str(tmp_path / "posts.jsonl")]
    read = subprocess.run(command, cwd=BASE_DIR, env=demonstration.environ, capture_output=True, check=False)
    assert read.returncode == 1, "some of them are rejected"
    (demonstration.data_dir / "said").write_bytes(read.stdout + read.stderr)
    demonstration.eventually(lambda: len(stored(demonstration, text=BESIDE)) >= 3, 20, "what came by Town Square")
    type_everywhere(boss, CARD)
    type_everywhere(boss, DIGITS)
    boss.page.close()  # or it says that its server has gone
    demonstration.stop()
    leaks, kept = [], False
    for file in demonstration.data_dir.rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            kept |= BESIDE.encode() in body
            packed = body.translate(None, NO_FIGURES)
            leaks += [(str(file.relative_to(demonstration.data_dir)), trace) for trace in TRACES if trace in packed]
    assert kept, "the words beside the number are on the disk"
    assert leaks == []
