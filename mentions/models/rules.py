"""What decides where a conversation goes and when it is due: calendars, promises, queues, rules, searches."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Calendar(models.Model):
    """Working hours of a team or a promise, read by `mentions.sla`.

    `blocks` maps a weekday ("0" is Monday) to a list of [start, end] minutes after midnight in `zone`;
    `holidays` is a list of ISO dates. No blocks at all means round the clock.
    """

    name = models.CharField(max_length=80, unique=True)
    zone = models.CharField(max_length=64, default="UTC")
    blocks = models.JSONField(default=dict, blank=True)
    holidays = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return self.name


class SlaPolicy(models.Model):
    """Targets in seconds for a queue's conversations; null means no promise.

    `by_priority` maps a priority ("1" to "4") to a factor on every target.
    """

    name = models.CharField(max_length=80, unique=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="policies")
    first_response_s = models.PositiveIntegerField(null=True, blank=True)
    next_response_s = models.PositiveIntegerField(null=True, blank=True)
    resolution_s = models.PositiveIntegerField(null=True, blank=True)
    by_priority = models.JSONField(default=dict, blank=True)
    pause_when_pending = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")

    def __str__(self) -> str:
        return self.name


class Queue(models.Model):
    """An ordered holding place for conversations, worked by one or more teams.

    `version` only ever grows; the sealing leader raises it when something in the queue changed, so a
    console can tell in one number whether what it shows is what is.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=100)
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="queues")
    is_default = models.BooleanField(default=False)
    version = models.BigIntegerField(default=0, editable=False)

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="only_one_default_queue"),
        ]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """One row of the ordered rule list; `mentions.routing` says what `conditions` may hold.

    `version` rises with each change, so that a conversation can say which wording sent it here.
    """

    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField(db_index=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    active = models.BooleanField(default=True)
    conditions = models.JSONField(default=dict, blank=True)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="rules")
    priority = models.PositiveSmallIntegerField(default=3)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    actionable = models.CharField(
        max_length=12,
        blank=True,
        choices=[("true", _("actionable")), ("false", _("not actionable")), ("undecided", _("undecided"))],
    )
    reason = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="rule_priority_is_1_to_4"),
        ]

    def __str__(self) -> str:
        return self.name


class SavedSearch(models.Model):
    """What the bank listens for beyond what is addressed to it, in the language of `mentions.listening`.

    `voice` names whose voice its posts count as, empty for the bank's own: a rival's name, or for a topic of the
    industry a name of its own. Such posts are compared and never enter a queue. The accounts through which it is
    asked are its sources. `version` rises with each change, so that a match can say which wording found it; `owner`
    is the person who answers for it.
    """

    class Subject(models.TextChoices):
        OURS = "ours", _("our name")
        PRODUCT = "product", _("a product of ours")
        EXECUTIVE = "executive", _("a person of ours")
        RIVAL = "rival", _("a rival")
        INDUSTRY = "industry", _("a topic of the industry")

    name = models.CharField(max_length=80, unique=True)
    query = models.CharField(max_length=2000)
    kind = models.CharField(max_length=10, choices=Subject)
    voice = models.CharField(max_length=80, blank=True)
    enters_queues = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    owner = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name_plural = _("saved searches")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["rival", "industry"], enters_queues=False) & ~Q(voice="")
                | Q(kind__in=["ours", "product", "executive"], voice=""),
                name="what_is_compared_has_a_voice_and_no_queue",
            ),
        ]

    def __str__(self) -> str:
        return self.name
