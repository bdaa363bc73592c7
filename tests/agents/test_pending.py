"""A conversation that waits for the customer or for the bank: what stands still meanwhile, and what wakes it."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from agents import cases, returns
from agents.cases import Refused
from agents.desk import words
from agents.models import Case
from commandcenter import asof, metrics, periods
from mentions import intake
from mentions.models import Conversation, State, Stretch
from tests.agents.waiting import waiting
from tests.commandcenter.history import answer, hear, settle
from tests.factories import make_source, post

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("answered", ["before", "meanwhile"])
def test_a_wait_stops_the_clock_of_the_solution_too(answered, priya):
    began = timezone.now() - timedelta(days=5)
    conversation = hear(make_source(), at=began).conversation
    solved_by = conversation.resolution_due_at
    assert solved_by == began + timedelta(days=1)
    reply_at = began + timedelta(hours=1)
    if answered == "before":
        answer(conversation, by=priya, at=reply_at)
    else:
        cases.claim(conversation.pk, by=priya, now=reply_at)
    pended, woken = began + timedelta(hours=2), began + timedelta(days=3, hours=2)
    cases.pend(conversation.pk, on=State.PENDING_CUSTOMER, until=woken, by=priya, now=pended)
    if answered == "meanwhile":
        answer(Conversation.objects.get(), by=priya, at=pended + timedelta(minutes=5))
    settle()
    within = began + timedelta(days=2)
    first, last = periods.bank_day(began), periods.bank_day(timezone.now())
    period = periods.Period.of(first, last, now=timezone.now())

    def solved(now: datetime) -> tuple[int, int]:
        found = metrics.attainment(period, now, target="resolution")
        return found.met, found.missed

    with asof.known(within):
        assert Conversation.objects.get().paused_at == pended
        assert solved(within) == (0, 0)
    assert solved(timezone.now()) == (0, 0), "while it stands still"
    (solution,) = words.dues(Conversation.objects.get(), timezone.now())
    assert solution.state == "paused"
    assert returns.wake(conversation.pk, now=woken)
    assert Conversation.objects.get().resolution_due_at == solved_by + timedelta(days=3)
    cases.close(conversation.pk, disposition="solved", by=priya, now=woken + timedelta(minutes=1))
    settle()
    assert solved(timezone.now()) == (1, 0)
    with asof.known(within):
        assert solved(within) == (0, 0)


@pytest.mark.parametrize("late", [False, True])
def test_a_wait_pauses_the_clock_and_a_new_message_wakes_it(late, priya):
    """What was promised before the pause is promised after it, and a promise that is broken stays broken."""
    conversation = waiting(author="dana")
    cases.claim(conversation.pk, by=priya)
    due, now = conversation.due_at, conversation.opened_at + timedelta(days=late, minutes=1)
    pended = cases.pend(
        conversation.pk, on=State.PENDING_BANK, until=now + timedelta(hours=2), by=priya, note="Ask cards", now=now
    )
    assert pended.due_at is None

    said = now + timedelta(minutes=10)
    intake.receive(make_source(), [post(author="dana", created_at=said.isoformat())], now=said)
    assert returns.wake(conversation.pk, now=said)
    conversation.refresh_from_db()
    assert conversation.state == State.CLAIMED
    assert conversation.paused_at is None
    assert conversation.due_at == Stretch.objects.get().due_at == due + timedelta(minutes=0 if late else 10)


def test_what_was_due_moves_by_the_time_that_passed(priya):
    conversation = waiting()
    cases.claim(conversation.pk, by=priya)
    start = conversation.opened_at + timedelta(seconds=60)
    cases.pend(conversation.pk, on=State.PENDING_CUSTOMER, until=start + timedelta(hours=1), by=priya, now=start)
    assert returns.wake(conversation.pk, now=start + timedelta(hours=1))

    stretch = Stretch.objects.get()
    assert stretch.due_at == conversation.due_at + timedelta(hours=1)
    assert stretch.paused_s == 3600


def test_a_wait_is_put_off_and_taken_up_again_by_its_owner(priya, tom):
    conversation = waiting()
    case = cases.claim(conversation.pk, by=priya)
    start = conversation.opened_at + timedelta(seconds=60)
    hour, on = timedelta(hours=1), State.PENDING_BANK
    cases.pend(conversation.pk, on=on, until=start + hour, by=priya, note="Ask cards", now=start)
    later = start + 3 * hour
    put_off = cases.pend(conversation.pk, on=on, until=later, by=priya, note="Thursday", now=start + hour)
    assert (put_off.state, put_off.wake_at, put_off.pending_note) == (on, later, "Thursday")
    assert put_off.paused_at == start
    with pytest.raises(Refused):
        cases.take_up(conversation.pk, by=tom)

    cases.take_up(conversation.pk, by=priya, now=start + 2 * hour)
    conversation.refresh_from_db()
    assert (conversation.state, conversation.wake_at, conversation.pending_note) == (State.CLAIMED, None, "")
    assert Case.objects.get(ended_at=None) == case
    assert Stretch.objects.get().paused_s == 7200
    with pytest.raises(Refused, match="not pending"):
        cases.take_up(conversation.pk, by=priya)


def test_a_wait_needs_a_time_in_the_future(priya):
    conversation = waiting()
    cases.claim(conversation.pk, by=priya)
    with pytest.raises(Refused, match="future"):
        cases.pend(conversation.pk, on=State.PENDING_BANK, until=timezone.now(), by=priya)
