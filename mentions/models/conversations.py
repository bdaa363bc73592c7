"""Who writes to the bank, the conversations that come of it, and how long each waited."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentions.models.kinds import Origin, State, Visibility
from mentions.models.rules import Queue, RoutingRule, SlaPolicy
from mentions.models.sources import Source


class Picture(models.Model):
    """A picture as we made it from a stranger's: decoded, made small, written anew without metadata.

    The key is the SHA-256 of `body`, so the same picture is kept once; it goes with the last row that shows it.
    """

    digest = models.CharField(primary_key=True, max_length=64)
    body = models.BinaryField()
    type = models.CharField(max_length=16)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]


class Author(models.Model):
    """The person or account that wrote a post, keyed by the network's stable identifier.

    `avatar` is our copy of the face at `avatar_asked`, which is waited for while it is not `avatar_url`;
    `avatar_refused` says why there is none. Where a network delivers messages without their author's name, it is asked
    for it a few times (`mentions.sources.naming`): `name_tries` so far, and again at `name_next_at`. `followers` and
    `verified` are null where the network has never told.
    """

    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    handle = models.CharField(max_length=256, blank=True)
    name = models.CharField(max_length=256, blank=True)
    followers = models.BigIntegerField(null=True)
    verified = models.BooleanField(null=True)
    avatar_url = models.CharField(max_length=2048, blank=True)
    avatar_asked = models.CharField(max_length=2048, blank=True, db_default="")
    avatar_refused = models.CharField(max_length=120, blank=True, db_default="")
    avatar = models.ForeignKey(Picture, null=True, on_delete=models.PROTECT, related_name="+")
    name_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    name_next_at = models.DateTimeField(null=True)
    account_created_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="one_author_per_network_identity"),
        ]
        indexes: ClassVar = [
            models.Index(F("handle"), name="author_by_handle"),
            models.Index(fields=["id"], condition=~Q(avatar_asked=F("avatar_url")), name="avatars_to_fetch"),
            models.Index(fields=["network", "id"], condition=Q(name="", handle=""), name="authors_without_name"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else self.external_id


class Mute(models.Model):
    """A person's word that what an author writes in public waits for nobody, until a time; see `mentions.intake.muted`.

    `by` and `ended_by` are people's keys; what ran out by itself has no `ended_at`.
    """

    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="mutes", db_index=False)
    reason = models.CharField(max_length=200)
    by = models.BigIntegerField()
    muted_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(until__gt=F("muted_at")) & ~Q(reason=""), name="a_mute_has_reason_and_end"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="who_ended_a_mute_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["author", "until"], condition=Q(ended_at__isnull=True), name="mutes_that_run"),
        ]

    def __str__(self) -> str:
        return f"{self.author} until {self.until:%Y-%m-%d %H:%M}"


class ConversationQuerySet(models.QuerySet["Conversation"]):
    """Sets of conversations by the words the house uses."""

    def live(self) -> ConversationQuerySet:
        """Those that count: neither canary nor drill."""
        return self.filter(origin=Origin.LIVE)

    def waiting(self) -> ConversationQuerySet:
        """Those that nobody holds."""
        return self.filter(state=State.WAITING)

    def open(self) -> ConversationQuerySet:
        """Those that are not closed."""
        return self.exclude(state=State.CLOSED)

    def in_queue_order(self) -> ConversationQuerySet:
        """Returned first, then by due time with none last, then priority, then arrival."""
        return self.order_by(F("returned").desc(), F("due_at").asc(nulls_last=True), "priority", "id")


class Conversation(models.Model):
    """The thread of one author with the bank in one place: the unit of work.

    `version` rises with every change; a reply carries the version its author saw. `due_at` is the
    target that runs now (`due_target`), null while none runs. `actionable` is true, false or null
    (undecided) with `actionable_reason`. Who said so is "rule" or "person" (`actionable_by`, `priority_by`, `tags_by`):
    a person's word holds against rules that run later. `shut_since` is since when its author takes nothing from us
    here.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="conversations")
    visibility = models.CharField(max_length=8, choices=Visibility)
    thread_key = models.CharField(max_length=512, null=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)
    drill = models.BigIntegerField(null=True)
    linked = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="continuations",
        db_index=False,
        help_text=_("The public conversation that this private one continues."),
    )
    answered_in = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        help_text=_("The conversation of the same author in which it was answered as well."),
    )

    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    actionable = models.BooleanField(null=True)
    actionable_reason = models.CharField(max_length=40, blank=True)
    actionable_by = models.CharField(max_length=8, default="rule")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    guarded_in = models.ForeignKey(
        Queue,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text=_("The queue whose stricter guard still binds what a person handed over to a weaker one."),
    )
    priority = models.PositiveSmallIntegerField(default=3)
    priority_by = models.CharField(max_length=8, default="rule", db_default="rule")
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    tags_by = models.CharField(max_length=8, default="rule", db_default="rule")
    returned = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    rule = models.ForeignKey(RoutingRule, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    rule_version = models.PositiveIntegerField(null=True)
    routed_why = models.TextField(blank=True)

    due_at = models.DateTimeField(null=True)
    due_target = models.CharField(max_length=16, blank=True)
    due_why = models.TextField(blank=True)
    noted_due_at = models.DateTimeField(
        null=True, help_text=_("The due time whose passing has been recorded as an event.")
    )
    resolution_due_at = models.DateTimeField(null=True)
    resolution_why = models.TextField(blank=True)
    wake_at = models.DateTimeField(null=True)
    pending_note = models.CharField(max_length=200, blank=True)
    paused_at = models.DateTimeField(null=True)

    opened_at = models.DateTimeField()
    received_at = models.DateTimeField()
    queued_at = models.DateTimeField(help_text=_("When it last came into its queue to wait for an owner."))
    waiting_since = models.DateTimeField(null=True)
    last_inbound_at = models.DateTimeField()
    first_replied_at = models.DateTimeField(null=True)
    shut_since = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    disposition = models.CharField(max_length=32, blank=True)
    inbound_count = models.PositiveIntegerField(default=1)
    reply_count = models.PositiveIntegerField(default=0)
    transfer_count = models.PositiveIntegerField(default=0)
    reopened_count = models.PositiveIntegerField(default=0)
    first_mention_id = models.BigIntegerField()
    last_mention_id = models.BigIntegerField()
    language = models.CharField(max_length=8, blank=True)
    topics = ArrayField(models.CharField(max_length=40), default=list)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["author", "source", "visibility", "thread_key", "drill"],
                condition=~Q(state="closed"),
                nulls_distinct=False,
                name="one_open_conversation_per_author_and_place",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="closed_has_a_time_and_only_closed",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["pending_customer", "pending_bank"]) | Q(wake_at__isnull=False),
                name="pending_has_a_wake_time",
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=4), name="conversation_priority_is_1_to_4"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                F("queue"),
                F("returned").desc(),
                F("due_at").asc(nulls_last=True),
                F("priority"),
                F("id"),
                condition=Q(state="waiting", origin="live"),
                name="queue_order",
            ),
            models.Index(fields=["queue", "state"], condition=~Q(state="closed"), name="open_conversations"),
            models.Index(fields=["wake_at"], condition=Q(wake_at__isnull=False), name="wakes"),
            models.Index(
                fields=["due_at"],
                condition=~Q(state="closed") & Q(due_at__isnull=False),
                name="open_conversations_by_due",
            ),
            models.Index(fields=["opened_at"], name="conversation_by_opening"),
            models.Index(
                fields=["closed_at"], condition=Q(closed_at__isnull=False), name="closed_conversations_by_time"
            ),
        ]

    def __str__(self) -> str:
        return f"GH-{self.pk}"

    @property
    def number(self) -> str:
        """The number people search by."""
        return f"GH-{self.pk}"


class Stretch(models.Model):
    """One stretch in which a customer waited for our answer; percentiles under any filter come from here.

    Starts at the first unanswered inbound mention (network time), stops at the first human reply that
    the network confirmed, or without an answer when the conversation is closed. `target` is
    `first_response` for a conversation's or a reopening's first, `next_response` after. `seconds` is
    calendar time, `business_seconds` counts the policy's calendar; both null while it runs. The policy is read as it
    was when the post was received, or at `terms_at` if what was running has been reckoned anew since. The promise is
    reckoned from `promised_from` where a later post was the first to ask, or asked for more; else from the start.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="stretches", db_index=False)
    mention_id = models.BigIntegerField()
    target = models.CharField(max_length=16)
    network = models.CharField(max_length=32)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+", db_index=False)
    team_id = models.BigIntegerField(null=True)
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, related_name="+", db_index=False)
    priority = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=8, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)
    started_at = models.DateTimeField()
    received_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    reply_id = models.BigIntegerField(null=True)
    paused_s = models.FloatField(default=0)
    seconds = models.FloatField(null=True)
    business_seconds = models.FloatField(null=True)
    met = models.BooleanField(null=True)
    terms_at = models.DateTimeField(null=True)
    promised_from = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(stopped_at__isnull=True), name="one_open_stretch"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["started_at"], name="stretch_by_start"),
            models.Index(fields=["conversation", "id"], name="stretch_of_conversation"),
            models.Index(fields=["due_at"], condition=Q(stopped_at__isnull=True), name="running_stretch_by_due"),
        ]
        verbose_name_plural = _("stretches")

    def __str__(self) -> str:
        return f"{self.target} of {self.conversation_id}"
