"""The console in a real browser, worked from the keyboard, while the list moves and colleagues are quicker."""

import signal
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import Browser, Page, expect

from agents import cases, judgement
from agents.models import RegulatoryProfile, Reply, ReplyState, Role, User
from mentions import live
from mentions.events import Sealer
from mentions.models import Conversation
from tests.chromium import RULES
from tests.commandcenter.history import ago, hear
from tests.factories import PASSWORD, make_person, make_queue, make_rule, make_source
from tests.web import Web, collect_static, sign_in

AWAY = "The database is starting again. What you write is kept"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]

TEXTS = [
    ("plain", "codepoints", 0, 5),
    ("naïve café", "codepoints", 0, 10),
    ("👩‍👩‍👧 hi", "graphemes", 0, 4),
    ("👩‍👩‍👧 hi", "weighted", 0, 5),
    ("日本語", "weighted", 0, 6),
    ("see https://bank.example/a/very/long/path?x=1 now", "weighted", 23, 31),
    ("", "graphemes", 0, 0),
]


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    collect_static()
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def square() -> Any:
    """A queue of five, oldest first, and ten seconds to undo."""
    make_rule(make_queue("care", name="Customer care"), actionable="true", reason="needs an answer")
    source = make_source()
    make_person()
    User.objects.update(password=Argon2PasswordHasher().encode(PASSWORD, "0123456789abcdef"))
    RegulatoryProfile.objects.update(undo_s=10)
    for number in range(5):
        hear(
            source, f"@bank my card was declined, {number} times", at=ago(minutes=20 - number), author=f"sofia{number}"
        )
    publish()
    return source


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


@pytest.fixture
def desk(chromium: Browser, web: Web) -> Iterator[Any]:
    """Makes desks, and closes them."""
    made: list[Desk] = []

    def make(person: User | None = None, **options: Any) -> Desk:
        made.append(Desk(chromium, web, person, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


def priya() -> User:
    return User.objects.get(username="priya")


def first() -> Conversation:
    return Conversation.objects.order_by("pk")[0]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_one_comes_in_with_name_and_password_and_lands_on_the_console(desk, square):
    window = desk()
    page = window.open("/console/")

    page.get_by_label("Username").fill("priya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("navigation", name="Queues")).to_be_visible()
    assert window.faults == []


def test_a_list_tells_who_wrote_where_how_long_they_wait_and_how_it_stands(desk, square):
    page = desk(priya()).open("/console/view/care/")
    row = page.get_by_role("list", name="Conversations").get_by_role("listitem").first

    for words in ("Sofia0", "Town Square", "20 min", "Waiting", "Late 5 min"):
        expect(row).to_contain_text(words)


def test_a_post_is_answered_from_the_keyboard_and_taken_back(desk, square):
    window = desk(priya())
    page = window.connected("/console/view/care/")

    press(page, "j")
    expect(page.get_by_role("heading", name="Sofia0")).to_be_visible()
    press(page, "c")
    expect(page.get_by_role("button", name="Release")).to_be_visible()
    press(page, "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    page.keyboard.type("Sorry! Where did that happen?")
    expect(page.locator("#counter")).to_have_text("29 of 500")
    press(page, "Control+Enter")
    expect(page.get_by_text("Sending in")).to_be_visible()
    press(page, "z")

    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Sorry! Where did that happen?")
    assert Reply.objects.get().state == ReplyState.DRAFT
    assert window.faults == []


def test_r_claims_what_nobody_has_before_it_lets_one_write(desk, square):
    page = desk(priya()).connected("/console/view/care/")

    press(page, "j")
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    press(page, "r")

    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    assert first().cases.get().owner == priya()


def test_two_keys_triage_a_post_and_z_brings_it_back(desk, square):
    page = desk(priya()).connected("/console/view/care/")

    press(page, "n")
    expect(page.get_by_role("button", name="Release")).to_be_visible()
    press(page, "2")
    expect(page.locator("#pane")).to_have_attribute("data-state", "closed")
    assert first().actionable is False
    press(page, "z")

    expect(page.locator("#pane")).not_to_have_attribute("data-state", "closed")
    assert first().actionable is not False


def test_a_sent_reply_is_changed_from_the_keyboard_and_the_guard_reads_it(desk, square):
    cases.claim(first().pk, by=priya())
    sent = {"state": ReplyState.SENT, "sent_at": ago(minutes=1), "external_id": "ts:ours", "text": "Sorry about this."}
    place = {"conversation": first(), "target_id": first().last_mention_id, "source": square, "author": priya()}
    when = {"created_at": ago(minutes=2), "submitted_at": ago(minutes=2), "seen_version": 1}
    Reply.objects.create(**place, **sent, **when, visibility="public", client_key=uuid.uuid4())
    page = desk(priya()).open(f"/console/{first().pk}/")
    press(page, "m")
    words = page.get_by_role("textbox", name="New words")
    expect(words).to_be_focused()
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()

    press(page, "Control+a")
    page.keyboard.type("We see that your account was blocked.")
    expect(page.get_by_text("37 of 500")).to_be_visible()
    press(page, "Control+Enter")
    expect(page.get_by_text("Not sent: the guard found this.").last).to_be_visible()
    expect(words).to_have_value("We see that your account was blocked.")
    expect(page.get_by_text("37 of 500")).to_be_visible()
    press(page, "Control+a")
    page.keyboard.type("We are sorry about this.")
    press(page, "Control+Enter")
    expect(page.locator(".ours-change")).to_contain_text("We are sorry about this.")
    press(page, "z")
    expect(page.locator(".ours-change")).to_have_count(0)
    assert Reply.objects.get().text == "Sorry about this."


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


def test_every_button_shows_its_key_in_the_sheet(desk, square):
    page = desk(priya()).open(f"/console/{first().pk}/")
    press(page, "?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_be_visible()
    listed = {key.replace(" ", "+") for key in sheet.locator("kbd").all_inner_texts()}

    for keys in page.eval_on_selector_all("[aria-keyshortcuts]", "all => all.map(one => one.ariaKeyShortcuts)"):
        assert {key.replace("Control", "Ctrl") for key in keys.split()} <= listed


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


def test_who_loses_the_race_sees_who_won(desk, square):
    page = desk(priya()).open(f"/console/{first().pk}/")

    cases.claim(first().pk, by=make_person("tom"))
    press(page, "c")

    expect(page.locator(".pane-notice")).to_contain_text("Tom")
    expect(page.get_by_role("button", name="Claim")).to_have_count(0)


def test_a_message_that_arrives_while_one_writes_leaves_the_text_alone_and_stops_the_reply(desk, square):
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    page.keyboard.type("We are sorry")

    hear(square, "@bank never mind, it works", at=ago(seconds=1), author="sofia0")
    publish()

    expect(page.get_by_text("never mind, it works").first).to_be_visible()
    expect(page.get_by_text("Something happened in this conversation while you wrote.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("We are sorry")
    press(page, "Control+Enter")
    expect(page.get_by_text("Not sent: this happened since you looked.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("We are sorry")
    press(page, "Control+Enter")
    expect(page.get_by_text("Sending in")).to_be_visible()


def test_the_guard_names_the_words_while_one_writes_and_offers_the_private_road(desk, square):
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    page.keyboard.type("We looked into your account.")

    expect(page.get_by_role("list", name="What the guard found")).to_contain_text("your account")
    page.get_by_role("link", name="Continue privately").click()

    expect(page.get_by_role("radio", name="Private message")).to_be_checked()
    expect(page.get_by_text("Only they can read this.")).to_be_visible()


def test_a_draft_is_kept_by_the_server(desk, square):
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    page.keyboard.type("Half a thou")
    expect(page.get_by_text("Saved")).to_be_visible()

    page.reload()

    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Half a thou")


def test_what_one_did_oneself_is_not_fetched_again_and_what_a_colleague_did_is(desk, square):
    window = desk(priya())
    sockets, fetched = [], []
    window.page.on("websocket", lambda socket: sockets.append(socket))
    window.page.on("request", lambda asked: fetched.append(asked.url) if "/part/pane/" in asked.url else None)
    page = window.connected(f"/console/{first().pk}/")
    press(page, "c")
    expect(page.locator("#pane")).to_have_attribute("data-state", "claimed")
    with sockets[0].expect_event("framereceived", lambda said: f"[[{first().pk}," in said):
        publish()
    judgement.add_note(first().pk, text="I know this one.", by=make_person("ben"))
    publish()
    expect(page.get_by_text("I know this one.")).to_be_visible()
    assert len(fetched) == 1


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


def test_focus_is_never_lost(desk, square):
    page = desk(priya()).connected("/console/view/care/")

    for key in ("j", "c", "Shift+C", "1", "z", "n", "u", "j"):
        press(page, key)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        expect(page.locator("body:focus")).to_have_count(0)


def test_the_console_says_when_it_lost_the_server_and_comes_back(desk, square):
    own = Web().start()
    window = desk(priya())
    window.web = own
    window.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": sign_in(priya()), "url": own.url}])
    page = window.connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()

    own.stop(signal.SIGKILL)
    expect(page.get_by_text("Reconnecting. What you see may be old")).to_be_visible()
    page.keyboard.type("Still here")
    expect(page.get_by_text("Not saved yet; it is tried again")).to_be_visible(timeout=15_000)
    own.start()

    expect(page.locator("html")).to_have_attribute("data-link", "live", timeout=35_000)
    expect(page.get_by_text("Saved")).to_be_visible()
    own.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_every_page(desk, square, scheme):
    signed_in = desk(make_person("mona", role=Role.SUPERVISOR), color_scheme=scheme)
    pages = ["/console/", "/console/{}/", "/console/search/?q=is:late", "/approvals/", "/freeze/", "/nowhere/"]
    for window, path in [(desk(color_scheme=scheme), "/sign-in/"), *((signed_in, path) for path in pages)]:
        found = Axe().run(window.open(path.format(first().pk)), options=RULES)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"


def test_what_opens_can_be_read_too(desk, square):
    cases.claim(first().pk, by=priya())
    window = desk(priya())
    for key in ("?", "t", "p", "w"):
        page = window.open(f"/console/{first().pk}/")
        press(page, key)
        expect(page.locator("dialog:modal, :popover-open")).to_be_visible()
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{key}\n{found.generate_report()}"


def test_nothing_is_cut_off_on_a_small_screen(desk, square):
    signed_in = desk(make_person("mona", role=Role.SUPERVISOR))
    pages = ["/console/view/care/", "/console/{}/", "/approvals/", "/freeze/"]
    for window, path in [(desk(), "/sign-in/"), *((signed_in, path) for path in pages)]:
        for width in (320, 640, 1100):
            window.page.set_viewport_size({"width": width, "height": 700})
            page = window.open(path.format(first().pk))
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} wide on a screen of {width}"


def test_one_pane_at_a_time_on_a_phone_and_a_way_back(desk, square):
    page = desk(priya(), viewport={"width": 360, "height": 700}).open("/console/view/care/")

    page.get_by_text("Sofia0").click()
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    expect(page.get_by_role("list", name="Conversations")).to_be_hidden()
    page.get_by_role("button", name="Back to the list").click()

    expect(page.get_by_role("list", name="Conversations")).to_be_visible()


def test_the_browser_counts_as_the_network_does(desk, square):
    page = desk(priya()).open("/console/view/care/")
    for text, counting, url_weight, length in TEXTS:
        counted = page.evaluate(
            "(asked) => import('/static/js/counting.js').then(own => own.lengthOf(...asked))",
            [text, counting, url_weight],
        )
        assert counted == length, (text, counting)


def test_what_was_dismissed_wrongly_comes_back_with_one_key(desk, square):
    page = desk(priya()).open(f"/console/{first().pk}/")
    press(page, "2")
    expect(page.locator("#pane")).to_have_attribute("data-state", "closed")
    press(page, "4")
    expect(page.locator("#pane")).to_have_attribute("data-state", "waiting")
    assert first().actionable is True
    expect(page.locator("#post")).to_be_focused()
    press(page, "z")
    expect(page.locator("#pane")).to_have_attribute("data-state", "closed")
    assert first().actionable is False


def sent_while_away(desk, words: str, *, again_s: int, times: int = 1) -> Page:
    """A reply that Priya sends while the database is away: the server's answer of that time stands for it.

    That the server gives that answer is tested with the engine stopped.
    """
    cases.claim(first().pk, by=priya())
    page = desk(priya()).connected(f"/console/{first().pk}/")
    away = {"status": 503, "headers": {"Retry-After": str(again_s)}, "body": "away"}
    page.route("**/reply/", lambda route: route.fulfill(**away), times=times)
    press(page, "r")
    page.keyboard.type(words)
    press(page, "Control+Enter")
    expect(page.get_by_text(AWAY)).to_be_visible()
    return page


def test_while_the_database_is_away_nothing_is_lost_and_the_reply_goes_by_itself(desk, square):
    words = "Sorry about the trouble. Please send us a private message so that we can look into it."
    page = sent_while_away(desk, words, again_s=1, times=2)
    expect(page.locator("#text")).to_have_value(words)
    expect(page.locator(".ours[data-state=held]")).to_be_visible()
    expect(page.get_by_text(AWAY)).to_be_hidden()
    assert Reply.objects.filter(state=ReplyState.HELD).count() == 1
    press(page, "z")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(" Thank you.")
    expect(page.locator("#text")).to_have_value(f"{words} Thank you.")


def test_a_reply_that_is_written_on_while_the_database_is_away_leaves_when_it_is_ready(desk, square):
    page = sent_while_away(desk, "Sorry about the trouble.", again_s=2)
    page.keyboard.type(" Please send us a private")
    expect(page.locator(".toast", has_text="Not sent: it was changed")).to_be_visible()
    page.keyboard.type(" message.")
    press(page, "Control+Enter")
    expect(page.locator(".ours[data-state=held]")).to_be_visible()
    assert Reply.objects.get().text == "Sorry about the trouble. Please send us a private message."


def test_what_was_sent_and_did_not_arrive_is_a_draft_when_one_comes_back_to_it(desk, square):
    page = sent_while_away(desk, "Sorry about this.", again_s=600)
    own = page.url
    press(page, "Escape", "j")
    expect(page.locator("#text")).to_have_value("")
    page.goto(own)
    expect(page.locator("#text")).to_have_value("Sorry about this.")
