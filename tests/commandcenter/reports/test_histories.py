"""Random histories: whatever happens in whatever order, and whenever it is counted, every figure of every report equals
a plain count of the rows, and what the event table alone tells."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents import cases
from agents.models import Role, User
from commandcenter import brief, metrics, people, periods, reports, rollups
from commandcenter.metrics import Period
from commandcenter.reports import asking
from mentions import events
from mentions.models import Conversation, Mention, Origin, Source
from tests.commandcenter.history import SPAM, ago, settle
from tests.commandcenter.reports.checking import check_figures
from tests.commandcenter.reports.hand import Hand
from tests.commandcenter.test_rollups import Happening, happening, moments, number
from tests.factories import make_person, make_queue, make_rule, make_site, make_source

pytestmark = pytest.mark.django_db

LABELS = ("language", "sentiment", "topics", "spam")
STATES = {
    "case.claimed": "claimed",
    "case.assigned": "claimed",
    "case.released": "waiting",
    "case.transferred": "waiting",
    "conversation.closed": "closed",
    "conversation.reopened": "waiting",
}
# What moves a promise: it then holds from another moment, for another time, or for a wait that is no longer the first.
MOVED = {"due_before", "resolution_before", "began_before", "waits_since", "opened_before", "was_actionable"}
UNLIKE = {"conversation.pending", "conversation.reopened", "conversation.marked", "mention.edited", "mention.deleted"}
FIRST, NEXT, SOLVED = timedelta(minutes=15), timedelta(minutes=30), timedelta(days=1)
WORDS = "@bank my card was declined, please help"

working = st.one_of(
    happening,
    happening,
    st.tuples(st.just("claim"), number, moments),
    st.tuples(st.just("release"), number),
    st.tuples(st.just("assign"), number),
    st.tuples(st.just("close"), number),
    st.tuples(st.just("pend"), number),
    st.tuples(st.just("spammed"), number),
    st.tuples(st.just("canary"), moments),
    st.tuples(st.just("rebuild"), moments),
)
CAME = [(("post", "ana", WORDS, 0, "square", "public"), "count")]
# In time, late, in time again, and closed after two days.
PROMISED = [
    (("post", "ben", WORDS, 3000, "square", "public"), ""),
    (("post", "cy", WORDS, 3000, "square", "public"), "count"),
    (("answer", 0, 2990), ""),
    (("answer", 1, 2900), "count"),
    (("post", "ben", WORDS, 2000, "square", "public"), ""),
    (("answer", 0, 1980), ""),
    (("close", 1), "count"),
]
histories = st.lists(st.tuples(working, st.sampled_from(["", "seal", "count", "count"])), min_size=6, max_size=30)
QUERIES = (
    "",
    "&compare=year",
    "&queue=fraud",
    "&network=x&compare=none",
    "&topic=fees",
    "&language=es",
    "&team=care",
)


class Working(Happening):
    """What people do beside answering, and counting at odd moments."""

    def __init__(self, supervisor: User, other: User) -> None:
        super().__init__(supervisor)
        self.other = other

    def claim(self, index: int, minutes: int) -> None:
        self._with(index, lambda c: cases.claim(c.pk, by=self.by, now=max(c.queued_at, ago(minutes=minutes))))

    def release(self, index: int) -> None:
        self._with(index, lambda c: cases.release(c.pk, by=self.by))

    def assign(self, index: int) -> None:
        self._with(index, lambda c: c.closed_at or cases.assign(c.pk, to=self.other, by=self.by))

    def close(self, index: int) -> None:
        self._with(index, lambda c: cases.close(c.pk, disposition="solved", by=self.by))

    def pend(self, index: int) -> None:
        until = timezone.now() + timedelta(days=1)
        self._with(index, lambda c: cases.pend(c.pk, on="pending_customer", until=until, by=self.by))

    def spammed(self, index: int) -> None:
        """An edit makes spam of it, the next one words again."""
        self.edit(index, SPAM, 1)
        self.go_on("count")
        self.edit(index, WORDS, 0)

    def canary(self, minutes: int) -> None:
        self.post("canary", WORDS, minutes, "canary", "public")

    def rebuild(self, minutes: int) -> None:
        rollups.rebuild(ago(minutes=minutes), ago(minutes=minutes))


@dataclass
class Closing:
    """A closing of a conversation in its queue, and when it was opened again after it."""

    conversation: int
    at: datetime
    queue: int
    again: datetime | None = None


@dataclass
class Ledger:
    """What the event table alone tells: nothing is read but its rows, oldest first."""

    mentions: list[tuple[datetime, int]] = field(default_factory=list)
    claims: list[tuple[datetime, int]] = field(default_factory=list)
    replies: list[tuple[datetime, int]] = field(default_factory=list)
    opened: dict[int, datetime] = field(default_factory=dict)
    closed: dict[int, datetime] = field(default_factory=dict)
    answered: dict[int, datetime] = field(default_factory=dict)
    queue: dict[int, int] = field(default_factory=dict)
    answers: Counter[tuple[int, datetime, datetime]] = field(default_factory=Counter)
    answered_in: list[tuple[datetime, int]] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    labels: dict[int, dict[str, Any]] = field(default_factory=dict)
    heard: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    needed: dict[int, bool | None] = field(default_factory=dict)
    state: dict[int, str] = field(default_factory=dict)
    waiting: dict[int, datetime] = field(default_factory=dict)
    ended: dict[int, datetime] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)

    @classmethod
    def read(cls) -> Ledger:
        told = cls()
        since: dict[int, datetime] = {}
        dropped: dict[int, datetime] = {}
        spells: set[int] = set()
        came = dict(Mention.objects.values_list("pk", "received_at"))
        for event in events.after(0, limit=100_000):
            if event.origin != Origin.LIVE:
                continue
            about = event.conversation_id
            if event.kind == "mention.received":
                told.mentions.append((event.at, event.source_id))
                told.heard[event.mention_id] = event.at, event.source_id
                told.labels[event.mention_id] = {name: event.data[name] for name in LABELS}
            elif event.kind == "mention.edited":
                told.labels[event.mention_id] |= event.data["after"]
            elif event.kind == "mention.corrected":
                told.labels[event.mention_id][event.data["field"]] = event.data["value"]
            if about is None:
                continue
            told.stands(event)
            if MOVED & event.data.keys() or event.kind in UNLIKE or event.data.get("did") == "reopened":
                told.moved.add(about)
            if event.queue_id is not None:
                told.queue[about] = event.queue_id
            if event.kind == "mention.received":
                told.opened.setdefault(about, event.at)
                if event.data["did"] == "reopened":
                    told.closed.pop(about, None)
                    told.opened_again(about, event.at)
                if "disposition" in event.data:  # spam is closed as it comes
                    told.closed[about] = came[event.mention_id]
                    told.state[about] = "closed"
                elif told.begins(event, since):
                    since[about] = event.at
                    dropped.pop(about, None)
            if "waits_since" in event.data:
                since[about] = datetime.fromisoformat(event.data["waits_since"])
                dropped.pop(about, None)
            if "opened_before" in event.data:  # what came late was written before anything else of it
                told.opened[about] = since[about]
            if event.case_id is not None and event.case_id not in spells:
                # A dismissal claims in the same breath, so its own event is the first of that spell of work.
                spells.add(event.case_id)
                told.claims.append((event.at, event.data.get("owner") or event.actor_id))
            if event.kind == "reply.sent":
                told.replies.append((event.at, event.actor_id))
                told.answered.setdefault(about, event.at)
                if about in since:
                    told.answered_in.append((since[about], told.queue[about]))
                    told.answers[about, since[about], max(event.at, since.pop(about))] += 1
            elif event.kind == "conversation.closed":
                told.closed[about] = event.at
                told.closings.append(Closing(about, event.at, told.queue[about]))
                if about in since:  # nobody waits any more, so what is sent afterwards ends no wait
                    dropped[about] = since.pop(about)
            elif event.kind == "conversation.reopened":
                told.closed.pop(about, None)
                told.opened_again(about, event.at)
                if about in dropped:
                    since[about] = dropped.pop(about)
        told.waiting, told.ended = since, dropped
        return told

    def stands(self, event: Any) -> None:
        """Where the conversation stands after this event, and whether it needs an answer."""
        about, data = event.conversation_id, event.data
        if "actionable" in data:
            self.needed[about] = data["actionable"]
        elif event.kind == "conversation.closed" and data["disposition"] in cases.DISMISSALS:
            self.needed[about] = False
        if event.kind == "mention.received" and data["did"] in ("opened", "reopened"):
            self.state[about] = "waiting"
        elif event.kind == "conversation.pending":
            self.state[about] = data["on"]
        elif (state := STATES.get(event.kind)) is not None:
            self.state[about] = state

    def begins(self, event: Any, since: dict[int, datetime]) -> bool:
        """Whether somebody waits since this post: nobody did who still waits, or it is older and came late."""
        heard = event.data["did"] != "nodded" and self.state[event.conversation_id] != "closed"
        return heard and (event.conversation_id not in since or "began_before" in event.data)

    def opened_again(self, conversation: int, at: datetime) -> None:
        """The last closing did not hold."""
        for one in [one for one in self.closings if one.conversation == conversation][-1:]:
            one.again = at


@pytest.fixture
def bank(db: None) -> tuple[User, User, User]:
    """Two queues with a home team each, sources of every origin, a supervisor, a colleague and a manager."""
    make_queue("care")
    make_rule(make_queue("fraud"), conditions={"words_any": ["mortgage"]})
    make_source("square")
    make_source("ear", network="x")
    make_source("rival", network="x", rival="First Rival", sending=False)
    make_source("drill", network="x", origin="drill")
    make_source("canary", network="x", origin="canary")
    make_site("charlotte")
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))
    return sam, make_person("priya", teams=("care", "fraud")), make_person("mary", role=Role.MANAGER, teams=())


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@example([*CAME, (("dismiss", 0), ""), (("answer", 0, 0), "")], "volume", "", 0)
@example([*CAME, (("claim", 0, 0), ""), (("close", 0), ""), (("answer", 0, 0), "count")], "response", "", 0)
@example([*CAME, (("dismiss", 0), ""), (("reopen", 0), ""), (("answer", 0, 0), "count")], "response", "", 0)
@example(PROMISED, "sla", "", 6)
@given(
    histories, st.sampled_from(sorted(reports.every())), st.sampled_from(QUERIES), st.sampled_from([0, 1, 6, 12, 39])
)
def test_every_figure_of_every_report_equals_what_rows_and_events_tell(
    bank: tuple[User, User, User], told: list[Any], key: str, query: str, days: int
) -> None:
    sam, priya, mary = bank
    with transaction.atomic():
        world = Working(sam, priya)
        for (name, *arguments), until in told:
            world.do(name, *arguments)
            world.go_on(until)
        settle()
        now = timezone.now()
        today = periods.bank_day(now)
        found = reports.get(key)
        given_ = QueryDict(mutable=True)
        for name, value in QueryDict(f"from={today - timedelta(days=days)}&to={today}{query}").items():
            if name not in found.without:
                given_[name] = str(value)
        ask = asking.read(key, given_, by=mary, now=now, without=found.without)
        check_figures(ask, found, Hand(now), mary, most=40)
        compare(Ledger.read(), ask.period, now)
        transaction.set_rollback(True)


def compare(ledger: Ledger, period: Period, now: datetime) -> None:
    """Figures of the whole bank beside what the events tell."""

    def inside(moment: datetime | None) -> bool:
        return moment is not None and period.start <= moment < period.end

    rivals = set(Source.objects.exclude(rival="").values_list("pk", flat=True))
    assert metrics.volume(period).total == sum(inside(at) and source not in rivals for at, source in ledger.mentions)
    by_day = Counter(periods.bank_day(at) for at, source in ledger.mentions if inside(at) and source not in rivals)
    assert {day.first: one.total for day, one in metrics.volume_by_day(period) if one.total} == by_day
    needed = ledger.needed
    assert {c.pk: c.actionable for c in Conversation.objects.filter(origin=Origin.LIVE)} == needed
    compare_labels(ledger, period, inside, rivals)
    compare_backlog(ledger, needed, now)
    compare_promises(ledger, period, inside, now)
    rate = metrics.response_rate(period)
    begun = [pk for pk, at in ledger.opened.items() if inside(at)]
    assert rate.n == sum(needed[pk] is True for pk in begun)
    assert rate.numerator == sum(needed[pk] is True and pk in ledger.answered for pk in begun)
    assert {c.pk: c.queue_id for c in Conversation.objects.filter(origin=Origin.LIVE)} == ledger.queue
    waited = [int((stop - start).total_seconds()) for (_pk, start, stop) in ledger.answers.elements() if inside(start)]
    first, again = metrics.first_response(period), metrics.next_response(period)
    assert first.n + again.n == len(waited)
    if again.n == 0 and waited:
        assert first.median == statistics.median(waited)
    work = {one.person: (one.claims, one.replies) for one in people.work(period)}
    claims = Counter(person for at, person in ledger.claims if inside(at))
    replies = Counter(person for at, person in ledger.replies if inside(at))
    assert work == {person: (claims[person], replies[person]) for person in claims | replies}
    solved = [pk for pk, at in ledger.closed.items() if inside(at) and needed[pk] is not False]
    figure = metrics.resolution(period).get(None)
    assert (figure.n if figure else 0) == len(solved)
    took = [(ledger.closed[pk] - ledger.opened[pk]) // timedelta(seconds=1) for pk in solved]
    assert figure is None or figure.median == statistics.median(took)
    compare_by_place(ledger, period, needed, inside, rivals)
    made = brief.make(now)
    yesterday = sum(inside_day(at, made.day) and source not in rivals for at, source in ledger.mentions)
    week = sum(inside_day(at, made.before) and source not in rivals for at, source in ledger.mentions)
    assert (made.mentions.value, made.mentions.base) == (yesterday, week)
    assert made.mentions.percent == (None if week < 30 else 100 * (yesterday - week) / week)
    hours = metrics.volume_by_hour(now - timedelta(days=11))
    assert [one.value for one in hours] == [
        sum(
            one.start <= at < min(one.start + timedelta(hours=1), upto(now)) and source not in rivals
            for at, source in ledger.mentions
        )
        for one in hours
    ]


def compare_labels(ledger: Ledger, period: Period, inside: Any, rivals: set[int]) -> None:
    """Tone, topics, languages and spam, from what events tell of each post's labels."""
    of_us = [pk for pk, (at, source) in ledger.heard.items() if inside(at) and source not in rivals]
    assert metrics.volume(period).spam == sum(ledger.labels[pk]["spam"] for pk in of_us)
    said = [ledger.labels[pk] for pk in of_us if not ledger.labels[pk]["spam"]]
    tone, scores = metrics.net_sentiment(period), Counter(one["sentiment"] for one in said)
    assert (tone.positive, tone.neutral, tone.negative, tone.unscored) == tuple(scores[of] for of in (1, 0, -1, None))
    for axis, told in (
        ("topic", Counter(topic for pk in of_us for topic in ledger.labels[pk]["topics"])),
        ("language", Counter(ledger.labels[pk]["language"] for pk in of_us)),
    ):
        counted = metrics.volume_by(axis, period).items()  # type: ignore[arg-type]
        assert {key: one.total for key, one in counted if one.total and (key or axis == "language")} == told


def compare_promises(ledger: Ledger, period: Period, inside: Any, now: datetime) -> None:
    """Promises kept and broken, of histories in which none was moved."""
    if ledger.moved:
        return
    waits = [(pk, start, stop, True) for (pk, start, stop) in ledger.answers.elements()]
    waits += [(pk, start, ledger.closed[pk], False) for pk, start in ledger.ended.items()]
    waits += [(pk, start, now, False) for pk, start in ledger.waiting.items()]
    told: Counter[tuple[str, bool]] = Counter()
    for pk, start, stop, answered in waits:
        first = start == ledger.opened[pk]
        late = stop - start > (FIRST if first else NEXT)
        if inside(start) and ledger.needed[pk] is not False and (answered or late):
            told["first_response" if first else "next_response", not late] += 1
    for pk, at in ledger.opened.items():
        stop = ledger.closed.get(pk, now)
        if inside(at) and ledger.needed[pk] is not False and (pk in ledger.closed or stop - at > SOLVED):
            told["resolution", stop - at <= SOLVED] += 1
    for target in ("first_response", "next_response", "resolution"):
        kept = metrics.attainment(period, now, target=target)  # type: ignore[arg-type]
        assert (kept.met, kept.missed) == (told[target, True], told[target, False]), target


def compare_backlog(ledger: Ledger, needed: Any, now: datetime) -> None:
    """What is open now and how it stands, by queue."""
    open_ = {pk: state for pk, state in ledger.state.items() if state != "closed" and needed[pk] is not False}
    stock = metrics.backlog(now)
    assert {queue: one.n for queue, one in stock.items() if queue and one.n} == Counter(
        ledger.queue[pk] for pk in open_
    )
    states = Counter(state.partition("_")[0] for state in open_.values())
    whole = stock.get(None)
    assert whole is None or (whole.waiting, whole.claimed, whole.pending) == tuple(
        states[name] for name in ("waiting", "claimed", "pending")
    )


def compare_by_place(ledger: Ledger, period: Period, needed: Any, inside: Any, rivals: set[int]) -> None:
    """The same by queue and by network, each from the events of its own."""
    network = dict(Source.objects.values_list("pk", "network"))
    heard = Counter(network[source] for at, source in ledger.mentions if inside(at) and source not in rivals)
    assert {key: one.total for key, one in metrics.volume_by("network", period).items()} == heard
    begun = [pk for pk, at in ledger.opened.items() if inside(at) and needed[pk] is True]
    rates = {key: (one.numerator, one.n) for key, one in metrics.response_rate_by("queue", period).items() if one.n}
    of = Counter(ledger.queue[pk] for pk in begun)
    answered = Counter(ledger.queue[pk] for pk in begun if pk in ledger.answered)
    assert rates == {queue: (answered[queue], n) for queue, n in of.items()}
    ended: Counter[int] = Counter()
    for what in ("first_response", "next_response"):
        ended.update({key: one.n for key, one in metrics.waits(what, period, by="queue").items() if key and one.n})
    assert ended == Counter(queue for since, queue in ledger.answered_in if inside(since))
    solved = Counter(ledger.queue[pk] for pk, at in ledger.closed.items() if inside(at) and needed[pk] is not False)
    assert {key: one.n for key, one in metrics.resolution(period, by="queue").items()} == solved
    counted = [one for one in ledger.closings if inside(one.at) and needed[one.conversation] is not False]
    closings = Counter(one.queue for one in counted)
    again = Counter(one.queue for one in counted if one.again and one.again < one.at + timedelta(days=7))
    told = {key: (one.numerator, one.n) for key, one in metrics.reopen_rate(period, by="queue").items()}
    assert told == {queue: (again[queue], n) for queue, n in closings.items()}


def upto(now: datetime) -> datetime:
    """The end of the running minute, eleven days ago."""
    return periods.minute(now - timedelta(days=11)) + timedelta(minutes=1)


def inside_day(at: datetime, day: Period) -> bool:
    return day.start <= at < day.end


def lines(content: reports.Content) -> Iterator[Any]:
    for section in content.sections:
        yield from section.lines


def test_percentages_of_change_are_those_of_their_two_figures(bank: tuple[User, User, User]) -> None:
    """Forty mentions this day, thirty-two on the same weekday before: the page says a quarter more."""
    sam, _priya, mary = bank
    now = timezone.now()
    noon = periods.midnight(periods.bank_day(now) - timedelta(days=1)) + timedelta(hours=12)
    world = Working(sam, sam)
    for back, many in ((0, 40), (7, 32)):
        for place in range(many):
            minutes = int((now - noon).total_seconds() // 60) + back * 24 * 60 + place
            world.post(f"a{back}-{place}", WORDS, minutes, "square", "public")
    settle()
    day = (periods.bank_day(now) - timedelta(days=1)).isoformat()
    ask = asking.read("volume", QueryDict(f"from={day}&to={day}"), by=mary, now=now)
    content = reports.get("volume").content(ask)
    assert content.headlines[0].figure.value == 40
    assert "25" in content.headlines[0].change
    assert "32" in content.headlines[0].change or any(
        figure.value == 32 for line in lines(content) for figure in line.figures
    )
