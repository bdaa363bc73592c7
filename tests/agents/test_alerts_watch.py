"""What the house watches itself for: sources, keys, deliveries and late work raise an alert, which ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from agents import access, alerts
from agents.alerts import watch, wording
from agents.models import Alert, AlertKind, AlertRule, Role
from mentions import events, intake
from mentions.models import Conversation, Source
from mentions.sources.delivery import Delivery
from tests.agents.on_duty import on_rota, raise_blind
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db


def test_a_source_that_stays_blind_alerts_once_and_is_over_when_it_sees():
    source = make_source()
    now = timezone.now()
    Source.objects.filter(pk=source.pk).update(blind_since=now - timedelta(seconds=30))
    watch.look(now=now)
    assert not Alert.objects.exists()
    for seconds in (40, 45, 50):
        watch.look(now=now + timedelta(seconds=seconds))
    alert = Alert.objects.get()
    assert (alert.kind, alert.count) == (AlertKind.BLIND, 1)
    Source.objects.filter(pk=source.pk).update(blind_since=None)
    watch.look(now=now + timedelta(seconds=60))
    alert.refresh_from_db()
    assert alert.over_at is not None


def test_keys_that_end_soon_alert_before_they_do():
    source = make_source()
    Source.objects.filter(pk=source.pk).update(expires_at=timezone.now() + timedelta(days=2))
    watch.look()
    assert Alert.objects.get().kind == AlertKind.TOKEN


def test_keys_that_renew_themselves_wake_nobody_until_that_fails():
    source, now = make_source(network="reddit"), timezone.now()
    Source.objects.filter(pk=source.pk).update(expires_at=now + timedelta(minutes=50))
    watch.look(now=now)
    assert not Alert.objects.exists()
    Source.objects.filter(pk=source.pk).update(warned_at=now)
    watch.look(now=now)
    assert Alert.objects.get().kind == AlertKind.TOKEN


def test_a_network_that_fails_to_deliver_is_told_of_unless_it_is_asked_instead():
    source, now = make_source(network="facebook"), timezone.now()
    told = Delivery("Facebook cannot reach us", now - timedelta(minutes=10), now, tries=2)
    for tries, left, alerted in ((2, False, 0), (3, False, 1)):
        Source.objects.filter(pk=source.pk).update(hook=replace(told, tries=tries, left=left).stored())
        watch.look(now=now)
        assert Alert.objects.count() == alerted
    assert "failed to deliver" in wording.title(Alert.objects.get())
    Source.objects.filter(pk=source.pk).update(hook=replace(told, tries=4, left=True).stored())
    watch.look(now=now)
    assert Alert.objects.get().over_at is not None


def test_overdue_work_of_a_queue_without_a_team_is_for_those_who_see_all():
    boss, agent = make_person("mary", role=Role.MANAGER, teams=()), on_rota("sam")
    about = {"queue": "Nobody's", "late": 7, "path": "/console/view/nobodys/"}
    nobodys = alerts.raise_(AlertKind.OVERDUE, "queue:1", about)
    everybodys = raise_blind()
    assert nobodys is not None
    assert set(access.alerts_for(boss)) == {nobodys, everybodys}
    assert set(access.alerts_for(agent)) == {everybodys}
    assert [delivery.person for delivery in nobodys.deliveries.filter(hook=None)] == [boss]


def test_overdue_work_goes_to_the_queues_own_team():
    queue = make_queue("care")
    AlertRule.objects.create(kind=AlertKind.OVERDUE, threshold=2)
    intake.receive(make_source(), [post(), post()])
    Conversation.objects.update(actionable=True, due_at=timezone.now() - timedelta(minutes=1))
    watch.look()
    alert = Alert.objects.get()
    assert (alert.subject, alert.team.slug, alert.about["late"]) == (f"queue:{queue.pk}", "care", 2)


def test_what_is_of_an_exercise_or_a_canary_wakes_nobody():
    source = make_source("play", origin="drill")
    Source.objects.filter(pk=source.pk).update(blind_since=timezone.now() - timedelta(hours=1))
    watch.hear()
    with transaction.atomic():
        events.record("source.foreign_post", at=timezone.now(), by=events.SYSTEM, origin="drill", source_id=source.pk)
    events.Sealer().tick()
    watch.hear()
    watch.look()
    assert not Alert.objects.exists()
