"""Whether a conversation needs an answer, as a person says it: by one key, in bulk and with undo."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from agents import bulk, cases, judgement, stretches, undoing
from agents.cases import Refused, Taken
from mentions import events, intake
from mentions.models import Conversation, Correction, Mention, State, Stretch
from tests.agents.waiting import waiting
from tests.factories import make_queue, make_rule, post

pytestmark = pytest.mark.django_db


class TestNeedsAnAnswer:
    def dismissed_on_arrival(self) -> Conversation:
        make_rule(make_queue(), conditions={"words_any": ["lottery"]}, actionable="false", reason="spam")
        found = waiting(text="You won the lottery of Meridian Bank")
        assert (found.state, found.actionable, Stretch.objects.count()) == (State.CLOSED, False, 0)
        return found

    def test_what_was_undecided_is_decided_and_stays_where_it_is(self, priya):
        undecided = waiting()
        Conversation.objects.update(actionable=None, actionable_reason="")
        due = undecided.due_at
        found = judgement.needs_answer(undecided.pk, by=priya)
        assert (found.actionable, found.actionable_by, found.state, found.due_at) == (True, "person", "waiting", due)
        assert events.of_conversation(found.pk)[0].kind == "conversation.marked"
        with pytest.raises(Refused, match="already"):
            judgement.needs_answer(undecided.pk, by=priya)

    def test_what_a_rule_let_wait_without_a_promise_gets_one_from_the_day_it_was_written(self, priya):
        make_rule(make_queue(), conditions={"words_any": ["lovely"]}, actionable="false", reason="praise")
        praise = waiting(text="Lovely service at Meridian Bank, but when do you open?")
        assert (praise.state, praise.due_at) == (State.WAITING, None)
        found = judgement.needs_answer(praise.pk, by=priya)
        stretch = Stretch.objects.get()
        assert found.due_at == stretch.due_at is not None
        assert stretch.started_at == Mention.objects.get().occurred_at
        assert found.due_why
        assert found.resolution_due_at is None or found.resolution_why

    def test_what_was_dismissed_on_arrival_comes_back_as_somebody_who_waits(self, priya):
        spam = self.dismissed_on_arrival()
        Mention.objects.update(language="es")
        found = judgement.needs_answer(spam.pk, by=priya)
        mention, stretch = Mention.objects.get(), Stretch.objects.get()
        assert stretch.language == found.language == "en", "as every wait, it counts where its conversation does"
        assert (found.state, found.actionable, found.returned) == (State.WAITING, True, True)
        assert (stretch.started_at, stretch.mention_id) == (mention.occurred_at, mention.pk)
        assert found.waiting_since == mention.occurred_at
        assert found.due_at == stretch.due_at is not None
        reopened = events.of_conversation(found.pk)[0]
        assert (reopened.kind, reopened.data["was_actionable"]) == ("conversation.reopened", False)
        assert cases.claim_next(by=priya).conversation_id == found.pk

    def test_what_a_colleague_dismissed_goes_on_with_the_promise_it_had(self, priya, tom):
        due = waiting().due_at
        dismissed = cases.dismiss(Conversation.objects.get().pk, why="not_us", by=tom)
        found = judgement.needs_answer(dismissed.pk, by=priya)
        assert (found.state, found.due_at, bool(found.due_why)) == (State.WAITING, due, True)
        assert Stretch.objects.get().stopped_at is None

    def test_what_was_answered_before_waits_for_nobody(self, priya):
        conversation = waiting()
        case = cases.claim(conversation.pk, by=priya)
        stretches.answer(conversation, reply_id=1, team_id=case.team_id, at=timezone.now())
        conversation.save()
        cases.dismiss(conversation.pk, why="no_reply_needed", by=priya)
        found = judgement.needs_answer(conversation.pk, by=priya)
        assert (found.actionable, found.due_at, found.waiting_since) == (True, None, None)
        assert Stretch.objects.filter(stopped_at=None).count() == 0

    def test_what_was_closed_for_another_reason_is_reopened_and_what_another_holds_is_theirs(self, priya, tom):
        conversation = waiting()
        Conversation.objects.update(actionable=None)
        cases.claim(conversation.pk, by=tom)
        with pytest.raises(Taken):
            judgement.needs_answer(conversation.pk, by=priya)
        cases.close(conversation.pk, disposition="solved", by=tom)
        with pytest.raises(Refused, match="reopen"):
            judgement.needs_answer(conversation.pk, by=priya)

    def test_in_bulk_it_is_undone_at_once_and_everything_is_as_before(self, priya):
        spam, praise = self.dismissed_on_arrival(), waiting()
        Conversation.objects.filter(pk=praise.pk).update(actionable=False, due_at=None, due_target="", due_why="")
        Stretch.objects.update(due_at=None)
        undecided, needed = waiting(), waiting()
        Conversation.objects.filter(pk=undecided.pk).update(actionable=None)
        Conversation.objects.filter(pk=needed.pk).update(actionable=True)
        fields = ("actionable", "actionable_reason", "actionable_by", "state", "disposition", "due_at", "due_why")
        fields += ("closed_at", "reopened_count")
        before = list(Conversation.objects.order_by("pk").values(*fields))

        result = bulk.need_many([spam.pk, praise.pk, undecided.pk, needed.pk], by=priya)
        assert [entry["id"] for entry in result.action.done] == [spam.pk, praise.pk, undecided.pk]
        assert len(result.left) == 1
        assert not Conversation.objects.exclude(actionable=True).exists()
        assert undoing.undo(result.action.pk, by=priya) == 3
        assert list(Conversation.objects.order_by("pk").values(*fields)) == before
        assert Stretch.objects.get(conversation=spam).met is None

    def test_a_touched_one_is_not_undone(self, priya):
        spam = self.dismissed_on_arrival()
        result = bulk.need_many([spam.pk], by=priya)
        cases.claim(spam.pk, by=priya)
        assert undoing.undo(result.action.pk, by=priya) == 0
        assert Conversation.objects.get().state == State.CLAIMED

    def test_its_button_and_key_are_there_where_they_mean_something(self, priya, client):
        client.force_login(priya)
        spam = self.dismissed_on_arrival()
        url = f"/console/{spam.pk}/"
        assert 'aria-keyshortcuts="4"' in client.get(f"{url}part/pane/").content.decode()
        answer = client.post(f"{url}needed/", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
        assert 'aria-keyshortcuts="4"' not in client.get(f"{url}part/pane/").content.decode()
        assert client.post(f"{url}needed/", headers={"HX-Request": "true"}).status_code == 409
        assert client.post(undo, headers={"HX-Request": "true"}).status_code == 204
        client.post("/console/bulk/", {"ids": [spam.pk], "action": "needed", "view": "unassigned"})
        assert Conversation.objects.get().actionable is True


class TestAPersonsWordOnWhetherItNeedsAnAnswer:
    @pytest.fixture
    def decide(self, priya: Any, client: Any) -> Callable[[Conversation, str], Any]:
        client.force_login(priya)

        def press(conversation: Conversation, word: str) -> Any:
            told = {"reason": word, "version": conversation.version}
            return client.post(f"/console/{conversation.pk}/judge/", told, headers={"HX-Request": "true"})

        return press

    @pytest.mark.parametrize("word", ["praise", "news"])
    def test_its_reason_is_the_persons_and_it_is_undone_at_once(self, decide, client, word):
        conversation = waiting()
        answer = decide(conversation, word)
        conversation.refresh_from_db()
        judged = (conversation.actionable, conversation.actionable_reason, conversation.actionable_by)
        assert (conversation.state, conversation.disposition, judged) == (State.CLOSED, word, (False, word, "person"))
        client.post(json.loads(answer["HX-Trigger"])["toast"]["undo"], headers={"HX-Request": "true"})
        conversation.refresh_from_db()
        assert (conversation.state, conversation.actionable_by) == (State.WAITING, "rule")

    def test_what_nobody_can_tell_yet_stays_open_until_it_is_decided(self, decide, client):
        conversation = waiting()
        answer = decide(conversation, "undecided")
        assert "Left undecided whether it needs an answer" in answer.content.decode()
        assert decide(Conversation.objects.get(), "undecided").status_code == 409
        found = Conversation.objects.get()
        assert (found.state, found.actionable, found.actionable_by) == (State.WAITING, None, "person")
        client.post(json.loads(answer["HX-Trigger"])["toast"]["undo"], headers={"HX-Request": "true"})
        assert Conversation.objects.get().actionable is True
        decide(Conversation.objects.get(), "undecided")
        assert decide(Conversation.objects.get(), "needed").status_code == 200
        assert Conversation.objects.get().actionable is True
        assert decide(Conversation.objects.get(), "nonsense").status_code == 422


class TestALabelThatAPersonCorrects:
    def told(self, conversation: Conversation) -> tuple[list[str], str, str, int]:
        found = Conversation.objects.get(pk=conversation.pk)
        return found.topics, found.language, Stretch.objects.get().language, found.version

    def test_the_conversation_follows_the_posts_that_it_is_made_of(self, priya):
        conversation = waiting(text="My card was declined @meridian", author="ana")
        intake.receive(conversation.source, [post(text="and what about my mortgage @meridian?", author="ana")])
        first, second = Mention.objects.filter(conversation=conversation).order_by("pk")
        assert self.told(conversation)[0] == list(dict.fromkeys([*first.topics, *second.topics]))
        version = self.told(conversation)[3]
        judgement.correct(first, field="topics", value=["fees"], by=priya)
        assert self.told(conversation) == (["fees", *second.topics], "en", "en", version)
        judgement.correct(second, field="topics", value=[], by=priya)
        judgement.correct(second, field="language", value="de", by=priya)
        assert self.told(conversation) == (["fees"], "en", "en", version)
        judgement.correct(first, field="language", value="es", by=priya)
        judgement.correct(first, field="topics", value=[], by=priya)
        assert self.told(conversation) == ([], "es", "es", version), "whoever is answering has nothing to look at again"

    @pytest.mark.parametrize(
        ("name", "value"),
        [("topics", "4111111111111111"), ("topics", "Jane Doe is insolvent"), ("language", "4111 111")],
    )
    def test_is_one_of_those_that_there_are(self, client, priya, name, value):
        mention = waiting().mentions.get()
        client.force_login(priya)
        told = client.post(f"/console/mentions/{mention.pk}/correct/", {"name": name, "value": value})
        assert told.status_code == 422
        assert b"Choose one of the labels" in told.content
        assert not Correction.objects.exists()

    def test_a_post_that_says_something_else_now_takes_its_conversation_along(self, priya):
        conversation = waiting(text="My card was declined @meridian")
        said = Mention.objects.get()
        edit = {"op": "edit", "text": "Mi hipoteca es muy cara @meridian", "edited_at": timezone.now().isoformat()}
        intake.receive(conversation.source, [edit | {"network": said.network, "external_id": said.external_id}])
        said.refresh_from_db()
        assert self.told(conversation)[:3] == (said.topics, said.language, said.language)
        assert said.language == "es"
