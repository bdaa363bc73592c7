"""Saved reports, their mails, and who is away."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import User


class SavedReport(models.Model):
    """A report with its filters, kept by a person; `shared` with everybody who may see reports.

    `query` holds the filters as the address spells them, without dates where `days` is set: the report is then of
    the last so many days, up to today (`until_today`) or to yesterday, or where it is `MONTH` of the calendar month
    before. With `every` it is mailed to `readers` at `at_minute` of the bank's day; `next_at` is when, and null while
    somebody has stopped it.
    """

    class Every(models.TextChoices):
        NEVER = "", _("never")
        DAY = "day", _("every day")
        WEEK = "week", _("every week, on Mondays")
        MONTH = "month", _("every month, on the first")

    BRIEF = "brief"
    MONTH = 0

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_reports")
    shared = models.BooleanField(default=False)
    report = models.CharField(max_length=40)
    query = models.TextField(blank=True)
    days = models.PositiveSmallIntegerField(null=True)
    until_today = models.BooleanField(default=True)
    every = models.CharField(max_length=8, choices=Every, blank=True, default=Every.NEVER)
    at_minute = models.PositiveSmallIntegerField(default=7 * 60)
    readers = models.ManyToManyField(User, related_name="+", blank=True)
    next_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="a_person_saves_a_name_once"),
            models.CheckConstraint(
                condition=~Q(every="") | Q(next_at__isnull=True), name="only_what_is_scheduled_is_due"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="reports_by_due_time")
        ]

    def __str__(self) -> str:
        return self.name


class ReportMail(models.Model):
    """One saved report to one reader at one due time: written in the transaction that moves `next_at`, then sent.

    The row is the promise that nothing is mailed twice: `tries` rises before the mail server is called.
    """

    saved = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="mails")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["saved", "person", "due_at"], name="a_report_is_mailed_once_a_due_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="report_mails_to_send")
        ]

    def __str__(self) -> str:
        return f"{self.saved} for {self.person}"


class Presence(models.Model):
    """A spell in which a person had a console open: `seen_at` moves on while they have it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="presences", db_index=False)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-seen_at"], name="presence_of_person")]

    def __str__(self) -> str:
        return f"{self.person}: {self.started_at:%Y-%m-%d %H:%M}"


class Absence(models.Model):
    """A spell in which a person on shift is not at their desk, and why.

    Open until they say to be back, or claim or answer something. Who did neither within `LONGEST` has gone home.
    """

    LONGEST = timedelta(hours=12)

    class Reason(models.TextChoices):
        BREAK = "break", _("break")
        MEETING = "meeting", _("meeting")
        TRAINING = "training", _("training")
        OTHER = "other", _("other work")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    reason = models.CharField(max_length=12, choices=Reason)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="nobody_is_away_twice_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.reason}"
