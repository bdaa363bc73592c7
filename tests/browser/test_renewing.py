"""Pages that stand open while a room decides: they are true by themselves, and never under somebody's hands."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from agents.models import Role
from commandcenter import announcing, control, drills, incidents
from commandcenter.models.screens import Command
from tests.browser.desk import Desk
from tests.commandcenter.announced import make_notice
from tests.commandcenter.device import make_screen
from tests.commandcenter.history import ago
from tests.factories import make_person, make_queue, make_source, post
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]
LATER = "document.dispatchEvent(new Event('visibilitychange'))"


@pytest.fixture
def mara():
    make_queue()
    return make_person("mara", role=Role.MANAGER)


@pytest.fixture
def page(chromium: Browser, web: Web, mara) -> Iterator[Page]:
    desk = Desk(chromium, web, mara)
    yield desk.page
    desk.context.close()


def test_an_incident_goes_on_beside_a_half_written_line(page, web, mara):
    incident = incidents.open_(key=uuid.uuid4(), name="App outage", by=mara)
    page.goto(f"{web.url}/incidents/{incident.pk}/")
    page.fill("#note-text", "We have called the")
    page.fill("#statement-text", "We are")
    second = make_person("sofia", role=Role.SUPERVISOR)
    incidents.note(incident, "The core is down", by=second)
    incidents.hand_over(incident, second, by=mara)
    incidents.state(incident, "We are looking into it.", by=second)
    with page.expect_request(lambda asked: asked.url.endswith(f"/incidents/{incident.pk}/")) as asked:
        page.evaluate(LATER)
    assert asked.value.headers["x-by-itself"] == "1", "a page that stands open keeps nobody signed in"
    expect(page.locator("#timeline")).to_contain_text("The core is down")
    expect(page.locator("#incident-state")).to_contain_text("Owner: Sofia")
    expect(page.locator("#holding")).to_contain_text("looking into it")
    assert (page.input_value("#note-text"), page.input_value("#statement-text")) == ("We have called the", "We are")
    incidents.close(incident, lesson="", by=second)
    page.goto(f"{web.url}/incidents/")
    page.focus("#new-name")
    another = incidents.open_(key=uuid.uuid4(), name="Card outage", by=second)
    page.evaluate(LATER)
    expect(page.locator("#open-ones")).to_contain_text("Card outage")
    incidents.close(another, lesson="", by=second)
    page.route("**/incidents/", lambda route: route.abort())
    page.evaluate(LATER)
    expect(page.locator("#renew-late")).to_be_visible()


def test_screens_and_their_control_say_what_hangs_there_now(page, web, mara):
    screen = make_screen("Lobby").screen
    page.goto(f"{web.url}/screens/control/")
    page.check(f"#screen-{screen}")
    lift = page.get_by_role("button", name="Show everything again")
    expect(lift).to_be_disabled()
    blank = page.get_by_role("button", name="Blank now").bounding_box()
    control.give(Command.Kind.BLANK, by=mara)
    page.evaluate(LATER)
    expect(lift).to_be_enabled()
    expect(page.locator(f"#screen-{screen}")).to_be_checked()
    assert page.get_by_role("button", name="Blank now").bounding_box() == blank, "each deed keeps its place"
    page.mouse.click(blank["x"] + 20, blank["y"] + 20)
    page.wait_for_url("**/control/?*")
    assert set(Command.objects.values_list("kind", flat=True)) == {Command.Kind.BLANK}
    page.goto(f"{web.url}/screens/")
    expect(page.locator("#screens-now .chip", has_text="Blank")).to_be_visible()
    page.get_by_text("Revoke Lobby").click()
    page.mouse.move(1, 1)
    control.give(Command.Kind.LIFT, by=mara)
    with page.expect_response(lambda answer: answer.url.endswith("/screens/")):
        page.evaluate(LATER)
    expect(page.locator("details[open]").get_by_role("button", name="Revoke")).to_be_visible()
    expect(page.locator("#renew-waits")).to_be_visible()
    page.get_by_text("Revoke Lobby").click()
    page.locator("h1").click()
    page.evaluate(LATER)
    expect(page.locator("#screens-now .chip", has_text="Blank")).to_have_count(0)
    expect(page.locator("#renew-waits")).to_be_hidden()


def test_a_button_is_what_it_was_while_a_hand_is_on_it_and_a_page_tells_no_time_that_is_not_its_own(page, web, mara):
    second = make_person("sofia", role=Role.MANAGER)
    waits = {"asked_by": second, "confirmed_by": None, "confirmed_at": None}
    one = make_notice("One", asked_at=ago(minutes=5), **waits)
    page.goto(f"{web.url}/screens/notices/")
    page.get_by_role("button", name="Confirm “One”").hover()
    announcing.end(one, by=second)
    make_notice("Two", **waits)
    as_of = page.locator("#renewed").inner_text()
    with page.expect_response(lambda answer: answer.url.endswith("/screens/notices/")) as answer:
        page.evaluate(LATER)
    answer.value.finished()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert (page.locator("#renewed").inner_text(), page.locator(f"#notice-{one.pk}").count()) == (as_of, 1)
    page.mouse.move(1, 1)
    page.evaluate(LATER)
    expect(page.get_by_role("button", name="Confirm “Two”")).to_be_visible()
    expect(page.locator(f"#notice-{one.pk}")).to_have_count(0)
    assert page.locator("#standing-notices time[data-age]").first.inner_text() == "just now"
    page.evaluate("document.documentElement.dataset.link = 'signed-out'")
    page.route("**/notices/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.evaluate(LATER)
    expect(page.locator("#renew-late")).to_be_hidden()


def test_an_exercise_says_how_far_it_is(page, web, mara):
    make_source("square")
    drill = drills.start(name="Card outage", recording=[(ago(minutes=n), "square", post("x")) for n in (3, 2)], by=mara)
    page.goto(f"{web.url}/drills/{drill.pk}/")
    stop = page.get_by_role("button", name="Stop the exercise")
    expect(stop).to_be_visible()
    drills.stop(drill, by=mara)
    page.evaluate(LATER)
    expect(stop).to_have_count(0)
