"""The console in a real browser, worked from the keyboard, while colleagues are quicker and customers go on writing."""

import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.sessions.models import Session
from playwright.sync_api import Route, expect

from agents import cases, freeze, judgement
from agents.models import Amendment, Reply, ReplyState, Role
from commandcenter import incidents
from mentions.models import State
from tests.browser.desk import first, press, priya, publish
from tests.chromium import RULES
from tests.commandcenter.history import ago, hear
from tests.factories import PASSWORD, make_person, make_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.processes]


def test_one_comes_in_with_name_and_password_and_lands_on_the_console(desk, square):
    window = desk()
    page = window.open("/console/")

    page.get_by_label("Username").fill("priya")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("navigation", name="Queues")).to_be_visible()
    assert window.faults == []


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

    press(page, "Escape", "i")
    page.keyboard.type("Half a note")
    press(page, "Escape", "j")
    expect(page.get_by_role("heading", name="Sofia1")).to_be_visible()
    press(page, "k", "i")
    expect(page.get_by_role("textbox", name="Note"), "what was not saved yet waits in the page").to_have_value(
        "Half a note"
    )


def test_two_keys_triage_a_post_and_z_brings_it_back_whatever_was_decided_since(desk, square):
    page = desk(priya()).connected("/console/view/care/")
    undo = page.locator(".toast [data-act=undo]:visible")
    for done in (1, 2):
        press(page, "n")
        expect(page.get_by_role("button", name="Release")).to_be_visible()
        press(page, "2")
        expect(page.locator("#pane")).to_have_attribute("data-state", "closed")
        expect(undo).to_have_count(done)
    assert first().actionable is False
    press(page, "z")
    expect(page.locator("#pane")).not_to_have_attribute("data-state", "closed")
    expect(page.get_by_role("textbox", name="Reply"), "who has it again can write again").to_be_editable()
    expect(undo).to_have_count(1)
    press(page, "z")
    expect(undo).to_have_count(0)
    assert first().actionable is not False


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


def test_who_loses_the_race_sees_who_won(desk, square):
    page = desk(priya()).open(f"/console/{first().pk}/")

    cases.claim(first().pk, by=make_person("tom"))
    press(page, "c")

    expect(page.locator(".pane-notice")).to_contain_text("Tom")
    expect(page.get_by_role("button", name="Claim")).to_have_count(0)


def test_what_one_did_oneself_is_not_fetched_again_and_what_a_colleague_did_is(desk, square):
    window = desk(priya())
    sockets, fetched = [], []
    window.page.on("websocket", lambda socket: sockets.append(socket))
    window.page.on("request", lambda asked: fetched.append(asked) if "/part/pane/" in asked.url else None)
    page = window.connected(f"/console/{first().pk}/")
    press(page, "c")
    expect(page.locator("#pane")).to_have_attribute("data-state", "claimed")
    with sockets[0].expect_event("framereceived", lambda said: f"[[{first().pk}," in said):
        publish()
    judgement.add_note(first().pk, text="I know this one.", by=make_person("ben"))
    publish()
    expect(page.get_by_text("I know this one.")).to_be_visible()
    assert [asked.headers.get("x-by-itself") for asked in fetched] == ["1"]


def test_focus_is_never_lost(desk, square):
    page = desk(priya()).connected("/console/view/care/")

    for key in ("j", "c", "Shift+C", "1", "z", "n", "u", "j"):
        press(page, key)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        expect(page.locator("body:focus")).to_have_count(0)
    page.get_by_role("button", name="Claim", exact=True).focus()
    press(page, "Enter")
    expect(page.locator("#post:focus"), "and never on another move that a second Enter would make").to_be_visible()
    press(page, ",")
    expect(page.locator("#me input:focus")).to_be_visible()
    press(page, "Escape")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ц', code: 'KeyW', bubbles: true}))")
    expect(page.locator("#why:popover-open"), "the key that is W on other boards").to_be_visible()


def test_what_the_customer_wrote_unseen_stops_the_key_that_closes_once(desk, square):
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "c")
    expect(page.locator("#pane")).to_have_attribute("data-state", "claimed")
    choice = page.locator("#pane").get_by_label("Disposition")
    on_its_way: list[Route] = []
    page.route("**/part/pane/**", lambda route: on_its_way.append(route))
    hear(square, "@bank wait, it is stolen", at=ago(seconds=1), author="sofia0")
    with page.expect_request("**/part/pane/**"):
        publish()
    choice.focus()  # while one chooses, the conversation is not changed under the hand, whenever that was asked for
    with page.expect_request_finished(lambda asked: "/part/pane/" in asked.url):
        on_its_way[0].continue_()
    page.get_by_role("button", name="Close").click()

    notice = page.get_by_role("alert").filter(has_text="Not done: this happened since you looked.")
    expect(notice).to_contain_text("wait, it is stolen")
    assert first().state == State.CLAIMED
    press(page, "e")
    expect(page.locator("#pane")).to_have_attribute("data-state", "closed")
    expect(notice).to_have_count(0)


def test_a_hand_over_keeps_what_was_filled_in_until_it_can_be_done(desk, square):
    make_person("femi", teams=(make_queue("fraud", name="Fraud desk").slug,))
    cases.claim(first().pk, by=priya())
    page = desk(priya()).connected(f"/console/{first().pk}/")
    press(page, "t")
    box = page.get_by_role("dialog", name="Hand it to another team or colleague")
    expect(box.get_by_label("Queue")).to_be_focused()
    box.get_by_label("Queue").select_option("Fraud desk")
    expect(box.get_by_label("Person").locator("option")).to_have_text(["Whoever is next", "Femi"])
    box.get_by_label("Person").select_option("Femi")
    box.get_by_label("Why").fill("looks stolen")
    hear(square, "@bank and my phone too", at=ago(seconds=1), author="sofia0")
    press(page, "Control+Enter")

    expect(box).to_contain_text("and my phone too")
    expect(box.get_by_label("Person").locator("option:checked")).to_have_text("Femi")
    expect(box.get_by_label("Why")).to_have_value("looks stolen")
    box.get_by_label("Why").focus()
    press(page, "Control+Enter")
    expect(box).to_be_hidden()
    expect(page.locator(".pane-meta")).to_contain_text("Claimed: Femi")


def test_a_wait_says_for_what_and_until_when(desk, square):
    cases.claim(first().pk, by=priya())
    page = desk(priya()).open(f"/console/{first().pk}/")
    press(page, "p")
    box = page.get_by_role("dialog", name="Whom do we wait for, and until when?")
    box.get_by_label("Until").fill("2020-01-01T09:00")
    box.locator("form").evaluate("form => (form.noValidate = true)")
    box.get_by_label("For what").fill("the branch calls back")
    press(page, "Control+Enter")
    expect(box).to_contain_text("Choose a time in the future")
    expect(box.get_by_label("For what")).to_have_value("the branch calls back")
    box.get_by_role("button", name="In 2 hours").click()
    box.get_by_label("For what").focus()
    press(page, "Control+Enter")
    expect(page.locator(".pane-meta")).to_contain_text("the branch calls back")
    assert first().state == State.PENDING_CUSTOMER


def test_two_who_approve_never_press_on_what_they_have_not_read(desk, square):
    waits = []
    for found in (first(), first().__class__.objects.order_by("pk")[1]):
        cases.claim(found.pk, by=priya())
        place = {"conversation": found, "target_id": found.last_mention_id, "source": square, "author": priya()}
        when = {"created_at": ago(minutes=2), "submitted_at": ago(minutes=2), "seen_version": found.version}
        state = {"state": ReplyState.AWAITING_APPROVAL, "digest": "x" * 64, "text": f"To {found.number}."}
        waits.append(Reply.objects.create(**place, **when, **state, visibility="public", client_key=uuid.uuid4()))
    window = desk(make_person("mona", role=Role.SUPERVISOR))
    page = window.open("/approvals/")
    expect(page.locator(".asked-one")).to_have_count(2)
    Reply.objects.filter(pk=waits[0].pk).update(state=ReplyState.DRAFT)
    freeze.start(by=make_person("cora", role=Role.COMPLIANCE), reason="drill")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator(".asked-one").first).to_contain_text("Somebody else decided this meanwhile.")
    expect(page.locator("#bands")).to_contain_text("All sending is frozen since")
    expect(page.get_by_role("link", name="Approvals")).to_contain_text("1")
    press(page, "a")
    expect(page.get_by_text("This reply no longer waits for approval.")).to_be_visible()
    expect(page.locator(".asked-one")).to_have_count(1)
    press(page, "b")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("warmer, please")
    press(page, "Enter")
    expect(page.get_by_text("the reply was changed since you read it", exact=False)).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("warmer, please")
    # The page of a refusal looks on as well, and says when it cannot.
    Reply.objects.filter(pk=waits[1].pk).update(state=ReplyState.DRAFT)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".asked-one").first).to_contain_text("Somebody else decided this meanwhile.")
    Session.objects.all().delete()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_text("You are signed out.", exact=False)).to_be_visible()


def test_nothing_half_written_is_lost_to_what_is_new_on_a_page_that_looks_by_itself(desk, square):
    def wait(found, minutes):
        cases.claim(found.pk, by=priya())
        place = {"conversation": found, "target_id": found.last_mention_id, "source": square, "author": priya()}
        when = {"created_at": ago(minutes=minutes), "submitted_at": ago(minutes=minutes), "seen_version": found.version}
        state = {"state": ReplyState.AWAITING_APPROVAL, "digest": "x" * 64, "text": f"To {found.number}."}
        Reply.objects.create(**place, **when, **state, visibility="public", client_key=uuid.uuid4())

    wait(first(), 2)
    sofia = make_person("sofia", role=Role.SUPERVISOR)
    freeze.start(by=sofia, reason="drill")
    page = desk(make_person("mona", role=Role.SUPERVISOR)).open("/approvals/")
    expect(page.locator(".asked-one")).to_have_count(1)
    press(page, "b")
    page.keyboard.type("warmer, pl")
    wait(first().__class__.objects.order_by("pk")[1], 1)
    look = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(look)
    page.get_by_role("button", name="1 more").click()
    expect(page.locator(".asked-one")).to_have_count(2)
    expect(page.locator(".asked-one").first.get_by_label("Reason")).to_have_value("warmer, pl")
    expect(page.locator(".asked-one").last.get_by_role("link").first).to_be_focused()

    band = page.get_by_role("link", name="See the freeze")
    band.focus()
    incidents.open_(key=uuid.uuid4(), name="Card payments fail", by=sofia)
    asleep = """async () => {
        const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
        const { now } = await import(loaded.find((name) => name.includes("/clock.")));
        const steady = performance.now.bind(performance);
        performance.now = () => steady() - 3600000; // a laptop that slept for an hour
        window.off = () => Math.abs(now() - Date.now());
    }"""
    page.evaluate(asleep)
    page.evaluate(look)
    expect(page.locator("#bands")).to_contain_text("Card payments fail")
    expect(band).to_be_focused()
    assert page.evaluate("window.off()") < 5000


def test_a_key_takes_back_the_newest_reply_or_the_one_in_focus_and_no_other(desk, square):
    cases.claim(first().pk, by=priya())
    place = {"conversation": first(), "target_id": first().last_mention_id, "source": square, "author": priya()}
    for minutes in (30, 20):
        at = ago(minutes=minutes)
        about = {
            "created_at": at,
            "sent_at": at,
            "seen_version": 1,
            "digest": "x" * 64,
            "text": f"{minutes} minutes ago",
        }
        sent = {"state": ReplyState.SENT, "external_id": f"ts:{minutes}", "visibility": "public"}
        Reply.objects.create(**place, **about, **sent, client_key=uuid.uuid4())
    page = desk(priya()).connected(f"/console/{first().pk}/")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    expect(page.get_by_role("button", name="Retract")).to_have_count(2)
    press(page, "Shift+R")
    expect(page.get_by_role("button", name="Retract")).to_have_count(1)
    press(page, "Shift+R")
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert [url.rsplit("/", 2)[1] for url in asked if "/renew/" not in url] == ["retract"]
    assert [change.amended.text for change in Amendment.objects.all()] == ["20 minutes ago"]
    page.get_by_role("button", name="Retract").focus()
    press(page, "Shift+R")
    expect(page.get_by_role("button", name="Retract")).to_have_count(0)
    assert Amendment.objects.count() == 2
