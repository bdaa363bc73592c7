"""A desk in a real browser: one person's window, and what the house does meanwhile."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from agents.models import User
from mentions import live
from mentions.events import Sealer
from mentions.models import Conversation
from tests.web import Web, sign_in


def publish() -> None:
    """Seal and announce, as the listener does."""
    sealer = Sealer()
    while sealed := sealer.tick():
        live.announce(sealed)


class Desk:
    """A browser window of one person, and everything that went wrong in it."""

    def __init__(self, browser: Browser, web: Web, person: User | None = None, **options: Any) -> None:
        self.web = web
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.faults: list[str] = []
        if person is not None:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(person), "url": web.url}
            self.context.add_cookies([cookie])
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "request",
            lambda asked: None if asked.url.startswith((web.url, "data:")) else self.faults.append(asked.url),
        )

    def open(self, path: str) -> Page:
        self.page.goto(self.web.url + path)
        return self.page

    def connected(self, path: str) -> Page:
        page = self.open(path)
        expect(page.locator("html")).to_have_attribute("data-link", "live")
        return page


def priya() -> User:
    return User.objects.get(username="priya")


def first() -> Conversation:
    return Conversation.objects.order_by("pk")[0]


def press(page: Page, *keys: str) -> None:
    """Press keys as somebody does who sees the page: one that has just been turned to shows its rows before its scripts
    listen, and a key in that moment is nobody's.
    """
    for key in keys:
        page.wait_for_load_state("domcontentloaded")
        page.keyboard.press(key)
