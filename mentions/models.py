"""What the world said, as rows: sources, authors, mentions, conversations, and the event table.

Three shapes repeat here and have one reason each. Identifiers, figures and labels are apart from
content, so that a purge deletes `MentionContent` and the raw record and leaves every figure standing.
Nothing has a foreign key to a person, because people live in a higher layer and who did it is said by
the event. Rows carry an `Origin`, and whoever counts, shows or answers asks for live rows alone.

The event table, its seals and the raw records are partitioned and have no model: they are made in the
migration `0002_chain`, events are read and written by `mentions.events` alone.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """Where a row comes from; only live rows are counted, shown as real or answered."""

    LIVE = "live", _("live")
    CANARY = "canary", _("canary")
    DRILL = "drill", _("drill")


class Visibility(models.TextChoices):
    """Who could read the post on its network."""

    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private")


class State(models.TextChoices):
    """Where a conversation stands in our work."""

    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("claimed")
    PENDING_CUSTOMER = "pending_customer", _("waiting for the customer")
    PENDING_BANK = "pending_bank", _("waiting for the bank")
    CLOSED = "closed", _("closed")


class Kind(models.TextChoices):
    """What sort of post a mention is."""

    POST = "post", _("post")
    REPLY = "reply", _("reply")
    QUOTE = "quote", _("quote")
    COMMENT = "comment", _("comment")
    REVIEW = "review", _("review")
    MESSAGE = "message", _("message")


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


class Source(models.Model):
    """One connected account, page, feed or saved search on a network.

    A new source reads only: `sending` stays off until an administrator switches it on. `secrets` is
    ciphertext (see `mentions.sources`). `settings` may hold `names`, `hosts` and `campaigns` of the brand, by
    which an imitation is told from the bank. `rival` names the competitor whose posts this source listens to;
    such posts count for share of voice and never enter a queue. One saved search as it is asked through one account
    is a source too, with `search` and `via`: it has a cursor, a health and gaps of its own and no secrets, and what is
    stored as heard from it is in no queue.
    """

    slug = models.SlugField(max_length=60, unique=True)
    network = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    brand = models.CharField(max_length=80, blank=True)
    rival = models.CharField(max_length=80, blank=True)
    search = models.ForeignKey(
        SavedSearch, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="sources"
    )
    via = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="searched"
    )
    base_url = models.URLField(max_length=500, blank=True)
    handle = models.CharField(max_length=120, blank=True)
    account_id = models.CharField(max_length=200, blank=True)
    secrets = models.TextField(blank=True, editable=False)
    settings = models.JSONField(default=dict, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)
    active = models.BooleanField(default=True)
    local = models.BooleanField(
        default=False, help_text=_("May be reached on a private address: for a network on this machine.")
    )
    sending = models.BooleanField(default=False)
    poll_every_s = models.PositiveIntegerField(null=True, blank=True)
    cursor = models.JSONField(default=dict, blank=True, editable=False)
    next_poll_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_ok_at = models.DateTimeField(null=True, blank=True, editable=False)
    blind_since = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_post_at = models.DateTimeField(null=True, blank=True, editable=False)
    rhythm_s = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text=_("The longest silence that is usual for this source.")
    )
    late_since = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When the credentials end; empty if they do not.")
    )
    refreshed_at = models.DateTimeField(null=True, blank=True, editable=False)
    warned_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When it was said that the credentials are about to end.")
    )
    probed_at = models.DateTimeField(null=True, blank=True, editable=False)
    refused_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Since when the network refuses the credentials.")
    )
    rotated_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When the webhook got a second secret; empty with one.")
    )
    disconnected_at = models.DateTimeField(null=True, blank=True, editable=False)
    quota = models.JSONField(default=dict, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    circuit_until = models.DateTimeField(null=True, blank=True, editable=False)
    reconciled_at = models.DateTimeField(null=True, blank=True, editable=False)
    missed = models.PositiveIntegerField(
        default=0, editable=False, help_text=_("How many posts the last comparison with the network found missing.")
    )
    sweep_after = models.BigIntegerField(default=0, editable=False)
    sweep_began_at = models.DateTimeField(null=True, blank=True, editable=False)
    swept_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(disconnected_at__isnull=True) | Q(active=False, sending=False, secrets=""),
                name="a_disconnected_source_keeps_no_secret",
            ),
            models.CheckConstraint(condition=Q(network__regex=r"^[a-z0-9_-]{1,32}$"), name="source_network_is_a_slug"),
            models.CheckConstraint(
                condition=Q(rival="") | Q(sending=False), name="nothing_is_sent_from_a_rivals_source"
            ),
            models.CheckConstraint(
                condition=Q(search__isnull=True, via__isnull=True)
                | Q(search__isnull=False, via__isnull=False, sending=False, secrets=""),
                name="a_search_is_asked_through_an_account_and_sends_nothing",
            ),
            models.UniqueConstraint(fields=["search", "via"], name="a_search_is_asked_once_through_an_account"),
        ]

    def __str__(self) -> str:
        return self.name


class Gap(models.Model):
    """A time in which a source did not see, or that somebody wants asked for again.

    It begins when the source last saw and has no end while it is blind. It is closed when it was filled from the
    network, or when a person declared it lost with a reason. `cursor` is how far the filling has come, `found`
    how many posts it brought that were not here.
    """

    class Reason(models.TextChoices):
        UNREACHABLE = "unreachable", _("the network could not be asked")
        REFUSED = "refused", _("the network refused our credentials")
        STOPPED = "stopped", _("Glasshouse was not running")
        PAUSED = "paused", _("somebody paused the source")
        DEAF = "deaf", _("the network did not deliver")
        ASKED = "asked", _("somebody asked for it again")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        FILLING = "filling", _("being filled")
        FILLED = "filled", _("filled")
        LOST = "lost", _("declared lost")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="gaps", db_index=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=12, choices=Reason)
    state = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    cursor = models.JSONField(default=dict)
    next_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True)
    asked_by = models.BigIntegerField(null=True)
    closed_by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(ended_at__isnull=True), name="a_source_is_blind_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="a_gap_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=~Q(state="lost") | (Q(closed_by__isnull=False) & ~Q(note="")),
                name="a_person_declares_a_gap_lost_and_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["filled", "lost"], closed_at__isnull=False, ended_at__isnull=False)
                | Q(state__in=["open", "filling"], closed_at__isnull=True),
                name="a_closed_gap_has_ended_and_says_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "started_at"], name="gaps_of_source"),
            models.Index(fields=["next_at"], condition=Q(closed_at__isnull=True), name="gaps_to_fill"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} from {self.started_at:%Y-%m-%d %H:%M}"


class OwnPost(models.Model):
    """Something that one of our accounts published, as its network tells it.

    It enters no queue. `agents.foreign` compares it with the outbox: it is ours, or it was there before the source
    was connected, or nobody here wrote it and people are told (`foreign`) until one of them explains it.
    """

    class Verdict(models.TextChoices):
        NEW = "new", _("not compared yet")
        OURS = "ours", _("sent from here")
        EARLIER = "earlier", _("older than the connection")
        FOREIGN = "foreign", _("not sent from here")
        EXPLAINED = "explained", _("explained by a person")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="own_posts", db_index=False)
    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    account_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind)
    visibility = models.CharField(max_length=8, choices=Visibility)
    in_reply_to = models.CharField(max_length=512, null=True)
    url = models.CharField(max_length=2048, blank=True)
    text = models.TextField(blank=True)
    network_at = models.DateTimeField()
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.NEW)
    compare_from = models.DateTimeField(
        help_text=_("When it was heard or last changed: the time to compare counts from here.")
    )
    reply_id = models.BigIntegerField(null=True)
    explained_by = models.BigIntegerField(null=True)
    explained_at = models.DateTimeField(null=True)
    explanation = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="an_own_post_is_kept_once"),
            models.CheckConstraint(
                condition=~Q(verdict="explained") | (Q(explained_by__isnull=False) & ~Q(explanation="")),
                name="a_person_explains_a_foreign_post_in_words",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["verdict", "id"], condition=Q(verdict__in=["new", "foreign"]), name="own_posts_in_doubt"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.external_id}"


class Beside(models.Model):
    """A post that one of ours answers or quotes and that was not sent to us: shown beside it, never worked on.

    `wanted` until the network was asked; `gone` when it is not there any more.
    """

    class Status(models.TextChoices):
        WANTED = "wanted", _("to be asked for")
        KEPT = "kept", _("kept")
        GONE = "gone", _("gone")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    state = models.CharField(max_length=8, choices=Status, default=Status.WANTED)
    author_id = models.CharField(max_length=512, blank=True)
    author_handle = models.CharField(max_length=256, blank=True)
    author_name = models.CharField(max_length=256, blank=True)
    text = models.TextField(blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    url = models.CharField(max_length=2048, blank=True)
    network_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="a_post_beside_is_kept_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(state="wanted"), name="posts_beside_to_ask_for"),
        ]
        verbose_name_plural = _("posts beside")

    def __str__(self) -> str:
        return f"{self.network} {self.external_id}"


class Budget(models.Model):
    """What a source may still ask its network for: a bucket that refills, and until when the network said to wait."""

    source = models.OneToOneField(Source, primary_key=True, on_delete=models.CASCADE, related_name="budget")
    level = models.FloatField()
    at = models.DateTimeField()
    wait_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.source_id}: {self.level:.0f}"


class Usage(models.Model):
    """How often a source asked its network on a day, by lane: what its cost is reckoned from."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="usage", db_index=False)
    day = models.DateField()
    lane = models.CharField(max_length=10)
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day", "lane"], name="usage_is_counted_once_a_day"),
        ]
        verbose_name_plural = _("usage")

    def __str__(self) -> str:
        return f"{self.source_id} {self.day} {self.lane}: {self.calls}"


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
    `avatar_refused` says why there is none.
    """

    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    handle = models.CharField(max_length=256, blank=True)
    name = models.CharField(max_length=256, blank=True)
    followers = models.BigIntegerField(default=0)
    verified = models.BooleanField(default=False)
    avatar_url = models.CharField(max_length=2048, blank=True)
    avatar_asked = models.CharField(max_length=2048, blank=True, db_default="")
    avatar_refused = models.CharField(max_length=120, blank=True, db_default="")
    avatar = models.ForeignKey(Picture, null=True, on_delete=models.PROTECT, related_name="+")
    account_created_at = models.DateTimeField(null=True)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["network", "external_id"], name="one_author_per_network_identity"),
        ]
        indexes: ClassVar = [
            models.Index(F("handle"), name="author_by_handle"),
            models.Index(fields=["id"], condition=~Q(avatar_asked=F("avatar_url")), name="avatars_to_fetch"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else self.external_id


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
    (undecided) with `actionable_reason`.
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

    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    actionable = models.BooleanField(null=True)
    actionable_reason = models.CharField(max_length=40, blank=True)
    actionable_by = models.CharField(max_length=8, default="rule")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    priority = models.PositiveSmallIntegerField(default=3)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
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


class Mention(models.Model):
    """One post by somebody else that concerns the bank: identifiers, figures and labels.

    What it said is `content`. Four times: `network_at` (as the network gave it), `occurred_at` (never
    later than received), `received_at`, and the recorded time of its event. `language`, `sentiment`
    (-1, 0, 1; null is unscored) and `topics` are what counts now; `labels` keeps what the machine said,
    with scores, reasons and version, and a person's `Correction` replaces the value.
    """

    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.LIVE)
    drill = models.BigIntegerField(null=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="mentions", db_index=False)
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="mentions", db_index=False)
    conversation = models.ForeignKey(
        Conversation, null=True, on_delete=models.PROTECT, related_name="mentions", db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    visibility = models.CharField(max_length=8, choices=Visibility)
    in_reply_to = models.CharField(max_length=512, null=True)
    url = models.CharField(max_length=2048, blank=True)
    network_at = models.DateTimeField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    edit_hash = models.CharField(max_length=64, blank=True)
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True, help_text=_("When we hid it below our own post."))

    language = models.CharField(max_length=8, blank=True)
    sentiment = models.SmallIntegerField(null=True)
    topics = ArrayField(models.CharField(max_length=40), default=list)
    urgency = models.PositiveSmallIntegerField(default=0)
    spam = models.BooleanField(default=False)
    phishing = models.BooleanField(default=False)
    labels = models.JSONField(default=dict)
    label_version = models.CharField(max_length=40, blank=True)
    reach = models.BigIntegerField(default=0)
    likes = models.BigIntegerField(default=0)
    reposts = models.BigIntegerField(default=0)
    replies = models.BigIntegerField(default=0)
    country = models.CharField(max_length=2, blank=True)
    place = models.CharField(max_length=256, blank=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["network", "external_id", "drill"],
                nulls_distinct=False,
                name="a_post_is_stored_once",
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("received_at")), name="nothing_occurs_after_it_is_received"
            ),
            models.CheckConstraint(
                condition=Q(sentiment__isnull=True) | Q(sentiment__gte=-1, sentiment__lte=1),
                name="sentiment_is_minus_one_to_one",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["occurred_at", "id"], name="mention_by_time"),
            models.Index(
                fields=["occurred_at"],
                condition=~Q(country="") | ~Q(place="") | Q(latitude__isnull=False),
                name="placed_mentions",
            ),
            models.Index(fields=["conversation", "id"], name="mention_of_conversation"),
            models.Index(fields=["author", "id"], name="mention_of_author"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.external_id}"


class MentionContent(models.Model):
    """The words of a mention and its author's display: what a purge deletes.

    `redacted` names the kinds of private data that were masked before the text was stored.
    """

    mention = models.OneToOneField(Mention, primary_key=True, on_delete=models.CASCADE, related_name="content")
    text = models.TextField(blank=True)
    author_handle = models.CharField(max_length=256, blank=True)
    author_name = models.CharField(max_length=256, blank=True)
    quoted = models.TextField(blank=True)
    redacted = ArrayField(models.CharField(max_length=24), default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["mention"], condition=~Q(quoted=""), name="contents_that_quote")]

    def __str__(self) -> str:
        return self.text[:60]


class Heard(models.Model):
    """Why we heard a mention: a saved search that it fits, in which version, and the words that did.

    Every active search that a stored post fits is remembered, however the post came. The words go when the post goes.
    """

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="heard_by", db_index=False)
    search = models.ForeignKey(SavedSearch, on_delete=models.PROTECT, related_name="heard", db_index=False)
    version = models.PositiveIntegerField()
    words = ArrayField(models.CharField(max_length=120), default=list)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mention", "search"], name="a_mention_is_heard_once_by_a_search"),
        ]
        indexes: ClassVar = [models.Index(fields=["search", "mention"], name="heard_by_search")]
        verbose_name_plural = _("heard")

    def __str__(self) -> str:
        return f"{self.mention_id} by {self.search_id}"


class MentionVersion(models.Model):
    """An earlier text of an edited mention, since a network's terms ask that the history is shown."""

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.mention_id} until {self.replaced_at:%Y-%m-%d %H:%M}"


class Media(models.Model):
    """A picture or video of a mention; `state` says whether we keep a safe copy, `reason` why not.

    `next_at` is when it is tried again after `tries` that failed. Video and what else is no still picture is left
    where it is.
    """

    class Fetch(models.TextChoices):
        PENDING = "pending", _("not fetched yet")
        KEPT = "kept", _("served by this installation")
        REFUSED = "refused", _("not kept")

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="media")
    url = models.CharField(max_length=2048)
    type = models.CharField(max_length=20, default="image")
    alt = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=Fetch, default=Fetch.PENDING)
    reason = models.CharField(max_length=120, blank=True, db_default="")
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_at = models.DateTimeField(null=True)
    picture = models.ForeignKey(Picture, null=True, on_delete=models.PROTECT, related_name="shown_by")

    class Meta:
        verbose_name_plural = _("media")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="kept", picture__isnull=False) | (~Q(state="kept") & Q(picture__isnull=True)),
                name="what_is_kept_has_its_picture",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(state="pending"), name="media_to_fetch")]

    def __str__(self) -> str:
        return self.url


class PendingOperation(models.Model):
    """An edit or delete whose post has not arrived yet."""

    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    drill = models.BigIntegerField(null=True)
    op = models.CharField(max_length=8)
    text = models.TextField(blank=True)
    redacted = ArrayField(models.CharField(max_length=24), default=list)
    edited_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["network", "external_id", "drill", "op", "edited_at", "text"],
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


class Correction(models.Model):
    """A person's word against a machine label; the newest for a field is what counts.

    Who said it stands in the event of the same moment.
    """

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=16)
    before = models.JSONField(null=True)
    value = models.JSONField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.field}: {self.value}"


class Stretch(models.Model):
    """One stretch in which a customer waited for our answer; percentiles under any filter come from here.

    Starts at the first unanswered inbound mention (network time), stops at the first human reply that
    the network confirmed, or without an answer when the conversation is closed. `target` is
    `first_response` for a conversation's or a reopening's first, `next_response` after. `seconds` is
    calendar time, `business_seconds` counts the policy's calendar; both null while it runs.
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


class SearchEntry(models.Model):
    """What full-text search looks through, fed from the event table as a second step."""

    mention = models.OneToOneField(Mention, primary_key=True, on_delete=models.CASCADE, related_name="+")
    visibility = models.CharField(max_length=8)
    words = SearchVectorField()
    text = models.TextField()

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="search_words"),
            GinIndex(fields=["text"], opclasses=["gin_trgm_ops"], name="search_trigrams"),
        ]
        verbose_name_plural = _("search entries")

    def __str__(self) -> str:
        return str(self.mention_id)


class Consumer(models.Model):
    """How far a reader of the sealed events has come, so that it goes on there after any crash."""

    name = models.CharField(max_length=40, primary_key=True)
    position = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.position}"
