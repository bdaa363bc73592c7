"""Who is told of what, when, and whether they answered."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models.people import Site, Team, User


class AlertKind(models.TextChoices):
    """What people on duty are told of without looking at a screen."""

    BLIND = "blind", _("a source is blind")
    FOREIGN_POST = "foreign_post", _("a post under our name that we did not write")
    TOKEN = "token", _("a key is about to expire or was refused")
    SPIKE = "spike", _("far more than usual")
    OVERDUE = "overdue", _("overdue work")
    INCIDENT = "incident", _("an incident")
    COPIED = "copied", _("a screen's credential was copied")


class AlertRule(models.Model):
    """How one kind of alert is handled; there is one row a kind.

    `team` is who is told first, else everybody on duty. The same subject notifies at most once every
    `quiet_s`; unacknowledged after `escalate_s`, the next rank is told. `threshold` is how many overdue
    conversations of a queue make an alert and means nothing for other kinds.
    """

    kind = models.CharField(max_length=16, choices=AlertKind, unique=True)
    active = models.BooleanField(default=True)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    quiet_s = models.PositiveIntegerField(default=1800)
    escalate_s = models.PositiveIntegerField(default=600)
    threshold = models.PositiveIntegerField(default=5)
    by_mail = models.BooleanField(default=True)
    by_hook = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(AlertKind(self.kind).label)


class Rota(models.Model):
    """When a person is on duty: minutes after midnight on these weekdays (0 is Monday) in `zone`.

    `stop` before `start` runs past midnight. Rank 1 is told first, rank 2 when nobody has acknowledged.
    A row without a team counts for every team; `site` says where the person is and is shown only.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="rota")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="rota")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.SET_NULL, related_name="rota")
    zone = models.CharField(max_length=64)
    days = ArrayField(models.PositiveSmallIntegerField())
    start = models.PositiveSmallIntegerField()
    stop = models.PositiveSmallIntegerField()
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name_plural = _("rota")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(start__lt=1440, stop__lte=1440) & ~Q(start=F("stop")), name="duty_has_hours_of_a_day"
            ),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=2), name="duty_rank_is_1_or_2"),
        ]

    def __str__(self) -> str:
        return f"{self.person} from {self.start // 60:02d}:{self.start % 60:02d}"


class AlertHook(models.Model):
    """A program that is told of alerts by signed webhook; people know it by its `host`.

    `sealed` is ciphertext (see `mentions.sources`) of its "url" and of the "secret" that signs: many a chat's address
    holds the token that lets one write there.
    """

    name = models.CharField(max_length=80, unique=True)
    host = models.CharField(max_length=253)
    sealed = models.TextField(editable=False)
    kinds = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    active = models.BooleanField(default=True)
    local = models.BooleanField(default=False, help_text=_("May be reached on a private address."))

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """Something that somebody on duty must know, once for a `subject` until it is over.

    `subject` is what it is about ("source:7"); `about` holds names and figures for the words, no customer's
    content. `level` is the rank that has been told: 1, 2, then 3 for the managers; 0 while it is nobody's again and
    calls at `quiet_until`, before which the same subject notifies nobody anew. `count` is how often it came.
    """

    kind = models.CharField(max_length=16, choices=AlertKind)
    subject = models.CharField(max_length=120)
    about = models.JSONField(default=dict)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    level = models.PositiveSmallIntegerField(default=1)
    notified_at = models.DateTimeField()
    quiet_until = models.DateTimeField()
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(over_at__isnull=True), name="one_alert_at_a_time_for_a_subject"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
                name="an_acknowledgement_has_a_person_and_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at"], name="alert_by_time"),
            models.Index(fields=["kind", "subject", "opened_at"], name="alert_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class AlertDelivery(models.Model):
    """One message of an alert to one person or program: committed first, then sent, at least once.

    `key` is the same for every attempt, so that a receiver can tell a repetition. `answer` is what the mail
    server or the program said; `seen_at` when the person opened the alert.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=80, unique=True)
    level = models.PositiveSmallIntegerField()
    person = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    hook = models.ForeignKey(AlertHook, null=True, on_delete=models.SET_NULL, related_name="+")
    address = models.CharField(max_length=300)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = _("alert deliveries")
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="deliveries_due"),
            models.Index(fields=["alert", "id"], name="delivery_of_alert"),
        ]

    def __str__(self) -> str:
        return self.key
