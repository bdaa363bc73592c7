"""The lists of the console: what comes, goes and stays in them, whatever is opened beside them."""

import pytest
from playwright.sync_api import expect

from agents import cases
from mentions import intake
from mentions.models import Conversation
from tests.browser.desk import first, press, priya, publish
from tests.commandcenter.history import ago, hear
from tests.factories import make_person, post

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]


def test_a_list_tells_who_wrote_where_how_long_they_wait_and_how_it_stands(desk, square):
    page = desk(priya()).open("/console/view/care/")
    row = page.get_by_role("list", name="Conversations").get_by_role("listitem").first

    for words in ("Sofia0", "Town Square", "20 min", "Waiting", "Late 5 min"):
        expect(row).to_contain_text(words)


def test_newcomers_wait_behind_a_counter_and_nothing_moves(desk, square):
    page = desk(priya()).connected("/console/view/care/")
    before = page.locator(".row").evaluate_all("all => all.map(one => one.id)")

    hear(square, "@bank is anybody there?", at=ago(minutes=30), author="newcomer")
    publish()

    expect(page.get_by_role("button", name="1 new conversation")).to_be_visible()
    assert page.locator(".row").evaluate_all("all => all.map(one => one.id)") == before
    expect(page.get_by_role("status", name="Updates")).to_contain_text("1 new conversation")
    press(page, ".")
    expect(page.locator(".row").first).to_contain_text("Newcomer")


def test_what_a_colleague_took_stays_in_place_and_says_who_has_it(desk, square):
    page = desk(priya()).connected("/console/view/care/")

    cases.claim(first().pk, by=make_person("tom"))
    publish()

    expect(page.locator(".row").first).to_contain_text("Claimed: Tom")
    assert page.locator(".row").count() == 5


def test_several_are_dismissed_at_once_and_come_back_at_once(desk, square):
    page = desk(priya()).connected("/console/view/care/")

    press(page, "j", "x", "j", "x")
    expect(page.get_by_text("2 selected").first).to_be_visible()
    press(page, "1")
    expect(page.get_by_text("2 done").first).to_be_visible()
    assert Conversation.objects.filter(state="closed").count() == 2
    press(page, "z")

    expect(page.get_by_text("2 are back").first).to_be_visible()
    assert not Conversation.objects.filter(state="closed").exists()


def test_one_pane_at_a_time_on_a_phone_and_a_way_back(desk, square):
    page = desk(priya(), viewport={"width": 360, "height": 700}).open("/console/view/care/")

    page.get_by_text("Sofia0").click()
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    expect(page.get_by_role("list", name="Conversations")).to_be_hidden()
    page.get_by_role("button", name="Back to the list").click()

    expect(page.get_by_role("list", name="Conversations")).to_be_visible()


def test_the_tab_stays_beside_what_is_opened_and_after_an_action_on_many(desk, square):
    page = desk(priya()).connected("/console/view/care/")
    press(page, "[", "]")  # there is none before the first
    expect(page.get_by_role("link", name="Claimed")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="All open").click()
    expect(page.get_by_role("link", name="All open")).to_have_attribute("aria-current", "page")
    expect(page.locator("html")).to_have_attribute("data-link", "live")
    press(page, "j")
    expect(page.locator("#pane")).to_be_visible()

    cases.claim(Conversation.objects.order_by("pk")[1].pk, by=make_person("tom"))
    publish()
    expect(page.locator(".row").nth(1)).to_contain_text("Claimed: Tom")
    assert page.locator(".row[data-gone]").count() == 0
    expect(page.locator("#news")).to_be_hidden()
    page.reload()
    expect(page.locator("#pane")).to_be_visible()
    expect(page.get_by_role("link", name="All open")).to_have_attribute("aria-current", "page")

    page.locator(".row-pick").nth(3).check()
    page.locator(".row-pick").nth(4).check()
    shown = page.locator(".row").nth(4).get_attribute("id")
    page.route("**/part/list/**", lambda route: route.abort())  # what comes now is not shown any more
    hear(square, "@bank it is urgent", at=ago(seconds=1), author="sofia4")
    press(page, "2")
    expect(page.get_by_text("1 done. 1 left as it is (what changed is still selected)").first).to_be_visible()
    expect(page.get_by_role("link", name="All open")).to_have_attribute("aria-current", "page")
    expect(page.locator(".row-pick:checked")).to_have_count(1)
    assert page.locator(".row:has(.row-pick:checked)").get_attribute("id") == shown
    press(page, "2")
    expect(page.get_by_text("1 done").first).to_be_visible()
    assert Conversation.objects.filter(state="closed").count() == 2


def test_the_second_page_and_a_search_stay_what_they_are(desk, square):
    authors = [{"id": f"n{n}", "handle": f"n{n}", "name": f"N{n}"} for n in range(48)]
    intake.receive(square, [post("@bank my card was declined", author=author) for author in authors])
    publish()
    page = desk(priya()).connected("/console/view/care/")
    press(page, ">")
    expect(page.locator(".row")).to_have_count(3)
    press(page, "j")
    expect(page.locator("#pane")).to_be_visible()
    last = Conversation.objects.get(pk=page.locator(".row").last.get_attribute("data-id"))
    cases.claim(last.pk, by=make_person("tom"))
    publish()
    expect(page.locator(".row").last).to_contain_text("Claimed: Tom")
    assert page.locator(".row[data-gone]").count() == 1
    expect(page.locator("#news")).to_be_hidden()

    press(page, "Escape", "/")
    page.keyboard.type("@sofia0")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Found for")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-link", "live")
    press(page, "j")
    expect(page.locator("#pane")).to_be_visible()
    cases.claim(first().pk, by=make_person("tom"))
    publish()
    expect(page.locator(".row")).to_contain_text("Claimed: Tom")
    page.reload()
    expect(page.get_by_role("heading", name="Found for")).to_be_visible()
    expect(page.locator("#pane")).to_have_attribute("data-id", str(first().pk))
