"""What comes back after somebody had it calls somebody again; what came once under our name may come twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from agents import alerts, foreign
from agents.alerts import watch
from agents.models import Alert, AlertDelivery, AlertKind
from mentions import events
from mentions.models import OwnPost, Source
from tests.agents.on_duty import on_rota, raise_blind
from tests.agents.test_alerts import MONDAY, told
from tests.factories import make_source

pytestmark = pytest.mark.django_db
QUIET = timedelta(minutes=30)


def calls(alert: Alert, name: str = "ann") -> int:
    return alert.deliveries.filter(address=f"{name}@bank.example").count()


class TestComingBack:
    def test_what_was_acknowledged_and_comes_back_calls_when_its_quiet_time_is_over(self):
        ann = on_rota("ann")
        on_rota("bo", rank=2)
        first = raise_blind(MONDAY)
        alerts.acknowledge(first, by=ann, now=MONDAY + timedelta(minutes=2))
        alerts.over(AlertKind.BLIND, "source:1", now=MONDAY + timedelta(minutes=5))

        again = raise_blind(MONDAY + timedelta(minutes=10))
        assert (again.pk, again.acknowledged_by, again.acknowledged_at) == (first.pk, None, None)
        assert alerts.escalate_due(now=MONDAY + timedelta(minutes=29)) == 0
        assert calls(again) == 1
        assert alerts.escalate_due(now=MONDAY + QUIET) == 1
        assert calls(again) == 2
        assert alerts.escalate_due(now=MONDAY + QUIET + timedelta(minutes=9)) == 0
        assert alerts.escalate_due(now=MONDAY + QUIET + timedelta(minutes=11)) == 1
        assert told(again) == {"ann@bank.example", "bo@bank.example"}

    def test_what_comes_and_goes_all_day_calls_once_a_quiet_time(self):
        ann = on_rota("ann")
        for minute in range(0, 120, 6):
            alert = raise_blind(MONDAY + timedelta(minutes=minute))
            alerts.escalate_due(now=MONDAY + timedelta(minutes=minute))
            if not alert.acknowledged_at:
                alerts.acknowledge(alert, by=ann, now=MONDAY + timedelta(minutes=minute + 1))
            alerts.over(AlertKind.BLIND, "source:1", now=MONDAY + timedelta(minutes=minute + 2))
        assert AlertDelivery.objects.count() == 4

    def test_what_nobody_had_goes_on_to_the_next_as_if_it_had_not_been_away(self):
        on_rota("ann")
        on_rota("bo", rank=2)
        raise_blind(MONDAY)
        alerts.over(AlertKind.BLIND, "source:1", now=MONDAY + timedelta(minutes=5))
        again = raise_blind(MONDAY + timedelta(minutes=6))
        assert alerts.escalate_due(now=MONDAY + timedelta(minutes=11)) == 1
        assert told(again) == {"ann@bank.example", "bo@bank.example"}

    def test_what_is_so_all_the_time_is_one_persons_who_said_so(self):
        ann = on_rota("ann")
        alert = raise_blind(MONDAY)
        alerts.acknowledge(alert, by=ann, now=MONDAY)
        alerts.raise_(AlertKind.BLIND, "source:1", {}, again=False, now=MONDAY + timedelta(hours=3))
        assert alerts.escalate_due(now=MONDAY + timedelta(hours=3)) == 0


class TestForeignPosts:
    def written(self, source: Source, name: str, verdict: str = "foreign") -> OwnPost:
        now = timezone.now()
        post = OwnPost.objects.create(
            source=source,
            network="townsquare",
            external_id=name,
            account_id="bank",
            kind="post",
            visibility="public",
            text="we give money away",
            network_at=now,
            received_at=now,
            compare_from=now,
            verdict=verdict,
        )
        with transaction.atomic():
            events.record(
                "source.foreign_post", at=now, by=events.SYSTEM, source_id=source.pk, data={"own_post": post.pk}
            )
        events.Sealer().tick()
        watch.hear()
        return post

    def test_each_calls_by_itself_whoever_has_the_one_before(self):
        ann, source = on_rota("ann"), make_source()
        watch.hear()
        first = self.written(source, "ts:1")
        alerts.acknowledge(Alert.objects.get(), by=ann)
        second = self.written(source, "ts:2")
        assert AlertDelivery.objects.filter(person=ann).count() == 2
        assert set(Alert.objects.values_list("subject", flat=True)) == {f"own_post:{first.pk}", f"own_post:{second.pk}"}

        foreign.explain(first, why="the press office", by=ann)
        watch.look()
        assert Alert.objects.get(over_at=None).subject == f"own_post:{second.pk}"

    def test_the_past_alerts_nobody(self):
        self.written(make_source(), "ts:1")
        assert not Alert.objects.exists()
        self.written(make_source(), "ts:2")
        watch.hear()
        assert (Alert.objects.get().kind, Alert.objects.get().count) == (AlertKind.FOREIGN_POST, 1)

    def test_one_whose_words_are_compared_anew_is_not_over(self):
        source = make_source()
        watch.hear()
        post = self.written(source, "ts:1")
        OwnPost.objects.update(verdict="new")
        watch.look()
        assert Alert.objects.get(over_at=None).subject == f"own_post:{post.pk}"

    def test_a_flood_is_five_alerts_the_last_of_which_stands_for_the_rest(self):
        ann, source = on_rota("ann"), make_source()
        watch.hear()
        posts = [self.written(source, f"ts:{n}") for n in range(9)]
        assert AlertDelivery.objects.filter(person=ann).count() == watch.FOREIGN_AT_ONCE == 5
        assert sorted(Alert.objects.values_list("count", flat=True)) == [1, 1, 1, 1, 5]

        newest = Alert.objects.order_by("pk").last()
        assert newest is not None
        alerts.acknowledge(newest, by=ann)
        for post in posts[:5]:
            foreign.explain(post, why="the press office", by=ann)
        watch.look()
        assert Alert.objects.get(over_at=None) == newest  # it stands for the four behind it
        for post in [*posts[5:], self.written(source, "ts:more")]:
            foreign.explain(post, why="the press office", by=ann)
        watch.look()
        assert not Alert.objects.filter(over_at=None).exists()
