"""Reports that people keep, share and have mailed: when each is due, and that it leaves exactly once.

Nobody is written to against their will or in the name of somebody who left: a reader takes themselves off the list,
whoever sees the whole bank may stop any schedule, and one whose owner may see reports no more stops by itself.

A due report becomes one `ReportMail` a reader in the very transaction that moves `next_at` on, so whoever ticks twice,
or dies between, makes none twice. A mail is sent after its try is committed; a server that did not answer is asked
again later, and the reader is told by the same due time in the subject. Whenever it leaves, its days are those that
were due, so that no week is mailed twice and another never; the brief is of the morning on which it leaves, and says
so.
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
from commandcenter import asof, brief, exporting, periods, reports
from commandcenter.models import ReportMail, SavedReport
from commandcenter.populations import seen_by
from commandcenter.reports import answering, asking, briefing, mailing, wording
from commandcenter.reports.answering import Answer
from mentions import events, scrub
from mentions.events import SYSTEM, Actor

log = logging.getLogger(__name__)

TRIES = 5
AGAIN = timedelta(minutes=2)
_AT_ONCE = 20
_DATES = ("from", "to")


class NameTaken(Exception):
    """The person has saved another report under this name."""


def for_person(person: User) -> QuerySet[SavedReport]:
    """What the person saved or is mailed, what others share, and for who sees the whole bank all that is mailed."""
    seen = Q(owner=person) | Q(shared=True) | Q(readers=person)
    if access.sees_all(person):
        seen |= ~Q(every="")
    return SavedReport.objects.filter(seen).distinct().select_related("owner").prefetch_related("readers")


def may_stop(saved: SavedReport, person: User) -> bool:
    """Whether the person may stop the mails to all of its readers, and have them go on."""
    return bool(saved.every) and (saved.owner_id == person.pk or access.sees_all(person))


def stop(saved: SavedReport, *, by: Actor = SYSTEM) -> None:
    """Mail it to nobody until somebody has it go on."""
    with transaction.atomic():
        stopped = SavedReport.objects.filter(pk=saved.pk).exclude(next_at=None).update(next_at=None)
        _called_off(saved.mails.all())
        if stopped:
            _tell("report.stopped", saved, by)


def forget(saved: SavedReport, *, by: User) -> None:
    """Let go of a report with its mails; that it was mailed, and to whom, is known afterwards."""
    with transaction.atomic():
        _tell("report.forgotten", saved, Actor.person(by.pk))
        saved.delete()


def orphaned(saved: SavedReport) -> bool:
    """Whether its owner may see reports no more, so that it is mailed to nobody."""
    return not access.may(saved.owner, "see reports")


def go_on(saved: SavedReport, now: datetime, *, by: User) -> None:
    """Mail it again, from its next due time on; an orphaned one stays where it is."""
    if orphaned(saved):
        return
    due = next_due(saved.every, saved.at_minute, now)
    with transaction.atomic():
        if SavedReport.objects.filter(pk=saved.pk, next_at=None).update(next_at=due):
            _tell("report.resumed", saved, Actor.person(by.pk))


def leave(saved: SavedReport, person: User) -> None:
    """Take the person off the list, also of mails that are on their way."""
    with transaction.atomic():
        saved.readers.remove(person)
        _called_off(saved.mails.filter(person=person))
        _tell("report.left", saved, Actor.person(person.pk))


def _tell(kind: str, saved: SavedReport, by: Actor) -> None:
    """Figures that leave the house every day are set up, stopped and let go of by somebody: an event each."""
    readers = sorted(saved.readers.values_list("pk", flat=True))
    data = {"saved": saved.pk, "report": saved.report, "every": saved.every, "shared": saved.shared}
    events.record(kind, at=timezone.now(), by=by, data=data | {"owner": saved.owner_id, "readers": readers})


def _called_off(mails: QuerySet[ReportMail]) -> None:
    mails.exclude(next_try_at=None).update(next_try_at=None, error=_("called off"))


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
    replace: bool = False,
) -> SavedReport:
    """Keep a report, in the place of the person's own of the same name only if they say so.

    The whole month before moves along with the months, what ends today or yesterday with the days.
    Another period stays as it is, and so does what is asked as of a past day.

    Raises:
        NameTaken: there is one of this name already.
        asking.Unclear: the query is not one that this report answers.
        Http404: there is no such report, or a filter that the person does not see.
    """
    days, until_today = None, True
    name = scrub.typed_line(name, 80)
    if report != SavedReport.BRIEF:
        ask = _ask(report, query, by, now)
        ahead = (periods.bank_day(now) - ask.period.last).days
        if ask.as_of:
            pass
        elif (ask.period.first, ask.period.last) == periods.month_before(periods.bank_day(now)):
            days = SavedReport.MONTH
        elif ahead in (0, 1):
            days, until_today = ask.period.length, ahead == 0
        dropped = () if days is None else _DATES
        query = urlencode([(key, value) for key, value in parse_qsl(ask.address()) if key not in dropped])
    else:
        query = ""
    with transaction.atomic():
        if not replace and SavedReport.objects.filter(owner=by, name=name).exists():
            raise NameTaken(name)
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
        _tell("report.saved", saved, Actor.person(by.pk))
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
            SavedReport.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("owner")
            .filter(next_at__lte=now)
            .order_by("next_at")[:_AT_ONCE]
        )
        for saved in due:
            assert saved.next_at is not None
            if orphaned(saved):
                stop(saved)
                continue
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
                .select_related("saved__owner", "person")
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


def message(saved: SavedReport, reader: User, at: datetime, answer: Answer | None) -> EmailMessage:
    """A saved report as a mail to one reader: its figures in the text, of a report the same as a workbook beside it.

    `at` is when a brief is made, or when an answer was due.
    """
    base = settings.PUBLIC_URL.rstrip("/")
    off = base + reverse("commandcenter:saved")
    made = EmailMessage(to=[reader.email], headers={"List-Unsubscribe": f"<{off}>"})
    if answer is None:
        with asof.known(None):
            told = briefing.text(brief.make(at, seen_by(reader)), {}, base)
    else:
        told = f"{mailing.text(answer)}\n\n{base}{url(saved, at)}"
        made.attach(
            *mailing.workbook(answer, _("%(owner)s, for %(reader)s") % {"owner": saved.owner, "reader": reader})
        )
    why = _("You are sent this because %(owner)s put you on the list of “%(name)s”. To leave it: %(address)s") % {
        "owner": saved.owner,
        "name": saved.name,
        "address": off,
    }
    made.body = f"{told}\n\n-- \n{why}"
    return made


def _send(mail: ReportMail, now: datetime) -> None:
    if orphaned(mail.saved):
        stop(mail.saved)
        return
    if not access.may(mail.person, "see reports"):
        ReportMail.objects.filter(pk=mail.pk).update(next_try_at=None, error=_("may not see reports any more"))
        return
    try:
        answer = answered(mail.saved, mail.person, now, due=mail.due_at)
        at = now if answer is None else mail.due_at
        made = message(mail.saved, mail.person, at, answer)
        made.subject = _("%(name)s, %(day)s") % {"name": mail.saved.name, "day": wording.stamp(at)}
        host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2] or "localhost"
        made.extra_headers["Message-ID"] = f"<report-{mail.pk}@{host}>"
        made.send()
    except (OSError, ValueError, asking.Unclear, Http404) as error:
        log.warning("a report was not mailed", extra={"mail": mail.pk, "error": type(error).__name__})
        ReportMail.objects.filter(pk=mail.pk).update(error=str(error)[:300])
        return
    with transaction.atomic():
        ReportMail.objects.filter(pk=mail.pk).update(sent_at=now, next_try_at=None, error="", tries=F("tries"))
        if answer is None:
            data = {"report": SavedReport.BRIEF, "kind": "mail", "rows": 0, "reader": mail.person_id}
            events.record("report.exported", at=now, by=Actor.person(mail.saved.owner_id), data=data)
        else:
            rows = sum(len(section.lines) for section in answer.content.sections)
            exporting.note(answer.ask, "mail", by=mail.saved.owner, rows=rows, reader=mail.person_id)


def answered(saved: SavedReport, reader: User, now: datetime, *, due: datetime) -> Answer | None:
    """The saved report as its reader may see it, of the days that were due, as they are known now; None for the brief,
    which has no file.

    Raises:
        asking.Unclear: the query is not one that the report answers any more.
        Http404: a filter that the reader does not see.
    """
    if saved.report == SavedReport.BRIEF:
        return None
    return answering.answer(reports.get(saved.report), _ask(saved.report, address(saved, due), reader, now))


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
