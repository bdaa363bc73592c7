"""Reports that people keep, share and have mailed: when each is due, and that it leaves exactly once.

A due report becomes one `ReportMail` a reader in the very transaction that moves `next_at` on, so whoever ticks twice,
or dies between, makes none twice. A mail is sent after its try is committed; a server that did not answer is asked
again later, and the reader is told by the same due time in the subject.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.models import User
from commandcenter import asof, brief, periods, reports
from commandcenter.models import ReportMail, SavedReport
from commandcenter.overview import seen_by
from commandcenter.reports import answering, asking, briefing, wording
from mentions import scrub

log = logging.getLogger(__name__)

TRIES = 5
AGAIN = timedelta(minutes=2)
_AT_ONCE = 20
_DATES = ("from", "to")


def for_person(person: User) -> QuerySet[SavedReport]:
    """What the person saved, and what others share."""
    return (
        SavedReport.objects.filter(Q(owner=person) | Q(shared=True)).select_related("owner").prefetch_related("readers")
    )


def save(
    *,
    by: User,
    name: str,
    report: str,
    query: str,
    shared: bool,
    every: str,
    at_minute: int,
    readers: Sequence[User],
    now: datetime,
) -> SavedReport:
    """Keep a report. The whole month before moves along with the months, what ends today or yesterday with the days.

    Another period stays as it is.

    Raises:
        asking.Unclear: the query is not one that this report answers.
        Http404: there is no such report, or a filter that the person does not see.
    """
    days, until_today = None, True
    name = scrub.typed_line(name, 80)
    if report != SavedReport.BRIEF:
        ask = _ask(report, query, by, now)
        ahead = (periods.bank_day(now) - ask.period.last).days
        if (ask.period.first, ask.period.last) == periods.month_before(periods.bank_day(now)):
            days = SavedReport.MONTH
        elif ahead in (0, 1):
            days, until_today = ask.period.length, ahead == 0
        dropped = () if days is None else _DATES
        query = urlencode([(key, value) for key, value in parse_qsl(ask.address()) if key not in dropped])
    else:
        query = ""
    with transaction.atomic():
        saved, _made = SavedReport.objects.update_or_create(
            owner=by,
            name=name,
            defaults={
                "report": report,
                "query": query,
                "days": days,
                "until_today": until_today,
                "shared": shared,
                "every": every,
                "at_minute": at_minute,
                "next_at": next_due(every, at_minute, now) if every else None,
                "saved_at": now,
            },
        )
        saved.readers.set(readers if every else ())
    return saved


def next_due(every: str, at_minute: int, after: datetime) -> datetime:
    """The first due time after a moment, by the bank's clock; a time that a night skips comes an hour later."""
    day = periods.bank_day(after)
    while True:
        if _falls_on(every, day):
            due = datetime.combine(day, datetime.min.time(), periods.bank_zone()) + timedelta(minutes=at_minute)
            if due > after:
                return due.astimezone(periods.bank_zone())
        day += timedelta(days=1)


def address(saved: SavedReport, now: datetime) -> str:
    """The query of a saved report at a moment, its dates included."""
    if saved.days is None:
        return saved.query
    if saved.days == SavedReport.MONTH:
        first, last = periods.month_before(periods.bank_day(now))
    else:
        last = periods.bank_day(now) - timedelta(days=0 if saved.until_today else 1)
        first = last - timedelta(days=saved.days - 1)
    dates = {"from": first.isoformat(), "to": last.isoformat()}
    return "&".join(part for part in (saved.query, urlencode(dates)) if part)


def url(saved: SavedReport, now: datetime) -> str:
    """Where a saved report is read."""
    if saved.report == SavedReport.BRIEF:
        return reverse("commandcenter:brief")
    return f"{reverse('commandcenter:report', args=[saved.report])}?{address(saved, now)}"


def latest_mails(saved: SavedReport) -> list[str]:
    """What became of the mails of the last due time, in words; its owner has to know when one did not leave."""
    last = saved.mails.order_by("-due_at").values_list("due_at", flat=True)[:1]
    told = []
    for mail in saved.mails.filter(due_at__in=last).select_related("person").order_by("person__username"):
        about = {"person": str(mail.person), "at": wording.stamp(mail.sent_at or mail.due_at), "why": mail.error}
        if mail.sent_at:
            told.append(_("Mailed to %(person)s on %(at)s.") % about)
        elif mail.next_try_at:
            words = _("On its way to %(person)s, due %(at)s. %(why)s") if mail.error else _("On its way to %(person)s.")
            told.append(words % about)
        else:
            told.append(_("Not mailed to %(person)s, due %(at)s: %(why)s") % about)
    return told


def tick() -> bool:
    """Make the mails that are due and send those that wait. True if more is waiting."""
    now = timezone.now()
    return bool(make_due(now) >= _AT_ONCE) | bool(send_due(now) >= _AT_ONCE)


def make_due(now: datetime) -> int:
    """Write a mail for each reader of each report that is due; returns how many reports were."""
    with transaction.atomic():
        due = list(
            SavedReport.objects.select_for_update(skip_locked=True)
            .filter(next_at__lte=now)
            .order_by("next_at")[:_AT_ONCE]
        )
        for saved in due:
            assert saved.next_at is not None
            mails = [
                ReportMail(saved=saved, person=reader, due_at=saved.next_at, made_at=now, next_try_at=now)
                for reader in saved.readers.all()
                if reader.email and access.may(reader, "see reports")
            ]
            ReportMail.objects.bulk_create(mails, ignore_conflicts=True)
            saved.next_at = next_due(saved.every, saved.at_minute, max(now, saved.next_at))
            saved.save(update_fields=["next_at"])
    return len(due)


def send_due(now: datetime) -> int:
    """Send what waits; returns how many were tried."""
    tried = 0
    for _number in range(_AT_ONCE):
        with transaction.atomic():
            mail = (
                ReportMail.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("saved", "person")
                .filter(next_try_at__lte=now)
                .order_by("next_try_at", "pk")
                .first()
            )
            if mail is None:
                return tried
            mail.tries += 1
            mail.next_try_at = now + AGAIN * 2**mail.tries if mail.tries < TRIES else None
            mail.save(update_fields=["tries", "next_try_at"])
        tried += 1
        _send(mail, now)
    return tried


def text(saved: SavedReport, reader: User, now: datetime) -> str:
    """A saved report as the text of a mail: the key figures, each question with its answer, and where it is read."""
    base = settings.PUBLIC_URL.rstrip("/")
    if saved.report == SavedReport.BRIEF:
        with asof.known(None):
            return briefing.text(brief.make(now, seen_by(reader)), {}, base)
    ask = _ask(saved.report, address(saved, now), reader, now)
    answer = answering.answer(reports.get(saved.report), ask)
    told = [wording.period(ask.period), "", *(f"! {words}" for words in answering.caveats(answer))]
    for one in answer.content.headlines:
        beside = ". ".join(part for part in (one.n, one.change) if part)
        told.append(f"{one.title}: {wording.figure(one.figure)}" + (f" ({beside})" if beside else ""))
    for section in answer.content.sections:
        told += ["", str(section.question), section.answer]
    same = _("Exactly these figures, later too: %(address)s") % {"address": answering.same_again(answer)}
    return "\n".join([*told, "", base + url(saved, now), same])


def _send(mail: ReportMail, now: datetime) -> None:
    if not access.may(mail.person, "see reports"):
        ReportMail.objects.filter(pk=mail.pk).update(next_try_at=None, error=_("may not see reports any more"))
        return
    try:
        message = EmailMessage(
            subject=_("%(name)s, %(day)s") % {"name": mail.saved.name, "day": wording.stamp(mail.due_at)},
            body=text(mail.saved, mail.person, now),
            to=[mail.person.email],
            headers={
                "Message-ID": f"<report-{mail.pk}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2] or 'localhost'}>"
            },
        )
        message.send()
    except (OSError, ValueError, asking.Unclear, Http404) as error:
        log.warning("a report was not mailed", extra={"mail": mail.pk, "error": type(error).__name__})
        ReportMail.objects.filter(pk=mail.pk).update(error=str(error)[:300])
        return
    ReportMail.objects.filter(pk=mail.pk).update(sent_at=now, next_try_at=None, error="", tries=F("tries"))


def _ask(report: str, query: str, by: User, now: datetime) -> asking.Ask:
    try:
        found = reports.get(report)
    except reports.UnknownReport:
        raise Http404(_("There is no such report.")) from None
    if found.whole_bank and not access.sees_all(by):
        raise Http404(_("There is no such report."))
    return asking.read(report, QueryDict(query), by=by, now=now, without=found.without)


def _falls_on(every: str, day: date) -> bool:
    if every == SavedReport.Every.WEEK:
        return day.weekday() == 0
    return every == SavedReport.Every.DAY or day.day == 1
