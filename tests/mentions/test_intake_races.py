"""What comes at the same time, or in the wrong order, ends as if it had come in the right one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from mentions import events, intake, rulebook
from mentions.intake import Outcome, operations
from mentions.models import Author, Conversation, Mention, OwnPost, PendingOperation, Reject, SavedSearch, Source
from tests.factories import make_queue, make_source, post
from tests.faults.cuts import until_waiting
from tests.mentions.stored import everything

WORDS = "words of a stranger"


def change(op: str, **fields: object) -> dict[str, object]:
    told = {"text": WORDS, "edited_at": timezone.now().isoformat()} if op == "edit" else {}
    return {"network": "townsquare", "external_id": "ts:x", "op": op, **told, **fields}


@pytest.mark.django_db
class TestWordsOfDeletedPosts:
    @pytest.fixture(autouse=True)
    def queue(self):
        make_queue()

    @pytest.mark.parametrize("together", [True, False])
    @pytest.mark.parametrize("order", [("edit", "delete"), ("delete", "edit")])
    def test_wait_nowhere_whatever_comes_first(self, order, together):
        source, changes = make_source(), [change(op) for op in order]
        for batch in [changes] if together else [[one] for one in changes]:
            intake.receive(source, batch)
        assert WORDS not in everything()
        assert PendingOperation.objects.get().op == "delete"

    def test_wait_nowhere_though_each_missed_the_other(self):
        for op, text, at in (("edit", WORDS, timezone.now()), ("delete", "", None)):
            PendingOperation.objects.create(
                network="townsquare", external_id="ts:x", op=op, text=text, edited_at=at, received_at=timezone.now()
            )
        intake.settle()
        assert PendingOperation.objects.get().op == "delete"

    def test_are_not_refused_input_either(self):
        source = make_source()
        intake.receive(source, [change("delete")])
        intake.receive(source, [post(WORDS, external_id="ts:x", author={}), post(WORDS, external_id="ts:y", author={})])
        assert list(Reject.objects.values_list("external_id", flat=True)) == ["ts:y"]

    def test_of_a_post_that_never_comes_go_after_a_month(self):
        intake.receive(make_source(), [change("edit"), change("delete", external_id="ts:z")])
        PendingOperation.objects.update(received_at=timezone.now() - operations.WAITS + timedelta(minutes=1))
        intake.settle()
        assert PendingOperation.objects.count() == 2
        PendingOperation.objects.update(received_at=timezone.now() - operations.WAITS)
        intake.settle()
        assert PendingOperation.objects.get().op == "delete"


@pytest.mark.django_db
@pytest.mark.parametrize("op", ["edit", "delete"])
def test_a_change_of_our_own_post_that_was_being_stored_finds_it(op):
    now = timezone.now()
    OwnPost.objects.create(
        source=make_source(),
        network="townsquare",
        external_id="ts:x",
        account_id="bank",
        kind="post",
        visibility="public",
        text="ours",
        verdict="ours",
        network_at=now,
        received_at=now,
        compare_from=now,
    )
    told = change(op)
    PendingOperation.objects.create(
        network="townsquare",
        external_id="ts:x",
        op=op,
        text=told.get("text", ""),
        edited_at=told.get("edited_at"),
        received_at=now,
    )
    assert intake.settle() == 1
    own = OwnPost.objects.get()
    assert (own.text, own.verdict) == ((WORDS, "new") if op == "edit" else ("", "ours"))
    assert not PendingOperation.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestAdoption:
    """A post that only a search had heard, and that is delivered to us."""

    @pytest.fixture
    def heard(self) -> Mention:
        make_queue()
        square = make_source()
        search = SavedSearch.objects.create(name="Rival", query="rival", kind="rival", voice="Rival")
        searched = Source.objects.create(slug="search", network="townsquare", name="Search", search=search, via=square)
        intake.receive(searched, [post(external_id="ts:both", author="dana")])
        rulebook.forget()
        return Mention.objects.get()

    def arriving(self, source: Source) -> tuple[threading.Thread, list[Outcome]]:
        outcomes: list[Outcome] = []

        def receive() -> None:
            outcomes.append(intake.receive(source, [post(external_id="ts:both", author="dana")]))
            connections.close_all()

        thread = threading.Thread(target=receive)
        thread.start()
        return thread, outcomes

    def meanwhile(self, sources: list[Source], do: Callable[[], object] = lambda: None) -> list[str]:
        """What becomes of deliveries that have seen the post before `do`, and store it after."""
        with transaction.atomic():
            Author.objects.select_for_update().get()
            arriving = [self.arriving(source) for source in sources]
            until_waiting(len(arriving))
            do()
        for thread, _ in arriving:
            thread.join()
        return sorted(item.status for _, outcomes in arriving for item in outcomes[0].items)

    def test_happens_once_where_two_accounts_are_told_in_one_moment(self, heard):
        statuses = self.meanwhile([make_source(), make_source("other", handle="other")])
        assert statuses == ["accepted", "duplicate"]
        assert Conversation.objects.get().inbound_count == 1
        events.Sealer().tick()
        assert [event.kind for event in events.after(0)].count("mention.adopted") == 1

    def test_opens_nothing_for_what_was_deleted_meanwhile(self, heard):
        statuses = self.meanwhile([make_source()], lambda: intake.receive(make_source(), [self.gone]))
        assert statuses == ["duplicate"]
        assert not Conversation.objects.exists()

    gone = change("delete", external_id="ts:both")
