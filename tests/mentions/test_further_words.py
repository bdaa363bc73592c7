"""What a further post, a late one, an edit or a deletion does to its conversation."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents import bulk, cases
from agents.desk.lists import listing
from agents.models import User
from commandcenter import asof, metrics, periods, rollups
from mentions import events, intake, rulebook, telling
from mentions.models import Conversation, Mention, Queue, SlaPolicy, State, Stretch
from tests.commandcenter.history import answer, settle
from tests.factories import make_person, make_policy, make_queue, make_rule, make_source, post

pytestmark = pytest.mark.django_db

PRAISE = "Love the new app, great work @bank"
UNDECIDED = "The branch on 5th was closed again today"
ASKS = "@bank my card was declined, please help"
THEFT = "somebody stole my card and is emptying my account"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def bank():
    """Care for what no rule takes; mortgages in an hour, a theft in a quarter of an hour with another team."""
    make_queue("care", policy=make_policy(next_response_s=5400, first_response_s=3600))
    lending = make_queue("lending", policy=make_policy("Lending", first_response_s=4 * 3600, next_response_s=8 * 3600))
    fraud = make_queue("fraud", policy=make_policy("Fraud", first_response_s=900, next_response_s=900))
    make_rule(fraud, conditions={"words_any": ["stole"]}, priority=1)
    make_rule(lending, conditions={"words_any": ["mortgage"]}, priority=3)


@pytest.fixture
def sam() -> User:
    return make_person("sam", role="supervisor", teams=("care", "lending", "fraud"))


def says(text: str, *, ago: timedelta = MINUTE, late: timedelta = timedelta(0), **fields: Any) -> Mention:
    """Dana writes so long ago, and it is received `late`."""
    at = timezone.now() - ago
    item = post(text, author="dana", created_at=at.isoformat(), **fields)
    intake.receive(make_source(), [item], now=at + late)
    return Mention.objects.get(external_id=item["external_id"])


def rewords(mention: Mention, text: str) -> None:
    edit = {"op": "edit", "text": text, "edited_at": timezone.now().isoformat()}
    intake.receive(make_source(), [edit | {"network": "townsquare", "external_id": mention.external_id}])


def it() -> Conversation:
    return Conversation.objects.get()


def closed(conversation: Conversation, sam: User) -> None:
    cases.claim(conversation.pk, by=sam)
    cases.close(conversation.pk, disposition="solved", by=sam)


def waits(sam: User) -> bool:
    return bool(listing(sam, "unassigned").rows)


class TestWhatIsUndecidedIsLookedAt:
    def test_after_praise(self, sam):
        says(PRAISE)
        assert (it().actionable, waits(sam)) == (False, False)
        says(UNDECIDED)
        assert (it().actionable, waits(sam)) == (None, True)
        assert it().due_at == Stretch.objects.get().due_at is not None

    def test_after_a_person_said_that_the_words_before_asked_for_nothing(self, sam):
        says(ASKS)
        cases.dismiss(it().pk, why="no_reply_needed", by=sam)
        says(UNDECIDED)
        assert (it().state, it().actionable, it().actionable_by, waits(sam)) == (State.WAITING, None, "rule", True)


class TestWhereItGoes:
    def test_a_theft_in_what_lending_closed_is_fraud_s(self, sam):
        says("a question about my mortgage", ago=HOUR)
        assert it().queue.slug == "lending"
        closed(it(), sam)
        theft = says(THEFT)
        now = it()
        assert (now.queue.slug, now.priority, now.rule.queue.slug) == ("fraud", 1, "fraud")
        assert "stole" in telling.why(now.routed_why)
        assert now.due_at == theft.occurred_at + timedelta(minutes=15)
        stretch = Stretch.objects.get(stopped_at=None)
        assert (stretch.queue.slug, stretch.policy.name, stretch.due_at) == ("fraud", "Fraud", now.due_at)

    def test_a_theft_in_what_waits_moves_and_hastens_it(self):
        began = says("a question about my mortgage", ago=HOUR)
        before = {queue.slug: queue.version for queue in Queue.objects.all()}
        settle()
        theft = says(THEFT)
        settle()
        now, stretch = it(), Stretch.objects.get()
        assert (now.queue.slug, now.priority, stretch.queue.slug) == ("fraud", 1, "fraud")
        assert now.due_at == stretch.due_at == theft.occurred_at + timedelta(minutes=15)
        assert (stretch.started_at, stretch.promised_from) == (began.occurred_at, theft.occurred_at)
        assert "15 minutes" in telling.why(now.due_why)
        (came,) = [e for e in events.of_conversation(now.pk) if e.mention_id == theft.pk]
        assert came.data["from_queue"] == Queue.objects.get(slug="lending").pk
        assert all(queue.version > before[queue.slug] for queue in Queue.objects.exclude(slug="care"))

    def test_an_owner_keeps_it_and_the_due_time_comes_forward(self, sam):
        says("a question about my mortgage", ago=HOUR)
        cases.claim(it().pk, by=sam)
        theft = says(THEFT)
        now = it()
        assert (now.state, now.queue.slug, now.priority) == (State.CLAIMED, "lending", 1)
        assert now.due_at == Stretch.objects.get().due_at == theft.occurred_at + timedelta(minutes=15)

    def test_what_no_rule_takes_stays_with_those_who_answered(self, sam):
        says("a question about my mortgage", ago=HOUR)
        closed(it(), sam)
        says(UNDECIDED)
        assert (it().state, it().queue.slug) == (State.WAITING, "lending")

    def test_the_rule_that_a_person_overruled_does_not_take_it_back(self, sam):
        says("a question about my mortgage", ago=HOUR)
        cases.transfer(it().pk, to=Queue.objects.get(slug="care"), by=sam)
        closed(it(), sam)
        says("my mortgage again")
        assert (it().state, it().queue.slug) == (State.WAITING, "care")


@pytest.mark.parametrize(("promised", "due"), [(5400, timedelta(minutes=90)), (None, None)])
def test_a_question_after_thanks_has_the_promise_of_the_wait_that_runs(sam, promised, due):
    SlaPolicy.objects.filter(name="Standard").update(next_response_s=promised)
    rulebook.forget()
    says(ASKS, ago=3 * HOUR)
    answer(it(), by=sam, at=timezone.now() - 2 * HOUR)
    says("thank you so much!", ago=HOUR)
    question = says("but why was I charged 30 @bank, please help?")
    stretch = Stretch.objects.get(stopped_at=None)
    assert stretch.target == "next_response"
    assert stretch.due_at == it().due_at == (question.occurred_at + due if due else None)
    assert it().due_target == ("next_response" if due else "")


class TestOtherWords:
    def test_praise_that_became_a_complaint_waits_in_its_queue(self, sam):
        praise = says(PRAISE, ago=HOUR)
        rewords(praise, THEFT)
        now = it()
        assert (now.state, now.actionable is not False, now.queue.slug, waits(sam)) == ("waiting", True, "fraud", True)
        assert now.due_at == Stretch.objects.get().due_at > timezone.now()
        assert "stole" in telling.why(now.routed_why)

    def test_what_was_dismissed_is_open_again(self, sam):
        praise = says(PRAISE, ago=HOUR)
        result = bulk.dismiss_many([it().pk], why="no_reply_needed", by=sam)
        assert result.done
        version = it().version
        rewords(praise, ASKS)
        now = it()
        assert (now.state, now.actionable, now.reopened_count, waits(sam)) == (State.WAITING, True, 1, True)
        kinds = [e.kind for e in events.of_conversation(now.pk)][: now.version - version]
        assert kinds == ["conversation.reopened", "mention.edited"]

    def test_a_mended_comma_opens_nothing_that_a_person_settled(self, sam):
        complaint = says(ASKS, ago=HOUR)
        cases.dismiss(it().pk, why="no_reply_needed", by=sam)
        rewords(complaint, f"{ASKS}!")
        assert (it().state, it().actionable) == (State.CLOSED, False)

    def test_an_edit_that_came_before_its_post_is_heard_like_any(self):
        edit = {"op": "edit", "text": THEFT, "edited_at": timezone.now().isoformat(), "network": "townsquare"}
        intake.receive(make_source(), [edit | {"external_id": "ts:early"}])
        says(PRAISE, external_id="ts:early")
        assert (it().queue.slug, it().priority, it().actionable is not False) == ("fraud", 1, True)


class TestALatePost:
    def test_both_orders_end_with_one_wait(self):
        ends = []
        for place, order in enumerate(((40, 5), (5, 40))):
            start = timezone.now().replace(microsecond=0)
            for minutes in order:
                at = start - minutes * MINUTE
                item = post(ASKS, author=f"dana{place}", created_at=at.isoformat(), external_id=f"ts:{place}-{minutes}")
                intake.receive(make_source(), [item], now=start)
            conversation = Conversation.objects.get(author__external_id=f"dana{place}")
            stretch = Stretch.objects.get(conversation=conversation)
            named = dict(Mention.objects.values_list("pk", "external_id"))
            ends.append(
                (
                    *(start - stretch.started_at, start - stretch.due_at, start - conversation.due_at),
                    *(start - conversation.opened_at, start - conversation.waiting_since),
                    *(named[pk].split("-")[1] for pk in (stretch.mention_id, conversation.first_mention_id)),
                    named[conversation.last_mention_id].split("-")[1],
                )
            )
        assert ends[0] == ends[1]
        assert ends[0][0] == 40 * MINUTE

    def test_in_any_order_the_most_urgent_decides_and_the_earliest_promise_holds(self):
        start = timezone.now().replace(microsecond=0)
        words = {60: PRAISE, 50: "my mortgage @bank, please help", 30: THEFT, 10: ASKS}
        ends = set()
        for place, order in enumerate(itertools.permutations(words)):
            for minutes in order:
                at = (start - minutes * MINUTE).isoformat()
                item = post(words[minutes], author=f"d{place}", created_at=at, external_id=f"ts:{place}-{minutes}")
                intake.receive(make_source(), [item], now=start)
            c = Conversation.objects.get(author__external_id=f"d{place}")
            s = Stretch.objects.get(conversation=c)
            ends.add((c.queue.slug, c.priority, c.actionable, c.rule_id, c.due_at, c.opened_at, s.due_at, s.started_at))
        assert len(ends) == 1, ends

    def test_what_was_answered_stays_answered(self, sam):
        says(ASKS, ago=3 * HOUR)
        answer(it(), by=sam, at=timezone.now() - 2 * HOUR)
        second = says(ASKS, ago=HOUR)
        says("and one more thing", ago=150 * MINUTE, late=149 * MINUTE)
        assert Stretch.objects.get(stopped_at=None).started_at == second.occurred_at

    def test_figures_follow_and_a_past_moment_knows_it_not(self, sam):
        second = says(ASKS, ago=50 * HOUR)
        settle()
        then = timezone.now() - 30 * HOUR
        first = says(ASKS, ago=53 * HOUR, late=24 * HOUR)
        settle()
        assert it().opened_at == first.occurred_at
        first_day, today = (periods.bank_day(moment) for moment in (first.occurred_at, timezone.now()))
        period = periods.Period.of(first_day, today, now=timezone.now())
        rolled = metrics.response_rate(period)
        rollups.start_over()
        assert metrics.response_rate(period) == rolled
        with asof.known(then):
            assert Conversation.objects.get().opened_at == second.occurred_at
            stretch = Stretch.objects.get()
            assert (stretch.started_at, stretch.due_at) == (second.occurred_at, second.occurred_at + HOUR)


class TestWhatItsAuthorTookBack:
    def test_promises_nothing_until_they_write_again(self, sam):
        said = says(ASKS, ago=HOUR)
        delete = {"op": "delete", "network": "townsquare", "external_id": said.external_id}
        intake.receive(make_source(), [delete])
        now = it()
        assert (now.due_at, now.actionable, now.actionable_reason) == (None, False, "deleted by its author")
        assert (Stretch.objects.get().due_at, waits(sam)) == (None, False)
        again = says(ASKS)
        assert (it().due_at, waits(sam)) == (again.occurred_at + HOUR, True)

    def test_is_the_owner_s_to_see_where_somebody_has_it(self, sam):
        said = says(ASKS)
        cases.claim(it().pk, by=sam)
        intake.receive(make_source(), [{"op": "delete", "network": "townsquare", "external_id": said.external_id}])
        assert it().actionable is True


def test_what_a_day_knew_before_other_words_came(sam):
    says("a question about my mortgage", ago=5 * HOUR)
    settle()
    due = it().due_at
    then = timezone.now() - 2 * HOUR
    says(THEFT)
    settle()
    with asof.known(then):
        stood = Conversation.objects.get()
        assert (stood.queue.slug, stood.due_at, Stretch.objects.get().due_at) == ("lending", due, due)
