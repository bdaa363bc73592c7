"""Requests that come together are stored together, and none pays for another."""

import asyncio
import threading
from typing import Any

import pytest
from django.db import Error

from mentions import rulebook
from mentions.intake import Batch, Outcome
from mentions.models import Mention, Source
from mentions.writer import POSTS_AT_ONCE, WAITING_AT_MOST, Overloaded, Writer
from tests.factories import make_queue, make_source, post
from tests.faults.cuts import cut_whoever_waits, locked, superuser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source() -> Source:
    rulebook.forget()
    make_queue()
    return make_source()


@pytest.fixture(scope="module")
def writer() -> Writer:
    return Writer()


def together(writer: Writer, *batches: Batch) -> list[Any]:
    """What each of several requests of one moment gets: its outcome, or what was raised."""

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*(writer.store(batch) for batch in batches), return_exceptions=True)

    return asyncio.run(all_of_them())


def test_each_gets_its_own_outcome_in_its_own_order(writer, source):
    batches = [Batch(source, [post(external_id=f"{n}-a"), {}, post(external_id=f"{n}-b")]) for n in range(40)]
    for number, outcome in enumerate(together(writer, *batches)):
        assert [(item.external_id, item.status) for item in outcome.items] == [
            (f"{number}-a", "accepted"),
            (None, "rejected"),
            (f"{number}-b", "accepted"),
        ]
    assert Mention.objects.count() == 80


def test_what_comes_together_is_committed_together(writer, source):
    together(writer, *(Batch(source, [post()]) for _ in range(60)))
    with superuser() as elsewhere:
        (commits,) = elsewhere.execute("SELECT count(DISTINCT xmin::text) FROM mentions_mention").fetchone()
    assert commits <= 10


def test_a_batch_that_cannot_be_stored_costs_its_neighbours_nothing(writer, source):
    nowhere = Source(pk=10**9, slug="nowhere", network="townsquare", name="Nowhere")
    outcomes = together(
        writer, Batch(source, [post()]), Batch(nowhere, [post()]), Batch(source, [post()]), Batch(source, [{}])
    )
    assert isinstance(outcomes[1], Error)
    assert [outcome.count("accepted") for outcome in outcomes if isinstance(outcome, Outcome)] == [1, 1, 0]
    assert Mention.objects.count() == 2
    assert together(writer, Batch(source, [post()]))[0].count("accepted") == 1


def test_the_same_post_in_two_requests_of_one_moment_is_stored_once(writer, source):
    same = post()
    outcomes = together(writer, *(Batch(source, [same]) for _ in range(30)))
    assert sum(outcome.count("accepted") for outcome in outcomes) == 1
    assert sum(outcome.count("duplicate") for outcome in outcomes) == 29
    assert Mention.objects.count() == 1


def test_who_does_not_wait_for_the_answer_does_no_harm(writer, source):
    async def impatient() -> Outcome:
        leaving = asyncio.create_task(writer.store(Batch(source, [post(external_id="left")])))
        await asyncio.sleep(0)
        leaving.cancel()
        return await writer.store(Batch(source, [post(external_id="stayed")]))

    assert asyncio.run(impatient()).count("accepted") == 1
    assert set(Mention.objects.values_list("external_id", flat=True)) == {"left", "stayed"}


def test_whose_loop_has_ended_costs_the_others_nothing(writer, source):
    gone = asyncio.new_event_loop()

    async def hand_over() -> None:
        task = asyncio.ensure_future(writer.store(Batch(source, [post(external_id="gone")])))
        await asyncio.sleep(0)
        task.cancel()

    with locked("mentions_event"):
        gone.run_until_complete(hand_over())
        gone.close()
    assert together(writer, Batch(source, [post()]))[0].count("accepted") == 1
    assert Mention.objects.count() == 2


def test_more_than_it_can_hold_is_refused_and_everything_else_is_stored(writer, source):
    async def flood() -> tuple[list[Any], int]:
        held = [asyncio.ensure_future(writer.store(Batch(source, [post()]))) for _ in range(WAITING_AT_MOST + 700)]
        refused = 0
        with locked("mentions_event"):
            await asyncio.sleep(0.05)
            while not held[-1].done():
                held.append(asyncio.ensure_future(writer.store(Batch(source, [post()]))))
                await asyncio.sleep(0)
        outcomes = await asyncio.gather(*held, return_exceptions=True)
        refused = sum(isinstance(outcome, Overloaded) for outcome in outcomes)
        return [outcome for outcome in outcomes if isinstance(outcome, Outcome)], refused

    stored, refused = asyncio.run(flood())
    assert refused >= 1
    assert len(stored) > WAITING_AT_MOST - POSTS_AT_ONCE
    assert Mention.objects.count() == len(stored)


def test_a_connection_that_broke_while_nobody_wrote_is_mended_unseen(writer, source):
    together(writer, Batch(source, [post()]))
    with superuser() as cutter:
        cutter.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = 'glasshouse_app' "
            "AND query LIKE '%%mentions_source%%' OR query IN ('COMMIT', 'ROLLBACK')"
        )
    (outcome,) = together(writer, Batch(source, [post()]))
    assert isinstance(outcome, Outcome), outcome
    assert outcome.count("accepted") == 1


def test_a_connection_cut_in_the_middle_leaves_all_or_nothing(writer, source):
    outcomes: list[Any] = []
    storing = threading.Thread(
        target=lambda: outcomes.extend(together(writer, *(Batch(source, [post()]) for _ in range(20))))
    )
    with locked("mentions_event"):
        storing.start()
        while cut_whoever_waits(storing):
            pass
        storing.join(60)
    accepted = sum(outcome.count("accepted") for outcome in outcomes if isinstance(outcome, Outcome))
    assert accepted == 0
    assert len(outcomes) == 20
    assert not Mention.objects.exists()
    assert together(writer, Batch(source, [post()]))[0].count("accepted") == 1


def test_the_source_is_known_to_see(writer, source):
    Source.objects.filter(pk=source.pk).update(last_ok_at=None, last_error="blind")
    together(Writer(), Batch(source, [post()]))
    for _ in range(100):
        source.refresh_from_db()
        if source.last_ok_at is not None:
            break
        threading.Event().wait(0.05)
    assert source.last_ok_at is not None
    assert source.last_error == ""
