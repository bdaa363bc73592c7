"""Incidents, what may become one, and exercises."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import RegulatoryProfile, User
from mentions.models import Conversation, Origin, Source


class Severity(models.TextChoices):
    """How bad an incident is, the worst first."""

    CRITICAL = "critical", _("critical")
    MAJOR = "major", _("major")
    MINOR = "minor", _("minor")


class Incident(models.Model):
    """A declared crisis. What happened in it is its `entries`; who did what is told by events too.

    `topic` and `place` say what is counted for the curve, both empty for everything. Clocks begin at one of
    three moments: `aware_at` when somebody knew, `determined_at` and `classified_at` when it was decided that
    it must be reported. `key` makes a doubled press one incident. `drill` is set for one of an exercise.
    """

    key = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.MAJOR)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    since = models.DateTimeField(help_text=_("Since when it has been going on, as far as we know."))
    topic = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=256, blank=True)
    holding = models.TextField(blank=True)
    findings = models.JSONField(default=list)
    next_update_at = models.DateTimeField(null=True)
    profile = models.ForeignKey(RegulatoryProfile, null=True, on_delete=models.PROTECT, related_name="+")
    aware_at = models.DateTimeField()
    determined_at = models.DateTimeField(null=True)
    classified_at = models.DateTimeField(null=True)
    conversations = models.ManyToManyField(Conversation, related_name="incidents", blank=True)
    drill = models.ForeignKey("Drill", null=True, on_delete=models.CASCADE, related_name="incidents")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lesson = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_closed_incident_was_closed_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["opened_at"], name="incident_by_time")]

    def __str__(self) -> str:
        return self.name


class IncidentEntry(models.Model):
    """One line of an incident's timeline. `text` is scrubbed; `event` is the kind that was recorded with it."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        verbose_name_plural = _("incident entries")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.text[:60]


class IncidentClock(models.Model):
    """One thing that must be reported by a time; `rule` is the profile's wording when the incident was opened."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="clocks")
    key = models.CharField(max_length=40)
    rule = models.JSONField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "key"], name="a_clock_runs_once_an_incident"),
        ]

    def __str__(self) -> str:
        return self.key


class Suggestion(models.Model):
    """Something far from usual that may be an incident, one row for as long as it lasts.

    `figures` hold what the reason is made of. Dismissed, it stays away until it is over; `over_at` is set when
    it has not been seen for a while.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic", _("a topic")
        PLACE = "place", _("a place")
        PHISHING = "phishing", _("phishing")
        BLIND = "blind", _("a blind source")

    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.CharField(max_length=256, blank=True)
    figures = models.JSONField(default=dict)
    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="suggestions")
    dismissed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    dismissed_at = models.DateTimeField(null=True)
    dismissed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(over_at__isnull=True), name="one_suggestion_for_a_subject"
            ),
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True) | ~Q(dismissed_why=""), name="a_dismissal_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Drill(models.Model):
    """An exercise: a recorded stretch played into the house under a mark, and taken away whole at its end.

    `clock_s` is how far it has played, in seconds of the recording; it goes on from there after a restart.
    `figures` is its own report, kept when its rows are gone. `key` tells its sources, authors and posts.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        ENDING = "ending", _("being taken away")
        ENDED = "ended", _("over")

    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    speed = models.FloatField(default=1)
    linger_s = models.PositiveIntegerField(default=600, help_text=_("How long it stays after its last post."))
    origin = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    played = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    clock_s = models.FloatField(default=0)
    length_s = models.FloatField(default=0)
    ticked_at = models.DateTimeField()
    stopped_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.F("ended_at"),
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_exercise_at_a_time",
            ),
            models.CheckConstraint(condition=Q(speed__gt=0), name="an_exercise_goes_forward"),
        ]

    def __str__(self) -> str:
        return self.name

    def sources(self) -> models.QuerySet[Source]:
        """The sources that it speaks through."""
        return Source.objects.filter(origin=Origin.DRILL, slug__startswith=f"drill-{self.pk}-")


class DrillPost(models.Model):
    """A post that an exercise is still to play: scrubbed, `offset_s` after the recording's beginning."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="posts")
    place = models.PositiveIntegerField()
    offset_s = models.FloatField()
    source = models.CharField(max_length=60)
    body = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["drill", "place"], name="an_exercise_plays_in_order")]

    def __str__(self) -> str:
        return f"{self.place} after {self.offset_s:.0f} s"
