"""What was written: figures and labels apart from the words, which can be purged."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentions.models.conversations import Author, Conversation, Picture
from mentions.models.kinds import Kind, Origin, Visibility
from mentions.models.rules import SavedSearch
from mentions.models.sources import Source


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
    turned_at = models.DateTimeField(
        null=True, help_text=_("When it was last hidden or shown, as its network dates it.")
    )

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
    rating = models.PositiveSmallIntegerField(null=True, help_text=_("Stars of a review, one to five."))

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
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5), name="a_rating_is_one_to_five"
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

    `redacted` names the kinds of private data that were masked before the text was stored. `said` is a keyed digest
    of what its network says, where its author's other posts showed that it holds a part of a number.
    """

    mention = models.OneToOneField(Mention, primary_key=True, on_delete=models.CASCADE, related_name="content")
    text = models.TextField(blank=True)
    author_handle = models.CharField(max_length=256, blank=True)
    author_name = models.CharField(max_length=256, blank=True)
    quoted = models.TextField(blank=True)
    redacted = ArrayField(models.CharField(max_length=24), default=list)
    said = models.CharField(max_length=64, blank=True, db_default="")

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
    """A picture or file of a mention; `state` says whether we keep a safe copy, `reason` why not.

    It is at `url`, or it is what the network gives only to the account that it was sent to, by `key`.

    `next_at` is when it is tried again after `tries` that failed. Video and what else is no still picture is left
    where it is.
    """

    class Fetch(models.TextChoices):
        PENDING = "pending", _("not fetched yet")
        KEPT = "kept", _("served by this installation")
        REFUSED = "refused", _("not kept")

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="media")
    url = models.CharField(max_length=2048, blank=True)
    key = models.CharField(max_length=512, blank=True, db_default="")
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
        return self.url or self.key


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
