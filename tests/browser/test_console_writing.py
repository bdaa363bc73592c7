"""What an agent writes in a real browser: counted, kept, checked, and never lost, whoever goes away meanwhile."""

import signal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from agents import approving, cases
from agents.models import Reply, ReplyState, Role
from tests.agents.photos import photo
from tests.browser.desk import first, press, priya, publish
from tests.chromium import CONTRAST, RULES
from tests.commandcenter.history import ago, hear
from tests.factories import make_person

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
    ("naïve", "bytes", 0, 6),
    ("naïve 👩‍👩‍👧", "emoji_bytes", 0, 24),
]


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


def test_words_that_could_not_be_saved_are_left_only_by_a_second_press(desk, square):
    page = desk(priya()).connected(f"/console/{first().pk}/?view=care")
    press(page, "c", "r")
    reply = page.get_by_role("textbox", name="Reply")
    expect(reply).to_be_focused()
    page.route("**/draft/", lambda route: route.fulfill(status=413))
    page.keyboard.type("Half a thought that nobody has kept")
    page.keyboard.press("Escape")
    other = page.locator("#rows a[href]").last

    other.click()
    expect(page.get_by_text("Your words are not saved yet")).to_be_visible()
    expect(reply).to_have_value("Half a thought that nobody has kept")

    other.click()
    expect(reply).not_to_have_value("Half a thought that nobody has kept")


def test_the_console_says_when_it_lost_the_server_and_comes_back(desk, square, web):
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()

    # Its port stays taken, so that a browser waits for an answer as long as it has the patience.
    page.route("**/draft/", lambda route: route.abort())
    web.stop(signal.SIGKILL)
    expect(page.get_by_text("Reconnecting. What you see may be old")).to_be_visible()
    page.keyboard.type("Still here")
    expect(page.get_by_text("Not saved yet; it is tried again")).to_be_visible(timeout=15_000)
    web.start()
    page.unroute("**/draft/")
    page.evaluate("dispatchEvent(new Event('online'))")  # it comes by itself too, later and later

    expect(page.locator("html")).to_have_attribute("data-link", "live", timeout=35_000)
    expect(page.get_by_text("Saved")).to_be_visible()


def test_the_browser_counts_as_the_network_does(desk, square):
    page = desk(priya()).open("/console/view/care/")
    for text, counting, url_weight, length in TEXTS:
        counted = page.evaluate(
            "(asked) => import('/static/js/counting.js').then(own => own.lengthOf(...asked))",
            [text, counting, url_weight],
        )
        assert counted == length, (text, counting)


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


def test_what_a_second_person_returns_is_in_the_composer_of_an_open_page_with_the_reason(desk, square):
    supervisor = make_person("marguerite", role=Role.SUPERVISOR)
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    text = page.get_by_role("textbox", name="Reply")
    expect(text).to_be_focused()
    page.keyboard.type("We promise to refund the fee by Friday, we guarantee it.")
    expect(page.get_by_role("list", name="What the guard found")).to_contain_text("promise")
    press(page, "Control+Enter")
    expect(page.get_by_text("Awaiting approval")).to_be_visible()

    reply = Reply.objects.get()
    approving.return_(reply, digest=reply.digest, reason="No date, please.", by=supervisor)
    publish()

    expect(page.get_by_text("Returned to you: No date, please.")).to_be_visible()
    expect(text).to_have_value("We promise to refund the fee by Friday, we guarantee it.")
    # It says one thing every five seconds, and has just said that a second person is waited for.
    expect(page.get_by_role("status", name="Updates")).to_contain_text("No date, please.", timeout=10_000)


PUT = """([kind, color]) => new Promise((done) => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillStyle = color;
  canvas.getContext("2d").fillRect(0, 0, 80, 60);
  canvas.toBlob((made) => {
    const carried = new DataTransfer();
    carried.items.add(new File([made], "photo.png", { type: "image/png" }));
    const about = { bubbles: true, cancelable: true };
    const text = document.getElementById("text");
    text.dispatchEvent(kind === "paste"
      ? new ClipboardEvent("paste", { clipboardData: carried, ...about })
      : new DragEvent("drop", { dataTransfer: carried, ...about }));
    done();
  });
})"""


def test_a_picture_comes_by_key_paste_and_drop_and_leaves_what_is_written_alone(desk, square):
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c", "r")
    expect(page.get_by_role("textbox", name="Reply")).to_be_focused()
    page.keyboard.type("Here is where to find it.")
    press(page, "Escape")
    with page.expect_file_chooser() as chosen:
        press(page, "Shift+I")
    chosen.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": photo("navy", "PNG")})

    what = page.get_by_role("textbox", name="What picture 1 shows")
    expect(what).to_be_focused()
    page.keyboard.type("The button at the top")
    page.evaluate(PUT, ["paste", "green"])
    expect(page.get_by_role("textbox", name="What picture 2 shows")).to_be_focused()
    page.evaluate(PUT, ["drop", "red"])
    expect(page.get_by_role("textbox", name="What picture 3 shows")).to_be_focused()
    expect(what).to_have_value("The button at the top")
    expect(page.get_by_role("textbox", name="Reply")).to_have_value("Here is where to find it.")

    page.locator("#picture").set_input_files({"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg/>"})
    expect(page.get_by_text("It is no picture.")).to_be_visible()
    page.get_by_role("button", name="Take picture 3 out").click()
    page.get_by_role("button", name="Take picture 2 out").click()
    expect(page.get_by_role("textbox", name="What picture 2 shows")).to_be_hidden()
    expect(page.get_by_text("Needs a second person")).to_be_visible()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen = Axe().run(page, options=RULES if scheme == "light" else CONTRAST)
        assert not seen.violations_count, seen.generate_report()

    page.reload()
    expect(what).to_have_value("The button at the top")
    page.get_by_role("textbox", name="Reply").focus()
    press(page, "Control+Enter")
    expect(page.get_by_text("It waits for a second person.").first).to_be_visible()
    expect(page.get_by_role("img", name="The button at the top")).to_be_visible()
    assert Reply.objects.get().pictures.count() == 1


def test_words_written_while_it_was_handed_over_are_left_for_whoever_has_it(desk, square):
    sam, tom = make_person("sam", role=Role.SUPERVISOR), make_person("tom")
    found = first()
    cases.claim(found.pk, by=priya())
    one = desk(priya())
    page = one.open(f"/console/{found.pk}/")
    cases.assign(found.pk, to=tom, by=sam)

    page.get_by_role("textbox", name="Reply").fill("Sorry about that.")
    expect(page.locator("#checked")).to_contain_text("Handed to Tom by Sam at ")
    press(page, "Escape", "Shift+Q")

    expect(page.locator(".team-note")).to_contain_text("Sorry about that.")
    assert not Reply.objects.filter(state=ReplyState.DRAFT).exists()


def test_a_tab_that_was_left_has_its_words_saved_and_holds_nothing_for_ever(desk, square):
    found = first()
    cases.claim(found.pk, by=priya())
    one = desk(priya())
    one.page.clock.install()
    page = one.open(f"/console/{found.pk}/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/renew/" in request.url else None)
    page.get_by_role("textbox", name="Reply").fill("Half a thought")
    hide = "Object.defineProperty(document, 'hidden', { get: () => true }); "
    page.evaluate(hide + "document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator("#checked")).to_contain_text("Saved")
    assert asked  # whoever looks something up elsewhere comes back
    page.clock.fast_forward("20:00")
    asked.clear()
    page.clock.fast_forward("05:00")
    assert asked == []
