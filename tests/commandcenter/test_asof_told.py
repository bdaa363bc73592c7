"""A conversation as it was at an earlier moment, told by its events as its row said it then."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone

from agents import bulk, cases, returns, undoing
from agents.models import Case, User
from commandcenter import asof, metrics
from mentions import events, intake
from mentions.models import Conversation, Mention, SavedSearch, Source, Stretch
from tests.commandcenter.history import COMPLAINT, SPAM, hear, settle
from tests.factories import make_queue, make_rule, make_source, post

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def test_what_was_undone_is_told_as_rows_and_events_have_it(sam: User, then: datetime) -> None:
    """A dismissal and a word that an answer is needed, each undone: at every step the events give what the row said."""
    square = make_source("square")
    told = ((SPAM, "bot"), (COMPLAINT, "ana"))
    spam, asked = (hear(square, text, at=then - 5 * HOUR, author=name).conversation_id or 0 for text, name in told)
    fields = ("pk", "state", "actionable", "closed_at", "reopened_count", "queued_at")
    steps: list[tuple[datetime, list[Any]]] = []

    def step(number: int, *deeds: Any) -> None:
        for deed in deeds:
            deed(then + number * HOUR)
        steps.append((then + number * HOUR, list(Conversation.objects.order_by("pk").values_list(*fields))))

    done: list[Any] = []
    step(0)
    step(1, lambda at: done.append(bulk.need_many([spam], by=sam, now=at).action))
    step(2, lambda at: done.append(bulk.dismiss_many([asked], why="spam", by=sam, now=at).action))
    step(3, *(lambda at, n=n: undoing.undo(done[n].pk, by=sam, now=at) for n in (0, 1)))
    step(4, *(lambda at, pk=pk: bulk.need_many([pk], by=sam, now=at) for pk in (spam, asked)))
    settle()
    assert [row[4] for _at, rows in steps for row in rows] == [0, 0, 1, 0, 1, 0, 0, 0, 1, 0]
    assert steps[3][1][0][3] == steps[0][1][0][3] is not None
    for at, rows in steps:
        with asof.known(at):
            assert list(Conversation.objects.order_by("pk").values_list(*fields)) == rows, at


def test_whatever_moves_a_conversation_every_hour_is_told_as_its_rows_said(sam: User, then: datetime) -> None:
    """Thumbs and late posts, closings that did not hold, owners who left, other queues: row by row, hour by hour."""
    square = make_source("square")
    make_rule(make_queue("fraud"), conditions={"words_any": ["robbed"]}, priority=1)
    names = ("thumb", "late", "shut", "moved", "again", "left", "undone")
    told = {name: hear(square, COMPLAINT, at=then, author=name).conversation_id or 0 for name in names}
    steps: list[tuple[datetime, Any]] = []

    def rows() -> tuple[list[Any], list[Any]]:
        talks = ("pk", "state", "queue_id", "queued_at", "closed_at", "waiting_since", "due_at", "paused_at")
        waits = ("pk", "stopped_at", "reply_id", "seconds", "met")
        return (
            list(Conversation.objects.order_by("pk").values_list(*talks)),
            list(Stretch.objects.order_by("pk").values_list(*waits)),
        )

    def at(hours: float) -> datetime:
        return then + hours * HOUR

    def step(hours: float, *deeds: Any) -> None:
        for deed in deeds:
            deed(at(hours))
        steps.append((at(hours), rows()))

    def post_late(name: str, text: str = COMPLAINT) -> Any:
        return lambda now: hear(square, text, at=now - 0.4 * HOUR, received=now, author=name)

    def claim(name: str) -> Any:
        return lambda now: cases.claim(told[name], by=sam, now=now)

    def close(name: str) -> Any:
        return lambda now: cases.close(told[name], disposition="solved", by=sam, now=now)

    def pend(now: datetime) -> None:
        cases.pend(told["left"], on="pending_customer", until=at(4), by=sam, now=now)

    def leave(now: datetime) -> None:
        held = Case.objects.get(conversation=told["left"], ended_at=None)
        assert returns.vacate(held.pk, by=events.SYSTEM, now=now)

    done: list[Any] = []
    step(0)
    step(1, *map(claim, ("shut", "again", "left")), lambda now: hear(square, "👍", at=now, author="thumb"))
    step(2, *map(close, ("shut", "again")), pend)
    step(2.1, lambda now: hear(square, COMPLAINT, at=then - HOUR, received=now, author="late"))
    step(2.5, post_late("moved", "@bank I was robbed, please help"), leave)
    step(
        3,
        lambda now: done.append(
            bulk.transfer_many([told["undone"]], to=make_queue("fraud"), reason="theirs", by=sam, now=now)
        ),
        lambda now: cases.reopen(told["shut"], by=sam, now=now),
        post_late("again"),
    )
    step(
        4, lambda now: returns.wake(told["left"], now=now), lambda now: undoing.undo(done[0].action.pk, by=sam, now=now)
    )
    step(5, *map(claim, names))
    settle()
    stood = {name: [row[1] for _at, (talks, _w) in steps for row in talks if row[0] == told[name]] for name in names}
    assert stood["left"] == ["waiting", "claimed", *["pending_customer"] * 4, "waiting", "claimed"]
    assert stood["shut"] == ["waiting", "claimed", *["closed"] * 3, "waiting", "waiting", "claimed"]
    assert len({row[2] for _at, (talks, _w) in steps for row in talks if row[0] == told["moved"]}) == 2
    for moment, (talks, waits) in steps:
        with asof.known(moment):
            assert rows() == (talks, waits), (moment - then) / HOUR


def test_a_post_that_a_search_had_heard_is_waited_for_since_it_was_ours(sam: User, then: datetime) -> None:
    """Written before noon, addressed to us at noon, claimed and closed later: an hour after noon it stands there."""
    square = make_source("square")
    search = SavedSearch.objects.create(name="Us", query="bank", kind="ours")
    searched = Source.objects.create(slug="search", network="townsquare", name="Search", search=search, via=square)
    item = post(COMPLAINT, created_at=(then - HOUR).isoformat(), author="dana")
    intake.receive(searched, [item], now=then - HOUR)
    (result,) = intake.receive(square, [item], now=then).items
    assert result.status == "accepted"
    ours = Conversation.objects.get()
    cases.claim(ours.pk, by=sam, now=then + 2 * HOUR)
    cases.close(ours.pk, disposition="solved", by=sam, now=then + 3 * HOUR)
    settle()
    states = []
    for hours in (-0.5, 1, 2.5, 3.5):
        with asof.known(then + hours * HOUR):
            states.append([(one.state, bool(one.closed_at)) for one in Conversation.objects.all()])
    assert states == [[], [("waiting", False)], [("claimed", False)], [("closed", True)]]
    with asof.known(then + HOUR):
        assert metrics.backlog(then + HOUR)[None].n == 1


@pytest.mark.django_db(transaction=True)
def test_a_past_moment_is_the_same_whenever_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A post that was stamped before the moment is being stored while its figures are asked for."""
    make_queue()
    square, stamped, asked = make_source("square"), threading.Event(), threading.Event()
    monkeypatch.setattr(asof, "STAMPED", timedelta(0))

    def store() -> None:
        with transaction.atomic():
            intake.receive(square, [post()], now=timezone.now())
            stamped.set()
            asked.wait(5)
        connections.close_all()

    def hurry(seconds: float) -> None:
        asked.set()
        other.join(seconds)

    monkeypatch.setattr(asof.time, "sleep", hurry)
    other = threading.Thread(target=store)
    other.start()
    assert stamped.wait(5)
    moment = timezone.now()
    with asof.known(moment):
        at_once = Mention.objects.count()
    asked.set()
    other.join()
    with asof.known(moment):
        assert Mention.objects.count() == at_once == 1
