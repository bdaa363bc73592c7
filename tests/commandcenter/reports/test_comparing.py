"""What stands beside a period is like it, or is not called better or worse than it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.http import QueryDict

from agents import cases
from agents.models import Role, User
from commandcenter import brief, metrics, periods, reports, stocks
from commandcenter.reports import Content, asking, briefing
from mentions.models import Conversation, Source
from tests.commandcenter.history import COMPLAINT, answer, conversation, hear, settle
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# A Sunday at nine, and the midnight before.
MIDNIGHT = periods.midnight(date(2024, 3, 17))
NINE = MIDNIGHT + 9 * HOUR


@pytest.fixture
def sam(db: None) -> User:
    make_queue("care")
    return make_person("sam", role=Role.SUPERVISOR)


@pytest.fixture
def square(sam: User) -> Source:
    return make_source("square")


def told(key: str, query: str, *, now: datetime = NINE) -> Content:
    manager = make_person("mary", role=Role.MANAGER, teams=())
    return reports.get(key).content(asking.read(key, QueryDict(query), by=manager, now=now))


def closed(square: Source, author: str, at: datetime, by: User) -> int:
    """A complaint that is closed within the hour; returns its conversation."""
    talk = conversation(hear(square, COMPLAINT, at=at - HOUR, author=author))
    answer(talk, by=by, at=at)
    cases.close(talk.pk, disposition="solved", by=by, now=at)
    return talk.pk


def test_waits_of_a_day_that_runs_are_not_shorter_since_the_long_ones_still_run(square: Source, sam: User) -> None:
    """Two Sundays alike: what comes at night is answered at eleven, what comes in the morning within five minutes."""
    for midnight in (MIDNIGHT - timedelta(days=7), MIDNIGHT):
        for number in range(16):
            asleep, awake = midnight + HOUR, midnight + 8 * HOUR
            night = conversation(hear(square, COMPLAINT, at=asleep, author=f"night {number} {midnight}"))
            morning = conversation(hear(square, COMPLAINT, at=awake, author=f"morning {number} {midnight}"))
            answer(morning, by=sam, at=awake + timedelta(minutes=5))
            if midnight < MIDNIGHT:
                answer(night, by=sam, at=midnight + 11 * HOUR)
    settle(now=NINE)
    day = MIDNIGHT.date()
    running = told("response", f"from={day}&to={day}")
    said = [str(one.change) for one in running.headlines] + [str(one.answer) for one in running.sections]
    assert not [one for one in said if "shorter" in one or "longer" in one]
    assert "Sun 10 Mar" in str(running.headlines[1].change), "what it was stands there all the same"
    tomorrow = MIDNIGHT + timedelta(days=1)
    for night in Conversation.objects.filter(first_replied_at=None):
        answer(night, by=sam, at=MIDNIGHT + 10 * HOUR)
    settle(now=tomorrow)
    over = told("response", f"from={day}&to={day}", now=tomorrow)
    assert "shorter" in str(over.headlines[1].change), "a day that is over is compared with one"


def test_what_was_closed_this_week_stays_closed_no_better_than_what_had_its_week(square: Source, sam: User) -> None:
    for number in range(40):
        at = NINE - timedelta(days=13, hours=-8 * number)
        pk = closed(square, f"c{number}", at, sam)
        if number % 10 == 0:
            cases.reopen(pk, by=sam, now=at + timedelta(hours=30))
    settle(now=NINE)
    content = told("resolution", f"from={NINE.date() - timedelta(days=6)}&to={NINE.date()}")
    stays = str(content.headlines[4].change), str(content.sections[1].answer)
    assert not [one for one in stays if "better" in one or "worse" in one]
    assert stays[0].startswith("the 7 days before: ")


def test_the_rate_before_of_a_topic_is_that_of_the_report_of_answers(square: Source, sam: User) -> None:
    """A week ago two wrote of their card; one was answered by nine, the other at noon."""
    week_ago = NINE - timedelta(days=7)
    for author, at in (("early", week_ago - HOUR), ("late", week_ago + 3 * HOUR)):
        talk = conversation(hear(square, COMPLAINT, at=week_ago - 2 * HOUR, author=author))
        answer(talk, by=sam, at=at)
    hear(square, COMPLAINT, at=NINE - HOUR, author="today")
    settle(now=NINE)
    days = f"from={NINE.date() - timedelta(days=6)}&to={NINE.date()}"
    rates = {line.key: line for line in told("response", f"{days}&topic=card-declined").sections[0].lines}
    answered = next(one for one in told("topics", days).sections if one.key == "answered")
    (line,) = (one for one in answered.lines if one.key == "card-declined")
    assert line.figures[-1].value == rates["before"].figures[3].value == 50
    assert line.figures[-1].rows is not None
    assert "by" in line.figures[-1].rows.narrowed


def test_a_day_that_is_over_is_compared_with_what_another_was_after_as_long(square: Source, sam: User) -> None:
    """Who writes at eleven at night is answered at ten: at nine the next morning no Saturday is better than another."""
    for midnight in (MIDNIGHT - timedelta(days=8), MIDNIGHT - timedelta(days=1)):
        for number in range(20):
            late = conversation(hear(square, COMPLAINT, at=midnight + 23 * HOUR, author=f"late {number} {midnight}"))
            soon = conversation(hear(square, COMPLAINT, at=midnight + 8 * HOUR, author=f"soon {number} {midnight}"))
            answer(soon, by=sam, at=midnight + 9 * HOUR)
            if midnight + 34 * HOUR < NINE:
                answer(late, by=sam, at=midnight + 34 * HOUR)
    settle(now=NINE)
    day = MIDNIGHT.date() - timedelta(days=1)
    week_ago = "the same as Sat 9 Mar (50% of 40)"
    content = told("response", f"from={day}&to={day}")
    assert str(content.headlines[0].change) == week_ago
    first, longest = (str(one.change) for one in content.headlines[1:3])
    assert (first, longest.split(":")[0]) == ("Sat 9 Mar: 6 h 00 min, n = 40", "Sat 9 Mar"), "half of them still wait"
    (before,) = (line for line in content.sections[0].lines if line.key == "before")
    assert [figure.value for figure in before.figures[:4]] == [40, 20, 20, 50]
    assert before.figures[1].rows is not None
    assert before.figures[1].rows.narrowed["by"] == "2024-03-10T13:01Z", "nine in the bank's zone, its minute included"
    made = brief.make(NINE)
    assert made.rate == made.rate_before
    (first,) = (line.beside for line in briefing.parts(made, {})[0].lines if line.title == "First answer, median")
    assert first.endswith("; 20 still wait")


def test_the_backlog_grew_by_what_is_open_more(square: Source, sam: User) -> None:
    """Closed last week, opened again on Monday, closed on Tuesday: one more was closed than came in."""
    monday = MIDNIGHT - timedelta(days=6)
    pk = closed(square, "again", monday - timedelta(days=2), sam)
    cases.reopen(pk, by=sam, now=monday + 9 * HOUR)
    cases.claim(pk, by=sam, now=monday + 30 * HOUR)
    cases.close(pk, disposition="solved", by=sam, now=monday + 33 * HOUR)
    hear(square, COMPLAINT, at=NINE - HOUR, author="open")
    settle(now=NINE)
    while stocks.take(now=NINE):
        pass
    begun = stocks.backlog_at(monday)
    assert begun == {None: begun[None]} if begun else begun is not None
    flow = told("backlog", f"from={monday.date()}&to={NINE.date()}").sections[-1]
    assert str(flow.answer).startswith("It grew by 1: 1 came in, 1 closed.")
    assert metrics.backlog(NINE)[None].n == 1
    week = told("backlog", f"from={monday.date()}&to={MIDNIGHT.date() - timedelta(days=1)}").sections[-1]
    assert str(week.answer).startswith("It stands where it stood: 0 came in, 1 closed.")
