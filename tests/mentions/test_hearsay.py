"""What a program brings of a connected network before that network does: the network's own word wins."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from mentions import events, intake, naming, rulebook, search
from mentions.intake import Batch
from mentions.models import Conversation, Mention, SearchEntry, Source, Stretch
from mentions.sources import ingest
from tests.factories import make_queue, make_source, post

pytestmark = pytest.mark.django_db
TRUE = post("My card is blocked.", author="dana", external_id="ts:1")
FALSE = post("Never mind, all is well.", author="mallory", external_id="ts:1")
AT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def square(db) -> Source:
    make_queue()
    square = make_source()
    square.account_id = "bank-1"
    square.save()
    rulebook.forget()
    return square


def said() -> list[tuple[str, str, str]]:
    """The posts whose words are here: who wrote them, what, and by which source."""
    found = Mention.objects.filter(deleted_at=None).order_by("id")
    return list(found.values_list("author__external_id", "content__text", "source__slug"))


DELETE = {"network": "townsquare", "external_id": "ts:1", "op": "delete"}
EDIT = {**DELETE, "op": "edit", "text": "It works again.", "edited_at": AT.isoformat()}
STANDS = [("dana", "My card is blocked.", "square")]


@pytest.mark.parametrize("after", [[], [DELETE], [{**DELETE, "op": "hide"}]])
def test_a_networks_own_post_is_stored_whatever_a_program_brought_in_its_name(square, after):
    intake.receive(ingest(), [FALSE, *after])
    assert [item.status for item in intake.receive(square, [TRUE]).items] == ["accepted"]
    assert said() == STANDS
    assert [item.status for item in intake.receive(square, [TRUE]).items] == ["duplicate"]
    assert [item.status for item in intake.receive(ingest(), [FALSE, DELETE]).items] == ["duplicate", "rejected"]
    assert said() == STANDS
    false, true = Conversation.objects.order_by("id")
    assert (false.actionable, false.due_at) == (False, None)
    assert true.due_at is not None
    assert Stretch.objects.get(conversation=false).due_at is None


def test_a_post_that_gave_way_is_told_as_that_and_not_as_deleted_by_anybody(square):
    intake.receive(ingest(), [FALSE])
    intake.receive(square, [TRUE])
    events.Sealer().tick()
    told = [event.kind for event in events.after(0)]
    assert ("mention.gave_way" in told, "mention.deleted" in told) == (True, False)
    assert search.index_new() is False
    false, true = Mention.objects.order_by("id")
    assert SearchEntry.objects.get().mention == true
    assert "gave way" in naming.gone(false.external_id)
    assert naming.gone(true.external_id) == "The author deleted this post"


def test_of_two_that_come_in_one_moment_the_networks_is_stored(square):
    told = intake.receive_all([Batch(ingest(), [FALSE]), Batch(square, [TRUE])])
    assert [outcome.items[0].status for outcome in told] == ["duplicate", "accepted"]
    intake.receive_all([Batch(ingest(), [FALSE]), Batch(square, [TRUE])])
    assert said() == STANDS


def test_what_a_program_told_rightly_is_the_networks_from_then_on_and_counted_once(square):
    intake.receive(ingest(), [TRUE])
    opened = Conversation.objects.get()
    assert [item.status for item in intake.receive(square, [TRUE]).items] == ["duplicate"]
    assert said() == STANDS
    conversation = Conversation.objects.get()
    assert (conversation.pk, conversation.source, conversation.version) == (opened.pk, square, opened.version + 1)
    assert Stretch.objects.get().source_id == square.pk
    events.Sealer().tick()
    assert [event.kind for event in events.after(0)] == ["mention.received", "mention.confirmed"]
    assert [item.status for item in intake.receive(ingest(), [DELETE]).items] == ["rejected"]


def test_where_its_author_waits_there_already_a_true_post_keeps_its_conversation(square):
    intake.receive(square, [post("Hello?", author="dana", external_id="ts:0")])
    intake.receive(ingest(), [TRUE])
    intake.receive(square, [TRUE])
    assert Conversation.objects.count() == 2
    assert {source for _, _, source in said()} == {"square"}


@pytest.mark.parametrize("change", [DELETE, EDIT])
def test_any_order_of_a_programs_word_and_its_networks_ends_the_same(square, change):
    told = [(ingest(), FALSE), (square, TRUE), (square, change)]
    for n, order in enumerate(permutations(told)):
        for source, item in order:
            intake.receive(source, [{**item, "external_id": f"ts:{n}"}])
            intake.settle()
        last = said()[-1:] if change is EDIT else said()
        assert last == ([("dana", "It works again.", "square")] if change is EDIT else []), order
        assert Mention.objects.filter(deleted_at=None).count() == (n + 1 if change is EDIT else 0)
