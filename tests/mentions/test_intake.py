"""The one door, through which everything that must not be lost comes in."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from mentions import events, intake, rulebook
from mentions.intake import Unreadable
from mentions.intake.prepare import identifier
from mentions.models import (
    Author,
    Beside,
    Conversation,
    Mention,
    MentionContent,
    OwnPost,
    PendingOperation,
    Reject,
    State,
    Stretch,
)
from mentions.posts import MAX_TEXT
from mentions.sources import ingest
from tests.factories import make_queue, make_rule, make_source, post
from tests.mentions.stored import everything

pytestmark = pytest.mark.django_db
CARD = "4111 1111 1111 1111"
SPELLED = ("4111  1111  1111  1111", "4111_1111_1111_1111", "4111 - 1111 - 1111 - 1111", "pay_4111-1111_1111.1111")


@pytest.fixture(autouse=True)
def queue(db):
    return make_queue()


@pytest.fixture
def source(db):
    return make_source()


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM mentions_event ORDER BY id")
        return [kind for (kind,) in cursor.fetchall()]


def statuses(outcome) -> list[str]:
    return [item.status for item in outcome.items]


def test_a_post_becomes_a_waiting_conversation_with_a_due_time_and_one_event(source, queue):
    outcome = intake.receive(source, [post(external_id="ts:a")])

    assert statuses(outcome) == ["accepted"]
    conversation = Conversation.objects.get()
    assert conversation.state == State.WAITING
    assert conversation.queue == queue
    assert conversation.due_at == conversation.opened_at + timedelta(seconds=900)
    assert conversation.due_why
    assert conversation.routed_why
    assert Stretch.objects.get().conversation == conversation
    assert kinds() == ["mention.received"]


def test_the_same_post_again_is_counted_and_not_stored(source):
    again = post(external_id="ts:a")
    intake.receive(source, [again])
    outcome = intake.receive(source, [again, post(external_id="ts:b"), post(external_id="ts:b")])

    assert statuses(outcome) == ["duplicate", "accepted", "duplicate"]
    assert Mention.objects.count() == 2
    assert kinds() == ["mention.received"] * 2


def test_three_posts_of_one_angry_customer_are_one_conversation(source):
    intake.receive(source, [post(author="dana") for _ in range(2)])
    intake.receive(source, [post(author="dana")])

    conversation = Conversation.objects.get()
    assert conversation.inbound_count == 3
    assert conversation.mentions.count() == 3
    assert Stretch.objects.count() == 1


def test_a_post_that_comes_late_does_not_take_the_place_of_the_newest(source):
    written = timezone.now() - timedelta(minutes=9)
    newest = post(author="dana")
    intake.receive(source, [newest])
    intake.receive(source, [post(author="dana", created_at=written.isoformat())])

    conversation = Conversation.objects.get()
    assert Mention.objects.get(pk=conversation.last_mention_id).external_id == newest["external_id"]
    assert conversation.inbound_count == 2


def test_private_messages_never_share_a_conversation_with_public_posts(source):
    intake.receive(source, [post(author="dana"), post(author="dana", visibility="private", kind="message")])

    assert sorted(Conversation.objects.values_list("visibility", flat=True)) == ["private", "public"]


def test_a_closed_conversation_is_reopened_within_seven_days_and_left_after(source):
    now = timezone.now()
    intake.receive(source, [post(author="dana", created_at=(now - timedelta(days=9)).isoformat())])
    conversation = Conversation.objects.get()

    def closed(days: int) -> None:
        Stretch.objects.filter(stopped_at=None).update(stopped_at=now, seconds=1)
        Conversation.objects.filter(pk=conversation.pk).update(
            state=State.CLOSED, closed_at=now - timedelta(days=days), waiting_since=None, due_at=None
        )

    closed(6)
    intake.receive(source, [post(author="dana")])
    conversation.refresh_from_db()
    assert conversation.state == State.WAITING
    assert conversation.reopened_count == 1
    assert Stretch.objects.filter(target="first_response").count() == 2

    closed(8)
    intake.receive(source, [post(author="dana")])
    conversation.refresh_from_db()
    assert conversation.state == State.CLOSED
    assert Conversation.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "media", "state"),
    [
        ("👍", [], State.CLOSED),
        ("Thank you!", [], State.CLOSED),
        ("👍", [{"url": "https://example.com/letter.jpg", "type": "image"}], State.WAITING),
        ("Thanks, but it is declined again", [], State.WAITING),
    ],
)
def test_thanks_for_an_answer_open_nothing_that_is_closed(source, text, media, state):
    asked = post(author="dana", visibility="private", kind="message")
    intake.receive(source, [asked])
    Stretch.objects.update(stopped_at=timezone.now(), seconds=1)
    Conversation.objects.update(
        state=State.CLOSED, closed_at=timezone.now(), actionable=True, waiting_since=None, due_at=None
    )
    intake.receive(source, [post(text, author="dana", visibility="private", kind="message", media=media)])
    conversation = Conversation.objects.get()
    opened = state == State.WAITING
    assert (conversation.state, conversation.reopened_count, conversation.inbound_count) == (state, int(opened), 2)
    # What an answer would be given to is what asked for one.
    answered = Mention.objects.get(pk=conversation.last_mention_id).external_id
    assert (answered == asked["external_id"]) == (not opened)


def test_a_rivals_post_is_stored_and_enters_no_queue():
    rival = make_source("rival", rival="Northwind Bank", sending=False)
    intake.receive(rival, [post()])

    assert Mention.objects.get().conversation is None
    assert not Conversation.objects.exists()


def test_the_first_matching_rule_is_remembered_in_its_version(source):
    fraud = make_queue("fraud")
    rule = make_rule(fraud, conditions={"words_any": ["declined"]}, priority=1, tags=["card"])
    intake.receive(source, [post()])

    conversation = Conversation.objects.get()
    assert (conversation.queue, conversation.rule, conversation.rule_version) == (fraud, rule, 1)
    assert conversation.tags == ["card"]
    assert conversation.priority == 1
    assert "declined" in conversation.routed_why


class TestOperations:
    def test_edits_and_deletes_end_in_one_state_whatever_their_order(self, source):
        early, late = datetime(2026, 11, 1, 10, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC)
        original = post("first words")

        def changes(key: str) -> list[dict]:
            return [
                original | {"external_id": key},
                {
                    "network": "townsquare",
                    "external_id": key,
                    "op": "edit",
                    "text": "late",
                    "edited_at": late.isoformat(),
                },
                {
                    "network": "townsquare",
                    "external_id": key,
                    "op": "edit",
                    "text": "early",
                    "edited_at": early.isoformat(),
                },
            ]

        orders = [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
        for number, order in enumerate(orders):
            items = changes(f"ts:order{number}")
            for index in order:
                intake.receive(source, [items[index]])

        texts = set(MentionContent.objects.values_list("text", flat=True))
        assert texts == {"late"}
        assert set(Mention.objects.values_list("edited_at", flat=True)) == {late}
        assert not PendingOperation.objects.exists()

    def test_an_edit_of_any_length_waits_once_for_its_post(self, source):
        long = "".join(random.Random(7).choices("abcdefgh ijklmnop", k=MAX_TEXT)).strip()
        edit = {"network": "townsquare", "external_id": "ts:long", "op": "edit", "text": long}
        edit |= {"edited_at": timezone.now().isoformat()}
        assert statuses(intake.receive(source, [edit, post()])) == ["accepted", "accepted"]
        assert statuses(intake.receive(source, [edit])) == ["duplicate"]
        intake.receive(source, [post(external_id="ts:long")])
        assert MentionContent.objects.get(mention__external_id="ts:long").text == long

    def test_a_delete_is_final_and_takes_the_words_but_not_the_figures(self, source):
        intake.receive(source, [post(external_id="ts:gone")])
        delete = {"network": "townsquare", "external_id": "ts:gone", "op": "delete"}
        assert statuses(intake.receive(source, [delete])) == ["accepted"]
        assert statuses(intake.receive(source, [delete])) == ["duplicate"]

        mention = Mention.objects.get()
        assert mention.deleted_at is not None
        assert not MentionContent.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM mentions_rawrecord")
            assert cursor.fetchone() == (0,)

    def test_a_delete_before_its_post_leaves_no_words(self, source):
        intake.receive(source, [{"network": "townsquare", "external_id": "ts:x", "op": "delete"}])
        intake.receive(source, [post(external_id="ts:x")])

        assert Mention.objects.get().deleted_at is not None
        assert not MentionContent.objects.exists()


class TestPrivateNumbers:
    def test_a_card_number_reaches_no_table_wherever_it_hides(self, source):
        digits = CARD.replace(" ", "")
        intake.receive(
            source,
            [
                post(f"my card {CARD} was declined"),
                post("hello", author={"id": "n1", "handle": digits, "name": f"Visa {CARD}"}),
                post("look", url=f"https://pictures.example/{digits}.png"),
                post("a picture", media=[{"url": f"https://p.example/{digits}.jpg", "type": "image", "alt": CARD}]),
                post("an identifier", external_id=digits, url=f"https://square.example/{digits}"),
                post("unknown field", something={"deep": [CARD, int(digits)]}),
                *(post("spelled", external_id=spelled, author={"id": spelled}) for spelled in SPELLED),
                *(post("replied", in_reply_to=spelled, conversation_id=spelled) for spelled in SPELLED),
                post("of another type", x={"id": [int(digits), CARD]}, y={"id": float(digits)}, z={"id": [[digits]]}),
                post("decimals", x={"id": 4111111111.111111, "where": 411111111111.1111}),
                post("no text", x={"id": [{"id": digits}, {"external_id": f"at {digits}"}]}),
                {"network": "townsquare", "text": CARD, digits: 1},
                Unreadable('{"text": "\\u0034111 1111 1111 1111"', "not JSON"),
            ],
        )
        stored = everything()
        squeezed = "".join(c for c in stored if c.isalnum())
        assert digits not in squeezed
        assert "1111" in stored
        assert Reject.objects.count() == 2

    def test_what_a_network_numbers_is_taken_for_no_card(self):
        """Every tenth number passes the Luhn test, and a post under another name could not be answered."""
        theirs = ("1843569082740888436", "113480859411376956", "dm:1906167766392279297-1847678769930804467")
        assert [identifier(own) for own in theirs] == list(theirs)


class TestRejects:
    def test_what_is_refused_is_kept_with_its_reason(self, source):
        outcome = intake.receive(source, [post(author={}), Unreadable("{", "not JSON: it ends")])

        assert statuses(outcome) == ["rejected", "rejected"]
        assert [r.reason for r in Reject.objects.order_by("pk")] == ["author.id is missing", "not JSON: it ends"]


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_one_post_sent_by_many_at_once_is_stored_once(self):
        make_queue()
        source = make_source()
        same = [post(external_id=f"ts:race{n}", author=f"racer{n % 3}") for n in range(20)]
        accepted = []

        def send() -> None:
            accepted.append(intake.receive(source, same).count("accepted"))
            connections.close_all()

        threads = [threading.Thread(target=send) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sum(accepted) == 20
        assert Mention.objects.count() == 20
        assert Conversation.objects.count() == 3
        assert Conversation.objects.get(author__external_id="racer0").inbound_count == 7


def test_a_program_that_speaks_for_no_network_changes_only_what_it_brought(source):
    source.account_id = "bank-1"
    source.save()
    rulebook.forget()
    program = ingest()
    theirs, its_own = post(external_id="ts:theirs"), post(external_id="ts:own")
    intake.receive(source, [theirs])
    early = {"network": "townsquare", "external_id": "ts:later", "op": "delete"}
    delete = [{"network": "townsquare", "external_id": f"ts:{name}", "op": "delete"} for name in ("theirs", "own")]
    forged = post("We sent you your money.", author="bank-1", external_id="ts:forged")

    told = intake.receive(program, [its_own, early, *delete, forged])
    assert statuses(told) == ["accepted", "accepted", "rejected", "accepted", "rejected"]
    intake.receive(source, [post(external_id="ts:later")])
    intake.settle()

    assert set(Mention.objects.filter(deleted_at=None).values_list("external_id", flat=True)) == {
        "ts:theirs",
        "ts:later",
    }
    assert not OwnPost.objects.exists()
    assert set(Reject.objects.values_list("external_id", flat=True)) == {"ts:theirs", "ts:forged"}


def test_a_program_names_nobody_anew_whom_a_connected_network_named(source):
    program = ingest()
    dana, elsewhere = {"id": "a-1", "handle": "dana", "name": "Dana"}, {"id": "b-1", "handle": "old", "name": "Old"}
    intake.receive(source, [post(author=dana)])
    intake.receive(program, [post(author=elsewhere, network="forum"), post(author={"id": "a-2", "handle": "new"})])
    false = {"handle": "bank", "name": "Meridian Bank", "followers": 9_000_000, "verified": True}
    intake.receive(program, [post(author=dana | false), post(author=elsewhere | false, network="forum")])
    named = dict(Author.objects.values_list("external_id", "handle"))
    assert named == {"a-1": "dana", "a-2": "new", "b-1": "bank"}
    assert Author.objects.get(external_id="a-1").verified is not True


def test_a_webhook_delivery_taken_before_adds_nothing(source):
    first = intake.receive(source, [post()], delivery="event-1")
    second = intake.receive(source, [post()], delivery="event-1")

    assert statuses(first) == ["accepted"]
    assert statuses(second) == ["duplicate"]
    assert Mention.objects.count() == 1


def test_a_name_that_is_known_outlives_a_post_that_tells_none(source):
    known = []
    for name in ("Dana Reyes", "", "Dana Cole", None):
        intake.receive(source, [post(author={"id": "dana", "handle": name, "name": name})])
        known.append(Author.objects.values_list("handle", "name").get())
    assert known == [("Dana Reyes",) * 2] * 2 + [("Dana Cole",) * 2] * 2


def test_an_event_outside_a_transaction_is_refused(transactional_db):
    with pytest.raises(Exception, match="transaction"):
        events.record("x", at=timezone.now(), by=events.SYSTEM)


def test_what_its_network_hides_is_marked_whatever_comes_first(source):
    def told(op):
        return intake.receive(source, [{"network": "townsquare", "external_id": "h1", "op": op}])

    told("show")
    told("hide")
    intake.receive(source, [post(external_id="h1")])
    assert Mention.objects.get().hidden_at is not None
    assert not PendingOperation.objects.exists()
    before = Mention.objects.get().conversation.version
    told("hide")
    assert Mention.objects.get().conversation.version == before
    told("show")
    mention = Mention.objects.get()
    assert (mention.hidden_at, mention.conversation.version) == (None, before + 1)


def test_a_hiding_that_is_told_late_does_not_undo_the_showing_that_followed(source):
    def told(op, minutes, own):
        at = (timezone.now() - timedelta(minutes=minutes)).isoformat()
        intake.receive(source, [{"network": "townsquare", "external_id": own, "op": op, "edited_at": at}])

    intake.receive(source, [post(external_id="h1")])
    for op, minutes in (("hide", 9), ("show", 5), ("hide", 8)):
        told(op, minutes, "h1")
    assert Mention.objects.get().hidden_at is None
    # The same before the post is here.
    for op, minutes in (("show", 5), ("hide", 8)):
        told(op, minutes, "h2")
    intake.receive(source, [post(external_id="h2")])
    assert not Mention.objects.exclude(hidden_at=None).exists()


def test_an_edit_that_waited_for_its_review_keeps_its_stars(source):
    edited = {"op": "edit", "text": "It crashes at every start.", "edited_at": timezone.now().isoformat()}
    intake.receive(source, [{"network": "townsquare", "external_id": "r1", "rating": 1} | edited])
    intake.receive(source, [post("I love it.", kind="review", external_id="r1", rating=5)])
    assert Mention.objects.get().rating == 1


def test_an_answer_that_is_stored_before_its_question_ends_in_one_thread_with_it(source):
    now = timezone.now()
    asked, answered = ((now - timedelta(minutes=minutes)).isoformat() for minutes in (9, 4))
    about = {"author": "dana", "conversation_id": "t1"}
    intake.receive(source, [post("And it still does not work.", created_at=answered, in_reply_to="q1", **about)])
    intake.receive(source, [post("My card was declined.", external_id="q1", created_at=asked, **about)])
    conversation = Conversation.objects.get()
    thread = conversation.mentions.order_by("occurred_at")
    assert [mention.content.text for mention in thread] == ["My card was declined.", "And it still does not work."]
    assert conversation.last_mention_id == thread.last().pk
    assert not Beside.objects.exists()


def test_followers_and_the_badge_outlive_a_post_that_does_not_tell_them(source):
    told = []
    for followers, verified in ((900, True), (None, None), (0, False)):
        who = {"id": "dana", "followers": followers, "verified": verified}
        intake.receive(source, [post(author=who)])
        told.append(Author.objects.values_list("followers", "verified").get())
    assert told == [(900, True), (900, True), (0, False)]


def test_where_it_was_written_is_forgotten_in_the_raw_record_too(source):
    place = {"lat": 35.2, "lon": -80.8, "country": "US", "place": "Charlotte"}
    intake.receive(source, [post(external_id="g1", location=place)])
    intake.receive(source, [{"network": "townsquare", "external_id": "g1", "op": "unplace"}])
    mention = Mention.objects.get()
    assert (mention.country, mention.place, mention.latitude, mention.longitude) == ("", "", None, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body ? 'location', body ? 'text' FROM mentions_rawrecord")
        assert cursor.fetchall() == [(False, True)]
    assert mention.content.text
