"""What the room sees, as rows: rollups that keep figures exact and cheap, and the canary's runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Grain(models.IntegerChoices):
    """How long a stretch a rollup row sums up, in minutes; a day is the bank's, of 23 to 25 hours."""

    MINUTE = 1, _("minute")
    QUARTER = 15, _("quarter of an hour")
    DAY = 1440, _("day")


class Rollup(models.Model):
    """Counts of live rows from `start` on, for one grain, topic and place.

    `topic` is empty on the rows that count everything; a row of a named topic counts those that have it, and
    what has two topics is in both. `queue_id` is null where no queue takes the posts (rivals'). Nothing is ever
    added to a row: `commandcenter.rollups` counts its whole stretch again, so a late, doubled or lost hint does
    no harm. Days are written once they are over, minutes are kept for nine days.
    """

    grain = models.PositiveSmallIntegerField(choices=Grain)
    topic = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    source_id = models.BigIntegerField()
    network = models.CharField(max_length=32)
    queue_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, blank=True)
    total = models.PositiveIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} {self.network}: {self.total}"


class MentionRollup(Rollup):
    """Mentions by network time. Tones are counted without spam."""

    private = models.PositiveIntegerField()
    spam = models.PositiveIntegerField()
    positive = models.PositiveIntegerField()
    neutral = models.PositiveIntegerField()
    negative = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grain", "topic", "start", "source_id", "network", "queue_id", "language"],
                nulls_distinct=False,
                name="mentions_are_rolled_up_once",
            ),
        ]


class ConversationRollup(Rollup):
    """Conversations by the time they were opened; `answered` are actionable ones with a human reply."""

    actionable = models.PositiveIntegerField()
    undecided = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grain", "topic", "start", "source_id", "network", "queue_id", "language"],
                nulls_distinct=False,
                name="conversations_are_rolled_up_once",
            ),
        ]


class CanaryRun(models.Model):
    """One synthetic post's way from the webhook to a rendered scene; times null until reached."""

    key = models.CharField(max_length=40, unique=True)
    sent_at = models.DateTimeField()
    stored_at = models.DateTimeField(null=True)
    rendered_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sent_at"], name="canary_by_time")]

    def __str__(self) -> str:
        return self.key
