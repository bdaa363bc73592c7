"""Walls in a real browser, from the words on them to what they say when nobody answers any more."""

import json
import os
import re
import signal
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from agents.models import Role
from commandcenter import rollups, scenes
from commandcenter.models import CanaryRun
from commandcenter.stage import REFRESH_S
from mentions import live
from mentions.events import Sealer
from mentions.models import Conversation
from tests.commandcenter.history import ago, answer, hear
from tests.factories import make_person, make_queue, make_rule, make_source
from tests.web import Web, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
STREET = ("pulse", "river", "campaign", "notice")
SHAPES = [(3840, 2160), (1920, 1080), (1440, 900), (3840, 1080), (7680, 2160), (2160, 3840)]
FIGURES = {
    "pulse": ("Response rate", "Mentions today", "Net sentiment"),
    "queues": ("Overdue", "Waiting", "Oldest waiting", "Due in 15 minutes", "Attainment"),
}

# The smallest words, whatever leaves its box or the safe area, and whether anything scrolls.
MEASURE = """() => {
  const seen = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, text = node.data.trim(), parent = node.parentElement;
    if (!text || parent.closest(".vh, template")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    const across = innerWidth * .049, down = innerHeight * .049;
    seen.push({
      px: parseFloat(getComputedStyle(parent).fontSize),
      text: text.slice(0, 40),
      out: box.right > innerWidth - across || box.left < across || box.bottom > innerHeight - down || box.top < down,
      lines: [...range.getClientRects()],
    });
  }
  const covers = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > .3 * Math.min(a.height, b.height);
  const touching = (a, b) => a.lines.some(one => b.lines.some(other => covers(one, other)));
  return {
    least: Math.min(...seen.map(word => word.px)),
    out: seen.filter(word => word.out).map(word => word.text),
    over: seen.flatMap((a, i) => seen.slice(i + 1).filter(b => touching(a, b)).map(b => [a.text, b.text])),
    scrolls: document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight,
  };
}"""


# Where everything stands that has no words of its own to grow by.
PLACES = """() => [...document.querySelectorAll(".panel, h1, h2, .plot, .strip, .instruments")].map(element => {
  const { x, y, width, height } = element.getBoundingClientRect();
  return [element.tagName, x, y, width, height].map(String).join(" ");
})"""


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def bank() -> Any:
    """A queue with work in it: something answered, something waiting, something late."""
    make_queue("care", name="Customer care and complaints")
    make_queue("fraud")
    make_rule(make_queue("care"), actionable="true", reason="needs an answer")
    source = make_source()
    done = hear(source, at=ago(seconds=40), author="done")  # of today, also just after the bank's midnight
    answer(done.conversation, by=make_person("priya"), at=ago(seconds=35))
    for number in range(12):
        hear(source, at=ago(seconds=30 - number), author=f"a{number}")
    Conversation.objects.filter(state="waiting").update(due_at=ago(minutes=-60))
    publish()
    return source


def publish() -> None:
    """Seal, count and announce, as the listener does."""
    sealer = Sealer()
    while sealed := sealer.tick():
        while rollups.roll():
            pass
        live.announce(sealed)


class Screen:
    """A browser window that shows a wall, and everything that went wrong in it."""

    def __init__(self, browser: Browser, web: Web, role: str = Role.SUPERVISOR, **options: Any) -> None:
        self.web = web
        self.cookie = sign_in(make_person("mona", role=role))
        self.context = browser.new_context(**{"viewport": {"width": 1920, "height": 1080}, **options})
        self.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": self.cookie, "url": web.url}])
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on(
            "request",
            lambda asked: None if asked.url.startswith((web.url, "data:")) else self.faults.append(asked.url),
        )

    def open(self, path: str) -> Page:
        self.page.goto(self.web.url + path)
        return self.page

    @property
    def state(self) -> str:
        return str(self.page.locator("main").get_attribute("data-state"))

    def until_connected(self) -> None:
        expect(self.page.locator("html")).to_have_attribute("data-link", "live")


@pytest.fixture
def screen(chromium: Browser, web: Web) -> Iterator[Any]:
    """Makes screens, and closes them."""
    made: list[Screen] = []

    def make(**options: Any) -> Screen:
        made.append(Screen(chromium, web, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@pytest.mark.parametrize("key", scenes.known())
def test_a_wall_is_read_by_name_at_any_size_and_by_everybody_and_breaks_no_rule(screen, bank, key):
    wall = screen()
    page = wall.open(f"/wall/{key}/")
    wall.until_connected()
    main = page.get_by_role("main", name=str(scenes.get(key).title))
    expect(main).to_have_attribute("data-state", "live")
    for name in FIGURES.get(key, ()):
        expect(page.get_by_role("figure", name=name, exact=True)).to_be_visible()
    expect(page.locator("[data-keep=clock]")).not_to_be_empty()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    for width, height in SHAPES:
        page.set_viewport_size({"width": width, "height": height})
        measured = page.evaluate(MEASURE)
        unit = min(width / 192, height / 108) if width / height > 1.2 else min(width / 108, height / 192)
        assert measured["least"] >= 2.8 * unit - 0.1, (width, height)
        assert measured["out"] == [], (width, height)
        assert measured["over"] == [], (width, height)
        assert not measured["scrolls"], (width, height)
    if key in (*STREET, "queues"):  # all others show strangers the same slate
        found = Axe().run(wall.open(f"/wall/{key}/?profile=street"))
        assert found.violations_count == 0, found.generate_report()
    assert wall.faults == []


@pytest.mark.parametrize("key", sorted(FIGURES))
def test_who_stands_further_away_sees_less_and_larger(screen, bank, key):
    wall = screen()
    for distance, least in ((3, 2.8), (5, 4.4), (8, 7.0), (10.5, 9.5)):
        page = wall.open(f"/wall/{key}/?width=1.43&distance={distance}")
        expect(page.locator("[data-keep=clock]")).not_to_be_empty()
        measured = page.evaluate(MEASURE)
        assert measured["least"] >= max(least, 1.23 * distance / 1.43) * 10 - 0.2
        assert measured["out"] == [], distance
        assert measured["over"] == [], distance


def test_a_post_is_on_the_wall_within_three_seconds_and_nothing_jumps(screen, bank):
    wall = screen()
    page = wall.open("/wall/pulse/")
    wall.until_connected()
    expect(page.get_by_role("figure", name="Mentions today")).to_contain_text("13")
    page.evaluate(
        "() => { window.shifts = 0; new PerformanceObserver(list => {"
        " for (const entry of list.getEntries()) window.shifts += entry.value;"
        "}).observe({type: 'layout-shift', buffered: false}); }"
    )
    places = page.evaluate(PLACES)  # a scene is replaced whole, and what is new has not shifted for a browser
    for number in range(14, 19):
        hear(bank, at=ago(seconds=0), author=f"new{number}")
        publish()
        expect(page.get_by_role("figure", name="Mentions today")).to_contain_text(str(number), timeout=3000)
        assert page.evaluate(PLACES) == places
    assert page.evaluate("window.shifts") == 0
    assert wall.faults == []


def test_something_late_is_seen_at_once_by_shape_word_and_colour(screen, bank):
    wall = screen()
    page = wall.open("/wall/queues/")
    wall.until_connected()
    hero = page.get_by_role("figure", name="Overdue", exact=True)
    expect(hero).to_contain_text("0")
    calm = hero.evaluate("element => getComputedStyle(element).backgroundColor")
    Conversation.objects.filter(pk=Conversation.objects.filter(state="waiting").first().pk).update(
        due_at=ago(minutes=1)
    )
    hear(bank, at=ago(seconds=0), author="news")
    publish()
    expect(hero).to_contain_text("1", timeout=3000)
    expect(hero).to_contain_text("Late")
    assert hero.evaluate("element => getComputedStyle(element).backgroundColor") != calm
    assert page.locator(".status[data-state=late] use").first.get_attribute("href").endswith("#shape-late")


def test_a_stopped_server_is_told_within_two_seconds_and_its_return_heals(screen, bank, web):
    wall = screen()
    page = wall.open("/wall/pulse/")
    wall.until_connected()
    web.stop(signal.SIGKILL)
    try:
        expect(page.locator("main")).to_have_attribute("data-state", "reconnecting", timeout=2000)
        expect(page.locator("[data-keep=freshness]")).to_contain_text("Reconnecting. Showing")
    finally:
        web.start()
    hear(bank, at=ago(seconds=0), author="meanwhile")
    publish()
    expect(page.locator("main")).to_have_attribute("data-state", "live", timeout=35_000)
    expect(page.get_by_role("figure", name="Mentions today")).to_contain_text("14", timeout=3000)


def test_a_silent_server_makes_the_wall_stale_then_dim_then_a_slate_without_figures(screen, bank, web):
    wall = screen()
    wall.page.clock.install()
    page = wall.open("/wall/pulse/")
    wall.until_connected()
    os.kill(web.process.pid, signal.SIGSTOP)
    try:
        main = page.locator("main")
        page.clock.fast_forward(17_000)
        expect(main).to_have_attribute("data-state", "stale")
        expect(page.locator("[data-keep=freshness]")).to_contain_text("Data from")
        expect(page.get_by_role("figure", name="Mentions today")).to_contain_text("13")
        page.clock.fast_forward(50_000)
        expect(main).to_have_attribute("data-state", "reconnecting")
        page.clock.fast_forward(600_000)
        expect(main).to_have_attribute("data-state", "lost")
        expect(main).to_contain_text("No live data since")
        expect(page.get_by_role("figure")).to_have_count(0)
        assert (
            "13" not in main.inner_text().replace(page.locator("[data-keep=clock]").inner_text(), "").split("since")[0]
        )
    finally:
        os.kill(web.process.pid, signal.SIGCONT)
    page.clock.run_for(60_000)
    expect(page.locator("main")).to_have_attribute("data-state", "live", timeout=20_000)
    expect(page.get_by_role("figure", name="Mentions today")).to_contain_text("13")


def test_a_wall_says_in_word_and_shape_that_nothing_has_been_proved_for_minutes(screen, bank):
    wall = screen()
    page = wall.open("/wall/pulse/")
    wall.until_connected()
    main, freshness = page.locator("main"), page.locator("[data-keep=freshness]")
    expect(freshness).to_contain_text("Updated")
    soon = 1000 * (REFRESH_S + 5)  # where nothing else happens, time alone has a scene rendered again
    CanaryRun.objects.create(key="canary-last", sent_at=ago(minutes=5), rendered_at=ago(minutes=5))
    hear(bank, at=ago(seconds=0), author="news")
    publish()
    expect(main).to_have_attribute("data-state", "counting", timeout=soon)
    expect(freshness).to_contain_text("Still counting. Complete until")
    assert freshness.locator("use").get_attribute("href").endswith("#shape-counting")
    expect(page.get_by_role("figure", name="Mentions today")).to_contain_text("14")
    CanaryRun.objects.create(key="canary-back", sent_at=ago(seconds=1), rendered_at=ago(seconds=0))
    hear(bank, at=ago(seconds=0), author="more")
    publish()
    expect(main).to_have_attribute("data-state", "live", timeout=soon)


def test_a_database_whose_clock_is_put_back_freezes_no_wall(screen, bank):
    """As after a failover: all that comes is of an hour ago, and what is shown is of a time that has not come."""
    wall, back, scenes = screen(), [timedelta()], [True]

    def earlier(text: str) -> str:
        return MOMENT.sub(lambda at: (datetime.fromisoformat(at[0]) - back[0]).isoformat(), text)

    def relay(page_side: WebSocketRoute) -> None:
        def on(text: str) -> None:
            if scenes[0] or json.loads(text)["type"] == "beat":
                page_side.send(earlier(text))

        page_side.connect_to_server().on_message(lambda text: on(str(text)))

    wall.page.route_web_socket("**/ws/wall/**", relay)
    page = wall.open("/wall/pulse/")
    wall.until_connected()
    main = page.locator("main")
    expect(main).to_have_attribute("data-state", "live")
    back[0], scenes[0] = timedelta(hours=1), False
    expect(main).to_have_attribute("data-state", "stale", timeout=35_000)
    scenes[0] = True
    hear(bank, at=ago(seconds=0), author="news")
    publish()
    expect(page.get_by_role("figure", name="Mentions today")).to_contain_text("14", timeout=10_000)
    expect(main).to_have_attribute("data-state", "live")


def test_whoever_is_signed_out_elsewhere_leaves_an_empty_wall(screen, bank):
    wall = screen()
    page = wall.open("/wall/queues/")
    wall.until_connected()
    Session.objects.filter(session_key=wall.cookie).delete()
    expect(page.locator("main")).to_have_attribute("data-state", "blank", timeout=10_000)
    expect(page.get_by_role("figure")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("Overdue")


def test_one_rendering_serves_all_screens_and_no_more_than_two_a_second(screen, bank):
    one, two = screen(), screen()
    frames: list[list[float]] = [[], []]
    for wall, seen in zip((one, two), frames, strict=True):
        wall.page.on(
            "websocket",
            lambda opened, seen=seen: opened.on(
                "framereceived",
                lambda text, seen=seen: seen.append(time.monotonic()) if '"scene"' in text[:20] else None,
            ),
        )
        wall.open("/wall/pulse/")
        wall.until_connected()
    began, number = time.monotonic(), 0

    def drawn() -> list[int]:
        return [sum(at > began for at in seen) for seen in frames]

    while time.monotonic() - began < 3 or (min(drawn()) < 4 and time.monotonic() - began < 60):
        number += 1
        hear(bank, at=ago(seconds=0), author=f"storm{number}")
        publish()
        one.page.wait_for_timeout(1)  # what both have received meanwhile is told
    one.page.wait_for_timeout(1500)
    two.page.wait_for_timeout(10)
    spent = time.monotonic() - began
    for times in drawn():
        assert 4 <= times <= 2 * spent + 2
    total = Conversation.objects.count()
    expect(one.page.get_by_role("figure", name="Mentions today")).to_contain_text(str(total), timeout=3000)
    expect(two.page.get_by_role("figure", name="Mentions today")).to_contain_text(str(total), timeout=3000)
