"""Work on conversations: one owner at a time, whoever presses first and whoever goes away."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.utils import timezone

from agents import access, bulk, cases, clocks, judgement, returns, undoing
from agents.cases import Refused, Taken
from agents.desk.head import head
from agents.desk.reading import Reading
from agents.models import Case, Role, User
from mentions import events, intake
from mentions.events import Sealer
from mentions.models import Conversation, Mention, State, Stretch
from tests.agents.waiting import waiting
from tests.factories import make_person, make_queue, make_source, make_team, post
from tests.faults.cuts import cut_whoever_waits, superuser

pytestmark = pytest.mark.django_db


class TestClaim:
    def test_makes_the_person_its_owner(self, priya):
        conversation = waiting()
        case = cases.claim(conversation.pk, by=priya)

        conversation.refresh_from_db()
        assert case.owner == priya
        assert conversation.state == State.CLAIMED
        assert conversation.version == 2
        assert [e.kind for e in events.of_conversation(conversation.pk)] == ["case.claimed", "mention.received"]

    def test_tells_the_loser_who_won(self, priya, tom):
        conversation = waiting()
        cases.claim(conversation.pk, by=priya)
        with pytest.raises(Taken) as lost:
            cases.claim(conversation.pk, by=tom)
        assert lost.value.owner == priya
        assert "Priya" in str(lost.value)

    def test_again_by_the_owner_is_the_same_case(self, priya):
        conversation = waiting()
        assert cases.claim(conversation.pk, by=priya) == cases.claim(conversation.pk, by=priya)

    def test_is_not_for_those_who_only_read(self, priya):
        conversation = waiting()
        with pytest.raises(PermissionDenied):
            cases.claim(conversation.pk, by=make_person("max", role=Role.MANAGER))

    def test_next_takes_returned_first_then_what_is_due_first(self, priya):
        first, second, third = waiting(), waiting(), waiting()
        now = timezone.now()
        Conversation.objects.filter(pk=first.pk).update(due_at=None)
        Conversation.objects.filter(pk=second.pk).update(due_at=now + timedelta(minutes=5))
        Conversation.objects.filter(pk=third.pk).update(due_at=now + timedelta(minutes=9), returned=True)

        taken = [cases.claim_next(by=priya) for _ in range(4)]
        assert [case and case.conversation_id for case in taken] == [third.pk, second.pk, first.pk, None]

    def test_next_hands_out_nothing_that_needs_no_answer(self, priya, tom):
        praise = waiting(text="Love the new app, great work @bank")
        assert cases.claim_next(by=priya) is None
        cases.claim(praise.pk, by=priya)
        cases.release(praise.pk, by=priya)
        assert cases.claim_next(by=tom) is None

    def test_next_after_a_release_is_another_one_as_long_as_there_is_one(self, priya, tom):
        first, second = waiting(), waiting()
        now = timezone.now()
        given = []
        for minute in range(3):
            at = now + timedelta(minutes=minute)
            case = cases.claim_next(by=priya, now=at)
            given.append(case and case.conversation_id)
            if minute == 1:
                break
            cases.release(first.pk, by=priya, now=at)
        assert given == [first.pk, second.pk]
        again = cases.claim_next(by=priya, now=now + timedelta(minutes=3))
        assert again is not None
        assert again.conversation_id == first.pk, "better the same one than none"
        cases.release(first.pk, by=priya)
        other = cases.claim_next(by=tom)
        assert other is not None
        assert other.conversation_id == first.pk

    def test_next_stays_within_the_persons_queues(self, priya):
        waiting()
        make_team("fraud")
        assert cases.claim_next(by=make_person("fay", teams=("fraud",))) is None


class TestLettingGo:
    def test_released_goes_to_the_head_of_its_queue(self, priya, tom):
        older, newer = waiting(), waiting()
        cases.claim(newer.pk, by=priya)
        cases.release(newer.pk, by=priya)

        case = cases.claim_next(by=tom)
        assert case is not None
        assert case.conversation_id == newer.pk
        assert older.state == State.WAITING

    def test_only_the_owner_or_a_supervisor_lets_go(self, priya, tom, sam):
        conversation = waiting()
        cases.claim(conversation.pk, by=priya)
        with pytest.raises(Taken):
            cases.release(conversation.pk, by=tom)
        cases.release(conversation.pk, by=sam)

    def test_transferred_keeps_the_customers_clock(self, priya):
        fraud = make_queue("fraud")
        conversation = waiting()
        cases.claim(conversation.pk, by=priya)
        moved = cases.transfer(conversation.pk, to=fraud, by=priya)

        assert (moved.state, moved.queue) == (State.WAITING, fraud)
        assert moved.due_at == conversation.due_at
        assert moved.waiting_since == conversation.waiting_since
        assert Stretch.objects.get().queue == fraud
        sealed = Sealer().tick()
        assert sealed is not None
        assert len(sealed.queues) == 2

    def test_a_lease_that_ran_out_returns_it_and_a_renewed_one_does_not(self, priya):
        gone, here = waiting(), waiting()
        for conversation in (gone, here):
            cases.claim(conversation.pk, by=priya)
        Case.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
        cases.renew(Case.objects.get(conversation=here).pk, by=priya, focused=True)

        assert clocks.end_leases() == 1
        gone.refresh_from_db()
        here.refresh_from_db()
        assert (gone.state, gone.returned) == (State.WAITING, True)
        assert here.state == State.CLAIMED

    def test_whoever_leaves_the_team_or_the_desk_keeps_nothing_of_it_even_what_is_pending(self, priya, tom, sam):
        now = timezone.now()
        later = now + timedelta(days=20)
        held = {person: waiting() for person in (priya, tom, sam)}
        for person, conversation in held.items():
            cases.claim(conversation.pk, by=person)
            cases.pend(conversation.pk, on=State.PENDING_CUSTOMER, until=later, by=person)
        assert clocks.end_stranded() == 0

        tom.teams.clear()
        User.objects.filter(pk=sam.pk).update(role=Role.MANAGER)
        assert clocks.end_stranded() == 2
        assert clocks.end_stranded() == 0

        assert set(Case.objects.filter(ended_at=None).values_list("owner", flat=True)) == {priya.pk}
        assert not access.conversations_for(tom).exists()
        Conversation.objects.update(wake_at=now)
        assert clocks.wake_pending() == 3
        states = {person: Conversation.objects.get(pk=there.pk).state for person, there in held.items()}
        assert states == {priya: State.CLAIMED, tom: State.WAITING, sam: State.WAITING}

    def test_handle_time_runs_to_the_end_of_the_work_and_not_through_an_absence(self, priya, tom, sam):
        began = timezone.now()
        quick, left, gone = waiting(), waiting(), waiting()
        for conversation, person in ((quick, priya), (left, tom), (gone, sam)):
            case = cases.claim(conversation.pk, by=person, now=began)
            cases.renew(case.pk, by=person, focused=True, now=began)
        cases.close(quick.pk, disposition="solved", by=priya, now=began + timedelta(seconds=40))
        cases.close(left.pk, disposition="solved", by=tom, now=began + timedelta(minutes=10))
        assert returns.expire(Case.objects.get(conversation=gone).pk, now=began + timedelta(minutes=20))
        spent = dict(Case.objects.values_list("conversation_id", "focus_s"))
        assert spent == {quick.pk: 40, left.pk: 90, gone.pk: 0}

    def test_nobody_looks_at_two_things_at_once(self, priya):
        """Two windows tell of themselves in turns: together they have no more seconds than there were."""
        began = timezone.now()
        one, other = (cases.claim(waiting().pk, by=priya, now=began) for _ in range(2))
        for second, case in ((0, one), (20, other), (50, one), (60, other)):
            cases.renew(case.pk, by=priya, focused=True, now=began + timedelta(seconds=second))
        cases.renew(other.pk, by=priya, focused=False, now=began + timedelta(seconds=65))
        assert dict(Case.objects.values_list("pk", "focus_s")) == {one.pk: 20 + 10, other.pk: 30 + 5}

    @pytest.mark.django_db(transaction=True)
    def test_looking_at_one_waits_for_nobody_who_ends_another(self, priya):
        began = timezone.now()
        one, other = (cases.claim(waiting().pk, by=priya, now=began) for _ in range(2))
        cases.renew(other.pk, by=priya, focused=True, now=began)
        with superuser() as ending, ending.transaction(), transaction.atomic(), connection.cursor() as impatient:
            ending.execute("SELECT 1 FROM agents_case WHERE id = %s FOR UPDATE", [other.pk])
            impatient.execute("SET LOCAL lock_timeout = '500ms'")
            cases.renew(one.pk, by=priya, focused=True, now=began + timedelta(seconds=10))
        assert dict(Case.objects.values_list("pk", "focused_at"))[one.pk] == began + timedelta(seconds=10)

    def test_a_supervisor_takes_and_assigns(self, priya, tom, sam):
        conversation = waiting()
        cases.claim(conversation.pk, by=priya)
        with pytest.raises(Taken):
            cases.assign(conversation.pk, to=tom, by=tom)
        case = cases.assign(conversation.pk, to=tom, by=sam)

        assert case.owner == tom
        assert Case.objects.get(owner=priya).outcome == Case.Outcome.TRANSFERRED
        with pytest.raises(Refused, match="does not work this queue"):
            cases.assign(conversation.pk, to=make_person("fay", teams=("fraud",)), by=sam)


class TestClosing:
    def test_needs_a_disposition_and_a_claim(self, priya):
        conversation = waiting()
        with pytest.raises(Refused, match="Claim"):
            cases.close(conversation.pk, disposition="answered", by=priya)
        cases.claim(conversation.pk, by=priya)
        with pytest.raises(Refused, match="why"):
            cases.close(conversation.pk, disposition="", by=priya)
        closed = cases.close(conversation.pk, disposition="answered", by=priya)
        assert (closed.state, closed.due_at, closed.waiting_since) == (State.CLOSED, None, None)

    @pytest.mark.parametrize("why", ["no_reply_needed", "spam", "not_us"])
    def test_one_key_dismisses_what_waits_and_marks_it_not_actionable(self, priya, why):
        conversation = cases.dismiss(waiting().pk, why=why, by=priya)
        assert conversation.state == State.CLOSED
        assert conversation.actionable is False
        assert conversation.actionable_by == "person"

    def test_in_bulk_leaves_what_others_hold_and_is_undone_once(self, priya, tom):
        free, held = [waiting() for _ in range(3)], waiting()
        cases.claim(held.pk, by=tom)
        result = bulk.dismiss_many([*(c.pk for c in free), held.pk], why="spam", by=priya)

        assert [*map(type, result.left.values())] == [Taken]
        assert Conversation.objects.filter(state=State.CLOSED).count() == 3
        assert undoing.undo(result.action.pk, by=priya) == 3
        assert not Conversation.objects.filter(state=State.CLOSED).exists()
        assert Stretch.objects.filter(stopped_at=None).count() == 4
        assert not Conversation.objects.exclude(reopened_count=0).exists()
        with pytest.raises(Refused, match="nothing left"):
            undoing.undo(result.action.pk, by=priya)

    def test_undone_is_whose_it_was_and_pending_until_when_it_was(self, priya):
        mine, parked = waiting(), waiting()
        for conversation in (mine, parked):
            cases.claim(conversation.pk, by=priya)
        until = timezone.now() + timedelta(days=2)
        cases.pend(parked.pk, on=State.PENDING_BANK, until=until, by=priya, note="Ask cards")
        held = set(Case.objects.values_list("pk", flat=True))
        due = Stretch.objects.get(conversation=parked).due_at
        result = bulk.dismiss_many([mine.pk, parked.pk], why="spam", by=priya)
        assert undoing.undo(result.action.pk, by=priya) == 2
        mine.refresh_from_db()
        parked.refresh_from_db()
        assert (mine.state, mine.returned, mine.due_at is not None) == (State.CLAIMED, False, True)
        assert (parked.state, parked.wake_at, parked.pending_note) == (State.PENDING_BANK, until, "Ask cards")
        assert (parked.paused_at is not None, parked.due_at) == (True, None)
        assert Stretch.objects.get(conversation=parked).due_at - due < timedelta(minutes=1)
        assert set(Case.objects.filter(owner=priya, ended_at=None).values_list("pk", flat=True)) == held
        assert [e.kind for e in events.of_conversation(mine.pk)][:2] == ["case.assigned", "conversation.reopened"]

    @pytest.mark.django_db(transaction=True)
    def test_an_undo_that_is_cut_off_can_be_asked_for_again(self, priya):
        both = [waiting(), waiting()]
        action = bulk.dismiss_many([c.pk for c in both], why="spam", by=priya).action
        assert action is not None

        def undo() -> None:
            with suppress(Exception):
                undoing.undo(action.pk, by=priya)
            connections.close_all()

        with superuser() as holder, holder.transaction():
            holder.execute("SELECT FROM mentions_conversation WHERE id = %s FOR UPDATE", [both[1].pk])
            thread = threading.Thread(target=undo)
            thread.start()
            assert cut_whoever_waits(thread)
        thread.join()
        assert undoing.undo(action.pk, by=priya) == 2

    def test_past_its_due_time_unanswered_counts_as_missed(self, priya):
        conversation = waiting()
        cases.claim(conversation.pk, by=priya)
        cases.close(conversation.pk, disposition="answered", by=priya, now=conversation.due_at + timedelta(minutes=1))
        assert Stretch.objects.get().met is False


def test_a_due_time_that_passes_is_recorded_once(priya):
    conversation = waiting()
    Conversation.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert clocks.note_overdue() == 1
    assert clocks.note_overdue() == 0
    assert events.of_conversation(conversation.pk)[0].kind == "conversation.overdue"


def test_a_private_continuation_goes_to_the_owner_of_the_public_conversation(priya):
    public = waiting(author="dana")
    cases.claim(public.pk, by=priya)
    private = waiting(author="dana", visibility="private", kind="message")
    assert private.linked == public

    Sealer().tick()
    assert clocks.follow_links() == 1
    assert Case.objects.get(conversation=private, ended_at=None).owner == priya


def test_a_persons_correction_wins_and_the_machines_word_is_kept(priya):
    mention = waiting().mentions.get()
    machine = mention.labels["sentiment"]["value"]
    judgement.correct(mention, field="sentiment", value=1, by=priya)

    mention = Mention.objects.get()
    assert mention.sentiment == 1
    assert mention.labels["sentiment"]["value"] == machine


def test_notes_are_scrubbed_and_do_not_disturb_a_colleagues_reply(priya):
    conversation = waiting()
    note = judgement.add_note(conversation.pk, text="card 4111 1111 1111 1111", by=priya)
    version = Conversation.objects.get().version
    assert "4111 1111 1111" not in note.text
    assert version == conversation.version


def test_another_teams_conversation_does_not_exist(priya):
    from django.http import Http404

    make_team("fraud")
    stranger = make_person("fay", teams=("fraud",))
    with pytest.raises(Http404):
        access.conversation_for(stranger, waiting().pk)


def test_a_customer_who_has_gone_on_elsewhere_is_answered_there(priya):
    """One place holds one open conversation; whoever would open an older one again is told which."""
    weeks_ago = timezone.now() - timedelta(days=14)
    older, other = waiting(author="dana"), waiting(author="erin")
    cases.dismiss(older.pk, why="spam", by=priya, now=weeks_ago)
    cases.dismiss(other.pk, why="spam", by=priya)
    newer = waiting(author="dana")
    with pytest.raises(Refused, match=newer.number):
        cases.reopen(older.pk, by=priya)
    done = bulk.need_many([older.pk, other.pk], by=priya)
    assert (done.done, len(done.left)) == (1, 1)
    assert newer.number in str(next(iter(done.left.values())))


def test_what_cannot_be_answered_where_it_stands_is_answered_elsewhere_with_its_address():
    make_queue()
    blog = make_source("blog", network="feeds")
    intake.receive(blog, [post(network="feeds", external_id="feed:1")])
    found, priya = Conversation.objects.get(), make_person()
    cases.reopen(found.pk, by=priya)
    cases.claim(found.pk, by=priya)
    for address in ("", "javascript:alert(1)", "by phone"):
        with pytest.raises(Refused):
            cases.close(found.pk, disposition="elsewhere", address=address, by=priya)
    cases.close(found.pk, disposition="elsewhere", address="https://bank.example/fees", by=priya)
    found.refresh_from_db()
    assert (found.state, found.disposition, found.reply_count) == ("closed", "elsewhere", 0)
    assert "https://bank.example/fees" in found.notes.get().text
    offered = [one["value"] for one in head(Reading(found, priya)).dispositions]
    assert "elsewhere" in offered
    assert "answered" not in offered
