"""Reports in a real browser: charts under the strict policy, in both themes, by keyboard, on paper and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from agents import cases
from agents.models import Role, User
from commandcenter import periods, reports
from mentions.models import Conversation
from tests.chromium import AGAIN, CONTRAST, RULES
from tests.commandcenter.history import answer, hear, settle
from tests.emptying import empty_as_superuser
from tests.factories import make_person, make_queue, make_rule, make_source
from tests.web import Web, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def fortnight(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Fourteen days of complaints, half of them answered, in two queues; made once, as nobody here changes figures."""
    with django_db_blocker.unblock():
        _write()
        yield
        empty_as_superuser()


def _write() -> None:
    now = timezone.now()
    make_queue("care", name="Customer care")
    make_rule(make_queue("fraud", name="Fraud"), conditions={"words_any": ["stolen"]})
    square = make_source()
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))
    for back in range(13, -1, -1):
        start = periods.midnight(periods.bank_day(now) - timedelta(days=back))
        for number in range(2 + back % 3):
            text = "@bank my card was declined" if number else "@bank my wallet was stolen, please help"
            at = min(start + timedelta(hours=9, minutes=11 * number), now - timedelta(minutes=5))
            mention = hear(square, text, at=at, author=f"c{back}-{number}")
            if number % 2 == 0:
                conversation = Conversation.objects.get(pk=mention.conversation_id)
                answer(conversation, by=sam, at=min(at + timedelta(minutes=4 + back), now))
    settle(now=now)


class Reader:
    """A manager at a browser, and everything that went wrong in it."""

    def __init__(self, browser: Browser, web: Web, **options: Any) -> None:
        self.web = web
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        mary = make_person("mary", role=Role.MANAGER, teams=())
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(mary), "url": web.url}
        self.context.add_cookies([cookie])
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"
        )

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.web.url, "data:")):
            self.faults.append(request.url)

    def open(self, path: str) -> Page:
        self.page.goto(self.web.url + path)
        return self.page


@pytest.fixture
def reader(fortnight: None, chromium: Browser, web: Web) -> Iterator[Any]:
    made: list[Reader] = []

    def make(**options: Any) -> Reader:
        made.append(Reader(chromium, web, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


def charts(page: Page) -> Any:
    return page.locator("[data-chart] .main-svg").first


def assert_the_keyboard_reaches_every_figure(page: Page, path: str) -> None:
    links = page.locator("main .headline-value a, main td a")
    reached = links.evaluate_all(
        "all => all.filter(link => { link.focus(); return document.activeElement === link && link.tabIndex >= 0; })"
        ".length"
    )
    assert reached == links.count(), path


def test_everyone_can_read_every_page_and_reach_every_figure(reader: Any) -> None:
    mary = reader()
    yesterday = periods.bank_day(timezone.now()) - timedelta(days=1)
    beside = ["/reports/", "/brief/", "/reports/volume/?from=x"]
    as_of = f"/reports/sentiment/?as_of={yesterday}"
    for path in [*beside, as_of, *(f"/reports/{key}/" for key in reports.every())]:
        page = mary.open(path)
        if path in ("/reports/volume/", "/reports/response/"):
            expect(charts(page)).to_be_visible()
        for closed in page.locator("details.more > summary").all():
            closed.click()
        page.evaluate("scrollTo(0, 0)")  # or a line lies half under the page's head
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        if path in (as_of, "/brief/", "/reports/sentiment/", "/reports/hours/"):  # all the kinds of colour there are
            page.emulate_media(color_scheme="dark")
            found = AGAIN.run(page, options=CONTRAST)
            assert found.violations_count == 0, f"{path} in dark\n{found.generate_report()}"
            page.emulate_media(color_scheme="light")
        assert_the_keyboard_reaches_every_figure(page, path)
    assert [fault for fault in mary.faults if "400" not in fault] == []


def test_why_is_this_figure_is_two_clicks_from_the_posts(reader: Any) -> None:
    mary = reader()
    page = mary.open("/reports/response/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Are we answering, and how long do people wait?")
    rate = page.get_by_role("figure", name="Response rate")
    expect(rate).to_contain_text("%")
    rate.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Conversations that needed an answer")
    count = int(page.get_by_role("figure", name="Rows").inner_text())
    assert page.get_by_role("row").count() - 1 == count
    page.get_by_role("link", name=re.compile("^GH-")).first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/console/\d+/"))
    assert mary.faults == []


def test_the_keyboard_reaches_table_definition_and_rows(reader: Any) -> None:
    page = reader().open("/reports/volume/")
    table = page.get_by_text("Table of the figures").first
    table.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name=re.compile("^Table: How much"))).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Mentions:")
    page.go_back()
    about = page.get_by_role("button", name="What Mentions means")
    about.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Every post about the bank by somebody else").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(about).to_be_focused()


LAID_OVER = """() => [...document.querySelectorAll('[data-chart]')].flatMap(plot => {
  const labels = [...plot.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()])
    .filter(([words, box]) => words.trim() && box.width > 0);
  return labels.flatMap(([words, box], place) => labels.slice(place + 1).filter(([_other, at]) =>
    Math.min(box.right, at.right) - Math.max(box.left, at.left) > 1
    && Math.min(box.bottom, at.bottom) - Math.max(box.top, at.top) > 2).map(([other]) => `${words} on ${other}`));
})"""


CUT_OFF = """() => [...document.querySelectorAll('[data-chart]')].flatMap(plot => {
  const all = plot.getBoundingClientRect();
  return [...plot.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect();
    return text.textContent.trim() && box.width > 0 && (box.left < all.left - 1 || box.right > all.right + 1);
  }).map(text => text.textContent);
})"""


@pytest.mark.parametrize("width", [1440, 320])
def test_no_label_of_a_chart_lies_on_another(reader: Any, width: int) -> None:
    mary = reader(viewport={"width": width, "height": 900})
    fortnight = periods.bank_day(timezone.now()) - timedelta(days=13)
    for key in reports.every():
        page = mary.open(f"/reports/{key}/?from={fortnight}")
        if page.locator("[data-chart]").count():
            expect(charts(page)).to_be_visible()
        assert page.evaluate(LAID_OVER) == [], key
        assert page.evaluate(CUT_OFF) == [], key
        assert page.evaluate("document.documentElement.scrollWidth") <= width, key
    assert mary.faults == []


def test_a_bar_opens_the_rows_that_its_line_of_the_table_opens(reader: Any) -> None:
    mary = reader()
    page = mary.open("/reports/volume/")
    section = page.locator("#days")
    expected = section.evaluate(
        """section => {
          const heads = [...section.querySelector("thead tr").cells];
          const at = heads.findIndex(head => head.dataset.column === "mentions");
          return [...section.querySelector("tbody").rows].map(row => row.cells[at].querySelector("a")?.href);
        }"""
    )
    bar = section.locator(".points path").last
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile("/rows/"))
    assert page.url in expected
    assert mary.faults == []


def test_the_overview_looks_again_by_itself_and_not_under_a_choice(reader: Any) -> None:
    sam = User.objects.get(username="sam")
    conversation = Conversation.objects.filter(state="waiting").first()
    assert conversation
    cases.claim(conversation.pk, by=sam)
    page = reader().open("/overview/")
    expect(page.get_by_role("link", name=conversation.number, exact=True)).to_be_visible()
    cases.release(conversation.pk, by=sam)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("link", name=conversation.number, exact=True)).to_have_count(0)
    waiting = page.locator("tr.total a").first
    expect(waiting).to_have_attribute("href", re.compile("list=waiting"))
    page.route("**/overview/", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("The server does not answer")).to_be_visible()


def test_filters_are_in_the_address_and_stay_with_several_values_and_without_a_mouse(reader: Any) -> None:
    page = reader().open("/reports/volume/")
    queues = page.locator("summary", has=page.locator("#queue-told"))
    queues.press("Enter")
    for name in ("Fraud", "Customer care"):
        page.get_by_role("checkbox", name=name).press("Space")
    page.get_by_label("Beside", exact=True).select_option("none")
    page.get_by_label("By", exact=True).select_option("week")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("queue=care&queue=fraud.*grain=week"))
    expect(queues).to_have_accessible_name("Queue Customer care + Fraud")
    page.get_by_role("link", name="Response", exact=True).click()
    expect(queues).to_have_accessible_name("Queue Customer care + Fraud")
    expect(page.get_by_label("By", exact=True)).to_have_value("week")


def test_the_theme_dresses_the_charts(reader: Any) -> None:
    page = reader().open("/reports/volume/")
    bar = page.locator("[data-chart] .bars path").first
    light = bar.evaluate("bar => getComputedStyle(bar).fill")
    page.emulate_media(color_scheme="dark")
    expect(bar).not_to_have_css("fill", light)


def test_on_a_phone_nothing_is_cut_off(reader: Any) -> None:
    page = reader(viewport={"width": 320, "height": 700}).open("/reports/response/")
    expect(charts(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert (
        page.evaluate(
            "Math.max(...[...document.querySelectorAll('.main-svg')].map(s => s.getBoundingClientRect().right))"
        )
        <= 320
    )


def test_on_paper_the_tables_are_open_and_the_charts_fit(reader: Any) -> None:
    page = reader().open("/reports/volume/")
    expect(charts(page)).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.more:not([open])").count() == 0
    assert (
        page.locator("[data-chart]").first.evaluate("p => p.querySelector('.main-svg').getBoundingClientRect().width")
        <= 680
    )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.more[open]").count() == 0
