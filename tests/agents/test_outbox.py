"""Races and late news on the way out: what a reply answers, what keeps others from leaving, what would leave twice."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from agents import amendment_outbox, amendments, approving, cases, freeze, hold, outbox, outcomes, replies
from agents.cases import Refused
from agents.desk import words
from agents.models import Amendment, Reply, ReplyState, Role, User
from mentions import events, intake, networks, sources
from mentions.models import Conversation, Mention, Queue, Source, State, Stretch
from mentions.networks import NetworkError, Published
from mentions.sandbox import faults
from tests.agents.leaving import GOOD, answer, given_up, later, plan, published, write
from tests.factories import make_person
from tests.faults.cuts import cut_whoever_waits, locked, superuser

pytestmark = [pytest.mark.django_db(transaction=True)]


def delete(town: Source, mention: Mention) -> None:
    intake.receive(town, [{"network": "townsquare", "external_id": mention.external_id, "op": "delete"}])


@pytest.mark.parametrize(("text", "state"), [("👍", ReplyState.SENT), ("It was stolen!", ReplyState.DRAFT)])
def test_a_thumb_to_what_we_said_before_holds_up_no_reply(text, state, town, priya):
    reply = answer(town, priya)
    write(town, text=text)
    outbox.send_due()
    reply.refresh_from_db()
    assert reply.state == state
    assert Stretch.objects.filter(stopped_at=None).exists() == (state == ReplyState.DRAFT)


@pytest.mark.parametrize("closed", [False, True])
def test_a_reply_that_is_confirmed_late_answers_no_post_that_came_after_it(closed, town, priya):
    faults.set_faults(dropping=1)
    reply = answer(town, priya)
    outbox.send_due()
    if closed:
        cases.close(reply.conversation_id, disposition="answered", by=priya)
    newer = write(town, text="@meridian my card is being used right now!")
    later()
    outbox.settle()

    reply.refresh_from_db()
    found = Conversation.objects.get()
    assert reply.state == ReplyState.SENT
    answered, waits = Stretch.objects.order_by("pk")
    assert (answered.reply_id, answered.met) == (reply.pk, True)
    assert answered.stopped_at == reply.sent_at
    assert (waits.mention_id, waits.stopped_at, waits.reply_id) == (newer.pk, None, None)
    assert found.waiting_since == waits.started_at == newer.occurred_at
    assert found.due_at == waits.due_at is not None


def test_what_was_closed_on_a_reply_that_had_yet_to_leave_was_answered_by_it(town, priya):
    reply = answer(town, priya)
    cases.close(reply.conversation_id, disposition="answered", by=priya)
    outbox.send_due()
    stretch, reply = Stretch.objects.get(), Reply.objects.get()
    assert (reply.state, stretch.reply_id, stretch.met) == (ReplyState.SENT, reply.pk, True)
    assert stretch.stopped_at == reply.sent_at
    assert Conversation.objects.get().state == State.CLOSED


def test_no_post_that_a_hold_stops_keeps_a_customer_waiting(town, priya, sam, monkeypatch):
    monkeypatch.setattr(outbox, "AT_ONCE", 1)
    monkeypatch.setattr(outbox, "OWN_AT_ONCE", 1)
    planned = plan(town, priya, sam)
    statement = plan(town, priya, sam)
    hold.start(7, by=sam)
    type(statement.original).objects.filter(pk=statement.pk).update(incident=7)
    reply = answer(town, priya)
    outbox.send_due()
    states = dict(Reply.objects.values_list("pk", "state"))
    assert states == {planned.pk: ReplyState.HELD, statement.pk: ReplyState.SENT, reply.pk: ReplyState.SENT}


def test_one_that_cannot_be_handled_stops_no_other_and_comes_back_to_the_desk(town, priya):
    """No team works the queue of the first any more, so no policy binds it; who wrote the second may send no more."""
    stray = answer(town, priya, "erin")
    no_queue = Queue.objects.create(slug="stray", name="Stray", policy_id=stray.conversation.queue.policy_id)
    Conversation.objects.filter(pk=stray.conversation_id).update(queue=no_queue)
    orphan = answer(town, priya, "finn")
    for closed in (stray, orphan):
        cases.close(closed.conversation_id, disposition="answered", by=priya)
    delete(town, orphan.target)
    priya.role = Role.COMPLIANCE
    priya.save()
    last = answer(town, make_person("tom"))
    outbox.send_due()
    told = {reply.pk: reply for reply in Reply.objects.select_related("conversation")}
    assert [told[one.pk].state for one in (stray, orphan, last)] == ["failed", "draft", "sent"]
    assert "no team works the queue" in told[stray.pk].error
    assert {told[one.pk].conversation.state for one in (stray, orphan)} == {State.WAITING}


@pytest.mark.parametrize("left", ["closed", "pending"])
@pytest.mark.parametrize("back", ["returned", "taken back", "unknown"])
def test_what_was_left_to_a_reply_that_does_not_leave_comes_back_to_the_desk(back, left, town, priya, sam, monkeypatch):
    reply = answer(town, priya)
    if left == "closed":
        cases.close(reply.conversation_id, disposition="answered", by=priya)
    else:
        cases.pend(reply.conversation_id, on="pending_customer", until=timezone.now() + timedelta(days=3), by=priya)
    if back == "returned":
        Reply.objects.filter(pk=reply.pk).update(state=ReplyState.AWAITING_APPROVAL)
        approving.return_(reply, digest=reply.digest, reason="Not so.", by=sam)
    elif back == "taken back":
        replies.undo(reply, by=sam)
    else:
        network = networks.get("townsquare")
        monkeypatch.setattr(network, "capabilities", replace(network.capabilities, resend="never"))
        faults.set_faults(failing=1)
        outbox.send_due()
        later()
        outbox.settle()
        assert Reply.objects.get().state == ReplyState.UNKNOWN
    found = Conversation.objects.get()
    assert found.state == (State.WAITING if left == "closed" else State.CLAIMED)
    assert Stretch.objects.filter(stopped_at=None).exists()
    assert found.due_at is not None


def test_a_network_that_lists_late_is_not_called_again_before_it_would_list(town, priya, monkeypatch):
    network = networks.get("townsquare")
    monkeypatch.setattr(network, "capabilities", replace(network.capabilities, resend="search"))
    faults.set_faults(failing=1)
    reply = answer(town, priya)
    outbox.send_due()
    later(seconds=20)
    outbox.settle()
    outbox.send_due()
    reply.refresh_from_db()
    assert (reply.state, published()) == (ReplyState.UNKNOWN, [])
    assert reply.next_try_at - timezone.now() > timedelta(seconds=30)
    later(seconds=60)
    outbox.settle()
    outbox.send_due()
    assert published() == [GOOD]


def test_a_connector_that_fails_over_an_answer_starves_no_other_reply(town, priya, monkeypatch, caplog):
    """Nine that cannot be asked about were the first of eight for ever; what the error says may be private."""

    def fails(*asked: object) -> None:
        raise KeyError("4111 my card")

    reply = answer(town, priya)
    with monkeypatch.context() as broken:
        broken.setattr(networks.get("townsquare"), "publish", fails)
        outbox.send_due()
        assert [one.state for one in Reply.objects.all()] == [ReplyState.UNKNOWN]
        broken.setattr(networks.get("townsquare"), "reconcile", fails)
        later()
        outbox.settle()
    reply.refresh_from_db()
    assert (reply.state, reply.next_try_at, reply.error) == (ReplyState.UNKNOWN, None, "KeyError")
    assert {str(one.exc_info[1]) for one in caplog.records if one.exc_info} == {"KeyError"}


def test_a_network_that_never_says_is_asked_less_and_less_and_then_a_person_is(town, priya):
    reply = answer(town, priya)
    then = timezone.now() - timedelta(minutes=20)
    told = [{"at": then.isoformat(), "follow": "unknown"}]
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.UNKNOWN, sending_at=then, tries=1, answers=told)
    cases.close(reply.conversation_id, disposition="answered", by=priya)
    asked = outbox.read(reply.pk)
    outcomes.still_unknown(asked, NetworkError("busy", "retry"))
    reply.refresh_from_db()
    assert reply.next_try_at - timezone.now() > timedelta(minutes=4)
    Reply.objects.update(answers=[told[0] | {"at": (then - timedelta(hours=1)).isoformat()}])
    outcomes.still_unknown(asked, NetworkError("busy", "retry", timezone.now() + timedelta(seconds=1)))
    reply.refresh_from_db()
    assert (reply.next_try_at, Conversation.objects.get().state) == (None, State.WAITING)


def test_what_the_network_did_not_take_is_looked_at_again_before_it_leaves(town, priya):
    faults.set_faults(limited=1)
    reply = answer(town, priya)
    outbox.send_due()
    reply.refresh_from_db()
    assert (reply.state, reply.tries) == (ReplyState.HELD, 1)
    assert reply.held_until > timezone.now()
    delete(town, reply.target)
    later()
    Source.objects.update(circuit_until=None)
    outbox.send_due()
    reply.refresh_from_db()
    assert (reply.state, reply.tries, published()) == (ReplyState.DRAFT, 0, [])


def test_an_answer_about_an_attempt_that_is_past_changes_nothing(town, priya):
    """Somebody pressed "ask" while the listener asked; the slower answer speaks of the first attempt."""
    reply = answer(town, priya)
    then = timezone.now() - timedelta(minutes=2)
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.UNKNOWN, sending_at=then, tries=1)
    asked = outbox.read(reply.pk)
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.SENDING, sending_at=timezone.now(), tries=2)
    outcomes.back_in_hand(asked)
    assert Reply.objects.get().state == ReplyState.SENDING


def test_what_the_network_said_outlives_a_connection_that_breaks(town, priya):
    reply = answer(town, priya)
    now = timezone.now()
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.SENDING, sending_at=now)

    def confirm() -> None:
        outcomes.confirm(reply.pk, Published("ts:heard", None, now))
        connections.close_all()

    other = threading.Thread(target=confirm)
    with locked("agents_reply"):
        other.start()
        assert cut_whoever_waits(other)
    other.join()
    assert Reply.objects.get().external_id == "ts:heard"


def test_a_freeze_stops_what_waits_for_new_keys_and_leaves_it_in_hand(town, priya, sam, monkeypatch):
    def renewed(source, *, now):
        freeze.start(by=sam)
        return sources.account(source)

    reply = answer(town, priya)
    with monkeypatch.context() as slow:
        slow.setattr(sources, "ready", renewed)
        outbox.send_due()
    reply.refresh_from_db()
    assert (reply.state, reply.tries, published()) == (ReplyState.HELD, 0, [])

    freeze.lift(by=sam)
    freeze.lift(by=make_person("mia", role=Role.MANAGER, teams=()))
    outbox.send_due()
    assert published() == [GOOD]
    amendments.reword(Reply.objects.get(), text="Please write to us in private.", by=priya)
    with monkeypatch.context() as slow:
        slow.setattr(sources, "ready", renewed)
        amendment_outbox.send_due()
    assert (Amendment.objects.get().state, published()) == ("held", [GOOD])


def test_a_reply_that_had_failed_and_went_out_is_sent_and_is_not_sent_again(town, priya):
    faults.set_faults(dropping=1)
    reply = answer(town, priya)
    outbox.send_due()
    outcomes.resolve(reply, went_out=False, by=priya)
    again = replies.retry(reply, by=priya)
    assert again.state == ReplyState.HELD
    outcomes.confirm(reply.pk, Published("ts:late", None, timezone.now()))
    outbox.send_due()
    reply.refresh_from_db()
    assert (reply.state, reply.external_id, published()) == (ReplyState.SENT, "ts:late", [GOOD])
    assert Stretch.objects.get().reply_id == reply.pk
    told = [event.kind for event in events.of_conversation(reply.conversation_id)]
    assert told.count("reply.sent") == 1


@pytest.mark.parametrize(("word", "state"), [("went-out", ReplyState.SENT), ("not-out", ReplyState.FAILED)])
def test_what_nobody_tells_of_is_settled_by_whoever_looked(client, town, priya, word, state):
    """Some networks can never be asked; without a person's word nothing more could be said to that customer."""
    faults.set_faults(dropping=1)
    reply = answer(town, priya)
    outbox.send_due()
    client.force_login(priya)
    page, address = f"/console/{reply.conversation_id}/", f"/console/replies/{reply.pk}/{word}/"
    assert address not in client.get(page).content.decode(), "while it is being asked for, its network may still tell"
    Reply.objects.filter(pk=reply.pk).update(state=ReplyState.UNKNOWN, next_try_at=None)
    with pytest.raises(Refused, match="on its way"):
        answer_again(reply, priya)
    assert address in client.get(page).content.decode()
    assert client.post(address).status_code == 302
    reply.refresh_from_db()
    assert reply.state == state
    assert answer_again(reply, priya).state == ReplyState.HELD


def answer_again(reply: Reply, by: User) -> Reply:
    place = Conversation.objects.get(pk=reply.conversation_id)
    again = {"text": f"{GOOD} Thank you.", "visibility": "public", "client_key": uuid.uuid4(), "by": by}
    return replies.submit(place.pk, seen_version=place.version, **again)


def test_who_saw_that_a_reply_went_out_stands_in_the_chain(town, priya):
    faults.set_faults(dropping=1)
    reply = answer(town, priya)
    outbox.send_due()
    sam = make_person("sam", role=Role.SUPERVISOR)
    seen = outcomes.resolve(reply, went_out=True, by=sam)
    assert (seen.state, seen.external_id) == (ReplyState.SENT, f"{outcomes.SEEN_BY_PERSON}{reply.pk}")
    told = events.of_conversation(reply.conversation_id)[0]
    assert (told.kind, told.data["seen_by"]) == ("reply.sent", sam.pk)
    assert words.happened(told) == "A person saw that the reply went out"


@pytest.mark.parametrize("came_after", [False, True])
def test_a_late_confirmation_brings_no_wait_back_that_another_reply_has_answered(came_after, town, priya):
    first = given_up(town, priya, dropping=1)
    write(town, text="@meridian is anybody there?")
    found = Conversation.objects.get()
    key, words, seen = uuid.uuid4(), "Yes. Please write to us in private.", found.version
    replies.submit(found.pk, text=words, visibility="public", seen_version=seen, client_key=key, by=priya)
    outbox.send_due()
    newest = write(town, text="@meridian where do I find that?") if came_after else None
    outcomes.confirm(first.pk, Published("ts:late", None, timezone.now()))
    found.refresh_from_db()
    waits = Stretch.objects.filter(stopped_at=None)
    assert [stretch.mention_id for stretch in waits] == ([newest.pk] if newest else [])
    assert Stretch.objects.count() == 1 + came_after
    assert found.waiting_since == (newest.occurred_at if newest else None)


def test_that_a_reply_may_have_gone_is_known_however_often_a_busy_network_was_asked_again():
    reply, now = Reply(), timezone.now()
    outcomes.keep_answer(reply, now, follow="unknown")
    for _turn in range(50):
        outcomes.keep_answer(reply, now, follow="retry")
    assert replies.may_have_gone(reply)
    assert len(reply.answers) == 21


def test_a_conversation_that_is_busy_ages_nobody_s_attempt(town, priya, monkeypatch, caplog):
    """What leaves in one round is called for after all of it was let go: the time of a call counts from the call."""
    monkeypatch.setattr(outbox, "_BUSY_AFTER", "200ms")
    leaves, busy = answer(town, priya), answer(town, make_person("tom"), "erin")
    began = timezone.now()
    with superuser() as holder, holder.transaction():
        holder.execute("SELECT 1 FROM mentions_conversation WHERE id = %s FOR UPDATE", [busy.conversation_id])
        assert outbox.send_due() == 1
    leaves.refresh_from_db()
    busy.refresh_from_db()
    assert leaves.state == ReplyState.SENT
    assert not [said for said in caplog.records if said.levelname == "ERROR"], "being busy is no fault"
    assert leaves.sending_at - began > timedelta(milliseconds=200)
    assert busy.state == ReplyState.HELD
    assert busy.held_until > timezone.now()
    later()
    outbox.send_due()
    assert published() == [GOOD, GOOD]
