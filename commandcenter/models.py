"""What the room sees, as rows: rollups that keep figures exact and cheap, and the canary's runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class MentionRollup(models.Model):
    """Counts of live mentions in one 15-minute UTC bucket by source, queue and language.

    Always recomputed whole for a bucket from the mentions in it, never incremented, so that a late,
    doubled or lost hint does no harm. `queue_id` is null for posts that no queue takes (rivals').
    """

    bucket = models.DateTimeField()
    source_id = models.BigIntegerField()
    network = models.CharField(max_length=32)
    queue_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, blank=True)
    rival = models.CharField(max_length=80, blank=True)
    total = models.PositiveIntegerField()
    private = models.PositiveIntegerField()
    spam = models.PositiveIntegerField()
    positive = models.PositiveIntegerField()
    neutral = models.PositiveIntegerField()
    negative = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bucket", "source_id", "queue_id", "language"],
                nulls_distinct=False,
                name="one_mention_rollup_per_bucket_and_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bucket:%Y-%m-%d %H:%M} {self.network}: {self.total}"


class ConversationRollup(models.Model):
    """Counts of live conversations opened in one 15-minute UTC bucket by source, queue and language."""

    bucket = models.DateTimeField()
    source_id = models.BigIntegerField()
    network = models.CharField(max_length=32)
    queue_id = models.BigIntegerField()
    language = models.CharField(max_length=8, blank=True)
    total = models.PositiveIntegerField()
    actionable = models.PositiveIntegerField()
    undecided = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["bucket", "source_id", "queue_id", "language"],
                name="one_conversation_rollup_per_bucket_and_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bucket:%Y-%m-%d %H:%M} {self.network}: {self.actionable}"


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
