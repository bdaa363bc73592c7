"""A television becomes a screen of the house, shows what it is told, and is nobody else: in a real browser."""

import re
import shutil
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from agents.models import Role, User
from commandcenter import control, devices, pairing, progress
from commandcenter.models import Profile
from commandcenter.models.screens import Pairing, Screen
from tests.browser.test_wall import MEASURE, bank, publish
from tests.chromium import BROWSERS, QUIET
from tests.commandcenter.announced import make_notice
from tests.commandcenter.device import make_room, make_screen, supervisors
from tests.factories import make_person, make_queue, make_site
from tests.web import Web, sign_in

__all__ = ["bank"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]


# As a server of the release before would have served the page: its script finds it so, once.
OF_ANOTHER_RELEASE = """
if (!sessionStorage.served) {
  sessionStorage.served = true;
  const become = () => (document.documentElement.dataset.release = "earlier");
  document.addEventListener("readystatechange", become, { once: true });
}
"""


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def windows(chromium: Browser, web: Web) -> Iterator[Any]:
    """Makes windows of browsers that know nothing of each other, and closes them."""
    made: list[BrowserContext] = []

    def make(person: User | None = None, **options: Any) -> Page:
        made.append(chromium.new_context(**{"viewport": {"width": 1920, "height": 1080}, **options}))
        if person is not None:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(person), "url": web.url}
            made[-1].add_cookies([cookie])
        page = made[-1].new_page()
        page.set_default_timeout(10_000)
        return page

    yield make
    for one in made:
        one.close()


def code_on(television: Page) -> str:
    shown = television.locator("[data-part=code]")
    expect(shown).to_have_text(re.compile(r"^[BCDFGHJKLMNPQRSTVWXZ]{8}$"), timeout=10_000)
    return str(shown.text_content())


def connect(television: Page, web: Web, *, profile: str = Profile.INTERNAL, **fields: Any) -> Screen:
    """Have this television paired, without the pages of those who do it."""
    television.goto(f"{web.url}/wall/")
    first, second = supervisors()
    found = pairing.find(code_on(television), by=first, address="10.0.0.1")
    room = make_room(closed=profile == Profile.INTERNAL)
    screen = pairing.approve(found, Screen(**{"name": "Lobby", "profile": profile, "room": room, **fields}), by=first)
    if profile == Profile.STREET:
        pairing.confirm(screen, by=second)
    return screen


def press(kind: str, **about: Any) -> progress.Progress:
    return progress.watched(control.give(kind, by=supervisors()[0], **about), seconds=5)


# --- Pairing ---------------------------------------------------------------------------------------------------------


def test_a_television_is_paired_by_the_code_it_shows_and_by_two_people(windows, web, bank):
    first, second = supervisors()
    make_site()
    television, phone = windows(), windows(first, viewport={"width": 390, "height": 844})
    television.goto(f"{web.url}/wall/")
    code = code_on(television)
    assert television.locator("[data-part=qr]").get_attribute("src").startswith("data:image/svg")
    assert code not in television.locator("[data-part=qr]").get_attribute("src")

    phone.goto(f"{web.url}/screens/pair/")
    phone.get_by_label("Code on the screen").fill(f"{code[:4].lower()}-{code[4:].lower()}")
    phone.get_by_role("button", name="Find the screen").click()
    expect(phone.get_by_role("heading", name=f"Does the screen show {code[:4]}-{code[4:]}?")).to_be_visible()
    phone.get_by_role("button", name="Connect this screen").click()
    told = phone.get_by_role("alert").filter(has_text="Not connected.")
    expect(told).to_contain_text("Name: This field is required.")
    expect(told).to_be_in_viewport()
    phone.get_by_label("Name", exact=True).fill("Lobby")
    phone.get_by_label("Site").select_option(label="Charlotte")
    phone.get_by_label("Room", exact=True).fill("Entrance hall")
    phone.get_by_label("Always shows").select_option("pulse")
    phone.get_by_role("button", name="Connect this screen").click()
    expect(phone.get_by_text("waits for a second person")).to_be_visible()
    expect(phone.get_by_role("button", name="Confirm Lobby")).to_have_count(0)

    expect(television.get_by_text("This screen is not in use yet")).to_be_visible(timeout=10_000)
    expect(television.get_by_role("figure")).to_have_count(0)

    other = windows(second)
    other.goto(f"{web.url}/screens/")
    other.get_by_role("button", name="Confirm Lobby").click()
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    expect(television.locator("main")).to_have_attribute("data-profile", "street")
    television.reload()
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    assert "Lobby" not in television.content(), "what the staff call it is not for strangers"


def test_a_code_is_good_once_and_for_ten_minutes(windows, web):
    first, _second = supervisors()
    television = windows()
    television.goto(f"{web.url}/wall/")
    code = code_on(television)
    television.reload()
    assert code_on(television) == code, "a reload must not change what somebody is typing"
    Pairing.objects.update(until=timezone.now() - timedelta(seconds=1))
    expect(television.locator("[data-part=code]")).not_to_have_text(code, timeout=10_000)
    with pytest.raises(pairing.Refused):
        pairing.find(code, by=first, address="10.0.0.1")


def test_a_refused_television_says_whom_to_ask(windows, web):
    first, _second = supervisors()
    television, desk = windows(), windows(first)
    television.goto(f"{web.url}/wall/")
    desk.goto(f"{web.url}/screens/pair/")
    desk.get_by_label("Code on the screen").fill(code_on(television))
    desk.get_by_role("button", name="Find the screen").click()
    desk.get_by_role("button", name="It is not ours: refuse it").click()
    expect(television.get_by_text("This screen was refused")).to_be_visible(timeout=10_000)


# --- A stolen profile ------------------------------------------------------------------------------------------------


def test_a_copied_profile_folder_is_found_out_and_neither_shows_anything(playwright_of, web, bank, tmp_path):
    original = playwright_of(tmp_path / "original")
    television = original.pages[0]
    screen = connect(television, web, fixed="queues")
    expect(television.get_by_role("main", name="Queues and SLA")).to_be_visible(timeout=10_000)
    television.wait_for_timeout(1000)  # the browser writes its cookies when it likes
    original.close()
    shutil.copytree(tmp_path / "original", tmp_path / "copy", ignore=shutil.ignore_patterns("Singleton*"))

    original = playwright_of(tmp_path / "original")
    television = original.pages[0]
    television.goto(f"{web.url}/wall/")
    expect(television.get_by_role("main", name="Queues and SLA")).to_be_visible(timeout=10_000)

    thief = playwright_of(tmp_path / "copy")
    seen: list[str] = []
    stolen = thief.pages[0]
    stolen.on("websocket", lambda opened: opened.on("framereceived", lambda text: seen.append(str(text))))
    stolen.goto(f"{web.url}/wall/")
    expect(stolen.get_by_text("Connect this screen")).to_be_visible(timeout=15_000)
    expect(television.get_by_text("Connect this screen")).to_be_visible(timeout=15_000)
    assert not [text for text in seen if '"scene"' in text[:20]]
    screen.refresh_from_db()
    assert screen.revoked_at is not None
    original.close()
    thief.close()


@pytest.fixture
def playwright_of(chromium: Browser) -> Iterator[Any]:
    """Opens a browser on a profile folder of its own."""
    path = next(filter(None, map(shutil.which, BROWSERS)))
    made: list[BrowserContext] = []

    def open_(folder: Path) -> BrowserContext:
        made.append(
            chromium.browser_type.launch_persistent_context(
                folder, executable_path=path, args=[*QUIET, "--password-store=basic"]
            )
        )
        return made[-1]

    yield open_
    for one in made:
        one.close()


def test_a_second_window_of_the_same_browser_is_no_thief(windows, web, bank):
    television = windows()
    screen = connect(television, web, fixed="pulse")
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    again = television.context.new_page()
    again.goto(f"{web.url}/wall/")
    expect(again.get_by_text("Another window of this browser is this screen")).to_be_visible(timeout=5000)
    screen.refresh_from_db()
    assert screen.revoked_at is None
    expect(television.get_by_role("main", name="Pulse")).to_be_visible()


# --- What it shows ---------------------------------------------------------------------------------------------------


def test_revoked_a_screen_is_empty_within_ten_seconds_and_asks_to_be_paired(windows, web, bank):
    television = windows()
    screen = connect(television, web, fixed="queues")
    expect(television.get_by_role("figure", name="Overdue", exact=True)).to_be_visible(timeout=10_000)
    devices.revoke(screen, by=supervisors()[0])
    expect(television.get_by_role("figure")).to_have_count(0, timeout=10_000)
    expect(television.get_by_text("It was disconnected.")).to_be_visible(timeout=10_000)


def test_a_phone_blanks_shows_writes_and_is_told_how_many_do(windows, web, bank):
    first, _second = supervisors()
    television, phone = windows(), windows(first, viewport={"width": 390, "height": 844})
    connect(television, web, fixed="pulse")
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    phone.goto(f"{web.url}/screens/control/")
    phone.get_by_role("button", name="Blank now").click()
    expect(television.get_by_role("main", name="Blank")).to_have_attribute("data-state", "blank", timeout=2000)
    expect(television.get_by_role("figure")).to_have_count(0)
    expect(phone.get_by_role("status").filter(has_text="on 1 of 1 screens")).to_be_visible()
    phone.get_by_role("button", name="Show everything again").click()
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=3000)
    phone.get_by_label("Message").fill("Lunch is at noon")
    phone.get_by_label("Message").press("Enter")
    expect(television.get_by_text("Lunch is at noon")).to_be_visible(timeout=3000)
    phone.get_by_role("button", name="Back to the playlist").click()
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=3000)
    phone.get_by_role("button", name="Identify").click()
    expect(television.locator(".nameplate")).to_have_text("Lobby", timeout=3000)
    phone.get_by_label("Scene").select_option("queues")
    phone.get_by_role("button", name="Show", exact=True).click()
    expect(television.get_by_role("main", name="Queues and SLA")).to_be_visible(timeout=3000)


def test_a_screen_says_what_it_really_shows(windows, web, bank):
    television = windows()
    television.clock.install()
    screen = connect(television, web, fixed="queues")
    expect(television.get_by_role("main", name="Queues and SLA")).to_be_visible(timeout=10_000)
    desk = windows(supervisors()[0])
    television.wait_for_timeout(1000)
    desk.goto(f"{web.url}/screens/")
    row = desk.get_by_role("row", name=re.compile("Lobby"))
    expect(row).to_contain_text("Online")
    expect(row).to_contain_text("Queues and SLA")
    screen.refresh_from_db()
    assert screen.shown["scenes"] == ["queues"]
    assert screen.shown["release"]

    television.add_init_script(OF_ANOTHER_RELEASE)
    television.reload()
    expect(television.locator("html")).to_have_attribute("data-release", "earlier")
    expect(television.locator("html")).to_have_attribute("data-link", "live")
    television.clock.fast_forward(10_000)
    # Where its page was not answered in time, it asks again after seconds of its own.
    expect(television.locator("html")).to_have_attribute("data-release", screen.shown["release"], timeout=30_000)


def test_a_message_ends_by_the_clock_of_the_server(windows, web, bank):
    television = windows()
    connect(television, web, fixed="pulse")
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    assert press("message", text="Soon over", minutes=1).showing == 1
    screen = Screen.objects.get()
    type(screen.takeover).objects.update(until=timezone.now() + timedelta(seconds=2))
    devices.tell(devices.TOPIC, look=[])
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=5000)


def test_a_wall_of_four_panels_shows_four_whole_scenes_and_no_seam_cuts_a_word(windows, web, bank):
    television = windows(viewport={"width": 3840, "height": 2160})
    television.clock.install()
    said: list[str] = []
    television.on("websocket", lambda opened: opened.on("framesent", lambda text: said.append(str(text))))
    connect(television, web, cols=2, rows=2, fixed="pulse")
    expect(television.locator(".scene-pulse")).to_have_count(4, timeout=10_000)
    television.wait_for_timeout(500)
    cut = television.evaluate(
        """() => {
          const found = [], walker = document.createTreeWalker(document.getElementById("stage"), NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const parent = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || parent.closest(".vh")) continue;
            const range = document.createRange();
            range.selectNodeContents(walker.currentNode);
            const box = range.getBoundingClientRect();
            if (!box.width) continue;
            const crosses = (from, to, seam) => from < seam && to > seam;
            if (crosses(box.left, box.right, innerWidth / 2) || crosses(box.top, box.bottom, innerHeight / 2))
              found.push(walker.currentNode.data.trim());
          }
          return found;
        }"""
    )
    assert cut == []
    measured = television.evaluate(MEASURE)
    assert measured["least"] >= 27.9, "a panel of 1920x1080 of its own"
    television.evaluate("document.querySelectorAll('.scene')[2].dataset.asOf = '2020-01-01T00:00:00Z'")
    for _again in range(2):  # so often it says how it is, and it was asked before it looked
        television.clock.fast_forward(10_000)
    television.wait_for_timeout(500)
    assert any('"state":"lost"' in text for text in said), "the third panel has nothing to show"


@pytest.mark.parametrize("size", [(3840, 2160), (2160, 3840), (1920, 1080)])
def test_covers_fit_whatever_the_screen(windows, web, size):
    television = windows(viewport={"width": size[0], "height": size[1]})
    connect(television, web, fixed="pulse", name="Command centre, third floor, left of the door")
    expect(television.locator(".scene-pulse")).to_be_visible(timeout=10_000)
    words = "All branches in the north close at three because of the storm; please tell all."
    Screen.objects.update(quiet_from=time(0), quiet_until=time(23, 59, 59))  # day and night
    devices.tell(devices.TOPIC, look=[])
    expect(television.get_by_text("Quiet hours")).to_be_visible(timeout=3000)
    name, strip = (television.locator(part).bounding_box() for part in (".slate-name", ".strip"))
    assert abs(name["x"] + name["width"] / 2 - size[0] / 2) < 0.01 * size[0]
    assert name["y"] + name["height"] < strip["y"] > 0.75 * size[1]
    unit = min(size[0] / 192, size[1] / 108) if size[0] > size[1] else min(size[0] / 108, size[1] / 192)
    for kind in ("message", "test", "identify", "blank"):
        assert press(kind, text=words[:80]).showing == 1
        measured = television.evaluate(MEASURE)
        assert measured["out"] == [], kind
        assert not measured["scrolls"], kind
        if kind != "blank":
            assert measured["least"] >= 2.8 * unit - 0.2, kind


# --- Alone -----------------------------------------------------------------------------------------------------------


def test_a_screen_comes_back_by_itself_when_its_server_does(windows, web, bank):
    television = windows()
    television.clock.install()
    connect(television, web, fixed="pulse")
    expect(television.get_by_role("main", name="Pulse")).to_be_visible(timeout=10_000)
    assert press("message", text="Use stairs B", minutes=1).showing == 1
    press("identify")
    web.stop()
    try:
        expect(television.locator("main")).to_have_attribute("data-state", "reconnecting", timeout=3000)
        expect(television.get_by_text("Use stairs B")).to_be_visible()
        television.clock.fast_forward(80_000)
        expect(television.get_by_text("No live data since")).to_be_visible()
        expect(television.get_by_text("Use stairs B")).to_have_count(0)  # it had an end, and nobody is there to tell
        expect(television.locator(".nameplate")).to_have_count(0)
    finally:
        web.start()
    expect(television.get_by_text("Use stairs B")).to_be_visible(timeout=35_000)
    press("play")
    publish()
    expect(television.get_by_role("main", name="Pulse")).to_have_attribute("data-state", "live", timeout=35_000)


# --- The pages of those who run the room -----------------------------------------------------------------------------


def test_the_pages_can_be_used_by_everybody_on_a_phone(windows, web):
    manager = make_person("mara", role=Role.MANAGER)
    make_screen("Lobby", profile=Profile.STREET, confirmed=False)
    room = make_screen("Room")
    devices.revoke(Screen.objects.get(pk=make_screen("Old").screen), by=manager)
    command = control.give("hold", by=manager)
    make_queue()
    page = windows(manager, viewport={"width": 320, "height": 900})
    make_notice("Our app is slow", text="Cards work.", confirmed_by=None, confirmed_at=None)
    make_notice("Closed on Monday", ended_at=timezone.now())
    pages = ("", "pair/", "playlists/", f"control/?command={command.pk}", f"{room.screen}/")
    pages += ("notices/", "notices/new/", "campaigns/new/")
    for path in (*(f"/screens/{rest}" for rest in pages), "/wall/"):
        answer = page.goto(web.url + path)
        assert answer is not None, path
        assert answer.status == 200, path
        found = Axe().run(page)
        assert found.violations_count == 0, (path, found.generate_report())
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def test_the_pairing_page_can_be_read_by_everybody(windows, web):
    television = windows(viewport={"width": 3840, "height": 2160})
    television.goto(f"{web.url}/wall/")
    code_on(television)
    found = Axe().run(television)
    assert found.violations_count == 0, found.generate_report()
    television.evaluate("""() => {
        const groups = document.querySelectorAll("[data-part=code] > *");
        groups.forEach(group => { group.textContent = "WMWM"; });
        if (groups.length !== 2) throw new Error("the code stands in two groups");
    }""")
    for size in ((3840, 2160), (1920, 1080), (2160, 3840), (3840, 1080)):
        television.set_viewport_size({"width": size[0], "height": size[1]})
        measured = television.evaluate(MEASURE)
        assert measured["out"] == [], size
        assert not measured["scrolls"], size
