"""Replies from the first word to the network's confirmation, against the real Town Square."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from agents import amendment_outbox, amendments, approving, cases, clocks, freeze, outbox, replies, scrutiny
from agents.cases import Refused, Taken
from agents.models import Case, RegulatoryProfile, Reply, ReplyState, Role
from agents.staleness import Stale
from mentions import events, intake, sources
from mentions.models import Conversation, Source, State, Stretch
from mentions.sandbox import faults, square
from mentions.sandbox.models import Post
from mentions.sources import connecting
from tests.factories import make_person, make_profile, make_queue, post

pytestmark = [pytest.mark.django_db(transaction=True)]
GOOD = "Sorry about the trouble. Please send us a private message so that we can look into it together."
CONFIRMING = "We see that your account was blocked yesterday and we have unblocked your card."
RATE = "Open a savings account today and earn 4.5% APY."


@pytest.fixture
def conversation(town, priya) -> Conversation:
    """A conversation that Priya has claimed; the customer wrote it on Town Square."""
    written = square.write("dana", "@meridian my card was declined")
    take_in(town, written)
    found = Conversation.objects.get()
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    return found


def take_in(source: Source, written: Post) -> None:
    """What the webhook would bring."""
    intake.receive(
        source,
        [
            post(
                written.text,
                external_id=f"ts:{written.key}",
                author={"id": f"ts:{written.author.key}", "handle": written.author.handle},
            )
        ],
    )


def submit(conversation: Conversation, by, text: str = GOOD, **changes) -> Reply:
    conversation.refresh_from_db()
    asked = {"visibility": "public", "seen_version": conversation.version, "client_key": uuid.uuid4()} | changes
    return replies.submit(conversation.pk, text=text, by=by, **asked)


def published() -> list[str]:
    return [one.text for one in Post.objects.filter(author__handle="meridian", deleted_at=None).order_by("pk")]


def kinds(conversation: Conversation) -> list[str]:
    return [e.kind for e in events.of_conversation(conversation.pk)]


class TestTheWholeRoad:
    def test_a_stricter_guard_goes_along_when_it_is_handed_to_a_weaker_one(self, conversation, priya):
        loose = make_queue("marketing")
        loose.teams.update(profile=make_profile("loose", guard={"rates": "warn"}))
        RegulatoryProfile.objects.filter(slug="us-bank").update(four_eyes=True, undo_s=45)
        priya.teams.add(loose.teams.get())
        cases.transfer(conversation.pk, to=loose, by=priya)
        cases.claim(conversation.pk, by=priya)
        reply = submit(conversation, priya)
        assert (reply.state, scrutiny.undo_time(reply, priya).seconds) == (ReplyState.AWAITING_APPROVAL, 45)
        Reply.objects.all().delete()
        cases.transfer(conversation.pk, to=make_queue("care"), by=priya)
        assert Conversation.objects.get().guarded_in is None

    def test_a_good_reply_is_sent_once_confirmed_and_stops_the_clock(self, conversation, priya):
        reply = submit(conversation, priya)
        assert reply.state == ReplyState.HELD
        assert outbox.send_due() == 1

        reply.refresh_from_db()
        conversation.refresh_from_db()
        assert (reply.state, published()) == (ReplyState.SENT, [GOOD])
        assert reply.external_id.startswith("ts:")
        assert conversation.due_at is None
        assert conversation.reply_count == 1
        stretch = Stretch.objects.get()
        assert stretch.reply_id == reply.pk
        assert stretch.met is True
        assert stretch.seconds >= 0
        assert outbox.send_due() == 0

    def test_it_is_held_for_undo_first(self, conversation, priya):
        make_profile()
        type(make_profile()).objects.update(undo_s=10)
        reply = submit(conversation, priya)
        assert outbox.send_due() == 0
        assert replies.undo(reply, by=priya).state == ReplyState.DRAFT
        Reply.objects.update(held_until=timezone.now() - timedelta(minutes=1))
        assert outbox.send_due() == 0
        assert published() == []

    def test_a_doubled_press_is_one_reply(self, conversation, priya):
        key = uuid.uuid4()
        first = submit(conversation, priya, client_key=key)
        assert submit(conversation, priya, client_key=key) == first
        outbox.send_due()
        assert submit(conversation, priya, client_key=key).state == ReplyState.SENT
        assert published() == [GOOD]

    def test_a_sent_reply_can_be_retracted(self, conversation, priya):
        reply = submit(conversation, priya)
        outbox.send_due()
        amendments.retract(reply, by=priya)
        assert published() == [GOOD]  # asked for, and so only when the network says so
        amendment_outbox.send_due()
        assert Reply.objects.get(pk=reply.pk).state == ReplyState.RETRACTED
        assert published() == []

    def test_a_private_answer_reaches_only_its_customer(self, conversation, priya):
        submit(conversation, priya, visibility="private", text="Hello Dana, how can we help?")
        outbox.send_due()
        assert Post.objects.get(author__handle="meridian").private


class TestRefusals:
    def test_a_number_is_private_unless_it_is_the_bank_s_own(self, conversation, priya):
        text = "Sorry about the trouble. Our people at (704) 555-0142 can help with that."
        assert submit(conversation, priya, text=text).state == ReplyState.DRAFT
        type(make_profile()).objects.update(phones=["+1 704 555 0142"])
        assert submit(conversation, priya, text=text).state == ReplyState.HELD

    def test_only_the_owner_answers(self, conversation):
        with pytest.raises(Taken):
            submit(conversation, make_person("tom"))

    def test_a_new_message_makes_it_stale_and_is_shown(self, conversation, priya, town):
        seen = conversation.version
        take_in(town, square.write("dana", "@meridian and my other card too"))
        with pytest.raises(Stale) as stale:
            submit(conversation, priya, seen_version=seen)
        assert [e.kind for e in stale.value.changes] == ["mention.received"]

    def test_what_comes_during_the_hold_sends_it_back(self, conversation, priya, town):
        reply = submit(conversation, priya)
        take_in(town, square.write("dana", "@meridian never mind, it works"))
        outbox.send_due()
        reply.refresh_from_db()
        assert reply.state == ReplyState.DRAFT
        assert reply.returned_reason
        assert published() == []

    def test_a_deleted_post_is_not_answered(self, conversation, priya, town):
        target = conversation.mentions.get()
        intake.receive(town, [{"network": "townsquare", "external_id": target.external_id, "op": "delete"}])
        with pytest.raises(Refused):
            submit(conversation, priya)

    def test_too_long_for_the_network_is_refused(self, conversation, priya):
        with pytest.raises(Refused, match="too long"):
            submit(conversation, priya, text="a" * 501)

    def test_a_source_that_only_reads_sends_nothing(self, conversation, priya):
        Source.objects.update(sending=False)
        with pytest.raises(Refused, match="switched off"):
            submit(conversation, priya)

    def test_one_reply_at_a_time(self, conversation, priya):
        submit(conversation, priya)
        with pytest.raises(Refused, match="on its way"):
            submit(conversation, priya, text="And another one.")


class TestGuardAndSecondPerson:
    @pytest.fixture
    def sam(self, town):
        return make_person("sam", role=Role.SUPERVISOR)

    def test_a_confirming_reply_never_leaves(self, conversation, priya):
        reply = submit(conversation, priya, text=CONFIRMING)
        assert reply.state == ReplyState.DRAFT
        assert reply.findings
        assert all(finding["words"] in CONFIRMING for finding in reply.findings)
        Reply.objects.filter(pk=reply.pk).update(state=ReplyState.HELD, held_until=timezone.now())
        outbox.send_due()
        reply.refresh_from_db()
        assert reply.state == ReplyState.DRAFT
        assert published() == []
        assert "reply.blocked" in kinds(conversation)

    def test_a_card_number_in_a_reply_is_not_even_stored(self, conversation, priya):
        reply = submit(conversation, priya, text="Is it 4111 1111 1111 1111?", visibility="private")
        reply.refresh_from_db()
        assert reply.state == ReplyState.DRAFT
        assert "4111 1111 1111" not in f"{reply.text} {reply.findings}"

    def test_a_rate_needs_a_second_person_who_is_not_its_author(self, conversation, priya, sam):
        reply = submit(conversation, priya, text=RATE)
        assert reply.state == ReplyState.AWAITING_APPROVAL
        outbox.send_due()
        assert published() == []

        approved = approving.approve(reply, digest=reply.digest, by=sam)
        assert approved.state == ReplyState.HELD
        outbox.send_due()
        assert published() == [RATE]

    def test_nobody_approves_their_own(self, conversation, sam):
        cases.assign(conversation.pk, to=sam, by=sam)
        reply = submit(conversation, sam, text=RATE)
        with pytest.raises(Refused, match="their own"):
            approving.approve(reply, digest=reply.digest, by=sam)

    def test_an_approval_holds_for_exactly_what_was_read(self, conversation, priya, sam):
        reply = submit(conversation, priya, text=RATE)
        Reply.objects.filter(pk=reply.pk).update(text="Earn 9.9% APY today.")
        with pytest.raises(Refused, match="changed"):
            approving.approve(reply, digest=reply.digest, by=sam)

    def test_returned_goes_back_with_the_reason(self, conversation, priya, sam):
        reply = submit(conversation, priya, text=RATE)
        with pytest.raises(Refused, match="why"):
            approving.return_(reply, digest=reply.digest, reason=" ", by=sam)
        back = approving.return_(reply, digest=reply.digest, reason=" Rates\0 need the disclosure.\n", by=sam)
        assert (back.state, back.returned_reason) == (ReplyState.DRAFT, "Rates need the disclosure.")


class TestTheNetworkMisbehaves:
    def test_an_answer_lost_after_the_send_doubles_nothing(self, conversation, priya):
        faults.set_faults(dropping=1)
        reply = submit(conversation, priya)
        outbox.send_due()
        for _ in range(3):
            Reply.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())
            outbox.settle()
            outbox.send_due()
        reply.refresh_from_db()
        assert reply.state == ReplyState.SENT
        assert published() == [GOOD]

    def test_a_refused_token_fails_with_its_reason_and_can_be_tried_again(self, conversation, priya, town):
        Source.objects.filter(pk=town.pk).update(secrets=sources.seal({"token": "expired"}))
        reply = submit(conversation, priya)
        outbox.send_due()
        reply.refresh_from_db()
        assert reply.state == ReplyState.FAILED
        assert reply.error
        assert [answer["follow"] for answer in reply.answers] == ["reauthorise"]
        with pytest.raises(Refused, match="refuses the keys"):
            replies.retry(reply, by=priya)

        connecting.change_keys(Source.objects.get(pk=town.pk), {"token": "bank-token"}, by=priya.pk)
        assert replies.retry(reply, by=priya).state == ReplyState.HELD
        outbox.send_due()
        assert published() == [GOOD]

    def test_a_sender_that_died_leaves_a_reply_that_is_asked_about_first(self, conversation, priya, town):
        reply = submit(conversation, priya)
        Reply.objects.filter(pk=reply.pk).update(
            state=ReplyState.SENDING, sending_at=timezone.now() - timedelta(minutes=5), next_try_at=None
        )
        answered = conversation.mentions.get().external_id.removeprefix("ts:")
        square.answer(text=GOOD, client_key=str(reply.client_key), in_reply_to=answered)
        outbox.settle()
        reply.refresh_from_db()
        assert reply.state == ReplyState.SENT
        assert published() == [GOOD]


class TestFreeze:
    def test_nothing_leaves_until_two_people_lift_it(self, conversation, priya):
        sam = make_person("sam", role=Role.SUPERVISOR)
        mia = make_person("mia", role=Role.MANAGER, teams=())
        reply = submit(conversation, priya)
        freeze.start(by=sam, reason="hijacked")
        outbox.send_due()
        outbox.deliver(reply.pk)
        assert published() == []

        freeze.lift(by=sam)
        with pytest.raises(Refused, match="second person"):
            freeze.lift(by=sam)
        outbox.send_due()
        assert published() == []
        freeze.lift(by=mia)
        outbox.send_due()
        assert published() == [GOOD]

    def test_freezing_twice_is_one_freeze(self, priya):
        sam = make_person("sam", role=Role.SUPERVISOR)
        assert freeze.start(by=sam) == freeze.start(by=sam)


def test_a_lease_that_ends_while_a_reply_is_held_still_sends_it(conversation, priya):
    submit(conversation, priya)
    Case.objects.update(lease_until=timezone.now())
    clocks.end_leases()
    outbox.send_due()
    conversation.refresh_from_db()
    assert published() == [GOOD]
    assert conversation.state == State.WAITING
