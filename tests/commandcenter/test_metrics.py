"""What each figure counts and what it leaves out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from agents import cases, judgement
from agents.models import Role, User
from commandcenter import glossary, metrics, periods
from commandcenter.metrics import Attainment, Change, Filters, Period, Rate, Waits
from mentions.models import Queue, Source
from tests.commandcenter.history import LOVE, SPAM, answer, conversation, hear, settle
from tests.factories import make_person, make_policy, make_queue, make_rule, make_source

pytestmark = pytest.mark.django_db
ANGRY = "@bank this is terrible, my card was declined, I am furious"


@pytest.fixture
def now() -> datetime:
    """Noon of a day that is over, so that whatever the tests' own hour is, there is a morning."""
    return periods.midnight(periods.bank_day(timezone.now()) - timedelta(days=1)) + timedelta(hours=12)


@pytest.fixture
def sam(db: None) -> User:
    make_queue("care")
    make_rule(make_queue("fraud"), conditions={"words_any": ["stolen"]})
    return make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))


@pytest.fixture
def square(sam: User) -> Source:
    return make_source()


def test_mentions_today_stand_beside_yesterday_and_a_week_ago_at_this_minute(square: Source, now: datetime) -> None:
    for back, minutes in ((0, 1), (0, 0), (1, 5), (1, -5), (7, 30), (7, -1), (2, 5)):
        hear(square, at=periods.moved(now, -back) - timedelta(minutes=minutes))
    settle()
    told = metrics.mentions_today(now)
    assert (told.value, told.yesterday, told.week_ago) == (2, 1, 1)
    assert told.since == periods.midnight(periods.bank_day(now))


def test_spam_private_and_deleted_posts_count_and_rivals_drills_and_canaries_do_not(
    square: Source, now: datetime
) -> None:
    hear(square, SPAM, at=now)
    hear(square, at=now, visibility="private", kind="message")
    hear(make_source("rival", network="x", rival="First Rival", sending=False), at=now, network="x")
    hear(make_source("drill", network="x", origin="drill"), at=now, network="x")
    hear(make_source("canary", origin="canary"), at=now)
    settle()
    today = metrics.volume(Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now()))
    assert (today.total, today.private) == (2, 1)


def test_the_last_24_hours_end_with_the_running_one(square: Source, now: datetime) -> None:
    for minutes in (0, 20, 65, 60 * 23, 60 * 25):
        hear(square, at=now - timedelta(minutes=minutes))
    settle()
    hours = metrics.volume_by_hour(now)
    assert len(hours) == 24
    assert [hour.complete for hour in hours] == [True] * 23 + [False]
    assert sum(hour.value for hour in hours) == 4
    assert hours[-1].value == 1


def test_net_sentiment_keeps_neutral_and_leaves_spam_out(square: Source, sam: User, now: datetime) -> None:
    scored = [hear(square, text, at=now, author=f"a{n}") for n, text in enumerate([LOVE, LOVE, ANGRY])]
    neutral = hear(square, "@bank what are the opening hours of the branch?", at=now)
    judgement.correct(neutral, field="sentiment", value=0, by=sam)
    hear(square, SPAM, at=now)
    settle()
    tone = metrics.net_sentiment(Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now()))
    assert (tone.positive, tone.neutral, tone.negative) == (2, 1, 1), [m.sentiment for m in scored]
    assert (tone.n, tone.value) == (4, 25.0)


def test_the_response_rate_counts_what_needed_an_answer_and_got_one_from_a_person(
    square: Source, sam: User, now: datetime
) -> None:
    asked = [hear(square, ANGRY, at=now - timedelta(hours=1), author=f"a{n}") for n in range(4)]
    answer(conversation(asked[0]), by=sam, at=now)
    answer(conversation(asked[1]), by=sam, at=now + timedelta(days=1, hours=-1))
    cases.dismiss(asked[2].conversation_id, why="no_reply_needed", by=sam)
    undecided = hear(square, ANGRY, at=now, author="unsure")
    judgement.undecide(undecided.conversation_id, by=sam)
    settle()
    day = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.response_rate(day) == Rate(2, 3, 1)
    assert metrics.response_rate(day, answered_by=now + timedelta(minutes=1)) == Rate(1, 3, 1)


def test_a_wait_runs_from_the_customers_clock_to_the_networks_confirmation(
    square: Source, sam: User, now: datetime
) -> None:
    for seconds in (60, 120, 600):
        at = now - timedelta(hours=1)
        answer(
            conversation(hear(square, ANGRY, at=at, author=f"a{seconds}")), by=sam, at=at + timedelta(seconds=seconds)
        )
    hear(square, ANGRY, at=now, author="waits")
    cases.dismiss(hear(square, ANGRY, at=now, author="dropped").conversation_id, why="no_reply_needed", by=sam)
    settle()
    day = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.first_response(day) == Waits(120, 504, 3, running=1, dropped=1)


def test_who_writes_again_begins_a_next_wait(square: Source, sam: User, now: datetime) -> None:
    first = hear(square, ANGRY, at=now - timedelta(hours=2), author="dana")
    answer(conversation(first), by=sam, at=now - timedelta(hours=1))
    again = hear(square, "@bank still declined, what now?", at=now - timedelta(minutes=30), author="dana")
    hear(square, "hello? @bank", at=now - timedelta(minutes=20), author="dana")
    assert again.conversation_id == first.conversation_id
    answer(conversation(again), by=sam, at=now - timedelta(minutes=10))
    day = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.next_response(day) == Waits(20 * 60, 20 * 60, 1, running=0)
    assert metrics.first_response(day).median == 3600


def test_handing_a_claimed_conversation_on_is_no_second_spell_in_the_queue(
    square: Source, sam: User, now: datetime
) -> None:
    at = now - timedelta(hours=1)
    one = conversation(hear(square, ANGRY, at=at))
    cases.claim(one.pk, by=sam, now=at + timedelta(minutes=3))
    cases.assign(one.pk, to=make_person("priya"), by=sam, now=at + timedelta(minutes=40))
    hear(square, ANGRY, at=now, author="waits")
    day = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.time_to_claim(day) == Waits(180, 180, 1, running=1)


def test_a_promise_that_is_overdue_and_open_is_missed_already(square: Source, sam: User, now: datetime) -> None:
    at = now - timedelta(hours=2)  # the promise is fifteen minutes
    answer(conversation(hear(square, ANGRY, at=at, author="met")), by=sam, at=at + timedelta(minutes=10))
    answer(conversation(hear(square, ANGRY, at=at, author="late")), by=sam, at=at + timedelta(minutes=20))
    hear(square, ANGRY, at=at, author="open and overdue")
    hear(square, ANGRY, at=now - timedelta(minutes=5), author="not due")
    cases.dismiss(hear(square, ANGRY, at=at, author="dismissed").conversation_id, why="not_us", by=sam)
    today = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.attainment(today, now) == Attainment(met=1, missed=2, running=1)
    assert metrics.attainment(today, now + timedelta(hours=1)) == Attainment(met=1, missed=3, running=0)


def test_nobody_was_promised_anything_who_needed_no_answer(square: Source, sam: User, now: datetime) -> None:
    """Answered late, then found to be spam: on the page of promises as on that of answers it is nothing."""
    troll = conversation(hear(square, ANGRY, at=now - timedelta(hours=2)))
    answer(troll, by=sam, at=now - timedelta(hours=1))
    cases.dismiss(troll.pk, why="spam", by=sam, now=now)
    day = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.attainment(day, now) == Attainment(0, 0, 0)
    assert metrics.response_rate(day).n == 0
    assert metrics.by_hour("late_hour", day, now) == {}
    settle()
    assert metrics.attainment(day, now) == Attainment(0, 0, 0)


class TestQueueBoard:
    def test_it_tells_what_waits_is_overdue_and_is_due_soon(self, square: Source, sam: User, now: datetime) -> None:
        make_policy()
        oldest = hear(square, ANGRY, at=now - timedelta(minutes=40), author="late")
        hear(square, ANGRY, at=now - timedelta(minutes=5), author="soon")
        held = hear(square, ANGRY, at=now - timedelta(minutes=30), author="held")
        cases.claim(held.conversation_id, by=sam)
        hear(square, SPAM, at=now - timedelta(minutes=30), author="spam")
        praise = hear(square, ANGRY, at=now - timedelta(minutes=50), author="praise")
        cases.dismiss(praise.conversation_id, why="praise", by=sam)
        board = metrics.queue_board(now)
        care = next(line for line in board.queues if line.slug == "care")
        assert (care.waiting, care.claimed, care.overdue, care.soon) == (2, 1, 2, 1)
        assert care.oldest_since == oldest.occurred_at
        assert (care.today.missed, care.today.met) == (2, 0)
        assert (board.total.waiting, board.total.overdue) == (2, 2)

    def test_an_empty_queue_has_its_line(self, square: Source) -> None:
        board = metrics.queue_board(timezone.now())
        assert [(line.slug, line.waiting, line.oldest_since) for line in board.queues] == [
            ("care", 0, None),
            ("fraud", 0, None),
        ]

    def test_some_queues_alone(self, square: Source) -> None:
        fraud = Queue.objects.get(slug="fraud")
        hear(square, ANGRY, at=timezone.now())
        board = metrics.queue_board(timezone.now(), queues=(fraud.pk,))
        assert [line.slug for line in board.queues] == ["fraud"]
        assert board.total.waiting == 0


def test_filters_narrow_waits_as_they_narrow_counts(square: Source, sam: User, now: datetime) -> None:
    fraud = Queue.objects.get(slug="fraud")
    for text, seconds in ((ANGRY, 60), ("@bank my wallet was stolen, please block my card", 300)):
        mention = hear(square, text, at=now, author=str(seconds))
        answer(conversation(mention), by=sam, at=now + timedelta(seconds=seconds))
    settle()
    day = Period.of(periods.bank_day(now), periods.bank_day(now), now=timezone.now())
    assert metrics.first_response(day, Filters(queues=(fraud.pk,))).median == 300
    assert metrics.response_rate(day, Filters(queues=(fraud.pk,))) == Rate(1, 1, 0)
    for nobody in (Filters(networks=("x",)), Filters(languages=("xx",)), Filters(topic="nothing"), Filters(queues=())):
        assert metrics.first_response(day, nobody).n == 0
        assert metrics.time_to_claim(day, nobody).n == 0
        assert metrics.volume(day, nobody).total == 0
        assert metrics.attainment(day, now, nobody).n == 0


@pytest.mark.parametrize(("value", "base", "percent"), [(60, 30, 100.0), (60, 29, None), (0, 100, -100.0)])
def test_a_small_base_bears_no_percentage(value: int, base: int, percent: float | None) -> None:
    assert Change(value, base).percent == percent


def test_nothing_has_no_share() -> None:
    assert Rate(0, 0).percent is None
    assert Attainment(0, 0, 3).percent is None


def test_every_figure_is_defined_in_words() -> None:
    defined = set(glossary.GLOSSARY)
    asked = {"volume", "volume_by_topic", "net_sentiment", "response_rate", "first_response", "next_response"}
    assert asked | {"time_to_claim", "attainment", "queue_board"} <= defined
    for entry in glossary.GLOSSARY.values():
        assert all(
            map(str, (entry.title, entry.sentence, entry.clock, entry.population, entry.exclusions, entry.statistic))
        )
