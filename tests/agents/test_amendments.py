"""What stands on a network already and is changed from here: a reply gets other words, or is taken back."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from agents import amendment_outbox, amendments, evidence, freeze
from agents.amendments import Blocked
from agents.cases import Refused, Taken
from agents.models import Amendment, Approval, RegulatoryProfile, Reply, ReplyState, Role
from mentions import events, networks
from mentions.models import Author, Conversation
from mentions.networks import NetworkError
from mentions.sandbox import faults, square
from tests.agents.standing import GOOD, kinds, published, standing, time_passes
from tests.factories import make_original, make_person

pytestmark = [pytest.mark.django_db(transaction=True)]
BETTER = "Sorry about this. Please send us a private message so that we can look into it together."
CONFIRMING = "We see that your account was blocked yesterday and we have unblocked your card."
RATE = "Open a savings account today and earn 4.5% APY."


class TestOtherWords:
    def test_they_are_held_sent_and_true_once_the_network_says_so(self, sent, priya):
        before = sent.conversation.version
        change = amendments.reword(sent, text=BETTER, by=priya)
        assert (change.state, change.before) == ("held", GOOD)
        amendment_outbox.send_due()
        assert standing() == GOOD  # undo runs
        time_passes()
        assert amendment_outbox.send_due() == 1
        sent.refresh_from_db()
        change.refresh_from_db()
        assert (standing(), sent.text, change.state) == (BETTER, BETTER, "done")
        assert sent.edited_at is not None
        assert Conversation.objects.get().version > before
        assert kinds() == ["edit.held", "reply.edited"]
        assert Reply.objects.get().state == ReplyState.SENT

    def test_the_chain_knows_which_words_left_and_keeps_none(self, sent, priya):
        assert evidence.verify() == []
        amendments.reword(sent, text=BETTER, by=priya)
        time_passes()
        amendment_outbox.send_due()
        assert evidence.verify() == []
        with events.connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(data::text, ' ') FROM mentions_event")
            assert "private message" not in cursor.fetchone()[0]
        Reply.objects.update(text=GOOD)  # by whoever holds the application's role
        assert [found.problem for found in evidence.verify()] == [f"reply {sent.pk} does not say what was sent"]

    def test_undo_leaves_the_old_words(self, sent, priya):
        change = amendments.reword(sent, text=BETTER, by=priya)
        with pytest.raises(Refused, match="author or a supervisor"):
            amendments.undo(change, by=make_person("omar"))
        amendments.undo(change, by=priya)
        time_passes()
        amendment_outbox.send_due()
        assert standing() == GOOD
        amendments.reword(sent, text=BETTER, by=priya)  # and nothing stands in the way of another

    def test_the_guard_blocks_them_as_it_would_a_reply(self, sent, priya):
        with pytest.raises(Blocked) as blocked:
            amendments.reword(sent, text=CONFIRMING, by=priya)
        assert blocked.value.findings
        assert kinds() == ["edit.blocked"]
        assert not Amendment.objects.exists()

    def test_a_second_person_binds_their_word_to_just_these_words(self, sent, priya):
        boss, other = make_person("boss", role=Role.SUPERVISOR), make_person("other", role=Role.SUPERVISOR)
        change = amendments.reword(sent, text=RATE, by=priya)
        assert change.state == "awaiting_approval"
        with pytest.raises(Refused, match="changed since"):
            amendments.approve(change, digest="another", by=boss)
        amendments.approve(change, digest=change.digest, by=boss)
        Amendment.objects.filter(pk=change.pk).update(text=RATE.replace("4.5", "9.5"))
        time_passes()
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert (standing(), change.state) == (GOOD, "awaiting_approval")  # what was approved is not what would leave
        Amendment.objects.filter(pk=change.pk).update(text=RATE)
        change.refresh_from_db()
        change.digest = amendments.digest_of(change)
        change.save()
        amendments.approve(change, digest=change.digest, by=other)
        time_passes()
        amendment_outbox.send_due()
        assert standing() == RATE
        assert Approval.objects.filter(approved=True).count() == 2

    def test_they_go_back_with_a_reason(self, sent, priya):
        change = amendments.reword(sent, text=RATE, by=priya)
        boss = make_person("boss", role=Role.SUPERVISOR)
        with pytest.raises(Refused, match="Say why"):
            amendments.return_(change, digest=change.digest, reason=" ", by=boss)
        amendments.return_(change, digest=change.digest, reason="No rates\0 here", by=boss)
        change.refresh_from_db()
        assert (change.state, change.returned_reason) == ("withdrawn", "No rates here")

    def test_a_freeze_holds_them(self, sent, priya):
        amendments.reword(sent, text=BETTER, by=priya)
        freeze.start(by=make_person("boss", role=Role.SUPERVISOR))
        time_passes()
        assert amendment_outbox.send_due() == 0
        assert standing() == GOOD

    def test_what_would_change_nothing_or_cannot_be_is_refused_with_the_reason(self, sent, priya):
        for text, why in ((GOOD, "stand there"), ("  ", "Write"), ("x" * 501, "too long")):
            with pytest.raises(Refused, match=why):
                amendments.reword(sent, text=text, by=priya)
        amendments.reword(sent, text=BETTER, by=priya)
        with pytest.raises(Refused, match="under way"):
            amendments.reword(sent, text=BETTER + "!", by=priya)
        with pytest.raises(Taken):
            amendments.reword(sent, text=BETTER, by=make_person("omar"))
        with pytest.raises(IntegrityError), transaction.atomic():  # whatever raced past the question
            Amendment.objects.create(
                kind="words", reply=sent, person=priya, state="held", asked_at=timezone.now(), text="again"
            )

    def test_a_reply_that_was_taken_back_meanwhile_is_not_changed(self, sent, priya):
        change = amendments.reword(sent, text=BETTER, by=priya)
        Reply.objects.filter(pk=sent.pk).update(state=ReplyState.RETRACTED)
        time_passes()
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert (change.state, kinds()[-1]) == ("failed", "edit.failed")

    def test_an_answer_that_was_lost_is_asked_for_again_and_doubles_nothing(self, sent, priya):
        change = amendments.reword(sent, text=BETTER, by=priya)
        faults.set_faults(dropping=1)
        time_passes()
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert change.state == "sending"
        assert Reply.objects.get().text == GOOD  # not known to be so, not shown as such
        time_passes()
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert (change.state, standing(), Reply.objects.get().text) == ("done", BETTER, BETTER)
        assert kinds().count("reply.edited") == 1

    def test_what_got_no_answer_is_guarded_again_before_it_is_asked_for_again(self, sent, priya):
        change = amendments.reword(sent, text=BETTER, by=priya)
        faults.set_faults(failing=1)
        time_passes()
        amendment_outbox.send_due()
        RegulatoryProfile.objects.update(four_eyes=True)
        time_passes()
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert (change.state, standing()) == ("failed", GOOD)

    def test_it_can_be_taken_back_between_two_attempts_and_is_not_asked_for_again(self, sent, priya):
        change = amendments.reword(sent, text=BETTER, by=priya)
        faults.set_faults(failing=1)
        time_passes()
        amendment_outbox.send_due()
        assert amendments.undo(change, by=priya).state == "failed"
        time_passes()
        assert amendment_outbox.send_due() == 0
        assert (kinds()[-1], standing()) == ("edit.failed", GOOD)

    @pytest.mark.parametrize("after_the_call", [False, True])
    def test_whoever_dies_on_the_way_leaves_it_to_the_next(self, sent, priya, monkeypatch, after_the_call):
        change = amendments.reword(sent, text=BETTER, by=priya)
        time_passes()
        with monkeypatch.context() as killed:

            def die(pk: int) -> None:
                if after_the_call:  # the network has it, and nobody here heard
                    square.reword(sent.external_id.removeprefix("ts:"), Amendment.objects.get(pk=pk).text)

            killed.setattr(amendment_outbox, "deliver", die)
            amendment_outbox.send_due()
        change.refresh_from_db()
        assert change.state == "sending"
        assert amendment_outbox.send_due() == 0  # not while the first may still be waiting for its answer
        time_passes()
        assert amendment_outbox.send_due() == 1
        change.refresh_from_db()
        assert (change.state, standing(), change.tries) == ("done", BETTER, 2)


class TestTakingBack:
    def test_it_is_asked_for_and_so_once_the_network_says_so(self, sent, priya, client):
        client.force_login(priya)
        pane = f"/console/{sent.conversation_id}/part/pane/"
        assert "Retract" in client.get(pane).content.decode()
        asked = client.post(f"/console/replies/{sent.pk}/retract/", headers={"HX-Request": "true"})
        said = asked.content.decode()
        assert asked.status_code == 200
        assert "Being taken back" in said
        assert "Retract " not in said
        assert standing() == GOOD  # the request called nobody
        assert Reply.objects.get().state == ReplyState.SENT
        with pytest.raises(Refused, match="asked already"):
            amendments.retract(sent, by=priya)

        version = Conversation.objects.get().version
        amendment_outbox.send_due()
        reply = Reply.objects.get()
        assert (reply.state, published()) == (ReplyState.RETRACTED, [])
        assert reply.retracted_at is not None
        assert Conversation.objects.get().version > version
        assert [e.kind for e in events.of_conversation(sent.conversation_id)][:2] == [
            "reply.retracted",
            "retraction.asked",
        ]
        assert "taken back by Priya" in client.get(pane).content.decode()

    def test_an_answer_that_was_lost_is_asked_for_again(self, sent, priya):
        change = amendments.retract(sent, by=priya)
        faults.set_faults(dropping=1)
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert (change.state, Reply.objects.get().state) == ("sending", ReplyState.SENT)
        assert published() == []  # it was done, and nobody here knows
        time_passes()
        amendment_outbox.send_due()
        change.refresh_from_db()
        assert (change.state, change.tries, Reply.objects.get().state) == ("done", 2, ReplyState.RETRACTED)

    def test_what_the_network_refuses_stands_and_can_be_asked_for_again(self, sent, priya, monkeypatch):
        def refuse(*_about: object) -> None:
            raise NetworkError("too old to be taken back", "give_up")

        with monkeypatch.context() as stubborn:
            stubborn.setattr(networks.get("townsquare"), "retract", refuse)
            change = amendments.retract(sent, by=priya)
            amendment_outbox.send_due()
        change.refresh_from_db()
        assert (change.state, change.error) == ("failed", "too old to be taken back")
        assert (Reply.objects.get().state, published()) == (ReplyState.SENT, [GOOD])
        assert events.of_conversation(sent.conversation_id)[0].kind == "retraction.failed"
        amendments.retract(sent, by=priya)
        amendment_outbox.send_due()
        assert published() == []

    def test_a_freeze_holds_it_not(self, sent, priya):
        freeze.start(by=make_person("boss", role=Role.SUPERVISOR))
        amendments.retract(sent, by=priya)
        assert amendment_outbox.send_due() == 1
        assert published() == []

    @pytest.mark.parametrize("state", ["held", "awaiting_approval", "sending"])
    def test_new_words_that_are_under_way_end_with_it(self, sent, priya, state):
        words = amendments.reword(sent, text=RATE if state == "awaiting_approval" else BETTER, by=priya)
        if state == "sending":
            faults.set_faults(failing=1)
            time_passes()
            amendment_outbox.send_due()
        words.refresh_from_db()
        assert words.state == state
        amendments.retract(sent, by=priya)
        time_passes()
        amendment_outbox.send_due()
        words.refresh_from_db()
        assert words.state == ("failed" if state == "sending" else "withdrawn")
        assert (Reply.objects.get().state, published()) == (ReplyState.RETRACTED, [])

    def test_its_author_may_and_who_answers_for_others(self, sent, priya):
        for stranger in (make_person("tom"), make_person("mary", role=Role.MANAGER)):
            with pytest.raises(PermissionDenied):
                amendments.retract(sent, by=stranger)
        for leader in (make_person("boss", role=Role.SUPERVISOR), make_person("ada", role=Role.ADMINISTRATOR)):
            assert amendments.retract(sent, by=leader).person == leader
            Amendment.objects.all().delete()
        amendments.retract(sent, by=priya)


class TestTheDesk:
    def test_the_thread_offers_asks_and_tells(self, sent, comment, priya):
        desk = Client()
        desk.force_login(priya)
        where = f"/console/{sent.conversation_id}/"
        assert f"/console/replies/{sent.pk}/edit/" in desk.get(where).content.decode()
        refused = desk.post(f"/console/replies/{sent.pk}/edit/", {"text": CONFIRMING}, headers={"HX-Request": "true"})
        assert refused.status_code == 422
        assert CONFIRMING in refused.content.decode()
        assert desk.post(f"/console/replies/{sent.pk}/edit/", {"text": BETTER}).status_code == 302
        page = desk.get(where).content.decode()
        assert "New words leave in a moment" in page
        assert f"/console/replies/{sent.pk}/edit/" not in page
        time_passes()
        amendment_outbox.send_due()
        page = desk.get(where).content.decode()
        assert "Changed once; see what stood there" in page
        assert (BETTER in page, GOOD in page) == (True, True)
        there = f"/console/{comment.conversation_id}/"
        assert f"/console/mentions/{comment.pk}/hide/" in desk.get(there).content.decode()
        assert desk.post(f"/console/mentions/{comment.pk}/hide/", {"why": "fraud"}).status_code == 302
        assert "The network is asked to hide it" in desk.get(there).content.decode()
        amendment_outbox.send_due()
        page = desk.get(there).content.decode()
        assert "Hidden on the network" in page
        assert f"/console/mentions/{comment.pk}/show/" in page

    def test_a_second_person_sees_both_texts_and_decides(self, sent, priya):
        change = amendments.reword(sent, text=RATE, by=priya)
        second = Client()
        second.force_login(make_person("boss", role=Role.SUPERVISOR))
        Author.objects.update(handle="", name="Dana Fields")  # as on networks that have no handles
        page = second.get("/approvals/").content.decode()
        assert (GOOD in page, RATE in page, "to Dana Fields" in page, "to @" in page) == (True, True, True, False)
        answer = second.post(f"/approvals/edits/{change.pk}/approve/", {"digest": "stale"})
        assert answer.status_code == 409
        assert second.post(f"/approvals/edits/{change.pk}/approve/", {"digest": change.digest}).status_code == 302
        change.refresh_from_db()
        assert change.state == "held"

    def test_a_post_of_our_own_is_changed_on_its_page_with_a_second_persons_word(self, town, priya):
        RegulatoryProfile.objects.update(undo_s=10)
        shown = square.answer("Our branches close at noon.", client_key="notice")[0]
        sent = {"state": "sent", "external_id": f"ts:{shown.key}", "sent_at": timezone.now(), "text": shown.text}
        notice = make_original(town, author=priya, **sent)
        desk, second = Client(), Client()
        desk.force_login(priya)
        second.force_login(make_person("boss", role=Role.SUPERVISOR))
        assert "Change the words that stand there" in desk.get(f"/posts/{notice.pk}/").content.decode()
        assert desk.post(f"/posts/{notice.pk}/reword/", {"text": "We close\0 at one."}).status_code == 409
        desk.post(f"/posts/{notice.pk}/reword/", {"text": "Our branches close at one."})
        change = Amendment.objects.get()
        assert change.state == "awaiting_approval"
        assert "Our branches close at one." in second.get("/approvals/").content.decode()
        second.post(f"/approvals/edits/{change.pk}/approve/", {"digest": change.digest})
        time_passes()
        amendment_outbox.send_due()
        assert standing() == "Our branches close at one."
        assert "What stood there before" in desk.get(f"/posts/{notice.pk}/").content.decode()
        assert desk.post(f"/posts/{notice.pk}/leave-words/").status_code == 409
