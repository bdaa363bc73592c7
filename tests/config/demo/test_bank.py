"""The demonstration bank is whole: its queues are staffed, its rules lead somewhere, its day has a rhythm."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from config.demo import bank, chorus, desk, rhythm, shifts
from config.demo.rules import RULES
from mentions import routing, sla

QUEUES = {queue.slug for queue in bank.QUEUES}
TUESDAY = datetime(2026, 11, 17, 5, tzinfo=UTC)  # midnight in Charlotte


def test_twenty_people_in_all_roles_at_three_sites() -> None:
    assert len(bank.PEOPLE) == 20
    assert {person.role for person in bank.PEOPLE} == {"agent", "supervisor", "manager", "compliance", "administrator"}
    assert {person.site for person in bank.PEOPLE} == {"charlotte", "san-francisco", "manila"}
    assert len({person.username for person in bank.PEOPLE}) == 20


def test_rules_compile_and_lead_to_queues() -> None:
    assert {rule.queue for rule in RULES} <= QUEUES
    compiled = [
        routing.Rule(n, 1, rule.name, rule.conditions, n, rule.priority, rule.tags, rule.actionable, rule.reason)
        for n, rule in enumerate(RULES)
    ]
    assert routing.compile_rules(compiled, 99)
    assert len(RULES) >= 20


def test_calendars_and_policies_hold() -> None:
    for calendar in bank.CALENDARS:
        assert sla.Calendar(calendar.zone, calendar.days, name=calendar.name).runs
    names = {calendar.name for calendar in bank.CALENDARS}
    assert {policy.calendar for policy in bank.POLICIES} <= names
    assert {queue.policy for queue in bank.QUEUES} == {policy.name for policy in bank.POLICIES}
    assert {site.calendar for site in bank.SITES} <= names


def test_the_urgent_queues_have_somebody_at_any_hour() -> None:
    for hour in range(7 * 24):
        at = TUESDAY + timedelta(hours=hour)
        for queue in ("fraud", "cards", "care"):
            _, claimed = shifts.taker(queue, "en", at, random.Random(hour))
            assert claimed - at < timedelta(hours=5)


def test_nights_are_quiet_and_lunch_is_busy() -> None:
    rng = random.Random(1)
    hours = Counter(
        moment.at.astimezone(rhythm.ZONE).hour
        for week in range(8)
        for moment in rhythm.moments(TUESDAY + timedelta(weeks=week), TUESDAY + timedelta(weeks=week, days=1), rng)
        if moment.burst is None
    )
    assert hours[12] > 3 * hours[3]
    assert min(hours.values()) > 0


def test_what_breaks_on_a_day_is_told_the_same_every_time() -> None:
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]
    rhythm.bursts.cache_clear()
    first = [rhythm.bursts(day) for day in days]
    rhythm.bursts.cache_clear()
    assert [rhythm.bursts(day) for day in days] == first
    assert 5 < sum(len(bursts) for bursts in first) < 40


def test_an_outage_is_heard() -> None:
    burst = next(
        burst
        for n in range(60)
        for burst in rhythm.bursts(date(2026, 11, 1) + timedelta(days=n))
        if burst.themes[0] in ("app-down", "card-declined")
    )
    spoken = list(chorus.spoken(burst.start, burst.start + timedelta(minutes=burst.minutes), random.Random(1)))
    about = [post for post in spoken if post.written.theme in burst.themes]
    assert len(about) > 0.5 * len(spoken)


def test_the_desk_mostly_keeps_its_promises() -> None:
    calendar = sla.Calendar("America/New_York", {}, name="Round the clock")
    policy = sla.Policy("Cards", 1800, 2700, 86400, {1: 0.5}, True, calendar)
    rng = random.Random(1)
    load: Counter[str] = Counter()
    done = [
        desk.work(
            desk.Waiting(n, "cards", 3, True, "en", False, TUESDAY + timedelta(minutes=7 * n), True),
            policy,
            rng,
            load=load,
        )
        for n in range(1000)
    ]
    in_time = sum(work.ended_at <= TUESDAY + timedelta(minutes=7 * n, seconds=1800) for n, work in enumerate(done))
    assert 800 < in_time < 980
    assert all(work.claimed_at < work.ended_at for work in done)
    assert {work.outcome for work in done} == {"answered", "dismissed"}
