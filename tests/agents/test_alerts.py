"""People on duty are told: rows first, messages at least once, one who acknowledges, the next rank if nobody does."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from agents import alerts
from agents.alerts import duty, sending
from agents.models import Alert, AlertDelivery, AlertHook, AlertKind, AlertRule, Role, Rota, User
from mentions import events, sources
from tests.agents.on_duty import on_rota, raise_blind
from tests.factories import make_person, make_team
from tests.faults.cuts import superuser, until_waiting

MONDAY = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)  # ten in the morning in Charlotte


def told(alert: Alert) -> set[str]:
    return {d.address for d in alert.deliveries.filter(person__isnull=False)}


@pytest.mark.django_db
class TestDuty:
    def test_hours_are_those_of_the_rotas_own_zone(self):
        on_rota("ann", start=9 * 60, stop=17 * 60, days=[0])
        assert duty.on_duty(MONDAY)
        assert not duty.on_duty(MONDAY + timedelta(hours=8))
        assert not duty.on_duty(MONDAY + timedelta(days=1))

    def test_a_night_belongs_to_the_day_it_began(self):
        on_rota("nora", start=22 * 60, stop=6 * 60, days=[0])
        tuesday_at_three = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
        assert duty.on_duty(tuesday_at_three)
        assert not duty.on_duty(tuesday_at_three - timedelta(days=1))

    def test_a_team_has_its_own_people_and_those_of_every_team(self):
        fraud = make_team("fraud")
        on_rota("fred", team=fraud)
        on_rota("carla", team=make_team("care"))
        on_rota("eve")
        assert {row.person.username for row in duty.on_duty(MONDAY, team=fraud)} == {"fred", "eve"}

    def test_an_alert_never_goes_to_nobody(self):
        boss = make_person("mary", role=Role.MANAGER, teams=())
        assert duty.to_tell(1, None, MONDAY) == [boss]
        second = on_rota("sam", rank=2)
        assert duty.to_tell(1, None, MONDAY) == [second]

    def test_who_has_left_is_not_called(self):
        gone = on_rota("gone")
        User.objects.filter(pk=gone.pk).update(is_active=False)
        assert duty.on_duty(MONDAY) == []


@pytest.mark.django_db
class TestAnAlert:
    def test_is_one_for_its_subject_however_often_it_is_raised(self):
        on_rota("ann")
        first, second = raise_blind(), raise_blind()
        assert first.pk == second.pk
        assert second.count == 2
        assert first.deliveries.count() == 1

    def test_that_comes_back_within_its_quiet_time_notifies_nobody_again(self):
        on_rota("ann")
        first = raise_blind(MONDAY)
        alerts.over(AlertKind.BLIND, "source:1", now=MONDAY + timedelta(minutes=5))
        again = raise_blind(MONDAY + timedelta(minutes=10))
        assert again.pk == first.pk
        assert again.over_at is None
        assert first.deliveries.filter(person__isnull=False).count() == 1
        alerts.over(AlertKind.BLIND, "source:1", now=MONDAY + timedelta(minutes=15))
        later = raise_blind(MONDAY + timedelta(hours=2))
        assert later.pk != first.pk
        assert told(later) == {"ann@bank.example"}

    def test_tells_what_is_so_when_it_tells(self):
        on_rota("bo", rank=2)
        for minute, late in ((0, 5), (3, 60)):
            about = {"queue": "Care", "late": late}
            alerts.raise_(AlertKind.OVERDUE, "queue:1", about, again=False, now=MONDAY + timedelta(minutes=minute))
        alert = Alert.objects.get()
        assert (alert.about["late"], alert.count) == (60, 1)

    def test_of_a_kind_that_is_switched_off_is_none(self):
        AlertRule.objects.create(kind=AlertKind.BLIND, active=False)
        assert alerts.raise_(AlertKind.BLIND, "source:1", {}) is None

    def test_that_nobody_acknowledges_goes_to_the_next_rank_and_then_to_the_managers(self):
        on_rota("ann")
        on_rota("bo", rank=2)
        make_person("mary", role=Role.MANAGER, teams=(), email="mary@bank.example")
        alert = raise_blind(MONDAY)
        assert alerts.escalate_due(now=MONDAY + timedelta(minutes=9)) == 0
        assert alerts.escalate_due(now=MONDAY + timedelta(minutes=11)) == 1
        assert told(alert) == {"ann@bank.example", "bo@bank.example"}
        assert alerts.escalate_due(now=MONDAY + timedelta(minutes=12)) == 0
        alerts.escalate_due(now=MONDAY + timedelta(minutes=22))
        assert told(alert) == {"ann@bank.example", "bo@bank.example", "mary@bank.example"}
        assert alerts.escalate_due(now=MONDAY + timedelta(hours=9)) == 0

    def test_that_somebody_has_goes_no_further(self):
        ann = on_rota("ann")
        alert = raise_blind(MONDAY)
        alerts.acknowledge(alert, by=ann, now=MONDAY + timedelta(minutes=1))
        assert alerts.escalate_due(now=MONDAY + timedelta(hours=1)) == 0

    def test_tells_who_knew_when(self):
        ann = on_rota("ann")
        alert = raise_blind(MONDAY)
        alerts.seen(alert, by=ann, now=MONDAY + timedelta(minutes=2))
        alerts.acknowledge(alert, by=ann, now=MONDAY + timedelta(minutes=3))
        events.Sealer().tick()
        kinds = [(e.kind, e.actor_id) for e in events.after(0) if e.kind.startswith("alert.")]
        assert kinds == [("alert.opened", None), ("alert.acknowledged", ann.pk)]
        assert alert.deliveries.get().seen_at == MONDAY + timedelta(minutes=2)


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_two_who_acknowledge_at_once_are_one_and_both_see_who_it_was(self):
        people = [on_rota(name) for name in ("ann", "bo", "cy", "di")]
        alert = raise_blind()

        def press(person: User) -> int | None:
            try:
                return alerts.acknowledge(alert, by=person).acknowledged_by_id
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            named = set(pool.map(press, people))
        assert len(named) == 1
        events.Sealer().tick()
        assert [e.kind for e in events.after(0)].count("alert.acknowledged") == 1

    def test_two_who_raise_at_once_raise_one(self):
        on_rota("ann")
        AlertRule.objects.create(kind=AlertKind.BLIND)

        def press(_: int) -> int:
            try:
                return raise_blind().pk
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(press, range(8)))) == 1
        assert AlertDelivery.objects.count() == 1
        assert Alert.objects.get().count == 8

    def test_whoever_raises_it_again_sees_that_somebody_has_just_had_it(self):
        """It is nobody's again then, and begins with the first rank: never unheard on its way up."""
        ann = on_rota("ann")
        alert = raise_blind(MONDAY)
        Alert.objects.update(level=1)

        def again() -> None:
            raise_blind(MONDAY + timedelta(minutes=3))
            connection.close()

        with superuser() as holder, holder.transaction():
            holder.execute(
                "UPDATE agents_alert SET acknowledged_by_id = %s, acknowledged_at = %s WHERE id = %s",
                [ann.pk, MONDAY + timedelta(minutes=2), alert.pk],
            )
            thread = Thread(target=again)
            thread.start()
            until_waiting(1)
        thread.join()
        assert Alert.objects.values_list("acknowledged_by", "level", "count").get() == (None, 0, 2)


@pytest.mark.django_db
class TestMail:
    def test_says_what_is_wrong_what_to_do_and_where_to_acknowledge(self, settings):
        settings.PUBLIC_URL = "https://care.bank.example"
        on_rota("ann")
        alert = raise_blind(MONDAY)
        sending.send_due()
        (sent,) = mail.outbox
        assert sent.to == ["ann@bank.example"]
        assert sent.subject == "[Glasshouse] Square is blind since 10:00 (America/New_York)"
        assert f"https://care.bank.example/alerts/{alert.pk}/" in sent.body
        assert sent.extra_headers["Message-ID"] == f"<{alert.deliveries.get().key}@care.bank.example>"

    def test_its_page_tells_the_time_on_the_readers_clock_and_the_day_where_it_is_another(self, client):
        raise_blind(MONDAY)
        raise_blind(MONDAY + timedelta(days=1), subject="source:2")
        client.force_login(make_person("corazon", role=Role.SUPERVISOR, zone="Asia/Manila"))
        page = client.get("/alerts/").content.decode()
        assert "Square is blind since 23:00" in page
        assert "Square is blind since 16 Nov 2026, 23:00" in page

    def test_is_sent_once_when_nothing_goes_wrong(self):
        on_rota("ann")
        raise_blind()
        sending.send_due()
        sending.send_due()
        assert len(mail.outbox) == 1

    def test_a_sender_that_died_between_row_and_mail_leaves_it_to_the_next_with_the_same_key(self):
        on_rota("ann")
        row = raise_blind().deliveries.get()
        assert sending.take(row.pk)  # and here it is killed
        assert not sending.take(row.pk)
        sending.send_due()
        assert mail.outbox == []
        AlertDelivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now())  # the lease has run out
        sending.send_due()
        (sent,) = mail.outbox
        assert row.key in sent.extra_headers["Message-ID"]

    def test_one_that_died_after_the_mail_sends_it_again_under_the_same_key(self):
        on_rota("ann")
        row = raise_blind().deliveries.get()
        sending.take(row.pk)
        sending._mail(row)  # sent, and killed before it was written down
        AlertDelivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
        sending.send_due()
        assert len({sent.extra_headers["Message-ID"] for sent in mail.outbox}) == 1
        assert len(mail.outbox) == 2

    def test_a_person_without_an_address_is_said_to_have_none(self):
        person = make_person("mute", role=Role.SUPERVISOR)
        Rota.objects.create(person=person, zone="UTC", days=[0, 1, 2, 3, 4, 5, 6], start=0, stop=1440)
        alert = raise_blind()
        sending.send_due()
        delivery = alert.deliveries.get()
        assert (delivery.state, delivery.answer) == ("failed", "the person has no e-mail address")

    def test_without_a_mail_server_it_says_so_and_does_not_pretend(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        on_rota("ann")
        alert = raise_blind()
        sending.send_due()
        assert "EMAIL_HOST" in alert.deliveries.get().answer
        assert alert.deliveries.get().state == "failed"


class Pager(HTTPServer):
    """A program that takes alerts; it remembers what it was sent and answers as told."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        pager = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                pager.taken.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(pager.answers.pop(0) if pager.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def pager() -> Iterator[Pager]:
    server = Pager()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def hook_to(pager: Pager, path: str = "/alerts", **fields: Any) -> AlertHook:
    address = f"http://127.0.0.1:{pager.server_port}{path}"
    sealed = sources.seal({"url": address, "secret": "pager-secret"})
    return AlertHook.objects.create(name="pager", host="127.0.0.1", sealed=sealed, local=True, **fields)


@pytest.mark.django_db
class TestWebhook:
    def test_is_signed_over_time_and_body(self, pager):
        hook_to(pager)
        alert = raise_blind()
        sending.send_due()
        ((headers, body),) = pager.taken
        stamp, given = (part.partition("=")[2] for part in headers["glasshouse-signature"].split(","))
        expected = hmac.new(b"pager-secret", stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert given == expected
        assert abs(int(stamp) - timezone.now().timestamp()) < 10
        said = json.loads(body)
        assert said["alert"] == alert.pk
        assert said["state"] == "open"
        assert said["delivery"] == headers["glasshouse-delivery"]

    def test_is_tried_again_later_and_later_under_the_same_key(self, pager):
        hook_to(pager)
        pager.answers = [503, 500, 204]
        row = raise_blind().deliveries.get(hook__isnull=False)
        waits = []
        for _ in range(3):
            AlertDelivery.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
            before = timezone.now()
            sending.send_due()
            row.refresh_from_db()
            waits.append(round((row.next_try_at - before).total_seconds()) if row.next_try_at else None)
        assert waits == [10, 30, None]
        assert (row.state, row.answer) == ("sent", "answered 204")
        assert len({headers["glasshouse-delivery"] for headers, _ in pager.taken}) == 1

    def test_is_given_up_in_the_end_and_says_why(self, pager):
        hook_to(pager)
        pager.answers = [500] * 20
        row = raise_blind().deliveries.get(hook__isnull=False)
        for _ in range(sending.TRIES + 3):
            AlertDelivery.objects.filter(pk=row.pk, state="waiting").update(next_try_at=timezone.now())
            sending.send_due()
        row.refresh_from_db()
        assert (row.state, row.answer) == ("failed", "the address answered 500")
        assert len(pager.taken) == sending.TRIES

    def test_hears_only_of_the_kinds_it_asked_for(self, pager):
        hook_to(pager, kinds=[AlertKind.INCIDENT])
        raise_blind()
        sending.send_due()
        assert pager.taken == []

    def test_hears_that_somebody_has_it_and_that_it_is_over(self, pager):
        hook_to(pager)
        ann = on_rota("ann")
        alert = raise_blind()
        sending.send_due()
        alerts.acknowledge(alert, by=ann)
        sending.send_due()
        alerts.over(AlertKind.BLIND, "source:1")
        sending.send_due()
        assert [json.loads(body)["state"] for _, body in pager.taken] == ["open", "acknowledged", "over"]

    def test_to_a_private_address_goes_only_where_that_was_allowed(self, pager):
        hook_to(pager)
        AlertHook.objects.update(local=False)
        alert = raise_blind()
        sending.send_due()
        assert pager.taken == []
        assert alert.deliveries.get(hook__isnull=False).state == "failed"


@pytest.mark.django_db
class TestWhatLeaks:
    def test_the_token_in_a_programs_address_is_in_no_log(self, pager, caplog):
        hook_to(pager, "/services/T000/SECRETTOKEN")
        assert "SECRETTOKEN" not in str(AlertHook.objects.values_list().get())
        raise_blind()
        with caplog.at_level("DEBUG"):
            sending.send_due()
        assert pager.taken
        assert "SECRETTOKEN" not in caplog.text

    @pytest.mark.parametrize("trick", ["a\rBcc: thief@evil.example", "a\r\nBcc: thief@evil.example", "a\u2028b"])
    def test_no_name_keeps_an_alert_from_leaving_or_adds_a_header(self, trick):
        on_rota("ann")
        alert = alerts.raise_(AlertKind.BLIND, "source:1", {"source": trick, "since": "2026-11-16T15:00:00+00:00"})
        assert alert is not None
        sending.send_due()
        (sent,) = mail.outbox
        assert sent.recipients() == ["ann@bank.example"]
        assert "\r" not in sent.subject
