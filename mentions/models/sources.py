"""Connected accounts: what they missed, what was published under them, what asking costs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentions.models.kinds import Kind, Origin, Visibility
from mentions.models.rules import SavedSearch


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
    push = models.JSONField(
        default=dict, blank=True, editable=False, help_text=_("What is delivered instead of asked for, and until when.")
    )
    push_at = models.DateTimeField(null=True, blank=True, editable=False)
    hook = models.JSONField(
        default=dict, blank=True, editable=False, help_text=_("How the network says that it delivers to our address.")
    )
    hook_at = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("When it last delivered anything, new or known.")
    )
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

    def speaks_for(self, network: str) -> bool:
        """Whether what it brings is that network's own word: it is connected to it, or asks by an account that is."""
        return self.network == network or self.via_id is not None


class Gap(models.Model):
    """A time in which a source did not see, or that somebody wants asked for again.

    It begins when the source last saw and has no end while it is blind. It is closed when it was filled from the
    network, or when a person declared it lost with a reason. `cursor` is how far the filling has come, `found`
    how many posts it brought that were not here. `place` is the group or channel that alone is not heard, by the
    network's identifier; empty where the whole source is blind.
    """

    class Reason(models.TextChoices):
        UNREACHABLE = "unreachable", _("the network could not be asked")
        REFUSED = "refused", _("the network refused our credentials")
        STOPPED = "stopped", _("Glasshouse was not running")
        PAUSED = "paused", _("somebody paused the source")
        DEAF = "deaf", _("the network did not deliver")
        ASKED = "asked", _("somebody asked for it again")
        BEFORE = "before", _("from before the search was made")
        SHUT_OUT = "shut_out", _("we were put out of a place there")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        FILLING = "filling", _("being filled")
        FILLED = "filled", _("filled")
        LOST = "lost", _("declared lost")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="gaps", db_index=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=12, choices=Reason)
    place = models.CharField(max_length=200, blank=True, db_default="")
    place_name = models.CharField(max_length=200, blank=True, db_default="")
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
                fields=["source", "place"],
                condition=Q(ended_at__isnull=True),
                name="a_source_is_blind_once_at_a_time",
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


class Stream(models.Model):
    """One connection that a source holds open to its network, and how far it has been listened to.

    `cursor` is stored with the posts that it stands behind. `holder` is the process's name for the connection that
    it holds now: whoever connects writes a new one, and what an older connection still brings is not stored any
    more. `live_since` is empty while there is no connection, `lost_at` while there is one; `seen_at` is when it was
    last known to live. `delivered` counts what it brought, over all its connections.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="streams", db_index=False)
    name = models.CharField(max_length=40)
    cursor = models.JSONField(default=dict)
    holder = models.UUIDField(null=True)
    live_since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    delivered = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "name"], name="a_stream_is_kept_once"),
            models.CheckConstraint(
                condition=Q(live_since__isnull=True) | Q(lost_at__isnull=True), name="a_live_stream_is_not_lost"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.name}"


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

    class Reach(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        READ = "read", _("read")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="own_posts", db_index=False)
    network = models.CharField(max_length=32)
    external_id = models.CharField(max_length=512)
    account_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind)
    visibility = models.CharField(max_length=8, choices=Visibility)
    in_reply_to = models.CharField(max_length=512, null=True)
    thread = models.CharField(max_length=512, null=True, help_text=_("The network's own thread, where it names one."))
    url = models.CharField(max_length=2048, blank=True)
    text = models.TextField(blank=True)
    client_key = models.CharField(
        max_length=64, blank=True, help_text=_("Our own key, where the network gives it back.")
    )
    refused = models.CharField(max_length=300, blank=True, help_text=_("Why it never reached whom it was for."))
    reached = models.CharField(
        max_length=9,
        choices=Reach,
        blank=True,
        db_default="",
        help_text=_("How far it got, where the network says so."),
    )
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
            models.Index(fields=["thread"], condition=Q(visibility="private"), name="own_messages_of_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.external_id}"


class Beside(models.Model):
    """A post that one of ours answers or quotes and that was not sent to us: shown beside it, never worked on.

    `wanted` until the network was asked; `gone` when it is not there any more. `addressed` is what a delivery named
    without its words: it is asked for in the same way, then taken in like everything else and not kept here.
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
    addressed = models.BooleanField(default=False)
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
    """What a source may still ask its network for: a bucket that refills, and until when the network said to wait.

    `waits` are the kinds of call that alone have to wait, by name, as seconds since 1970.
    """

    source = models.OneToOneField(Source, primary_key=True, on_delete=models.CASCADE, related_name="budget")
    level = models.FloatField()
    at = models.DateTimeField()
    wait_until = models.DateTimeField(null=True)
    waits = models.JSONField(default=dict, db_default={})

    def __str__(self) -> str:
        return f"{self.source_id}: {self.level:.0f}"


class Usage(models.Model):
    """How often a source asked its network on a day, by lane, and how many posts and private messages it was given:
    what its cost is reckoned from.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="usage", db_index=False)
    day = models.DateField()
    lane = models.CharField(max_length=10)
    calls = models.PositiveIntegerField(default=0)
    posts = models.PositiveIntegerField(default=0, db_default=0)
    messages = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day", "lane"], name="usage_is_counted_once_a_day"),
        ]
        verbose_name_plural = _("usage")

    def __str__(self) -> str:
        return f"{self.source_id} {self.day} {self.lane}: {self.calls}"
