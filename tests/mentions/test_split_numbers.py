"""A number that somebody spread over several posts stays masked, whatever is told of them later."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from mentions import events, intake, search
from mentions.models import Mention, MentionContent
from mentions.sources import sweep
from tests.factories import make_queue, make_source, post
from tests.mentions.stored import everything

pytestmark = pytest.mark.django_db
HALVES = ("my card is 4111 1111", "1111 1111 thanks")


@pytest.fixture
def source():
    make_queue()
    return make_source()


def said(*texts: str) -> list[dict[str, Any]]:
    now = timezone.now()
    return [
        post(text, external_id=f"ts:part{n}", author="dana", created_at=(now - timedelta(minutes=9 - n)).isoformat())
        for n, text in enumerate(texts)
    ]


def edit(name: str, text: str) -> dict[str, Any]:
    return {
        "network": "townsquare",
        "external_id": name,
        "op": "edit",
        "text": text,
        "edited_at": timezone.now().isoformat(),
    }


def texts() -> list[str]:
    return list(MentionContent.objects.order_by("mention__external_id").values_list("text", flat=True))


def index() -> None:
    events.Sealer().tick()
    search.index_new()


def test_over_three_messages_it_is_masked_in_all_of_them(source):
    for part in said("it is 4111 1111", "then 1111", "and the last 1111"):
        intake.receive(source, [part])
    assert texts() == ["it is ••••", "then ••••", "and the last •••• 1111"]


def test_what_comes_out_of_order_is_read_in_its_place(source):
    first, second, third = said("it is 4111 1111", "then 1111", "and the last 1111")
    for part in (third, first, second):
        intake.receive(source, [part])
    assert texts() == ["it is ••••", "then ••••", "and the last •••• 1111"]


@pytest.mark.parametrize("told", ["post", "edit"])
def test_what_comes_long_after_the_next_ones_is_read_in_its_place(source, told):
    first, *others = said(*HALVES, "please help", "hello?", "anybody?")
    for part in others:
        intake.receive(source, [part])
    if told == "edit":
        intake.receive(source, [first | {"text": "my card is"}])
        intake.receive(source, [edit("ts:part0", HALVES[0])])
    else:
        intake.receive(source, [first])
    index()
    assert texts()[:2] == ["my card is ••••", "•••• 1111 thanks"]
    assert "4111" not in everything()


def test_what_the_network_still_says_is_no_edit(source):
    parts = said(*HALVES)
    for part in parts:
        intake.receive(source, [part])
    assert texts() == ["my card is ••••", "•••• 1111 thanks"]

    found = {part["external_id"]: part for part in parts}
    assert sweep.changes("townsquare", found, timezone.now()) == []
    found["ts:part1"] = parts[1] | {"text": "thanks anyway"}
    assert [change["text"] for change in sweep.changes("townsquare", found, timezone.now())] == ["thanks anyway"]


@pytest.mark.parametrize("apart", [True, False])
def test_an_edit_of_a_part_brings_it_back_nowhere(source, apart):
    parts = said(*HALVES)
    for batch in [[part] for part in parts] if apart else [parts]:
        intake.receive(source, batch)
    index()
    intake.receive(source, [edit("ts:part0", "My card is 4111 1111!"), edit("ts:part1", "1111-1111 thanks")])
    index()
    assert texts() == ["My card is ••••!", "•••• thanks"]
    assert "4111" not in everything()


def test_an_edit_that_completes_a_number_masks_what_was_said_before_and_since(source):
    for part in said("my card is", "1111 1111 thanks", "are you there?"):
        intake.receive(source, [part])
    index()
    intake.receive(source, [edit("ts:part0", HALVES[0])])
    assert texts() == ["my card is ••••", "•••• 1111 thanks", "are you there?"]
    index()
    stored = everything()
    assert "1111 1111" not in stored
    assert "4111" not in stored


def test_an_edit_that_waited_for_its_post_completes_one_too(source):
    first, second = said("my card is", "1111 1111 thanks")
    intake.receive(source, [second, edit("ts:part0", HALVES[0])])
    intake.receive(source, [first])
    assert texts() == ["my card is ••••", "•••• 1111 thanks"]
    assert "4111" not in everything()


def test_earlier_words_of_an_edited_post_are_masked_with_it(source):
    first, second = said(*HALVES)
    intake.receive(source, [first])
    intake.receive(source, [edit("ts:part0", "My card is 4111 1111!")])
    intake.receive(source, [second])
    assert texts() == ["My card is ••••!", "•••• 1111 thanks"]
    assert "4111" not in everything()


def test_what_is_masked_later_is_indexed_anew_and_shown_anew(source):
    first, second = said(*HALVES)
    intake.receive(source, [first])
    events.Sealer().tick()
    intake.receive(source, [second])
    events.Sealer().tick()
    masked = [event for event in events.after(0) if event.kind == "mention.masked"]
    assert [event.mention_id for event in masked] == [Mention.objects.get(external_id="ts:part0").pk]
    assert masked[0].conversation_id is not None


def test_an_edit_of_a_post_with_other_numbers_keeps_them(source):
    for part in said("since 12/05/2026", "call 415-555-0134"):
        intake.receive(source, [part])
    intake.receive(source, [edit("ts:part0", "since 13/05/2026, case 41111111")])
    assert texts() == ["since 13/05/2026, case 41111111", "call 415-555-0134"]


def test_the_kept_hash_of_words_can_be_made_by_nobody_else(source):
    intake.receive(source, said("my card is"))
    intake.receive(source, [edit("ts:part0", HALVES[0])])
    assert Mention.objects.get().edit_hash not in ("", hashlib.sha256(HALVES[0].encode()).hexdigest())
