"""What we did about it, as rows: people, teams and sites; cases, replies, notes; the freeze."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentions.models import Calendar, Conversation, Mention, Queue, Source, Visibility


class Role(models.TextChoices):
    """What a person is here for; `agents.access` says what follows from it."""

    AGENT = "agent", _("agent")
    SUPERVISOR = "supervisor", _("supervisor")
    MANAGER = "manager", _("manager")
    COMPLIANCE = "compliance", _("compliance officer")
    ADMINISTRATOR = "administrator", _("administrator")


class Site(models.Model):
    """A place with people and screens."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="sites")

    def __str__(self) -> str:
        return self.name


class RegulatoryProfile(models.Model):
    """What a team's regulators demand, as data: no retention, clock or approval rule stands in code.

    `guard` maps a guard rule's key to block, approve, warn or off; `allowed_hosts` are the only hosts a
    reply may link to; `branches` are names that, tied to a person, would tell where they bank; `phones` are the
    bank's own numbers, which a public reply may hold.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    guard = models.JSONField(default=dict, blank=True)
    allowed_hosts = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    branches = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    phones = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    undo_s = models.PositiveSmallIntegerField(default=10)
    four_eyes = models.BooleanField(default=False, help_text=_("Every public reply of the team needs a second person."))
    clocks = models.JSONField(
        default=list,
        blank=True,
        help_text=_("What must be reported to whom by when in an incident; see commandcenter.incidents.clocks."),
    )

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who triage queues together under one regulatory profile."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    profile = models.ForeignKey(RegulatoryProfile, on_delete=models.PROTECT, related_name="teams")
    queues = models.ManyToManyField(Queue, through="TeamQueue", related_name="teams")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamQueue(models.Model):
    """A queue that a team works; one of a queue's teams is its home and is named in figures."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="team_queues")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="team_queues")
    home = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "queue"], name="a_team_works_a_queue_once"),
            models.UniqueConstraint(fields=["queue"], condition=Q(home=True), name="a_queue_has_one_home_team"),
        ]

    def __str__(self) -> str:
        return f"{self.team} works {self.queue}"


class User(AbstractUser):
    """A person who works here. Screens and programs are not users."""

    role = models.CharField(max_length=16, choices=Role, default=Role.AGENT)
    teams = models.ManyToManyField(Team, related_name="people", blank=True)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    zone = models.CharField(max_length=64, blank=True, help_text=_("The person's own zone, if not the site's."))
    preferences = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def time_zone(self) -> str:
        """The zone in which this person reads times."""
        return self.zone or (self.site.zone if self.site else "")


class ApiToken(models.Model):
    """A program's key: only its SHA-256 is stored. Scopes: `ingest`, `read`, `private`, `metrics`."""

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    scopes = ArrayField(models.CharField(max_length=20), default=list)
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="tokens")
    teams = models.ManyToManyField(Team, blank=True, related_name="tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"


class Case(models.Model):
    """One owner's spell of work on a conversation, from claim to release, transfer or close.

    One open case a conversation is the lock; `lease_until` renews while the owner works, and when it
    has passed the conversation returns to the head of its queue. `focus_s` is time in focus.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        RELEASED = "released", _("released")
        TRANSFERRED = "transferred", _("transferred")
        CLOSED = "closed", _("closed")
        EXPIRED = "expired", _("lease ran out")
        TAKEN = "taken", _("taken by a supervisor")

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="cases", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cases", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="cases", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+", db_index=False)
    queued_at = models.DateTimeField()
    claimed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default=Outcome.OPEN)
    lease_until = models.DateTimeField()
    focus_s = models.FloatField(default=0)
    focused_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at__isnull=True), name="one_owner_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="an_ended_case_has_an_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id"], name="case_of_conversation"),
            models.Index(fields=["owner"], condition=Q(ended_at__isnull=True), name="open_case_of_owner"),
            models.Index(fields=["lease_until"], condition=Q(ended_at__isnull=True), name="open_leases"),
            models.Index(fields=["claimed_at"], name="case_by_claim"),
            models.Index(fields=["queued_at"], name="case_by_queueing"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk} of GH-{self.conversation_id}"


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


class Reply(models.Model):
    """What we send, through the outbox: an answer in a conversation, or a post of our own (`Original`).

    `client_key` makes a doubled press or a retried request one reply, and travels to the network as the
    idempotency key. `seen_version` is the conversation's version its author saw. `digest` binds an
    approval to text, account, target and, of a post of our own, its time; any change voids it.
    """

    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.PROTECT, related_name="replies_sent", db_index=False
    )
    target = models.ForeignKey(Mention, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="replies")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="replies", db_index=False)
    visibility = models.CharField(max_length=8, choices=Visibility)
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


class Original(models.Model):
    """A post of our own that answers nobody: what a `Reply` row without a conversation is for, and when it leaves.

    `leave_at` is when it leaves; null is as soon as a second person has approved it. `team` is whose guard policy
    binds it and who sees it. `incident` and `campaign` are keys in the layer above.
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


class Note(models.Model):
    """Staff-only text on a conversation; scrubbed like every text before it is written."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text[:60]


class Macro(models.Model):
    """Reusable reply text with `{{ variables }}`, approved and dated, offered by team and language."""

    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="macros")
    language = models.CharField(max_length=8, default="en")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    text = models.TextField()
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


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


class BulkAction(models.Model):
    """A bulk close that can be undone once: which conversations, and at which version it left them."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    disposition = models.CharField(max_length=32)
    done = models.JSONField(default=list)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.disposition} x {len(self.done)}"


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


class AlertKind(models.TextChoices):
    """What people on duty are told of without looking at a screen."""

    BLIND = "blind", _("a source is blind")
    FOREIGN_POST = "foreign_post", _("a post under our name that we did not write")
    TOKEN = "token", _("a key is about to expire or was refused")
    SPIKE = "spike", _("far more than usual")
    OVERDUE = "overdue", _("overdue work")
    INCIDENT = "incident", _("an incident")


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
    """A program that is told of alerts by signed webhook. `secret` is ciphertext, see `mentions.sources`."""

    name = models.CharField(max_length=80, unique=True)
    url = models.URLField(max_length=500)
    secret = models.TextField(editable=False)
    kinds = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    active = models.BooleanField(default=True)
    local = models.BooleanField(default=False, help_text=_("May be reached on a private address."))

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """Something that somebody on duty must know, once for a `subject` until it is over.

    `subject` is what it is about ("source:7"); `about` holds names and figures for the words, no customer's
    content. `level` is the rank that has been told: 1, 2, then 3 for the managers. `quiet_until` is until when
    the same subject notifies nobody again.
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
