"""How figures are said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from agents.models import User
from commandcenter.figures import Rate
from commandcenter.reports import Figure, asking, wording
from commandcenter.reports.asking import Ask
from tests.factories import make_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 15, 42, tzinfo=UTC)


@pytest.fixture
def mary() -> User:
    return make_person("mary", role="manager", teams=())


def asked(by: User, **given: str) -> Ask:
    query = QueryDict(mutable=True)
    query.update({"from": "2026-11-14", "to": "2026-11-20"} | given)
    return asking.read("volume", query, by=by, now=NOW)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (0, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (3600, "1 h 00 min"), (90061, "1 d 1 h")],
)
def test_spells_are_said_in_their_two_largest_units(seconds: float | None, said: str) -> None:
    assert wording.spell(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (0, "0%"), (83.333, "83.3%"), (99.96, "99.9%"), (0.04, "0.1%"), (100, "100%")]
)
def test_shares(value: float | None, said: str) -> None:
    assert wording.percent(value) == said


def test_numbers_have_their_thousands_apart() -> None:
    assert wording.figure(Figure(1234567, "count")) == "1,234,567"


def test_a_change_is_in_per_cent_only_of_enough(mary: User) -> None:
    ask = asked(mary)
    assert wording.change(60, 40, ask) == "50% more than the 7 days before (40)"
    assert wording.change(10, 20, ask) == "10 fewer than the 7 days before (20)"
    assert wording.change(5, 5, ask) == "the same as the 7 days before (5)"
    assert wording.change(5, 5, asked(mary, compare="none")) == ""
    assert wording.change(60, 40, asked(mary, compare="year")) == "50% more than the same weeks last year (40)"


def test_shares_differ_by_points_and_only_of_enough(mary: User) -> None:
    ask = asked(mary)
    assert (
        wording.rate_change(Rate(45, 50), Rate(40, 50), ask) == "10.0 points better than the 7 days before (80% of 50)"
    )
    assert (
        wording.rate_change(Rate(20, 50), Rate(40, 50), ask) == "40.0 points worse than the 7 days before (80% of 50)"
    )
    less = wording.rate_change(Rate(20, 50), Rate(40, 50), ask, good="less")
    assert less == "40.0 points better than the 7 days before (80% of 50)", "of reopenings fewer are better"
    neither = wording.rate_change(Rate(20, 50), Rate(40, 50), ask, good="")
    assert neither == "40.0 points less than the 7 days before (80% of 50)"
    assert wording.rate_change(Rate(1, 2), Rate(40, 50), ask) == "the 7 days before: 80% of 50"


def test_a_length_of_time_differs_only_where_both_are_of_enough(mary: User) -> None:
    ask = asked(mary)
    assert (
        wording.spell_change(540, 720, ask, of=(40, 50))
        == "3 min 00 s shorter than the 7 days before (12 min 00 s, n = 50)"
    )
    assert wording.spell_change(540, 720, ask, of=(40, 29)) == "the 7 days before: 12 min 00 s, n = 29"
    assert wording.spell_change(540, 720, ask, of=(29, 50)) == "the 7 days before: 12 min 00 s, n = 50"
    assert wording.spell_change(540, 720, ask) == "3 min 00 s shorter than the 7 days before (12 min 00 s)", (
        "one wait is of none"
    )


def test_a_score_differs_only_where_both_are_of_enough(mary: User) -> None:
    ask = asked(mary)
    assert wording.score_change(10, 4, (40, 50), ask) == "6.0 points better than the 7 days before (+4.0, n = 50)"
    assert wording.score_change(10, 4, (40, 29), ask) == "the 7 days before: +4.0 (n = 29)"


def test_one_day_stands_beside_the_same_weekday(mary: User) -> None:
    ask = asked(mary, **{"from": "2026-11-21", "to": "2026-11-21"})
    assert wording.change(60, 40, ask) == "50% more than Sat 14 Nov (40)"
    assert wording.period(ask.period) == "Sat 21 Nov 2026, 10:42"


def test_a_period_is_said_once(mary: User) -> None:
    assert wording.period(asked(mary).period) == "Sat 14 Nov – Fri 20 Nov 2026"
    over_new_year = asked(mary, **{"from": "2025-12-31", "to": "2026-01-01"}).period
    assert wording.period(over_new_year) == "Wed 31 Dec 2025 – Thu 1 Jan 2026"
