"""Days of 23 and 25 hours in two zones, and what else makes a figure wrong: every figure against a plain count."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.test import Client

from agents import cases
from agents.models import Role, User
from commandcenter import gaps, metrics, periods, reports
from commandcenter.models import Profile
from commandcenter.periods import Period
from commandcenter.populations import Filters
from commandcenter.reports import answering, asking, exports
from commandcenter.scenes import _strip
from mentions import intake
from mentions.models import Gap, Mention, Queue, SavedSearch, Source
from tests.commandcenter.history import COMPLAINT, SPAM, answer, conversation, hear, settle
from tests.commandcenter.reports.checking import check_figures
from tests.commandcenter.reports.hand import Hand
from tests.factories import make_person, make_queue, make_rule, make_site, make_source, post

pytestmark = pytest.mark.django_db
HOUR, ONE_DAY = timedelta(hours=1), timedelta(days=1)
NIGHTS = [
    ("America/New_York", date(2025, 3, 9), 23),
    ("America/New_York", date(2025, 11, 2), 25),
    ("Europe/Berlin", date(2025, 3, 30), 23),
    ("Europe/Berlin", date(2025, 10, 26), 25),
]


@pytest.fixture
def people(db: None) -> tuple[User, User]:
    """A supervisor of three teams and a manager."""
    make_queue("care")
    make_rule(make_queue("fraud"), conditions={"words_any": ["stolen"]})
    make_rule(make_queue("old"), conditions={"words_any": ["fax"]})
    make_site("charlotte")
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud", "old"))
    return sam, make_person("mary", role=Role.MANAGER, teams=())


def _night(sam: User, changed: date) -> datetime:
    """A day and six hours on both sides of it, and what came later; returns when all of it has happened."""
    square, ear = make_source("square"), make_source("ear", network="x")
    start, midnight = periods.midnight(changed) - 6 * HOUR, periods.midnight(changed + ONE_DAY)
    stop = midnight + ONE_DAY
    at, number = start, 0
    while at < midnight + 6 * HOUR:
        # Two in each hour, one of them in its last second: an hour that is there twice has four.
        mention = hear(square, COMPLAINT, at=at, author=f"a{number}")
        hear(ear, COMPLAINT, at=at + HOUR - timedelta(seconds=1), author=f"b{number}", network="x")
        if number % 3 == 0:
            answer(conversation(mention), by=sam, at=at + timedelta(minutes=7 + 31 * (number % 4)))
        at, number = at + HOUR, number + 1
    late = hear(square, COMPLAINT, at=midnight - timedelta(seconds=2), received=midnight + 3 * HOUR, author="late")
    answer(conversation(late), by=sam, at=midnight + 4 * HOUR)
    twice = post(COMPLAINT, created_at=midnight.isoformat(), author="twice")
    assert [intake.receive(square, [twice], now=midnight).items[0].status for _ in range(2)] == [
        "accepted",
        "duplicate",
    ]
    hear(square, SPAM, at=midnight - HOUR, author="bot")
    gone = hear(square, COMPLAINT, at=midnight - 2 * HOUR, author="gone")
    removal = {"network": gone.network, "external_id": gone.external_id, "op": "delete"}
    intake.receive(square, [removal], now=midnight + HOUR)
    again = conversation(hear(square, COMPLAINT, at=start + 20 * HOUR, author="again"))
    answer(again, by=sam, at=start + 21 * HOUR)
    cases.close(again.pk, disposition="solved", by=sam, now=start + 22 * HOUR)
    hear(square, "it is broken again @bank, please help", at=midnight - 30 * timedelta(minutes=1), author="again")
    handed = conversation(hear(square, COMPLAINT, at=start + 2 * HOUR, author="handed"))
    cases.transfer(handed.pk, to=make_queue("fraud"), by=sam, now=start + 30 * HOUR)
    faxed = conversation(hear(square, "@bank your fax is broken, please help", at=start + 3 * HOUR, author="fax"))
    answer(faxed, by=sam, at=start + 5 * HOUR)
    cases.close(faxed.pk, disposition="solved", by=sam, now=start + 6 * HOUR)
    Queue.objects.filter(slug="old").update(retired_at=stop, successor=make_queue("care"))
    return stop + 9 * HOUR


@pytest.mark.parametrize(("zone", "changed", "hours"), NIGHTS)
def test_every_figure_around_a_night_when_clocks_change(
    people: tuple[User, User], settings: Any, zone: str, changed: date, hours: int
) -> None:
    settings.BANK_TIME_ZONE = zone
    sam, mary = people
    now = _night(sam, changed)
    settle(now=now)
    hand, day = Hand(now), Period.of(changed, changed, now=now)
    assert (day.end - day.start) == hours * HOUR
    written = [m for m in hand.mentions if m.occurred_at.astimezone(periods.bank_zone()).date() == changed]
    assert metrics.volume(day).total == len(written)
    assert len(written) >= 2 * hours + 3
    for key, found in reports.every().items():
        for query in (
            f"from={changed - ONE_DAY}&to={changed + ONE_DAY}&compare=none",
            f"from={changed}&to={changed}",
            f"from={changed - ONE_DAY}&to={changed + ONE_DAY}&queue=old&compare=none",
        ):
            if "queue" in found.without and "queue=" in query:
                continue
            ask = asking.read(key, QueryDict(query), by=mary, now=now, without=found.without)
            check_figures(ask, found, hand, mary, most=20)
    assert metrics.response_rate(day, Filters(queues=(Queue.objects.get(slug="old").pk,))).n == 0
    late = Mention.objects.get(author__external_id="late")
    assert late.occurred_at.astimezone(periods.bank_zone()).date() == changed


def test_a_workbook_tells_both_hours_of_the_night_in_which_the_clock_goes_back() -> None:
    """Written at ten to two and read at five past one, a quarter of an hour later: in UTC that can be counted again."""
    zone, file = ZoneInfo("America/New_York"), io.BytesIO()
    first = datetime(2026, 11, 1, 1, 50, tzinfo=zone)
    rows = [("at", "text", "received"), (first, "hello", first.replace(minute=5, fold=1)), (first, "", None)]
    exports.rows_workbook(iter(rows), [], file)
    with zipfile.ZipFile(file) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r"<t>(\w+_utc)</t>", sheet) == ["at_utc", "received_utc"]
    cells = {place: float(value) for place, value in re.findall(r'<c r="([A-E]2)" s="\d+"><v>([\d.]+)</v>', sheet)}
    assert round((cells["C2"] - cells["A2"]) * 24 * 60) == -45
    assert round((cells["E2"] - cells["D2"]) * 24 * 60) == 15


def test_two_blind_hours_stand_beside_every_figure_they_touch(people: tuple[User, User], settings: Any) -> None:
    """Two sources are blind at once across a midnight; a third was filled since, a fourth is a rival's."""
    settings.BANK_TIME_ZONE = "Europe/Berlin"
    _sam, mary = people
    changed = date(2025, 10, 26)
    midnight = periods.midnight(changed + ONE_DAY)
    now = midnight + 2 * ONE_DAY

    def blind(source: Source, start: datetime, end: datetime | None, **about: Any) -> None:
        Gap.objects.create(source=source, started_at=start, ended_at=end, reason=Gap.Reason.UNREACHABLE, **about)

    square, ear = make_source("square"), make_source("ear", network="x")
    blind(square, midnight - HOUR, midnight + HOUR)
    blind(ear, midnight - HOUR / 2, midnight + HOUR / 2)
    filled = {"state": Gap.Status.FILLED, "closed_at": midnight + 8 * HOUR}
    blind(make_source("third"), midnight - 5 * HOUR, midnight - 4 * HOUR, **filled)
    blind(make_source("rival", network="x", rival="First Rival", sending=False), midnight - HOUR, midnight + HOUR)
    hear(square, COMPLAINT, at=midnight - 3 * HOUR)
    settle(now=now)
    query = f"from={changed}&to={changed + ONE_DAY}"
    ask = asking.read("volume", QueryDict(query), by=mary, now=now)
    answer_ = answering.answer(reports.get("volume"), ask)
    assert [(one.source, one.minutes, one.filled) for one in answer_.blind] == [
        ("Third", 60, True),
        ("Square", 120, False),
        ("Ear", 60, False),
    ]
    assert gaps.by_day(answer_.blind) == {changed: 60, changed + ONE_DAY: 60}
    before = gaps.blind(ask.period, ask.filters, midnight)
    assert [(one.source, one.minutes, one.filled) for one in before] == [
        ("Third", 60, False),
        ("Square", 60, False),
        ("Ear", 30, False),
    ], "as it was known at midnight"
    of_x = asking.read("volume", QueryDict(f"{query}&network=x"), by=mary, now=now)
    assert [one.source for one in answering.answer(reports.get("volume"), of_x).blind] == ["Ear"]
    client = Client()
    client.force_login(mary)
    page = client.get(f"/reports/volume/?{query}").content.decode()
    assert page.count("blind for 1 h 00 min</span>") == 4, "at both days in both tables by day"
    assert "Square was blind for 2 h 00 min" in page
    lines = list(csv.DictReader(io.StringIO(client.get(f"/reports/volume.csv?{query}").content.decode("utf-8-sig"))))
    told = {(line["row"], line["blind_minutes"]) for line in lines if line["section"] == "days"}
    assert {(changed.isoformat(), "60"), ("all", "120")} <= told
    assert {line["blind_minutes"] for line in lines if line["figure"] == "before"} == {"0"}
    (of_network,) = {
        line["blind_minutes"] for line in lines if (line["section"], line["figure"]) == ("networks", "mentions")
    }
    assert of_network == "120", "the hour of the ear on X is not the square's"
    backlog = client.get(f"/reports/backlog.csv?{query}").content.decode("utf-8-sig")
    minutes = {(line["section"], line["blind_minutes"]) for line in csv.DictReader(io.StringIO(backlog))}
    assert ("flow", "120") in minutes
    assert [blind for section, blind in minutes if section == "ages"] == ["0"], "what is open now has no days"
    document = client.get(f"/reports/volume.json?{query}").json()
    assert sum(one["minutes"] for one in document["blind"] if not one["filled"]) == 180
    assert len(document["caveats"]) == 3
    assert "fetched since" in document["caveats"][-1], "what is missing comes first"
    for hour in (9, 12):
        blind(square, midnight - hour * HOUR, midnight - hour * HOUR + HOUR / 4, **filled)
    folded = client.get(f"/reports/volume.json?{query}").json()["caveats"]
    assert len(folded) == 3
    assert "3 times, for 1 h 00 min at most" in folded[-1]
    (note,) = _strip.context(Profile.INTERNAL, midnight + 3 * HOUR, "pulse")["notes"]
    assert (note.kind, note.words, note.has_turn) == ("blind", "Blind today: 1 h 00 min", True)
    assert not _strip.context(Profile.INTERNAL, midnight + 30 * HOUR, "pulse")["notes"]
    assert _strip.context(Profile.STREET, midnight + 3 * HOUR, "pulse") == {}
    rows = client.get(f"/reports/volume/rows/?{query}&list=mentions").content.decode()
    assert "Square was blind for 2 h 00 min" in rows
    desk = client.get(f"/reports/agents/rows/?{query}&list=available")
    assert desk.status_code == 200
    assert "was blind" not in desk.content.decode(), "no network tells who was at a desk"
    voices = client.get(f"/reports/share-of-voice.json?{query}").json()["caveats"]
    assert any("Rival was blind for 2 h 00 min" in one for one in voices), "which makes our share larger"
    theirs = client.get(f"/reports/share-of-voice/rows/?{query}&list=rivals").content.decode()
    assert ("Rival was blind" in theirs, "Square was blind" in theirs) == (True, False)
    us = SavedSearch.objects.create(name="Us", query="bank", kind="ours")
    search = Source.objects.create(slug="search", network="search", name="Search", search=us, via=ear)
    blind(search, midnight - HOUR, midnight)
    of_x_too = gaps.blind(ask.period, Filters(networks=("x",)), now)
    assert [(one.source, one.network) for one in of_x_too] == [("Search", "x"), ("Ear", "x")]
