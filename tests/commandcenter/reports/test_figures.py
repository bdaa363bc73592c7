"""Every figure of every report against a plain count in Python, and against the rows that it opens."""

from __future__ import annotations

import csv
import io
import itertools
import json
import zipfile
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from commandcenter import facts, glossary, periods, reports, rollups
from commandcenter.facts import keeping, ranks, reading
from commandcenter.models import DoubtedHour, Grain, KeptFacts
from commandcenter.populations import Filters
from commandcenter.reports import asking, charts
from tests.commandcenter.reports.checking import check_figures, figures
from tests.commandcenter.reports.three_weeks import NOW, World, ny, three_weeks
from tests.factories import make_queue

pytestmark = pytest.mark.django_db
T = TypeVar("T")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield three_weeks()
        transaction.set_rollback(True)


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


def test_a_median_of_few_is_not_called_shorter(world: World) -> None:
    """Six were closed, and one in the two weeks before."""
    content = reports.get("resolution").content(asked(world, "resolution", "from=2024-03-04&to=2024-03-17"))
    solved = content.headlines[0]
    assert (solved.n, solved.change) == ("n = 6", "the 14 days before: 2 d 2 h, n = 1")
    assert "shorter" not in str(content.sections[0].answer)


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
