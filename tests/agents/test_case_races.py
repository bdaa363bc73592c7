"""Two who want one conversation in the same moment: one has it, and the other is told who."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from agents import bulk, cases, judgement, promises, returns, staff, undoing
from agents.cases import Taken
from agents.models import Case, Note, Role
from agents.promises import PolicyWanted
from mentions import events, intake
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

    def test_nobody_has_what_another_has_not_ended_though_the_clock_was_read_before(self, priya):
        """Whoever asks a moment too early has it from when it was put back, and not from when they asked."""
        make_queue()
        conversation, tom = waiting(), make_person("tom")
        cases.claim(conversation.pk, by=priya)
        asked = timezone.now()
        cases.release(conversation.pk, by=priya)
        fresh = cases.claim(conversation.pk, by=tom, now=asked)
        before = Case.objects.get(owner=priya)
        assert fresh.claimed_at == before.ended_at > asked
        claimed = next(told for told in events.of_conversation(conversation.pk) if told.case_id == fresh.pk)
        assert claimed.at == fresh.claimed_at

    @pytest.mark.parametrize("verb", ["release", "close", "dismiss", "assign", "pend and take up"])
    def test_what_waits_for_its_turn_happens_when_it_has_it(self, priya, verb):
        make_queue()
        conversation, tom = waiting(), make_person("tom", role=Role.SUPERVISOR)
        cases.claim(conversation.pk, by=tom)

        def act() -> None:
            match verb:
                case "release":
                    cases.release(conversation.pk, by=tom)
                case "close":
                    bulk.close_many([conversation.pk], disposition="solved", by=tom)
                case "dismiss":
                    bulk.dismiss_many([conversation.pk], why="spam", by=tom)
                case "assign":
                    cases.assign(conversation.pk, to=tom, by=tom)
                case _:
                    later = timezone.now() + timedelta(hours=1)
                    cases.pend(conversation.pk, on=State.PENDING_BANK, until=later, by=tom)
                    cases.take_up(conversation.pk, by=tom)
            connections.close_all()

        acting = threading.Thread(target=act)
        with transaction.atomic():
            cases.assign(conversation.pk, to=priya, by=tom)
            acting.start()
            until_waiting(1)
            held = timezone.now()
        acting.join()
        times = [told.at for told in sorted(events.of_conversation(conversation.pk), key=lambda told: told.id)]
        assert times == sorted(times)
        assert times[-1] > held
        for spell in Case.objects.exclude(ended_at=None):
            assert spell.ended_at >= spell.claimed_at

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
