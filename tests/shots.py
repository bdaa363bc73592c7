"""`make shots`: the pictures of the README, taken of a fresh demonstration in a real browser."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import BROWSERS, QUIET
from tests.product import Product

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SETTLE_S = 20


def main() -> None:
    """Start the demonstration, let it run a little, and take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = Path(tempfile.mkdtemp(prefix="glasshouse-shots-"))
    product = Product(data, DEMO="1").start()
    try:
        time.sleep(SETTLE_S)
        path = next(filter(None, map(shutil.which, BROWSERS)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=QUIET)
            people = {user["role"]: user for user in reversed(product.run["demo_users"])}
            _console(browser, product.url, people["agent"])
            _wall(browser, product.url, people["supervisor"])
            _report(browser, product.url, people["manager"])
            browser.close()
    finally:
        product.stop()
        shutil.rmtree(data, ignore_errors=True)


def _console(browser: Browser, url: str, agent: dict[str, Any]) -> None:
    page = _signed_in(browser, url, agent, 1440, 900)
    page.goto(f"{url}console/")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("textbox", name="Reply").fill(
        "Sorry about the trouble. Please send us a private message, so that we can look into it together."
    )
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / "console.png")


def _wall(browser: Browser, url: str, supervisor: dict[str, Any]) -> None:
    page = _signed_in(browser, url, supervisor, 1920, 1080)
    for scene in ("pulse", "queues"):
        page.goto(f"{url}wall/{scene}/")
        page.wait_for_timeout(1500)
        page.screenshot(path=FOLDER / f"wall-{scene}.png")


def _report(browser: Browser, url: str, manager: dict[str, Any]) -> None:
    page = _signed_in(browser, url, manager, 1440, 1100)
    page.goto(f"{url}reports/response/")
    page.wait_for_timeout(2500)
    page.screenshot(path=FOLDER / "report-response.png")


def _signed_in(browser: Browser, url: str, person: dict[str, Any], width: int, height: int) -> Page:
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(f"{url}sign-in/")
    page.get_by_label("Username").fill(person["username"])
    page.get_by_label("Password").fill(person["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    return page


if __name__ == "__main__":
    main()
