"""Writing a reply as a browser does it: saved while it is written, sent, pressed twice, and from two windows."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from agents import cases, outcomes
from agents.desk.composer import composer
from agents.desk.reading import Reading
from agents.models import Macro, Note, Reply, ReplyState, Role, User
from mentions import intake, rulebook
from mentions.models import Conversation, Mention, Source
from mentions.networks import AnsweredBefore, Published
from tests.factories import make_person, make_queue, make_source, make_team, post

pytestmark = pytest.mark.django_db
TEXT = "Sorry about the trouble. Please send us a private message so that we can look into it together."


@pytest.fixture
def conversation(priya: User) -> Conversation:
    intake.receive(make_source(), [post("@bank my card was declined")])
    found = Conversation.objects.get()
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    return found


@pytest.fixture
def priya() -> User:
    rulebook.forget()
    make_queue()
    return make_person("priya")


@pytest.fixture
def browser(priya: User) -> Client:
    client = Client()
    client.force_login(priya, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(browser: Client, found: Conversation, key: uuid.UUID, text: str = TEXT, **changed: object):
    found.refresh_from_db()
    asked = {"text": text, "mode": "public", "version": found.version, "client_key": key}
    return browser.post(f"/console/{found.pk}/reply/", asked | changed)


def save(browser: Client, found: Conversation, key: uuid.UUID, text: str):
    return browser.post(f"/console/{found.pk}/draft/", {"text": text, "mode": "public", "client_key": key})


class TestDrafts:
    def test_what_is_written_is_kept_for_its_author_alone(self, browser, conversation):
        save(browser, conversation, uuid.uuid4(), "Half a sentence")
        assert "Half a sentence" in browser.get(f"/console/{conversation.pk}/").content.decode()
        other = Client()
        other.force_login(make_person("sam"), backend="django.contrib.auth.backends.ModelBackend")
        assert "Half a sentence" not in other.get(f"/console/{conversation.pk}/").content.decode()

    def test_a_saving_that_comes_after_the_sending_changes_nothing(self, browser, conversation):
        key = uuid.uuid4()
        save(browser, conversation, key, TEXT[:20])
        assert send(browser, conversation, key).status_code == 302
        assert save(browser, conversation, key, TEXT).status_code == 200
        assert [(r.state, r.text) for r in Reply.objects.all()] == [(ReplyState.HELD, TEXT)]

    def test_a_key_that_is_somebody_elses_reply_is_no_fault(self, browser, conversation, priya):
        make_person("sam")
        key = uuid.uuid4()
        send(browser, conversation, key)
        intake.receive(make_source(), [post("another")])
        second = Conversation.objects.exclude(pk=conversation.pk).get()
        cases.claim(second.pk, by=priya)
        assert save(browser, second, key, "other words").status_code == 200
        assert send(browser, second, key, "Sorry, please write to us in private.").status_code == 302
        assert Reply.objects.count() == 2
        assert Reply.objects.filter(client_key=key).get().conversation_id == conversation.pk


class TestSending:
    def test_pressed_twice_from_a_second_window_it_leaves_once(self, browser, conversation):
        """The first window saved a draft under its own key; the second sends under another, twice."""
        save(browser, conversation, uuid.uuid4(), "begun in the first window")
        key = uuid.uuid4()
        send(browser, conversation, key)
        Reply.objects.update(state=ReplyState.SENT, sent_at=timezone.now(), external_id="ts:1")
        assert send(browser, conversation, key).status_code == 302
        assert [(r.state, r.client_key) for r in Reply.objects.all()] == [(ReplyState.SENT, key)]


class TestWindows:
    """Some networks let a customer be answered for a while only: said while one writes, and not minutes later."""

    @pytest.fixture
    def chat(self, priya: User) -> Conversation:
        settings = {"template": "we_answer"}
        number = make_source("number", network="whatsapp", account_id="10655", settings=settings)
        told = post("My card was declined", kind="message", visibility="private", network="whatsapp")
        intake.receive(number, [told])
        found = Conversation.objects.get()
        cases.claim(found.pk, by=priya)
        return found

    def silent(self, chat: Conversation, hours: int) -> None:
        Conversation.objects.filter(pk=chat.pk).update(last_inbound_at=timezone.now() - timedelta(hours=hours))

    def test_how_long_is_left_stands_beside_the_words(self, browser, chat):
        self.silent(chat, 20)
        page = browser.get(f"/console/{chat.pk}/").content.decode()
        composer = page[page.index('id="audience-private"') :]
        assert "3 h left" in composer[: composer.index("</p>")]

    def test_after_it_one_line_leaves_in_the_banks_template(self, browser, chat):
        self.silent(chat, 25)
        assert "template “we_answer”" in browser.get(f"/console/{chat.pk}/").content.decode()
        refused = send(browser, chat, uuid.uuid4(), f"{TEXT}\n\nYour bank", mode="private")
        assert (refused.status_code, Reply.objects.filter(state=ReplyState.HELD).count()) == (409, 0)
        assert send(browser, chat, uuid.uuid4(), TEXT, mode="private").status_code == 302

    def test_without_a_template_nothing_is_written_any_more(self, browser, chat):
        Source.objects.update(settings={})
        self.silent(chat, 25)
        page = browser.get(f"/console/{chat.pk}/").content.decode()
        assert "takes them again once they have written" in page
        assert send(browser, chat, uuid.uuid4(), TEXT, mode="private").status_code in (409, 422)


class TestOnX:
    """A public reply on X can carry a button under which its reader writes to us in private."""

    NUMBER = "1234567812345678905"  # as long as new accounts have, and begins like a card number

    @pytest.fixture
    def question(self, priya: User) -> Conversation:
        account = make_source("x", network="x", account_id=self.NUMBER, base_url="https://api.x.com")
        told = post("@bank my card was declined", network="x", external_id="1001")
        intake.receive(account, [told])
        found = Conversation.objects.get()
        cases.claim(found.pk, by=priya)
        return found

    def test_one_press_offers_a_private_message_and_the_guard_lets_just_that_leave(self, browser, question):
        way = f"https://twitter.com/messages/compose?recipient_id={self.NUMBER}"
        assert f'data-words="{way}"' in browser.get(f"/console/{question.pk}/").content.decode()
        key = uuid.uuid4()
        save(browser, question, key, f"{TEXT} {way}")
        assert Reply.objects.get().text == f"{TEXT} {way}"
        assert send(browser, question, key, f"{TEXT} {way}&text=hello").status_code == 422
        assert send(browser, question, key, f"{TEXT} {way}").status_code == 302
        assert Reply.objects.get().state == ReplyState.HELD

    def test_in_private_it_is_a_link_like_any_other(self, browser, question):
        way = f"https://twitter.com/messages/compose?recipient_id={self.NUMBER}"
        assert send(browser, question, uuid.uuid4(), f"{TEXT} {way}", mode="private").status_code == 422

    def test_an_approved_text_may_hold_it(self, question, priya):
        Macro.objects.create(
            name="Private", text="Please write to us: {{ private_link }}", written_by=priya, approved_at=timezone.now()
        )
        shown = composer(Reading(question, priya))
        assert shown is not None
        assert shown.macros[0]["text"].endswith(f"recipient_id={self.NUMBER}")


class TestMoves:
    def test_a_hand_over_to_nowhere_leaves_no_note(self, browser, conversation):
        asked = {"queue": 10**9, "reason": "for you"}
        assert browser.post(f"/console/{conversation.pk}/transfer/", asked).status_code == 404
        assert not Note.objects.exists()

    def test_a_hand_over_that_is_refused_leaves_no_note(self, browser, conversation):
        asked = {"queue": conversation.queue_id, "reason": "for you"}
        assert browser.post(f"/console/{conversation.pk}/transfer/", asked).status_code == 422
        assert not Note.objects.exists()

    @pytest.mark.parametrize("until", ["9999-12-31T23:59", "0001-01-01T00:00", "2400-01-01T00:00", "yesterday", ""])
    def test_no_pending_time_makes_a_conversation_unreadable(self, browser, conversation, until):
        asked = {"whom": "customer", "until": until}
        assert browser.post(f"/console/{conversation.pk}/pending/", asked).status_code in (409, 422)
        assert browser.get(f"/console/{conversation.pk}/").status_code == 200
        assert browser.get("/console/view/pending/").status_code == 200

    def test_the_lease_of_a_case_that_was_taken_is_renewed_for_nobody(self, browser, conversation):
        sam = make_person("sam", role=Role.SUPERVISOR)
        cases.assign(conversation.pk, to=sam, by=sam)
        assert browser.post(f"/console/{conversation.pk}/renew/", {"focused": "1"}).status_code == 204
        assert conversation.cases.get(ended_at=None).owner == sam

    def test_a_case_number_of_any_length_selects_nothing(self, browser, conversation):
        make_team("fraud")
        for ids in ("9" * 30, "9" * 5000, "\u00b2", "-1", ""):
            answer = browser.post("/console/bulk/", {"ids": [ids], "action": "spam", "view": "care"})
            assert answer.status_code == 302
            assert browser.get("/console/part/rows/", {"ids": ids}).status_code == 200


def test_without_its_cache_a_list_is_slower_and_nothing_else(browser, conversation, settings):
    settings.CACHES = {
        "default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/valkey.sock", "KEY_PREFIX": "away"}
    }
    assert f'id="row-{conversation.pk}"' in browser.get("/console/part/list/care/?state=claimed").content.decode()


def test_a_suggestion_is_made_once_and_hides_no_way_on(priya: User, conversation: Conversation) -> None:
    shown = composer(
        Reading(conversation, priya),
        text="We see that you have an account with us and your card was blocked.",
        checked=True,
    )
    assert shown is not None
    suggested = [finding["suggestion"] for finding in shown.findings if finding["suggestion"]]
    assert len(shown.findings) > len(suggested) == len(set(suggested)) > 0


class TestPrivatelyUnderAComment:
    """Facebook and Instagram take one private message to a comment, within seven days of it."""

    @pytest.fixture
    def comment(self, priya: User) -> Conversation:
        page = make_source("page", network="facebook", account_id="1001")
        said = {"network": "facebook", "kind": "comment", "author": "77", "conversation_id": "1001_5"}
        intake.receive(page, [post("My card was declined", external_id="1001_5_6", **said)])
        found = Conversation.objects.get()
        cases.claim(found.pk, by=priya)
        return found

    def later(self, comment: Conversation, own: str) -> None:
        said = {"network": "facebook", "kind": "comment", "author": "77", "conversation_id": "1001_5"}
        intake.receive(Source.objects.get(slug="page"), [post("Nobody answers me?", external_id=own, **said)])

    def test_a_second_one_is_refused_in_words_by_the_composer_the_server_and_the_table(self, browser, comment):
        assert send(browser, comment, uuid.uuid4(), mode="private").status_code == 302
        Reply.objects.update(state=ReplyState.SENT, sent_at=timezone.now(), external_id="m:1")
        page = browser.get(f"/console/{comment.pk}/").content.decode()
        assert "takes one private message to a comment, and it was sent" in page
        assert send(browser, comment, uuid.uuid4(), f"{TEXT} Thank you.", mode="private").status_code in (409, 422)
        assert Reply.objects.count() == 1
        again = Reply.objects.get()
        again.pk, again.client_key, again.external_id = None, uuid.uuid4(), "m:2"
        with pytest.raises(IntegrityError, match="one_private_answer_where_one_is_allowed"), transaction.atomic():
            again.save(force_insert=True)
        self.later(comment, "1001_5_7")
        assert send(browser, comment, uuid.uuid4(), mode="private").status_code == 302

    def test_one_that_the_network_says_was_made_elsewhere_is_not_offered_again(self, browser, comment):
        send(browser, comment, uuid.uuid4(), mode="private")
        Reply.objects.update(state=ReplyState.SENDING, sending_at=timezone.now())
        outcomes.failed(Reply.objects.get(), AnsweredBefore("once, and it was"))
        assert "takes one private message to a comment" in browser.get(f"/console/{comment.pk}/").content.decode()
        assert send(browser, comment, uuid.uuid4(), f"{TEXT} Thank you.", mode="private").status_code in (409, 422)
        assert Reply.objects.get().state == ReplyState.FAILED

    def test_one_that_went_out_after_all_keeps_the_next_from_leaving(self, browser, comment, priya):
        send(browser, comment, uuid.uuid4(), mode="private")
        first = Reply.objects.get()
        said = {"at": timezone.now().isoformat(), "follow": "unknown"}
        Reply.objects.update(state=ReplyState.FAILED, sending_at=timezone.now(), answers=[said])
        assert send(browser, comment, uuid.uuid4(), f"{TEXT} Thank you.", mode="private").status_code == 302
        outcomes.confirm(first.pk, Published("m:1", None, timezone.now()))
        assert [r.state for r in Reply.objects.order_by("pk")] == [ReplyState.SENT, ReplyState.DRAFT]

    def test_its_seven_days_are_the_comment_s_own(self, browser, comment):
        self.later(comment, "1001_5_7")
        Mention.objects.filter(external_id="1001_5_6").update(occurred_at=timezone.now() - timedelta(days=8))
        intake.receive(
            Source.objects.get(slug="page"), [{"network": "facebook", "external_id": "1001_5_7", "op": "delete"}]
        )
        page = browser.get(f"/console/{comment.pk}/").content.decode()
        assert "Facebook took answers to this until" in page
        assert send(browser, comment, uuid.uuid4(), mode="private").status_code in (409, 422)
        assert not Reply.objects.filter(state=ReplyState.HELD).exists()
