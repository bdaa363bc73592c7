"""What came and waits, was refused, or was delivered before; and who reads the events."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentions.models.sources import Source


class PendingOperation(models.Model):
    """An edit or delete whose post has not arrived yet.

    Without a `source` it is its network's own word; with one, it changes only what that source brings.
    """

    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    drill = models.BigIntegerField(null=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    op = models.CharField(max_length=8)
    text = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)  # of the text, which may be too long for an index
    redacted = ArrayField(models.CharField(max_length=24), default=list)
    rating = models.PositiveSmallIntegerField(null=True)
    edited_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["network", "external_id", "drill", "source", "op", "edited_at", "digest"],
                nulls_distinct=False,
                name="an_early_operation_waits_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.network} {self.external_id}"


class Reject(models.Model):
    """Input that intake refused, kept (scrubbed) with its reason until it is replayed."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="rejects")
    external_id = models.CharField(max_length=512, blank=True)
    body = models.JSONField()
    reason = models.CharField(max_length=300)
    received_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=1)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["source", "id"], condition=Q(replayed_at__isnull=True), name="open_rejects"),
            models.Index(fields=["external_id"], condition=~Q(external_id=""), name="rejects_by_post"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id or '-'}: {self.reason}"


class Delivery(models.Model):
    """A webhook delivery that was taken, remembered for ever so that a replay adds nothing."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    event_id = models.CharField(max_length=200)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "event_id"], name="a_delivery_is_taken_once"),
        ]
        verbose_name_plural = _("deliveries")

    def __str__(self) -> str:
        return self.event_id


class Consumer(models.Model):
    """How far a reader of the sealed events has come, so that it goes on there after any crash."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
