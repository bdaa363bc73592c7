"""Saved reports: their period moves along, and a mail leaves exactly once a due time."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from agents.models import Role, User
from commandcenter import periods, saved
from commandcenter.models import ReportMail, SavedReport
from mentions import events
from tests.commandcenter.history import ago, hear, settle
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def mary() -> User:
    make_queue("care")
    return make_person("mary", role=Role.MANAGER, teams=(), email="mary@bank.example")


def keep(mary: User, **told: object) -> SavedReport:
    asked = {
        "by": mary,
        "name": "Mornings",
        "report": "volume",
        "query": "queue=care",
        "shared": False,
        "every": "day",
        "at_minute": 7 * 60,
        "readers": [mary],
        "now": timezone.now(),
    }
    return saved.save(**(asked | told))  # type: ignore[arg-type]


def test_a_due_report_is_mailed_once_with_its_figures_in_the_text(mary: User) -> None:
    hear(make_source("square"), at=ago(minutes=2))
    settle()
    kept = keep(mary)
    assert kept.next_at is not None
    assert not saved.make_due(kept.next_at - timedelta(minutes=1))
    for _again in range(3):
        saved.make_due(kept.next_at)
        saved.send_due(timezone.now() + timedelta(days=2))
    assert ReportMail.objects.count() == len(mail.outbox) == 1
    (sent,) = mail.outbox
    assert sent.to == ["mary@bank.example"]
    assert "Mornings" in sent.subject
    assert "Mentions: 1" in sent.body
    assert "/reports/volume/?compare=previous&queue=care" in sent.body
    assert "Queue: Care" in sent.body
    assert re.search(r"All days +1 +0 +0", sent.body), "the table, not its address alone"
    ((name, workbook, kind),) = sent.attachments
    assert (name.endswith(".xlsx"), workbook[:2], "spreadsheet" in kind) == (True, b"PK", True)
    assert sent.extra_headers["List-Unsubscribe"].endswith("/reports/saved/>")
    settle()
    (taken,) = (event for event in events.after(0, limit=1000) if event.kind == "report.exported")
    assert (taken.data["kind"], taken.data["reader"], taken.data["report"]) == ("mail", mary.pk, "volume")
    book = zipfile.ZipFile(io.BytesIO(workbook))
    assert "Mary, for Mary" in "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    kept.refresh_from_db()
    assert kept.next_at > timezone.now()


def test_a_mail_that_leaves_late_is_of_the_days_that_were_due(mary: User, settings: object) -> None:
    """Monday's week, up to Sunday, leaves on Tuesday; the brief is of the morning on which it leaves, and says so."""
    settings.BANK_TIME_ZONE = "UTC"  # type: ignore[attr-defined]
    made = datetime(2028, 2, 11, 12, tzinfo=UTC)
    week = keep(mary, query="from=2028-02-04&to=2028-02-10", every="week", now=made, name="Week")
    keep(mary, report="brief", query="", every="week", now=made, name="Brief")
    assert week.next_at is not None
    assert week.next_at.isoformat().startswith("2028-02-14T07:00")
    tuesday = week.next_at + timedelta(days=1, hours=1)
    saved.make_due(tuesday)
    saved.send_due(tuesday)
    told = {sent.subject.partition(",")[0]: (sent.subject, sent.body) for sent in mail.outbox}
    assert told["Week"][0] == "Week, Mon 14 Feb 2028, 07:00"
    assert "Mon 7 Feb" in told["Week"][1]
    assert "from=2028-02-07&to=2028-02-13" in told["Week"][1]
    assert "Mon 14 Feb" not in told["Week"][1], "which is next week's"
    assert told["Brief"][0] == "Brief, Tue 15 Feb 2028, 08:00"
    assert "The brief of Mon 14 Feb" in told["Brief"][1]


def test_whoever_lost_the_right_is_not_written_to(mary: User) -> None:
    kept = keep(mary)
    mary.role = Role.AGENT
    mary.save()
    assert kept.next_at is not None
    saved.make_due(kept.next_at)
    assert not ReportMail.objects.exists()


def test_a_server_that_does_not_answer_is_asked_again(mary: User, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]
    kept, now = keep(mary), timezone.now()
    assert kept.next_at is not None
    saved.make_due(kept.next_at)
    assert saved.send_due(now + timedelta(days=3)) == 1
    waiting = ReportMail.objects.get()
    assert (waiting.tries, waiting.sent_at) == (1, None)
    assert waiting.error
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]
    assert saved.send_due(now + timedelta(days=4)) == 1
    assert ReportMail.objects.get().sent_at
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("back", "days"), [(0, 7), (1, 7), (3, None)])
def test_a_period_that_ends_now_moves_along(mary: User, back: int, days: int | None) -> None:
    last = periods.bank_day(timezone.now()) - timedelta(days=back)
    kept = keep(mary, query=f"from={last - timedelta(days=6)}&to={last}")
    assert kept.days == days
    later = saved.address(kept, timezone.now() + timedelta(days=10))
    assert (f"to={last}" in later) == (days is None)


def test_the_whole_month_before_moves_along_with_the_months(mary: User) -> None:
    middle = periods.midnight(date(2028, 2, 14)) + timedelta(hours=12)
    kept = saved.save(
        by=mary,
        name="January",
        report="volume",
        query="from=2028-01-01&to=2028-01-31",
        shared=False,
        every="month",
        at_minute=420,
        readers=[mary],
        now=middle,
    )
    due = saved.next_due("month", 420, middle)
    assert due.isoformat().startswith("2028-03-01T07:00")
    assert "from=2028-02-01&to=2028-02-29" in saved.address(kept, due)
    first = periods.midnight(date(2029, 1, 1)) + timedelta(hours=7)
    assert "from=2028-12-01&to=2028-12-31" in saved.address(kept, first)


def test_its_owner_reads_what_became_of_the_mails(mary: User, settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # type: ignore[attr-defined]
    kept = keep(mary, every="day", name="Morning")
    due = kept.next_at
    saved.make_due(due)
    client = Client()
    client.force_login(mary)
    assert "On its way to Mary" in client.get("/reports/saved/").content.decode()
    for number in range(saved.TRIES):
        saved.send_due(due + timedelta(days=number))
    page = client.get("/reports/saved/").content.decode()
    assert "Not mailed to Mary" in page
    assert "refused" in page


def test_due_times_are_the_banks(mary: User) -> None:
    spring = periods.midnight(timezone.datetime(2027, 3, 13).date()) + timedelta(hours=12)
    for every, day in (("day", "2027-03-14"), ("week", "2027-03-15"), ("month", "2027-04-01")):
        due = saved.next_due(every, 7 * 60, spring)
        assert due.isoformat().startswith(day)
        assert (due.hour, due.minute) == (7, 0)


def test_the_brief_can_be_mailed(mary: User) -> None:
    settle()
    kept = keep(mary, report="brief", query="", name="Brief")
    body = saved.message(kept, mary, timezone.now(), None).body
    assert "YESTERDAY" in body
    assert "/reports/volume/rows/?" in body


def test_it_is_saved_and_shared_on_a_page(mary: User) -> None:
    client = Client()
    client.force_login(mary)
    html = client.get("/reports/saved/?report=volume&query=queue%3Dcare").content.decode()
    assert "Save “Volume”" in html
    told = {"name": "Care", "report": "volume", "query": "queue=care", "shared": "on", "every": "", "at": "07:00"}
    assert client.post("/reports/saved/", told).status_code == 302
    other = Client()
    other.force_login(make_person("omar", role=Role.COMPLIANCE, teams=()))
    assert "Care" in other.get("/reports/saved/").content.decode()
    pk = SavedReport.objects.get().pk
    assert other.post(f"/reports/saved/{pk}/delete/").status_code == 404
    assert client.post(f"/reports/saved/{pk}/delete/").status_code == 302
    assert client.post("/reports/saved/", told | {"query": "queue=nowhere"}).status_code == 422


def test_a_question_of_many_filters_is_kept_whole(mary: User) -> None:
    asked = "&".join(f"network=a-network-of-a-long-name-{n:02}" for n in range(20))
    client = Client()
    client.force_login(mary)
    told = {"name": "All networks", "report": "volume", "query": asked, "every": "", "at": "07:00"}
    assert client.post("/reports/saved/", told).status_code == 302
    assert asked in SavedReport.objects.get().query


def test_a_reader_who_lost_the_role_or_left_meanwhile_is_sent_nothing(mary: User) -> None:
    left = make_person("leo", role=Role.MANAGER, teams=(), email="leo@bank.example")
    kept = keep(mary, readers=[mary, left])
    assert kept.next_at is not None
    saved.make_due(kept.next_at)
    User.objects.filter(pk=mary.pk).update(role=Role.AGENT)
    User.objects.filter(pk=left.pk).update(is_active=False)
    saved.send_due(timezone.now() + timedelta(days=2))
    assert not mail.outbox
    assert not ReportMail.objects.exclude(next_try_at=None).exists(), "nor is it tried again"


def test_what_somebody_set_up_who_left_is_mailed_to_nobody_until_it_goes_on(mary: User) -> None:
    omar = make_person("omar", role=Role.COMPLIANCE, teams=(), email="omar@bank.example")
    kept, waiting = keep(omar, readers=[mary]), keep(omar, readers=[mary], name="On its way")
    due = kept.next_at
    assert due is not None
    saved.make_due(due)
    assert ReportMail.objects.exclude(next_try_at=None).count() == 2
    User.objects.filter(pk=omar.pk).update(is_active=False)
    saved.send_due(timezone.now() + timedelta(days=2))
    saved.make_due(due + timedelta(days=3))
    assert not mail.outbox
    assert not ReportMail.objects.exclude(next_try_at=None).exists()
    assert not SavedReport.objects.exclude(next_at=None).exists()
    waiting.refresh_from_db()
    assert waiting.every == "day"
    page = signed_in(mary).get("/reports/saved/").content.decode()
    assert "Mails are stopped" in page
    assert "Omar may not see reports any more" in page
    assert "/go-on/" not in page
    said = signed_in(mary).post(f"/reports/saved/{kept.pk}/go-on/", follow=True).content.decode()
    assert "Save the report as your own" in said
    kept.refresh_from_db()
    assert kept.next_at is None


def test_a_reader_leaves_and_who_sees_the_bank_stops_what_anybody_scheduled(mary: User) -> None:
    sam = make_person("sam", role=Role.SUPERVISOR, email="sam@bank.example")
    ann = make_person("ann", role=Role.SUPERVISOR, email="ann@bank.example")
    kept = keep(sam, readers=[ann, sam], query="")
    assert kept.next_at is not None
    saved.make_due(kept.next_at)
    path = f"/reports/saved/{kept.pk}"
    assert "Mornings" in signed_in(ann).get("/reports/saved/").content.decode(), "though it is not shared"
    assert signed_in(ann).post(f"{path}/stop/").status_code == 404, "for herself she may, for all she may not"
    assert signed_in(ann).post(f"{path}/leave/").status_code == 302
    saved.send_due(timezone.now() + timedelta(days=2))
    assert [sent.to for sent in mail.outbox] == [["sam@bank.example"]]
    assert "Mornings" not in signed_in(ann).get("/reports/saved/").content.decode()
    assert signed_in(make_person("eve", role=Role.SUPERVISOR)).post(f"{path}/leave/").status_code == 404
    assert "Mornings" in signed_in(mary).get("/reports/saved/").content.decode()
    assert signed_in(mary).post(f"{path}/stop/").status_code == 302
    assert not saved.make_due(kept.next_at + timedelta(days=5))
    assert signed_in(mary).post(f"{path}/go-on/").status_code == 302
    kept.refresh_from_db()
    assert kept.next_at is not None
    assert signed_in(mary).post(f"{path}/burn/").status_code == 404
    assert signed_in(sam).post(f"{path}/delete/").status_code == 302
    settle()
    told = [event for event in events.after(0, limit=1000) if event.kind.startswith("report.")]
    assert [(event.kind, event.actor_id, event.data["readers"]) for event in told if "readers" in event.data] == [
        ("report.saved", sam.pk, [sam.pk, ann.pk]),
        ("report.left", ann.pk, [sam.pk]),
        ("report.stopped", mary.pk, [sam.pk]),
        ("report.resumed", mary.pk, [sam.pk]),
        ("report.forgotten", sam.pk, [sam.pk]),
    ]


def test_one_of_the_same_name_is_replaced_only_by_who_says_so(mary: User) -> None:
    keep(mary, report="volume")
    told = {"name": "Mornings", "report": "sla", "query": "", "every": "", "at": "07:00"}
    client = signed_in(mary)
    refused = client.post("/reports/saved/", told)
    assert refused.status_code == 422
    assert 'name="replace"' in refused.content.decode()
    assert SavedReport.objects.get().report == "volume"
    assert client.post("/reports/saved/", told | {"replace": "on"}).status_code == 302
    assert SavedReport.objects.get().report == "sla"


def test_what_is_asked_as_of_a_past_day_does_not_move_past_it(mary: User) -> None:
    yesterday = periods.bank_day(timezone.now()) - timedelta(days=1)
    kept = keep(mary, query=f"from={yesterday - timedelta(days=6)}&to={yesterday}&as_of={yesterday}")
    assert kept.days is None
    then = timezone.now() + timedelta(days=40)
    assert "As it was known on" in saved.message(kept, mary, then, saved.answered(kept, mary, then, due=then)).body


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_name_can_put_no_header_into_a_mail_and_hold_no_card_number(mary: User) -> None:
    kept = keep(mary, name="Mine\r\nBcc: thief@evil.example 4111 1111 1111 1111")
    assert kept.next_at is not None
    saved.make_due(kept.next_at)
    saved.send_due(timezone.now() + timedelta(days=2))
    (sent,) = mail.outbox
    assert sent.recipients() == ["mary@bank.example"]
    assert "4111 1111" not in SavedReport.objects.get().name
    sent.message().as_bytes()


def test_one_mail_that_cannot_be_made_keeps_no_other_from_leaving(mary: User) -> None:
    broken = keep(mary, name="Broken")
    assert broken.next_at is not None
    SavedReport.objects.filter(pk=broken.pk).update(name="two\nlines")
    kept = keep(mary, name="Whole")
    saved.make_due(broken.next_at)
    saved.send_due(timezone.now() + timedelta(days=2))
    assert any("Whole" in one.subject for one in mail.outbox)
    assert kept.next_at == broken.next_at
