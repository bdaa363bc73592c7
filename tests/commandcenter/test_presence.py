"""Who had a console open, kept once a minute; and what a past moment is told of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.http import QueryDict
from django.utils import timezone

from agents import cases
from agents.models import Role
from commandcenter import asof, periods, presence, reports
from commandcenter.models import Absence, Presence
from commandcenter.periods import Period
from commandcenter.populations import Filters
from commandcenter.reports import asking
from tests.commandcenter.history import ago, answer, hear
from tests.factories import make_person, make_queue, make_rule, make_source
from tests.faults.cuts import until_waiting

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_a_spell_goes_on_while_a_console_is_open_and_ends_with_it() -> None:
    ann, bob = make_person("ann").pk, make_person("bob").pk
    watching = make_person("mary", role=Role.MANAGER, teams=()).pk
    began = timezone.now().replace(second=0, microsecond=0)
    for minute, people in ((0, (ann, watching)), (1, (ann, bob)), (2, (ann, ann)), (9, (ann,)), (10, (ann,))):
        presence.seen(people, began + minute * MINUTE)
    presence.seen((bob,), began + timedelta(seconds=30))  # another process, whose clock is behind
    told = [
        (one.person_id, (one.started_at - began) / MINUTE, (one.seen_at - began) / MINUTE)
        for one in Presence.objects.order_by("person", "started_at")
    ]
    assert told == [(ann, 0, 2), (ann, 9, 10), (bob, 1, 1)]


def test_who_works_again_is_back_whether_they_said_so_or_not() -> None:
    make_rule(make_queue("care"), actionable="true")
    bank = make_source()
    ann, bob, mary = make_person("ann"), make_person("bob"), make_person("mary", role=Role.SUPERVISOR)
    yesterday, claimed = ago(hours=16), ago(minutes=9)
    for one in (ann, bob):
        Absence.objects.create(person=one, reason="break", started_at=yesterday if one == ann else ago(minutes=20))
    answer(hear(bank, at=ago(minutes=12)).conversation, by=ann, at=claimed)
    cases.assign(hear(bank, at=ago(minutes=5), author="b").conversation_id, to=bob, by=mary)
    presence.seen((ann.pk, bob.pk), timezone.now())
    assert [one.person for one in presence.absent(timezone.now())] == [bob], "what was given to them is no sign of them"
    back = Absence.objects.get(person=ann).ended_at
    assert back is not None
    assert yesterday < back <= claimed
    Absence.objects.filter(person=bob).update(started_at=ago(hours=13))
    assert not presence.absent(timezone.now()), "who never came back has gone home"


def test_what_was_told_of_a_moment_is_told_again_though_the_spell_went_on() -> None:
    ann, now = make_person("ann").pk, timezone.now()
    since = now - timedelta(hours=3)
    moment = now - timedelta(hours=1)
    period = Period.of(since.date() - timedelta(days=1), moment.date(), now=moment)
    filters = Filters(queues=(make_queue("care").pk,))
    spell = Presence.objects.create(person_id=ann, started_at=since, seen_at=moment - timedelta(seconds=50))
    away = Absence.objects.create(person_id=ann, reason="break", started_at=moment - timedelta(minutes=30))
    before = presence.desks(period, moment, filters)
    assert [(one.available, one.away) for one in before] == [(90 * 60, 28 * 60)]
    Presence.objects.filter(pk=spell.pk).update(seen_at=now)
    Absence.objects.filter(pk=away.pk).update(ended_at=now)
    with asof.known(moment):
        assert presence.desks(period, moment, filters) == before
    assert presence.desks(Period.of(period.first, now.date(), now=now), now, filters) != before


def test_of_a_team_it_is_the_time_of_those_who_are_in_it_now_and_the_report_says_so() -> None:
    ann, mary = make_person("ann"), make_person("mary", role=Role.MANAGER, teams=())
    queue, now = make_queue("care"), timezone.now()
    Presence.objects.create(person=ann, started_at=now - timedelta(hours=3), seen_at=now - timedelta(hours=2))
    day = periods.bank_day(now)
    asked = QueryDict(f"from={day - timedelta(days=1)}&to={day}&queue={queue.slug}")
    for teams, told in ((list(ann.teams.all()), [ann.pk]), ([], [])):
        ann.teams.set(teams)
        ask = asking.read("agents", asked, by=mary, now=now)
        assert [one.person for one in presence.desks(ask.period, now, ask.filters)] == told
        desk = next(one for one in reports.get("agents").content(ask).sections if one.key == "desk")
        assert "in its teams today" in str(desk.note)


@pytest.mark.django_db(transaction=True)
def test_who_says_that_they_are_back_in_the_same_moment_is_believed() -> None:
    make_rule(make_queue("care"), actionable="true")
    ann, said = make_person("ann"), timezone.now()
    away = Absence.objects.create(person=ann, reason="break", started_at=ago(minutes=20))
    answer(hear(make_source(), at=ago(minutes=12)).conversation, by=ann, at=ago(minutes=9))

    def look() -> None:
        presence.seen((ann.pk,), said)
        connections.close_all()

    other = threading.Thread(target=look)
    with transaction.atomic():
        Absence.objects.filter(pk=away.pk).update(ended_at=said)
        other.start()
        until_waiting(1)
    other.join()
    away.refresh_from_db()
    assert away.ended_at == said
