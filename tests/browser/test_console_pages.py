"""Every page of the console for everybody: read by machines, on small screens, and by the keyboard alone."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from agents import cases, freeze
from agents.models import Role, SavedView
from tests.browser.desk import first, press, priya
from tests.chromium import RULES
from tests.factories import make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]


def test_keys_are_letters_while_one_writes_and_nothing_when_switched_off(desk, square):
    page = desk(priya()).connected("/console/view/care/")
    press(page, "/")
    page.keyboard.type("n2c")
    assert page.get_by_role("searchbox", name="Search").input_value() == "n2c"
    press(page, "Escape")

    page.get_by_role("button", name="settings").click()
    with page.expect_response("**/preferences/"):
        page.get_by_role("radio", name="Off").check()
    press(page, "Escape", "n", "j")

    expect(page.get_by_text("No conversation is open.")).to_be_visible()
    assert priya().preferences["shortcuts"] == "off"


# Buttons without a key of their own: those inside what a key has opened, where single keys are letters or Tab is near.
KEYLESS = "#me button, dialog button, [popover] button[type=button], noscript button"


def keys_of(page: Page) -> list[list[str]]:
    """Of every button on the page, shown or not yet, the name and the keys."""
    return page.evaluate(
        """keyless => [...document.querySelectorAll("button, summary"),
             ...document.getElementById("toast").content.querySelectorAll("button")]
           .filter(one => !one.matches(keyless))
           .map(one => [one.getAttribute("aria-label") ?? one.textContent.trim(), one.ariaKeyShortcuts ?? ""])""",
        KEYLESS,
    )


def test_every_button_has_a_key_and_the_sheet_tells_it(desk, square):
    mona = make_person("mona", role=Role.SUPERVISOR)
    cases.claim(first().pk, by=mona)
    closed = first().__class__.objects.order_by("pk")[1]
    cases.dismiss(closed.pk, why="spam", by=mona)
    parked = first().__class__.objects.order_by("pk")[2]
    cases.claim(parked.pk, by=mona)
    cases.pend(parked.pk, on="pending_bank", until=timezone.now() + timedelta(hours=2), by=mona)
    kept = SavedView.objects.create(person=mona, name="Late", query="is:late")
    window = desk(mona)
    page = window.open(f"/console/{first().pk}/")
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    listed = {key.replace(" ", "+").replace("Ctrl", "Control") for key in sheet.locator("kbd").all_inner_texts()}
    freeze.start(by=make_person("cora", role=Role.COMPLIANCE), reason="drill")

    seen: set[str] = set()
    states = (
        f"/console/{first().pk}/",
        f"/console/{closed.pk}/",
        f"/console/{parked.pk}/",
        f"/console/search/?q={kept.query}",
        "/console/search/?q=card",
    )
    for path in (*states, "/console/view/care/", "/approvals/", "/freeze/"):
        for name, keys in keys_of(window.open(path)):
            assert keys, f"{name!r} on {path} has no key"
            assert set(keys.split()) <= listed, f"{keys} of {name!r} on {path} is not in the sheet"
            seen |= set(keys.split())
    assert {"E", "T", "0", "Shift+V", "Shift+L", "Shift+E", "Shift+G", "4"} <= seen  # the states really were there


def test_what_opens_can_be_read_too(desk, square):
    cases.claim(first().pk, by=priya())
    page = desk(priya()).open(f"/console/{first().pk}/")
    for key in ("?", "t", "p", "w", ","):
        press(page, key)
        opened = page.locator("dialog:modal, :popover-open")
        expect(opened, f"by {key}").to_be_visible()
        found = Axe().run(page, context=f"#{opened.get_attribute('id')}", options=RULES)
        assert found.violations_count == 0, f"{key}\n{found.generate_report()}"
        press(page, "Escape")
        expect(opened).to_have_count(0)


def test_nothing_is_cut_off_on_a_small_screen(desk, square):
    signed_in = desk(make_person("mona", role=Role.SUPERVISOR))
    pages = ["/console/view/care/", "/console/{}/", "/approvals/", "/freeze/"]
    for window, path in [(desk(), "/sign-in/"), *((signed_in, path) for path in pages)]:
        page = window.open(path.format(first().pk))
        for width in (320, 640, 1100):
            page.set_viewport_size({"width": width, "height": 700})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} wide on a screen of {width}"
