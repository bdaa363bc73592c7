"""Calendars and due times, against a reference that walks the clock minute by minute."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentions import telling
from mentions.sla import (
    ALWAYS,
    Calendar,
    Due,
    Policy,
    Target,
    add_business,
    after_pause,
    business_seconds,
    due,
)

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)

OFFICE = dict.fromkeys(range(5), ((480, 1200),))
CARE = Calendar("America/New_York", OFFICE, frozenset({date(2026, 11, 26)}), "Care hours")
LATE = Calendar("America/New_York", dict.fromkeys(range(7), ((60, 240),)), name="Night desk")


def at(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def policy(
    calendar: Calendar,
    first: int = 1800,
    by_priority: Mapping[int, float] | None = None,
    resolution: int = 48 * 3600,
) -> Policy:
    return Policy("Care", first, 3600, resolution, by_priority or {}, True, calendar)


def explained(policy: Policy, target: Target, start: datetime, priority: int = 3) -> Due:
    answer = due(policy, target, start, priority)
    assert answer is not None
    return answer


def told(policy: Policy, target: Target, start: datetime, priority: int = 3) -> str:
    return telling.why(explained(policy, target, start, priority).why)


# The reference: what the module promises, said as slowly and plainly as possible.


def is_open(instant: datetime, calendar: Calendar) -> bool:
    wall = instant.astimezone(ZoneInfo(calendar.zone))
    minute = wall.hour * 60 + wall.minute
    return wall.date() not in calendar.holidays and any(
        opens <= minute < closes for opens, closes in calendar.blocks.get(wall.weekday(), ())
    )


def open_minutes(start: datetime, stop: datetime, calendar: Calendar) -> int:
    count = 0
    while start < stop:
        count += is_open(start, calendar)
        start += MINUTE
    return count


# Clocks that change at night, at midnight, a minute past it, by half an hour, by a whole day, and never.
CHANGES = {
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Europe/London": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "America/St_Johns": ("2010-03-14T03:31", "2010-11-07T02:31"),
    "America/Sao_Paulo": ("2018-11-04T03:00", "2018-02-18T02:00"),
    "Pacific/Apia": ("2011-12-30T10:00", "2012-03-31T14:00"),
    "Africa/Casablanca": ("2026-02-15T02:00", "2026-03-22T02:00"),
    "Asia/Kathmandu": ("2026-01-01T00:00",),
    "Asia/Manila": ("2026-06-01T00:00",),
}


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    blocks = {}
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = draw(st.lists(st.integers(0, 1440), min_size=2, max_size=6, unique=True).map(sorted))
        blocks[weekday] = tuple(zip(edges[0::2], edges[1::2], strict=False))
    near = date.fromisoformat(draw(st.sampled_from(CHANGES[zone]))[:10])
    holidays = draw(st.sets(st.integers(-3, 4).map(lambda days: near + timedelta(days)), max_size=3))
    return Calendar(zone, blocks, frozenset(holidays), "Generated")


@st.composite
def moments(draw: st.DrawFn, zone: str) -> datetime:
    """A minute within three days of a change of the zone's clock."""
    change = datetime.fromisoformat(draw(st.sampled_from(CHANGES[zone]))).replace(tzinfo=UTC)
    return change + timedelta(minutes=draw(st.integers(-3 * 1440, 3 * 1440)))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_working_time_is_what_the_clock_on_the_wall_shows(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    start = data.draw(moments(calendar.zone))
    stop = start + timedelta(minutes=data.draw(st.integers(0, 4 * 1440)))
    assert business_seconds(start, stop, calendar) == 60 * open_minutes(start, stop, calendar)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_due_time_is_the_first_instant_by_which_the_time_was_worked(data: st.DataObject) -> None:
    calendar = data.draw(calendars())
    start = data.draw(moments(calendar.zone))
    minutes = data.draw(st.integers(1, 600))
    end = add_business(start, minutes * 60, calendar)
    assert is_open(end - MINUTE, calendar)
    if end - start < timedelta(days=9):
        assert open_minutes(start, end, calendar) == minutes
    assert business_seconds(start, end, calendar) == minutes * 60


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(0, 200_000), st.integers(0, 59_999_999))
def test_adding_and_measuring_are_inverse_to_the_microsecond(
    data: st.DataObject, seconds: int, microseconds: int
) -> None:
    calendar = data.draw(calendars())
    start = data.draw(moments(calendar.zone)) + timedelta(microseconds=microseconds)
    end = add_business(start, seconds, calendar)
    assert business_seconds(start, end, calendar) == pytest.approx(seconds, abs=1e-5)
    assert end >= start


@settings(max_examples=100, deadline=None)
@given(st.data(), st.integers(0, 90_000), st.integers(0, 90_000))
def test_two_steps_end_where_one_does(data: st.DataObject, one: int, two: int) -> None:
    calendar = data.draw(calendars())
    start = data.draw(moments(calendar.zone))
    assert add_business(add_business(start, one, calendar), two, calendar) == add_business(start, one + two, calendar)


def test_the_skipped_hour_counts_nothing() -> None:
    # Clocks go from 02:00 to 03:00: of 01:00-04:00 only two hours exist.
    assert add_business(at("2026-03-08T00:00"), 2 * 3600, LATE) == at("2026-03-08T04:00")
    assert business_seconds(at("2026-03-08T00:00"), at("2026-03-08T06:00"), LATE) == 2 * 3600


def test_the_repeated_hour_counts_twice() -> None:
    # 01:00-02:00 passes twice: 01:00-04:00 holds four hours, and one has passed when it is 01:00 again.
    assert add_business(at("2026-11-01T00:00"), 3600, LATE) == datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert add_business(at("2026-11-01T00:00"), 4 * 3600, LATE) == at("2026-11-01T04:00")


def test_a_block_inside_the_skipped_hour_waits_for_the_next_day() -> None:
    calendar = Calendar("Europe/London", dict.fromkeys(range(7), ((60, 120),)))
    assert add_business(at("2026-03-28T12:00", LONDON), 60, calendar) == at("2026-03-30T01:01", LONDON)


def test_several_blocks_a_day_leave_out_lunch() -> None:
    calendar = Calendar("America/New_York", dict.fromkeys(range(5), ((540, 720), (780, 1020))))
    assert add_business(at("2026-11-20T11:30"), 3600, calendar) == at("2026-11-20T13:30")


def test_a_block_to_midnight_runs_on_into_the_next_day() -> None:
    calendar = Calendar("America/New_York", {4: ((1200, 1440),), 5: ((0, 120),)})
    assert add_business(at("2026-11-20T23:30"), 3600, calendar) == at("2026-11-21T00:30")


def test_around_the_clock_adds_the_time_that_passes() -> None:
    # In wall time this would be 06:00; five hours pass between midnight and 04:00 on that night.
    assert add_business(at("2026-11-01T00:00"), 5 * 3600, ALWAYS) == at("2026-11-01T04:00")
    assert Calendar("Asia/Manila", {}).always
    every_day = Calendar("America/New_York", dict.fromkeys(range(7), ((0, 720), (720, 1440))))
    assert every_day.always
    assert business_seconds(at("2026-03-08T00:00"), at("2026-03-09T00:00"), every_day) == 23 * 3600


def test_a_result_is_in_utc() -> None:
    for calendar in (ALWAYS, CARE):
        assert explained(policy(calendar), "first_response", at("2026-11-20T10:00")).at.tzinfo is UTC


def test_nothing_passes_backwards() -> None:
    assert business_seconds(at("2026-11-20T12:00"), at("2026-11-20T11:00"), CARE) == 0.0
    with pytest.raises(ValueError, match="only be added"):
        add_business(at("2026-11-20T12:00"), -1, CARE)


@pytest.mark.parametrize(
    ("start", "spread"),
    [
        ("2026-11-20T19:45", "15 minutes on Friday, the rest on Monday"),
        ("2026-11-20T21:00", "closed until Monday 08:00"),
        ("2026-11-20T12:00", "all on Friday"),
        ("2026-11-25T19:50", "10 minutes on Wednesday, the rest on Friday; Thursday is a holiday"),
    ],
)
def test_a_due_time_explains_itself(start: str, spread: str) -> None:
    hours = "30 minutes of Care hours (Mon–Fri 08:00–20:00 New York)"
    since = f"{datetime.fromisoformat(start):%-d %b %Y, %H:%M}"
    assert told(policy(CARE), "first_response", at(start)) == f"{hours} after {since}: {spread}"


def test_the_explanation_follows_the_calendars_zone() -> None:
    found = explained(policy(CARE), "first_response", datetime(2026, 11, 21, 0, 45, tzinfo=UTC), 3)
    assert "after 20 Nov 2026, 19:45" in telling.why(found.why)
    assert found.at == at("2026-11-23T08:15")


def test_a_long_wait_names_its_last_day_with_the_date() -> None:
    found = explained(policy(CARE), "resolution", at("2026-11-20T19:45"), 3)
    assert found.at == at("2026-11-27T19:45")
    assert telling.why(found.why).endswith(
        "15 minutes on Friday, 36 hours on the 3 working days after it, "
        "the rest on Friday 27 November; Thursday is a holiday"
    )


def test_many_holidays_are_counted_not_listed() -> None:
    closed = frozenset(date(2026, 12, day) for day in range(21, 26))
    calendar = Calendar("America/New_York", OFFICE, closed, "Care hours")
    why = told(policy(calendar), "first_response", at("2026-12-18T20:30"))
    assert why.endswith("Monday, Tuesday, Wednesday and 2 more days are holidays")
    assert "closed until Monday 28 December 08:00" in why


def test_priority_scales_the_target_and_says_so() -> None:
    found = explained(policy(ALWAYS, 3600, {1: 0.5}), "first_response", at("2026-11-20T12:00"), 1)
    assert found.at == at("2026-11-20T12:30")
    assert telling.why(found.why) == (
        "30 minutes (1 hour × 0.5 for priority 1) around the clock after 20 Nov 2026, 17:00 UTC"
    )
    assert explained(policy(ALWAYS, 3600, {1: 0.5}), "first_response", at("2026-11-20T12:00"), 2).at == at(
        "2026-11-20T13:00"
    )


def test_what_is_not_promised_is_never_due() -> None:
    no_promise = Policy("Listening", 3600, None, None, {}, False, CARE)
    assert due(no_promise, "next_response", at("2026-11-20T12:00"), 3) is None
    assert due(no_promise, "resolution", at("2026-11-20T12:00"), 3) is None


def test_round_the_clock_still_keeps_its_holidays() -> None:
    calendar = Calendar("America/New_York", {}, frozenset({date(2026, 11, 26)}))
    assert not calendar.always
    assert add_business(at("2026-11-25T23:30"), 3600, calendar) == at("2026-11-27T00:30")


def test_a_calendar_says_its_week_in_words() -> None:
    calendar = Calendar(
        "Asia/Manila", {0: ((540, 1020),), 1: ((540, 1020),), 5: ((540, 720), (780, 900))}, name="Manila desk"
    )
    assert telling.opening(calendar) == "Manila desk (Mon–Tue 09:00–17:00, Sat 09:00–12:00 and 13:00–15:00 Manila)"


def test_a_pause_gives_back_what_was_left() -> None:
    # 30 minutes were left on Friday evening; the customer answers on Sunday.
    resumed = after_pause(at("2026-11-20T20:00"), at("2026-11-20T19:30"), at("2026-11-22T15:00"), CARE)
    assert resumed == at("2026-11-23T08:30")


def test_a_pause_does_not_excuse_what_was_already_late() -> None:
    late = at("2026-11-20T12:00")
    assert after_pause(late, at("2026-11-20T13:00"), at("2026-11-23T09:00"), CARE) == late


@pytest.mark.parametrize(
    ("zone", "blocks", "message"),
    [
        ("UTC", {0: ()}, "never opens"),
        ("Mars/Olympus", OFFICE, "no time zone 'Mars/Olympus'"),
        ("../etc/passwd", OFFICE, "no time zone"),
        ("UTC", {7: ((0, 60),)}, "Weekday 7 does not exist"),
        ("UTC", {0: ((600, 600),)}, "must end after it begins"),
        ("UTC", {0: ((600, 1441),)}, "within 0 and 1440"),
        ("UTC", {2: ((480, 720), (700, 900))}, "Two blocks on Wednesday overlap at 11:40"),
    ],
)
def test_an_impossible_calendar_is_refused_in_words(
    zone: str, blocks: dict[int, tuple[tuple[int, int], ...]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Calendar(zone, blocks)


def test_a_calendar_of_holidays_only_is_refused_in_words() -> None:
    first = date(2026, 1, 1)
    closed = frozenset(first + timedelta(days) for days in range(4 * 366))
    calendar = Calendar("UTC", {0: ((0, 60),)}, closed, "Care hours")
    with pytest.raises(ValueError, match="Care hours never opens in the two years after 2026-11-20"):
        add_business(at("2026-11-20T12:00"), 60, calendar)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 11, 20, 12)  # noqa: DTZ001
    for calendar in (ALWAYS, CARE):
        with pytest.raises(ValueError, match="time zone"):
            add_business(naive, 60, calendar)
        with pytest.raises(ValueError, match="time zone"):
            business_seconds(naive, naive, calendar)


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(ValueError, match="no target 'second_response'"):
        due(policy(CARE), "second_response", at("2026-11-20T12:00"), 3)  # type: ignore[arg-type]
