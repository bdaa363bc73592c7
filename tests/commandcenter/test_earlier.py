"""A past day is told by the definitions of that day: words, figures, and the rows behind them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import judgement
from agents.models import Role
from commandcenter import earlier, glossary, metrics, periods
from commandcenter.earlier import Earlier
from commandcenter.figures import Rate
from commandcenter.reports import asking
from commandcenter.reports.lists import LISTS
from mentions.models import Conversation
from tests.commandcenter.history import COMPLAINT, answer, hear, settle
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def then() -> datetime:
    """Noon two days ago, when two had written: one was answered, of the other nobody had decided what it needs."""
    noon = periods.midnight(periods.bank_day(timezone.now()) - timedelta(days=2)) + 12 * HOUR
    make_queue("care")
    sam = make_person("sam", role=Role.SUPERVISOR)
    told = [hear(make_source("square"), COMPLAINT, at=noon - 5 * HOUR, author=name) for name in ("one", "two")]
    answer(Conversation.objects.get(pk=told[0].conversation_id), by=sam, at=noon - 4 * HOUR)
    judgement.undecide(told[1].conversation_id, by=sam, now=noon - 3 * HOUR)
    settle()
    return noon


def undecided_needed_one(rate: Rate) -> Rate:
    """What the response rate is supposed to have been once: the undecided counted as if they needed an answer."""
    return Rate(rate.numerator, rate.n + rate.undecided, 0)


@pytest.fixture
def defined_anew(then: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hour after that, the response rate was defined as it is today."""
    today: Any = metrics.response_rate.__wrapped__  # type: ignore[attr-defined]
    counts = {"response_rate": lambda *asked, **more: undecided_needed_one(today(*asked, **more))}
    was = replace(glossary.define("response_rate"), sentence="Answered, of everything that came in.")
    lists = {"actionable": replace(LISTS["actionable"], condition="c.actionable IS NOT FALSE", definition=was)}
    monkeypatch.setattr(earlier, "EARLIER", (Earlier(then + HOUR, was, counts, lists),))


@pytest.mark.usefixtures("defined_anew")
def test_a_day_before_is_told_by_what_it_meant_then_and_a_day_after_by_what_it_means_now(then: datetime) -> None:
    mary = Client()
    mary.force_login(make_person("mary", role=Role.MANAGER, teams=()))
    day = periods.bank_day(then)

    def told(as_of: str) -> tuple[str, str, int, str, int]:
        query = f"from={day}&to={day}{as_of}"
        page = mary.get(f"/reports/response/?{query}").content.decode()
        share = re.search(r'headline-value"[^>]*><a href="([^"]*)">([^<]*)</a>', page)
        assert share
        rows = mary.get(share[1].replace("&amp;", "&")).content.decode()
        count = re.search(r'id="rows-title">.*?<span role="figure"[^>]*>(\d+)</span>', rows, re.DOTALL)
        assert count
        sentence = "everything that came in" if "everything that came in" in page else "all that needed an answer"
        assert sentence in rows
        files = mary.get(f"/reports/response.json?{query}").json()
        assert sentence in files["sections"][0]["definition"]
        assert mary.get(f"/reports/response.pdf?{query}").status_code == 200
        said = re.search(r"Counted by version (\d) of the definitions \(today: (\d)\)", page)
        return share[2], sentence, int(count[1]), said[0][-9:] if said else "", files["definitions"]

    before, after = asking.spelled(then), asking.spelled(then + 2 * HOUR)
    assert told(f"&as_of={before}") == ("50%", "everything that came in", 2, "today: 2)", 1)
    assert told(f"&as_of={after}") == ("100%", "all that needed an answer", 1, "today: 2)", 2)
    assert told("") == ("100%", "all that needed an answer", 1, "", 2)


def test_of_several_the_one_that_held_then_counts(then: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    words = glossary.define("volume")
    ages = [
        Earlier(then + hours * HOUR, replace(words, sentence=said), {}) for hours, said in ((1, "first"), (3, "second"))
    ]
    monkeypatch.setattr(earlier, "EARLIER", (*ages,))
    held = [[one.definition.sentence for one in earlier.at(then + hours * HOUR)] for hours in (0, 1, 2, 3)]
    assert held == [["first"], ["second"], ["second"], []]
    assert [earlier.version(then + hours * HOUR) for hours in (0, 1, 2, 3)] == [1, 2, 2, 3]
    assert (earlier.version(None), list(earlier.at(None))) == (3, [])
