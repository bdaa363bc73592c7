"""Town Square's tables: its settings, its people, what they wrote, and the events that it owes the webhook."""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.db import models
from django.db.models import Count, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from mentions.sandbox.sealing import seal, unseal

# No digits, so that no identifier is ever taken for a card number; no vowels, so that none is a word.
ALPHABET = "bcdfghjkmnpqrstvwxz"
LONGEST_TEXT = 500


def new_key(length: int = 12) -> str:
    """An identifier that nobody can guess the next of."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_photo_key() -> str:
    """A picture's identifier: as long as a message's, since whoever knows it sees the picture."""
    return new_key(24)


class Settings(models.Model):
    """The one row of settings. `faults` is filled by tests alone (see `faults`)."""

    webhook_url = models.URLField(max_length=500, blank=True)
    sealed_secret = models.TextField(blank=True, editable=False)
    base_url = models.URLField(max_length=500, blank=True)
    bank_handle = models.CharField(max_length=30, blank=True)
    bank_token_hash = models.CharField(max_length=64, blank=True, editable=False)
    calls_per_minute = models.PositiveIntegerField(default=60_000)
    faults = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="town_square_has_one_settings_row")]

    def __str__(self) -> str:
        return self.bank_handle

    @classmethod
    def current(cls) -> Settings:
        """The row, or its defaults while nobody has configured anything."""
        return cls.objects.filter(id=1).first() or cls(id=1)

    @property
    def secret(self) -> str:
        """What deliveries are signed with."""
        return unseal(self.sealed_secret)


class Person(models.Model):
    """An account. `folded` is the handle as it is compared; `key` is what other programs know it by."""

    key = models.CharField(max_length=16, unique=True, default=new_key)
    handle = models.CharField(max_length=30)
    folded = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    followers = models.PositiveIntegerField(default=0)
    verified = models.BooleanField(default=False)
    avatar = models.PositiveSmallIntegerField(default=0)
    joined_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"@{self.handle}"

    @classmethod
    def named(cls, handle: str) -> Person | None:
        """The person behind a handle, or behind whatever somebody sent as one."""
        return None if "\0" in handle else cls.objects.filter(folded=handle.lower()).first()


class PostQuerySet(models.QuerySet["Post"]):
    """Sets of posts by who may see them."""

    def standing(self) -> PostQuerySet:
        """Those that nobody has deleted."""
        return self.filter(deleted_at=None)

    def public(self) -> PostQuerySet:
        """What anybody sees on the square."""
        return self.standing().filter(private=False)

    def named(self, key: str) -> PostQuerySet:
        """The one of this key, or of whatever somebody sent as one."""
        return self.none() if "\0" in key else self.filter(key=key)

    def with_people(self) -> PostQuerySet:
        """Together with everybody a page names beside them, and how many answers each has."""
        replies = Post.objects.public().filter(in_reply_to=OuterRef("pk")).order_by().values("in_reply_to")
        answers = Coalesce(Subquery(replies.values(count=Count("*"))), 0)
        return self.select_related("author", "recipient", "in_reply_to__author").annotate(answers=answers)


class Post(models.Model):
    """A public post, or with `private` a message between one person and the bank.

    `thread` is the same for all that belong together: the first post's key, or the person's for messages.
    A deleted post keeps its row, without its words. One that the bank has hidden below its own is folded away.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key)
    author = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="posts")
    sealed = models.TextField(editable=False)
    private = models.BooleanField(default=False)
    recipient = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="received")
    in_reply_to = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="replies")
    thread = models.CharField(max_length=40)
    image = models.CharField(max_length=24, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    client_key = models.CharField(max_length=200, null=True, unique=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(F("id").desc(), condition=Q(private=False, deleted_at=None), name="sandbox_timeline"),
            models.Index(fields=["thread", "id"], name="sandbox_thread"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(private=False, recipient=None) | Q(private=True, recipient__isnull=False),
                name="a_message_has_one_recipient",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def text(self) -> str:
        """What was written."""
        return unseal(self.sealed)

    @text.setter
    def text(self, value: str) -> None:
        self.sealed = seal(value)


class Photo(models.Model):
    """A picture that the bank brought, and the post that shows it, once it does. Nobody can guess its key."""

    key = models.CharField(max_length=32, unique=True, default=new_photo_key)
    post = models.ForeignKey(Post, null=True, on_delete=models.CASCADE, related_name="photos")
    sealed = models.TextField(editable=False)
    type = models.CharField(max_length=16)
    alt = models.TextField(blank=True)
    brought_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class Article(models.Model):
    """What a paper has printed; see `gazette`."""

    key = models.CharField(max_length=32, unique=True, default=new_key)
    paper = models.CharField(max_length=60)
    sealed_headline = models.TextField(editable=False)
    sealed = models.TextField(editable=False)
    printed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key

    @property
    def headline(self) -> str:
        """What stands over it."""
        return unseal(self.sealed_headline)

    @headline.setter
    def headline(self, value: str) -> None:
        self.sealed_headline = seal(value)

    @property
    def text(self) -> str:
        """What was printed below the headline."""
        return unseal(self.sealed)

    @text.setter
    def text(self, value: str) -> None:
        self.sealed = seal(value)


class Subscriber(models.Model):
    """Who is delivered what the Gazette prints; see `hub`.

    `asked` is what they asked for and were not asked back about yet, `delivered` the last article that they have.
    """

    callback = models.CharField(max_length=500, unique=True)
    sealed_secret = models.TextField(editable=False)
    sealed_asked_secret = models.TextField(editable=False)
    asked = models.CharField(max_length=12, blank=True)
    until = models.DateTimeField(null=True)
    delivered = models.BigIntegerField(default=0)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.callback


class Event(models.Model):
    """Something that the bank's account is told of: the outbox of the webhook, and the log behind the API.

    `xact` and `id` together order the log: identifiers alone are taken before they are committed, and a reader
    that remembers the largest would pass over a slower writer's.
    """

    kind = models.CharField(max_length=20)
    sealed = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    xact = models.BigIntegerField(
        db_default=Cast(Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()),
        editable=False,
    )
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    alone = models.BooleanField(default=False)
    delivered_at = models.DateTimeField(null=True)
    abandoned_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at", "id"], condition=Q(delivered_at=None, abandoned_at=None), name="sandbox_events_due"
            ),
            models.Index(fields=["xact", "id"], name="sandbox_event_log"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def describe(self, post: dict[str, Any]) -> dict[str, Any]:
        """The event around its post, as other programs read it."""
        return {"id": f"e{self.pk}", "type": self.kind, "at": self.created_at.isoformat(), "post": post}
