"""Every figure of every report against a plain count in Python, and against the rows that it opens."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from agents import bulk, cases, judgement, returns, undoing
from agents.models import Role, User
from commandcenter import facts, glossary, periods, reports, rollups
from commandcenter.facts import keeping, ranks, reading
from commandcenter.models import Absence, DoubtedHour, Grain, KeptFacts, Presence
from commandcenter.populations import Filters
from commandcenter.reports import asking, charts
from mentions import intake
from tests.commandcenter.history import COMPLAINT, LOVE, SPAM, answer, conversation, hear, settle
from tests.commandcenter.reports.hand import Hand, check_figures, figures
from tests.factories import make_person, make_queue, make_rule, make_site, make_source, post

pytestmark = pytest.mark.django_db
T = TypeVar("T")

NEW_YORK = ZoneInfo("America/New_York")
ANGRY = "@bank this is terrible, my card was stolen, I am furious"
SPANISH = "mi tarjeta fue rechazada en el cajero, necesito ayuda @bank"


def ny(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


NOW = ny(3, 17, 15, 30)


@dataclass(frozen=True)
class World:
    """Three weeks of 2024 with its leap day and the night when clocks went forward, and the same counted by hand.

    `fresh` holds what its rows say of a question, which no test changes.
    """

    manager: User
    sam: User
    hand: Hand
    fresh: dict[Hashable, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _three_weeks()
        transaction.set_rollback(True)


def _three_weeks() -> World:
    care, fraud = make_queue("care"), make_queue("fraud")
    make_rule(fraud, conditions={"words_any": ["stolen"]})
    square, ear = make_source("square"), make_source("ear", network="x")
    rival = make_source("rival", network="x", rival="First Rival", sending=False)
    fees = make_source("fees", network="x", rival="Overdraft fees", sending=False, settings={"industry": True})
    drill = make_source("drill", network="x", origin="drill")
    canary = make_source("canary", origin="canary")
    site = make_site("charlotte")
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))
    ann = make_person("ann", role=Role.SUPERVISOR, teams=("fraud",), site=site)
    for back in range(20, -1, -1):
        day = periods.bank_day(NOW) - timedelta(days=back)
        for number in range(back % 3 + 1):
            at = periods.midnight(day) + timedelta(hours=1 + 3 * number, minutes=5 * back)
            mention = hear(square, COMPLAINT, at=at, author=f"c{back}-{number}")
            if number != 1:
                late = timedelta(minutes=4 + 40 * (back % 2) + number, seconds=0.7)
                answer(conversation(mention), by=sam, at=at + late)
        if back % 2:
            stolen = hear(ear, ANGRY, at=periods.midnight(day) + timedelta(hours=11), author=f"f{back}", network="x")
            answer(conversation(stolen), by=ann, at=stolen.occurred_at + timedelta(hours=back % 5 + 0.2))
        if back % 3 == 0:
            hear(rival, "the first rival is great", at=periods.midnight(day) + timedelta(hours=9), network="x")
            hear(rival, SPAM, at=periods.midnight(day) + timedelta(hours=9), network="x", author="bot")
            hear(fees, "overdraft fees are a scandal", at=periods.midnight(day) + timedelta(hours=9), network="x")
            hear(ear, ANGRY, at=periods.midnight(day) + timedelta(hours=10), network="x", visibility="private")
            hear(square, SPANISH, at=periods.midnight(day) + timedelta(hours=15), visibility="private", kind="message")
            hear(square, LOVE, at=periods.midnight(day) + timedelta(hours=13), author=f"l{back}")
            hear(square, SPAM, at=periods.midnight(day) + timedelta(hours=14), author=f"bot{back}")
    for at in (ny(2, 29, 0, 0), ny(2, 29, 23, 59), ny(3, 10, 1, 59), ny(3, 10, 3, 0), ny(3, 9, 23, 59)):
        hear(square, COMPLAINT, at=at, author=f"edge {at:%d %H %M}")
    twice = post(COMPLAINT, created_at=ny(3, 5).isoformat(), author="twice")
    intake.receive(square, [twice], now=ny(3, 5))
    assert intake.receive(square, [twice], now=ny(3, 6)).items[0].status == "duplicate"
    hear(drill, COMPLAINT, at=ny(3, 4), network="x")
    hear(canary, COMPLAINT, at=ny(3, 4))
    gone = hear(square, COMPLAINT, at=ny(3, 4, 8), author="gone")
    intake.receive(
        square, [{"network": gone.network, "external_id": gone.external_id, "op": "delete"}], now=ny(3, 4, 9)
    )
    edited = hear(square, COMPLAINT, at=ny(3, 4, 10), author="edited")
    change = {"network": edited.network, "external_id": edited.external_id, "op": "edit", "text": LOVE}
    intake.receive(square, [change | {"edited_at": ny(3, 4, 11).isoformat()}], now=ny(3, 4, 11))
    _work(square, sam, ann, care, fraud)
    settle(now=NOW)
    late = hear(square, COMPLAINT, at=ny(2, 28, 7), received=ny(3, 16), author="late")
    judgement.correct(late, field="sentiment", value=1, by=sam, now=ny(3, 16))
    judgement.correct(edited, field="topics", value=["fees", "card-declined"], by=sam, now=ny(3, 16))
    settle(now=NOW)
    return World(make_person("mary", role=Role.MANAGER, teams=()), sam, Hand(NOW))


def _work(square: Any, sam: User, ann: User, care: Any, fraud: Any) -> None:
    """What people did beyond answering: closings, a reopening, transfers, releases, dismissals."""
    talk = conversation(hear(square, COMPLAINT, at=ny(3, 1, 9), author="talk"))
    answer(talk, by=sam, at=ny(3, 1, 9, 20))
    hear(square, "still not working @bank, please help", at=ny(3, 1, 10), author="talk")
    answer(talk, by=sam, at=ny(3, 1, 12))
    cases.close(talk.pk, disposition="solved", by=sam, now=ny(3, 1, 13))
    hear(square, "it is broken again @bank, please help me", at=ny(3, 3, 10), author="talk")
    answer(talk, by=sam, at=ny(3, 3, 10, 10))
    cases.close(talk.pk, disposition="solved", by=sam, now=ny(3, 3, 11))
    handed = conversation(hear(square, COMPLAINT, at=ny(3, 7, 9), author="handed"))
    cases.claim(handed.pk, by=sam, now=ny(3, 7, 9, 5))
    cases.transfer(handed.pk, to=fraud, by=sam, now=ny(3, 7, 9, 10))
    cases.claim(handed.pk, by=ann, now=ny(3, 7, 9, 30))
    answer(handed, by=ann, at=ny(3, 7, 9, 45))
    cases.close(handed.pk, disposition="answered", by=ann, now=ny(3, 8))
    back = conversation(hear(square, COMPLAINT, at=ny(3, 7, 10), author="back"))
    cases.claim(back.pk, by=sam, now=ny(3, 7, 10, 5))
    cases.release(back.pk, by=sam, now=ny(3, 7, 10, 25))
    praise = conversation(hear(square, COMPLAINT, at=ny(3, 8, 10), author="praise"))
    cases.dismiss(praise.pk, why="no_reply_needed", by=sam, now=ny(3, 8, 10, 3))
    for name, minutes in (("troll", 300), ("bore", 2)):
        answered = conversation(hear(square, COMPLAINT, at=ny(3, 8, 10), author=name))
        answer(answered, by=sam, at=ny(3, 8, 10) + timedelta(minutes=minutes))
        cases.dismiss(answered.pk, why="no_reply_needed", by=sam, now=ny(3, 8, 16))
    silent = conversation(hear(square, COMPLAINT, at=ny(3, 8, 11), author="silent"))
    cases.claim(silent.pk, by=sam, now=ny(3, 8, 11, 5))
    cases.close(silent.pk, disposition="no_response", by=sam, now=ny(3, 9, 11))
    reopened = conversation(hear(square, COMPLAINT, at=ny(3, 11, 8), author="reopened"))
    answer(reopened, by=sam, at=ny(3, 11, 8, 5))
    cases.close(reopened.pk, disposition="solved", by=sam, now=ny(3, 11, 9))
    settle(now=NOW)
    cases.reopen(reopened.pk, by=sam, now=ny(3, 13, 9))
    open_question = conversation(hear(square, COMPLAINT, at=ny(3, 12, 8), author="maybe"))
    judgement.mark_actionable(open_question.pk, actionable=None, reason="unclear", by=sam, now=ny(3, 12, 9))
    pending = conversation(hear(square, COMPLAINT, at=ny(3, 16, 8), author="pending"))
    answer(pending, by=sam, at=ny(3, 16, 8, 30))
    cases.pend(pending.pk, on="pending_customer", until=timezone.now() + timedelta(days=1), by=sam, now=ny(3, 16, 9))
    _closings(square, sam, ann, fraud)
    _desks(sam, ann)
    renewed = cases.claim(back.pk, by=sam, now=ny(3, 14, 15))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 1))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 2))
    cases.release(back.pk, by=sam, now=ny(3, 14, 15, 3))


def _closings(square: Any, sam: User, ann: User, fraud: Any) -> None:
    """Work of two on one conversation, a reopening after nine days, and a dismissal that was undone."""
    worked = conversation(hear(square, COMPLAINT, at=ny(3, 5, 9), author="worked")).pk
    for who, minute in ((sam, 5), (ann, 30)):
        case = cases.claim(worked, by=who, now=ny(3, 5, 9, minute))
        for more in (1, 2):
            cases.renew(case.pk, by=who, focused=True, now=ny(3, 5, 9, minute + more))
        if who is sam:
            cases.transfer(worked, to=fraud, by=sam, now=ny(3, 5, 9, 9))
    cases.assign(worked, to=sam, by=ann, now=ny(3, 5, 9, 35))
    cases.assign(worked, to=ann, by=ann, now=ny(3, 5, 9, 38))
    cases.assign(worked, to=sam, by=ann, now=ny(3, 5, 9, 35))
    cases.assign(worked, to=ann, by=ann, now=ny(3, 5, 9, 38))
    cases.close(worked, disposition="solved", by=ann, now=ny(3, 5, 9, 40))
    given = conversation(hear(square, ANGRY, at=ny(3, 5, 10), author="given")).pk
    cases.assign(given, to=ann, by=sam, now=ny(3, 5, 10, 5))
    cases.assign(given, to=sam, by=ann, now=ny(3, 5, 10, 10))
    cases.close(given, disposition="solved", by=sam, now=ny(3, 5, 10, 20))
    given = conversation(hear(square, COMPLAINT, at=ny(3, 5, 10), author="given")).pk
    cases.assign(given, to=ann, by=sam, now=ny(3, 5, 10, 5))
    cases.assign(given, to=sam, by=ann, now=ny(3, 5, 10, 10))
    cases.close(given, disposition="solved", by=sam, now=ny(3, 5, 10, 20))
    late = conversation(hear(square, COMPLAINT, at=ny(2, 27, 9), author="nine days")).pk
    taken_back = conversation(hear(square, COMPLAINT, at=ny(3, 6, 9), author="taken back")).pk
    undone = bulk.dismiss_many([taken_back], why="spam", by=sam, now=ny(3, 6, 10)).action
    assert undone
    undoing.undo(undone.pk, by=sam, now=ny(3, 6, 11))
    for pk, at in ((late, ny(2, 27, 11)), (taken_back, ny(3, 6, 12)), (late, ny(3, 8, 12))):
        if pk == late and at > ny(3, 1):
            cases.reopen(late, by=sam, now=ny(3, 8, 9))
        cases.claim(pk, by=sam, now=at)
        cases.close(pk, disposition="solved", by=sam, now=at)
    refused = conversation(hear(square, COMPLAINT, at=ny(3, 6, 14), author="refused")).pk
    for hour in (15, 17):
        cases.claim(refused, by=sam, now=ny(3, 6, hour))
        cases.close(refused, disposition="answered", by=sam, now=ny(3, 6, hour))
        assert hour == 17 or returns.unanswered(refused, now=ny(3, 6, 16))
    hear(square, "it was refused again @bank, please help me", at=ny(3, 7, 8), author="refused")
    moved = conversation(hear(square, COMPLAINT, at=ny(3, 6, 15), author="moved on"))
    answer(moved, by=sam, at=ny(3, 6, 15, 5))
    cases.transfer(moved.pk, to=fraud, by=sam, now=ny(3, 6, 15, 10))


def _desks(sam: User, ann: User) -> None:
    """Two open windows, a break in the middle, an absence that nobody ended, a night in between."""
    for person, spells in (
        (sam, [(ny(3, 5, 9), ny(3, 5, 12)), (ny(3, 5, 10), ny(3, 5, 13)), (ny(3, 9, 22), ny(3, 10, 5))]),
        (ann, [(ny(3, 5, 8), ny(3, 5, 10)), (ny(3, 17, 14), NOW)]),
    ):
        for start, stop in spells:
            Presence.objects.create(person=person, started_at=start, seen_at=stop)
    for person, start, end in ((sam, ny(3, 5, 11), ny(3, 5, 11, 30)), (ann, ny(3, 5, 9, 50), None)):
        Absence.objects.create(person=person, reason="break", started_at=start, ended_at=end)


ASKS = [
    "from=2024-02-26&to=2024-03-17",
    "from=2024-02-29&to=2024-03-10&compare=none",
    "from=2024-03-10&to=2024-03-10",
    "from=2024-03-04&to=2024-03-17&queue=care&queue=fraud&network=townsquare&network=x&grain=month",
    "from=2024-03-04&to=2024-03-17&team=fraud&compare=year",
    "from=2024-02-28&to=2024-03-16&network=x&grain=week",
    "from=2024-02-26&to=2024-03-17&topic=card-declined",
    "from=2024-02-26&to=2024-03-17&language=es",
    "from=2024-02-26&to=2024-03-17&site=charlotte&compare=none",
]


def asked(world: World, key: str, query: str) -> asking.Ask:
    found = reports.get(key)
    given = QueryDict(mutable=True)
    for name, values in QueryDict(query).lists():
        if name not in found.without:
            given.setlist(name, values)
    return asking.read(key, given, by=world.manager, now=NOW, without=found.without)


@pytest.mark.parametrize("query", ASKS)
@pytest.mark.parametrize("key", sorted(reports.every()))
def test_every_figure_is_what_a_plain_count_says_and_opens_as_many_rows(world: World, key: str, query: str) -> None:
    checked = check_figures(asked(world, key, query), reports.get(key), world.hand, world.manager)
    assert checked or key in ("csat", "agents")


def test_a_spell_that_is_named_like_a_definition_is_that_one_in_every_report(world: World) -> None:
    terms = {str(one.title) for one in glossary.GLOSSARY.values()}
    opened: dict[str, set[str]] = {}
    for key in sorted(reports.every()):
        for section in reports.get(key).content(asked(world, key, ASKS[0])).sections:
            told = [zip(section.columns, line.figures, strict=True) for line in section.lines]
            for column, figure in itertools.chain(*told):
                title = str(column.title)
                if figure.unit == "seconds" and figure.rows and title.partition(",")[0] in terms:
                    opened.setdefault(title, set()).add(figure.rows.list)
    assert opened["Handle time, median"] == {"handled"}
    assert {title: lists for title, lists in opened.items() if len(lists) > 1} == {}


def test_every_section_has_a_picture_and_what_was_before(world: World) -> None:
    bare, alone = set(), set()
    for key in sorted(reports.every()):
        for section in reports.get(key).content(asked(world, key, ASKS[0])).sections:
            beside = {line.key for line in section.lines} | {column.key for column in section.columns}
            if len(section.lines) > 1 and not (section.chart and charts.tells(section.chart)) and not section.map:
                bare.add((key, section.key))
            if section.lines and not any("before" in one for one in beside):
                alone.add((key, section.key))
    too_little_happened = {
        ("agents", "pace"),
        ("resolution", "effort"),
        ("response", "next-response"),
        ("topics", "answered"),
    }
    assert bare == too_little_happened
    assert alone == {("backlog", "ages"), ("backlog", "queues")}  # what is open now: its past is the days' section


@pytest.mark.parametrize("key", ["sla", "hours"])
def test_shares_of_promises_and_hours_add_up(world: World, key: str) -> None:
    content = reports.get(key).content(asked(world, key, ASKS[0]))
    for section in content.sections:
        for line in section.lines:
            values = dict(zip([c.key for c in section.columns], [f.value for f in line.figures], strict=True))
            if key == "sla":
                assert values["met"] + values["missed"] == values["due"]
                assert values["share"] == (100 * values["met"] / values["due"] if values["due"] else None)
            else:
                assert sum(v for k, v in values.items() if k != "all") == values["all"]


def stored() -> set[tuple[Any, ...]]:
    fields = [f.attname for f in KeptFacts._meta.fields if not f.primary_key]
    return {
        tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
        for row in KeptFacts.objects.values_list(*fields)
    }


AXES = ("none", "day", "queue", "network", "language", "topic", "person")
START, STOP = periods.midnight(ny(2, 26).date()), periods.midnight(ny(3, 18).date())
MIDNIGHTS = [periods.midnight(periods.bank_day(START) + timedelta(days=ahead)) for ahead in range(20)]


def from_rows(monkeypatch: pytest.MonkeyPatch, read: Callable[[], T]) -> T:
    """The answer of somebody for whom nothing is stored."""
    with monkeypatch.context() as patch:
        patch.setattr(keeping, "kept", lambda: None)
        return read()


def compare_kept_with_fresh(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back of what is stored is what its rows say, by every axis, through filters, and of odd ends."""

    def fresh(question: Hashable, ask: Callable[[], Any]) -> Any:
        if question not in world.fresh:
            world.fresh[question] = from_rows(monkeypatch, ask)
        return world.fresh[question]

    fraud = make_queue("fraud").pk
    some = (
        Filters(),
        Filters(queues=(fraud,)),
        Filters(networks=("x",), topic="card-declined"),
        Filters(languages=("es",)),
    )
    odd = START + timedelta(hours=9, minutes=17), NOW - timedelta(minutes=11)
    for filters, what in itertools.product(some, (kind for kind in facts.KINDS if kind not in facts.HOURLY)):
        for by in AXES if what in facts.BY_PEOPLE else AXES[:-1]:
            for start, stop in ((START, STOP), odd):
                ask = partial(facts.read, what, start, stop, filters, by=by)
                kept = ask()
                assert kept == fresh((what, by, filters, start), ask), (what, by, filters)
                assert ask(counts=True) == {key: replace(one, median=None, p90=None) for key, one in kept.items()}
    for filters, hourly, (start, stop) in itertools.product(some, facts.HOURLY, ((START, STOP), odd)):
        hours = partial(facts.by_hour, hourly, start, stop, filters)
        assert hours() == fresh((hourly, filters, start), hours)
    for filters, day in itertools.product(some, range(1, 18, 3)):
        below = partial(facts.below, int(ny(3, day, 12).timestamp() // 60), "answer", START, STOP, filters)
        assert below() == fresh((day, filters), below)


def test_what_is_stored_is_what_the_rows_say(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = stored()
    assert {row[1] for row in before if row[0] == Grain.DAY} == set(facts.KINDS)
    assert KeptFacts.objects.filter(grain=Grain.HOUR, start__gte=periods.midnight(periods.bank_day(NOW))).exists()
    with transaction.atomic():
        rollups.rebuild(ny(3, 9), ny(3, 11), now=NOW)
        assert DoubtedHour.objects.count() == (24 + 23 + 24) * len(facts.KINDS)
        while facts.keep(now=NOW):
            pass
        assert stored() == before
        transaction.set_rollback(True)
    assert not DoubtedHour.objects.exists()
    compare_kept_with_fresh(world, monkeypatch)


def test_what_is_in_doubt_is_counted_from_its_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a day and of the running one an hour each, while something false is stored of them."""
    with transaction.atomic():
        for hour in (ny(3, 7, 9), ny(3, 17, 1)):
            facts.doubt_between(hour, hour + timedelta(hours=1))
            KeptFacts.objects.filter(start=hour).update(numbers=b"", marks=b"", met=1000)
        KeptFacts.objects.filter(grain=Grain.DAY, start=ny(3, 7, 0)).update(numbers=b"", marks=b"", met=1000)
        compare_kept_with_fresh(world, monkeypatch)
        transaction.set_rollback(True)


def test_a_doubt_that_comes_while_its_hour_is_counted_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    recount, hour = keeping.recount, ny(3, 7, 9)
    with transaction.atomic():
        facts.doubt_between(hour, hour + timedelta(hours=1))

        def overtaken(cursor: Any, starts: Any, kinds: Any = facts.KINDS) -> None:
            recount(cursor, starts, kinds)
            if kinds == ["lag"]:
                facts.doubt_between(hour, hour + timedelta(hours=1))

        monkeypatch.setattr(keeping, "recount", overtaken)
        for _kind in facts.KINDS:
            facts.keep(now=NOW)
        doubted = DoubtedHour.objects.order_by("what").values_list("what", flat=True)
        assert "lag" in doubted
        monkeypatch.setattr(keeping, "recount", recount)
        while facts.keep(now=NOW):
            pass
        assert not DoubtedHour.objects.exists()
        transaction.set_rollback(True)


def again(cursor: Any, midnights: Iterable[datetime]) -> None:
    for midnight in midnights:
        keeping.recount(cursor, list(keeping.hours(midnight, keeping.midnight_after(midnight))))


def test_of_days_with_very_many_waits_only_slices_are_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MARKS", keeping.MARKS.replace(f"> {4 * ranks.LONG}", "> 0"))
    with transaction.atomic(), connection.cursor() as cursor:
        again(cursor, MIDNIGHTS)
        assert KeptFacts.objects.exclude(marks=b"").count() > 100
        compare_kept_with_fresh(world, monkeypatch)
        transaction.set_rollback(True)


def test_a_day_that_is_counted_again_while_it_is_read_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody counts between the look at the marks and the look at the numbers."""
    monkeypatch.setattr(keeping, "MARKS", keeping.MARKS.replace(f"> {4 * ranks.LONG}", "> 0"))
    read = reading._slices
    with transaction.atomic(), connection.cursor() as cursor:
        again(cursor, MIDNIGHTS)

        def overtaken(wanted: Any) -> Any:
            again(cursor, MIDNIGHTS[3:5])
            return read(wanted)

        monkeypatch.setattr(reading, "_slices", overtaken)
        ask = partial(facts.read, "first_response", START, STOP)
        kept = ask()
        assert kept == from_rows(monkeypatch, ask)
        assert kept[None].n > 30
        transaction.set_rollback(True)


@pytest.mark.parametrize("key", sorted(set(reports.every()) - {"csat", "backlog"}))
def test_over_http_pages_and_files_hold_as_many_rows(world: World, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mary = Client()
    mary.force_login(world.manager)
    query = "from=2024-03-01&to=2024-03-11&compare=none"
    document = mary.get(f"/reports/{key}.json?{query}").json()
    assert document["sections"]
    ask = asking.read(key, QueryDict(query), by=world.manager, now=timezone.now())
    some = [f for *_where, f in figures(reports.get(key).content(ask)) if f.rows and f.unit == "count" and f.value]
    for figure in itertools.islice(some, 0, None, max(1, len(some) // 6)):
        assert figure.rows
        address = ask.address(list=figure.rows.list, **figure.rows.narrowed)
        response = mary.get(f"/reports/{key}/rows.csv?{address}")
        lines = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
        assert lines[0][0].startswith("# "), "what the file says of itself comes first"
        assert len(lines) - 2 == figure.value, address
        book = mary.get(f"/reports/{key}/rows.xlsx?{address}")
        with zipfile.ZipFile(io.BytesIO(b"".join(book))) as opened:
            sheet = opened.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") - 1 == figure.value
        assert "<f>" not in sheet
        listed = json.loads(mary.get(f"/reports/{key}/rows.json?{address}").getvalue())
        assert len(listed["rows"]) == figure.value
