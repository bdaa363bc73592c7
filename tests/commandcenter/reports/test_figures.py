"""Every figure of every report against a plain count in Python, and against the rows that it opens."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from agents import cases, judgement
from agents.models import Role, User
from commandcenter import dayfacts, facts, periods, ranks, reports, rollups
from commandcenter.models import DayFacts
from commandcenter.populations import Filters
from commandcenter.reports import asking
from mentions import intake
from tests.commandcenter.history import COMPLAINT, LOVE, SPAM, answer, conversation, hear, settle
from tests.commandcenter.reports.hand import Hand, check_figures, figures
from tests.factories import make_person, make_queue, make_rule, make_site, make_source, post

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
ANGRY = "@bank this is terrible, my card was stolen, I am furious"
SPANISH = "mi tarjeta fue rechazada en el cajero, necesito ayuda @bank"


def ny(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


NOW = ny(3, 17, 15, 30)


@dataclass(frozen=True)
class World:
    """Three weeks of 2024 with its leap day and the night when clocks went forward."""

    manager: User
    sam: User


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
    return World(make_person("mary", role=Role.MANAGER, teams=()), sam)


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
    renewed = cases.claim(back.pk, by=sam, now=ny(3, 14, 15))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 1))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 2))
    cases.release(back.pk, by=sam, now=ny(3, 14, 15, 3))


ASKS = [
    "from=2024-02-26&to=2024-03-17",
    "from=2024-02-29&to=2024-03-10&compare=none",
    "from=2024-03-10&to=2024-03-10",
    "from=2024-03-04&to=2024-03-17&queue=care",
    "from=2024-03-04&to=2024-03-17&team=fraud&compare=year",
    "from=2024-02-26&to=2024-03-16&network=x",
    "from=2024-02-26&to=2024-03-17&topic=card-declined",
    "from=2024-02-26&to=2024-03-17&language=es",
    "from=2024-02-26&to=2024-03-17&site=charlotte&compare=none",
]


def asked(world: World, key: str, query: str) -> asking.Ask:
    found = reports.get(key)
    given = QueryDict(mutable=True)
    for name, value in QueryDict(query).items():
        if name not in found.without:
            given[name] = str(value)
    return asking.read(key, given, by=world.manager, now=NOW, without=found.without)


@pytest.mark.parametrize("query", ASKS)
@pytest.mark.parametrize("key", sorted(reports.every()))
def test_every_figure_is_what_a_plain_count_says_and_opens_as_many_rows(world: World, key: str, query: str) -> None:
    checked = check_figures(asked(world, key, query), reports.get(key), Hand(NOW), world.manager)
    assert checked or key in ("csat", "agents")


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
    fields = [f.attname for f in DayFacts._meta.fields if not f.primary_key]
    return {
        tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
        for row in DayFacts.objects.values_list(*fields)
    }


AXES = ("none", "day", "queue", "network", "language", "topic", "person")
START, STOP = periods.midnight(ny(2, 26).date()), periods.midnight(ny(3, 18).date())


def compare_kept_with_fresh() -> None:
    """What is read back of stored days is what their rows say, by every axis, and through filters."""
    closed = rollups.closed_until()
    fraud = make_queue("fraud").pk
    some = (Filters(), Filters(queues=(fraud,)), Filters(network="x", topic="card-declined"), Filters(language="es"))
    for filters, what in itertools.product(some, (kind for kind in facts.KINDS if kind not in facts.HOURLY)):
        for by in AXES if what in facts.BY_PEOPLE else AXES[:-1]:
            kept = facts.read(what, START, STOP, filters, by=by, closed=closed)
            assert kept == facts.read(what, START, STOP, filters, by=by, closed=None), (what, by, filters)
            counts = facts.read(what, START, STOP, filters, by=by, closed=closed, counts=True)
            assert counts == {key: replace(one, median=None, p90=None) for key, one in kept.items()}
    for filters, hourly in itertools.product(some, facts.HOURLY):
        assert facts.by_hour(hourly, START, STOP, filters, closed=closed) == facts.by_hour(
            hourly, START, STOP, filters, closed=None
        )
    for filters, day in itertools.product(some, range(1, 18, 3)):
        minute = int(ny(3, day, 12).timestamp() // 60)
        kept_below = facts.below(minute, "answer", START, STOP, filters, closed=closed)
        assert kept_below == facts.below(minute, "answer", START, STOP, filters, closed=None)


def test_what_is_stored_for_closed_days_is_what_the_rows_say(world: World) -> None:
    before = stored()
    assert {row[0] for row in before} == set(facts.KINDS)
    with transaction.atomic():
        rollups.rebuild(ny(2, 25), NOW, now=NOW)
        assert stored() == before
        transaction.set_rollback(True)
    compare_kept_with_fresh()


def test_of_days_with_very_many_waits_only_slices_are_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dayfacts, "MARKS", dayfacts.MARKS.replace(f"> {4 * ranks.LONG}", "> 0"))
    with transaction.atomic(), connection.cursor() as cursor:
        dayfacts.recount(cursor, [periods.bank_day(START) + timedelta(days=ahead) for ahead in range(20)])
        assert DayFacts.objects.exclude(marks=b"").count() > 100
        compare_kept_with_fresh()
        transaction.set_rollback(True)


def test_a_day_that_is_counted_again_while_it_is_read_is_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody counts between the look at the marks and the look at the numbers."""
    monkeypatch.setattr(dayfacts, "MARKS", dayfacts.MARKS.replace(f"> {4 * ranks.LONG}", "> 0"))
    read, days = facts._slices, [periods.bank_day(START) + timedelta(days=ahead) for ahead in range(20)]
    with transaction.atomic(), connection.cursor() as cursor:
        dayfacts.recount(cursor, days)

        def overtaken(wanted: Any) -> Any:
            dayfacts.recount(cursor, days[3:5])
            return read(wanted)

        monkeypatch.setattr(facts, "_slices", overtaken)
        kept = facts.read("first_response", START, STOP, closed=rollups.closed_until())
        assert kept == facts.read("first_response", START, STOP, closed=None)
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
        assert len(lines) - 1 == figure.value, address
        book = mary.get(f"/reports/{key}/rows.xlsx?{address}")
        with zipfile.ZipFile(io.BytesIO(b"".join(book))) as opened:
            sheet = opened.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") - 1 == figure.value
        assert "<f>" not in sheet
        listed = mary.get(f"/reports/{key}/rows.json?{address}").json()
        assert len(listed["rows"]) == figure.value
