"""The morning brief: made from figures, and every figure opens its rows."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Role, Rota
from commandcenter import brief, periods, scenes, usual
from commandcenter.figures import Change
from commandcenter.models import Profile
from commandcenter.populations import Filters
from commandcenter.reports import briefing
from commandcenter.usual import Against
from mentions.models import Conversation, Gap
from tests.commandcenter.history import COMPLAINT, answer, hear, settle
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    usual.forget()


@pytest.fixture
def yesterday() -> None:
    """Three complaints at noon, two of them answered, one too late; a week before a single one."""
    make_queue("care")
    make_queue("fraud")
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))
    noon = periods.midnight(periods.bank_day(timezone.now()) - timedelta(days=1)) + timedelta(hours=12)
    for number, minutes in enumerate((5, 45, 0)):
        mention = hear(make_source("square"), COMPLAINT, at=noon + timedelta(minutes=number), author=f"c{number}")
        if minutes:
            conversation = Conversation.objects.get(pk=mention.conversation_id)
            answer(conversation, by=sam, at=mention.occurred_at + timedelta(minutes=minutes))
    hear(make_source("square"), COMPLAINT, at=periods.moved(noon, -7), author="before")
    gap = {"started_at": noon, "ended_at": noon + timedelta(hours=2), "reason": Gap.Reason.UNREACHABLE}
    Gap.objects.create(source=make_source("square"), **gap)
    Rota.objects.create(person=sam, zone="UTC", days=list(range(7)), start=0, stop=1440)
    settle()


@pytest.mark.usefixtures("yesterday")
class TestBrief:
    def test_it_says_what_happened_what_drove_it_what_was_missed_and_who_is_on(self) -> None:
        made = brief.make(timezone.now())
        assert made.mentions == Change(3, 1)
        assert (made.rate.numerator, made.rate.n, made.missed) == (2, 3, 1)
        assert (made.first.n, made.first.median) == (2, 25 * 60)
        assert (made.kept.met, made.kept.missed) == (1, 2)
        assert made.drivers == []
        assert [(one.minutes, one.filled) for one in made.blind] == [(120, False)]
        assert [str(row.person) for row in made.on] == ["Sam"]

    def test_what_drives_a_morning_is_the_same_on_the_page_and_on_the_wall(self) -> None:
        at = periods.midnight(periods.bank_day(timezone.now()) - timedelta(days=1)) + timedelta(hours=13)
        (driver,) = brief.make(at).drivers
        assert (driver.against, driver.scored) == (Against("card-declined", 3, 1.0), 3)
        (shown,) = scenes.get("brief").context(Profile.INTERNAL, at)["drivers"]
        assert (shown["name"], shown["value"], shown["against"]) == ("Card declined", "3", "usually 1")
        (line,) = next(part for part in briefing.parts(brief.make(at), {}) if part.key == "drives").lines
        assert (line.said, line.beside) == ("3", "usually 1 by this hour")
        fraud = Filters(queues=(make_queue("fraud").pk,))
        assert brief.drivers(at, fraud) == []

    def test_every_figure_of_the_page_opens_as_many_rows(self) -> None:
        mary = Client()
        mary.force_login(make_person("mary", role=Role.MANAGER, teams=()))
        html = mary.get("/brief/").content.decode()
        found = re.findall(r'<a href="(/reports/[^"]*)">(\d+)</a>', html)
        assert len(found) >= 4
        for url, said in found:
            rows = mary.get(unescape(url)).content.decode()
            title = re.search(r'id="rows-title">.*?<span role="figure"[^>]*>([\d,]+)</span>', rows, re.DOTALL)
            assert title, url
            assert title[1] == said, url
        assert "Square was blind" in html
        assert "120 minutes" in html

    def test_a_supervisor_reads_of_their_own_queues(self) -> None:
        fiona = Client()
        fiona.force_login(make_person("fiona", role=Role.SUPERVISOR, teams=("fraud",)))
        html = fiona.get("/brief/").content.decode()
        assert 'aria-label="Mentions"' in html
        assert not re.findall(r">3</a>", html)
