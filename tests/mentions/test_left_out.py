"""What is nobody's source is not asked, and what was deleted while it was read does not come back."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction
from django.utils import timezone

from mentions import events, intake
from mentions.listening import noting
from mentions.models import Beside, Consumer, Heard, Mention, SavedSearch, Source
from mentions.sandbox import square
from mentions.sources import beside, watch
from tests.factories import make_queue, make_source, post
from tests.faults.cuts import until_waiting
from tests.mentions.watching import AGO

pytestmark = pytest.mark.django_db


def test_an_exercises_stand_in_is_neither_asked_nor_missed():
    source = Source.objects.filter(pk=make_source(origin="drill", rhythm_s=60).pk)
    source.update(created_at=timezone.now() - 2 * AGO, last_ok_at=timezone.now() - 2 * AGO)
    for origin, missed in (("drill", 0), ("live", 1)):
        source.update(origin=origin)
        Consumer.objects.update_or_create(name="source watch")
        Consumer.objects.update(updated_at=timezone.now() - AGO)
        assert watch.note_late(timezone.now()) == missed
        assert missed or not watch.reconcile_due()
        assert watch.note_standstill(timezone.now()) == missed


def test_the_words_that_a_search_found_in_a_deleted_post_go_with_it():
    make_queue()
    source = make_source()
    search = SavedSearch.objects.create(name="Airport", query="airport", kind="ours")
    intake.receive(source, [post("at the airport", external_id="ts:x")])
    events.Sealer().tick()
    noting.note_new()
    found = Heard.objects.get()
    assert (found.search, found.words) == (search, ["airport"])
    intake.receive(source, [{"network": "townsquare", "external_id": "ts:x", "op": "delete"}])
    assert not Heard.objects.exists()

    found.pk = None  # as one who had read the post before it was deleted writes it
    found.save()
    events.Sealer().tick()
    noting.note_new()
    assert not Heard.objects.exists()
    assert Mention.objects.get().deleted_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_post_beside_that_was_deleted_while_it_was_asked_for_stays_away(town: Source):
    parent = square.write("customer42", "words that are gone")
    Beside.objects.create(source=town, network="townsquare", external_id=f"ts:{parent.key}", next_at=timezone.now())

    def ask() -> None:
        assert beside.fetch_wanted()
        connections.close_all()

    asking = threading.Thread(target=ask)
    with transaction.atomic():
        Beside.objects.update(state="gone", next_at=None)
        asking.start()
        until_waiting(1)
    asking.join()
    assert (Beside.objects.get().state, Beside.objects.get().text) == ("gone", "")
