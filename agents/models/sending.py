"""What leaves the bank, who let it, and what stops it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models.people import ApiToken, Team, User
from agents.models.work import Case
from mentions import search
from mentions.models import Conversation, Mention, Source, Visibility


class ReplyState(models.TextChoices):
    """Where a reply stands in the outbox; `agents.replies.MOVES` says what may follow what."""

    DRAFT = "draft", _("draft")
    AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval")
    HELD = "held", _("held for undo")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown")
    RETRACTED = "retracted", _("retracted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Reply(models.Model):
    """What we send, through the outbox: an answer in a conversation, or a post of our own (`Original`).

    `client_key` makes a doubled press or a retried request one reply, and travels to the network as the
    idempotency key. `seen_version` is the conversation's version its author saw. `digest` binds an
    approval to text, pictures, account, target and, of a post of our own, its time; any change voids it.
    `once` is that it uses up the one private answer that its network allows under what it answers.
    """

    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.PROTECT, related_name="replies_sent", db_index=False
    )
    target = models.ForeignKey(Mention, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="replies")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="replies", db_index=False)
    visibility = models.CharField(max_length=8, choices=Visibility)
    once = models.BooleanField(default=False, db_default=False)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=ReplyState, default=ReplyState.DRAFT)
    client_key = models.UUIDField(unique=True)
    seen_version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list)
    guard_version = models.CharField(max_length=60, blank=True)
    returned_reason = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=512, blank=True)
    url = models.CharField(max_length=2048, blank=True)
    error = models.CharField(max_length=400, blank=True)
    answers = models.JSONField(
        default=list, db_default=[], help_text=_("What the network said to each attempt, oldest first.")
    )
    edited_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False, external_id__gt=""),
                name="sent_means_the_network_confirmed",
            ),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_until__isnull=False), name="held_has_an_end"),
            models.CheckConstraint(
                condition=Q(conversation__isnull=False, target__isnull=False)
                | Q(conversation__isnull=True, target__isnull=True, visibility="public"),
                name="an_answer_has_a_target_and_a_post_of_ours_is_public",
            ),
            models.UniqueConstraint(
                fields=["conversation", "author"],
                condition=Q(state="draft"),
                name="one_draft_per_person_and_conversation",
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state__in=["awaiting_approval", "held", "sending", "unknown"]),
                name="one_reply_on_its_way_per_conversation",
            ),
            models.UniqueConstraint(
                fields=["target"],
                condition=Q(
                    once=True, state__in=["awaiting_approval", "held", "sending", "unknown", "sent", "retracted"]
                ),
                name="one_private_answer_where_one_is_allowed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id"], name="reply_of_conversation"),
            models.Index(
                F("state"),
                F("held_until"),
                condition=Q(state__in=["awaiting_approval", "held", "sending", "unknown"]),
                name="replies_on_their_way",
            ),
            models.Index(fields=["sent_at"], condition=Q(sent_at__isnull=False), name="replies_by_time"),
            GinIndex(search.indexed("text"), name="reply_words"),
        ]
        verbose_name_plural = _("replies")

    def __str__(self) -> str:
        return f"reply {self.pk} ({self.state})"

    @property
    def place(self) -> Conversation:
        """The conversation that it answers; a post of our own has none and is never asked for it."""
        assert self.conversation is not None
        return self.conversation

    @property
    def answered(self) -> Mention:
        """The post that it answers; a post of our own has none and is never asked for it."""
        assert self.target is not None
        return self.target


class ReplyPictures(models.Manager["ReplyPicture"]):
    """In their order, and without their bytes: pages show where they are, and few read them."""

    def get_queryset(self) -> models.QuerySet[ReplyPicture]:
        """Whoever needs the bytes of many defers nothing (`defer(None)`)."""
        return super().get_queryset().defer("body").order_by("pk")


class ReplyPicture(models.Model):
    """A picture that leaves with a reply or a post of our own, as we drew it anew; shown in the order of their keys.

    It belongs to its reply and goes when that goes. `alt` says what it shows to whoever does not see it. `digest` is
    the SHA-256 of `body`, `size` its length in bytes.
    """

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="pictures", db_index=False)
    body = models.BinaryField()
    type = models.CharField(max_length=16)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    alt = models.TextField(blank=True)

    objects = ReplyPictures()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reply", "digest"], name="a_picture_stands_once_in_a_reply"),
        ]

    def __str__(self) -> str:
        return self.alt or self.digest[:12]


class Amendment(models.Model):
    """A change to what stands on a network already: other words for a reply, a reply taken back, a comment hidden.

    It goes the way of replies: new words pass the guard and, where it asks for one, a second person; the change is
    committed before the network is called, and holds only when the network has said so. Each can be asked for again
    without harm, so one whose answer was lost is asked for again. `before` are the words that were replaced, `why` a
    key that says why a comment was hidden. `digest` binds an approval to words, account and the post they change.
    """

    class Kind(models.TextChoices):
        WORDS = "words", _("other words")
        RETRACT = "retract", _("taken back")
        HIDE = "hide", _("hide")
        SHOW = "show", _("show again")

    class State(models.TextChoices):
        AWAITING_APPROVAL = "awaiting_approval", _("awaiting approval")
        HELD = "held", _("held for undo")
        SENDING = "sending", _("sending")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    kind = models.CharField(max_length=8, choices=Kind)
    reply = models.ForeignKey(Reply, null=True, on_delete=models.PROTECT, related_name="amendments", db_index=False)
    mention = models.ForeignKey(Mention, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=State)
    text = models.TextField(blank=True)
    before = models.TextField(blank=True)
    why = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    findings = models.JSONField(default=list)
    guard_version = models.CharField(max_length=60, blank=True)
    returned_reason = models.CharField(max_length=400, blank=True)
    asked_at = models.DateTimeField()
    held_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["words", "retract"], reply__isnull=False, mention__isnull=True)
                | Q(kind__in=["hide", "show"], reply__isnull=True, mention__isnull=False),
                name="words_change_a_reply_and_hiding_a_mention",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | Q(~Q(state="done"), done_at__isnull=True),
                name="done_means_the_network_did_it",
            ),
            models.UniqueConstraint(
                fields=["reply"],
                condition=Q(state__in=["awaiting_approval", "held", "sending"]),
                name="one_change_at_a_time_of_a_reply",
            ),
            models.UniqueConstraint(
                fields=["mention"], condition=Q(state="sending"), name="one_change_at_a_time_of_a_mention"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["reply", "id"], condition=Q(reply__isnull=False), name="amendment_of_reply"),
            models.Index(fields=["mention", "id"], condition=Q(mention__isnull=False), name="amendment_of_mention"),
            models.Index(
                fields=["state", "next_try_at"],
                condition=Q(state__in=["awaiting_approval", "held", "sending"]),
                name="amendments_on_their_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"

    @property
    def amended(self) -> Reply:
        """The reply that it changes or takes back; hiding has none and is never asked for it."""
        assert self.reply is not None
        return self.reply


class Original(models.Model):
    """A post of our own that answers nobody: what a `Reply` row without a conversation is for, and when it leaves.

    `leave_at` is when it leaves; null is as soon as a second person has approved it. `team` is whose guard policy
    binds it and who sees it. `incident` and `campaign` are keys in the layer above. `token` is the program that wrote
    it in its author's name.
    """

    class Kind(models.TextChoices):
        NOTICE = "notice", _("service notice")
        STATEMENT = "statement", _("holding statement")
        CAMPAIGN = "campaign", _("campaign")
        OTHER = "other", _("other")

    reply = models.OneToOneField(Reply, primary_key=True, on_delete=models.PROTECT, related_name="original")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="originals")
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.NOTICE)
    leave_at = models.DateTimeField(null=True, db_index=True)
    incident = models.BigIntegerField(null=True)
    campaign = models.BigIntegerField(null=True)
    token = models.ForeignKey(ApiToken, null=True, on_delete=models.PROTECT, related_name="originals")

    def __str__(self) -> str:
        return self.title


class Approval(models.Model):
    """A second person's word on a reply, bound to the reply's digest; never the author's own."""

    reply = models.ForeignKey(Reply, on_delete=models.PROTECT, related_name="approvals")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64)
    approved = models.BooleanField()
    reason = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(approved=True) | ~Q(reason=""), name="a_returned_reply_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{'approved' if self.approved else 'returned'} by {self.person}"


class Freeze(models.Model):
    """All sending stopped, from `started_at` until two different people lifted it."""

    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    first_lift_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    first_lift_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True)
                | (Q(first_lift_by__isnull=False) & ~Q(lifted_by=F("first_lift_by"))),
                name="two_people_lift_a_freeze",
            ),
            models.UniqueConstraint(
                F("lifted_at"),
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="one_freeze_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"freeze since {self.started_at:%Y-%m-%d %H:%M}"


class Hold(models.Model):
    """Everything that is scheduled stopped while an incident runs, or until somebody says; replies go on.

    `incident` is the incident's key in the layer above, null for a hold that a person set without one. Whoever
    sends by a timetable asks `agents.hold.stops`.
    """

    incident = models.BigIntegerField(null=True)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    lifted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="an_incident_holds_once",
            ),
        ]

    def __str__(self) -> str:
        return f"hold since {self.started_at:%Y-%m-%d %H:%M}"
