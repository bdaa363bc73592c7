"""What decides where a conversation goes and when it is due: calendars, promises, queues, rules, searches, and what
each of them said before."""

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
    console can tell in one number whether what it shows is what is. A retired queue keeps its history; what would come
    back to it goes to its `successor`.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=100)
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="queues")
    is_default = models.BooleanField(default=False)
    version = models.BigIntegerField(default=0, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)
    successor = models.ForeignKey(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="inherits_from"
    )

    class Meta:
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True, successor__isnull=True)
                | Q(retired_at__isnull=False, successor__isnull=False, is_default=False),
                name="a_retired_queue_has_a_successor_and_is_not_the_default",
            ),
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


class Edition(models.Model):
    """What something that is set up said, since when and by whom. The application can add one and change none.

    `subject` and `key` name it (the whole list of routing rules is one subject without a key); `state` is all of it as
    plain values, and `digest` their hash, which stands in the event of the same change too. `by` is a person's key,
    null for how it was found when its first change was kept.
    """

    subject = models.CharField(max_length=20)
    key = models.BigIntegerField(default=0)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.BigIntegerField(null=True)
    what = models.CharField(max_length=40)
    state = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "key", "number"], name="an_edition_has_a_number_of_its_own"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.key} v{self.number}"


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
