"""Figures as they were known: what happened later changes none of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from agents import cases, judgement
from agents.models import Role, User
from commandcenter import asof, periods, reports, rollups
from commandcenter.reports import asking
from mentions import intake
from mentions.models import Conversation, Mention, Source
from tests.commandcenter.history import answer, hear, settle
from tests.factories import make_person, make_queue, make_rule, make_source

pytestmark = pytest.mark.django_db

COMPLAINT = "@bank my card was declined again, please help me"
LOVE = "I love the new app of @bank, it is wonderful, great work"
HOUR = timedelta(hours=1)


@pytest.fixture
def then() -> datetime:
    """Noon two days ago."""
    return periods.midnight(periods.bank_day(timezone.now()) - timedelta(days=2)) + 12 * HOUR


@pytest.fixture
def sam(db: None) -> User:
    make_queue("care")
    make_rule(make_queue("fraud"), conditions={"words_any": ["stolen"]})
    return make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))


@pytest.fixture
def mary(db: None) -> User:
    return make_person("mary", role=Role.MANAGER, teams=())


def talk(mention: Mention) -> Conversation:
    return Conversation.objects.get(pk=mention.conversation_id)


def _before(square: Source, sam: User, then: datetime) -> dict[str, Mention]:
    """Six people write in the days before; some are answered, one is closed, one held, one marked."""
    told = {
        name: hear(square, COMPLAINT, at=then - back * HOUR, author=name)
        for name, back in (("open", 5), ("held", 6), ("answered", 30), ("closed", 50), ("marked", 8), ("moved", 70))
    }
    answer(talk(told["answered"]), by=sam, at=then - 29 * HOUR)
    answer(talk(told["closed"]), by=sam, at=then - 49 * HOUR)
    cases.close(told["closed"].conversation_id, disposition="solved", by=sam, now=then - 48 * HOUR)
    cases.claim(told["held"].conversation_id, by=sam, now=then - HOUR)
    judgement.mark_actionable(
        told["marked"].conversation_id, actionable=None, reason="unclear", by=sam, now=then - HOUR
    )
    return told


def _after(square: Source, sam: User, then: datetime, told: dict[str, Mention]) -> None:
    """Whatever could change a figure of those days."""
    late = then + HOUR
    answer(talk(told["open"]), by=sam, at=late)
    cases.release(told["held"].conversation_id, by=sam, now=late)
    cases.dismiss(told["held"].conversation_id, why="no_reply_needed", by=sam, now=late + HOUR)
    cases.close(told["answered"].conversation_id, disposition="solved", by=sam, now=late)
    cases.reopen(told["closed"].conversation_id, by=sam, now=late)
    judgement.mark_actionable(told["marked"].conversation_id, actionable=False, reason="not us", by=sam, now=late)
    cases.transfer(told["moved"].conversation_id, to=make_queue("fraud"), by=sam, now=late)
    judgement.correct(told["moved"], field="sentiment", value=1, by=sam, now=late)
    judgement.correct(told["moved"], field="topics", value=["fees"], by=sam, now=late)
    post = {"network": told["open"].network, "external_id": told["open"].external_id}
    intake.receive(square, [post | {"op": "edit", "text": LOVE, "edited_at": late.isoformat()}], now=late)
    gone = {"network": told["held"].network, "external_id": told["held"].external_id, "op": "delete"}
    intake.receive(square, [gone], now=late)
    hear(square, COMPLAINT, at=then - 20 * HOUR, received=late, author="late")
    hear(square, COMPLAINT, at=late, author="answered")


def _figures(by: User, key: str, query: str, now: datetime) -> list[tuple[Any, ...]]:
    found = reports.get(key)
    ask = asking.read(key, QueryDict(query), by=by, now=now, without=found.without)
    with asof.known(ask.as_of):
        content = found.content(ask)
    return [
        (section.key, line.key, column.key, figure.value)
        for section in content.sections
        for line in section.lines
        for column, figure in zip(section.columns, line.figures, strict=True)
    ] + [(str(one.title), one.figure.value, one.n, one.change) for one in content.headlines]


def test_every_figure_of_every_report_is_what_it_was_then(sam: User, mary: User, then: datetime) -> None:
    square = make_source("square")
    told = _before(square, sam, then)
    settle(now=then)
    day = periods.bank_day(then)
    query = f"from={day - timedelta(days=6)}&to={day}"
    known = {key: _figures(mary, key, query, then) for key in reports.every()}
    _after(square, sam, then, told)
    settle()
    now = timezone.now()
    asked = f"{query}&as_of={asking.spelled(then)}"
    changed = 0
    for key, figures in known.items():
        assert _figures(mary, key, asked, now) == figures, key
        changed += _figures(mary, key, f"{query}", now) != figures
    assert changed > 5, "and what happened later is told today"
    assert asof.at() is None
    assert rollups.stored_until() is not None
    assert asof.untold(then) == (0, 0)


def test_the_page_says_as_of_when_and_its_rows_are_as_many(sam: User, mary: User, then: datetime) -> None:
    square = make_source("square")
    told = _before(square, sam, then)
    _after(square, sam, then, told)
    settle()
    client, day = Client(), periods.bank_day(then)
    client.force_login(mary)
    query = f"from={day - timedelta(days=6)}&to={day}&as_of={asking.spelled(then)}"
    page = client.get(f"/reports/volume/?{query}").content.decode()
    assert "As it was known on" in page
    assert "definitions of version 1" in page
    rows = client.get(f"/reports/volume/rows/?{query}&list=mentions").content.decode()
    assert ">6<" in rows
    lines = client.get(f"/reports/volume/rows.csv?{query}&list=mentions").content.decode().strip().splitlines()
    assert len(lines) == 7
    assert "As it was known" not in client.get(f"/reports/volume/?from={day}&to={day}").content.decode()


def test_a_day_means_its_end_and_what_is_not_over_means_now(mary: User, then: datetime) -> None:
    day, now = periods.bank_day(then), timezone.now()
    read = asking.read("volume", QueryDict(f"as_of={day}"), by=mary, now=now)
    assert read.as_of == periods.midnight(day + timedelta(days=1))
    assert asking.read("volume", QueryDict(f"as_of={periods.bank_day(now)}"), by=mary, now=now).as_of is None
    with pytest.raises(asking.Unclear):
        asking.read("volume", QueryDict("as_of=yesterday"), by=mary, now=now)
