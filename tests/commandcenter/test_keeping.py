"""Hours in which facts are kept: they cover each bank day, whatever its clock does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from commandcenter import periods
from commandcenter.facts import keeping


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 24),
        ("Asia/Kathmandu", date(2028, 2, 29), 24),
    ],
)
def test_hours_cover_a_day(settings: pytest.FixtureRequest, zone: str, day: date, hours: int) -> None:
    settings.BANK_TIME_ZONE = zone  # type: ignore[attr-defined]
    start, stop = periods.midnight(day), periods.midnight(day + timedelta(days=1))
    begun = list(keeping.hours(start, stop))
    assert len(begun) == hours
    assert [keeping.hour_after(hour) for hour in begun] == [*begun[1:], stop]
    minutes = [start + timedelta(minutes=minute) for minute in range((stop - start) // timedelta(minutes=1))]
    assert sorted({keeping.hour_of(minute) for minute in minutes}) == begun
    assert all(keeping.hour_of(one) <= one < keeping.hour_after(keeping.hour_of(one)) for one in minutes)
