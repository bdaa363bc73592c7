"""Town Square in Chromium: what a newcomer sees, without faults of access or of the content policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from mentions.sandbox import gazette, square
from tests.chromium import AGAIN, CONTRAST, RULES

pytestmark = [
    pytest.mark.urls("tests.mentions.sandbox.urls"),
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def page(town: None, files: None, live_server: Any, chromium: Browser) -> Iterator[Page]:
    """A phone's page that fails the test on any complaint of the browser."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 320, "height": 640})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints


def test_every_page_can_be_used_by_everybody_on_a_phone(page: Page) -> None:
    post = square.write("customer42", "@meridian my card was declined " + "x" * 200, image="card-terminal")
    square.answer("We are looking into it.", client_key="k", in_reply_to=post.key)
    square.write("customer42", "my address changed", private=True)
    addresses = ["", "write/", "messages/", "messages/customer42/", "@customer42/", f"posts/{post.key}/"]
    printed = gazette.print_article("Charlotte Ledger", "Larkmere closes branches " + "x" * 100, "A little.")
    addresses += [f"posts/{post.key}/edit/", f"posts/{post.key}/delete/", "gazette/", f"gazette/{printed.key}/"]
    for address in addresses:
        answer = page.goto(f"/sandbox/{address}")
        assert answer is not None
        for scheme, examiner, rules in (("light", Axe(), RULES), ("dark", AGAIN, CONTRAST)):
            page.emulate_media(color_scheme=scheme)
            found = examiner.run(page, options=rules)
            assert found.violations_count == 0, f"{address} in {scheme}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{address} is wider than the phone"


def test_a_customer_writes_and_sees_the_answer_come(page: Page) -> None:
    page.goto("/sandbox/")
    page.get_by_label("Write as").fill("customer42")
    page.get_by_label("What is going on?").fill("@meridian my card was declined")
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A post by @customer42")
    key = page.url.rstrip("/").rpartition("/")[2]
    square.answer("We are looking into it.", client_key="k", in_reply_to=key)
    expect(page.get_by_role("article").filter(has_text="We are looking into it.")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("status")).to_have_text("There is a new reply.")
