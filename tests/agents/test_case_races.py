"""Two who want one conversation in the same moment: one has it, and the other is told who."""

import threading

import pytest
from django.db import connections, transaction
from django.utils import timezone

from agents import bulk, cases, judgement, promises, returns, staff, undoing
from agents.cases import Taken
from agents.models import Case, Note, Role
from agents.promises import PolicyWanted
from mentions import intake
from mentions.models import Conversation, State, Stretch
from tests.agents.waiting import waiting
from tests.factories import make_person, make_queue, make_source, post
from tests.faults.cuts import until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


class TestRaces:
    def test_of_many_who_claim_one_exactly_one_wins(self):
        make_queue()
        people = [make_person(f"racer{n}") for n in range(8)]
        for _ in range(5):
            conversation = waiting()
            won, lost = [], []
            start = threading.Barrier(len(people))

            def race(person, conversation=conversation, won=won, lost=lost, start=start) -> None:
                start.wait()
                try:
                    won.append(cases.claim(conversation.pk, by=person))
                except Taken as taken:
                    lost.append(taken)
                connections.close_all()

            threads = [threading.Thread(target=race, args=(person,)) for person in people]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert (len(won), len(lost)) == (1, 7)
            assert Case.objects.filter(conversation=conversation, ended_at=None).count() == 1

    def test_an_undo_puts_back_what_a_colleague_said_in_the_moment_before(self, priya):
        make_queue()
        conversation = waiting()
        Conversation.objects.update(actionable=None, actionable_reason="")
        results = []

        def dismiss() -> None:
            results.append(bulk.dismiss_many([conversation.pk], why="spam", by=priya))
            connections.close_all()

        with transaction.atomic():
            judgement.needs_answer(conversation.pk, by=make_person("tom"))
            dismissing = threading.Thread(target=dismiss)
            dismissing.start()
            until_waiting(1)
        dismissing.join()

        assert undoing.undo(results[0].action.pk, by=priya) == 1
        conversation.refresh_from_db()
        assert (conversation.actionable, conversation.actionable_reason) == (True, "needs an answer")

    def test_next_never_gives_one_to_two(self):
        make_queue()
        intake.receive(make_source(), [post() for _ in range(40)])
        people = [make_person(f"racer{n}") for n in range(6)]
        got: list[int] = []

        def work(person) -> None:
            while (case := cases.claim_next(by=person)) is not None:
                got.append(case.conversation_id)
            connections.close_all()

        threads = [threading.Thread(target=work, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(got) == len(set(got)) == 40

    def test_what_is_handed_over_in_bulk_is_nobodys_else_and_what_was_claimed_first_stays(self, priya):
        """A conversation goes with its note or stays with its owner, whoever of the two comes first."""
        make_queue()
        fraud = make_queue("fraud")
        intake.receive(make_source(), [post() for _ in range(40)])
        ids = list(Conversation.objects.values_list("pk", flat=True))
        claimed: list[int] = []
        results: list[bulk.BulkResult] = []
        start = threading.Barrier(5)

        def claim(person) -> None:
            start.wait()
            while (case := cases.claim_next(by=person)) is not None:
                claimed.append(case.conversation_id)
            connections.close_all()

        def hand_over() -> None:
            start.wait()
            results.append(bulk.transfer_many(ids, to=fraud, reason="They know more.", by=priya))
            connections.close_all()

        racers = [threading.Thread(target=claim, args=(make_person(f"racer{n}"),)) for n in range(4)]
        for thread in [*racers, other := threading.Thread(target=hand_over)]:
            thread.start()
        for thread in [*racers, other]:
            thread.join()

        gone = {each["id"] for each in results[0].action.done} if results[0].action else set()
        assert (sorted(gone), sorted(results[0].left)) == (sorted(set(ids) - set(claimed)), sorted(claimed))
        assert {str(why) for why in results[0].left.values()} <= {
            f"Racer{n} has claimed this conversation." for n in range(4)
        }
        assert set(Note.objects.values_list("conversation_id", flat=True)) == gone
        assert set(fraud.conversations.filter(state=State.WAITING).values_list("pk", flat=True)) == gone
        owned = Case.objects.filter(ended_at=None, conversation__state=State.CLAIMED, conversation__queue__slug="care")
        assert sorted(owned.values_list("conversation_id", flat=True)) == sorted(claimed)

    def test_who_is_sent_away_may_end_what_they_are_at(self):
        """Their last deed refers to them while the conversation that it holds is waited for."""
        make_queue()
        conversation, tala, ada = waiting(), make_person("tala"), make_person("ada", role=Role.ADMINISTRATOR)
        cases.claim(conversation.pk, by=tala)

        def send_away() -> None:
            staff.leave(tala, by=ada)
            connections.close_all()

        other = threading.Thread(target=send_away)
        with transaction.atomic():
            Conversation.objects.select_for_update().get(pk=conversation.pk)
            other.start()
            until_waiting(1)
            Note.objects.create(conversation=conversation, author=tala, text="The branch calls.", at=timezone.now())
        other.join()
        tala.refresh_from_db()
        conversation.refresh_from_db()
        assert (tala.is_active, conversation.state, Note.objects.count()) == (False, State.WAITING, 1)

    @pytest.mark.parametrize("by", ["a lease", "a promise"])
    def test_a_conversation_is_locked_before_what_is_in_it(self, by):
        """As everybody locks, so that no two wait for each other."""
        make_queue()
        conversation, ada = waiting(), make_person("ada", role=Role.ADMINISTRATOR)
        case = cases.claim(conversation.pk, by=make_person("priya"))
        policy = conversation.queue.policy
        wanted = PolicyWanted(policy.name, policy.calendar_id, first_response_s=60)

        def work() -> None:
            if by == "a lease":
                returns.expire(case.pk, now=case.lease_until)
            else:
                promises.save_policy(wanted, policy=policy, anew=True, by=ada)
            connections.close_all()

        other = threading.Thread(target=work)
        with transaction.atomic():
            Conversation.objects.select_for_update().get(pk=conversation.pk)
            other.start()
            until_waiting(1)
            assert len(Case.objects.select_for_update(nowait=True)) == 1
            assert len(Stretch.objects.select_for_update(nowait=True)) == 1
        other.join()
        case.refresh_from_db()
        assert (case.ended_at is not None, Stretch.objects.get().terms_at is not None) == (
            by == "a lease",
            by != "a lease",
        )
