"""Whatever happens in whatever order, every figure equals a count of the rows by somebody else."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import cases, judgement
from agents.cases import Refused
from agents.models import Role
from commandcenter import facts, metrics, periods, rollups
from commandcenter.facts import keeping, reading
from commandcenter.metrics import Filters, Period
from commandcenter.models import ConversationRollup, Grain, MentionRollup
from commandcenter.sums import Axis
from mentions import intake
from mentions.events import Sealer
from mentions.models import Consumer, Conversation, Mention, Source
from tests.commandcenter.history import ago, answer, conversation, hear, settle
from tests.factories import make_person, make_queue, make_rule, make_source, post

pytestmark = pytest.mark.django_db

TEXTS = (
    "@bank my card was declined, please help",
    "I love the new app, thank you @bank",
    "@bank why is the mortgage rate different today?",
    "mi tarjeta fue rechazada, ayuda por favor @bank",
    "FREE CRYPTO giveaway!!! click http://spam.example now, double your money",
)
# Minutes before now: the running minute, the hour, the edge of a quarter, yesterday, a week, and past what is kept.
MOMENTS = (0, 1, 7, 15, 61, 60 * 20, 60 * 26, 60 * 24 * 7, 60 * 24 * 9, 60 * 24 * 11, 60 * 24 * 33)

moments = st.sampled_from(MOMENTS)
number = st.integers(0, 30)
happening = st.one_of(
    st.tuples(
        st.just("post"),
        st.sampled_from(["ana", "bo", "chi"]),
        st.sampled_from(TEXTS),
        moments,
        st.sampled_from(["square", "ear", "rival", "drill"]),
        st.sampled_from(["public", "private"]),
    ),
    st.tuples(st.just("edit"), number, st.sampled_from(TEXTS), moments),
    st.tuples(st.just("delete"), number),
    st.tuples(
        st.just("correct"), number, st.sampled_from([("sentiment", 1), ("topics", ["fees"]), ("language", "de")])
    ),
    st.tuples(st.just("mark"), number, st.sampled_from([True, False, None])),
    st.tuples(st.just("transfer"), number, st.sampled_from(["care", "fraud"])),
    st.tuples(st.just("dismiss"), number),
    st.tuples(st.just("reopen"), number),
    st.tuples(st.just("answer"), number, moments),
)
# After each: nothing, sealed but not counted yet, or counted.
happenings = st.lists(st.tuples(happening, st.sampled_from(["", "seal", "count", "count"])), min_size=4, max_size=25)


@pytest.fixture
def bank(db):
    """Two queues, a source of our own with two networks behind it, one for rivals, one for drills."""
    make_queue("care")
    fraud = make_queue("fraud")
    make_rule(fraud, conditions={"words_any": ["mortgage"]})
    make_source("square")
    make_source("ear", network="x")
    make_source("rival", network="x", rival="First Rival", sending=False)
    make_source("drill", network="x", origin="drill")
    return make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))


class Happening:
    """Does to the bank what the example says, as far as the product lets it."""

    def __init__(self, supervisor: Any) -> None:
        self.by = supervisor
        self.sealer = Sealer()

    def do(self, name: str, *arguments: Any) -> None:
        with suppress(Refused):  # what the product does not allow in that state does not happen
            getattr(self, name)(*arguments)

    def post(self, author: str, text: str, minutes: int, source: str, visibility: str) -> None:
        item = post(text, author=author, visibility=visibility, created_at=ago(minutes=minutes).isoformat())
        item["network"] = "townsquare" if source == "square" else "x"
        intake.receive(Source.objects.get(slug=source), [item])

    def edit(self, index: int, text: str, minutes: int) -> None:
        self._operate(index, op="edit", text=text, edited_at=ago(minutes=minutes).isoformat())

    def delete(self, index: int) -> None:
        self._operate(index, op="delete")

    def correct(self, index: int, change: tuple[str, Any]) -> None:
        if mention := _nth(Mention.objects.order_by("id"), index):
            judgement.correct(mention, field=change[0], value=change[1], by=self.by)

    def mark(self, index: int, actionable: bool | None) -> None:
        verb = {True: judgement.needs_answer, None: judgement.undecide, False: partial(cases.dismiss, why="praise")}
        self._with(index, lambda c: verb[actionable](c.pk, by=self.by))

    def transfer(self, index: int, queue: str) -> None:
        self._with(index, lambda c: c.closed_at or cases.transfer(c.pk, to=make_queue(queue), by=self.by))

    def dismiss(self, index: int) -> None:
        self._with(index, lambda c: cases.dismiss(c.pk, why="no_reply_needed", by=self.by))

    def reopen(self, index: int) -> None:
        self._with(index, lambda c: cases.reopen(c.pk, by=self.by))

    def answer(self, index: int, minutes: int) -> None:
        self._with(index, lambda c: answer(c, by=self.by, at=max(c.opened_at, ago(minutes=minutes))))

    def go_on(self, until: str) -> None:
        if until:
            self.sealer.tick()
        if until == "count":
            rollups.roll()
            facts.keep()

    def _operate(self, index: int, **operation: Any) -> None:
        if mention := _nth(Mention.objects.order_by("id"), index):
            about = {"network": mention.network, "external_id": mention.external_id}
            intake.receive(mention.source, [about | operation])

    def _with(self, index: int, verb: Callable[[Conversation], object]) -> None:
        if conversation := _nth(Conversation.objects.live().order_by("id"), index):
            with transaction.atomic():
                verb(conversation)


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(happenings, st.integers(0, 100))
def test_every_figure_equals_a_count_of_the_rows(bank, told, turn):
    with transaction.atomic():
        happening = Happening(bank)
        for (name, *arguments), until in told:
            happening.do(name, *arguments)
            happening.go_on(until)
        settle()
        now = timezone.now()
        compare(now, turn)
        stored = everything_stored()
        for minutes in MOMENTS:
            rollups.rebuild(ago(minutes=minutes), ago(minutes=minutes))
        assert everything_stored() == stored, "counted event by event differs from counted at once"
        transaction.set_rollback(True)


def compare(now: datetime, turn: int) -> None:
    """Ask for figures and count the same from the rows, without any statement of ours."""
    today = periods.bank_day(now)

    def days(first: int, last: int) -> Period:
        return Period.of(today - timedelta(days=first), today - timedelta(days=last), now=now)

    spans = [Period.today(now), Period.today(now).back(1), Period.today(now).back(7)]
    spans += [days(34, 0), days(12, 1), days(11, 11), days(33, 33), days(34, 0).before()]
    mentions = list(Mention.objects.filter(origin="live", source__rival="").select_related("conversation"))
    conversations = list(Conversation.objects.filter(origin="live").select_related("author"))
    for period in spans:
        inside = [m for m in mentions if period.start <= m.occurred_at < period.end]
        opened = [c for c in conversations if period.start <= c.opened_at < period.end]
        filters, mention_fits, conversation_fits = LOOKS[turn % len(LOOKS)](make_queue("fraud").pk)
        some, begun = list(filter(mention_fits, inside)), list(filter(conversation_fits, opened))
        assert metrics.volume(period, filters) == volume(some)
        assert [v for _, v in metrics.volume_by_day(period, filters)] == [
            volume(m for m in some if periods.bank_day(m.occurred_at) == day.first) for day in period.days()
        ]
        tones = Counter(m.sentiment for m in some if not m.spam)
        net = metrics.net_sentiment(period, filters)
        assert (net.positive, net.neutral, net.negative, net.unscored) == (tones[1], tones[0], tones[-1], tones[None])
        assert metrics.response_rate(period, filters) == rate(begun)
        assert metrics.response_rate(period, filters, answered_by=period.end) == rate(begun, answered_by=period.end)
        axis, keys = list(AXES.items())[turn % len(AXES)]
        assert metrics.volume_by(axis, period) == grouped(inside, keys)
    assert [hour.value for hour in metrics.volume_by_hour(now)] == [
        sum(hour.start <= m.occurred_at < hour.start + timedelta(hours=1) for m in mentions)
        for hour in metrics.volume_by_hour(now)
    ]


LOOKS: list[Callable[[int], tuple[Filters, Callable[[Any], bool], Callable[[Any], bool]]]] = [
    lambda queue: (Filters(), lambda m: True, lambda c: True),
    lambda queue: (
        Filters(queues=(queue,)),
        lambda m: m.conversation is not None and m.conversation.queue_id == queue,
        lambda c: c.queue_id == queue,
    ),
    lambda queue: (Filters(queues=()), lambda m: False, lambda c: False),
    lambda queue: (Filters(networks=("x",)), lambda m: m.network == "x", lambda c: c.author.network == "x"),
    lambda queue: (Filters(languages=("es",)), lambda m: m.language == "es", lambda c: c.language == "es"),
    lambda queue: (Filters(topic="cards"), lambda m: "cards" in m.topics, lambda c: "cards" in c.topics),
    lambda queue: (
        Filters(topic="fees", networks=("townsquare",)),
        lambda m: "fees" in m.topics and m.network == "townsquare",
        lambda c: "fees" in c.topics and c.author.network == "townsquare",
    ),
]
AXES: dict[Axis, Callable[[Mention], Iterable[Any]]] = {
    "network": lambda m: [m.network],
    "language": lambda m: [m.language],
    "topic": lambda m: set(m.topics),
    "queue": lambda m: [m.conversation.queue_id if m.conversation else None],
}


def volume(mentions: Iterable[Mention]) -> metrics.Volume:
    counted = list(mentions)
    public = [m for m in counted if m.visibility == "public" and not m.spam]
    private, spam = sum(m.visibility == "private" for m in counted), sum(m.spam for m in counted)
    return metrics.Volume(len(counted), private, spam, sum(m.reach for m in public))


def rate(conversations: Iterable[Conversation], answered_by: datetime | None = None) -> metrics.Rate:
    counted = list(conversations)
    actionable = [c for c in counted if c.actionable]
    answered = [
        c for c in actionable if c.first_replied_at and (answered_by is None or c.first_replied_at < answered_by)
    ]
    return metrics.Rate(len(answered), len(actionable), sum(c.actionable is None for c in counted))


def grouped(mentions: Iterable[Mention], keys: Callable[[Mention], Iterable[Any]]) -> dict[Any, metrics.Volume]:
    piles: dict[Any, list[Mention]] = {}
    for mention in mentions:
        for key in keys(mention):
            piles.setdefault(key, []).append(mention)
    return {key: volume(pile) for key, pile in piles.items()}


def everything_stored() -> list[set[tuple[Any, ...]]]:
    return [
        {
            tuple(getattr(row, field.attname) for field in table._meta.fields if not field.primary_key)
            for row in table.objects.all()
        }
        for table in (MentionRollup, ConversationRollup)
    ]


def _nth(rows: Any, index: int) -> Any:
    count = rows.count()
    return rows[index % count] if count else None


class TestKeeping:
    """What is stored when, told on a bank of two posts."""

    def test_days_are_stored_once_they_are_over(self, bank):
        yesterday = hear(make_source("square"), at=ago(days=1))
        settle()
        day = periods.bank_day(yesterday.occurred_at)
        assert rollups.closed_until() == periods.bank_day(timezone.now()) - timedelta(days=1)
        stored = MentionRollup.objects.filter(grain=Grain.DAY, topic="*")
        assert [(row.start, row.total) for row in stored] == [(periods.midnight(day), 1)]

    def test_a_late_post_finds_its_stored_day_again(self, bank):
        settle()
        late = hear(make_source("square"), at=ago(days=20), received=timezone.now())
        settle()
        (row,) = MentionRollup.objects.filter(topic="*", total__gt=0)
        assert (row.grain, row.start) == (Grain.DAY, periods.midnight(periods.bank_day(late.occurred_at)))

    def test_fine_rows_are_dropped_when_they_are_old(self, bank):
        hear(make_source("square"), at=ago(days=2))
        settle()
        assert MentionRollup.objects.filter(grain=Grain.MINUTE).exists()
        settle(now=timezone.now() + timedelta(days=12))
        assert set(MentionRollup.objects.values_list("grain", flat=True)) == {Grain.DAY}

    def test_another_bank_zone_has_other_days(self, bank, settings):
        mention = hear(make_source("square"), at=periods.midnight(periods.bank_day(ago(days=3))) + timedelta(hours=1))
        settle()
        settings.BANK_TIME_ZONE = "America/Los_Angeles"
        settle()
        day = periods.bank_day(mention.occurred_at)
        (row,) = MentionRollup.objects.filter(grain=Grain.DAY, topic="*")
        assert row.start == periods.midnight(day)
        assert metrics.volume(Period.of(day, day, now=timezone.now())).total == 1

    def test_what_is_defined_anew_is_counted_anew(self, bank, monkeypatch):
        """An upgrade changes what is heard and what is a first answer: no closed day stays counted as before."""
        sam = make_person("sam", role=Role.SUPERVISOR)
        for days in (0, 3, 20):
            told = hear(make_source("square"), at=ago(days=days, minutes=30))
            answer(conversation(told), by=sam, at=ago(days=days, minutes=20))
        settle()
        month = Period.of(periods.bank_day(ago(days=30)), periods.bank_day(timezone.now()), now=timezone.now())
        before = metrics.volume(month), metrics.first_response(month)
        assert (before[0].total, before[1].n) == (3, 3)
        older = "m.origin = 'live' AND m.occurred_at < now() - interval '1 hour'"
        anew = replace(rollups.MENTIONS, rows=rollups.MENTIONS.rows.replace("m.origin = 'live'", older))
        monkeypatch.setattr(rollups, "MENTIONS", anew)
        monkeypatch.setattr(rollups, "TABLES", (anew, rollups.CONVERSATIONS))
        waits = keeping.STATEMENTS["first_response"] + " AND w.seconds < 60"
        for module in (keeping, reading):
            monkeypatch.setattr(module, "STATEMENTS", {**keeping.STATEMENTS, "first_response": waits})
        settle()
        assert metrics.volume(month).total == 2
        assert metrics.first_response(month).n == 0
        assert keeping.kept()
        monkeypatch.undo()
        settle()
        assert (metrics.volume(month), metrics.first_response(month)) == before, (
            "nor do they come back with the old one"
        )

    def test_a_doubled_pass_changes_nothing(self, bank):
        hear(make_source("square"), at=ago(minutes=3))
        settle()
        stored = everything_stored()
        Consumer.objects.filter(name__startswith="counts ").update(position=0)
        settle()
        assert everything_stored() == stored

    def test_nothing_new_is_no_work(self, bank):
        settle()
        assert rollups.roll() is None
        assert rollups.behind() == 0

    def test_a_history_loaded_at_once_is_counted_from_its_rows(self, bank, monkeypatch):
        for days in (0, 1, 12):
            hear(make_source("square"), at=ago(days=days, minutes=1))
        monkeypatch.setattr(rollups, "_HISTORY", 2)
        settle()
        now = timezone.now()
        month = Period.of(periods.bank_day(ago(days=30)), periods.bank_day(now), now=now)
        assert metrics.volume(month).total == 3
        assert rollups.behind() == 0

    def test_the_loop_rests_after_a_long_pass_and_asks_for_more_while_more_waits(self, bank, monkeypatch):
        roller = rollups.Roller()
        monkeypatch.setattr(rollups, "_BATCH", 1)
        for minutes in (1, 2):
            hear(make_source("square"), at=ago(minutes=minutes))
        Sealer().tick()
        assert [roller.tick(), roller.tick(), roller.tick()] == [True, True, False]
        assert rollups.behind() == 0


def test_a_burst_in_one_minute_is_counted_quickly_and_exactly(bank):
    """Two thousand posts of one minute, counted again whole after each hundred, as the loop does under load."""
    at = periods.minute(timezone.now()) - timedelta(minutes=1)
    source, sealer = make_source("square"), Sealer()
    began = time.monotonic()
    for batch in range(20):
        posts = [post(author=f"b{batch}-{n}", created_at=at.isoformat()) for n in range(100)]
        intake.receive(source, posts)
        sealer.tick()
        counted = time.monotonic()
        rollups.roll()
        assert time.monotonic() - counted < 2
    day = periods.bank_day(at)
    assert metrics.volume(Period.of(day, day, now=timezone.now())).total == 2000
    assert time.monotonic() - began < 60
