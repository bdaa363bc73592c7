"""The bank's days, in its own zone, through the nights on which the clock is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from commandcenter import periods
from commandcenter.periods import Period

NOW = datetime(2026, 11, 21, 15, 42, 30, tzinfo=UTC)  # a Saturday, 10:42 in New York


def test_a_day_is_the_banks_and_not_greenwichs() -> None:
    assert periods.bank_day(datetime(2026, 11, 21, 4, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert periods.midnight(date(2026, 11, 21)) == datetime(2026, 11, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2028, 2, 29), 24), (date(2026, 7, 1), 24)]
)
def test_days_of_changing_clocks_have_23_and_25_hours(day: date, hours: int) -> None:
    whole = Period.of(day, day, now=NOW + timedelta(days=1000))
    assert (whole.end - whole.start, whole.complete) == (timedelta(hours=hours), True)


def test_a_month_with_a_changed_clock_has_each_day_once() -> None:
    month = Period.of(date(2026, 11, 1), date(2026, 11, 30), now=NOW + timedelta(days=30))
    days = list(month.days())
    assert [day.first.day for day in days] == list(range(1, 31))
    assert all(one.end == other.start for one, other in pairwise(days))
    assert (days[0].start, days[-1].end) == (month.start, month.end)


def test_today_runs_to_the_end_of_the_running_minute() -> None:
    today = Period.today(NOW)
    assert today.end == datetime(2026, 11, 21, 15, 43, tzinfo=UTC)
    assert not today.complete
    assert [day.complete for day in Period.of(date(2026, 11, 20), date(2026, 11, 25), now=NOW).days()] == [True, False]


def test_what_is_compared_ends_at_the_same_minute_of_the_clock() -> None:
    week_ago = Period.today(NOW).back(7)
    assert (week_ago.first, week_ago.end) == (date(2026, 11, 14), datetime(2026, 11, 14, 15, 43, tzinfo=UTC))
    over_the_change = Period.of(
        date(2026, 11, 2), date(2026, 11, 2), now=datetime(2026, 11, 2, 15, 42, tzinfo=UTC)
    ).back(1)
    assert over_the_change.end - over_the_change.start == timedelta(hours=11, minutes=43)  # an hour came twice
    assert over_the_change.end.astimezone(periods.bank_zone()).strftime("%H:%M") == "10:43"


@pytest.mark.parametrize(("days", "back"), [(1, 7), (7, 7), (8, 14), (28, 28), (30, 35)])
def test_the_period_before_is_moved_by_whole_weeks(days: int, back: int) -> None:
    last = date(2026, 11, 20)
    period = Period.of(last - timedelta(days=days - 1), last, now=NOW)
    before = period.before()
    assert (period.first - before.first, before.length) == (timedelta(days=back), days)
    assert before.first.weekday() == period.first.weekday()
    assert before.last < period.first


def test_an_hour_begins_on_the_banks_clock() -> None:
    assert periods.hour(NOW) == datetime(2026, 11, 21, 15, tzinfo=UTC)


def test_an_hour_of_a_zone_with_half_hours(settings: pytest.FixtureRequest) -> None:
    settings.BANK_TIME_ZONE = "Asia/Kolkata"  # type: ignore[attr-defined]
    assert periods.hour(NOW) == datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


def test_weeks_and_months_are_the_calendars_and_what_stands_beside_has_parts_as_long() -> None:
    now = datetime(2024, 3, 31, 12, tzinfo=UTC)  # New York's clock went ahead on 10 March
    period = replace(Period.of(date(2024, 2, 28), date(2024, 4, 2), now=now), grain="week")
    weeks = [(one.first, one.last) for one in period.parts()]
    assert weeks[:2] == [(date(2024, 2, 28), date(2024, 3, 3)), (date(2024, 3, 4), date(2024, 3, 10))]
    assert weeks[-1] == (date(2024, 3, 25), date(2024, 3, 31))
    hours = [(one.end - one.start).total_seconds() / 3600 for one in period.parts()]
    assert hours[1:3] == [167, 168]
    months = replace(period, grain="month")
    assert [one.first.isoformat() for one in months.parts()] == ["2024-02-28", "2024-03-01"]
    assert {months.part_of(day.first) for day in months.days()} == {one.first for one in months.parts()}
    beside = [(one.first, one.length) for one in months.before().parts()]
    assert beside == [(date(2024, 1, 24), 2), (date(2024, 1, 26), 31)]


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period.of(date(2026, 11, 2), date(2026, 11, 1), now=NOW)
